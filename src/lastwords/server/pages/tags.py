"""Tags that templates of this house use: `{% load house %}`."""

import hashlib
from functools import cache

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from lastwords.server import moments
from lastwords.server.browser import STATIC

register = template.Library()


@register.simple_tag
def asset(name: str) -> str:
    """The address of a static file, with the beginning of its hash so that a new one is fetched as such."""
    plain = str.__str__(name)  # a template's own text is marked as safe, and a path takes no such thing
    return f"/static/{plain}?v={_version(plain)}"


@cache
def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@register.filter
def unbroken(text: str) -> SafeString:
    """A heading in which "check-in" does not fall apart at its hyphen."""
    return mark_safe(conditional_escape(text).replace("check-in", '<span class="nowrap">check-in</span>'))


for said in (moments.day, moments.date_of, moments.short, moments.length_of):
    register.filter(said.__name__, said)
