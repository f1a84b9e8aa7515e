"""A form that was sent is done once: pressing twice, or going back and sending it again, changes nothing more.

What was refused was not done, so it may be sent again as it stands: whoever goes back to mend a mistyped code must not
be told that it counted. Nor must anybody whose form was cut short in the middle, by a fault or the end of the process:
that a form is done is written down after it was, and until then nobody claims it.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django import forms
from django.contrib import messages
from django.db import DatabaseError
from django.db.models import F
from django.http import HttpRequest

from lastwords.protocol.moments import DAY
from lastwords.server import accounts, databases
from lastwords.server.models import Attempts

from .forms import Form

KEPT = 2 * DAY
"""Seconds for which a form that was sent is remembered; the session it belongs to is over long before."""
_PREFIX = "form:"
_DONE = 1_000_000
"""Counted on top when a form was done; nobody sends one as often."""
NOT_WHOLE = "This form did not arrive whole. Send it once more"
UNSURE = (
    "This form was sent before, and nothing is done twice. It may have been done: look here whether it was. "
    "If not, send it again."
)


class Once(Form):
    """A form with a number of its own. A new one is made each time the form is shown."""

    is_unsure = False
    """Whether it was sent before, and nobody knows whether it was done then."""

    once = forms.CharField(
        widget=forms.HiddenInput,
        max_length=40,
        error_messages={"required": NOT_WHOLE, "max_length": NOT_WHOLE},
    )

    def renewed(self) -> str:
        """The number to show, for `<input type="hidden" name="once">`: a form that was refused may be sent again, so it
        never keeps the one it came with."""
        return secrets.token_urlsafe(18)


def once_only(request: HttpRequest, form: Once, act: Callable[[], None], unsure: str = UNSURE) -> bool:
    """Does `act` if the form is fit and was not sent before. True when the answer is to be a redirect: it is done, now
    or earlier; or it was sent earlier and nobody knows, which `unsure` then says on the next page, unless it is empty.

    A refusal becomes an error of the form, which then counts as not sent; so strangers who are refused leave no rows
    behind either."""
    if not form.is_valid():
        return False
    sent = f"{_PREFIX}{request.user.pk}:{form.cleaned_data['once']}"
    Attempts.objects.filter(key__startswith=_PREFIX, window__lt=accounts.wall() - KEPT).delete()
    times = accounts.attempt(sent, KEPT)
    if times > 1:
        form.is_unsure = times <= _DONE
        if form.is_unsure and unsure:
            messages.warning(request, unsure)
        return True
    with _unsent_if_undone(sent), form.refusals():
        act()
    # The answer is the same if this cannot be kept: the act itself is.
    with suppress(DatabaseError):
        if form.is_valid():
            Attempts.objects.filter(key=sent).update(count=F("count") + _DONE)
        else:
            _forget(sent)
    return form.is_valid()


@contextmanager
def _unsent_if_undone(sent: str) -> Iterator[None]:
    """What the database would not take was not done, and may be sent again as it stands. Where the database went away
    in the middle nobody knows, and the form stays sent."""
    try:
        yield
    except DatabaseError as error:
        if not databases.was_cut_off(error):
            with suppress(DatabaseError):
                _forget(sent)
        raise


def _forget(sent: str) -> None:
    Attempts.objects.filter(key=sent).delete()
