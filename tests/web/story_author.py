"""What the people of the story do in their pages before anything happens: join, ask, write, make the plan active."""

import re
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import expect
from web.family import wait_for
from web.walker import Walker

LETTER = "Naruto. You are my student, and the best of my pride. Eat something green now and then."
FIRST_LETTER = "Naruto. I do not know how to begin."
"""A version that is never to be given: the last one holds."""
MARKDOWN = "# Where things are\n\n- The key hangs behind the *clock*.\n- Feed the cat.\n"
SCROLL = bytes(range(256)) * 256
"""A file of no kind that a browser knows."""
FOR_KAKASHI = "Kakashi. It was a good walk home. Do not come looking for me."
WISHES = "No speeches. Sit with the children instead."
ENVELOPE = "A happy one"

MICROPHONE = """navigator.mediaDevices.getUserMedia = async () => {
    const sound = new AudioContext(), tone = sound.createOscillator(), out = sound.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    return out.stream;
};"""
"""A microphone that hears one tone; the recorder and its format are the browser's own."""


# Coming in.


def join(who: Walker, code: str) -> None:
    """From the host's join code to an account with a key."""
    who.go("/", "Say what matters while you can")
    who.follow("Start")
    who.arrive("Say who you are")
    who.type("Join code", code)
    _say_who(who)
    who.reads("Welcome. Your plan is not active yet")


def accept(who: Walker, link: str, said: str) -> None:
    """Opens an invitation that the author sent by hand, and says yes."""
    who.page.goto(link)
    who.arrive("You are invited")
    _say_who(who)
    who.reads(said)


def _say_who(who: Walker) -> None:
    who.type("Your name", who.name)
    who.press("Continue")
    who.arrive("Before you begin: what this host can see")
    who.press("Make my key")
    who.arrive("How do you want to come in next time?")
    if who.device is not None:
        who.press("Make a passkey")
        if who.opens_by_passkey:
            who.arrive("You are in")
            return
        who.reads("on this device it cannot open your key")
    who.press("Use a passphrase")
    who.arrive("Write down these eight words")
    who.passphrase = re.findall(r"[a-z]+(?:-[a-z]+)?", who.page.locator("[data-passphrase]").inner_text())
    assert len(who.passphrase) == 8
    which = int(who.page.locator("[data-which]").inner_text().split()[-1])
    who.fill(who.page.locator("[name=word]"), who.passphrase[which - 1])
    who.press("I have written them down")
    who.arrive("You are in")


def accept_as_oneself(who: Walker, link: str, said: str) -> None:
    """The same for somebody who is here already and goes on with their key."""
    who.page.goto(link)
    who.arrive("You are invited")
    who.reads(f"You are signed in as {who.name} and go on with the same key.")
    who.press("Continue")
    who.arrive("Before you begin: what this host can see")
    who.press("Go on with my key")
    who.arrive("You are in")
    who.reads(said)


def print_sheet(who: Walker) -> None:
    """The recovery sheet, and two words of it typed from the paper."""
    who.follow("Print my recovery sheet")
    who.arrive("Your recovery sheet")
    who.press("Show it here, to copy by hand")
    who.paper = who.page.locator("[data-sheet]").inner_text()
    words = who.page.locator("[data-sheet] .sheet-words li").all_inner_texts()
    for place in ("first", "second"):
        number = int(who.page.locator(f"[data-{place}]").inner_text())
        who.fill(who.page.locator(f"[name={place}]"), words[number - 1])
    who.press("They are right")
    who.reads("Your recovery sheet is proven.")


def prove_mail(who: Walker) -> None:
    """An address for letters, proven by the number that is sent there."""
    who.go("/account", who.name)
    who.follow("Change letters")
    who.arrive("How letters reach you")
    who.type("Mail address", who.mail)
    who.press("Send a number there")
    who.arrive("A letter is on its way")
    who.reads(f"It goes to {who.mail}.")
    letter: EmailMessage = wait_for(lambda: who.host.mailbox.to(who.mail), f"a letter to {who.mail}")[-1]
    who.type("The number in the letter", number_in(letter))
    who.press("Prove this address")
    who.reads(f"Letters to {who.mail} reach you.")
    who.arrive("How letters reach you")


def number_in(letter: EmailMessage) -> str:
    found = re.search(r"type this number where you are signed in: (\d+)", str(letter.get_content()))
    assert found, letter.get_content()
    return found[1]


def print_codes(who: Walker) -> list[str]:
    """A list of paper codes, as it lies printed before them."""
    who.go("/account/codes", "Paper codes")
    who.press("Make a list of 20 codes")
    items = who.page.locator("[data-sheet] .code li")
    expect(items).to_have_count(20)
    who.arrive("Paper codes")
    return [one.strip() for one in items.all_inner_texts()]


# The circle.


def invite(who: Walker, name: str, role: str = "keeper") -> str:
    """Makes an invitation and gives the link that stands at the end of the message."""
    if role == "recipient":
        who.go("/people", "Your people")
        who.unfold("Invite somebody who makes their own key")
        who.fill(who.page.locator('[data-form="invite"] [name="invited"]'), name)
    else:
        who.go("/keepers", "Your keepers")
        who.type("Their name", name)
        if role == "alternate":
            who.choose(re.compile("^An alternate"))
            who.unfold("In which order alternates are called")
            who.type("Number of this alternate", "1")
    who.press("Make an invitation")
    message = who.page.get_by_label("Your message")
    expect(message).to_have_value(re.compile(f"^Dear {name}, "))
    who.arrive(re.compile("^Your (people|keepers)$"))
    link = re.search(r"http\S+", message.input_value())
    assert link
    return link[0]


