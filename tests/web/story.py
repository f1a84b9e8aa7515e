"""The story as it is walked through the pages: who is there, what happens in which order, and how it is judged."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect
from web.family import Host
from web.walker import Look, Walker, walkers

from web import story_author as author
from web import story_keepers as keepers

DAY = 86_400
PACK = ("Pakkun", "Bisuke", "Bull", "Bisquit")
PEOPLE: dict[str, bool | None] = {
    "Iruka": True,
    "Kakashi": False,
    "Naruto": None,
    "Pakkun": True,
    "Bisuke": True,
    "Bull": True,
    "Bisquit": None,
    "Tsunade": True,
}
"""Everybody, and the device they have for passkeys: one that can open a key, one that cannot, none."""


def play(
    browser: Browser, host: Host, folder: Path, ending: str, size: tuple[int, int]
) -> set[tuple[str, str]]:
    """Plays one ending at one size; gives the pages and steps that were looked at."""
    look = Look(size)
    with walkers(browser, host, look, PEOPLE) as cast:
        come_together(cast, host, folder)
        live(cast, host)
        fall_silent(cast, host)
        {"home": come_home, "gone": be_gone}[ending](cast, host)
    return look.seen


def come_together(cast: dict[str, Walker], host: Host, folder: Path) -> None:
    """Iruka and Kakashi join, Iruka writes, and asks his keepers."""
    iruka, kakashi = cast["iruka"], cast["kakashi"]
    iruka.page.add_init_script(author.MICROPHONE)
    for one in (iruka, kakashi):
        author.join(one, join_code(host))
        author.print_sheet(one)
        author.prove_mail(one)
    iruka.codes = author.print_codes(iruka)
    cast["naruto"].paper = author.make_card(iruka, "Naruto")
    author.write_for_naruto(iruka, folder)
    author.accept_as_oneself(kakashi, author.invite(iruka, "Kakashi", "recipient"), "you can be written to")
    iruka.go("/people", "Your people")
    iruka.press("Check their answer (Kakashi)")
    iruka.reads("You made sure of their key.")
    for name in (*PACK, "Tsunade"):
        role = "alternate" if name == "Tsunade" else "keeper"
        keeper = cast[name.lower()]
        author.accept(keeper, author.invite(iruka, name, role), "You are verified next.")
        author.prove_mail(keeper)
        spoken = author.own_eight_words(keeper) if name == "Bull" else ""
        author.verify(iruka, keeper, spoken=spoken)
    author.put_the_keepers_lock_on(iruka)
    author.find_better_ones(iruka)
    author.write_for_kakashi(iruka)


def join_code(host: Host) -> str:
    """What whoever runs the host prints at the machine."""
    return str(host.person("host").does("host", "join-code", "--data", host.data)["code"])


def live(cast: dict[str, Walker], host: Host) -> None:
    """The plan is made active; a check-in, a trip, a practice, and a sheet for the keepers."""
    iruka = cast["iruka"]
    for name in PACK:
        keepers.prove_shares(cast[name.lower()])
    author.make_active(iruka)
    author.check_in(iruka)
    author.go_away_and_come_back(iruka, iruka.codes, day_from_now(host, 5))
    author.describe_oneself(iruka)
    author.begin_practice(iruka)
    for name in PACK:
        keepers.answer_practice(cast[name.lower()])
    iruka.go("/practice", "Practice with your keepers")
    iruka.reads("4 of 4 have proved their share.")
    iruka.go("/vanish", "If I vanish today")


def day_from_now(host: Host, days: int) -> str:
    """A day of the host's own calendar, as a field for dates takes it."""
    return (datetime.fromtimestamp(host.clock(), UTC) + timedelta(days=days)).strftime("%Y-%m-%d")


def pass_time(cast: dict[str, Walker], host: Host, seconds: int) -> None:
    """The host's clock runs on, with a real round at every pulse, and the clocks of everybody's devices with it."""
    host.pass_time(seconds)
    for one in cast.values():
        one.context.clock.set_system_time(host.clock())


# Silence.

SILENT_UNTIL_LATE = 34 * DAY
"""From the last check-in until the reminders have been written, and the due date has passed."""


