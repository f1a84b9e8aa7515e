"""A stage whose host dies: every process of it is killed at once, at moments the test names, and served again.

People do what people do then: a command whose answer was lost is given once more, and what had been done already is
refused as done. Nothing else of the story is changed.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lastwords.story.cast import Role
from lastwords.story.errors import StoryStopped
from lastwords.story.house import House
from lastwords.story.mailbox import Mailbox, Received
from lastwords.story.person import Answer
from lastwords.story.stage import Stage

LEASE = 15 * 60
"""Seconds after which nobody is thought to be still handing a letter over."""
LOST = "unreachable"
DONE_BEFORE = {
    *("alarm_stands", "signed_already", "told_already", "opened_already", "sealed_already"),
    "invitation_stage",
}
"""Refusals that say: this was done, it was only the answer that got lost."""


class UnsteadyHouse(House):
    """A host that comes back after every power cut."""

    def __init__(self, *where: Any) -> None:
        super().__init__(*where)
        self.deaths = 0
        self._one_at_a_time = threading.RLock()

    def power_cut(self) -> None:
        """Kills every process at once. Nobody is asked first, and nothing is flushed."""
        with self._one_at_a_time:
            self.deaths += 1
            self.dies()

    def comes_back(self) -> None:
        """Serves again, unless it still does."""
        with self._one_at_a_time:
            if not self.processes():
                self.serve()

    def _now(self) -> int:
        """The second of its clock; a host that dies while it is asked comes back and is asked again."""
        while True:
            self.comes_back()
            with self._one_at_a_time:
                if "now" in (said := self.health()):
                    return int(said["now"])
                if self.processes():
                    raise StoryStopped(f"The host does not say what time it is: {said}")

    def _clock(self, **wish: int) -> dict[str, Any]:
        """As ever; when the host dies on the way, it comes back and goes on towards the same moment."""
        ((verb, seconds),) = wish.items()
        until = self._now() + seconds
        while True:
            try:
                return super()._clock(**{verb: seconds})
            except StoryStopped:
                with self._one_at_a_time:
                    if self.processes():
                        raise
                seconds = max(1, until - self._now())


class UnsteadyStage(Stage):
    """A stage with such a host. `after` is asked after every command that was acknowledged; what was given to
    `cut_at_letters` is asked for every letter that has arrived, before its arrival is acknowledged. Whoever says True
    cuts the power there and then."""

    def __init__(self, folder: Path, **more: Any) -> None:
        super().__init__(folder, **more)
        self.house: UnsteadyHouse = UnsteadyHouse(folder / "data", self.house.port, self.house.mail_port)
        self.after: Callable[[Role, tuple[str, ...]], bool] = lambda role, words: False
        self.acknowledged: list[tuple[str, tuple[str, ...], dict[str, Any]]] = []

    def cut_at_letters(self, wanted: Callable[[str], bool]) -> None:
        """Cuts the power whenever a letter of this subject has arrived and the host does not know it yet."""
        self.mailbox = CuttingMailbox(self.mailbox.folder, self.house, wanted)

    def letter(
        self, role: Role, wanted: str, address: str = "", patience: float = 60.0, saying: str = ""
    ) -> Received:
        """As ever. A letter that was being handed over when the power went is tried again once its lease is over."""
        if not self.mailbox.find(address or role.addresses[0], wanted, saying):
            self.house.time_passes(LEASE)
        return super().letter(role, wanted, address, patience, saying)

    def _given(self, role: Role, words: tuple[str, ...]) -> Answer:
        lost = False
        while True:
            self.house.comes_back()
            answer = super()._given(role, words)
            if answer.code == LOST:
                lost = True
                continue
            if lost and answer.code in DONE_BEFORE:
                answer = Answer(0, {}, {})
            if not answer.exit:
                self.acknowledged.append((role.handle, words, answer.answer))
                if self.after(role, words):
                    self.house.power_cut()
                    self.house.comes_back()
            return answer


class CuttingMailbox(Mailbox):
    """A mailbox during whose acknowledgement the far side dies."""

    def __init__(self, folder: Path, house: UnsteadyHouse, wanted: Callable[[str], bool]) -> None:
        super().__init__(folder, house.mail_port)
        self.house = house
        self.wanted = wanted

    def arrived(self, letter: Received) -> None:
        if self.wanted(letter.subject):
            self.house.power_cut()
