"""Two pages for when somebody is not free: the word of an author is lifted here, and a keeper steps back unseen.

Both need the keeper's key and leave the signing to their script. The second ends in the words of any other statement.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from lastwords.server.pages.entrance import signed_in
from lastwords.server.problems import problem

from .cases import case_context


@signed_in
@require_safe
def free(request: HttpRequest, author: str) -> HttpResponse:
    """Only for those whom a word under force has called; for everybody else there is no such page."""
    context = case_context(request, author)
    if "force" not in context["case"]:
        raise problem("not_found")
    return render(request, "keeper/free.html", context)


@signed_in
@require_safe
def not_free(request: HttpRequest, author: str) -> HttpResponse:
    return render(request, "keeper/not_free.html", case_context(request, author))


urlpatterns = [
    path("cases/<str:author>/free", free, name="case-free"),
    path("cases/<str:author>/not-free", not_free, name="case-not-free"),
]
