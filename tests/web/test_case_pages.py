"""The keepers' pages: three of Jonas's keepers look for him in a case, each in their own browser."""

import json
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from web.bedside import keeper
from web.browser import WIDE, faults, posted, visitor
from web.family import LETTER, Host

from lastwords.case import entries
from lastwords.case.entries import Entry, Head, Note
from lastwords.case.moment import Moment
from lastwords.case.plain import to_bytes
from lastwords.cli.signed_entry import FORMAT
from lastwords.sealing import age
from lastwords.signing.act import Act
from lastwords.signing.canonical import digest
from lastwords.signing.documents import sign

DAY = 86_400
TRACK = "died.ana"


@pytest.fixture(scope="module")
def vigil(own_house: Callable[..., Host]) -> Host:
    """A host on which Mira has raised an alarm for Jonas, and his time to answer has run out."""
    host = own_house()
    host.person("mira").does("alarm", "jonas")
    host.pass_time(8 * DAY)
    return host


def test_a_keeper_finds_the_case_says_that_they_are_there_and_reads_what_another_wrote_by_command_line(
    browser: Browser, vigil: Host
):
    paul = vigil.person("paul")
    note = paul.file("note.txt", "His boat is not in the harbour.")
    paul.does("case", "jonas", "entry", "--text", note)
    with keeper(browser, vigil, "mira") as page:
        expect(page.get_by_role("heading", level=1)).to_have_text("You are asked about Jonas Lind")
        assert faults(page) == []
        page.get_by_role("link", name="Case 1 of Jonas Lind").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Jonas Lind has not answered")
        expect(page.get_by_text("His boat is not in the harbour.")).to_be_visible()
        page.get_by_role("button", name="I am here").click()
        expect(page.get_by_text("The others see that you are there.")).to_be_visible()
        expect(page.get_by_text("Go on only if you are still worried.").first).to_be_visible()
        assert faults(page) == []
    assert "mira" in paul.does("case", "jonas", "show")["case"]["answered"]


def test_what_is_typed_while_the_key_is_locked_waits_sealed_in_the_tab_and_is_there_again_once(
    browser: Browser, vigil: Host
):
    with keeper(browser, vigil, "mira") as page:
        page.goto("/cases/jonas/write?kind=observation")
        page.get_by_role("button", name="Lock it").click()
        page.get_by_label("Pulse (optional)").fill("64")
        page.get_by_label("From whom, or which document?").fill("Sister Ines, ward 3")
        page.get_by_label("I heard it from somebody").check()
        page.get_by_label("Keepers only").check()
        page.get_by_role("button", name="Write it").click()
        page.wait_for_url("**/sign-in?**")
        assert "ward 3" not in page.evaluate("JSON.stringify(sessionStorage)")
        page.get_by_text("Use a sheet or card").click()
        page.locator('[name="paper"]').fill(vigil.keys("mira").secret_key)
        page.locator('[data-form="paper"] button').last.click()
        page.wait_for_url("**/cases/jonas/write?kind=observation")
        expect(page.get_by_text("What you had written is here again.")).to_be_visible()
        expect(page.get_by_label("Pulse (optional)")).to_have_value("64")
        expect(page.get_by_label("From whom, or which document?")).to_have_value("Sister Ines, ward 3")
        expect(page.get_by_label("Keepers only")).to_be_checked()
        page.get_by_role("button", name="Write it").click()
        expect(page.get_by_role("heading", name="is written")).to_be_focused()
        page.goto("/cases/jonas/write?kind=observation")
        expect(page.get_by_label("Pulse (optional)")).to_have_value("")
    entry = vigil.person("ines").does("case", "jonas", "show")["entries"][-1]
    assert "64/min" in json.dumps(entry)


@pytest.mark.parametrize(
    ("for_ever", "says"),
    ((False, "pulse 64/min"), (True, "The host did not go on after entry")),
    ids=("in pages", "the same page for ever"),
)
def test_entries_that_come_a_few_at_a_time_are_read_whole_or_not_at_all(
    browser: Browser, vigil: Host, for_ever: bool, says: str
):
    def first_alone(route: Route) -> None:
        found = route.fetch()
        plain = found.json()
        if for_ever or "after=" not in route.request.url:
            plain |= {"entries": plain["entries"][:1], "more": True}
        route.fulfill(response=found, json=plain)

    with keeper(browser, vigil, "mira") as page:
        page.route("**/api/watches/jonas/case*", first_alone)
        page.goto("/cases/jonas")
        expect(page.locator("main")).to_contain_text(says)
        whole = page.get_by_text("His boat is not in the harbour.")
        expect(whole).to_be_visible(visible=not for_ever)


