"""The start page, and the page of help: they need no session and know nobody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    return render(request, "start.html")


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "help.html")


urlpatterns = [path("", start, name="start"), path("help", help_page, name="help")]
