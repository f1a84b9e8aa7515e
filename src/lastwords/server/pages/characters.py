"""The one character that no text here may hold: NUL. Nobody types it; a program, or a paste gone wrong, sends it.

One of the two databases cannot keep it, and the other would keep it unseen, so it is refused on both in the same words.
A field says so at its place, as of anything else that does not fit (`fitting`, used by every `forms.Form`). Where it
stands in an address there is no such page, and a cookie that holds it was not set by this host. What slips past all
that and reaches the database is refused too, and never looks like a fault.
"""

from collections.abc import Callable
from typing import Any

from django.core.validators import ProhibitNullCharactersValidator
from django.db import DataError
from django.forms import Field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lastwords.server.problems import Problem, problem

NUL = "\0"
UNKEPT = Problem(
    "malformed",
    400,
    "What was sent holds a character that cannot be kept; nothing was changed.",
    "Go back, type it again by hand, and send it once more.",
)


def fitting(field: Field) -> None:
    """Lets a field refuse the character in words that name it; Django's own speak of “null characters”."""
    said = f"“{field.label}” holds a character that cannot be kept: type it again by hand"
    field.validators = [
        ProhibitNullCharactersValidator(message=said)
        if isinstance(one, ProhibitNullCharactersValidator)
        else one
        for one in field.validators
    ]


class Characters:
    """Looks at what no form looks at. It stands before every other part, so that no session is looked up first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name in [name for name, value in request.COOKIES.items() if NUL in value]:
            del request.COOKIES[name]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        if NUL in request.path_info and not _is_api(request):
            return _refusal(request, problem("not_found"))
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return _refusal(request, UNKEPT) if isinstance(error, DataError) and not _is_api(request) else None


def _is_api(request: HttpRequest) -> bool:
    """The API says it in its own form."""
    return request.path_info.startswith("/api/")


def _refusal(request: HttpRequest, refused: Problem) -> HttpResponse:
    return render(request, "problem.html", {"refused": refused}, status=refused.status)