def test_what_is_written_on_the_page_is_read_by_the_command_line_and_nothing_of_it_leaves_unsealed(
    browser: Browser, vigil: Host
):
    with keeper(browser, vigil, "mira", size=WIDE, dark=True) as page:
        bodies = posted(page)
        page.goto("/cases/jonas/write?kind=observation")
        page.get_by_label("Pulse (optional)").fill("700")
        page.get_by_role("button", name="Write it").click()
        expect(page.locator(".problem")).to_be_focused()
        assert faults(page) == []
        page.get_by_label("Pulse (optional)").fill("72")
        page.get_by_label("Temperature (optional)").fill("36,6")
        page.get_by_label("Time zone").fill("Asia/Kathmandu")
        page.get_by_label("Of when does it speak?").fill("2026-03-04T07:00")
        page.get_by_label("It is only about then").check()
        page.get_by_role("button", name="Write it").click()
        expect(page.get_by_role("heading", name="is written")).to_be_focused()
        page.get_by_role("link", name="Back to the case").click()
        expect(page.get_by_text("pulse 72/min, temperature 36.6 °C")).to_be_visible()
        assert [body for body in bodies if "36.6" in body or "Kathmandu" in body] == []
    entry = vigil.person("ines").does("case", "jonas", "show")["entries"][-1]
    assert entry["text"] == "pulse 72/min, temperature 36.6 °C"
    there = datetime(2026, 3, 4, 7, tzinfo=ZoneInfo("Asia/Kathmandu"))
    assert entry["record"]["head"]["when"] == {
        "at": there.timestamp(),
        "zone": "Asia/Kathmandu",
        "about": True,
    }


def state_died(page: Page, name: str) -> None:
    """Fills in the statement's form and goes on to the page where it is looked at once more."""
    page.goto("/cases/jonas/statement")
    page.get_by_label(f"{name} has died").check()
    page.get_by_label("I have seen a document").check()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Look at it once more before you sign")).to_be_focused()


def test_a_statement_is_looked_at_before_it_is_signed_and_can_be_taken_back(browser: Browser, vigil: Host):
    with keeper(browser, vigil, "mira") as page:
        page.goto("/cases/jonas/statement")
        page.get_by_role("button", name="Go on").click()
        expect(page.locator(".problem")).to_be_focused()
        page.get_by_label("I could not find out").check()
        page.get_by_label("I heard of it").check()
        page.get_by_label("In your words").fill("His sister has not heard of him.")
        assert faults(page) == []
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("Stay closed")).to_be_visible()
        assert faults(page) == []
        page.get_by_role("button", name="Sign it").click()
        expect(page.get_by_text("not knowing is a good answer")).to_be_visible()
        page.goto("/cases/jonas")
        expect(page.get_by_text("“His sister has not heard of him.”")).to_be_visible()
        page.goto("/cases/jonas/statement")
        page.get_by_role("button", name="Take it back").click()
        expect(page.get_by_role("heading", level=1, name="taken back")).to_be_visible()
    assert vigil.person("paul").does("case", "jonas", "show")["case"]["statements"] == []


