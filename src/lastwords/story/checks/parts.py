"""What the questions share: evidence that is there or missing, and how sealed words are found in a record."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from lastwords.story.record import Record, Row, Said

T = TypeVar("T")

AUTHOR = "iruka"


class Missing(Exception):
    """What the record does not show."""


def some(found: Iterable[T], what: str) -> list[T]:
    """The things found, one at least."""
    listed = list(found)
    if not listed:
        raise Missing(f"there is no sign of {what}")
    return listed


def at_least(count: int, found: Iterable[object], what: str) -> None:
    if len(list(found)) < count:
        raise Missing(f"there is no sign of {what}")


def must(holds: bool, what: str) -> None:
    if not holds:
        raise Missing(f"it does not show that {what}")


def key_of(row: Row) -> str:
    """The track of a sealing."""
    return ".".join(
        part for part in (row.given["condition"], row.given["recipient"], row.given["instead_of"]) if part
    )


def sealings(record: Record, key: str) -> list[Row]:
    """Rows in which words of this track were sealed (not taken back)."""
    return [row for row in record.rows(AUTHOR, "seal_words") if row.given["items"] and key_of(row) == key]


def in_force(record: Record, author: str = AUTHOR) -> dict[str, Row]:
    """The row of the version that stood when the case opened, for each track with words."""
    case = record.happened(author, "case_opened")
    until = case[0].number if case else len(record.rows(author))
    found: dict[str, Row] = {}
    for row in record.rows(author, "seal_words"):
        if row.number < until:
            found[key_of(row)] = row
    return {key: row for key, row in found.items() if row.given["items"]}


def recipients(record: Record) -> set[str]:
    return {str(row.given["recipient"]) for row in record.rows(AUTHOR, "seal_words")}


def reads(seen: Said, number: int) -> str | None:
    """What someone who looked into the case could read of this entry; None when it was hidden or sealed to others."""
    return next((entry["text"] for entry in seen.answer["entries"] if entry["number"] == number), None)


def writings(record: Record, author: str, key: str) -> list[Said]:
    """Commands by which this author sealed words of this track."""
    sealed = [*record.said(author, "words", "write"), *record.said(author, "words", "replace")]
    return sorted((one for one in sealed if one.answer["track"] == key), key=lambda one: one.order)


def last_given(record: Record, author: str, key: str, option: str) -> list[Path]:
    """The files that the newest sealing with this option was made of."""
    given = [one for one in writings(record, author, key) if one.after(option)]
    return [record.here(path) for path in given[-1].after(option)] if given else []


def files_of(record: Record, said: Said, part: str) -> list[Path]:
    """The files that an opening left in the recipient's folder."""
    folder = record.here(str(said.answer[part]["folder"]))
    return [folder / name for name in said.answer[part]["files"]]


def tracks(record: Record, what: str) -> list[tuple[Row, str]]:
    return [
        (row, about)
        for author in record.log
        for row in record.happened(author, what)
        for one, about in row.happened
        if one == what
    ]


def track(row: Row, key: str) -> dict[str, Any]:
    return {"author": row.author, "track": key, "recipient": key.split(".")[1], "row": row.number}


def opened(record: Record, row: Row, key: str) -> dict[str, Any]:
    """What was opened, by whom; `last` says that it is, byte for byte, what the author sealed last."""
    answers = [
        one for one in record.said(row.by, "open") if one.answer["track"] == key and one.answer["words"]
    ]
    files = files_of(record, answers[-1], "words") if answers else []
    newest = writings(record, row.author, key)
    wanted = [
        record.here(path).read_bytes() for option in ("--text", "--file") for path in newest[-1].after(option)
    ]
    found = [path.read_bytes() for path in files]
    return track(row, key) | {
        "number": answers[-1].answer["number"] if answers else None,
        "files": [path.name for path in files],
        "last": bool(newest) and sorted(found) == sorted(wanted),
    }


def plain(words: tuple[str, ...]) -> str:
    """A command without the folders of this machine."""
    return " ".join(Path(word).name if "/" in word else word for word in words)
