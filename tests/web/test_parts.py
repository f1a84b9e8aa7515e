"""The parts that all pages are made of, on one page that only this test has."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route
from web.browser import PHONE, WIDE, axe, faults, visitor
from web.family import Host

TEMPLATE = (Path(__file__).parent / "parts.html").read_text("utf-8")


def rendered(host: Host) -> str:
    """The page of all parts, with a form that was filled in wrongly."""
    with host.inside():
        from django import forms
        from django.contrib.auth.models import AnonymousUser
        from django.template import engines
        from django.test import RequestFactory

        from lastwords.server.pages.forms import Choice, Form

        ways = [
            ("mail", Choice("By mail", "To the address you have proven")),
            ("phone", Choice("By phone")),
        ]

        class Everything(Form):
            name = forms.CharField(
                label="Full name",
                help_text="As your letters should say it.",
                error_messages={"required": "Enter your full name"},
            )
            code = forms.CharField(label="Next unused code", required=False)
            way = forms.ChoiceField(
                label="How shall we reach you?",
                choices=ways,
                widget=forms.RadioSelect,
                error_messages={"required": "Choose how we reach you"},
            )
            note = forms.CharField(label="Note", widget=forms.Textarea, required=False)

        request = RequestFactory().get("/parts", headers={"host": "localhost"})
        request.user = AnonymousUser()
        context: dict[str, Any] = {
            "form": Everything({"code": "abcd"}),
            "rows": [
                {"key": "Keeper", "value": "Mira Costa", "change": "/keepers"},
                {"key": "Any", "value": "3 of 5"},
            ],
            "tasks": [
                {"title": "Print your recovery sheet", "href": "/account", "state": "done"},
                {"title": "Verify Tom", "href": "/keepers", "state": "todo", "hint": "He has accepted."},
                {"title": "Make the plan active", "state": "later", "hint": "It needs 3 verified keepers."},
            ],
        }
        return str(engines["django"].from_string(TEMPLATE).render(context, request))


@pytest.fixture(scope="module")
def parts(house: Host) -> str:
    return rendered(house)


def show(page: Page, parts: str) -> None:
    def answer(route: Route) -> None:
        route.fulfill(body=parts, content_type="text/html; charset=utf-8")

    page.route("**/parts", answer)
    page.goto("/parts")


@pytest.mark.parametrize("size", [PHONE, (320, 640), WIDE])
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_on_the_page_of_all_parts_and_nothing_sticks_out(
    browser: Browser, house: Host, parts: str, size: tuple[int, int], dark: bool
) -> None:
    with visitor(browser, house, size=size, dark=dark) as page:
        show(page, parts)
        assert faults(page) == []


def test_what_is_wrong_has_the_focus_leads_to_its_field_and_is_said_twice(
    browser: Browser, house: Host, parts: str
) -> None:
    with visitor(browser, house) as page:
        show(page, parts)
        assert page.title().startswith("Error: ")
        summary = page.locator(".problem")
        assert summary.evaluate("e => e === document.activeElement")
        assert page.get_by_text("Enter your full name").count() == 2
        summary.get_by_role("link", name="Choose how we reach you").click()
        assert page.evaluate("document.activeElement.id") == "id_way_0"


def test_axe_is_seen_to_find_a_fault(browser: Browser, house: Host, parts: str) -> None:
    with visitor(browser, house) as page:
        show(page, parts.replace('<label for="id_name">Full name</label>', "Full name"))
        assert any(found.startswith("label") for found in axe(page))
