"""New keys by browser: somebody who lost every copy asks, a keeper hears eight words, and nothing secret is sent."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page
from web.browser import PHONE, WIDE, faults, visitor
from web.family import Host
from web.overheard import listen
from web.test_account import come_in_by_paper

from lastwords.cli import cards
from lastwords.sealing.person import PersonKeys

DAY = 86_400


@pytest.fixture(scope="module")
def host(own_house: Callable[..., Host]) -> Host:
    """The family's host, which these tests may change."""
    return own_house()


def asks(page: Page, name: str) -> tuple[str, PersonKeys]:
    """Asks for new keys; gives the eight words to be read out, and the keys of the sheet that is printed."""
    page.goto("/new-keys")
    page.get_by_label("The handle you sign in with").fill(name)
    page.get_by_role("button", name="Make new keys and ask").click()
    page.get_by_role("heading", name="Call a keeper now").wait_for()
    words = page.locator("[data-eight]").inner_text()
    return words, cards.read(page.locator("[data-sheet]").inner_text()).keys


def hears(browser: Browser, host: Host, keeper: str, words: str) -> None:
    """A keeper types what they hear, first a wrong word, and vouches, however many asked in the same name: there is one
    place for it."""
    with visitor(browser, host) as page:
        listening = listen(page.context)
        listening.raw["seed"] = host.keys(keeper)._seed
        come_in_by_paper(page, host, keeper, "/account/new-keys")
        heard = page.get_by_label("The eight words you hear")
        heard.fill(" ".join(["abacus", *words.split()[1:]]))
        page.get_by_role("button", name="Compare and vouch").click()
        page.get_by_text("These are not the eight words of the keys that wait.").first.wait_for()
        heard.fill(words)
        page.get_by_role("button", name="Compare and vouch").click()
        page.get_by_text("Somebody has vouched.").wait_for()
        assert listening.leaks() == []


def test_an_author_who_lost_every_copy_comes_back_by_a_call_and_a_wait(browser: Browser, host: Host) -> None:
    with visitor(browser, host) as page:
        listening = listen(page.context)
        words, keys = asks(page, "jonas")
        listening.raw["seed"] = keys._seed
        listening.words["sheet"] = list(keys.words())
        assert words == " ".join(keys.public.eight_words)
        with visitor(browser, host) as stranger:
            asks(stranger, "jonas")
        hears(browser, host, "mira", words)
        for _ in range(3):
            host.pass_time(6 * DAY)
        page.goto("/sign-in?next=/account")
        page.get_by_text("Use a sheet or card").click()
        page.get_by_label("The words on the paper").fill(" ".join(keys.words()))
        page.get_by_label("The handle on it").fill("jonas")
        page.get_by_role("button", name="Sign in").last.click()
        page.get_by_text("Your key is open in this tab.").wait_for()
        # What was signed with the old key is read on, and is due to be sealed anew.
        page.goto("/write")
        page.get_by_text("new keys", exact=False).first.wait_for()
        assert listening.posts > 0 and listening.leaks() == []
    subjects = [letter["Subject"] for letter in host.mailbox.to("jonas@example.org")]
    assert [one for one in subjects if "keys" in one] == [
        "Somebody asks for new keys in your name",
        "New keys for your account are waiting",
        "Your account has new keys",
    ]


def test_a_keeper_believes_the_new_key_by_its_words_alone(browser: Browser, host: Host) -> None:
    with host.inside():
        from lastwords.server.models import Person

        row = Person.objects.get(handle="jonas")
        assert row.past_keys.exists()
        from lastwords.sealing.person import PublicKeys

        words = " ".join(PublicKeys(row.public_key, row.signing_key, row.sign_in_key).eight_words)
    with visitor(browser, host) as page:
        come_in_by_paper(page, host, "mira", "/account/new-keys")
        page.get_by_label("Their handle").fill("jonas")
        page.get_by_label("The eight words they read to you").fill("abacus " * 8)
        page.get_by_role("button", name="Compare and believe").click()
        page.get_by_text("These are not the eight words").first.wait_for()
        page.get_by_label("The eight words they read to you").fill(words)
        page.get_by_role("button", name="Compare and believe").click()
        page.get_by_text("From now on the new keys are those of jonas.").wait_for()


def test_the_old_key_vouches_for_the_keys_whose_words_are_typed_and_not_for_a_strangers(
    browser: Browser, host: Host
) -> None:
    """The stranger asked last, so that one press would have signed for their keys."""
    with visitor(browser, host) as page:
        words, keys = asks(page, "mira")
    with visitor(browser, host) as stranger:
        _, theirs = asks(stranger, "mira")
    with visitor(browser, host) as page:
        come_in_by_paper(page, host, "mira", "/account/new-keys")
        page.get_by_text("Asked for 2 times").wait_for()
        vouch = page.get_by_role("button", name="It was me: vouch with my old key")
        vouch.click()
        page.get_by_text("There are eight words, and here are 0.").first.wait_for()
        page.get_by_label("The eight words that stand there").fill(words)
        vouch.click()
        page.get_by_text("Somebody has vouched.").wait_for()
        assert askings(host, "mira") == [(keys.public.sign_in, "vouched"), (theirs.public.sign_in, "asked")]
        page.get_by_role("button", name="No, it was not me").first.click()
        page.get_by_role("button", name="No, it was not me").click()
        page.get_by_text("Nobody you know has asked for new keys.").wait_for()


def askings(host: Host, person: str) -> list[tuple[str, str]]:
    """What has become of the askings in this name, oldest first."""
    with host.inside():
        from lastwords.server.models import KeyAsking

        rows = KeyAsking.objects.filter(person=person).order_by("pk")
        return list(rows.values_list("sign_in_key", "stage"))


def test_a_paper_code_says_no_without_script(browser: Browser, host: Host) -> None:
    with visitor(browser, host) as page:
        asks(page, "jonas")
    with visitor(browser, host, script=False) as page:
        page.goto("/new-keys/no")
        page.get_by_label("The handle").fill("jonas")
        page.get_by_label("A paper code").fill("aaaa-bbbb-cccc-dddd")
        page.get_by_role("button", name="Say no").click()
        page.get_by_role("heading", name="There is a problem").wait_for()
        page.get_by_label("A paper code").fill(host.paper_codes()[0])
        page.get_by_role("button", name="Say no").click()
        page.get_by_role("heading", name="They are forgotten").wait_for()


def test_a_lost_phone_ends_at_once_without_script(browser: Browser, host: Host) -> None:
    with visitor(browser, host, "tom", script=False) as page:
        page.goto("/account/lost")
        page.get_by_role("button", name=re.compile("A mailbox")).click()
        # A session that was proven long ago has to prove once more who it is.
        assert "/sign-in?next=" in page.url


@pytest.mark.parametrize("size", [PHONE, WIDE])
@pytest.mark.parametrize("dark", [False, True])
def test_the_pages_fit_and_are_clear_to_everybody(
    browser: Browser, host: Host, size: tuple[int, int], dark: bool
) -> None:
    with visitor(browser, host, "ines", size=size, dark=dark) as page:
        for address in (
            "/account/lost",
            "/account/new-keys",
            "/new-keys",
            "/new-keys/no",
            "/account/devices",
        ):
            page.goto(address)
            assert faults(page) == [], address
    with visitor(browser, host, size=size, dark=dark) as page:
        asks(page, "ines")
        assert faults(page) == []
