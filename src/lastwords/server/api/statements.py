"""What keepers sign in a case: their statements, with the shares given on them, and other acts bound to the case."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from lastwords.protocol import events
from lastwords.protocol.quiet import seen_by
from lastwords.protocol.stages import Evidence, Finding, Order
from lastwords.protocol.watch import Track
from lastwords.server.models import Person
from lastwords.server.port import Paper
from lastwords.server.problems import problem
from lastwords.server.retention import TEXT
from lastwords.signing import canonical
from lastwords.signing.act import Act
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.statement import GivenShare
from lastwords.signing.statement import Statement as SignedStatement

from . import allowance, deposits, door, parts, views
from .door import Base64, Body, Documented, Seen, SignedText, TrackKey

router = Router(tags=["case"])


class Given(Body):
    track: TrackKey
    part: Literal["words", "wishes"]
    body: Base64
    head: SignedText | None = None


class NewStatement(Body):
    """`step_back`: the keeper cannot answer freely, says *could not find out*, and their seat counts no more. They get
    the answer to any such statement, byte for byte."""

    document: SignedText
    step_back: bool = False
    given: Annotated[list[Given], Field(max_length=512)] = []
    text: Base64 | None = None


class Signature(Body):
    document: SignedText
    act: Literal[
        "seen or heard",
        "not them",
        "tried in person",
        "recipient died",
        "recipient lives",
        "close case",
        "free again",
    ]
    subject: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    order: Order | None = Field(default=None, strict=False)


# Statements.


@router.post("/watches/{author}/case/statements", response={201: dict[str, Any]})
def make_statement(request: HttpRequest, author: str, body: NewStatement) -> Status[dict[str, Any]]:
    """A keeper's signed finding, with the shares given on it and perhaps a text sealed to the keepers. It is never
    refused for what its keeper has written before: where there is no more room for the text, that alone is left out."""
    seen = door.enter(request, author, parts.KEEPER)
    signed = door.signed_by(seen.person, body.document, SignedStatement)
    document = signed.document
    keeper = seen.person.handle
    door.must((document.keeper, document.author) == (keeper, author))
    door.must(document.case == door.case_number(seen.watch), "stale_document")
    papers = [Paper("statement", keeper, signed.data), *_given(seen, document, body.given)]
    if (body.text is None) != (document.free_text is None):
        raise problem("body_hash")
    text_left_out = False
    if body.text is not None and document.free_text is not None:
        text = door.body_of(body.text, named=document.free_text)
        text_left_out = not allowance.written(author, int(document.case), keeper).has_room_for_text(len(text))
        papers += [] if text_left_out else [Paper(TEXT, keeper, text)]
    event = _statement_event(keeper, document, body.step_back)
    watch = seen_by(door.act(author, event, papers).watch, keeper)
    given = [{"track": share.track, "part": share.part} for share in document.given]
    tracks = [views.track_in_case(watch, track, keeper) for track in parts.kept_tracks(watch, keeper)]
    return Status(
        201,
        {
            "finding": door.underscored(document.finding),
            "stage": watch.stage.value,
            "given": given,
            "text_left_out": text_left_out,
            "tracks": tracks,
            "quorum": watch.plan.quorum,
        },
    )


def _statement_event(keeper: str, document: SignedStatement, step_back: bool) -> events.Event:
    """The event of a signed statement. Only *could not find out* has room for stepping back."""
    finding, evidence = (
        Finding(door.underscored(document.finding)),
        Evidence(door.underscored(document.evidence)),
    )
    heads = tuple((head.track, head.number, head.sha256) for head in document.manifests)
    bound = (int(document.case), document.epoch, document.plan_version)
    if step_back:
        door.must(finding is Finding.COULD_NOT_FIND_OUT)
        return events.StepBackUnseen(keeper, evidence, *bound, heads)
    return events.MakeStatement(keeper, finding, evidence, *bound, heads)


def _given(seen: Seen, document: SignedStatement, given: list[Given]) -> list[Paper]:
    """The shares that come with a statement: exactly those it names, each sealed as it must be."""
    named = {(share.track, share.part): share for share in document.given}
    if len(given) != len(named) or {(one.track, one.part) for one in given} != set(named):
        raise problem("share_unknown")
    papers = []
    for one in given:
        share = named[one.track, one.part]
        track = parts.kept_track(seen.watch, seen.person.handle, one.track)
        if track is None:
            raise problem("share_unknown")
        _check_covers(seen, track, share)
        body = door.body_of(one.body, named=share.sha256)
        papers.append(deposits.paper(deposits.GIVEN, track.key, one.part, seen.person.handle, body))
        if one.head is not None:
            papers.append(deposits.signed_head(seen, track, one.part, one.head))
    return papers


def _check_covers(seen: Seen, track: Track, share: GivenShare) -> None:
    """Sealed to exactly the recipient's key, covered for exactly the keepers who hold a share of these words and
    receive none of them: nobody else may take the cover off, and nobody who may is left out."""
    handles = parts.cover(seen.watch, track)
    people = Person.objects.in_bulk([track.recipient, *handles])
    recipient = people.get(track.recipient)
    door.must(recipient is not None and share.sealed_to == fingerprint(recipient.public_key), "share_covers")
    door.must(
        set(share.covered_to) == {fingerprint(people[one].public_key) for one in handles}, "share_covers"
    )


@router.post("/watches/{author}/case/statements/retract")
def retract_statement(request: HttpRequest, author: str, body: Documented) -> dict[str, Any]:
    """Takes one's own statement back; the shares given with it are deleted."""
    seen = door.enter(request, author, parts.KEEPER)
    signed = door.signed_act(seen, body.document, "keeper", "withdraw statement", in_case=True)
    event = events.RetractStatement(by=seen.person.handle)
    step = door.act(author, event, [Paper("act", "withdraw statement", signed.data)])
    return {"retracted": True, "stage": step.watch.stage.value}


