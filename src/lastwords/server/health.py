"""What an outside watcher may know: whether each part of the service does its round, and how far behind it is."""

import json
import os
import time
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from lastwords import __version__
from lastwords.protocol.effects import LetterKind

from . import clock, credit, models, settings

OVERDUE = 5
"""Rounds (in pulses) after which a silent part counts as stopped."""

BYGONE = (credit.FIRST, credit.GAP, credit.RESTARTED)
"""Reasons that tell of the time before the last pulse, when the service was not there; it is now."""


LEAST_ROOM = 8 * 2**20
"""Bytes that must be free where the data folder lies before it can be said that a person's sign could be kept."""


@dataclass(slots=True)
class _Refusals:
    """When this process last refused somebody, for each reason, by a clock that nobody sets."""

    writing: float | None = None
    entrance: float | None = None


_refusals = _Refusals()


def writing_failed() -> None:
    """Somebody was told that what they sent could not be kept. Until the next pulse has passed nobody's silence may
    count: a disk can have room for the few bytes of a pulse and none for a sign of life."""
    _refusals.writing = time.monotonic()


def kept_out() -> None:
    """Somebody was told at the gate to come again, and not for what they took themselves. Until the next pulse has
    passed nobody's silence may count: whoever fills every place for days, and lets go for the moment of the pulse,
    would have kept the author's sign out."""
    _refusals.entrance = time.monotonic()


def writing_works() -> None:
    """Forgets that it failed: another data folder is served from now on."""
    _refusals.writing = _refusals.entrance = None


def disk(interval: int) -> dict[str, Any]:
    """Bytes that are free where the data folder lies, seconds since this process last had to refuse a write (None if it
    never had to), and whether what people send can be kept."""
    found = os.statvfs(settings.current().data)
    room = found.f_bavail * found.f_frsize
    ago = _since(_refusals.writing)
    return {"room": room, "refused_ago": ago, "takes": room >= LEAST_ROOM and not _is_recent(ago, interval)}


def gate(interval: int) -> dict[str, Any]:
    """Seconds since this process last told somebody to come again (None if it never had to), and whether everybody who
    came since the last pulse was let in."""
    ago = _since(_refusals.entrance)
    return {"turned_away_ago": ago, "takes": not _is_recent(ago, interval)}


def _since(moment: float | None) -> int | None:
    return None if moment is None else int(time.monotonic() - moment)


def _is_recent(ago: int | None, interval: int) -> bool:
    return ago is not None and ago <= interval + credit.slack(interval)


def report() -> dict[str, Any]:
    """The state of the service, in seconds and counts; no names, no addresses. `well` is the one word of it.

    Ages are of the parts' own heartbeats: a web server that answers says nothing about a sweep that has died."""
    now = clock.now()
    interval = clock.here().interval
    beats = dict(models.Heartbeat.objects.values_list("name", "at"))
    ages = {name: now.wall - beats[name] if name in beats else None for name in ("sweep", "outbox", "mail")}
    pulse = models.Pulse.objects.first()
    # Anyone may read these numbers, so letters about a word under force are not among them.
    letters = models.Letter.objects.exclude(kind=LetterKind.UNDER_FORCE.value)
    waiting = letters.filter(next_try__isnull=False)
    oldest = waiting.order_by("next_try").values_list("next_try", flat=True).first()
    due = models.Watch.objects.filter(look_at__lte=now.wall).order_by("look_at")
    first_due = due.values_list("look_at", flat=True).first()
    head = models.HostRow.objects.order_by("-number").first()
    # A sign that was left under a clock that was ahead says nothing about now.
    fresh = range(-interval, OVERDUE * interval + 1)
    stopped = [name for name, age in ages.items() if age is None or age not in fresh]
    recent = pulse is not None and now.wall - pulse.wall in fresh
    earning = recent and pulse is not None and (not pulse.why or pulse.why in BYGONE)
    kept, entrance = disk(interval), gate(interval)
    return {
        "well": not stopped and earning and kept["takes"] and entrance["takes"],
        "stopped": stopped,
        "ages": ages,
        "credit": {
            "seconds": now.credit,
            "earning": earning,
            "why_not": pulse.why if pulse else credit.FIRST,
            "stalled": pulse.stalled if pulse else 0,
            "pulse_age": now.wall - pulse.wall if pulse else None,
        },
        "letters": {
            "waiting": waiting.count(),
            "failing": letters.filter(stage="failed").count(),
            "lag": max(0, now.wall - oldest) if oldest is not None else 0,
        },
        "watches": {
            "due": due.count(),
            "lag": max(0, now.wall - first_due) if first_due is not None else 0,
            "set_aside": models.Watch.objects.exclude(set_aside="").count(),
        },
        "log": {"row": head.number if head else 0, "head": bytes(head.link).hex()[:16] if head else ""},
        "disk": kept,
        "gate": entrance,
        "now": now.wall,
        "version": __version__,
        "demo": settings.current().demo,
    }


def write(state: dict[str, Any]) -> None:
    """Leaves the report in the data folder too, for a watcher that does not ask over the network."""
    path = settings.current().health
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
    os.replace(fresh, path)


def unreadable() -> dict[str, Any]:
    """What can be said of a service whose database cannot be asked: that everything stands still."""
    return {"well": False, "stopped": ["database"], "version": __version__, "demo": settings.current().demo}


@require_safe
def view(request: HttpRequest) -> JsonResponse:
    """200 while all is well, 503 otherwise; the same facts either way, as far as they can be read."""
    try:
        state = report()
    except DatabaseError:
        state = unreadable()
    answer = JsonResponse(state, status=200 if state["well"] else 503)
    answer["Cache-Control"] = "no-store"
    return answer
