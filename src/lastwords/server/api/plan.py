"""The plan and what the author, or a keeper, does to its clocks: arm, trip, alarm, hold; and the rehearsal."""

import dataclasses
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, cast

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from lastwords.protocol import events, rehearsal
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import HoldCause
from lastwords.protocol.watch import Plan, Watch
from lastwords.server.models import Person
from lastwords.server.port import Paper
from lastwords.server.problems import problem
from lastwords.signing import canonical
from lastwords.signing.act import Act
from lastwords.signing.plan_terms import PlanTerms

from . import door, parts, state, views
from .door import Body, Seen, SignedText

router = Router(tags=["plan"])

SECOND = "second"
"""A second keeper's signature, kept under its document's digest."""
JOINS_FOR = 2 * DAY
"""For how long a second's signature that names no case is taken, in seconds, and how far its clock may be off."""

TERMS = {field.name: field.type for field in dataclasses.fields(Plan)}


class NewPlan(Body):
    """All terms by name, lengths in seconds, and the author's signature over their digest."""

    terms: dict[str, int | bool]
    document: SignedText


class NewTrip(Body):
    """`document`: the act "trip" about `BACK:EXTRA`, signed with the author's own key."""

    document: SignedText
    back: Annotated[int, Field(ge=0, le=2**40)]
    extra: Annotated[int, Field(ge=0, le=2**31)] = 0


class Together(Body):
    """`second`: the same act signed by a second keeper for the one who acts, where the plan asks for two."""

    second: SignedText | None = None


@router.get("/watches/{author}")
def watch(request: HttpRequest, author: str) -> dict[str, Any]:
    """The watch as the caller may see it. To its author `standing` says in words how things stand, and until when."""
    seen = door.enter(request, author)
    shown = views.of_watch(seen, door.now())
    if not shown["roles"]:
        raise problem("not_found")
    if seen.has(parts.AUTHOR):
        shown["signed_plan"] = door.paper_text(author, "plan", str(seen.watch.plan.version))
        shown["standing"] = _standing(seen)
    return shown


def _standing(seen: Seen) -> dict[str, str]:
    """The sentences that the author's own page begins with."""
    said = state.of_author(seen)
    return {"sentence": said.sentence, "detail": said.detail}


@router.post("/watches/{author}/plan")
def arm(request: HttpRequest, author: str, body: NewPlan) -> dict[str, Any]:
    """The author freezes these terms and asks that they be kept. The signature is over exactly what is sent."""
    seen = door.enter(request, author, parts.AUTHOR)
    plan = _plan(body.terms)
    signed = door.signed_by(seen.person, body.document, PlanTerms)
    terms = canonical.encode(body.terms)
    bound = (signed.document.author, signed.document.plan_version, signed.document.terms)
    door.must(bound == (author, plan.version, canonical.digest(terms)), "plan_differs")
    papers = [Paper("plan_terms", str(plan.version), terms), Paper("plan", str(plan.version), signed.data)]
    step = door.act(author, events.Arm(by=author, plan=plan), papers)
    return {
        "stage": step.watch.stage.value,
        "version": plan.version,
        "next_due": views.next_check_in(step.watch, door.now()),
    }


def _plan(terms: dict[str, int | bool]) -> Plan:
    """A plan from exactly its terms: none missing, none unknown, each of its own type."""
    if terms.keys() != TERMS.keys() or any(type(value) is not TERMS[name] for name, value in terms.items()):
        raise problem("plan_differs")
    return Plan(**cast(dict[str, Any], terms))


@router.post("/watches/{author}/trip")
def set_trip(request: HttpRequest, author: str, body: NewTrip) -> dict[str, Any]:
    """A dated absence: back at `back` (UTC seconds), with `extra` seconds of patience. It puts the check-in off, so it
    is signed as a strong sign is: a session alone sets none."""
    seen = door.enter(request, author, parts.AUTHOR)
    signed = door.signed_act(seen, body.document, "author", "trip", f"{body.back}:{body.extra}")
    return go_away(author, body.back, body.extra, [Paper("act", "trip", signed.data)])


def go_away(author: str, back: int, extra: int, papers: Sequence[Paper] = ()) -> dict[str, Any]:
    """Sets the trip of an author who has just proven to be it: by a signature, or by a code in the same transaction."""
    step = door.act(author, events.SetTrip(by=author, back=back, extra=extra), list(papers))
    return {
        "stage": step.watch.stage.value,
        "back": back,
        "extra": extra,
        "next_due": views.next_check_in(step.watch, door.now()),
    }


