"""The port over the database. Nothing else writes the tables it writes."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import DatabaseError, IntegrityError, InternalError, OperationalError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Least

from lastwords.protocol.moments import Moment

from . import databases, models, port_crowd
from .log import HOST_LOG, beginning
from .port import (
    SHREDDED_KINDS,
    Answer,
    Due,
    Entry,
    Head,
    HostWrite,
    Kept,
    Mark,
    Outgoing,
    Reader,
    Word,
    Write,
)
from .refusals import Busy, Unwritable


@contextmanager
def writing() -> Iterator[None]:
    """One transaction. What the disk or another writer refuses is a refusal, with nothing of it kept; only when a
    database went away in the middle is that not known."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        if not is_the_databases(error):
            raise
        raise refusal_of(error) from error


def is_the_databases(error: DatabaseError) -> bool:
    """Whether the database itself could not, rather than would not: its disk, its other writers, a damaged page, or
    that it was told to take no writes. SQLite has no narrower name for a damaged page than that of all its errors."""
    return isinstance(error, OperationalError | InternalError) or type(error) is DatabaseError


def refusal_of(error: DatabaseError) -> Busy | Unwritable:
    """What a person is told when the database refused: who was in the way, and what of theirs is kept."""
    if databases.was_overtaken(error):
        return Overtaken()
    if databases.is_busy(error):
        return Busy(
            "Another writer held the database for too long; nothing of this request was kept.",
            "Try again in a minute.",
        )
    if databases.was_cut_off(error):
        return Unwritable(
            "The database did not answer any more. What was kept before is unharmed; whether this was kept is "
            "not certain.",
            "Look again before you try again; the host has to look at the database.",
        )
    return Unwritable(
        f"The database could not be written ({error}); nothing of this request was kept.",
        "The host has to look at the database and its disk; what was acknowledged before is unharmed. "
        "Then try again.",
    )


class Overtaken(Busy):
    """Two writers waited for each other, and the database let the other one go first: this one may begin again."""

    def __init__(self) -> None:
        super().__init__(
            "Another writer needed the same rows at the same moment; nothing of this request was kept.",
            "Try again in a minute.",
        )


