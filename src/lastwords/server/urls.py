"""Where requests go. Views parse, call the store and show; none of them decides."""

from django.urls import URLPattern, URLResolver, path

from . import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health.view, name="health"),
]
