"""What may be a stranger's doing, told to author and keepers: changed channels, failed sign-ins, a record that differs.

Whether and whom to tell is the machine's (`ReportTamper`); here stands only what is noticed, and that nobody's mailbox
can be filled by it. Failed sign-ins are counted in the request and told in the next round, so that an answer takes the
same time whether the account exists or not, and strangers can only ever fill a bounded number of rows (T13).
"""

from django.db import transaction

from lastwords.protocol.events import ReportTamper
from lastwords.protocol.moments import DAY, Moment
from lastwords.protocol.stages import Tamper
from lastwords.protocol.turn import REACHABLE
from lastwords.protocol.watch import HOST, Watch

from . import accounts, store
from .models import Attempts, Channel, Part, Person
from .models import Watch as WatchRow
from .port import Paper
from .refusals import Unreadable

COOL_OFF = 14 * DAY
"""Seconds, of both clocks, for which a proven channel that was taken out is still written to."""
IN_A_ROW = 5
"""Failed sign-ins of one account, without a good one between and within a day, that are told."""
AT_MOST_EVERY = DAY
"""Seconds between two tellings of the same sign about the same person."""

_FAILED, _TOLD = "sign_in_failed:", "tamper_told:"


# Sign-ins.


def sign_in_failed(account: str) -> None:
    """Counts a refused sign-in."""
    known = Person.objects.filter(handle=account, is_host=False).exists()
    accounts.attempt(_FAILED + (account if known else accounts.nobody(account)), DAY)


def signed_in(account: str) -> None:
    """A good sign-in ends the row of failed ones."""
    Attempts.objects.filter(key=_FAILED + account).delete()


# Channels.


def take_out(channel: Channel, now: Moment) -> None:
    """Begins the cool-off of a proven channel."""
    channel.leaves, channel.leaves_credit = now.wall + COOL_OFF, now.credit + COOL_OFF
    channel.save(update_fields=["leaves", "leaves_credit"])


def keep(channel: Channel) -> None:
    """Ends a cool-off that has not run out: the channel stays."""
    channel.leaves = channel.leaves_credit = None
    channel.save(update_fields=["leaves", "leaves_credit"])


def channel_changed(person: str) -> None:
    """Tells, if this person is an author whose plan is in force, that their letters may go to another address. Belongs
    into the transaction that changes the channel: it is not changed untold."""
    row = WatchRow.objects.filter(author=person, set_aside="").first()
    if row is not None and store.read(person).armed:
        store.act(person, ReportTamper(HOST, Tamper.CHANNEL_CHANGED))


# The record.


def record_differs(author: str, person: str, paper: Paper, now: Moment) -> bool:
    """Tells that somebody keeps another head of the record than stands here; False when they told it today already."""
    if not _for_the_first_time(f"record_differs:{author}:{person}", now):
        return False
    store.act(author, ReportTamper(HOST, Tamper.RECORD_DIFFERS), [paper], now=now)
    return True


# What a round does.


def tell(door: store.Store, now: Moment) -> None:
    """Tells failed sign-ins, and deletes channels whose cool-off is over."""
    Channel.objects.filter(leaves__lte=now.wall, leaves_credit__lte=now.credit).delete()
    rows = Attempts.objects.filter(key__startswith=_FAILED, count__gte=IN_A_ROW).exclude(
        key__startswith=_FAILED + accounts.NOBODY
    )
    for row in rows.order_by("key"):
        with transaction.atomic():
            _tell_failed(door, row, now)


def _tell_failed(door: store.Store, row: Attempts, now: Moment) -> None:
    """Belongs into one transaction: what is written down as told has been, in every watch."""
    handle = row.key.removeprefix(_FAILED)
    if not _for_the_first_time(f"failed_sign_ins:{handle}", now):
        return
    for author in _watches_of(door, handle):
        door.act(author, ReportTamper(HOST, Tamper.FAILED_SIGN_INS), now=now)
    row.delete()


def _watches_of(door: store.Store, handle: str) -> list[str]:
    """The armed watches in which this person is the author or a keeper; what cannot be judged is left out, since the
    host has been told of it."""
    authors = {handle, *Part.objects.filter(person=handle).values_list("watch_id", flat=True)}
    found = []
    for author in WatchRow.objects.filter(author__in=authors, set_aside="").order_by("author"):
        try:
            watch = door.read(author.author)
        except Unreadable:
            continue
        if watch.armed and (handle == watch.author or _is_keeper(watch, handle)):
            found.append(watch.author)
    return found


def _is_keeper(watch: Watch, handle: str) -> bool:
    seat = watch.seat(handle)
    return seat is not None and seat.stage in REACHABLE


def _for_the_first_time(what: str, now: Moment) -> bool:
    """Whether this was not told within the last day; from now on it was. Belongs into the transaction that tells it."""
    row, made = Attempts.objects.get_or_create(key=_TOLD + what, defaults={"window": now.wall, "count": 1})
    if made:
        return True
    if 0 <= now.wall - row.window < AT_MOST_EVERY:
        return False
    # Of two that find it old at the same moment, one is the first.
    return Attempts.objects.filter(pk=row.pk, window=row.window).update(window=now.wall) == 1
