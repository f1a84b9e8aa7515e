"""Ours: a real host with its demonstration clock, and people who use the command."""

import sqlite3
import subprocess
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lastwords.story import house
from lastwords.story.acts import accept, invite, prove_address
from lastwords.story.cast import BISUKE, BULL, IRUKA, NARUTO, PAKKUN, STRANGER, TSUNADE, ZONE
from lastwords.story.errors import StoryStopped
from lastwords.story.mailbox import Mailbox, Received
from lastwords.story.person import COMMAND, environment
from lastwords.story.stage import DAY, Stage
from rivals.switch import RECIPIENTS, Arrived, Switch

CIRCLE = (PAKKUN, BISUKE, BULL)
TOLD = (NARUTO, TSUNADE)
ASKED = "Please check on Iruka"
RELEASED = "Words of Iruka can be given now"
house.PATIENCE = 300.0
"""Seconds that a host may take to begin: a bench gives way to everything else on its machine."""
LEASE = 0.02
"""Days after which nobody is thought to be still handing a letter over."""


def armed(folder: Path) -> Stage:
    """Iruka's plan with three keepers, of whom two must agree, and words for two people; every other term as it comes.
    The stage is dark again when this returns, ready to be copied."""
    stage = Stage(folder)
    with stage:
        code = stage.paper(IRUKA, "join-code.txt", stage.house.join_code())
        stage.does(IRUKA, "key", "new", "--no-passphrase")
        stage.does(
            IRUKA,
            "join",
            stage.house.origin,
            "--name",
            "Iruka",
            "--handle",
            "iruka",
            "--zone",
            ZONE,
            "--code",
            code,
        )
        prove_address(stage, IRUKA, IRUKA.addresses[0])
        sheet = str(stage.someone(IRUKA).desk / "sheet.txt")
        stage.does(IRUKA, "key", "sheet", sheet)
        stage.does(IRUKA, "key", "prove", "--sheet", sheet)
        stage.does(IRUKA, "codes", "new", "--out", str(stage.someone(IRUKA).desk / "codes.txt"))
        invite(stage, IRUKA, "keeper", CIRCLE)
        invite(stage, IRUKA, "recipient", TOLD)
        for person in (*CIRCLE, *TOLD):
            accept(stage, person, IRUKA)
            prove_address(stage, person, person.addresses[0])
        for keeper in CIRCLE:
            stage.does(IRUKA, "keeper", "verify", keeper.handle, "--vouch")
        for one in TOLD:
            stage.does(IRUKA, "recipient", "verify", one.handle)
            letter = stage.paper(IRUKA, f"{one.handle}.txt", "The words.")
            stage.does(IRUKA, "words", "write", one.handle, "--quorum", "2", "--text", letter)
        for keeper in CIRCLE:
            stage.does(keeper, "shares", "prove", "iruka")
        stage.does(IRUKA, "plan", "arm", "--quorum", "2")
    return stage


