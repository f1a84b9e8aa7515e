"""A form that was sent is done once: pressing twice, or going back and sending it again, changes nothing more.

What was refused was not done, so it may be sent again as it stands: whoever goes back to mend a mistyped code must not
be told that it counted.
"""

import secrets
from collections.abc import Callable

from django import forms
from django.http import HttpRequest

from lastwords.protocol.moments import DAY
from lastwords.server import accounts
from lastwords.server.models import Attempts

from .forms import Form

KEPT = 2 * DAY
"""Seconds for which a form that was sent is remembered; the session it belongs to is over long before."""
_PREFIX = "form:"


class Once(Form):
    """A form with a number of its own. A new one is made each time the form is shown."""

    once = forms.CharField(
        widget=forms.HiddenInput,
        max_length=40,
        error_messages={
            "required": "This form did not arrive whole. Send it once more",
            "max_length": "This form did not arrive whole. Send it once more",
        },
    )

    def renewed(self) -> str:
        """The number to show, for `<input type="hidden" name="once">`: a form that was refused may be sent again, so it
        never keeps the one it came with."""
        return secrets.token_urlsafe(18)


def first_time(request: HttpRequest, form: Once) -> bool:
    """Whether this very form has not been sent before by this person. It counts as sent from now on."""
    Attempts.objects.filter(key__startswith=_PREFIX, window__lt=accounts.wall() - KEPT).delete()
    return accounts.attempt(_key(request, form), KEPT) == 1


def _key(request: HttpRequest, form: Once) -> str:
    return f"{_PREFIX}{request.user.pk}:{form.cleaned_data['once']}"


def once_only(request: HttpRequest, form: Once, act: Callable[[], None]) -> bool:
    """Does `act` if the form is fit and was not sent before. True when the answer is to be a redirect: it is done, now
    or earlier. A refusal becomes an error of the form, which then counts as not sent; so strangers who are refused
    leave no rows behind either."""
    if not form.is_valid():
        return False
    if not first_time(request, form):
        return True
    sent = _key(request, form)
    with form.refusals():
        act()
    if not form.is_valid():
        Attempts.objects.filter(key=sent).delete()
    return form.is_valid()
