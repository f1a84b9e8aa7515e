"""What the tests of manners look at: the rooms, the tracked files and the commands, all of them discovered."""

import importlib
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

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
    module = importlib.import_module("lastwords.cli.main")
    top = next(value for value in vars(module).values() if isinstance(value, click.Group))
    context = click.Context(top, info_name="lastwords")
    found: dict[str, click.Command] = {"": top}

    def walk(group: click.Group, before: str) -> None:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            found[f"{before}{name}"] = command
            if isinstance(command, click.Group):
                walk(command, f"{before}{name} ")

    walk(top, "")
    return found


@cache
def inside(room: str) -> dict[str, Any]:
    """What a process of its own finds when it loads a whole room: ``loaded`` modules of ours, ``names`` it shows."""
    look = Path(__file__).with_name("look_inside.py")
    done = subprocess.run([sys.executable, str(look), room], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
