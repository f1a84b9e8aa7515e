"""What keeps a circle fit between the cases: how it would do today, and what stays of a case that is over."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from lastwords.protocol import events
from lastwords.protocol import health as circle_health
from lastwords.protocol.health import Circle
from lastwords.protocol.watch import Watch
from lastwords.server import models, retention
from lastwords.server.port import Paper

from . import door, parts
from .door import Documented

router = Router(tags=["upkeep"])

KEEP = "keep case"


@router.get("/watches/{author}/health")
def health(request: HttpRequest, author: str) -> dict[str, Any]:
    """How the author's circle would do today, in sentences: for each of the words how many keepers may be missing,
    and what is better mended soon."""
    seen = door.enter(request, author, parts.AUTHOR)
    tracks, worst = circle_health.health(seen.watch), circle_health.worst(seen.watch)
    found = circle_health.warnings(seen.watch, circle_of(seen.watch), door.now().wall)
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
    }


def circle_of(watch: Watch) -> Circle:
    """What this host knows of the circle beyond the watch: when each last proved a share, and their houses of mail."""
    keepers = [seat.keeper for seat in watch.seats]
    receipts = models.Paper.objects.filter(watch_id=watch.author, kind="receipt").order_by("id")
    proven = dict(receipts.values_list("by", "made"))
    mail = models.Channel.objects.filter(person_id__in=keepers, kind="mail", proven_at__isnull=False)
    providers: dict[str, set[str]] = {}
    for keeper, address in mail.filter(leaves__isnull=True).values_list("person_id", "address"):
        providers.setdefault(keeper, set()).add(address.rpartition("@")[2].lower())
    return Circle(proven, {keeper: tuple(sorted(found)) for keeper, found in providers.items()})


@router.post("/watches/{author}/cases/{int:number}/keep")
def keep_case(request: HttpRequest, author: str, number: int, body: Documented) -> dict[str, Any]:
    """The author asks that what was written in this case is not erased."""
    seen = door.enter(request, author, parts.AUTHOR)
    signed = door.signed_act(seen, body.document, "author", KEEP, str(number))
    event = events.KeepCase(by=author, case=number)
    door.act(author, event, [Paper(retention.KEPT, str(number), signed.data)])
    return {"case": number, "kept": True}
