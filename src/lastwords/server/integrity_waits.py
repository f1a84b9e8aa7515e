"""Watches that wait for nothing, and what stands too late in its queue: time that stops for somebody unseen.

A clock that has to run either runs, or waits for a letter that begins it once it is handed over. Where neither is so
nothing would ever move the watch, nobody would be told, and it would look well. That is found here, for every armed
watch, every day. No stage is moved: what only a queue has lost is put back, and everything else is the host's to read.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q

from lastwords.protocol import machine
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import DAY, Moment
from lastwords.protocol.rules.handover import ASKS
from lastwords.protocol.stages import Stage, TrackStage
from lastwords.protocol.watch import Watch

from . import models, walks
from .outbox import marks
from .port import Kept
from .refusals import ServerRefused, Unreadable
from .store import Store

LATE = DAY
"""Seconds that a look or a try may stand in its queue behind its time before that is a fault: a wall clock that was set
back is another matter, and awakens both queues by itself."""
LATEST_TRY = max(*marks.BACK_OFF, marks.GONE_AGAIN) + LATE
TOO_LATE = "its next look stands too late in the queue"
TRIED_TOO_LATE = "its next try stands too late in the queue"
NOBODY_SENDS = "a clock in it waits for a letter that nobody sends"
NOTHING_MOVES = "a clock in it has to run, and nothing would ever begin it"
NOT_JUDGED = "its record cannot be judged"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not what was kept: what it is called, and what is wrong with it, without a full stop."""

    name: str
    says: str
    author: str = ""
    """The watch that has to be looked at, or that waits for nothing; empty for everything else."""
    letter: str = ""
    """The letter that has to be tried; empty for everything else."""
    waits: bool = False
    """Whether it is a watch that waits for nothing, which a look does not mend."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What begins a clock: a letter of one of these kinds to the author, of this round."""

    kinds: Collection[str]
    round: int


def standing(watch: Watch) -> Iterator[Beginning | None]:
    """What each clock waits for that has to run and does not; None where there is nothing that would begin it. While a
    hold stands, and in a draft, none has to."""
    if not watch.armed or watch.holds:
        return
    if watch.stage is Stage.LATE and not watch.wait and not watch.failing:
        yield Beginning(ASKS, watch.asking)
    elif watch.stage is Stage.VIGIL:
        yield from _in_vigil(watch)
    elif watch.stage is Stage.CLOSING and not watch.closing:
        yield None


def _in_vigil(watch: Watch) -> Iterator[Beginning | None]:
    """A last call waits for its letter, unless that fails: then an unreached author is waited for, and keepers are
    asked again. A plan without keepers has nobody to ask, so that its words are all at last call or out."""
    alone = watch.plan.timer_only
    for track in watch.tracks:
        if track.stage is TrackStage.LAST_CALL and track.bears_words and not track.wait:
            if not watch.failing and not watch.unreached:
                yield Beginning((LetterKind.LAST_CALL,), track.round)
        elif track.stage is TrackStage.ASKED and track.bears_words and alone:
            yield None


def look(door: Store, now: Moment) -> Iterator[Fault]:
    """Everything in the two queues that is too late, and every watch that waits for nothing."""
    yield from _letters(now)
    # A look that comes soon is in time whatever the watch waits for.
    later = Q(look_at__isnull=True) | Q(look_at__gt=now.wall + LATE)
    for page in walks.pages(models.Watch.objects.only("author").filter(later, set_aside=""), "author"):
        yield from _of_page(door, [watch.author for watch in page], now)


def _letters(now: Moment) -> Iterator[Fault]:
    waiting = models.Letter.objects.filter(next_try__isnull=False).only("ident")
    late = waiting.filter(Q(next_try__gt=now.wall + LATEST_TRY) | Q(lease__gt=now.wall + LATE))
    for letter in walks.each(late, "ident"):
        yield Fault(f"the letter {letter.ident}", TRIED_TOO_LATE, letter=letter.ident)


def _of_page(door: Store, authors: Sequence[str], now: Moment) -> Iterator[Fault]:
    wanting: dict[str, tuple[Kept, list[Beginning | None]]] = {}
    for kept in sorted(door.port.load_all(authors), key=lambda one: one.author):
        name = f"the watch of {kept.author}"
        try:
            watch = door.watch_of(kept)
            wanted, begun_by = machine.due(watch, now), list(standing(watch))
        except Exception:  # whatever it is, one record holds up no other
            yield Fault(name, NOT_JUDGED, kept.author)
            continue
        if wanted is not None and (kept.look_at is None or kept.look_at > max(wanted, now.wall) + LATE):
            yield Fault(name, TOO_LATE, kept.author)
        if begun_by:
            wanting[kept.author] = kept, begun_by
    yield from _waiting_for_nothing(door, wanting)


def _waiting_for_nothing(
    door: Store, wanting: dict[str, tuple[Kept, list[Beginning | None]]]
) -> Iterator[Fault]:
    """Those of these watches of which a clock waits for what does not come. A letter that was handed over a moment ago
    has moved its watch in the same transaction, so that one which has moved since says nothing."""
    found: dict[str, str] = {}
    sent = _on_their_way(wanting)
    for author, (_, begun_by) in wanting.items():
        if None in begun_by:
            found[author] = NOTHING_MOVES
        elif not all(one and _is_sent(one, sent.get(author, ())) for one in begun_by):
            found[author] = NOBODY_SENDS
    now = {kept.author: kept.revision for kept in door.port.load_all(found)}
    for author, says in found.items():
        if now.get(author) == wanting[author][0].revision:
            yield Fault(f"the watch of {author}", says, author, waits=True)


def _on_their_way(authors: Collection[str]) -> dict[str, list[models.Letter]]:
    sent: dict[str, list[models.Letter]] = {}
    waiting = models.Letter.objects.filter(watch__in=list(authors), next_try__isnull=False)
    for letter in waiting.only("watch", "kind", "to", "round") if authors else ():
        sent.setdefault(str(letter.watch_id), []).append(letter)
    return sent


def _is_sent(one: Beginning, letters: Collection[models.Letter]) -> bool:
    return any(
        letter.kind in one.kinds and letter.to == letter.watch_id and letter.round == one.round
        for letter in letters
    )


def put_back(door: Store, faults: Collection[Fault], now: Moment) -> None:
    """A watch or a letter that its queue has lost is looked at, or tried, now. That is always safe: the watch itself
    says what is due, and a second copy of a letter has the first one's name. A record that cannot be judged is set
    aside, as it would be when its look is due."""
    for fault in faults:
        try:
            if fault.letter:
                _try(door, fault.letter, now)
            elif fault.author and not fault.waits:
                door.look(fault.author, now)
        except Unreadable as error:
            door.set_aside(fault.author, error.happened, now)
        except ServerRefused:
            continue  # somebody is writing to it; what is still so tomorrow is found tomorrow


def _try(door: Store, ident: str, now: Moment) -> None:
    letter = door.port.letter(ident)
    if letter is not None and letter.next_try:
        door.port.mark((marks.mark(letter, now, stage=letter.stage, next_try=now.wall),))
