"""What every view needs: who acts, which watch, what a document must bind, and the way through the one door.

A view parses, checks that documents are signed by the acting person and are about this very request, lets the store
take the step, and shows. What the machine would refuse is left to the machine.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar, cast

from django.db import transaction
from django.http import HttpRequest
from ninja import Schema
from pydantic import ConfigDict, StringConstraints

from lastwords.protocol.effects import Step
from lastwords.protocol.events import Event
from lastwords.protocol.moments import Moment
from lastwords.protocol.quiet import seen_by
from lastwords.protocol.watch import Case, Track, Watch
from lastwords.server import models, new_keys, store
from lastwords.server.models import Invitation, Person
from lastwords.server.port import Paper
from lastwords.server.problems import problem
from lastwords.server.refusals import Unreadable
from lastwords.signing import canonical
from lastwords.signing.act import Act
from lastwords.signing.documents import Document, Signed, peek, read
from lastwords.signing.keys import PublicKey

from . import parts

D = TypeVar("D", bound=Document)

SEALED_BEGINNINGS = (b"age-encryption.org/v1\n", b"-----BEGIN AGE ENCRYPTED FILE-----\n")
"""How a sealed file begins, in bytes or as text (C2SP age, "Header" and "ASCII armor")."""
LARGEST_BODY = 1 << 20
"""Bytes of one sealed body that comes inside a request: an entry, a share, a statement's text."""

HANDLE_PATTERN = r"^[a-z0-9-]{1,40}$"
Handle = Annotated[str, StringConstraints(pattern=HANDLE_PATTERN)]
HANDLE_SAID = "1 to 40 small letters a to z, digits and hyphens"
"""What a person is told who has typed another one."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
SignedText = Annotated[str, StringConstraints(min_length=1, max_length=1 << 20)]
TrackKey = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Base64 = Annotated[str, StringConstraints(min_length=1, max_length=2 << 20)]


class Body(Schema):
    """A request's body: no field is coerced, no unknown field is let through."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Documented(Body):
    """A body that is nothing but one signed document."""

    document: SignedText


def person_of(request: HttpRequest) -> Person:
    """Who is signed in. The API's own check has put them there."""
    return cast(Person, request.auth)  # type: ignore[attr-defined]


# Watches.


@dataclass(frozen=True, slots=True)
class Seen:
    """A watch as it stands, and the person who asks, with their parts in it. `plain` is the same reading of it as its
    author has it."""

    watch: Watch
    person: Person
    parts: frozenset[str]
    plain: Watch

    @property
    def author(self) -> str:
        return self.watch.author

    def has(self, part: str) -> bool:
        return part in self.parts

    def track(self, key: str) -> Track:
        """The track of that name, or `not_found`."""
        track = self.watch.track(key)
        if track is None:
            raise problem("not_found")
        return track


def load(author: str, person: str) -> Watch:
    """The watch of an author as this person may read it, or `not_found`; `set_aside` when it cannot be judged."""
    row = models.Watch.objects.filter(author=author).first()
    if row is None:
        raise problem("not_found")
    if row.set_aside:
        raise problem("set_aside")
    return seen_by(record_of(row), person)


def record_of(row: models.Watch) -> Watch:
    """The machine's record in a row. Raises Unreadable, which no view catches: it is never guessed at."""
    return store.here().read(row.author)


def readable(rows: Iterable[models.Watch], person: str) -> Iterator[Watch]:
    """The watches among these rows that can be judged, as this person may read them; what cannot is the host's task,
    and hides nobody else's."""
    for row in rows:
        if row.set_aside:
            continue
        try:
            yield seen_by(record_of(row), person)
        except Unreadable:
            continue


def enter(request: HttpRequest, author: str, *wanted: str) -> Seen:
    """The watch, seen by the person signed in, who must have one of the `wanted` parts (any part when none is named).

    Towards anyone else the watch does not exist: `not_found`, whatever the reason."""
    person = person_of(request)
    row = models.Watch.objects.filter(author=author).first()
    if row is None:
        raise problem("not_found")
    if row.set_aside:
        if person.handle == author or models.Part.objects.filter(watch=row, person=person.handle).exists():
            raise problem("set_aside")
        raise problem("not_found")
    record = record_of(row)
    watch = seen_by(record, person.handle)
    has = parts.of(watch, person.handle)
    if not has & frozenset(wanted or parts.ALL):
        raise problem("not_found")
    return Seen(watch, person, has, seen_by(record, author))


def case_of(seen: Seen) -> Case:
    """The newest case, for its author and for whoever it has called. To everybody else with a part in the watch it is
    `no_case_for_you`, the same whether there is one or not."""
    case = seen.watch.case
    if case is None or not (seen.has(parts.AUTHOR) or was_called(seen)):
        raise problem("no_case_for_you")
    return case


def was_called(seen: Seen) -> bool:
    """Whoever was called may read the case, and goes on reading it once it is closed: the welcome-home page is signed
    for 90 days. An alternate whom it has not called yet knows of no case."""
    return seen.watch.case is not None and seen.person.handle in seen.watch.case.called