class SqlPort:
    """See `port.Port`."""

    def load(self, author: str) -> Kept | None:
        with transaction.atomic():
            row = models.Watch.objects.filter(author=author).first()
            if row is None:
                return None
            words = models.Inbox.objects.filter(watch_id=author).order_by("id")
            inbox = tuple(Word(word.id, word.person, word.silent) for word in words)
        head = Head(row.head_number, bytes(row.head_link))
        return Kept(author, row.state, row.revision, row.look_at, row.set_aside, head, inbox)

    def commit(self, write: Write) -> bool:
        try:
            with writing():
                if not _stand(write.beheld) or not _compare_and_set(write):
                    return False
                _write_beside(write)
                return True
        except Overtaken:
            return False
        except IntegrityError:
            # Two writers began the same watch, or appended the same row number: the other one was first.
            if models.Watch.objects.filter(author=write.author, revision=write.revision).exists():
                raise
            return False

    def load_free(self, authors: Sequence[str]) -> dict[str, Kept]:
        return port_crowd.load(authors)

    def commit_all(self, writes: Sequence[Write]) -> None:
        with writing():
            if not port_crowd.write(writes):
                raise Overtaken

    def due(self, wall: int, limit: int, after: Due | None = None) -> list[Due]:
        rows = models.Watch.objects.filter(look_at__lte=wall)
        if after is not None:
            rows = rows.filter(
                Q(look_at__gt=after.look_at) | Q(look_at=after.look_at, author__gt=after.author)
            )
        found = rows.order_by("look_at", "author").values_list("look_at", "author")[:limit]
        return [Due(look_at, author) for look_at, author in found if look_at is not None]

    @contextmanager
    def turn(self, place: Due) -> Iterator[bool]:
        with writing():
            rows = models.Watch.objects.select_for_update(skip_locked=True, no_key=True)
            yield rows.filter(author=place.author, look_at=place.look_at).first() is not None

    def awaken(self, wall: int) -> None:
        with writing():
            models.Watch.objects.filter(look_at__gt=wall, set_aside="").update(look_at=wall)
            models.Letter.objects.filter(next_try__gt=wall).update(next_try=wall)
            models.Letter.objects.filter(lease__gt=wall).update(lease=0)

    # The host's log.

    def host_head(self) -> Head:
        row = models.HostRow.objects.order_by("-number").first()
        return Head(row.number, bytes(row.link)) if row else beginning(HOST_LOG)

    def commit_host(self, write: HostWrite) -> bool:
        entry = write.entry
        try:
            with writing():
                if write.aside and not _set_aside(*write.aside, write.at):
                    return False
                models.HostRow.objects.create(
                    number=entry.number,
                    body=entry.body,
                    salt=entry.salt,
                    commitment=entry.commitment,
                    link=entry.link,
                )
                models.Letter.objects.bulk_create(_letter_row(letter) for letter in write.letters)
                return True
        except Overtaken:
            return False
        except IntegrityError:
            if models.HostRow.objects.filter(number=entry.number).exists():
                return False
            raise

    # Letters.

    def lease(self, wall: int, until: int, limit: int) -> list[Outgoing]:
        ready = models.Letter.objects.filter(next_try__lte=wall, lease__lte=wall)
        if not ready.exists():
            return []  # the usual case takes no lock
        with writing():
            # Rows that another process is taking at this moment are passed over, not waited for.
            rows = list(ready.select_for_update(skip_locked=True).order_by("next_try", "ident")[:limit])
            idents = [row.ident for row in rows]
            models.Letter.objects.filter(ident__in=idents).update(lease=until)
        accepted: dict[str, list[str]] = {}
        done = models.Delivery.objects.filter(letter_id__in=idents, state="accepted")
        for ident, channel in done.values_list("letter_id", "channel"):
            accepted.setdefault(ident, []).append(channel)
        return [_outgoing(row, tuple(accepted.get(row.ident, ())), until) for row in rows]

    def mark(self, marks: tuple[Mark, ...]) -> None:
        with writing():
            for mark in marks:
                _mark(mark)

    def post(self, letters: tuple[Outgoing, ...]) -> None:
        with writing():
            models.Letter.objects.bulk_create(_letter_row(letter) for letter in letters)

    def letter(self, ident: str) -> Outgoing | None:
        row = models.Letter.objects.filter(ident=ident).first()
        if row is None:
            return None
        done = models.Delivery.objects.filter(letter=row, state="accepted").values_list("channel", flat=True)
        return _outgoing(row, tuple(done))

    def reader(self, handle: str) -> Reader | None:
        person = models.Person.objects.filter(handle=handle).first()
        if person is None:
            return None
        proven = person.channels.filter(proven_at__isnull=False).order_by("id")
        channels = tuple(f"{channel.kind}:{channel.address}" for channel in proven)
        return Reader(person.handle, person.name, person.zone, channels)

    # People and rounds.

    def hosts(self) -> tuple[str, ...]:
        return tuple(
            models.Person.objects.filter(is_host=True).order_by("handle").values_list("handle", flat=True)
        )

    def authors(self) -> tuple[str, ...]:
        rows = models.Watch.objects.filter(set_aside="").order_by("author")
        return tuple(rows.values_list("author", flat=True))

    def beat(self, wall: int, *names: str) -> None:
        models.Heartbeat.objects.bulk_create(
            [models.Heartbeat(name=name, at=wall) for name in names],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["at"],
        )

    def beats(self) -> dict[str, int]:
        return dict(models.Heartbeat.objects.values_list("name", "at"))


# Parts of a commit; each runs inside its transaction.


def _stand(beheld: tuple[tuple[str, int], ...]) -> bool:
    """Whether these watches still have their revisions; they keep them until the transaction ends."""
    if not beheld:
        return True
    rows = models.Watch.objects.select_for_update(no_key=True).filter(author__in=[name for name, _ in beheld])
    found = dict(rows.order_by("author").values_list("author", "revision"))
    return all(found.get(author, 0) == revision for author, revision in beheld)


def _set_aside(author: str, reason: str, at: int) -> bool:
    """Sets a watch aside, unless somebody has done it already."""
    rows = models.Watch.objects.filter(author=author, set_aside="")
    return rows.update(set_aside=reason, set_aside_at=at, look_at=None, revision=F("revision") + 1) == 1


def _compare_and_set(write: Write) -> bool:
    """Writes the watch's own row, if it is still at the revision that the step was made from."""
    kept: dict[str, object] = {"state": write.state, "revision": write.revision + 1}
    if not write.looks_on or write.revision == 0:
        kept["look_at"] = write.look_at
    if write.entries:
        last = write.entries[-1]
        kept |= {"head_number": last.number, "head_link": last.link}
    if write.revision == 0:
        models.Watch.objects.create(author=write.author, begun=write.at, **kept)
        return True
    rows = models.Watch.objects.filter(author=write.author, revision=write.revision, set_aside="")
    return rows.update(**kept) == 1


