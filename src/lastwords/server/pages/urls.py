"""Every page's address, gathered from the files that serve them."""

from django.urls import URLPattern, URLResolver

from . import demonstration, start
from .author import calendar, check_in, home, phone, practice, trip, vanish
from .host import house, sign_in

PARTS = (start, home, check_in, phone, calendar, trip, vanish, practice, house, sign_in, demonstration)

urlpatterns: list[URLPattern | URLResolver] = [one for part in PARTS for one in part.urlpatterns]
