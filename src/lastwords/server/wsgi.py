"""The web process's door for the application server."""

from django.core.handlers.wsgi import WSGIHandler

from . import settings
from .children import die_with_parent

# A web worker whose parent was killed would keep the port and serve on, unwatched.
die_with_parent()
settings.configure_from_environment()

application = WSGIHandler()
"""What the application server calls."""
