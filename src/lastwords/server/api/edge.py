"""The edge: who may come in, where each noun's routes are, and how refusals leave.

Every refusal has a status and a body of three parts: `code`, `happened`, `do`. Whatever the reason, nothing was
changed.
"""

import re
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

import lastwords
from lastwords.server.problems import Problem, problem
from lastwords.server.refusals import Busy, Unknown, Unreadable
from lastwords.server.store import RefusedStep
from lastwords.signing.refusals import Refused as SigningRefused

from . import case, checkins, files, invitations, keepers, people, plan, sessions, tracks, words

api = NinjaAPI(
    title="Last Words",
    version=lastwords.__version__,
    description="Signed documents travel as the text of their envelope, sealed bodies as base64, times as UTC seconds.",
    docs_url=None,
    auth=sessions.SignedIn(),
    urls_namespace="api",
)

for noun in (sessions, people, invitations, checkins, keepers, files, words, plan, case, tracks):
    api.add_router("", noun.router)


def answer(request: HttpRequest, refused: Problem, **more: Any) -> HttpResponse:
    """A refusal on its way out; nobody on the way may keep it."""
    response = api.create_response(request, refused.body() | more, status=refused.status)
    response["Cache-Control"] = "no-store"
    if refused.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Problem)
def refused_here(request: HttpRequest, error: Problem) -> HttpResponse:
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
    """Names the fields, never repeats their values: a mistyped code must not come back or reach a log."""
    fields = [
        {"field": ".".join(str(part) for part in one["loc"]), "wrong": one["type"]} for one in error.errors
    ]
    return answer(request, problem("malformed"), fields=fields)


@api.exception_handler(AuthenticationError)
def not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return answer(request, problem("sign_in"))


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return answer(request, problem("too_large"))


@api.exception_handler(Unreadable)
def set_aside(request: HttpRequest, error: Unreadable) -> HttpResponse:
    return answer(request, problem("set_aside"))


@api.exception_handler(Busy)
def busy(request: HttpRequest, error: Busy) -> HttpResponse:
    return answer(request, problem("busy"))


@api.exception_handler(Unknown)
@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Exception) -> HttpResponse:
    return answer(request, problem("not_found"))