def test_a_recipients_death_is_taken_back_by_the_keeper_who_signed_it_and_offered_to_nobody_else(
    browser: Browser, vigil: Host
):
    def deaths() -> list[str]:
        (track,) = vigil.person("paul").does("case", "jonas", "show")["case"]["tracks"]
        return list(track["deaths"])

    lives = "A recipient lives after all"
    with keeper(browser, vigil, "mira") as page:
        page.goto("/cases/jonas/sign")
        expect(page.get_by_role("heading", name=lives)).to_have_count(0)
        page.get_by_label("Ana Reis").check()
        page.get_by_label("Nobody knows who died first").check()
        page.get_by_role("button", name="Go on").first.click()
        page.get_by_role("button", name="Sign it").click()
        expect(page.get_by_role("heading", name="You signed that Ana Reis has died")).to_be_focused()
        assert deaths() == ["mira"]
        page.goto("/cases/jonas/sign")
        expect(page.get_by_role("heading", name=lives)).to_be_visible()
        assert faults(page) == []
        form = page.locator('[data-form="recipient-lives"]')
        form.get_by_role("button", name="Go on").click()
        expect(page.locator(".problem")).to_be_focused()
        form.get_by_label("Ana Reis").check()
        form.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", name="Look at it once more before you sign")).to_be_focused()
        assert faults(page) == []
        page.get_by_role("button", name="Take it back").click()
        expect(page.get_by_role("heading", name="You took back that Ana Reis has died")).to_be_focused()
        assert deaths() == []
    vigil.person("paul").does("case", "jonas", "sign", "recipient-died", "ana", "--order", "unknown")
    with keeper(browser, vigil, "mira") as page:
        page.goto("/cases/jonas/sign")
        expect(page.get_by_role("heading", name=lives)).to_have_count(0)
    vigil.person("paul").does("case", "jonas", "sign", "recipient-lives", "ana")


def test_three_keepers_who_state_a_death_give_their_shares_and_one_tells_ana_who_can_then_open(
    browser: Browser, vigil: Host
):
    for name, counted in (("mira", 1), ("paul", 2)):
        with keeper(browser, vigil, name) as page:
            state_died(page, "Jonas Lind")
            expect(page.get_by_text("Given for the words for Ana Reis")).to_be_visible()
            page.get_by_role("button", name="Sign it").click()
            expect(page.get_by_text(f"{counted} of the 3 that it takes")).to_be_visible()
            expect(page.get_by_text("Your shares went along")).to_be_visible()
    vigil.person("ines").does("case", "jonas", "state", "died", "--evidence", "document-seen")
    vigil.pass_time(7 * DAY)
    with keeper(browser, vigil, "mira") as page:
        page.goto("/cases/jonas")
        expect(page.get_by_role("heading", level=1)).to_have_text("The keepers say that Jonas Lind has died")
        page.get_by_role("link", name="Tell them, and say so").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Tell Ana Reis")
        assert faults(page) == []
        page.get_by_role("button", name="I have told Ana Reis").click()
        expect(page.get_by_role("heading", name="Look at it once more before you sign")).to_be_focused()
        page.get_by_role("button", name="Sign that they were told").click()
        expect(page.get_by_text("Their letter follows now.")).to_be_visible()
        expect(page.get_by_text("stay covered")).to_be_hidden()
    opened = vigil.folder / "opened"
    vigil.person("ana").does("open", "jonas", TRACK, "--to", opened)
    assert [one.read_text("utf-8") for one in opened.rglob("letter.txt")] == [LETTER]


def test_when_jonas_is_back_keepers_sign_that_they_heard_him_and_their_names_stand_on_a_page_to_print(
    browser: Browser, vigil: Host
):
    vigil.person("jonas").does("here")
    vigil.person("paul").does("case", "jonas", "sign", "home")
    with keeper(browser, vigil, "mira") as page:
        page.goto("/cases/jonas")
        expect(page.get_by_role("heading", level=1)).to_have_text("Somebody says that they are Jonas Lind")
        page.get_by_role("link", name="I have seen or heard Jonas Lind").click()
        expect(page.get_by_role("button", name="It was not Jonas Lind")).to_be_visible()
        page.get_by_role("button", name="Yes, I sign that I have").click()
        expect(page.get_by_text("I have seen or heard Jonas Lind myself.")).to_be_visible()
        page.get_by_role("button", name="Sign it").click()
        expect(page.get_by_role("heading", level=1, name="You signed that you have")).to_be_focused()
        vigil.person("ines").does("case", "jonas", "sign", "home")
        page.goto("/cases/jonas/home")
        expect(page.get_by_role("heading", level=1)).to_have_text("Welcome home, Jonas Lind")
        expect(page.locator("[data-names] li")).to_have_count(3)
        assert faults(page) == []
        page.goto("/cases/jonas")
        expect(page.get_by_role("heading", level=1)).to_have_text("Jonas Lind is home")
    with visitor(browser, vigil) as page:
        page.goto("/sign-in?next=/home")
        page.get_by_text("Use a sheet or card").click()
        page.locator('[name="paper"]').fill(f"Handle: jonas\n{vigil.keys('jonas').secret_key}")
        page.locator('[data-form="paper"] button').last.click()
        page.get_by_role("link", name="The welcome-home page, signed by your keepers").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Welcome home, Jonas Lind")
        expect(page.locator("[data-names] li")).to_have_count(3)
        assert faults(page) == []


