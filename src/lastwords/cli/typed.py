"""What people type or hand over: secrets and texts from a prompt, a file, or standard input. Never an argument,
because arguments stand in the shell's history and in the list of processes."""

import os
import sys
import warnings
from collections.abc import Callable
from getpass import GetPassWarning
from pathlib import Path
from typing import Any, TypeVar

import click

from lastwords.cli.errors import Stopped

F = TypeVar("F", bound=Callable[..., Any])

PASSPHRASE_FILE = "LASTWORDS_PASSPHRASE_FILE"
LONGEST = 1 << 20
"""The most a typed secret or a pasted sheet can be, in bytes; words have no such limit."""

ASK = ""
"""The value of an option given without one: ask at a prompt."""


def source_option(name: str, help: str) -> Callable[[F], F]:
    """An option that takes a file, `-` for standard input, or no value for a prompt."""
    return click.option(name, is_flag=False, flag_value=ASK, default=None, metavar="[FILE|-]", help=help)


def secret(source: str | None, prompt: str, *, hide: bool = True) -> str:
    """A secret from a file, from standard input (`-`), or from a prompt; surrounding blanks are taken off."""
    if not source:
        return (hidden(prompt) if hide else str(click.prompt(prompt, err=True))).strip()
    data = _read(source, LONGEST + 1)
    if len(data) > LONGEST:
        raise Stopped(
            f"{_name(source)} is far longer than this can be; it was not used.",
            "Check which file this is.",
            "too_long",
        )
    return _text(data, source).strip()


def text(source: str | None, prompt: str) -> str:
    """A text of any length from a file or standard input; at a terminal, typed until the end-of-file key.

    One without a word is refused: it is what a command leaves that failed before ours, and nobody means it."""
    if not source and sys.stdin.isatty():
        click.echo(f"{prompt} End with Ctrl-D on a line of its own.", err=True)
    written = _text(_read(source or "-"), source or "-")
    if not written.strip():
        raise Stopped(
            f"{_name(source or '-')} holds not a single word; nothing was changed.",
            "Look at the file, or at the command that should have written it.",
            "nothing_given",
        )
    return written


def words(read_aloud: str) -> tuple[str, ...]:
    """Words that somebody read aloud and another one typed; capitals and blanks do not matter."""
    return tuple(read_aloud.lower().split())


def passphrase(*, new: bool = False) -> str:
    """The passphrase of the key: from the file that LASTWORDS_PASSPHRASE_FILE names, else from a prompt."""
    named = os.environ.get(PASSPHRASE_FILE)
    if named:
        lines = secret(named, "").splitlines()
        if not lines:
            raise Stopped(
                f"The passphrase file {named} is empty; the key was not touched.",
                "Write it there.",
                "passphrase",
            )
        return lines[0]
    return hidden("Passphrase of your key", confirmation_prompt=new)


def hidden(prompt: str, **more: Any) -> str:
    """What is typed unseen. Where there is no terminal Python warns of an echo that nobody can see, with its own line
    of code in the warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GetPassWarning)
        return str(click.prompt(prompt, hide_input=True, err=True, **more))


def _read(source: str, most: int = -1) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read(most)
    with Path(source).open("rb") as file:
        return file.read(most)


def _text(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Stopped(
            f"{_name(source)} is not text in UTF-8; nothing was changed.",
            "Save it as plain text, or add it as a file instead.",
            "not_text",
        ) from error


def _name(source: str) -> str:
    return "What came in" if source == "-" else source
