"""The pages that need no key, in a real browser: clean for axe, whole without script, and large enough for a thumb."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from web.browser import PHONE, WIDE, faults, too_wide, visitor
from web.family import Host

PAGES = {
    "": [
        "/",
        "/help",
        "/host/sign-in",
        "/phone",
        "/demonstration",
        "/demonstration/vanish?silent=mira",
        "/nowhere",
    ],
    "jonas": [
        "/home",
        "/check-in",
        "/trip",
        "/trip/check?date=2027-02-20&time=18:00&zone=America/Lima&extra=86400",
        "/trip/check?date=soon",
        "/vanish?silent=mira",
        "/calendar",
        "/practice",
        "/hold",
        "/alarm",
    ],
    "host": ["/host", "/host/hold"],
}


@pytest.mark.parametrize("who", PAGES)
@pytest.mark.parametrize(("size", "dark"), [(PHONE, False), (WIDE, True)], ids=["phone", "wide-dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    browser: Browser, house: Host, who: str, size: tuple[int, int], dark: bool
) -> None:
    with visitor(browser, house, who, size=size, dark=dark) as page:
        for path in PAGES[who]:
            page.goto(path)
            for hidden in page.locator("details:not([open]) > summary").all():
                hidden.click()
            assert (path, faults(page)) == (path, [])


SPACED = """() => {
    const wide = new CSSStyleSheet();
    wide.replaceSync(`p { margin-bottom: 2em !important }
        * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }`);
    document.adoptedStyleSheets = [wide];
}"""
"""Text as somebody may set it who reads with difficulty (WCAG 1.4.12)."""
CUT_OFF = """() => [...document.querySelectorAll("main *, header *")].filter(e =>
    getComputedStyle(e).overflowX !== "visible" && !e.matches(".hidden, .scroll, textarea, select, input, svg, svg *")
    && e.scrollWidth > e.clientWidth + 1).map(e => e.outerHTML.slice(0, 80))"""
READ = {
    "": ("/", "/help", "/sign-in", "/code"),
    "jonas": (
        *("/home", "/check-in", "/vanish", "/write", "/people", "/keepers", "/plan", "/sheets/medical"),
        *("/account", "/trip", "/practice", "/hold", "/alarm"),
    ),
    "mira": ("/cases", "/cases/jonas/alarm", "/account/lost"),
    "ana": ("/words",),
    "host": ("/host",),
}


@pytest.mark.parametrize("who", READ)
def test_on_the_smallest_screen_with_large_text_and_with_wide_text_nothing_sticks_out_or_is_cut_off(
    browser: Browser, house: Host, who: str
) -> None:
    with visitor(browser, house, who, size=(320, 640)) as page:
        for path in READ[who]:
            page.goto(path)
            assert (path, too_wide(page)) == (path, [])
            page.evaluate(SPACED)
            assert (path, too_wide(page), page.evaluate(CUT_OFF)) == (path, [], [])
            page.evaluate("document.adoptedStyleSheets = []")
            page.set_viewport_size({"width": 390, "height": 800})
            page.evaluate("document.documentElement.style.fontSize = '225%'")
            assert (path, too_wide(page)) == (path, [])
            page.set_viewport_size({"width": 320, "height": 640})


@pytest.fixture(scope="module")
def own(own_house: Callable[..., Host]) -> Host:
    return own_house()


@pytest.fixture
def without_script(browser: Browser, own: Host) -> Iterator[Page]:
    with visitor(browser, own, "jonas", script=False) as page:
        yield page


def test_without_script_a_code_checks_in_and_going_back_repeats_nothing(
    without_script: Page, own: Host
) -> None:
    page, code = without_script, own.paper_codes()[0]
    page.goto("/home")
    page.get_by_role("link", name="I'm here").click()
    page.locator("[data-by-code]").get_by_label("Next code of your paper list").fill(code)
    page.locator("[data-by-code]").get_by_role("button", name="I'm here").click()
    expect(page.get_by_role("status").filter(has_text="Thank you. Next check-in by")).to_be_focused()
    page.go_back()
    page.go_forward()
    page.reload()
    with own.inside():
        from lastwords.server.models import PaperCode

        assert PaperCode.objects.filter(used__isnull=False).count() == 1


SMALL = """() => [...document.querySelectorAll(
    "button, summary, .button, .nav a, .tasks a, .rows > li > a, .act a, input:not([type=hidden]), select"
)].filter(e => e.offsetParent !== null).filter(e => {
    const target = e.matches("[type=radio], [type=checkbox]") ? e.closest(".choice") : e;
    return target.getBoundingClientRect().height < 47.5;
}).map(e => e.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("who", READ)
def test_targets_are_large_enough_for_a_thumb(browser: Browser, own: Host, who: str) -> None:
    """48 px where a thing stands alone; a link within a sentence is as high as its line."""
    with visitor(browser, own, who) as page:
        for path in READ[who]:
            page.goto(path)
            assert (path, page.evaluate(SMALL)) == (path, [])


def test_printed_a_page_is_black_on_white_and_without_what_only_a_screen_needs(
    browser: Browser, own: Host
) -> None:
    with visitor(browser, own, "jonas", dark=True) as page:
        page.goto("/vanish")
        page.emulate_media(media="print")
        for gone in (".head", ".foot", "form"):
            expect(page.locator(gone).first).to_be_hidden()
        colours = page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        )
        assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
