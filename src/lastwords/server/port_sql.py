"""The port over the database. Nothing else writes the tables it writes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext

from django.db import (
    DatabaseError,
    IntegrityError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import Q

from . import crowd, databases, models
from . import port_parts as parts
from .log import HOST_LOG, beginning
from .port import Due, Head, HostWrite, Kept, Mark, Outgoing, Reader, Write
from .port_rows import (
    INBOX,
    KEPT,
    KEPT_OF,
    OUTGOING,
    host_row,
    insert,
    kept_all,
    kept_with,
    letter_row,
    outgoing,
    plain_rows,
)
from .refusals import Busy, Unreadable, Unwritable

_FREE = f"SELECT {', '.join(KEPT)} FROM watch WHERE author IN ({{names}}) AND set_aside = ''"


@contextmanager
def writing() -> Iterator[None]:
    """One transaction. What the disk or another writer refuses is a refusal, with nothing of it kept; only when a
    database went away in the middle is that not known."""
    with refusing(), transaction.atomic():
        yield


@contextmanager
def refusing() -> Iterator[None]:
    """The same around what is a transaction by itself."""
    try:
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


class _NotAll(Exception):
    """Somebody else has set one of these aside already, or taken one of these letters; nothing of this is kept."""


def _is_log_damaged(write: Write) -> bool:
    """Whether rows stand already behind the head that the watch's own row names: no step can be written there."""
    numbers = [entry.number for entry in write.entries]
    return models.LogRow.objects.filter(watch_id=write.author, number__in=numbers).exists()


class SqlPort:
    """See `port.Port`."""

    def load(self, author: str) -> Kept | None:
        # No transaction of its own, which on SQLite would wait for whoever writes. The words are asked for behind the
        # row: one that comes in between moves the revision, and what was judged without it is not written.
        found = kept_all(models.Watch.objects.filter(author=author).values_list(*KEPT))
        return found[0] if found else None

    def load_all(self, authors: Iterable[str]) -> list[Kept]:
        return kept_all(crowd.find(KEPT_OF, list(authors)))

    def commit(self, write: Write) -> bool:
        try:
            with writing():
                if not _stand(write.beheld):
                    return False
                if not (parts.compare_and_set([write]) if write.revision else _begin(write)):
                    return False
                parts.write_beside([write])
                return True
        except Overtaken:
            return False
        except IntegrityError as error:
            # Two writers began the same watch, or appended the same row number: the other one was first.
            if not models.Watch.objects.filter(author=write.author, revision=write.revision).exists():
                return False
            if _is_log_damaged(write):
                raise Unreadable(
                    "In this log a row stands where the next one belongs; nothing was changed or released.",
                    "The host can repair it; what is sealed is unharmed.",
                ) from error
            raise

    def commit_each(self, writes: Sequence[Write]) -> list[bool]:
        try:
            with writing():
                apart = _apart(writes)
                done = parts.compare_and_set(apart)
                parts.write_beside([write for write in apart if write.author in done])
        except (Overtaken, IntegrityError):
            return [False] * len(writes)  # whoever it was is found when each is made by itself
        return [write.author in done for write in writes]

    def load_free(self, authors: Sequence[str]) -> Callable[[], Mapping[str, Kept]]:
        # The words are asked for behind the rows: one that comes in between moves the revision that stands in them.
        rows, words = crowd.ask(_FREE, authors), crowd.ask(INBOX, authors)
        return lambda: {kept.author: kept for kept in kept_with(rows(), words())}

    def commit_free(self, writes: Sequence[Write]) -> list[bool]:
        plain = [write for write in writes if write.revision and write.is_plain]
        try:
            with refusing():
                done = databases.write_plain(connection, *plain_rows(plain))
        except (Overtaken, IntegrityError):
            return [False] * len(writes)  # as in `commit_each`
        return [write.author in done for write in writes]

    def due(self, wall: int, limit: int, after: Due | None = None) -> list[Due]:
        rows = models.Watch.objects.filter(look_at__lte=wall)
        if after is not None:
            # The first condition is the others' too, and the one that an index can begin at.
            rows = rows.filter(look_at__gte=after.look_at)
            rows = rows.filter(Q(look_at__gt=after.look_at) | Q(author__gt=after.author))
        found = rows.order_by("look_at", "author").values_list("look_at", "author")[:limit]
        return [Due(look_at, author) for look_at, author in found if look_at is not None]

    @contextmanager
    def turn(self, place: Due) -> Iterator[bool]:
        with writing():
            rows = models.Watch.objects.select_for_update(skip_locked=True, no_key=True)
            yield rows.filter(author=place.author, look_at=place.look_at).first() is not None

    @contextmanager
    def turns(self, places: Sequence[Due]) -> Iterator[Sequence[Kept]]:
        # Where rows cannot be locked a transaction would keep every other writer out while the watches are judged.
        with writing() if connection.features.has_select_for_update else nullcontext():
            wanted = {place.author: place.look_at for place in places}
            found = kept_all(crowd.find(KEPT_OF, list(wanted), held=True))
            there = {kept.author: kept for kept in found if kept.look_at == wanted[kept.author]}
            yield [there[place.author] for place in places if place.author in there]

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
        return self.commit_hosts([write])

    def commit_hosts(self, writes: Sequence[HostWrite]) -> bool:
        try:
            with writing():
                asides = [(*write.aside, write.at) for write in writes if write.aside]
                if parts.set_aside(asides) != len(asides):
                    raise _NotAll
                if not parts.post_or_change([letter for write in writes for letter in write.letters]):
                    raise _NotAll
                insert("host_row", [host_row(write.entry) for write in writes])
                return True
        except (Overtaken, _NotAll):
            return False
        except IntegrityError:
            numbers = [write.entry.number for write in writes]
            if models.HostRow.objects.filter(number__in=numbers).exists():
                return False
            raise

    # Letters.

    def lease(self, wall: int, until: int, limit: int) -> list[Outgoing]:
        if not crowd.told(_IS_READY, wall, wall):
            return []  # the usual case takes no lock
        with writing():
            # Rows that another process is taking at this moment are passed over, not waited for.
            rows = crowd.told(_LEASED.format(held=crowd.locked()), wall, wall, limit, until)
        accepted = accepted_of([row[0] for row in rows if row[_TAKEN]])
        letters = [outgoing(row, tuple(accepted.get(row[0], ())), until) for row in rows]
        return sorted(letters, key=lambda letter: (letter.next_try, letter.ident))

    def mark(self, marks: tuple[Mark, ...]) -> None:
        with writing():
            parts.mark_all(marks)

    def post(self, letters: tuple[Outgoing, ...]) -> None:
        with writing():
            insert("letter", [letter_row(letter) for letter in letters])

    def letter(self, ident: str) -> Outgoing | None:
        row = models.Letter.objects.filter(ident=ident).values_list(*OUTGOING).first()
        if row is None:
            return None
        done = models.Delivery.objects.filter(letter=ident, state="accepted").values_list(
            "channel", flat=True
        )
        return outgoing(row, tuple(done))

    def reader(self, handle: str) -> Reader | None:
        return self.readers_of((handle,)).get(handle)

    def readers_of(self, handles: Iterable[str]) -> Mapping[str, Reader]:
        wanted = list(handles)
        channels: dict[str, list[str]] = {}
        for person, kind, address in crowd.find(_PROVEN, wanted):
            channels.setdefault(person, []).append(f"{kind}:{address}")
        return {
            handle: Reader(handle, name, zone, tuple(channels.get(handle, ())), quiet_name)
            for handle, name, zone, quiet_name in crowd.find(_PEOPLE, wanted)
        }

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


