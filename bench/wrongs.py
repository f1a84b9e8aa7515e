"""Fourteen lives in which something goes wrong, played with our switch and with those that install from an index.

    .venv/bin/python bench/wrongs.py                 the table
    .venv/bin/python bench/wrongs.py --json          the same as one JSON object
    .venv/bin/python bench/wrongs.py --keep          and kept in bench/results/wrongs.json and docs/wrongs.md
    .venv/bin/python bench/wrongs.py --page          docs/wrongs.md anew from what is kept, and nothing played

Every switch runs as its own manual says, as real processes, with a moved clock and a mail server that fails as it is
told. What is counted, from the mailboxes alone: words that went out though the author was alive (*early*); words that
never went out though the author was dead and everybody who was asked had said so (*lost*), unless the switch stopped
and said why (*stopped*); words that reached one person as two letters (*twice*); the minutes between the first letter
that reached the author and the first words (*notice*); and whether any living person beside the author had been told
before the words went out (*told*). An author who is far away and silent is still alive: whoever is should not be read.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench"))

from rivals.afterkey import Afterkey  # noqa: E402
from rivals.deadman_switch import DeadmanSwitch  # noqa: E402
from rivals.other import Other  # noqa: E402
from rivals.ours import Ours, armed  # noqa: E402
from rivals.page import page  # noqa: E402
from rivals.posthumous import Posthumous  # noqa: E402
from rivals.switch import Missing, Switch  # noqa: E402

CACHE = ROOT / ".bench" / "rivals"
RESULTS = ROOT / "bench" / "results" / "wrongs.json"
PAGE = ROOT / "docs" / "wrongs.md"
OTHERS: tuple[type[Other], ...] = (Posthumous, Afterkey, DeadmanSwitch)


# Lives. Each says how it should end: with the words out (the author died), or not.


@dataclass(frozen=True, slots=True)
class Life:
    """`dead` is whether the author died; `play` is what happens."""

    number: int
    title: str
    dead: bool
    play: Callable[[Switch], None]


def days(switch: Switch, many: float, *, answers: bool = False, says: dict[str, int] | None = None) -> None:
    """Ordinary days. An author who `answers` says that they are there on the day after any letter that reached them;
    keepers who were asked say once what they know; whoever has to speak with a recipient does."""
    heard, silent = len(switch.to_author()), dict(says or {})
    until = switch.day + many
    while switch.day < until - 1e-9:
        switch.passes(switch.step)
        if answers and len(switch.to_author()) > heard:
            heard = len(switch.to_author())
            switch.here()
        if silent and switch.asked():
            switch.keepers_say(**silent)
            silent = {}
        switch.people_go()


def dark_past_the_deadline(switch: Switch) -> None:
    switch.dark(switch.deadline + 30)
    days(switch, 30, answers=True)


def dark_in_the_last_window(switch: Switch) -> None:
    days(switch, switch.last_window)
    switch.dark(switch.deadline - switch.last_window + 2)
    days(switch, 30, answers=True)


def mail_dead_during_reminders(switch: Switch) -> None:
    days(switch, switch.first_warning - 2, answers=True)
    switch.mail_works(False)
    days(switch, switch.deadline - switch.first_warning + 12)
    switch.mail_works(True)
    days(switch, 40, answers=True)


def crash_between_send_and_mark(switch: Switch) -> None:
    switch.dies_at_the_first_words()
    days(switch, switch.deadline + 16, says={"dead": 2})


def clock_a_year_ahead(switch: Switch) -> None:
    days(switch, 3)
    switch.jumps(366)
    days(switch, 3, answers=True)
    switch.jumps(-366)
    days(switch, 20, answers=True)


def clock_a_day_back(switch: Switch) -> None:
    days(switch, switch.last_window, says={"dead": 2})
    switch.jumps(-1)
    days(switch, switch.deadline - switch.last_window + 16, says={"dead": 2})


def state_cut_to_half(switch: Switch) -> None:
    days(switch, switch.last_window - 1)
    switch.breaks("corrupt")
    if not switch.stopped_and_said:
        days(switch, switch.deadline + 16, says={"dead": 2})


def state_gone(switch: Switch) -> None:
    days(switch, 3)
    switch.breaks("missing")
    if not switch.stopped_and_said:
        days(switch, 4, answers=True)


def here_during_the_release(switch: Switch) -> None:
    switch.here_at_the_first_words()
    days(switch, switch.deadline + 16, says={"dead": 2})


def home_after_the_release(switch: Switch) -> None:
    says = {"dead": 2}
    while not switch.words() and switch.day < switch.deadline + 16:
        days(switch, switch.step, says=says)
        says = {} if switch.asked() else says
    switch.speaks()
    days(switch, 10)


def two_workers(switch: Switch) -> None:
    switch.second_worker()
    days(switch, switch.deadline + 16, says={"dead": 2})


def keepers_forged(switch: Switch) -> None:
    days(switch, switch.deadline + 30, says={"forged": 2})


def keepers_absent(switch: Switch) -> None:
    days(switch, switch.deadline + 30)


def keepers_split(switch: Switch) -> None:
    days(switch, switch.deadline + 30, says={"dead": 1, "alive": 2})


LIVES = (
    Life(1, "dark past the deadline", False, dark_past_the_deadline),
    Life(2, "dark in the last window", False, dark_in_the_last_window),
    Life(3, "mail dead during reminders", False, mail_dead_during_reminders),
    Life(4, "crash between send and mark", True, crash_between_send_and_mark),
    Life(5, "clock a year ahead, and back", False, clock_a_year_ahead),
    Life(5, "clock a day back", True, clock_a_day_back),
    Life(6, "state cut to half", True, state_cut_to_half),
    Life(6, "state gone", False, state_gone),
    Life(7, "a sign during the release", False, here_during_the_release),
    Life(8, "home after the release", False, home_after_the_release),
    Life(9, "two workers at once", True, two_workers),
    Life(10, "keepers forged, author far away", False, keepers_forged),
    Life(10, "keepers absent, author far away", False, keepers_absent),
    Life(10, "keepers split, author far away", False, keepers_split),
)


# What came of it.


@dataclass(frozen=True, slots=True)
class Outcome:
    early: int
    lost: int
    twice: int
    repeated: int
    """The same letter once more, under the same Message-ID."""
    notice: float | None
    """Minutes; None when no words went out, or when the author was never written to."""
    told: bool | None
    """None when no words went out."""
    stopped: bool

    @property
    def wrong(self) -> bool:
        return bool(self.early or self.lost or self.twice)


def outcome(switch: Switch, life: Life) -> Outcome:
    words = switch.words()
    # Where the author spoke at last, what counts is what reached anybody after that. Elsewhere nothing should have.
    early = [] if life.dead else switch.words(since=switch.spoken)
    first = min((one.day for one in words), default=None)
    letters = [one.day for one in switch.to_author() if first is not None and one.day <= first]
    by_person = [[one.ident for one in words if one.to == to] for to in {one.to for one in words}]
    return Outcome(
        early=len(early),
        lost=int(life.dead and not words and not switch.stopped_and_said),
        twice=sum(len(set(idents)) - 1 for idents in by_person),
        repeated=sum(len(idents) - len(set(idents)) for idents in by_person),
        notice=None if first is None or not letters else (first - letters[0]) * 1440,
        told=None if first is None else any(one.day <= first for one in switch.to_keepers()),
        stopped=switch.stopped_and_said,
    )


def played(life: Life, make: Callable[[Path], Switch]) -> Outcome | str:
    with tempfile.TemporaryDirectory(prefix="wrongs-") as folder:
        try:
            switch = make(Path(folder) / "switch")
        except Missing as missing:
            return str(missing)
        try:
            switch.begins()
            life.play(switch)
            return outcome(switch, life)
        finally:
            switch.ends()


def table(wanted: list[str], lives: list[Life], hands: int) -> Iterator[tuple[str, Life, Outcome | str]]:
    with tempfile.TemporaryDirectory(prefix="wrongs-") as folder, ThreadPoolExecutor(hands) as pool:
        waiting = []
        for kind in OTHERS:
            if kind.name in wanted:
                make = partial(kind, cache=CACHE)
                waiting += [(kind.name, life, pool.submit(played, life, make)) for life in lives]
        if Ours.name in wanted:
            before = partial(Ours, before=armed(Path(folder) / "armed"))
            waiting += [(Ours.name, life, pool.submit(played, life, before)) for life in lives]
        for name, life, one in waiting:
            yield name, life, one.result()


def shown(found: Outcome | str) -> str:
    if isinstance(found, str):
        return f"not run: {found}"
    parts = [f"{found.early} early", f"{found.lost} lost", f"{found.twice} twice"]
    if found.repeated:
        parts.append(f"{found.repeated} letter repeated under its own name")
    if found.stopped:
        parts.append("stopped, and said so")
    if found.told is not None:
        notice = "none" if found.notice is None else f"{found.notice:,.0f} min"
        parts.append(f"notice {notice}, somebody {'told' if found.told else 'not told'}")
    return ", ".join(parts)


def keep(name: str, title: str, one: object) -> None:
    """Puts one life among the results, where the others stay as they are: lives may be played one by one."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.parent.mkdir(exist_ok=True)
    kept.setdefault(name, {})[title] = one
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")
    PAGE.write_text(written(), "utf-8")


