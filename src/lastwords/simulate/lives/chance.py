"""Chance from a seed: the same question in the same life has the same answer, whatever else was asked before."""

from copy import copy
from hashlib import blake2b


class Chance:
    """Every draw is a hash of the life's seed and the question, so that taking one happening out of a life leaves the
    others as they were."""

    def __init__(self, seed: int) -> None:
        self._seed = blake2b(f"lives/{seed}".encode(), digest_size=32).digest()
        self._begun = blake2b(digest_size=8, key=self._seed)
        self._asked: dict[str, int] = {}
        self._made = 0

    def draw(self, question: str) -> float:
        """A number from 0 to below 1. Asked again, the question has its next answer."""
        count = self._asked[question] = self._asked.get(question, 0) + 1
        drawn = self._begun.copy()  # the seed is in it already, and is hashed once for all draws
        drawn.update(f"{question}/{count}".encode())
        return int.from_bytes(drawn.digest(), "big") * 2**-64

    def between(self, least: int, most: int, question: str) -> int:
        """A whole number of seconds (or of whatever), both ends possible."""
        return least + int(self.draw(question) * (most - least + 1))

    def turn_aside(self) -> None:
        """From here on the answers are others: two copies of a life do not draw alike."""
        self._seed = blake2b(self._seed, digest_size=32).digest()
        self._begun = blake2b(digest_size=8, key=self._seed)

    def bytes(self, size: int) -> bytes:
        """What the store makes salts and letter names of."""
        self._made += 1
        return blake2b(self._made.to_bytes(8, "big"), digest_size=size, key=self._seed).digest()

    def __deepcopy__(self, memo: object) -> "Chance":
        """For a life that is copied. A begun hash is never gone on with, so both may have the same one."""
        twin = copy(self)
        twin._asked = dict(self._asked)
        return twin