def _write_beside(write: Write) -> None:
    """Writes everything that goes with the watch's row."""
    models.LogRow.objects.bulk_create(_log_row(write.author, entry) for entry in write.entries)
    models.Letter.objects.bulk_create(_letter_row(letter) for letter in write.letters)
    for keeper in write.shreds:
        given = models.Paper.objects.filter(watch_id=write.author, kind__in=SHREDDED_KINDS)
        (given.filter(name__endswith=f"/{keeper}") if keeper else given).delete()
    if write.papers:
        number = write.entries[-1].number if write.entries else 0
        models.Paper.objects.bulk_create(
            models.Paper(
                watch_id=write.author,
                kind=paper.kind,
                name=paper.name,
                by=write.by,
                body=paper.body,
                sha256=hashlib.sha256(paper.body).hexdigest(),
                row=number,
                made=write.at,
            )
            for paper in write.papers
        )
    if write.drained:
        models.Inbox.objects.filter(id__in=write.drained).delete()
    if write.parts is not None:
        _write_parts(write.author, write.parts)
    for person, silent in write.ripples:
        _ripple(write, person, silent)
    for mark in write.marks:
        _mark(mark)


def _write_parts(author: str, parts: frozenset[str]) -> None:
    rows = models.Part.objects.filter(watch_id=author)
    kept = set(rows.values_list("person", flat=True))
    if kept - parts:
        rows.filter(person__in=kept - parts).delete()
    models.Part.objects.bulk_create(
        models.Part(watch_id=author, person=person) for person in sorted(parts - kept)
    )


def _ripple(write: Write, person: str, silent: bool) -> None:
    """Word into every watch where that person has a part. Its revision rises, so that whoever is judging it at this
    moment loses the compare-and-set and hears the word first."""
    rows = models.Part.objects.filter(person=person).exclude(watch_id=write.author)
    authors = sorted(rows.values_list("watch_id", flat=True))
    models.Inbox.objects.bulk_create(
        models.Inbox(watch_id=author, person=person, silent=silent) for author in authors
    )
    models.Watch.objects.filter(author__in=authors, set_aside="").update(
        revision=F("revision") + 1, look_at=Least(Coalesce(F("look_at"), write.at), write.at)
    )


def _mark(mark: Mark) -> None:
    rows = models.Letter.objects.filter(ident=mark.ident)
    marked = (rows.filter(lease=mark.lease) if mark.lease else rows).update(
        stage=mark.stage,
        attempts=mark.attempts,
        next_try=mark.next_try,
        taken=mark.taken,
        reported=mark.reported,
        lease=0,
    )
    if not marked:
        return
    if mark.forget:
        models.Letter.objects.filter(ident=mark.ident).update(facts="{}")
    for answer in mark.answers:
        models.Delivery.objects.update_or_create(
            letter_id=mark.ident,
            channel=answer.channel,
            defaults={"state": answer.state, "reply": answer.reply, "at": mark.at},
        )
        _mark_channel(mark, answer)


def _mark_channel(mark: Mark, answer: Answer) -> None:
    kind, _, address = answer.channel.partition(":")
    rows = models.Channel.objects.filter(person_id=mark.to, kind=kind, address=address)
    if answer.state == "accepted":
        rows.update(failing_since=None)
    else:
        rows.filter(failing_since__isnull=True).update(failing_since=mark.at)


# Rows and records.


def _log_row(author: str, entry: Entry) -> models.LogRow:
    return models.LogRow(
        watch_id=author,
        number=entry.number,
        body=entry.body,
        salt=entry.salt,
        commitment=entry.commitment,
        link=entry.link,
        beside=entry.sealed or None,
    )


def _letter_row(letter: Outgoing) -> models.Letter:
    return models.Letter(
        ident=letter.ident,
        watch_id=letter.author or None,
        row=letter.row,
        kind=letter.kind,
        to=letter.to,
        round=letter.round,
        case=letter.case,
        facts=json.dumps(dict(letter.facts), ensure_ascii=False),
        stage=letter.stage,
        attempts=letter.attempts,
        next_try=letter.next_try,
        written=letter.written.wall,
        written_credit=letter.written.credit,
        taken=letter.taken,
        reported=letter.reported,
    )


def _outgoing(row: models.Letter, accepted: tuple[str, ...], lease: int = 0) -> Outgoing:
    return Outgoing(
        ident=row.ident,
        author=row.watch_id or "",
        row=row.row,
        kind=row.kind,
        to=row.to,
        round=row.round,
        case=row.case,
        facts=tuple(json.loads(row.facts).items()),
        written=Moment(row.written, row.written_credit),
        next_try=row.next_try or 0,
        stage=row.stage,
        attempts=row.attempts,
        taken=row.taken,
        reported=row.reported,
        accepted=accepted,
        lease=lease,
    )
