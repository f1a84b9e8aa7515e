"""Forms as every page of the house makes them: Django's own, with an error summary and one way to say a refusal.

A template shows a field with `parts/field.html` and a group of choices with `parts/choices.html`; what is wrong stands
twice, in the summary that has the focus and at the field, in the same words.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from lastwords.server.problems import Problem
from lastwords.server.refusals import ServerRefused
from lastwords.signing.refusals import Refused as SigningRefused

from .characters import fitting


class Shown(BoundField):
    """A field that knows where the error summary has to lead."""

    @property
    def focus_id(self) -> str:
        """The id of what can be typed into or chosen: of a group, its first choice."""
        first = next(iter(self.subwidgets), None)
        return (first.id_for_label if first else "") or self.id_for_label


class Choice(str):
    """The label of one choice, with a line of explanation beneath it."""

    hint: str

    def __new__(cls, label: str, hint: str = "") -> "Choice":
        made = super().__new__(cls, label)
        made.hint = hint
        return made


class Form(forms.Form):
    """Errors are ours to say, so the browser's own bubbles stay away: write `<form method="post" novalidate>`."""

    use_required_attribute = False
    bound_field_class = Shown

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.label_suffix = ""
        for field in self.fields.values():
            fitting(field)

    def place(self, code: str) -> str | None:
        """The field that the refusal with this code is about; None for the whole form."""
        return None

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Turns a refusal inside the block into an error of this form, at its place: what happened and what to do."""
        try:
            yield
        except Problem as refused:
            self.add_error(self.place(refused.code), f"{refused.happened} {refused.do}")
        except (ServerRefused, SigningRefused) as refused:
            self.add_error(None, f"{refused.happened} {refused.do}")