def written() -> str:
    """docs/wrongs.md as it should be."""
    return page((Ours, *OTHERS), LIVES, json.loads(RESULTS.read_text()))


def main() -> int:
    names = [kind.name for kind in OTHERS] + [Ours.name]
    asked = argparse.ArgumentParser(description="Fourteen lives in which something goes wrong.")
    asked.add_argument("--only", action="append", choices=names, help="one of the switches")
    asked.add_argument("--life", action="append", help="only lives whose title begins so")
    asked.add_argument("--hands", type=int, default=4, help="lives played at the same time")
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--keep", action="store_true", help=f"write {RESULTS.relative_to(ROOT)}")
    asked.add_argument("--page", action="store_true", help=f"only write {PAGE.relative_to(ROOT)} anew")
    given = asked.parse_args()
    if given.page:
        PAGE.write_text(written(), "utf-8")
        return 0
    lives = [life for life in LIVES if not given.life or life.title.startswith(tuple(given.life))]
    found: dict[str, dict[str, object]] = {}
    ours_wrong = 0
    for name, life, one in table(given.only or names, lives, given.hands):
        found.setdefault(name, {})[life.title] = one if isinstance(one, str) else asdict(one)
        if given.keep:
            keep(name, life.title, found[name][life.title])
        ours_wrong += name == Ours.name and not isinstance(one, str) and one.wrong
        if not given.json:
            print(f"{name:15} {life.number:2} {life.title:33} {shown(one)}", flush=True)
    if given.json:
        print(json.dumps(found, indent=1))
    return 1 if ours_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
