"""Every page's address, gathered from the files that serve them."""

from django.urls import URLPattern, URLResolver

from . import start

PARTS = (start,)

urlpatterns: list[URLPattern | URLResolver] = [one for part in PARTS for one in part.urlpatterns]