_IS_READY = "SELECT 1 FROM letter WHERE next_try <= %s AND lease <= %s LIMIT 1"
_LEASED = f"""
WITH ready (name) AS MATERIALIZED (
    SELECT ident FROM letter WHERE next_try <= %s AND lease <= %s ORDER BY next_try, ident LIMIT %s {{held}}
)
UPDATE letter SET lease = %s FROM ready WHERE ident = name RETURNING {", ".join(f'"{one}"' for one in OUTGOING)}
"""
_TAKEN = OUTGOING.index("taken")
_ACCEPTED = "SELECT letter_id, channel FROM delivery WHERE letter_id IN ({names}) AND state = 'accepted'"
_PEOPLE = "SELECT handle, name, zone, quiet_name FROM person WHERE handle IN ({names})"
_PROVEN = """
SELECT person_id, kind, address FROM channel WHERE person_id IN ({names}) AND proven_at IS NOT NULL ORDER BY id
"""


# Parts of a commit; each runs inside its transaction.


def accepted_of(idents: Sequence[str]) -> dict[str, list[str]]:
    """The channels that have accepted these letters; those that none has are left out."""
    accepted: dict[str, list[str]] = {}
    for ident, channel in crowd.find(_ACCEPTED, idents):
        accepted.setdefault(ident, []).append(channel)
    return accepted


def _stand(beheld: tuple[tuple[str, int], ...]) -> bool:
    """Whether these watches still have their revisions; they keep them until the transaction ends."""
    if not beheld:
        return True
    rows = models.Watch.objects.select_for_update(no_key=True).filter(author__in=[name for name, _ in beheld])
    found = dict(rows.order_by("author").values_list("author", "revision"))
    return all(found.get(author, 0) == revision for author, revision in beheld)


def _begin(write: Write) -> bool:
    last = write.entries[-1]
    models.Watch.objects.create(
        author=write.author,
        state=write.state,
        look_at=write.look_at,
        revision=write.revision + 1,
        head_number=last.number,
        head_link=last.link,
        begun=write.at,
    )
    return True


def _apart(writes: Sequence[Write]) -> list[Write]:
    """Those that can be written together. A watch that would hear of a silence from one before it is not among them: it
    has to hear the word first."""
    reached = parts.reached(person for write in writes for person, _ in write.ripples)
    apart: list[Write] = []
    heard: set[str] = set()
    for write in writes:
        if write.revision and not write.beheld and write.author not in heard:
            apart.append(write)
            heard |= {author for person, _ in write.ripples for author in reached[person]} - {write.author}
    return apart
