"""What keeps a circle fit between the cases: how it would do today, and what stays of a case that is over."""

from typing import Any

from django.db.models import Max, Min
from django.http import HttpRequest
from ninja import Router, Status

from lastwords.protocol import events
from lastwords.protocol import health as circle_health
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.health import Circle
from lastwords.protocol.watch import Watch
from lastwords.server import models, retention
from lastwords.server.port import Paper
from lastwords.server.reach import reached

from . import door, parts, words
from .door import Documented

router = Router(tags=["upkeep"])

KEEP = "keep case"


@router.get("/watches/{author}/health")
def health(request: HttpRequest, author: str) -> dict[str, Any]:
    """How the author's circle would do today, in sentences: for each of the words how many keepers may be missing,
    what is better mended soon, and which words the author is asked about because a year has gone by."""
    seen = door.enter(request, author, parts.AUTHOR)
    tracks, worst = circle_health.health(seen.watch), circle_health.worst(seen.watch)
    wall = door.now().wall
    found = circle_health.warnings(seen.watch, circle_of(seen.watch), wall)
    return {
        "sentence": worst.sentence if worst else None,
        "spare": worst.spare if worst else None,
        "tracks": [
            {
                "track": one.track,
                "quorum": one.quorum,
                "counting": list(one.counting),
                "missing": dict(one.missing),
                "spare": one.spare,
                "sentence": one.sentence,
            }
            for one in tracks
        ],
        "warnings": [{"code": one.code, "sentence": one.sentence} for one in found],
        "asked_again": [
            {
                "track": one.track.key,
                "recipient": one.track.recipient,
                "sealed": one.sealed,
                "left": one.left,
            }
            for one in words.asked_again(seen.watch, wall)
        ],
    }


def circle_of(watch: Watch) -> Circle:
    """What this host knows of the circle beyond the watch: when each last proved a share, their houses of mail, and
    whom a letter can reach."""
    keepers = [seat.keeper for seat in watch.seats]
    receipts = models.Paper.objects.filter(watch_id=watch.author, kind="receipt").order_by()
    proven = dict(receipts.values_list("by").annotate(Max("made")))
    mail = models.Channel.objects.filter(person_id__in=keepers, kind="mail", proven_at__isnull=False)
    providers: dict[str, set[str]] = {}
    for keeper, address in mail.filter(leaves__isnull=True).values_list("person_id", "address"):
        providers.setdefault(keeper, set()).add(address.rpartition("@")[2].lower())
    return Circle(
        proven, {keeper: tuple(sorted(found)) for keeper, found in providers.items()}, reached(keepers)
    )


@router.post("/watches/{author}/practices", response={201: dict[str, Any]})
def begin_practice(request: HttpRequest, author: str) -> Status[dict[str, Any]]:
    """The author asks the keepers to prove by the real way that mail reaches them and that their share opens."""
    door.enter(request, author, parts.AUTHOR)
    practice = door.act(author, events.BeginPractice(by=author)).watch.practice
    assert practice is not None
    return Status(
        201,
        {"number": practice.number, "asked": list(practice.asked), "ends": practice.wait.ends(door.now())},
    )


@router.get("/watches/{author}/practices")
def last_practice(request: HttpRequest, author: str) -> dict[str, Any]:
    """How the running practice goes, or how the last one went: for each keeper asked, what became of the letter, and
    when they proved a share since (null if they have not)."""
    seen = door.enter(request, author, parts.AUTHOR)
    watch = seen.watch
    letters = models.Letter.objects.filter(watch_id=author, kind=LetterKind.PRACTICE.value)
    newest = letters.order_by("-row").first()
    if newest is None:
        return {"number": 0, "begun": None, "ends": None, "keepers": []}
    receipts = models.Paper.objects.filter(watch_id=author, kind="receipt", row__gt=newest.row).order_by()
    proven = dict(receipts.values_list("by").annotate(Min("made")))
    return {
        "number": watch.practices,
        "begun": newest.written,
        "ends": watch.practice.wait.ends(door.now()) if watch.practice else None,
        "keepers": [
            {"keeper": letter.to, "letter": letter.stage, "proven": proven.get(letter.to)}
            for letter in letters.filter(row=newest.row).order_by("to")
        ],
    }


@router.post("/watches/{author}/cases/{int:number}/keep")
def keep_case(request: HttpRequest, author: str, number: int, body: Documented) -> dict[str, Any]:
    """The author asks that what was written in this case is not erased."""
    seen = door.enter(request, author, parts.AUTHOR)
    signed = door.signed_act(seen, body.document, "author", KEEP, str(number))
    event = events.KeepCase(by=author, case=number)
    door.act(author, event, [Paper(retention.KEPT, str(number), signed.data)])
    return {"case": number, "kept": True}
