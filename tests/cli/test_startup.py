"""People never wait: what a command does not need is not loaded. Counted in modules, never in time."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from lastwords.cli.main import COMMANDS, cli

ROOT = Path(__file__).parents[2]
THEIRS = ("host", "run", "demo", "report", "glass", "notes")
"""Modules of the host, the story, the report and the emergency notes, which have documents of their own."""
OF_PEOPLE = [name for name in COMMANDS if name not in (*THEIRS, "serve")]
ELSEWHERE = ("log verify", "log export", "case report")

HEAVY = (
    "django",
    "ninja",
    "pydantic",
    "cryptography",
    "rich",
    "segno",
    "urllib.request",
    "lastwords.sealing",
)


def loaded(*words: str) -> list[str]:
    """The heavy modules that a command loads, in a fresh process."""
    script = (
        "import sys\n"
        f"sys.argv = ['lastwords', *{words!r}]\n"
        "from lastwords.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('LOADED', *[name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1].split()[1:]


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("no-such-command",)])
def test_help_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    assert loaded(*words) == []


def test_a_person_s_command_never_loads_django() -> None:
    found = loaded("--home", "nowhere", "here")
    assert "cryptography" in found
    assert not {"django", "ninja", "pydantic", "rich", "segno"} & set(found)


def test_a_reader_that_goes_away_is_no_error_of_ours() -> None:
    script = "import os, sys; from lastwords.cli.main import main; sys.argv = ['lastwords', '--help']; main()"
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, "-c", script], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert done.returncode == 1 and done.stderr == ""


def test_a_terminal_that_lacks_a_letter_is_shown_it_spelled_out() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from lastwords.cli.main import main; main()", "--help"],
        env=os.environ | {"PYTHONIOENCODING": "latin-1"},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert b"Say \\u201cI'm here\\u201d." in done.stdout


def test_every_command_of_the_table_exists_and_has_one_line_of_help() -> None:
    context = click.Context(cli)
    for name, (_, line) in COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None and line.endswith("."), name


def test_every_command_of_people_answers_in_json() -> None:
    for name in OF_PEOPLE:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert [
            leaf for leaf, one in commands(command, name) if not _has_json(one) and leaf not in ELSEWHERE
        ] == []


def _has_json(command: click.Command) -> bool:
    return any("--json" in option.opts for option in command.params)


def commands(command: click.Command, name: str) -> list[tuple[str, click.Command]]:
    """All commands beneath one, by their full names."""
    if not isinstance(command, click.Group):
        return [(name, command)]
    context = click.Context(command)
    found = []
    for inner in command.list_commands(context):
        sub = command.get_command(context, inner)
        assert sub is not None
        found += commands(sub, f"{name} {inner}")
    return found


def test_the_document_lists_every_command_of_people_and_every_refusal_of_the_client() -> None:
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    for name in OF_PEOPLE:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        for leaf, _ in commands(command, name):
            group, _, rest = leaf.partition(" ")
            typed = f"{group} AUTHOR {rest}" if group in ("case", "seat") else leaf
            assert f"`lastwords {typed}" in page or leaf in ELSEWHERE, leaf
    for path in (ROOT / "src" / "lastwords" / "cli").glob("*.py"):
        if path.stem not in THEIRS:
            for code in re.findall(r'^ +"([a-z_]+)",?\n? *\)', path.read_text("utf-8"), re.MULTILINE):
                assert f"`{code}`" in page, (path.name, code)