def fall_silent(cast: dict[str, Walker], host: Host) -> None:
    """Reminders, an alarm, a case with entries; three statements; the last call begins. Nothing is given yet."""
    iruka, pakkun, bisuke, bull = (cast[name] for name in ("iruka", "pakkun", "bisuke", "bull"))
    pass_time(cast, host, SILENT_UNTIL_LATE)
    assert [kind(one) for one in iruka.letters()].count("Your check-in is due") == 1
    keepers.raise_alarm(pakkun)
    keepers.write_note(pakkun, "His boat is not in the harbour. Somebody saw him go up the hill.")
    keepers.write_note(pakkun, "Do not tell Naruto that he cried.", keepers_only=True)
    keepers.open_case(bisuke, "Iruka is being asked for a sign of life")
    keepers.say_here(bisuke)
    bisuke.reads("His boat is not in the harbour.")
    pass_time(cast, host, 8 * DAY)
    for one in (pakkun, bisuke, bull):
        keepers.open_case(one, "Iruka has not answered")
        keepers.state(one, "Iruka has died", "I have seen a document")
    pass_time(cast, host, DAY)
    keepers.open_case(bull, "Iruka is asked one last time")
    nothing_waits(cast)


def nothing_waits(cast: dict[str, Walker]) -> None:
    """Those for whom there are words come in, and find none: neither on their page nor at the words' own address."""
    naruto, kakashi = cast["naruto"], cast["kakashi"]
    keepers.come_in_by_card(naruto, naruto.paper, "Words for you")
    kakashi.come_in("/words", "Words for you")
    for one in (naruto, kakashi):
        one.reads("Nothing waits for you.")
        assert one.context.request.get(f"/words/iruka/died.{one.handle}").status == 404


def kind(subject: str) -> str:
    """A letter's subject without what is only of its case or day."""
    return re.split(r" on | after | \(case", subject)[0]


# The two endings.


def come_home(cast: dict[str, Walker], host: Host) -> None:
    """He wakes in the last call. Everything stands down, and nothing was ever given to anyone."""
    iruka = cast["iruka"]
    iruka.come_in("/check-in", "I'm here")
    iruka.press("I'm here", within="[data-here-by-key]")
    expect(iruka.page.locator("[data-answer]")).to_be_visible()
    iruka.go("/home", "Welcome. Nothing is given now")
    for name in ("pakkun", "bisuke", "bull"):
        keepers.sign_home(cast[name])
    pass_time(cast, host, DAY)
    iruka.go("/home", re.compile("^All is well. Next check-in by "))
    cast["bull"].come_in("/cases/iruka/home", "Welcome home, Iruka")  # a day later his key is locked again
    expect(cast["bull"].page.locator("[data-names] li")).to_have_count(3)
    cast["bull"].examine()
    watch = state_of(iruka)["state"]
    assert watch["stage"] == "well"
    assert {track["words"] for track in watch["tracks"]} == {"sealed"}
    assert {track["stage"] for track in watch["tracks"]} == {"asked"}
    nothing_waits(cast)
    for name in ("iruka", "pakkun", "bisuke", "bull", "bisquit"):
        home = [one for one in cast[name].letters() if "home" in one and "closed" in one]
        assert (name, len(home)) == (name, 1)
    assert [one for one in cast["kakashi"].letters() if "wrote words" in one] == []


def be_gone(cast: dict[str, Walker], host: Host) -> None:
    """The last call runs out. Pakkun speaks with Naruto and with Kakashi; they read, each when they are ready."""
    pakkun, naruto, kakashi = cast["pakkun"], cast["naruto"], cast["kakashi"]
    pass_time(cast, host, 3 * DAY)
    nothing_waits(cast)
    keepers.tell(pakkun, "Naruto")
    keepers.tell(pakkun, "Kakashi")
    keepers.come_in_by_card(naruto, naruto.paper, "Words for you")
    read = keepers.kept_words(keepers.naruto_reads(naruto))
    recording = {name: content for name, content in read.items() if name.startswith("recording.")}
    assert {name: content for name, content in read.items() if name not in recording} == keepers.WRITTEN
    assert recording.pop("recording.txt") == b"A tone."
    assert [len(content) > 500 for content in recording.values()] == [True]
    assert keepers.kept_words(keepers.kakashi_reads(kakashi)) == {"letter.txt": author.FOR_KAKASHI.encode()}
    given = {track["track"]: track["words"] for track in state_of(pakkun)["tracks"]}
    assert given == {"died.naruto": "opened", "died.kakashi": "opened"}
    assert kakashi.letters().count("Iruka wrote words for you") == 1
    asked = [kind(one) for one in cast["iruka"].letters()]
    assert asked.count("Last call to you before your words are given") >= 1


def state_of(who: Walker) -> dict[str, Any]:
    """What the host says of Iruka's watch to this person."""
    answer = who.context.request.get("/api/watches/iruka")
    assert answer.status == 200, answer.text()
    return dict(answer.json())
