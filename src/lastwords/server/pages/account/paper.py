"""Paper: the recovery sheet and lists of codes, both made and printed in the browser; no secret of them comes here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from lastwords.server.api.door import person_of
from lastwords.server.pages.account.overview import own_watch
from lastwords.server.pages.entrance import author, signed_in


@signed_in
@require_safe
def sheet(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    watch = own_watch(person)
    proven = watch is not None and watch.recovery_proven
    shown = {"person": person, "is_author": watch is not None, "proven": proven}
    return render(request, "account/sheet.html", shown)


@author
@require_safe
def codes(request: HttpRequest, seen: object) -> HttpResponse:
    return render(request, "account/codes.html", {"person": person_of(request)})


urlpatterns = [
    path("account/sheet", sheet, name="sheet"),
    path("account/codes", codes, name="codes"),
]