# Alarm and hold.


@router.post("/watches/{author}/alarms", response={201: dict[str, Any]})
def raise_alarm(request: HttpRequest, author: str, body: Together) -> Status[dict[str, Any]]:
    """Asks the author now and calls the keepers together. It shortens no wait."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    second, papers = _second(seen, body, "alarm")
    step = door.act(author, events.RaiseAlarm(by=seen.person.handle, second=second), papers)
    return Status(201, _stage(seen, step.watch))


def _stage(seen: Seen, watch: Watch) -> dict[str, Any]:
    """What both author and keepers know after an act that concerns all of them."""
    shown: dict[str, Any] = {"case": watch.case.number if watch.case and watch.case_open else None}
    if parts.knows_stage(watch, seen.person.handle):
        shown |= {"stage": watch.stage.value, "holds": views.holds_of(watch)}
    return shown


def _second(seen: Seen, body: Together, act: str) -> tuple[str, list[Paper]]:
    """The second keeper who joins in: proven by the same act, signed with their own key, naming the first as subject,
    bound to the newest case that has called them and to its epoch, or without one to the days in which it was signed,
    and good for once: joining in is no standing leave. The first is shown what is signed, so a case that a word under
    force opened is not named in it."""
    if body.second is None:
        return "", []
    plain = door.as_author_reads(seen)
    claimed = _claimed_actor(body.second)
    second = Person.objects.filter(handle=claimed).first()
    if second is None or parts.KEEPER not in parts.of(plain.watch, second.handle) or second == seen.person:
        raise problem("second_not_signed")
    signed = door.signed_by(second, body.second, Act)
    case = plain.watch.case
    in_case = case is not None and second.handle in case.called
    door.check_act(plain, signed.document, second.handle, "keeper", act, seen.person.handle, in_case=in_case)
    if signed.document.case is None:
        age = door.now().wall - datetime.fromisoformat(signed.document.moment).timestamp()
        door.must(abs(age) <= JOINS_FOR, "stale_document")
    if door.newest_paper(seen.author, SECOND, signed.digest) is not None:
        raise problem("second_not_signed")
    return second.handle, [Paper(SECOND, signed.digest, signed.data)]


def _claimed_actor(text: str) -> str:
    """Who a document says has acted: only to choose the key it is then checked with."""
    try:
        return str(json.loads(text)["document"]["actor"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise problem("second_not_signed") from error


@router.post("/watches/{author}/holds", response={201: dict[str, Any]})
def place_hold(request: HttpRequest, author: str, body: Together) -> Status[dict[str, Any]]:
    """The hold switch: all clocks stand."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    second, papers = _second(seen, body, "hold")
    step = door.act(author, events.PlaceHold(by=seen.person.handle, second=second), papers)
    return Status(201, {"holds": views.holds_of(step.watch)})


@router.post("/watches/{author}/holds/{cause}/lift")
def lift_hold(request: HttpRequest, author: str, cause: HoldCause) -> dict[str, Any]:
    """Lifts a hold, by whoever may: each standing hold says what can end it."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    step = door.act(author, events.LiftHold(by=seen.person.handle, cause=cause))
    return {"holds": views.holds_of(step.watch)}


# Looking ahead.


@router.get("/watches/{author}/vanish")
def vanish(
    request: HttpRequest, author: str, silent: str = "", mail_down: bool = False, return_day: int = 0
) -> dict[str, Any]:
    """“If I vanish today”: the machine run forward from this moment, with suppositions. Changes nothing."""
    seen = door.enter(request, author, parts.AUTHOR)
    if not 0 <= return_day <= 4000:
        raise problem("malformed")
    names = tuple(name.strip() for name in silent.split(",") if name.strip())
    if set(names) - {seat.keeper for seat in seen.watch.seats}:
        # A name that is nobody's would let everybody answer, and the author would be comforted by a slip of the pen.
        raise problem("not_found")
    rows = rehearsal.rehearse(seen.watch, door.now(), rehearsal.WhatIf(names, mail_down, return_day))
    return {"rows": [dataclasses.asdict(row) for row in rows]}
