"""The newest letters that reached somebody, to be read once more. Works without script."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from lastwords.server import past_letters
from lastwords.server.api.door import person_of
from lastwords.server.pages.entrance import signed_in


@signed_in
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    return render(request, "account/letters.html", {"letters": past_letters.to(person), "person": person})


urlpatterns = [path("account/letters", letters, name="letters")]
