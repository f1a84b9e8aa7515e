"""People never wait: what a command does not need is not loaded. Counted in modules, never in time."""

import subprocess
import sys

import pytest

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


def test_every_command_of_the_table_exists_and_has_one_line_of_help() -> None:
    import click

    from lastwords.cli.main import COMMANDS, cli

    context = click.Context(cli)
    for name, (_, line) in COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None and line.endswith("."), name


def test_every_reading_and_acting_command_answers_in_json() -> None:
    """Of people's commands; the host's and the story's have their own tests."""
    import click

    from lastwords.cli.main import COMMANDS, cli

    def without_json(command: click.Command, name: str) -> list[str]:
        if isinstance(command, click.Group):
            context = click.Context(command)
            found = []
            for inner in command.list_commands(context):
                sub = command.get_command(context, inner)
                assert sub is not None
                found += without_json(sub, f"{name} {inner}")
            return found
        return [] if any("--json" in option.opts for option in command.params) else [name]

    for name in COMMANDS:
        if name not in ("host", "serve", "run", "demo", "log"):
            command = cli.get_command(click.Context(cli), name)
            assert command is not None and without_json(command, name) == []
