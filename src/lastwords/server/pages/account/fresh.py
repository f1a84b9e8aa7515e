"""A form that does what a stranger at an open screen would do asks first whether it is still the person."""

from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from lastwords.server import page_sessions
from lastwords.server.pages.entrance import View


def fresh(view: View) -> View:
    """Sends a person who was not proven within five minutes to where that is done, and back to the page they came
    from. The API's own check stands behind this one."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if request.method == "POST" and not page_sessions.is_fresh(request):
            first, *rest = request.path.strip("/").split("/")
            page = [first, *rest[:1]] if first == "account" else [first]
            return HttpResponseRedirect(f"/sign-in?next={quote('/' + '/'.join(page))}")
        return view(request, *args, **more)

    return entered
