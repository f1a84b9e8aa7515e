"""`lastwords run`: many commands in one process, for scripts that act for one person.

Each line is one command as it would be typed after `lastwords`, without the home folder, which is that of `run` itself.
Each is answered by one line of JSON, in order and at once, so that a script can decide what to do next:

    {"exit": 0, "answer": {...}}                              the answer the command gives with --json
    {"exit": 1, "refused": {"code", "happened", "do"}}        refused; nothing further was changed
    {"exit": 2, "refused": {"code": "usage", ...}}            wrongly typed

Lines are read one by one and no line is remembered: every command signs in anew, exactly as if typed alone. A prompt
cannot be answered here; secrets come from files.
"""

import io
import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import IO, Any

import click

from lastwords.cli.errors import Stopped, as_stopped


@click.command()
@click.argument("source", required=False, default="-", metavar="[FILE|-]")
@click.pass_context
def run(ctx: click.Context, source: str) -> None:
    """Run the commands of FILE, one a line, and answer each with one line of JSON. Exit code 1 if any was refused."""
    group = ctx.find_root().command
    home = ctx.obj
    assert isinstance(group, click.Group) and isinstance(home, Path)
    refused = False
    for line in _lines(source):
        answer = _one(group, line, home)
        refused = refused or answer["exit"] != 0
        click.echo(json.dumps(answer, ensure_ascii=False))
        sys.stdout.flush()
    if refused:
        ctx.exit(1)


def _lines(source: str) -> Iterator[str]:
    """The commands of a file or of standard input, as they come."""
    if source == "-":
        yield from _spoken(sys.stdin)
    else:
        # What is not UTF-8 comes through as it does from a shell, and the command that it is given to refuses it.
        with Path(source).open(encoding="utf-8", errors="surrogateescape") as file:
            yield from _spoken(file)


def _spoken(file: IO[str]) -> Iterator[str]:
    # Not `for line in file`: that would read ahead, and whoever waits for the first answer would wait for ever.
    while line := file.readline():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line


def _one(group: click.Group, line: str, home: Path) -> dict[str, Any]:
    """Runs one command as if it had been typed alone."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        return _refused(
            2, "usage", f"This line cannot be read ({error}); nothing was changed.", "Close its quotes."
        )
    if words[:1] == ["run"]:
        return _refused(
            2, "usage", "A run cannot run another; nothing was changed.", "Write its commands out."
        )
    out = io.StringIO()
    try:
        with redirect_stdout(out), _nobody_to_ask():
            group.main(["--home", str(home), *words, "--json"], prog_name="lastwords", standalone_mode=False)
    except click.UsageError as error:
        return _refused(2, "usage", error.format_message(), "Look at its --help.")
    except Exception as error:
        stopped = as_stopped(error)
        if stopped is None or stopped.code == "broken_off":
            raise
        return _refused(Stopped.exit_code, stopped.code, stopped.happened, stopped.do)
    return {"exit": 0, "answer": json.loads(out.getvalue() or "{}")}


@contextmanager
def _nobody_to_ask() -> Iterator[None]:
    """Gives the commands an empty standard input: the next line is the next command, never an answer to a prompt."""
    kept = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO())
    try:
        yield
    finally:
        sys.stdin = kept


def _refused(code: int, word: str, happened: str, do: str) -> dict[str, Any]:
    return {"exit": code, "refused": {"code": word, "happened": happened, "do": do}}
