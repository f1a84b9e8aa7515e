"""The start page: one sentence, and where to go. It needs no session and knows nobody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    return render(request, "start.html")


urlpatterns = [path("", start, name="start")]
