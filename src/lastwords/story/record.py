"""The record of a play, as it lies on disk when everyone has gone: logs, letters, answers, homes.

Nothing here was told by the acts: the logs are what `lastwords log show` gave and checked link by link, the letters are
the mailbox's files, the answers are what the commands said, the homes are the people's own folders.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from .cast import BY_HANDLE
from .mailbox import Received, letters


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an author's log. `at` is (wall, credit) in seconds; `happened` are (what, about) pairs; `letters` are
    (id, kind, to); `given` is the event as it came in."""

    author: str
    number: int
    at: tuple[int, int]
    event: str
    by: str
    before: str
    after: str
    happened: tuple[tuple[str, str], ...]
    letters: tuple[tuple[str, str, str], ...]
    given: dict[str, Any]

    def says(self, what: str, about: str | None = None) -> bool:
        """Whether this happened in the step, about this if it is named."""
        return any(one == what and about in (None, of) for one, of in self.happened)

    @property
    def name(self) -> str:
        """How evidence names this row."""
        return f"row {self.number} of {self.author}'s log"


@dataclass(frozen=True, slots=True)
class Said:
    """One command and what came of it. `order` is its place among all commands of the play."""

    order: int
    at: int
    who: str
    words: tuple[str, ...]
    exit: int
    answer: dict[str, Any]
    refused: dict[str, Any]

    def begins(self, *words: str) -> bool:
        return self.words[: len(words)] == words

    def after(self, option: str) -> list[str]:
        """Every value given with this option."""
        return [value for name, value in zip(self.words, self.words[1:], strict=False) if name == option]

    @property
    def name(self) -> str:
        """How evidence names this command."""
        return f"answer {self.order} ({self.who}: {' '.join(word for word in self.words[:3])})"


class Record:
    """One folder of a play that has ended."""

    def __init__(self, folder: Path, ending: str) -> None:
        self.folder = folder
        self.ending = ending

    # The log.

    @cached_property
    def log(self) -> dict[str, list[Row]]:
        """Every author's rows, in their order."""
        found = {}
        for path in sorted(self.folder.glob("log-*.json")):
            author = path.stem.removeprefix("log-")
            found[author] = [_row(author, row) for row in json.loads(path.read_text("utf-8"))["rows"]]
        return found

    def rows(self, author: str, event: str = "", by: str | None = None) -> list[Row]:
        """Rows of an author's log, of one event and by one person when they are named."""
        return [row for row in self.log.get(author, []) if event in ("", row.event) and by in (None, row.by)]

    def happened(self, author: str, what: str, about: str | None = None) -> list[Row]:
        """Rows of an author's log in which this happened."""
        return [row for row in self.log.get(author, []) if row.says(what, about)]

    @cached_property
    def verified(self) -> dict[str, Any]:
        """What `lastwords log verify` found over the whole data folder."""
        verdict: dict[str, Any] = json.loads((self.folder / "verified.json").read_text("utf-8"))
        return verdict

    # Answers and the clock.

    @cached_property
    def answers(self) -> list[Said]:
        lines = _lines(self.folder / "answers.jsonl")
        return [
            Said(
                order,
                line["at"],
                line["who"],
                tuple(line["said"]),
                line["exit"],
                line.get("answer", {}),
                line.get("refused", {}),
            )
            for order, line in enumerate(lines, 1)
        ]

    def said(self, who: str | None, *words: str) -> list[Said]:
        """Commands that begin so, by one person when they are named, that were not refused."""
        return [one for one in self.answers if who in (None, one.who) and not one.exit and one.begins(*words)]

    def refused(self, who: str | None, *words: str) -> list[Said]:
        """Commands that begin so and were refused."""
        return [one for one in self.answers if who in (None, one.who) and one.exit and one.begins(*words)]

    @cached_property
    def clock(self) -> list[dict[str, Any]]:
        """Every time the host's clock was moved."""
        return list(_lines(self.folder / "clock.jsonl"))

    # Letters.

    @cached_property
    def letters(self) -> list[Received]:
        return letters(self.folder / "mail")

    @cached_property
    def arrived(self) -> dict[str, list[Received]]:
        """The letters that came, by the name they have at the host."""
        found: dict[str, list[Received]] = {}
        for letter in self.letters:
            found.setdefault(letter.ident, []).append(letter)
        return found

    def letters_of(self, author: str, kind: str, to: str) -> list[Received]:
        """The letters of a kind that an author's log wrote to someone, as they came."""
        idents = [
            ident for row in self.rows(author) for ident, of, whom in row.letters if (of, whom) == (kind, to)
        ]
        return [letter for ident in idents for letter in self.arrived.get(ident, [])]

    # Homes.

    def desk(self, who: str) -> Path:
        """Someone's desk: the papers they wrote and the words they opened."""
        return self.folder / "homes" / who / "desk"

    def papers(self, who: str) -> Iterator[Path]:
        """Every file in someone's keeping."""
        return (path for path in (self.folder / "homes" / who).rglob("*") if path.is_file())

    def holders_of(self, content: bytes) -> set[str]:
        """Everyone in whose keeping this very content is found, as it stands."""
        return {who for who in BY_HANDLE if any(content in path.read_bytes() for path in self.papers(who))}

    def here(self, path: str) -> Path:
        """A file that a command named. The play may have been forked since, and homes carried to this folder."""
        parts = Path(path).parts
        place = len(parts) - 1 - parts[::-1].index("homes")
        return self.folder.joinpath(*parts[place:])


def _row(author: str, row: dict[str, Any]) -> Row:
    body = row.get("body", {})
    return Row(
        author,
        row["number"],
        tuple(body.get("at", (0, 0))),
        body.get("event", ""),
        body.get("by", ""),
        body.get("before", ""),
        body.get("after", ""),
        tuple((what, about) for what, about in body.get("happened", [])),
        tuple((letter["id"], letter["kind"], letter["to"]) for letter in body.get("letters", [])),
        body.get("given", {}),
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with path.open(encoding="utf-8") as file:
            yield from (json.loads(line) for line in file)
