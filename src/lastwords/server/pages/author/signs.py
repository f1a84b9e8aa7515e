"""A sign of life without script: a code from paper. Strong, because nobody else has the paper."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.http import HttpRequest

from lastwords.protocol.stages import Stage
from lastwords.server.api import checkins
from lastwords.server.api.checkins import Sign
from lastwords.server.moments import day
from lastwords.server.pages.once import Once

CODE_REFUSED = ("paper_code_refused", "typed_code_refused", "too_often")


class SignForm(Once):
    """The next unused code of the printed list. It may be pasted, with or without its hyphens."""

    def place(self, code: str) -> str | None:
        return "code" if code in CODE_REFUSED else None

    code = forms.CharField(
        label="Next code of your paper list",
        max_length=200,
        help_text="Strike it out afterwards. Each code works once.",
        widget=forms.TextInput(
            attrs={
                "class": "code-field medium",
                "autocomplete": "one-time-code",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": "Enter the next code of your paper list"},
    )


class PairForm(SignForm):
    """The page's script fills in the key; the author adds a code, because a session alone adds no way to check in."""

    def __init__(self, *args: Any, **more: Any) -> None:
        # It stands on one page with the check-in's own form, whose fields are called the same.
        super().__init__(*args, auto_id="phone_%s", **more)

    public_key = forms.CharField(
        max_length=100,
        widget=forms.HiddenInput,
        error_messages={
            "required": "This browser made no key. Load the page again and let it run its script"
        },
    )
    name = forms.CharField(
        label="What do you call this phone?",
        max_length=60,
        initial="My phone",
        widget=forms.TextInput(attrs={"class": "medium"}),
        validators=[
            RegexValidator(r"^[^\x00-\x1f\x7f]+$", "Enter a name of letters, signs and spaces alone")
        ],
        error_messages={"required": "Enter a name for this phone"},
    )


def by_code(request: HttpRequest, author: str, code: str) -> dict[str, Any]:
    """The check-in itself, exactly as the API takes it."""
    return checkins.check_in(request, author, Sign(code=code))


def answer(given: dict[str, Any], zone: str) -> str:
    """What is said to somebody who has just checked in."""
    if given["stage"] == Stage.CLOSING:
        return "Welcome. Nothing is given now, and your keepers are asked whether it is really you."
    if given["next_due"] is None:
        return "Thank you. No date runs at the moment, because everything stands still."
    return f"Thank you. Next check-in by {day(given['next_due'], zone)}."