def as_author_reads(seen: Seen) -> Seen:
    """The same person before the watch as its author reads it: for what is signed here and shown to somebody whom a
    word under force has not called."""
    return replace(seen, watch=seen.plain)


def act(author: str, event: Event, papers: Iterable[Paper] = ()) -> Step:
    """Takes the step through the one door. Refusals of the machine pass through to the edge."""
    return store.here().act(author, event, tuple(papers))


def now() -> Moment:
    """The moment it is, as the host's clock has it."""
    return store.here().now()


@contextmanager
def together() -> Iterator[None]:
    """What stands inside is written with its step or not at all."""
    with transaction.atomic():
        yield


def keep_keys(seen: Seen, *others: str) -> None:
    """Until the transaction is over nobody's keys change, neither those of these people nor those of whoever asks:
    else a document could be compared with keys that are the old ones by the time it is kept."""
    people = Person.objects.select_for_update(no_key=True).filter(handle__in={seen.person.handle, *others})
    list(people.order_by("handle"))
    seen.person.refresh_from_db()


# Documents.


def signed_by(person: Person, text: str, kind: type[D]) -> Signed[D]:
    """The document of this kind, signed with the person's own kept key. Refusals of `signing` pass through."""
    return read(text.encode(), kind, PublicKey.read(person.signing_key))


def kept(person: Person, text: bytes, kind: type[D]) -> Signed[D]:
    """A document that was taken from this person before, checked with the key they had then: keys may have changed
    since, and what was signed with the old one stays signed."""
    return read(text, kind, new_keys.key_named(person, peek(text).signer))


def must(holds: bool, code: str = "document_elsewhere") -> None:
    """Refuses a document that is about something else than the request."""
    if not holds:
        raise problem(code)


def signed_act(
    seen: Seen, text: str, role: str, act: str, subject: str | None = None, *, in_case: bool = False
) -> Signed[Act]:
    """An act's document, signed by the person who acts, about this watch and subject.

    Where the act belongs to a case, or names one, case and epoch must be those of the watch now (T18)."""
    signed = signed_by(seen.person, text, Act)
    check_act(seen, signed.document, seen.person.handle, role, act, subject, in_case=in_case)
    return signed


def check_act(
    seen: Seen, document: Act, actor: str, role: str, act: str, subject: str | None, *, in_case: bool
) -> None:
    """Refuses an act's document that is not exactly this act, by this actor, in this watch and case."""
    must((document.actor, document.role, document.author, document.act) == (actor, role, seen.author, act))
    must(document.subject == subject)
    if in_case or document.case is not None:
        must((document.case, document.epoch) == (case_number(seen.watch), seen.watch.epoch), "stale_document")


def case_number(watch: Watch) -> str | None:
    """The newest case's number as documents write it, None before the first."""
    return str(watch.case.number) if watch.case else None


def underscored(word: str) -> str:
    """A word of a document (`cannot act`) in the machine's spelling (`cannot_act`)."""
    return word.replace(" ", "_")


# Sealed bodies.


def body_of(text: str, *, named: str | None = None) -> bytes:
    """The bytes of a base64 field, which must be a sealed file and, if `named`, have that SHA-256."""
    data = plain_body(text)
    if not data.startswith(SEALED_BEGINNINGS):
        raise problem("body_not_age")
    if named is not None and canonical.digest(data) != named:
        raise problem("body_hash")
    return data


def plain_body(text: str) -> bytes:
    """The bytes of a base64 field (RFC 4648 section 4), at most `LARGEST_BODY`."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise problem("malformed") from error
    if len(data) > LARGEST_BODY:
        raise problem("too_large")
    return data


def base64_of(data: bytes | memoryview) -> str:
    """Base64 text of stored bytes."""
    return base64.b64encode(bytes(data)).decode("ascii")


# Papers.


def newest_paper(author: str, kind: str, name: str) -> models.Paper | None:
    """The newest paper of that kind and name: the one that counts."""
    return models.Paper.objects.filter(watch_id=author, kind=kind, name=name).order_by("-id").first()


def people_invited(author: str, role: str = "recipient") -> list[Person]:
    """The people who answered an invitation of that role, or for whom the author made a card."""
    invitations = Invitation.objects.filter(watch_id=author, role=role, person__isnull=False).exclude(
        stage="taken_back"
    )
    return [invitation.person for invitation in invitations.select_related("person") if invitation.person]


def manifest_text(author: str, track: Track) -> str:
    """The signed text of a track's manifest in force."""
    paper = newest_paper(author, "manifest", track.key)
    if paper is None:
        raise problem("set_aside")
    return bytes(paper.body).decode()


def papers(author: str, kind: str, name: str) -> list[models.Paper]:
    """All papers of that kind and name, oldest first."""
    return list(models.Paper.objects.filter(watch_id=author, kind=kind, name=name).order_by("id"))


def paper_text(author: str, kind: str, name: str) -> str | None:
    """The newest signed text of that kind and name, or None."""
    paper = newest_paper(author, kind, name)
    return bytes(paper.body).decode() if paper else None
