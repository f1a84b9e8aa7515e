"""A sign of life with nothing but paper: no sign-in, no key, no script. For whoever lost every device, or reads this on
somebody else's."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from lastwords.server.api.sessions import NOBODY
from lastwords.server.models import Person
from lastwords.server.pages.once import once_only

from . import signs


class PaperForm(signs.SignForm):
    """Whose list it is, and its next code."""

    handle = forms.CharField(
        label="Your handle",
        max_length=40,
        help_text="It stands at the head of your list.",
        widget=forms.TextInput(
            attrs={
                "class": "medium",
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": "Enter your handle, as it stands on your list"},
    )
    field_order = ("once", "handle", "code")

    def place(self, code: str) -> str | None:
        """Nobody who is not signed in learns which of the two did not fit, so it is said at the code."""
        return "code" if code == "name_or_code" else super().place(code)


@require_http_methods(["GET", "HEAD", "POST"])
def by_paper(request: HttpRequest) -> HttpResponse:
    """The answer is the page itself: nobody is signed in, so there is nobody to keep a sentence for. Sent again it
    does nothing, and says so."""
    request.auth = NOBODY  # type: ignore[attr-defined]
    form = PaperForm(request.POST or None)
    said = ""

    def act() -> None:
        nonlocal said
        handle = form.cleaned_data["handle"].strip().lower()
        given = signs.by_code(request, handle, form.cleaned_data["code"])
        said = signs.answer(given, Person.objects.get(handle=handle).zone)

    done = request.method == "POST" and once_only(request, form, act, unsure="")
    response = render(request, "author/paper_code.html", {"form": form, "done": done, "said": said})
    response.headers["Cache-Control"] = "no-store"
    return response


urlpatterns = [path("code", by_paper, name="paper-code")]
