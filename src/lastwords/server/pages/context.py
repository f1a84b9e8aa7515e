"""What every template may use without being handed it."""

from typing import Any

from django.http import HttpRequest

from lastwords.server import settings


def house(request: HttpRequest) -> dict[str, Any]:
    """`house`: the host's settings, of which templates show its name."""
    return {"house": settings.current()}
