"""The edge: who may come in, where each noun's routes are, and how refusals leave.

Every refusal has a status and a body of three parts: `code`, `happened`, `do`. Whatever the reason, nothing was
changed.
"""

import re
import traceback
from pathlib import Path
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

import lastwords
from lastwords.server import databases, health
from lastwords.server.port_sql import is_the_databases, refusal_of
from lastwords.server.problems import Problem, problem
from lastwords.server.refusals import Busy, Unknown, Unreadable, Unwritable
from lastwords.server.store import RefusedStep
from lastwords.signing.refusals import Refused as SigningRefused

from . import (
    case,
    checkins,
    door,
    files,
    glass,
    homecoming,
    invitations,
    keepers,
    log,
    new_keys,
    passkeys,
    people,
    phones,
    pins,
    plan,
    quiet,
    second_factors,
    sessions,
    sheets,
    statements,
    succession,
    tampers,
    tracks,
    upkeep,
    words,
)

faults = structlog.get_logger("lastwords.api")


class Api(NinjaAPI):
    """An API of whose answers nobody on the way may keep a copy."""

    def create_response(self, request: HttpRequest, data: Any, **more: Any) -> HttpResponse:
        response = super().create_response(request, data, **more)
        response["Cache-Control"] = "no-store"
        return response


api = Api(
    title="Last Words",
    version=lastwords.__version__,
    description="Signed documents travel as the text of their envelope, sealed bodies as base64, times as UTC seconds.",
    docs_url=None,
    auth=sessions.SIGNED_IN,
    urls_namespace="api",
)

for noun in (
    sessions,
    passkeys,
    second_factors,
    people,
    quiet,
    new_keys,
    pins,
    invitations,
    checkins,
    phones,
    keepers,
    files,
    words,
    plan,
    log,
    case,
    statements,
    tracks,
    glass,
    tampers,
    homecoming,
    sheets,
    succession,
    upkeep,
):
    api.add_router("", noun.router)


def answer(request: HttpRequest, refused: Problem, **more: Any) -> HttpResponse:
    """A refusal on its way out."""
    response = api.create_response(request, refused.body() | more, status=refused.status)
    if refused.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Problem)
def refused_here(request: HttpRequest, error: Problem) -> HttpResponse:
    if error.code == "disk_full":
        health.writing_failed()
    return answer(request, error)


@api.exception_handler(RefusedStep)
def refused_by_machine(request: HttpRequest, error: RefusedStep) -> HttpResponse:
    refusal = error.refusal
    return answer(request, Problem(refusal.code, 409, refusal.happened, refusal.do))


@api.exception_handler(SigningRefused)
def refused_by_signing(request: HttpRequest, error: SigningRefused) -> HttpResponse:
    code = re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()
    return answer(request, Problem(code, 422, error.happened, error.do))


@api.exception_handler(ValidationError)
def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Names the fields, and what may stand there where few words say it. It never repeats their values: a mistyped code
    must not come back or reach a log."""
    fields = [
        {
            "field": ".".join(str(part) for part in one["loc"]),
            "wrong": one["type"],
            "allowed": _allowed(one.get("ctx") or {}),
        }
        for one in error.errors
    ]
    return answer(request, problem("malformed"), fields=fields)


def _allowed(rule: dict[str, Any]) -> str | None:
    """What may stand in a field, from the rule that it broke."""
    if rule.get("pattern") == door.HANDLE_PATTERN:
        return door.HANDLE_SAID
    return rule.get("expected")


@api.exception_handler(HttpError)
def unreadable_body(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What the framework itself refuses: a body that is no JSON, or too large to be taken in one piece."""
    return answer(
        request, problem("too_large" if isinstance(error.__cause__, RequestDataTooBig) else "malformed")
    )


@api.exception_handler(Exception)
def fault(request: HttpRequest, error: Exception) -> HttpResponse:
    """A fault of ours. The log gets the places it went through, never the values it carried."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-8:])
    faults.error("fault", kind=type(error).__name__, method=request.method, where=where)
    return answer(request, problem("fault"))


@api.exception_handler(AuthenticationError)
def not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return answer(request, problem("sign_in"))


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return answer(request, problem("too_large"))


@api.exception_handler(Unreadable)
def set_aside(request: HttpRequest, error: Unreadable) -> HttpResponse:
    return answer(request, problem("set_aside"))


@api.exception_handler(Unwritable)
def unwritable(request: HttpRequest, error: Unwritable) -> HttpResponse:
    health.writing_failed()
    return answer(request, Problem("unwritable", 503, error.happened, error.do))


@api.exception_handler(Busy)
@api.exception_handler(IntegrityError)
def busy(request: HttpRequest, error: Exception) -> HttpResponse:
    """Somebody was faster: what was looked for and not there a moment ago is there now."""
    return answer(request, problem("busy"))


@api.exception_handler(DataError)
def unfit(request: HttpRequest, error: DataError) -> HttpResponse:
    """What no column can hold: a text with a NUL in it, or longer than anything that is kept under that name."""
    return answer(request, problem("malformed"), fields=[])


@api.exception_handler(DatabaseError)
def away(request: HttpRequest, error: DatabaseError) -> HttpResponse:
    """The database is not there, takes nothing more, or had to choose between two writers."""
    if not is_the_databases(error):
        return fault(request, error)
    if databases.is_busy(error):
        return answer(request, problem("busy"))
    if databases.was_cut_off(error):
        return answer(request, problem("database_away"))
    told = refusal_of(error)
    return unwritable(request, Unwritable(told.happened, told.do))


@api.exception_handler(Unknown)
@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Exception) -> HttpResponse:
    return answer(request, problem("not_found"))
