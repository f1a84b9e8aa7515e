"""What one letter is filled in from: names for handles, the reader's role in the watch, and the head of its record."""

from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

from lastwords.protocol.effects import LetterKind
from lastwords.protocol.stages import Stage, TrackStage
from lastwords.protocol.watch import Case, Watch

from .findings import agreed
from .letters import HostLetter, Role, Sheet
from .port import Kept, Outgoing, Reader

TO_RECIPIENTS = frozenset({LetterKind.FIRST_LETTER, LetterKind.WORDS_WAITING, LetterKind.LATER_IS_OVER})
PEOPLE = ("person", "keeper", "recipient", "author")
"""Facts that are handles; a letter shows the names."""
SEVERAL = ("keepers", "child")
"""Facts that are handles with a space between."""
HEAD_DIGITS = 16
"""Hexadecimal digits of a head in a letter: enough to find any other log out, few enough to compare by eye."""


class Names(Protocol):
    """Where a sheet finds what it says beside its letter: the port, or what was asked of it already."""

    def hosts(self) -> tuple[str, ...]: ...

    def load(self, author: str) -> Kept | None: ...

    def reader(self, handle: str) -> Reader | None: ...


def sheet_for(
    port: Names,
    letter: Outgoing,
    reader: Reader,
    watch: Watch | None,
    service: str,
    origin: str,
    *,
    answers: bool = False,
    again: bool = False,
) -> Sheet:
    """The sheet of one letter. `watch` is the letter's own, as it is now; None for the host's letters, or when it
    cannot be read. Keepers' letters carry the newest head of its record, so that many people hold it; one that is read
    `again` carries none, for what left with it is not kept, and today's would be taken for that. `answers` says that a
    mailbox is read for answers with a code."""
    facts = dict(letter.facts)
    if watch is not None and (more := _of_the_watch(letter, watch)):
        facts = more | facts
    if answers and watch is not None and letter.to == letter.author and _has_codes(watch):
        facts["answers"] = 1
    for key, value in facts.items():
        if key in PEOPLE and isinstance(value, str):
            facts[key] = _name(port, value)
        elif key in SEVERAL and isinstance(value, str):
            facts[key] = " and ".join(_name(port, one) for one in value.split())
    role = role_of(letter, watch, port)
    author = _name(port, letter.author) if letter.author else str(facts.get("author", ""))
    return Sheet(
        letter.kind,
        role,
        reader.name,
        reader.zone,
        author,
        letter.case,
        facts,
        service,
        _address_of(origin),
        _record(port, letter.author) if role is Role.KEEPER and not again else "",
        reader.quiet,
    )


def _of_the_watch(letter: Outgoing, watch: Watch) -> dict[str, int | str]:
    """What a letter says beside its own facts, as the watch has it: `alone` where the plan asks nobody; what has become
    of its case; and what a recipient is told."""
    facts: dict[str, int | str] = {"alone": 1} if watch.plan.timer_only else {}
    if watch.case and watch.case.number == letter.case:
        facts |= _of_the_case(letter, watch, watch.case)
    if letter.kind in (LetterKind.WORDS_WAITING, LetterKind.FIRST_LETTER):
        facts |= _of_the_words(letter, watch)
    return facts


def _of_the_case(letter: Outgoing, watch: Watch, case: Case) -> dict[str, int | str]:
    """Why it was opened: to an author only in the letter that was written then, since whoever is asked again in the
    same case is not asked because of that. `open` says that keepers will be asked whether a sign of life is really of
    them, `again` that one was not confirmed, `closing` that one waits for that. `moving` says that words may be given
    sooner than a call into a whole vigil has it; the letter says it in words that tell nobody of words for
    themselves."""
    facts: dict[str, int | str] = {}
    if letter.kind == LetterKind.ALARM_RAISED or (
        letter.kind == LetterKind.ALARM_ASKS and letter.written.wall == case.opened.wall
    ):
        facts[case.cause.value] = 1
    facts["open"] = int(watch.case_open and not watch.plan.timer_only)
    facts["again"] = int(bool(case.lapsed))
    facts["closing"] = int(watch.stage is Stage.CLOSING)
    if letter.kind == LetterKind.KEEPER_CALLED:
        facts["moving"] = int(
            any(track.released or track.stage is TrackStage.LAST_CALL for track in watch.tracks)
        )
    return facts


def _of_the_words(letter: Outgoing, watch: Watch) -> dict[str, int | str]:
    """Who has spoken with a recipient, what the keepers found, and the children whom somebody reads of. A letter says
    nothing of one track alone, so it names whom all that was told is for: `child`, and `own` where somebody who stands
    beside a child has words of their own as well. What was not found of all of it is left unsaid."""
    told = [
        track
        for track in watch.tracks
        if letter.to == track.reader
        and (track.told_by if letter.kind == LetterKind.WORDS_WAITING else track.first_letter)
    ]
    tellers = sorted({track.told_by for track in told if track.told_by})
    found = {agreed(watch, track) for track in told}
    children = sorted({track.recipient for track in told if track.adult})
    facts: dict[str, int | str] = {}
    if tellers:
        facts["keeper" if len(tellers) == 1 else "keepers"] = " ".join(tellers)
    if len(found) == 1 and (said := found.pop()) and not watch.plan.timer_only:
        facts[said.value] = 1
    if children:
        facts["child"] = " ".join(children)
        facts["own"] = int(not all(track.adult for track in told))
    return facts


def _has_codes(watch: Watch) -> bool:
    """Whether the author has a printed list or an authenticator that counts."""
    return any(
        one.place == "paper" or one.name.startswith("authenticator")
        for one in watch.credentials
        if not one.void
    )


def role_of(letter: Outgoing, watch: Watch | None, port: Names) -> Role:
    """Who the reader is in the letter's watch."""
    if letter.kind in TO_RECIPIENTS or letter.kind == HostLetter.CHANNEL_PROOF:
        return Role.RECIPIENT
    if not letter.author:
        return Role.HOST if letter.to in port.hosts() else Role.KEEPER
    if letter.to == letter.author:
        return Role.AUTHOR
    if letter.kind == LetterKind.WELCOME_HOME:
        return Role.RECIPIENT if dict(letter.facts).get("told") else Role.KEEPER
    return Role.KEEPER if watch is None or watch.seat(letter.to) else Role.RECIPIENT


def _record(port: Names, author: str) -> str:
    kept = port.load(author) if author else None
    if kept is None:
        return ""
    return f"Record of this watch: row {kept.head.number}, head {kept.head.link.hex()[:HEAD_DIGITS]}."


@lru_cache(4)
def _address_of(origin: str) -> str:
    return urlsplit(origin).netloc


def _name(port: Names, handle: str) -> str:
    reader = port.reader(handle)
    return reader.name if reader else handle
