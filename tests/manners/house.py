"""What the tests of manners look at: the rooms, the tracked files and the commands, all of them discovered."""

import importlib
import re
import subprocess
from functools import cache
from pathlib import Path

import click

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "lastwords"


def rooms() -> list[str]:
    """The rooms that stand: folders of the package with code in them."""
    return sorted({path.parent.name for path in SOURCE.glob("*/*.py")})


@cache
def tracked() -> dict[str, str]:
    """Every tracked file that is text, by its path."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    texts = {}
    for name in filter(None, names.split("\0")):
        try:
            texts[name] = (ROOT / name).read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # bytes of a vector, or taken away and not yet committed
    return texts


def found_in(texts: dict[str, str], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


@cache
def commands() -> dict[str, click.Command]:
    """Every command of ``lastwords`` by its words ("", "words seal"); empty as long as there is no cli."""
    if "cli" not in rooms():
        return {}
    top = importlib.import_module("lastwords.cli.main").main
    context = click.Context(top, info_name="lastwords")
    found: dict[str, click.Command] = {"": top}

    def walk(group: click.Group, before: str) -> None:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            found[f"{before}{name}"] = command
            if isinstance(command, click.Group):
                walk(command, f"{before}{name} ")

    assert isinstance(top, click.Group)
    walk(top, "")
    return found
