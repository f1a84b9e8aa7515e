"""Where requests go. Views parse, call the store and show; none of them decides."""

from django.urls import URLPattern, URLResolver, include, path

from . import demo, health, settings
from .api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health.view, name="health"),
    path("api/health", health.view),
]
if settings.current().demo:
    urlpatterns.append(path("api/demo/clock", demo.view, name="demo-clock"))
urlpatterns.append(path("api/", api.urls))
urlpatterns.append(path("", include("lastwords.server.pages.urls")))
