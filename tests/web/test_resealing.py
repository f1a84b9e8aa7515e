"""A circle that has grown, by browser: who holds a share is shown and chosen, and nobody is left with a refusal."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from web.browser import axe, too_wide, visitor
from web.family import Host
from web.test_writing import SLOW, come_in

NEW = {"tom": "Tom Berg", "eva": "Eva Holm"}
TRACK = "cannot_act.ana"
expect.set_options(timeout=SLOW)


@pytest.fixture(scope="module")
def host(own_house: Callable[..., Host]) -> Host:
    """The family's host, where three of four keepers open Ana's words; Tom and Eva were verified by command line."""
    host = own_house()
    jonas, link = host.person("jonas"), host.person("jonas").folder / "eva.link"
    jonas.does("invite", "keeper", NEW["eva"], "--out", link)
    eva = ("--name", NEW["eva"], "--handle", "eva", "--no-passphrase")
    host.person("eva").does("accept", link, *eva)
    for name in NEW:
        jonas.does("keeper", "verify", name, "--vouch")
    return host


@pytest.fixture(scope="module")
def desk(browser: Browser, host: Host):
    """Jonas with an open key, in a browser that knows his keepers by the words he has sealed alone."""
    with visitor(browser, host) as page:
        page.set_default_timeout(SLOW)
        come_in(page, host, "jonas", "/write")
        yield page


def seal(desk: Page) -> None:
    desk.get_by_role("button", name="Seal for Ana").click()
    expect(desk.get_by_role("heading", level=1).locator("visible=true")).to_have_text("Sealed for Ana Reis")


def the_choice(desk: Page) -> Locator:
    """The form with the boxes for the words that Ana gets if he cannot act."""
    desk.goto("/write")
    part = desk.locator("details", has=desk.locator(f'[data-anew="{TRACK}"]'))
    part.locator("summary").click()
    expect(part.get_by_role("group", name="Who holds a share?")).to_be_visible()
    return part


def circle_of(host: Host) -> tuple[int, tuple[str, ...]]:
    """How many open these words, and who holds a share of them, as they were signed."""
    with host.inside():
        from lastwords.server.models import Paper
        from lastwords.signing.documents import read
        from lastwords.signing.manifest import Manifest

        row = Paper.objects.filter(watch_id="jonas", kind="manifest", name=TRACK).latest("id")
    manifest = read(bytes(row.body), Manifest, host.keys("jonas").signing.public).document
    return manifest.k, tuple(seat.keeper for seat in manifest.roster)


def test_a_keeper_whose_key_this_browser_does_not_know_keeps_nobody_from_sealing(
    desk: Page, host: Host
) -> None:
    desk.goto(f"/write/{TRACK}")
    desk.get_by_label("Your letter").fill("Read me the letters of our mother.")
    desk.get_by_text("Who opens it, and who is there").click()
    for name in NEW.values():
        expect(desk.get_by_role("checkbox", name=name)).to_be_disabled()
    desk.get_by_role("button", name="Check and seal").click()
    expect(desk.locator("[data-check]")).to_contain_text("Keepers without a shareEva Holm, Tom Berg")
    seal(desk)
    assert circle_of(host) == (3, ("ines", "leila", "mira", "paul"))


def test_their_key_is_made_sure_of_where_the_box_says_so(desk: Page, host: Host) -> None:
    for name in NEW:
        row = the_choice(desk).locator(".choice", has_text=NEW[name])
        row.get_by_role("link", name="their page").click()
        desk.get_by_label("The eight words that they read to you").fill(
            " ".join(host.keys(name).public.eight_words)
        )
        desk.get_by_role("button", name="Make sure of their key").click()
        expect(desk.get_by_text("You verified")).to_be_hidden()
    boxes = the_choice(desk).get_by_role("checkbox")
    expect(boxes).to_have_count(6)
    assert [box.is_enabled() for box in boxes.all()] == [True] * 6
    assert [box.is_checked() for box in boxes.all()] == [False, True, True, True, True, False], "as it is"


def test_shares_for_more_than_may_hold_one_are_refused_at_the_boxes_with_what_to_do(desk: Page) -> None:
    part = the_choice(desk)
    for name in NEW.values():
        part.get_by_role("checkbox", name=name).check()
    part.get_by_role("button", name="Seal the same words anew").click()
    alert = part.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("Choose at most 5 keepers, or let at least 4 be needed.")
    expect(part.locator("fieldset.wrong .error")).to_contain_text("Choose at most 5 keepers")
    assert [box.is_checked() for box in part.get_by_role("checkbox").all()] == [True] * 6
    assert (axe(desk), too_wide(desk)) == ([], [])
    alert.get_by_role("link").click()
    expect(part.get_by_role("checkbox").first).to_be_focused()
    expect(desk.get_by_text("sealed, version 1").first).to_be_visible()


def test_fewer_keepers_or_a_larger_number_are_sealed_to_and_shown_as_they_are_now(
    desk: Page, host: Host
) -> None:
    part = the_choice(desk)
    part.get_by_role("checkbox", name="Eva Holm").check()
    part.get_by_role("button", name="Seal the same words anew").click()
    expect(desk.get_by_text("sealed, version 2")).to_be_visible()
    assert circle_of(host) == (3, ("eva", "ines", "leila", "mira", "paul"))
    part = the_choice(desk)
    part.get_by_role("checkbox", name="Tom Berg").check()
    part.get_by_label("How many of them let it go together?").fill("four")
    part.get_by_role("button", name="Seal the same words anew").click()
    expect(part.get_by_role("alert")).to_contain_text("Enter a number from 1 to 16.")
    part.get_by_label("How many of them let it go together?").fill("4")
    part.get_by_role("button", name="Seal the same words anew").click()
    expect(desk.get_by_text("sealed, version 3")).to_be_visible()
    assert circle_of(host) == (4, ("eva", "ines", "leila", "mira", "paul", "tom"))
    expect(the_choice(desk).get_by_label("How many of them let it go together?")).to_have_value("4")


def test_a_better_letter_leaves_the_shares_alone_unless_somebody_else_is_chosen(
    desk: Page, host: Host
) -> None:
    desk.goto(f"/write/{TRACK}")
    desk.get_by_role("button", name="Read or change it").click()
    desk.get_by_label("Your letter").fill("Read me the letters of our mother, and of our father.")
    desk.get_by_role("button", name="Check and seal").click()
    expect(desk.locator("[data-check]")).to_contain_text("As before: your keepers have nothing to do.")
    desk.get_by_role("button", name="Change something").click()
    desk.get_by_text("Who opens it, and who is there").click()
    for name in ("Eva Holm", "Leila Haddad", "Mira Costa"):
        desk.get_by_role("checkbox", name=name).uncheck()
    desk.get_by_role("button", name="Check and seal").click()
    expect(desk.get_by_role("alert")).to_contain_text(
        "4 keepers are needed to open these words, and 3 would hold"
    )
    desk.get_by_label("How many keepers let it go together?").fill("")
    desk.get_by_role("button", name="Check and seal").click()
    expect(desk.locator("[data-check]")).to_contain_text("any 3 of Ines Rocha, Paul Lind, Tom Berg let it go")
    expect(desk.locator("[data-check]")).to_contain_text("each keeper then proves that their share opens")
    seal(desk)
    assert circle_of(host) == (3, ("ines", "paul", "tom"))


# For a child.


def adult_of(host: Host) -> str:
    """Who is with Ana when she is told, as the host has it."""
    with host.inside():
        from lastwords.server import store

        track = store.read("jonas").track(TRACK)
    assert track is not None
    return track.adult


def change(desk: Page) -> Locator:
    """The page with these words, to be changed, and who opens them laid open; gives the boxes."""
    desk.goto(f"/write/{TRACK}")
    desk.get_by_role("button", name="Read or change it").click()
    desk.get_by_text("Who opens it, and who is there").click()
    return desk.get_by_role("group", name="Who holds a share?")


def test_a_keeper_named_as_the_adult_who_is_with_a_child_holds_no_share_of_the_childs_words(
    desk: Page, host: Host
) -> None:
    boxes = change(desk)
    expect(boxes.get_by_role("checkbox", name="Paul Lind")).to_be_checked()
    desk.get_by_label("Is Ana a child?").select_option("Paul Lind")
    expect(boxes.get_by_role("checkbox", name="Paul Lind")).to_have_count(0)
    for name in ("Eva Holm", "Leila Haddad", "Mira Costa"):
        boxes.get_by_role("checkbox", name=name).uncheck()
    desk.get_by_role("button", name="Check and seal").click()
    expect(desk.get_by_role("alert")).to_contain_text(
        "3 keepers are needed to open these words, and 2 would hold a share: the adult who is with the child holds none"
    )
    assert (axe(desk), too_wide(desk)) == ([], [])
    boxes.get_by_role("checkbox", name="Mira Costa").check()
    desk.get_by_role("button", name="Check and seal").click()
    expect(desk.locator("[data-check]")).to_contain_text("Who is with themPaul Lind, who holds no share")
    expect(desk.locator("[data-check]")).to_contain_text("each keeper then proves that their share opens")
    seal(desk)
    assert (circle_of(host), adult_of(host)) == ((3, ("ines", "mira", "tom")), "paul")


def test_the_adult_is_left_out_of_the_same_words_sealed_anew_too(desk: Page, host: Host) -> None:
    part = the_choice(desk)
    expect(part.get_by_role("checkbox", name="Paul Lind")).to_have_count(0)
    part.get_by_role("checkbox", name="Leila Haddad").check()
    part.get_by_role("button", name="Seal the same words anew").click()
    expect(desk.get_by_text("sealed, version 6")).to_be_visible()
    assert (circle_of(host), adult_of(host)) == ((3, ("ines", "leila", "mira", "tom")), "paul")


def test_a_child_who_has_grown_up_is_told_themselves_and_every_share_stays_good(
    desk: Page, host: Host
) -> None:
    boxes = change(desk)
    desk.get_by_label("Is Ana a child?").select_option("Ana is told themselves")
    expect(boxes.get_by_role("checkbox", name="Paul Lind")).not_to_be_checked()
    desk.get_by_role("button", name="Check and seal").click()
    expect(desk.locator("[data-check]")).to_contain_text("As before: your keepers have nothing to do.")
    seal(desk)
    assert (circle_of(host), adult_of(host)) == ((3, ("ines", "leila", "mira", "tom")), "")
