"""The end of a life: the record is audited, and what had to come by then must have come (L1, L3)."""

from typing import TYPE_CHECKING

from lastwords.protocol.moments import DAY
from lastwords.server.log import HOST_LOG, Row, verify
from lastwords.server.outbox.marks import TRIED_FOR
from lastwords.server.outbox.taking import OVER_AT_HOME
from lastwords.simulate.broken import Broken

from .past import Course, Past, Sent

if TYPE_CHECKING:
    from .life import Life

PATIENCE = 60 * DAY
"""What people may take altogether, beyond the waits: to come, to state, to sign, to tell."""
THOROUGH = 8
"""Of how many lives one is read by the service's own verifier, row by row."""


def judge_end(life: "Life") -> None:
    letters, thorough = list(life.backing.letters()), life.script.seed % THOROUGH == 0
    for author in life.stories:
        life.judge.audit(author, list(life.backing.rows(author)), letters, thorough)
    if thorough and (faults := verify(HOST_LOG, (Row(*row) for row in life.backing.rows("")), {}).faults):
        raise Broken("I8", f"the host's record is not whole: {faults[0]}")
    _no_watch_set_aside(life)
    for past in life.judge.pasts.values():  # a host put back to before somebody came knows nothing of them
        _released_in_time(life, past)
    _failures_seen(life, {letter.ident for letter in letters})


def _no_watch_set_aside(life: "Life") -> None:
    for author in life.stories:
        kept = life.backing.port.load(author)
        if kept is not None and kept.set_aside:
            raise Broken("machine", f"the watch of {author} was set aside: {kept.set_aside}")


# L1.


def bound(life: "Life", past: Past) -> int:
    """Seconds of hearing within which a release must come, once the author is gone and nothing disturbs any more."""
    plan = past.plan
    waits = plan.check_in_every + plan.late + plan.unreached + 2 * plan.vigil + plan.ask_again
    holds = plan.closing + plan.spoken_hold + plan.longest_hold
    return waits + holds + plan.unreached + past.last_call_length + PATIENCE + life.jumped


def _released_in_time(life: "Life", past: Past) -> None:
    fate = life.fate(past.author)
    if fate.dies is None or not past.armed or past.sign is None:
        return
    # Since the disturbances ended the service has heard all along, so true time is time of hearing.
    since = max(fate.dies + fate.knows_after, life.disturbed, past.sign.at)
    if not life.hearing or life.now - since < bound(life, past):
        return
    for course in past.courses.values():
        if course.words and not course.instead_of and _able(life, past, course):
            life.judge.exercised["L1"] += 1
            if not course.times_out:
                raise Broken(
                    "L1", f"words for {course.recipient} were not released in {bound(life, past) // DAY} days"
                )


def _able(life: "Life", past: Past, course: Course) -> bool:
    """Whether enough honest keepers count for this track, come when they are called, and nobody stands against them."""
    if past.plan.timer_only:
        return not past.holds
    honest = [
        keeper
        for keeper in past.chairs
        if past.counts(keeper, course)
        and (past.word is None or keeper in past.word)
        and past.chairs[keeper].seasoned
        and not life.fate(keeper).lies
        and not life.fate(keeper).lost(life.now)
    ]
    reached = [keeper for keeper in honest if not life.mail.mode(f"{keeper}@example.org", life.now)]
    return len(reached) >= past.plan.quorum


# L3.


def _failures_seen(life: "Life", kept: set[str]) -> None:
    """Every letter that nobody took for thirty days was told to a person who could read of it."""
    told = {
        person
        for sent in life.judge.sent.values()
        if sent.kind in ("letter_undelivered", "letter_task") and sent.accepted
        for person in str(sent.facts.get("person")).split(", ")
    }
    for ident, sent in life.judge.sent.items():
        if ident not in kept or sent.accepted or not sent.refused:
            continue
        heard = life.mark().heard - sent.written.heard
        if heard < TRIED_FOR + 3 * DAY or life.jumped > DAY or _superseded(life, sent):
            continue
        life.judge.exercised["L3"] += 1
        if sent.to not in told and not _host_is_away(life, sent):
            raise Broken("L3", f"the letter {sent.kind} to {sent.to} failed and nobody was told")


def _superseded(life: "Life", sent: Sent) -> bool:
    """The author has answered, or the watch asks anew and the newer question stands for the older one. An alarm is told
    to nobody any more, either, once its author is well."""
    if sent.kind not in OVER_AT_HOME:
        return False
    sign = life.judge.pasts[sent.author].sign if sent.author else None
    if sign and sign.commit > sent.written.commit:
        return True
    return any(
        other.to == sent.to and other.author == sent.author and other.written.commit > sent.written.commit
        for other in life.judge.sent.values()
    )


def _host_is_away(life: "Life", sent: Sent) -> bool:
    return sent.to == "host" or any(spell.address.startswith("host@") for spell in life.mail.spells)