def test_a_keeper_answers_a_practice_on_a_page_and_their_share_is_proven(browser: Browser, vigil: Host):
    jonas = vigil.person("jonas")
    jonas.does("practice", "begin")
    with keeper(browser, vigil, "leila") as page:
        page.get_by_role("link", name="Answer the practice").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Practice: nothing has happened to Jonas Lind"
        )
        assert faults(page) == []
        page.get_by_role("button", name="Prove that they open").click()
        expect(page.get_by_text("Your share of the words for Ana Reis")).to_be_visible()
    proven = [one["keeper"] for one in jonas.does("practice", "show")["keepers"] if one["proven"]]
    assert proven == ["leila"]


def test_a_keeper_raises_an_alarm_without_a_key_and_without_script(browser: Browser, vigil: Host):
    with visitor(browser, vigil, "paul", script=False) as page:
        page.goto("/cases")
        page.get_by_role("link", name="Raise an alarm").click()
        expect(page.get_by_text("call the emergency number first")).to_be_visible()
        page.get_by_role("button", name="Raise the alarm").click()
        expect(page.get_by_text("The alarm is raised.")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Jonas Lind is being asked for a sign of life"
        )
        assert page.locator("noscript code").inner_text() == "lastwords case jonas show"


def test_without_script_the_case_names_the_command_and_a_stranger_finds_no_case(
    browser: Browser, house: Host
):
    with visitor(browser, house, "mira", script=False) as page:
        page.goto("/cases")
        expect(page.get_by_text("You are a keeper, and nothing is asked of you.")).to_be_visible()
        page.get_by_role("link", name="Your shares").click()
        assert page.locator("noscript code").inner_text() == "lastwords shares prove jonas"
        answer = page.goto("/cases/jonas")
        assert answer is not None and answer.status == 404
    with visitor(browser, house, "ana") as page:
        answer = page.goto("/cases/jonas/shares")
        assert answer is not None and answer.status == 404


# What a lying host slips into a case.


def slip_in(host: Host, text: str, signer: str, case: str = "1") -> None:
    """The host puts a record “by Paul” in the place of the newest entry, sealed to Mira and signed by `signer`."""
    record = entries.encode(Entry(Head(Moment(1_772_582_400, "Europe/Lisbon"), "paul"), Note(text)))
    fields = {"actor": "paul", "role": "keeper", "author": "jonas", "act": "entry", "case": case, "epoch": 0}
    act = Act(**fields, subject="note", body=digest(record), moment="2026-03-04T00:00:00Z")  # type: ignore[arg-type]
    signed = sign(act, host.keys(signer).signing).data.decode()
    wrapped = to_bytes({"format": FORMAT, "entry": record.decode(), "act": signed})
    body = age.seal_bytes(wrapped, [host.keys("mira").public_key])
    with host.inside():
        from lastwords.server.models import Paper

        newest = Paper.objects.filter(kind="entry", watch_id="jonas").order_by("-id").first()
        assert newest is not None
        newest.body, newest.sha256 = body, digest(body)
        newest.save()


@pytest.mark.parametrize(
    ("signer", "case", "shown"),
    [("paul", "1", True), ("ines", "1", False), ("paul", "7", False)],
    ids=["paul's own, as a check of this test", "made up by somebody else", "carried over from another case"],
)
def test_an_entry_is_shown_only_with_its_writers_signature_for_this_very_case(
    browser: Browser, own_house: Callable[..., Host], signer: str, case: str, shown: bool
):
    host = own_house()
    host.person("mira").does("alarm", "jonas")
    paul = host.person("paul")
    paul.does("case", "jonas", "entry", "--text", paul.file("note.txt", "The true words."))
    slip_in(host, "He is with me, look no further.", signer, case)
    with keeper(browser, host, "mira") as page:
        page.goto("/cases/jonas")
        text = (
            "He is with me, look no further."
            if shown
            else "signature"
            if signer != "paul"
            else "another case"
        )
        expect(page.get_by_text(text).first).to_be_visible()
        assert page.get_by_text("look no further").count() == int(shown)
