"""Tags that templates of this house use: `{% load house %}`."""

import hashlib
from functools import cache

from django import template

from lastwords.server.browser import STATIC

register = template.Library()


@register.simple_tag
def asset(name: str) -> str:
    """The address of a static file, with the beginning of its hash so that a new one is fetched as such."""
    return f"/static/{name}?v={_version(name)}"


@cache
def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
