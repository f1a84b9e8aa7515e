"""The one command, `lastwords`. Every subcommand is loaded only when it is asked for, so that people never wait.

`COMMANDS` is the whole tree's first level: where each command lives and the line that help shows for it. Help is
printed from this table, without loading any of them.
"""

import io
import sys
from importlib import import_module
from pathlib import Path

import click

from lastwords.cli.errors import JSON, Stopped, as_stopped, broken_off

COMMANDS: dict[str, tuple[str, str]] = {
    # Everyone.
    "key": (
        "lastwords.cli.new_keys:key",
        "Your key: make it, show it, print it; what to do when it is lost.",
    ),
    "join": ("lastwords.cli.join:join", "Become an author at a host, with a join code."),
    "accept": ("lastwords.cli.accept:accept", "Accept an invitation that an author sent you."),
    "channel": ("lastwords.cli.channel:channel", "The ways by which letters reach you."),
    "quiet": (
        "lastwords.cli.quiet:quiet",
        "Quiet mode: nobody who looks over your shoulder learns what this is.",
    ),
    "letters": ("lastwords.cli.quiet:letters", "The newest letters that reached you, in full."),
    "watch": ("lastwords.cli.watch:watch", "The watches you have a part in."),
    "state": ("lastwords.cli.watch:state", "How things stand, as far as you may know."),
    "log": ("lastwords.cli.log:log", "The record: read it, or verify it as a host."),
    "alarm": ("lastwords.cli.alarm:alarm", "Ask the author now and call the keepers together."),
    "hold": ("lastwords.cli.alarm:hold", "Stop all clocks, or lift a hold."),
    # The author.
    "here": ("lastwords.cli.here:here", "Say “I'm here”."),
    "codes": ("lastwords.cli.codes:codes", "Paper codes: a second way to say “I'm here”."),
    "invite": ("lastwords.cli.invite:invite", "Invite a keeper, an alternate or a recipient."),
    "keeper": ("lastwords.cli.keeper:keeper", "Your keepers: list, verify, suspend, remove."),
    "recipient": ("lastwords.cli.recipient:recipient", "The people your words are for."),
    "words": (
        "lastwords.cli.words:words",
        "Write, replace, read and take back words; see what waits for you.",
    ),
    "notes": ("lastwords.cli.notes:notes", "Emergency notes for your keepers: write them, see who can open."),
    "plan": ("lastwords.cli.plan:plan", "Your plan: see it, arm it."),
    "trip": ("lastwords.cli.trip:trip", "Set a dated absence."),
    "find-me": (
        "lastwords.cli.sheet:find_me",
        "What helps your keepers to find you, sealed until a case is open.",
    ),
    "medical": ("lastwords.cli.sheet:medical", "What a clinician asks first, sealed until a case is open."),
    "trip-notes": ("lastwords.cli.sheet:trip_notes", "The notes that go with a trip."),
    "practice": ("lastwords.cli.practice:practice", "Ask your keepers for a practice, by the real way."),
    "vanish": ("lastwords.cli.vanish:vanish", "If you vanished today: a dated rehearsal."),
    # A keeper.
    "shares": ("lastwords.cli.shares:shares", "Your shares: list them, prove that they open."),
    "case": ("lastwords.cli.case:case", "A case: read it, write in it, state what you found, sign."),
    "told": ("lastwords.cli.told:told", "Say that you have told a recipient, and hand their words on."),
    "give": ("lastwords.cli.told:give", "Give your share again when shares are wanted."),
    "glass": ("lastwords.cli.glass:glass", "Break glass for emergency notes, or say no to it."),
    "seat": ("lastwords.cli.seat:seat", "Your seat as a keeper: look at it, or hand it on."),
    "kit": ("lastwords.cli.kit:kit", "Save everything that is needed without the host."),
    # A recipient.
    "open": ("lastwords.cli.opening:open_words", "Open words that were written for you."),
    "later": ("lastwords.cli.answer:later", "Keep words for later."),
    "decline": ("lastwords.cli.answer:decline", "Say “no, thank you”; you can change your mind."),
    "through": ("lastwords.cli.answer:through", "Receive words through someone else."),
    # The host.
    "host": ("lastwords.cli.host:host", "Run a host."),
    "serve": ("lastwords.cli.host:serve", "Run the host's processes: web, sweep and outbox, supervised."),
    # Everyone, once more: scripts, and looking around.
    "run": ("lastwords.cli.run:run", "Run many commands from a file, each answered with JSON."),
    "demo": ("lastwords.cli.demo:demo", "Play the cave: both endings, through a real host."),
    "simulate": (
        "lastwords.cli.simulate:simulate",
        "Play whole lives from a seed, with everything going wrong.",
    ),
    "bench": ("lastwords.cli.bench:bench", "Measure this machine, beside something you know."),
}

SECTIONS = {
    "key": "Everyone",
    "here": "Authors",
    "shares": "Keepers",
    "open": "Recipients",
    "host": "Whoever runs a host",
    "run": "Scripts, and looking around",
}
"""Under what help shows the commands, each section from the one that is named to the next."""

DEFAULT_HOME = Path("~/.lastwords")


class Commands(click.Group):
    """A group that knows its commands by name and loads one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        shown: list[tuple[str, list[tuple[str, str]]]] = []
        for name, (_, line) in COMMANDS.items():
            if name in SECTIONS:
                shown.append((SECTIONS[name], []))
            shown[-1][1].append((name, line))
        width = max(map(len, COMMANDS))
        for title, rows in shown:
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), line) for name, line in rows])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.UsageError):
            raise
        except (click.Abort, KeyboardInterrupt, EOFError) as error:
            click.echo(err=True)  # The prompt stands on that line.
            of_a_host = ctx.invoked_subcommand in ("host", "serve")
            where = "lastwords host doctor --data DIR" if of_a_host else "lastwords state"
            raise _answering(ctx, broken_off(error, where)) from None
        except Exception as error:
            stopped = as_stopped(error)
            if stopped is None:
                raise
            raise _answering(ctx, stopped) from error


def _answering(ctx: click.Context, stopped: Stopped) -> Stopped:
    """The same end, in the form that the command was asked to answer in."""
    stopped.as_json = bool(ctx.meta.get(JSON))
    return stopped


BEGIN = (
    "Begin as an author with `lastwords key new` and `lastwords join`, as somebody who was invited with "
    "`lastwords accept`, with a card on paper with `lastwords key from-card`, and as a host with `lastwords host init`."
)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=BEGIN)
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="LASTWORDS_HOME",
    help="Your home folder: key, pins, counters. Default: ~/.lastwords.",
)
@click.version_option(package_name="lastwords", message="lastwords %(version)s")
@click.pass_context
def cli(ctx: click.Context, home: Path | None) -> None:
    """Say what matters while you can. It stays sealed until your own people agree that you cannot come back."""
    ctx.obj = home or DEFAULT_HOME.expanduser()


def main() -> None:
    """The entry point of the `lastwords` command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What a terminal's own alphabet lacks is spelled out, as on standard error: after the deed is no time to fall.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        cli()
    except BrokenPipeError:
        # The reader of our output went away (`| head`): not an error of ours, and nothing to tell it to.
        sys.stderr.close()
        sys.exit(1)
