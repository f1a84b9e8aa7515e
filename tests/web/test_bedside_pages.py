"""The keepers' pages that open and tell, and what keepers do together: on a phone, without the command line."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from web.bedside import NOTES, find_him_hurt, keeper, write_ahead
from web.browser import WIDE, faults, posted, visitor
from web.family import Host

DAY = 86_400
CHECK = "Look at it once more before you sign"


@pytest.fixture(scope="module")
def host(own_house: Callable[..., Host]) -> Host:
    """Jonas has written ahead; nothing has happened to him."""
    made = own_house()
    write_ahead(made)
    return made


# Emergency notes.


def test_the_cards_own_copy_opens_at_once_and_everybody_is_told(browser: Browser, host: Host):
    with keeper(browser, host, "mira") as page:
        bodies = posted(page)
        page.goto("/glass/jonas")
        page.get_by_text("I was given a copy with my card").click()
        page.get_by_role("button", name="Open it, and let everyone be told").click()
        expect(page.locator(".problem")).to_be_focused()
        page.get_by_label("The file of the copy").set_input_files(host.folder / "jonas" / "mira.notes.age")
        page.get_by_role("button", name="Open it, and let everyone be told").click()
        expect(page.get_by_text(NOTES)).to_be_visible()
        expect(page.get_by_text("are being told that you opened this")).to_be_visible()
        assert faults(page) == []
        assert [body for body in bodies if "third stone" in body] == []
    rows = host.person("jonas").does("log", "show")["rows"]
    assert ["glass_asked", "card"] in rows[-1]["body"]["happened"]


def test_asking_is_looked_at_once_more_done_once_and_going_back_asks_nobody_again(
    browser: Browser, host: Host
):
    with keeper(browser, host, "mira", size=WIDE, dark=True) as page:
        bodies = posted(page)
        page.goto("/glass/jonas")
        assert faults(page) == []
        page.get_by_role("button", name="Ask for the notes").click()
        expect(page.get_by_role("heading", name="Look at it once more before you ask")).to_be_focused()
        expect(page.get_by_text("It counts for nothing until the other keepers restore it.")).to_be_visible()
        assert faults(page) == []
        page.locator('[data-form="sign"] button').first.dblclick()
        expect(page.get_by_role("heading", name="You have asked for the notes")).to_be_focused()
        page.get_by_role("link", name="The emergency notes").click()
        expect(page.get_by_text("You have asked.", exact=False).first).to_be_visible()
        page.go_back()
        page.go_forward()
        assert len([body for body in bodies if "break glass" in body]) == 1
        assert page.get_by_role("button", name="Ask for the notes").count() == 0


def test_another_keeper_says_no_and_the_author_sees_who_asked(browser: Browser, host: Host):
    with keeper(browser, host, "paul") as page:
        page.goto("/glass/jonas")
        page.get_by_role("button", name="Say no").click()
        expect(page.get_by_role("heading", name="Say no to Mira Costa?")).to_be_focused()
        page.get_by_role("button", name="Say no", exact=True).last.click()
        expect(page.get_by_role("heading", name="You said no")).to_be_focused()
    with visitor(browser, host, "jonas") as page:
        page.goto("/glass/jonas")
        expect(page.get_by_text("Paul Lind has said no")).to_be_visible()
        assert faults(page) == []


def test_after_the_alarms_and_the_wait_the_notes_open_in_the_page_and_get_a_new_cover(
    browser: Browser, host: Host
):
    ines = host.person("ines")
    ines.does("glass", "jonas", "ask")
    with keeper(browser, host, "ines") as page:
        page.goto("/glass/jonas")
        assert page.get_by_role("button", name="Open the notes").count() == 0
        host.pass_time(2 * DAY)
        page.reload()
        page.get_by_role("button", name="Open the notes").click()
        expect(page.get_by_text(NOTES)).to_be_visible()
        expect(page.get_by_text("They have a new cover now.")).to_be_visible()
    with keeper(browser, host, "paul") as page:
        page.goto("/glass/jonas")
        page.get_by_role("button", name="Let Ines Rocha count again").click()
        expect(page.get_by_text("The seat of Ines Rocha may count again.")).to_be_visible()
        page.get_by_role("button", name="Sign it").click()
        expect(page.get_by_text("It takes effect once a quorum of you has signed it.")).to_be_visible()
        page.go_back()
        page.goto("/glass/jonas")
        page.get_by_role("button", name="Let Ines Rocha count again").click()
        page.get_by_role("button", name="Sign it").click()
        expect(page.locator(".problem")).to_be_focused()


# What was written ahead, how he is, the report.


def test_what_he_wrote_ahead_opens_in_a_case_and_the_report_is_made_and_printed_in_the_page(
    browser: Browser, host: Host, tmp_path: Path
):
    leila = host.person("leila")
    leila.does("alarm", "jonas")
    find_him_hurt(host)
    with keeper(browser, host, "leila") as page:
        page.goto("/cases/jonas")
        page.get_by_role("link", name="What Jonas Lind wrote ahead").click()
        expect(page.get_by_text("1.82 m, grey beard, red jacket")).to_be_visible()
        expect(page.get_by_text("penicillin")).to_be_visible()
        assert faults(page) == []
        page.goto("/cases/jonas/now")
        expect(page.get_by_text("On watch: Paul Lind.")).to_be_visible()
        expect(page.get_by_text("NEWS2: 14 in all")).to_be_visible()
        assert faults(page) == []
        bodies = posted(page)
        page.get_by_role("link", name="The handover report").click()
        expect(page.get_by_text("paracetamol 1 g, by mouth, once").first).to_be_visible()
        assert faults(page) == []
        with page.expect_download() as kept:
            page.get_by_role("button", name="Keep it as text").click()
        theirs = Path(kept.value.path()).read_text("utf-8")
        paper = page.pdf(prefer_css_page_size=True)
        assert bodies == []
    leila.does("case", "jonas", "report", "--text", "--out", tmp_path / "report.txt")
    assert plain(theirs) == plain((tmp_path / "report.txt").read_text("utf-8"))
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 3


def plain(report: str) -> list[str]:
    """The report without what a minute more changes: the minute itself, and how long ago things were."""
    return re.sub(r"\d+ h( \d+ min)?|\d+ min|\d\d:\d\d", "#", " ".join(report.split())).split(". ")


def test_a_report_says_what_the_readers_key_does_not_open_and_a_broken_record_makes_none(
    browser: Browser, host: Host
):
    with host.inside():
        from lastwords.server.models import LogRow

        row = LogRow.objects.filter(watch_id="jonas").order_by("-number").first()
        assert row is not None
        before = bytes(row.link)
        LogRow.objects.filter(pk=row.pk).update(link=bytes(32))
    try:
        with keeper(browser, host, "leila") as page:
            page.goto("/cases/jonas/report")
            expect(page.get_by_text("does not fit the chain")).to_be_visible()
            assert page.locator("[data-report] > *").count() == 0
    finally:
        with host.inside():
            LogRow.objects.filter(pk=row.pk).update(link=before)


# Together.


def test_a_second_hold_needs_a_second_keeper_who_signs_on_their_own_page(browser: Browser, host: Host):
    with keeper(browser, host, "leila") as page:
        page.goto("/cases/jonas/hold")
        page.get_by_role("button", name="Stop all clocks").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("All clocks of Jonas Lind stand still")
        assert faults(page) == []
        page.get_by_role("button", name="Lift it").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Stop all clocks for Jonas Lind?")
        page.get_by_role("button", name="Stop all clocks").click()
        expect(page.locator(".problem")).to_be_visible()
        assert faults(page) == []
        with keeper(browser, host, "paul") as other:
            other.goto("/cases/jonas/second")
            other.get_by_role("button", name="Go on").click()
            expect(other.locator(".problem li")).to_have_count(2)
            other.get_by_label("A hold").check()
            other.get_by_label("Leila Haddad").check()
            other.get_by_role("button", name="Go on").click()
            other.get_by_role("button", name="Sign for them").click()
            expect(other.get_by_role("heading", name="Send this to Leila Haddad")).to_be_focused()
            assert faults(other) == []
            signed = other.locator("#document").input_value()
        page.get_by_label("What the second keeper signed for you").fill(f"{signed}\n")
        page.get_by_role("button", name="Stop all clocks").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("All clocks of Jonas Lind stand still")
        page.get_by_role("button", name="Lift it").click()


@pytest.mark.parametrize(
    ("without", "named"),
    [(None, (None, None)), ({"number": 7, "epoch": 3}, ("7", 3))],
    ids=["none", "an earlier one"],
)
def test_who_joins_in_names_no_case_that_a_word_under_force_opened(
    browser: Browser, host: Host, without: dict[str, int] | None, named: tuple[str | None, int | None]
):
    shown = {
        "number": 8,
        "epoch": 3,
        "cause": "force",
        "force": {"without": without},
        "entries": [],
        "more": False,
    }
    with keeper(browser, host, "paul") as page:
        page.route("**/api/watches/jonas/case", lambda route: route.fulfill(json=shown))
        page.goto("/cases/jonas/second")
        page.get_by_label("A hold").check()
        page.get_by_label("Leila Haddad").check()
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Sign for them").click()
        expect(page.get_by_role("heading", name="Send this to Leila Haddad")).to_be_focused()
        signed = json.loads(page.locator("#document").input_value())["document"]
    assert (signed["case"], signed["epoch"]) == named


def test_an_act_that_is_too_early_is_refused_in_words_and_the_death_of_a_recipient_is_looked_at_first(
    browser: Browser, host: Host
):
    with keeper(browser, host, "leila") as page:
        page.goto("/cases/jonas/sign")
        page.get_by_role("button", name="Go on").first.click()
        expect(page.locator(".problem li")).to_have_count(2)
        assert faults(page) == []
        page.get_by_label("Ana Reis").check()
        page.get_by_label("Nobody knows who died first").check()
        page.get_by_role("button", name="Go on").first.click()
        expect(page.get_by_role("heading", name=CHECK)).to_be_focused()
        expect(page.get_by_text("Ana Reis has died")).to_be_visible()
        page.get_by_role("button", name="Go back").click()
        page.get_by_role("button", name="I tried in person").click()
        page.get_by_role("button", name="Sign it").click()
        expect(page.get_by_text("This belongs to a vigil, and there is none now")).to_be_visible()


def test_the_eight_words_on_the_page_are_those_of_the_command_line(browser: Browser, host: Host):
    with keeper(browser, host, "leila") as page:
        page.get_by_text("More").click()
        page.get_by_role("link", name="The eight words of a key").click()
        expect(page.locator("[data-theirs] li")).to_have_count(8)
        assert faults(page) == []
        for where, name in (("own", "leila"), ("theirs", "jonas")):
            shown = page.locator(f"[data-{where}] li").all_inner_texts()
            assert shown == list(host.person(name).does("key", "show")["eight_words"])


# An alternate comes in.


def test_an_alternate_is_called_reads_what_was_written_before_and_a_seat_is_handed_on(
    browser: Browser, own_house: Callable[..., Host]
):
    host = own_house()
    jonas, rui, link = host.person("jonas"), host.person("rui"), host.folder / "rui.link"
    jonas.does("invite", "alternate", "Rui Melo", "--out", link)
    rui.does(
        "accept", link, "--name", "Rui Melo", "--handle", "rui", "--zone", "Europe/Lisbon", "--no-passphrase"
    )
    jonas.does("keeper", "verify", "rui", "--vouch")
    mira = host.person("mira")
    mira.does("alarm", "jonas")
    mira.does("case", "jonas", "entry", "--text", mira.file("note.txt", "His boat is at its place."))
    with keeper(browser, host, "mira") as page:
        page.goto("/cases/jonas/call")
        if page.get_by_role("button", name="Call them in").count():
            page.get_by_label("Rui Melo").check()
            page.get_by_role("button", name="Call them in").click()
            expect(page.get_by_text("Rui Melo is called.")).to_be_visible()
        assert faults(page) == []
        page.get_by_role("button", name="Seal the earlier entries again").click()
        expect(page.get_by_role("heading", name="Seal the earlier entries again?")).to_be_focused()
        page.get_by_role("button", name="Seal them again").click()
        expect(page.get_by_role("heading", name="One entry is sealed again")).to_be_focused()
    texts = [entry["text"] for entry in rui.does("case", "jonas", "show")["entries"]]
    assert texts == ["His boat is at its place."]
    jonas.does("here")
    for name in ("mira", "paul", "ines"):
        host.person(name).does("case", "jonas", "sign", "home")
    with keeper(browser, host, "leila") as page:
        page.goto("/cases/jonas/seat")
        page.get_by_role("button", name="Go on").click()
        expect(page.locator(".problem")).to_be_focused()
        assert faults(page) == []
        page.get_by_label("The name under which they sign in").fill("rui")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("Rui Melo (rui)")).to_be_visible()
        page.get_by_role("button", name="Hand my seat on").click()
        expect(page.get_by_role("heading", name="Your seat is Rui Melo's now")).to_be_focused()
    rui.does("shares", "prove", "jonas")
    assert rui.does("seat", "jonas", "show")["seat"]["proven"] == ["died.ana"]
