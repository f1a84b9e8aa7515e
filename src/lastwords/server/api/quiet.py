"""Quiet mode of one's own: what this service is called in one's letters and on one's pages; and one's letters again."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import StringConstraints

from lastwords.server import past_letters, quiet_mode

from . import door
from .door import Body
from .sessions import must_be_fresh

router = Router(tags=["quiet mode"])


class Wish(Body):
    name: Annotated[str, StringConstraints(max_length=200)] = quiet_mode.NAME
    leave_to: Annotated[str, StringConstraints(max_length=2000)] = quiet_mode.ELSEWHERE


@router.get("/me/quiet")
def look(request: HttpRequest) -> dict[str, Any]:
    """Whether one's quiet mode is on, by which name, and where *leave* goes."""
    return _shown(quiet_mode.of(door.person_of(request)))


@router.put("/me/quiet")
def turn_on(request: HttpRequest, body: Wish) -> dict[str, Any]:
    """Turns quiet mode on, or changes it. Nobody is written to: the letter would give it away."""
    must_be_fresh(request)
    return _shown(quiet_mode.turn_on(door.person_of(request), body.name, body.leave_to))


@router.delete("/me/quiet")
def turn_off(request: HttpRequest) -> dict[str, Any]:
    """Turns quiet mode off: letters say again what they are about."""
    must_be_fresh(request)
    quiet_mode.turn_off(door.person_of(request))
    return _shown(None)


@router.get("/me/letters")
def letters(request: HttpRequest) -> dict[str, Any]:
    """The newest letters that reached one, newest first, in full: in quiet mode the mail itself says nothing."""
    return {
        "letters": [
            {"written": one.written, "subject": one.subject, "body": list(one.body)}
            for one in past_letters.to(door.person_of(request))
        ]
    }


def _shown(quiet: quiet_mode.Quiet | None) -> dict[str, Any]:
    if quiet is None:
        return {"on": False, "name": "", "leave_to": ""}
    return {"on": True, "name": quiet.name, "leave_to": quiet.leave_to}