def verify(who: Walker, keeper: Walker, *, spoken: str = "") -> None:
    """Makes sure of a keeper's key: by their answer to the invitation, or by eight words read aloud."""
    who.go("/keepers", "Your keepers")
    who.follow(f"Verify {keeper.name}")
    who.arrive(f"{keeper.name} is not verified yet")
    if spoken:
        who.unfold("By eight words, over the telephone or together")
        who.type("The eight words that they read to you", spoken)
    else:
        who.reads("Their answer to your own invitation is here")
    who.choose(re.compile("^I also vouch for the person"))
    who.press(f"Verify {keeper.name}")
    who.arrive(re.compile(f"^{keeper.name} is your (keeper|alternate)$"))


def own_eight_words(who: Walker) -> str:
    """What somebody reads aloud over the telephone, from their own page."""
    who.go("/account", who.name)
    words = who.page.locator("[data-own-words]")
    expect(words).to_have_text(re.compile(r"^\S+( \S+){7}$"))
    return words.inner_text()


def make_card(who: Walker, name: str) -> str:
    """The printed card of somebody new, whose key is on it alone; gives its text."""
    who.go("/write", "Who would you write to first?")
    who.type("Their name", name)
    who.press("Make their card")
    who.arrive(f"Print the card of {name}")
    who.press("Show it here, to copy by hand")
    card = who.page.locator("[data-card]").inner_text()
    who.examine()
    who.press("It is on paper")
    who.arrive(f"Write to {name}")
    return card


# Writing.


def write_for_naruto(who: Walker, folder: Path) -> None:
    """A letter, something in Markdown, a file, and a recording; it stands before the keepers are asked."""
    who.type("Your letter", FIRST_LETTER)
    (folder / "where.md").write_text(MARKDOWN, "utf-8")
    (folder / "scroll.bin").write_bytes(SCROLL)
    who.give("Photos and files", [folder / "where.md", folder / "scroll.bin"])
    who.press("Record my voice")
    expect(who.page.locator("[data-clock]")).to_have_text("0:01")
    who.press("Stop and listen")
    expect(who.page.locator("audio").first).to_be_visible()
    who.type(re.compile("^What is said in recording"), "A tone.")
    who.unfold("On the envelope")
    who.type("A line on the envelope", ENVELOPE)
    who.examine()
    who.press("Check and seal")
    who.arrive("Check it, then seal it")
    who.reads("Your keepers' lock is not on it yet")
    who.press("Seal for Naruto")
    who.arrive("Sealed for Naruto")


def find_better_ones(who: Walker) -> None:
    """Takes the first words back for better ones; the last version holds."""
    who.go("/write", "Write")
    who.page.get_by_role("link", name="If you have died").first.wait_for()
    who.page.goto("/write/died.naruto")
    who.page.get_by_role("button", name="Read or change it").wait_for()  # the key has been found open
    who.arrive("Words for Naruto are sealed")
    who.press("Read or change it")
    expect(who.page.get_by_label("Your letter")).to_have_value(FIRST_LETTER)
    who.type("Your letter", LETTER)
    who.press("Check and seal")
    who.arrive("Check it, then seal it")
    who.press("Seal for Naruto")
    who.arrive("Sealed for Naruto")
    who.reads("This is version 3")


def write_for_kakashi(who: Walker) -> None:
    who.go("/write", "Write")
    who.page.goto("/write/died.kakashi")
    who.arrive("Write to Kakashi")
    who.type("Your letter", FOR_KAKASHI)
    who.unfold("On the envelope")
    who.type("Wishes, to be read before it is opened", WISHES)
    who.press("Check and seal")
    who.arrive("Check it, then seal it")
    who.reads("Your keepers cannot read it, even all together.")
    who.press("Seal for Kakashi")
    who.arrive("Sealed for Kakashi")


def put_the_keepers_lock_on(who: Walker) -> None:
    who.go("/write", "Write")
    who.press("Seal the same words anew for Naruto, if you have died")
    who.reads(re.compile("sealed, version 2"))
    who.examine()


# The plan, and life with it.


def make_active(who: Walker) -> None:
    who.go("/home", re.compile("."))
    who.go("/plan", "Your plan is not active yet")
    who.press("Check it")
    who.arrive("Check your plan")
    who.press("Make my plan active")
    who.arrive("Your plan is active")


def check_in(who: Walker) -> None:
    """One press, from home."""
    who.go("/home", re.compile("."))
    who.follow("I'm here")
    who.arrive("I'm here")
    who.press("I'm here", within="[data-here-by-key]")
    expect(who.page.locator("[data-answer]")).to_contain_text("Thank you. Next check-in by")


def go_away_and_come_back(who: Walker, codes: list[str], day: str) -> None:
    """A trip, looked at before it is set, and home from it before anybody worries."""
    who.go("/trip", "I'm going away")
    who.type("Which day are you back?", day)
    who.press("Look at the dates")
    who.arrive("Check your trip")
    who.type("Next code of your paper list", codes.pop(0))
    who.press("Set this trip")
    who.arrive(re.compile("^You are away, back by "))
    who.type("Next code of your paper list", codes.pop(0))
    who.press("I'm back")
    who.arrive(re.compile("."))
    who.reads("Welcome back. Thank you.")


def begin_practice(who: Walker) -> None:
    who.go("/practice", "Practice with your keepers")
    who.press("Ask my keepers now")
    who.arrive("Practice with your keepers")
    who.reads("0 of 4 have proved their share.")


def describe_oneself(who: Walker) -> None:
    """What keepers may need while one lives."""
    who.go("/sheets", "What your keepers may need")
    who.follow("Find me")
    who.arrive("Find me")
    who.type("What do you look like?", "1.78 m, brown hair, a scar over the nose")
    who.press("Seal for my keepers")
    who.arrive("What your keepers may need")
