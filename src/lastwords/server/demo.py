"""A clock that can be moved on, for demonstrations only.

It moves wall and boot-time clock together, a pulse interval at a time, and does a real round at every step: nothing
is skipped, the days only pass faster. One raw jump of the wall clock alone can be played too, to be seen earning
nothing. All of it exists only in a data folder that was made for a demonstration.
"""

import json
from dataclasses import asdict, dataclass

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lastwords.protocol.moments import DAY

from . import clock, models, rounds, settings
from .refusals import BadSettings

FARTHEST = 3_700 * DAY
"""Seconds one request may ask for."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What moving the clock did."""

    wall: int
    credit: int
    earned: int
    steps: int
    moved: int
    """Watches stepped on the way."""
    accepted: int
    """Letters accepted on the way."""
    why: str
    """Why the last pulse earned nothing; empty when it earned."""


def move(seconds: int) -> Moved:
    """Time passes: both clocks run on together, at most one pulse at a time, with a real round at each step."""
    _check(seconds)
    earned = steps = moved = accepted = 0
    with rounds.alone():
        last = rounds.run(pulse=True, heard=lambda: True)
        earned += last.earned
        while seconds > 0:
            step = min(seconds, clock.here().interval)
            _shift(step, step)
            seconds -= step
            last = rounds.run(pulse=True, heard=lambda: True)
            steps, earned = steps + 1, earned + last.earned
            moved, accepted = moved + last.moved, accepted + last.accepted
    return Moved(last.moment.wall, last.moment.credit, earned, steps, moved, accepted, last.why)


def jump(seconds: int) -> Moved:
    """The wall clock alone is set forward or back, as a wrong time service would do it; then one round."""
    _check(abs(seconds))
    with rounds.alone():
        _shift(seconds, 0)
        last = rounds.run(pulse=True, heard=lambda: True)
    return Moved(last.moment.wall, last.moment.credit, last.earned, 1, last.moved, last.accepted, last.why)


def _shift(wall: int, boot_time: int) -> None:
    with transaction.atomic():
        row = models.DemoClock.objects.select_for_update().first() or models.DemoClock()
        row.wall += wall
        row.boot_time += boot_time
        row.save()


def _check(seconds: int) -> None:
    if not settings.current().demo:
        raise BadSettings(
            "This is not a demonstration, so its clock cannot be moved; nothing was changed.",
            "Make a data folder for one with: lastwords host init --demo --data DIR",
        )
    if not 0 < seconds <= FARTHEST:
        raise BadSettings(
            "The clock can be moved by a second at least and by ten years at most; nothing was changed.",
            "Name a number of seconds in between.",
        )


@csrf_exempt  # it is for the person at the machine, who sends no form
@require_POST
def view(request: HttpRequest) -> JsonResponse:
    """POST {"seconds": n} lets time pass, {"jump": n} sets the wall clock alone."""
    try:
        wish = json.loads(request.body)
        (verb, seconds), *more = wish.items()
        if more or verb not in ("seconds", "jump") or type(seconds) is not int:
            raise ValueError
    except (ValueError, AttributeError):
        return _refusal(
            400, "The request is not one number of seconds.", 'Send {"seconds": n} or {"jump": n}.'
        )
    try:
        return JsonResponse(asdict(move(seconds) if verb == "seconds" else jump(seconds)))
    except BadSettings as refused:
        return _refusal(409, refused.happened, refused.do)


def _refusal(status: int, happened: str, do: str) -> JsonResponse:
    return JsonResponse({"code": "demo_clock", "happened": happened, "do": do}, status=status)