# Other things keepers sign.


@router.post("/watches/{author}/case/signatures", response={201: dict[str, Any]})
def sign(request: HttpRequest, author: str, body: Signature) -> Status[dict[str, Any]]:
    """Home, not them, tried in person, recipient died, nothing more to do: each an act bound to case and epoch.

    For *recipient died* the signed subject is `RECIPIENT:ORDER`, so that the order is signed too. *Recipient lives*
    takes that back; its subject is the recipient."""
    seen = door.enter(request, author, parts.KEEPER)
    signed = door.signed_by(seen.person, body.document, Act)
    event, subject = _signature(seen, body, canonical.digest(signed.data))
    door.check_act(seen, signed.document, seen.person.handle, "keeper", body.act, subject, in_case=True)
    step = door.act(author, event, [Paper("act", body.act, signed.data)])
    case = seen_by(step.watch, seen.person.handle).case
    return Status(
        201,
        {
            "signed": body.act,
            "stage": step.watch.stage.value,
            "home": list(case.home) if case else [],
            "ended_by": list(case.ended_by) if case else [],
        },
    )


def _signature(seen: Seen, body: Signature, digest: str) -> tuple[events.Event, str | None]:
    """The event of a signature, and what its document must name as subject."""
    by = seen.person.handle
    if body.act == "recipient died":
        if body.subject is None or body.order is None:
            raise problem("malformed")
        event = events.SignRecipientDied(by=by, recipient=body.subject, order=body.order)
        return event, f"{body.subject}:{body.order.value}"
    if body.act == "recipient lives":
        if body.subject is None:
            raise problem("malformed")
        return events.RetractRecipientDied(by=by, recipient=body.subject), body.subject
    if body.act == "free again":
        return events.SignFree(by=by, document=digest), body.subject
    plain = {
        "seen or heard": events.SignHome,
        "not them": events.SignNotThem,
        "tried in person": events.SignTried,
        "close case": events.SignEnd,
    }[body.act]
    return plain(by=by), body.subject
