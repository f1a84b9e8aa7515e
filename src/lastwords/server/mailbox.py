"""The mailbox of the letters' own address: letters that came back, and answers with a code, reported to the machine.

A letter that came back, for good or for now, was not handed over. Both are told to the machine, which begins the wait
anew or asks keepers to find another way; the letter is tried again by the outbox either way. No mail is a sign of
life for what it says or for whom it comes from. Only a code that the author alone holds makes it one, by the same way
as on a page (`by_code`), and only where the host has said that it takes such answers. Nobody is ever answered by mail.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from lastwords.protocol.moments import DAY, HOUR, MINUTE, Moment
from lastwords.protocol.refusals import Refused as RefusedStep

from . import accounts, by_code, replies
from .models import UsedChallenge
from .outbox import Outbox
from .port import Outgoing
from .problems import Problem
from .refusals import ServerRefused, Unknown
from .replies import Reply
from .returned import CAME_BACK, MOST, Kind, Returned, read
from .second_factors import NUMBER

MOST_MAILS = 2_000
"""Mails of a folder that one run reads: the newest, so that what nobody ever marks as seen keeps no new one back."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one mail came to. `letter`, `kind_of_letter` and `to` are empty unless it speaks of a letter of ours;
    `told` says whether the machine was told now: a mail read twice is told once."""

    kind: Kind
    letter: str = ""
    kind_of_letter: str = ""
    to: str = ""
    address: str = ""
    why: str = ""
    told: bool = False


def take(box: Outbox, data: bytes, now: Moment) -> tuple[Found, ...]:
    """Reads one mail and reports every letter that came back with it, or the one sign of life that it is."""
    said = read(data)
    if [one.kind for one in said] == [Kind.OTHER] and box.answers:
        reply = replies.read(data, lambda ident: _asked(box, ident) is not None)
        if reply and (found := _answer(box, reply, now)):
            return (found,)
    return tuple(_take(box, one, now) for one in said)


def _take(box: Outbox, said: Returned, now: Moment) -> Found:
    letter = box.port.letter(said.letter) if said.letter else None
    if letter is None:
        # Somebody else's letter, or an invented one: there is nothing here that it could speak of.
        return Found(said.kind, why=said.why)
    channel = _channel(letter, said.addresses)
    told = False
    if said.kind in CAME_BACK and channel:
        try:
            why = f"{said.kind.value}: {said.why}"[:500]
            box.bounced(letter.ident, channel, now, why, gone=said.kind is Kind.GONE)
            told = True
        except Unknown:
            pass  # it was reported between the reading and now
    address = channel.partition(":")[2] if channel else ", ".join(said.addresses[:1])
    return Found(said.kind, letter.ident, letter.kind, letter.to, address, said.why, told)


def _channel(letter: Outgoing, addresses: Iterable[str]) -> str:
    """The channel that accepted the letter and sent it back; empty when none of them is meant, or when it is not
    clear which. An address that forwards elsewhere is reported under the other one's name, so a letter that only
    one channel accepted came back by that one."""
    by_name = {channel.lower(): channel for channel in letter.accepted}
    for address in addresses:
        if (channel := by_name.get(f"mail:{address}".lower())) is not None:
            return channel
    return letter.accepted[0] if len(letter.accepted) == 1 else ""


# Answers.

CODE_FOR = 3 * DAY
"""Seconds for which a mail with a code speaks of its author's life: relays may keep one over a weekend, and what lay
unread for weeks says nothing of now."""
NUMBER_FOR = HOUR
"""The same for an authenticator's number, which somebody may have seen on a screen."""
AHEAD = 10 * MINUTE
"""How far a mail's own date may lie in time to come: clocks differ."""


def _answer(box: Outbox, reply: Reply, now: Moment) -> Found | None:
    """Takes the code of an answer to an author's letter about their own watch; None when it answers no such letter."""
    letter = _asked(box, reply.letter)
    if letter is None:
        return None
    number = NUMBER.fullmatch(reply.code) is not None
    oldest = now.wall - (NUMBER_FOR if number else CODE_FOR)
    if reply.written is None or not oldest <= reply.written <= now.wall + AHEAD:
        return _found(Kind.UNTIMELY, letter)
    # A try counts, so the same mail must not be tried twice, however often a folder or a pipe brings it.
    once = accounts.hashed(f"answer:{letter.author}:{reply.code}:{reply.written}")
    if UsedChallenge.objects.filter(challenge=once).exists():
        return _found(Kind.KNOWN, letter)
    try:
        by_code.check_in(letter.author, reply.code, own=False, seen=reply.written)
        kind = Kind.SIGN
    except Problem:
        kind = Kind.NO_SIGN
    except (RefusedStep, ServerRefused):
        return None  # the code was not used up; the mail stays unseen, and is read again
    UsedChallenge.objects.get_or_create(
        challenge=once, defaults={"expires": reply.written + CODE_FOR + AHEAD}
    )
    return _found(kind, letter)


