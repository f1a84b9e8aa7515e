"""Every page's address, gathered from the files that serve them."""

from django.urls import URLPattern, URLResolver

from . import demonstration, quietly, start
from .account import channels, come_in, devices, letters, lost, new_keys, overview, paper, quiet, sessions
from .author import (
    calendar,
    check_in,
    hold,
    home,
    keepers,
    paper_code,
    people,
    phone,
    plan,
    practice,
    sheets,
    trip,
    vanish,
    welcome,
)
from .author import words as writing
from .host import house, sign_in
from .keeper import cases, force, opening, shares, together
from .recipient import words

PARTS = (
    *(start, come_in, overview, devices, channels, sessions, paper, lost, new_keys, quiet, letters, quietly),
    *(home, check_in, paper_code, phone, calendar, trip, vanish, practice, hold, welcome),
    *(writing, people, keepers, plan, sheets),
    *(cases, shares, together, opening, force),
    words,
    *(house, sign_in, demonstration),
)

urlpatterns: list[URLPattern | URLResolver] = [one for part in PARTS for one in part.urlpatterns]
