"""How a command ends when it cannot go on: what happened and what is unharmed, then what to do next."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

JSON = "lastwords.json"
"""Under which name click's context keeps that a command is to answer in JSON."""
PASSING = frozenset(
    {
        *("unreachable", "no_sense", "too_slow", "sign_in"),
        *("busy", "disk_full", "over_quota", "unwritable", "database_away", "fault"),
    }
)
"""Refusals by the line, the host's disk or its database. Some of them leave open whether it was kept all the same."""


class Stopped(click.ClickException):
    """The command stops here and changes nothing further. Exit code 1.

    `code` is a short word that scripts can rely on; the host's own codes are passed on as they came."""

    exit_code = 1

    def __init__(self, happened: str, do: str, code: str = "stopped") -> None:
        super().__init__(happened)
        self.happened = happened
        self.do = do
        self.code = code
        self.as_json = False

    @property
    def passing(self) -> bool:
        """Whether this says nothing about what was sent, so that the same can be sent again."""
        return self.code in PASSING

    def show(self, file: IO[Any] | None = None) -> None:
        if self.as_json:
            refused = {"code": self.code, "happened": self.happened, "do": self.do}
            click.echo(json.dumps({"refused": refused}, ensure_ascii=False), file=file, err=True)
        else:
            click.echo(f"{self.happened}\n{self.do}", file=file, err=True)


@contextmanager
def told_of(code: str, happened: str, do: str) -> Iterator[None]:
    """Says in these words what the host refuses with this code: it does not know who asks, and why."""
    try:
        yield
    except Stopped as stopped:
        if stopped.code != code:
            raise
        raise Stopped(happened, do, code) from stopped


def as_stopped(error: BaseException) -> Stopped | None:
    """The two-part form of an error that a person can do something about; None for one that is our own fault, or
    nobody's, as when the reader of our output has gone away.

    Refusals of sealing and signing carry their two parts already. They are known by those parts, because importing
    their class here would load the cryptography for commands that never need it."""
    if isinstance(error, Stopped):
        return error
    happened, do = getattr(error, "happened", None), getattr(error, "do", None)
    if isinstance(happened, str) and isinstance(do, str):
        return Stopped(happened, do, _code(error))
    if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
        where = f" ({error.filename})" if error.filename else ""
        return Stopped(
            f"A file could not be read or written{where}: {error.strerror or error}. Nothing further was done.",
            "Check the path, its permissions and the free space, then try again.",
            "file",
        )
    return None


def broken_off(error: BaseException, look: str = "lastwords state") -> Stopped:
    """The two-part form of Ctrl-C, and of a prompt at which nobody can type. A prompt hides which of them it was.
    `look` is the command that shows how things stand."""
    if isinstance(error, EOFError) or isinstance(error.__context__, EOFError):
        return Stopped(
            "Something was asked for here, and nobody typed it; nothing further was done.",
            "Run this where somebody can type, or give files: the passphrase's is named by LASTWORDS_PASSPHRASE_FILE, "
            "the others by options that --help shows.",
            "nobody_to_ask",
        )
    return Stopped(
        "This was broken off before its end. What it had said by then stands; whether the rest was heard is not known.",
        f"Look how things stand (`{look}`), and run it again.",
        "broken_off",
    )


def _code(error: BaseException) -> str:
    """The refusal's class as one of our codes: `FalseShare` is `false_share`."""
    name = type(error).__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