def _asked(box: Outbox, ident: str) -> Outgoing | None:
    """The letter of that name, if it went to an author about their own watch."""
    letter = box.port.letter(ident)
    return letter if letter and letter.author and letter.to == letter.author else None


def _found(kind: Kind, letter: Outgoing) -> Found:
    return Found(kind, letter.ident, letter.kind, letter.to, told=kind is Kind.SIGN)


# Many mails.


@dataclass(slots=True)
class Report:
    """What reading some mails came to, for whoever runs the host."""

    read: int = 0
    found: list[Found] = field(default_factory=list)

    @property
    def ours(self) -> list[Found]:
        """What was said of letters of this host."""
        return [one for one in self.found if one.letter and one.kind in SAID]

    @property
    def answers(self) -> list[Found]:
        """The answers with a code. It stands in none of them, and which code it was in no report."""
        return [one for one in self.found if one.kind in ANSWERS]

    def count(self, *kinds: Kind) -> int:
        """How many mails of these kinds spoke of no letter of this host."""
        return sum(one.kind in kinds for one in self.found) - sum(one.kind in kinds for one in self.ours)

    def plain(self) -> dict[str, object]:
        """As it stands in a JSON answer."""
        return {
            "read": self.read,
            "letters": [
                {**asdict(one), "kind": one.kind_of_letter, "said": one.kind.value.replace(" ", "_")}
                for one in self.ours
            ],
            "answers": [
                {
                    "letter": one.letter,
                    "kind": one.kind_of_letter,
                    "author": one.to,
                    "said": one.kind.value.replace(" ", "_"),
                }
                for one in self.answers
            ],
            "strangers": self.count(*SAID),
            "automatic": self.count(Kind.AUTOMATIC),
            "other": self.count(Kind.OTHER),
        }

    def lines(self) -> list[str]:
        """In sentences."""
        said = [
            f"{one.address or one.to}: a letter of the kind {one.kind_of_letter.replace('_', ' ')} to {one.to} "
            f"{SAID[one.kind]}{' (known already)' if one.kind in CAME_BACK and not one.told else ''}. {one.why}"
            for one in self.ours
        ]
        said += [
            f"{one.to}: an answer to a letter of the kind {one.kind_of_letter.replace('_', ' ')}, "
            f"{ANSWERS[one.kind]}."
            for one in self.answers
        ]
        rest = (
            ("About letters that are not from here", self.count(*SAID)),
            ("Automatic answers, which count for nothing", self.count(Kind.AUTOMATIC)),
            ("Left alone, since a person may have written them", self.count(Kind.OTHER)),
        )
        return [
            *said,
            " ".join([f"Mails read: {self.read}.", *(f"{what}: {count}." for what, count in rest if count)]),
        ]


SAID = {
    Kind.GONE: "came back for good",
    Kind.NOT_NOW: "came back for now",
    Kind.LATE: "is late, and the far side still tries",
    Kind.ARRIVED: "has arrived",
}

ANSWERS = {
    Kind.SIGN: "with a code that was right: they have checked in",
    Kind.NO_SIGN: "with a code that is wrong or was used before: nothing was changed",
    Kind.UNTIMELY: "with a code, but not written lately: nothing was changed, and the mail is left for you to read",
    Kind.KNOWN: "which was taken before",
}
LEFT = (Kind.OTHER, Kind.UNTIMELY)
"""What stays unseen, for a human to read."""


def take_folder(box: Outbox, folder: Path, now: Moment) -> Report:
    """Takes every mail of a Maildir that nobody has seen. What was understood is marked as seen, as any mail program
    does it; what a person may have written stays as it was."""
    if not all((folder / name).is_dir() for name in ("new", "cur", "tmp")):
        raise Unknown(
            f"{folder} is not a Maildir; nothing was read.", "Name the folder that holds new, cur and tmp."
        )
    report = Report()
    unseen = [path for name in ("new", "cur") for path in (folder / name).glob("*") if not _is_seen(path)]
    for path in sorted(unseen, key=lambda path: path.name)[-MOST_MAILS:]:
        try:
            with path.open("rb") as file:
                data = file.read(MOST)
        except FileNotFoundError:
            continue  # a mail program has moved it meanwhile
        found = take(box, data, now)
        _add(report, found)
        if all(one.kind not in LEFT for one in found):
            with suppress(FileNotFoundError):
                _mark_seen(path)
    return report


def take_files(box: Outbox, files: Iterable[BinaryIO], now: Moment) -> Report:
    """Takes the mail in each of these files."""
    report = Report()
    for file in files:
        _add(report, take(box, file.read(MOST), now))
    return report


def _add(report: Report, found: tuple[Found, ...]) -> None:
    report.read += 1
    report.found += found


def _is_seen(path: Path) -> bool:
    return "S" in path.name.partition(":2,")[2]


def _mark_seen(path: Path) -> None:
    name, _, flags = path.name.partition(":2,")
    path.rename(path.parent.parent / "cur" / f"{name}:2,{''.join(sorted({*flags, 'S'}))}")
