"""What keepers and recipients do in their pages: prove, practise, look for somebody, state, tell; and read."""

import re
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import expect
from web.story_author import ENVELOPE, FOR_KAKASHI, LETTER, MARKDOWN, SCROLL, WISHES
from web.walker import Walker

AUTHOR = "Iruka"


# Before anything happens.


def prove_shares(who: Walker) -> None:
    who.come_in("/cases", "Nothing is asked of you")
    who.follow(f"Prove your shares of {AUTHOR}")
    who.arrive(f"Your shares of {AUTHOR}'s words")
    who.press("Prove that they open")
    who.arrive("Your shares open")


def answer_practice(who: Walker) -> None:
    who.come_in("/cases", "A practice waits for you")
    who.follow(f"Answer the practice of {AUTHOR}")
    who.arrive(f"Practice: nothing has happened to {AUTHOR}")
    who.press("Prove that they open")
    who.arrive("Thank you, that was the practice")


# The case.


def raise_alarm(who: Walker) -> None:
    who.come_in("/cases", "Nothing is asked of you")
    who.follow(f"Raise an alarm for {AUTHOR}")
    who.arrive(f"Raise an alarm for {AUTHOR}?")
    who.press("Raise the alarm")
    who.arrive(f"{AUTHOR} is being asked for a sign of life")


def open_case(who: Walker, heading: str) -> None:
    """From the list of one's cases, where the number of the letter must stand."""
    who.come_in("/cases", f"You are asked about {AUTHOR}")
    who.follow(f"Case 1 of {AUTHOR}")
    who.arrive(heading)


def say_here(who: Walker) -> None:
    who.press("I am here")
    who.reads("The others see that you are there.")
    who.examine()


def write_note(who: Walker, text: str, *, keepers_only: bool = False) -> None:
    who.follow("Write an entry")
    who.arrive("Write an entry")
    who.fill(who.page.locator("[data-fields] textarea").first, text)
    if keepers_only:
        who.choose(re.compile("^Keepers only"))
    who.press("Write it")
    who.arrive(re.compile("is written$"))
    who.follow("Back to the case")
    who.reads(text)
    who.examine()


def state(who: Walker, finding: str, evidence: str) -> None:
    """A statement, looked at once more before it is signed."""
    who.follow("My statement")
    who.arrive(f"What did you find out about {AUTHOR}?")
    who.choose(re.compile(f"^{finding}"))
    who.choose(re.compile(f"^{evidence}"))
    who.press("Go on")
    who.arrive("Look at it once more before you sign")
    who.press("Sign it")
    expect(who.page.locator("[data-step=done]")).to_be_visible()
    who.arrive(re.compile("."))
    who.follow("Back to the case")
    who.arrive(re.compile("."))


def sign_home(who: Walker) -> None:
    open_case(who, f"Somebody says that they are {AUTHOR}")
    who.follow(f"I have seen or heard {AUTHOR}")
    who.arrive(f"Have you seen or heard {AUTHOR} yourself?")
    who.press("Yes, I sign that I have")
    who.arrive("Look at it once more before you sign")
    who.press("Sign it")
    who.arrive("You signed that you have seen or heard them")


def tell(who: Walker, whom: str) -> None:
    open_case(who, f"The keepers say that {AUTHOR} has died")
    row = who.page.locator("li", has_text=whom).filter(has=who.page.get_by_role("link", name="Tell them"))
    who.touch(row.get_by_role("link", name="Tell them, and say so"))
    who.arrive(f"Tell {whom}")
    who.press(f"I have told {whom}")
    who.arrive("Look at it once more before you sign")
    who.press("Sign that they were told")
    who.reads("Their letter follows now.")
    who.examine()


# Reading.


def come_in_by_card(who: Walker, card: str, heading: str) -> None:
    """They have nothing but a piece of paper."""
    who.page.goto("/sign-in?next=/words")
    who.arrive(re.compile("^(Sign in|Show that it is you)$"))
    who.unfold("Use a sheet or card")
    who.type("The words on the paper", card)
    who.press(re.compile("^(Sign in|Open my key)$"), within='[data-form="paper"]')
    who.page.wait_for_url(f"{who.host.origin}/words")
    who.arrive(heading)


def open_envelope(who: Walker) -> None:
    who.follow(f"From {AUTHOR}")
    who.arrive(f"{AUTHOR} wrote words for you")


def naruto_reads(who: Walker) -> Path:
    """Not now, then all the same: the letter, the page in Markdown, the recording, the file; and everything kept."""
    open_envelope(who)
    who.reads(ENVELOPE)
    who.press("Not now")
    who.arrive("Not now")
    who.choose("In a month")
    who.press("Keep them for later")
    who.arrive("They are kept for later")
    who.follow("Words for you")
    who.arrive("Words for you")
    open_envelope(who)
    who.reads("You keep the words for later.")
    who.press("Open")
    who.arrive(f"From {AUTHOR}")
    who.reads(LETTER)
    expect(who.page.get_by_role("heading", name="Where things are")).to_be_visible()
    expect(who.page.locator("[data-words] em", has_text="clock")).to_be_visible()
    expect(who.page.locator("audio")).not_to_have_js_property("readyState", 0)
    assert who.download("Save scroll.bin", "link").read_bytes() == SCROLL
    return who.download("Keep everything")


def kakashi_reads(who: Walker) -> Path:
    """The wishes first; then the letter."""
    who.come_in("/words", "Words for you")
    open_envelope(who)
    who.reads(WISHES)
    who.press("Open")
    who.arrive(f"From {AUTHOR}")
    who.reads(FOR_KAKASHI)
    return who.download("Keep everything")


def kept_words(archive: Path) -> dict[str, bytes]:
    """What an archive that a reader kept holds of the words, by name."""
    with ZipFile(archive) as kept:
        assert kept.testzip() is None
        names = [name for name in kept.namelist() if name.startswith("words/")]
        return {name.removeprefix("words/"): kept.read(name) for name in names}


WRITTEN = {"letter.txt": LETTER.encode(), "where.md": MARKDOWN.encode(), "scroll.bin": SCROLL}