class Ours(Switch):
    name = "Last Words"
    version = "0.1.0"
    settings = (
        "its default times; two of three keepers must agree; the second recipient is told three days later"
    )
    asks_people = True
    first_warning, last_window, deadline = 30, 41, 44
    """Asked after 30 days, for 7; then a vigil of at least 4, and a last call of 2, however soon keepers agree."""

    def __init__(self, folder: Path, before: Stage) -> None:
        super().__init__(folder)
        self.stage = before.forked(folder / "play")
        self._post()
        self._at_first_words = ""
        self._killed = threading.Event()
        self._told: list[float] = []
        self._second: subprocess.Popen[bytes] | None = None

    def _post(self) -> None:
        self.stage.mailbox = Post(self.stage.mailbox.folder, self.stage.house.mail_port, self._heard)

    # Its life.

    def begins(self) -> None:
        self.stage.__enter__()
        self.here()

    def passes(self, days: float) -> None:
        while days > 1e-9:
            step = min(self.step, days)
            self.day += step
            self._moves(partial(self.stage.time_passes, days=step))
            days -= step

    def _moves(self, move: Callable[[], object]) -> None:
        try:
            move()
        except StoryStopped:
            if not self._killed.is_set():
                raise
        if self._killed.is_set():
            self._killed.clear()
            self.stage.house.dies()
            self.stage.house.serve()
            self.stage.time_passes(days=LEASE)

    def dark(self, days: float) -> None:
        """The host is off; both of its clocks have gone on when it is served again, as a machine's would."""
        self.stage.house.stop()
        self.day += days
        with sqlite3.connect(self._database) as database:
            seconds = round(days * DAY)
            database.execute(
                "INSERT INTO demo_clock (wall, boot_time) SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM demo_clock)"
            )
            database.execute(
                "UPDATE demo_clock SET wall = wall + ?, boot_time = boot_time + ?", (seconds, seconds)
            )
        database.close()
        self.stage.house.serve()

    @property
    def _database(self) -> Path:
        return next(self.stage.house.data.glob("*.sqlite3"))

    def jumps(self, days: float) -> None:
        self.stage.clock_is_set(days=round(days))

    def breaks(self, how: str) -> None:
        self.stage.house.stop()
        if how == "missing":
            self._database.unlink()
        else:
            self._database.write_bytes(self._database.read_bytes()[: self._database.stat().st_size // 2])
        try:
            self.stage.house.serve()
        except StoryStopped:
            self.stopped_and_said = True

    def second_worker(self) -> None:
        """The same command once more, on the same folder, as it would be started by mistake from a second unit."""
        with (self.folder / "second.txt").open("wb") as said:
            self._second = subprocess.Popen(
                [str(COMMAND), "host", "serve", "--data", str(self.stage.house.data)],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment(),
            )  # fmt: skip

    def ends(self) -> None:
        if self._second is not None:
            self._second.terminate()
            self._second.wait()
        self.stage.__exit__(None, None, None)

    # Its people.

    def here(self) -> bool:
        answer = self.stage.someone(IRUKA).does("here")
        return not answer.exit

    def asked(self) -> bool:
        return any(one.about.startswith(ASKED) for one in self.to_keepers())

    def keepers_say(self, *, dead: int = 0, alive: int = 0, forged: int = 0) -> None:
        for keeper, what in zip(CIRCLE, ["died"] * dead + ["spoken-with"] * alive, strict=False):
            text = self.stage.paper(keeper, "seen.txt", "What I saw myself.")
            self.stage.does(keeper, "case", "iruka", "state", what, "--evidence", "own-sight", "--text", text)
        for _ in range(forged):
            text = self.stage.paper(STRANGER, "seen.txt", "What I never saw.")
            self.stage.someone(STRANGER).does(
                "case", "iruka", "state", "died", "--evidence", "own-sight", "--text", text
            )

    def people_go(self) -> None:
        """One recipient is told on the day on which the words may be given, the other three days later."""
        if not any(one.about.startswith(RELEASED) for one in self.to_keepers()):
            return
        if self._told and self.day < self._told[0] + 3:
            return
        for one in TOLD[len(self._told) : len(self._told) + 1]:
            answer = self.stage.someone(PAKKUN).does("told", "iruka", f"died.{one.handle}")
            if not answer.exit:
                self._told.append(self.day)

    def dies_at_the_first_words(self) -> None:
        self._at_first_words = "dies"

    def here_at_the_first_words(self) -> None:
        """At the moment when the keepers hear that the words may be given: before that nothing is on its way."""
        self._at_first_words = "here"

    def mail_works(self, works: bool) -> None:
        if works:
            self._post()
            self.stage.mailbox.__enter__()
        else:
            self.stage.mailbox.__exit__(None, None, None)

    def _heard(self, letter: Received) -> None:
        if self._at_first_words == "here" and letter.subject.startswith(RELEASED):
            self._at_first_words = ""
            self.speaks()
        self.arrived.append(Arrived(self.day, letter.to, letter.subject, letter.ident))
        if self._at_first_words == "dies" and letter.to in RECIPIENTS:
            self._at_first_words = ""
            self._killed.set()
            self.stage.house.dies()


class Post(Mailbox):
    """A mailbox that tells of every letter before it is acknowledged."""

    def __init__(self, folder: Path, port: int, heard: Callable[[Received], None]) -> None:
        super().__init__(folder, port)
        self._tell = heard

    def arrived(self, letter: Received) -> None:
        self._tell(letter)
