"""`lastwords host`: found, serve and look after a host. Django is loaded only inside the commands that need it."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from lastwords.cli.show import answers, aside, fit_for_terminal, tell

if TYPE_CHECKING:
    from lastwords.server.settings import Settings

DATA_OPTION = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="LASTWORDS_DATA",
    required=True,
    help="The host's data folder.",
)


@click.group()
def host() -> None:
    """Run a host."""


@host.command()
@DATA_OPTION
@click.option("--origin", required=True, help="Where people find it: https://words.example.org")
@click.option("--mail-from", required=True, help="The one address all letters come from.")
@click.option("--host-mail", required=True, help="Where the host itself is written to.")
@click.option("--smtp", required=True, metavar="HOST:PORT", help="The mail relay.")
@click.option(
    "--tls", type=click.Choice(["none", "starttls", "tls"]), default=None, help="How letters leave."
)
@click.option("--smtp-user", default="", help="Name at the relay.")
@click.option("--smtp-password-file", default="", help="File with the password at the relay.")
@click.option(
    "--bind", default="127.0.0.1:8443", show_default=True, metavar="HOST:PORT", help="Where it listens."
)
@click.option("--name", default="Last Words", show_default=True, help="What letters call this service.")
@click.option("--zone", default="UTC", show_default=True, help="Time zone of the host's own letters.")
@click.option("--pulse", type=int, default=None, help="Seconds between two pulses of the clock.")
@click.option("--demo", is_flag=True, help="A demonstration, with a clock that can be moved; for ever.")
@click.option(
    "--database",
    default="",
    metavar="CONNECTION",
    help="A PostgreSQL connection string or URL; without it, SQLite in the folder.",
)
@click.option("--database-password-file", default="", help="File with the password for that database.")
@answers
def init(
    data: Path,
    origin: str,
    mail_from: str,
    host_mail: str,
    smtp: str,
    tls: str | None,
    smtp_user: str,
    smtp_password_file: str,
    bind: str,
    name: str,
    zone: str,
    pulse: int | None,
    demo: bool,
    database: str,
    database_password_file: str,
) -> None:
    """Make the data folder of a new host."""
    from lastwords.server import founding
    from lastwords.server.addresses import is_loopback
    from lastwords.server.settings import Mail, Settings

    relay, colon, port = smtp.rpartition(":")
    if not colon or not port.isdigit():
        raise click.BadParameter("it is not HOST:PORT", param_hint="--smtp")
    tls = tls or ("none" if is_loopback(relay) else "starttls")
    mail = Mail(relay.strip("[]"), int(port), mail_from, tls, smtp_user, smtp_password_file)
    interval = pulse or (3_600 if demo else 60)
    chosen = Settings(
        data.absolute(),
        origin,
        mail,
        host_mail,
        name=name,
        bind=bind,
        zone=zone,
        demo=demo,
        pulse=interval,
        database=database,
        database_password_file=database_password_file,
    )
    made = founding.found(chosen)
    tell(
        {"data": str(made.data), "origin": made.origin, "demo": made.demo},
        f"A new host stands in {made.data}.",
        f"Serve it: lastwords host serve --data {data}",
        f"Invite its first author: lastwords host join-code --data {data}",
    )


@click.command()
@DATA_OPTION
def serve(data: Path) -> None:
    """Serve a data folder until stopped: web, clock, sweep and outbox as one command."""
    from lastwords.server.settings import read

    chosen = read(data)
    aside(f"Serving {chosen.origin} from {chosen.data}. Stop it with Ctrl-C.")
    from lastwords.server import settings

    settings.configure(data)
    from lastwords.server import serve as server

    server.serve(data)


host.add_command(serve)


@host.command("join-code")
@DATA_OPTION
@answers
def join_code(data: Path) -> None:
    """Print a code by which one person may join as an author."""
    _ready(data)
    from lastwords.server import founding

    code = founding.new_join_code()
    tell({"code": code}, code)


@host.command()
@DATA_OPTION
@answers
def doctor(data: Path) -> None:
    """Look at everything this host depends on; changes nothing."""
    from lastwords.server import settings
    from lastwords.server.refusals import ServerRefused

    try:
        settings.configure(data)
    except ServerRefused as error:
        findings = [{"name": "data folder", "well": False, "says": error.happened, "do": error.do}]
    else:
        from lastwords.server import doctor as physician

        findings = [
            {"name": found.name, "well": found.well, "says": found.says, "do": found.do}
            for found in physician.examine(data)
        ]
    lines = [
        f"{'well' if found['well'] else 'NOT WELL'}: {found['name']}: {found['says']} {found['do']}".rstrip()
        for found in findings
    ]
    tell({"well": all(found["well"] for found in findings), "found": findings}, *lines)
    if not all(found["well"] for found in findings):
        raise SystemExit(1)


@host.command()
@DATA_OPTION
@answers
def upgrade(data: Path) -> None:
    """Bring the database up to this version, after copying it."""
    from lastwords.server import founding

    copy = founding.upgrade(data)
    tell(
        {"copy": copy or None},
        f"The database is up to date; the old one is kept as {copy}."
        if copy
        else "The database is up to date.",
    )


@host.command()
@DATA_OPTION
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write; new each time.",
)
@answers
def backup(data: Path, out: Path) -> None:
    """Write everything into one file, while the host goes on serving."""
    chosen = _configure(data)
    from lastwords.server import backup as backups

    size = backups.write(chosen, out.absolute())
    tell(
        {"file": str(out), "bytes": size},
        f"Everything is in {out} ({size} bytes). Keep it as carefully as the folder itself.",
        "To use it: unpack it into an empty folder with tar, and serve that. Every watch then stands still first.",
    )


@host.command("prove-backup")
@DATA_OPTION
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@answers
def prove_backup(data: Path, file: Path) -> None:
    """Unpack the backup FILE, look at everything in it as if it were served, and throw it away again."""
    chosen = _configure(data)
    from lastwords.server import backup as backups

    rows = backups.prove(chosen, file.absolute())
    tell(
        {"file": str(file), "rows": rows},
        f"{file} would bring everything back: {rows} rows of logs are whole.",
    )


@host.command()
@DATA_OPTION
@answers
def page(data: Path) -> None:
    """Print a code that opens the host's page once, within ten minutes."""
    chosen = _ready(data)
    from lastwords.server import founding

    code = founding.new_host_code()
    address = f"{chosen.origin}/host/sign-in"
    tell({"code": code, "address": address}, code, f"Type it within ten minutes at {address}.")


@host.command()
@DATA_OPTION
@answers
def load(data: Path) -> None:
    """Load the database of an unpacked backup into the empty PostgreSQL database that its settings name."""
    chosen = _configure(data)
    from lastwords.server import backup as backups

    backups.load(chosen)
    tell(
        {"database": "loaded"},
        "The database is loaded. When this folder is served, every watch stands still first.",
        f"Serve it: lastwords host serve --data {data}",
    )


@host.command()
@DATA_OPTION
@answers
def restored(data: Path) -> None:
    """Say that this data folder comes from a backup: every watch is put on hold."""
    _ready(data)
    from lastwords.server import checks

    told = checks.tell_restored("the host said so")
    tell({"watches": told}, f"{told} watches stand still until their author or keepers let them go on.")


@host.command()
@DATA_OPTION
@click.argument("authors", nargs=-1, metavar="[AUTHOR]...")
@click.option("--all", "everyone", is_flag=True, help="Every watch whose plan is in force.")
@click.option("--clock", is_flag=True, help="Because the clock cannot be trusted; only the host can lift it.")
@click.option("--lift", is_flag=True, help="Lift the hold that the host has placed.")
@answers
def hold(data: Path, authors: tuple[str, ...], everyone: bool, clock: bool, lift: bool) -> None:
    """Let all clocks of each AUTHOR's watch stand still. Author and called keepers are written to."""
    if everyone == bool(authors):
        raise click.UsageError("Name authors, or --all.")
    _ready(data)
    from lastwords.protocol.stages import HoldCause
    from lastwords.server import store, switch

    door = store.here()
    cause = HoldCause.CLOCK if clock else HoldCause.SWITCH
    said = switch.press(door, switch.all_armed(door) if everyone else authors, cause, lift=lift)
    tell(
        {"done": said.done, "refused": said.refused},
        f"{'Going on' if lift else 'Standing still'}: {', '.join(said.done) or 'none'}.",
        *(f"{author}: {why}" for author, why in said.refused.items()),
    )
    if said.refused and not said.done:
        raise SystemExit(1)


@host.command()
@DATA_OPTION
@click.argument("message_id")
@click.argument("address")
@answers
def bounced(data: Path, message_id: str, address: str) -> None:
    """Say that a letter came back: the MESSAGE-ID and the ADDRESS of the returned mail."""
    _ready(data)
    from lastwords.server import clock, outbox

    ident = message_id.strip("<>").partition("@")[0]
    outbox.here().bounced(ident, f"mail:{address}", clock.now())
    tell({"letter": ident}, "It is written down; the letter is tried again, and who must know is told.")


@host.command()
@DATA_OPTION
@click.option(
    "--maildir",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Every mail of this Maildir that nobody has seen yet.",
)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.File("rb"))
@answers
def bounces(data: Path, maildir: Path | None, files: tuple[BinaryIO, ...]) -> None:
    """Read returned mail: from a Maildir, from each FILE, or from standard input (-).

    Letters of this host that came back are written down, and who must know is told. No mail is ever a sign of life."""
    if (maildir is None) == (not files):
        raise click.UsageError("Name either --maildir or at least one FILE.")
    _ready(data)
    from lastwords.server import bounces as mails
    from lastwords.server import clock, outbox

    box, now = outbox.here(), clock.now()
    report = mails.take_folder(box, maildir, now) if maildir else mails.take_files(box, files, now)
    tell(report.plain(), *map(fit_for_terminal, report.lines()))


@host.command()
@DATA_OPTION
@click.argument("author")
@click.argument("row", type=int)
@click.option("--reason", required=True, help="Why; it stays in the host's log for ever.")
@answers
def erase(data: Path, author: str, row: int, reason: str) -> None:
    """Erase the body of one ROW of an AUTHOR's log. The chain stays whole, the reason stays on record."""
    _ready(data)
    from lastwords.server import audit, clock, store

    audit.erase(store.here(), author, row, reason, clock.now())
    tell({"author": author, "row": row}, f"Row {row} is erased; the log still verifies and says so.")


# For `lastwords log`.


@click.command("verify")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="LASTWORDS_DATA",
    help="The host's data folder.",
)
@click.option(
    "--file",
    "exported",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="An exported log instead.",
)
@answers
def log_verify(data: Path | None, exported: Path | None) -> None:
    """Verify every log: of a data folder, or of an exported file."""
    if (data is None) == (exported is None):
        raise click.UsageError("Name either --data or --file.")
    if exported is not None:
        from lastwords.server.exported import verify_lines

        verdicts = verify_lines(exported.read_text(encoding="utf-8").splitlines(), {})
    else:
        assert data is not None
        chosen = _configure(data)
        from lastwords.server import audit

        verdicts = audit.verify_all(chosen.heads)
    logs = [
        {
            "name": verdict.name,
            "rows": verdict.rows,
            "head": verdict.head.link.hex(),
            "erased": list(verdict.erased),
            "whole": verdict.whole,
            "faults": list(verdict.faults),
        }
        for verdict in verdicts
    ]
    lines = [
        f"{verdict.name}: {verdict.rows} rows, "
        + ("whole" if verdict.whole else "NOT WHOLE: " + "; ".join(verdict.faults))
        + (f", {len(verdict.erased)} erased" if verdict.erased else "")
        for verdict in verdicts
    ]
    whole = all(verdict.whole for verdict in verdicts)
    tell({"whole": whole, "rows": sum(verdict.rows for verdict in verdicts), "logs": logs}, *lines)
    if not whole:
        raise SystemExit(1)


@click.command("export")
@DATA_OPTION
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to; standard output if left out."
)
def log_export(data: Path, out: Path | None) -> None:
    """Write every log as JSON lines, to be read or verified elsewhere."""
    _configure(data)
    from lastwords.server import audit

    if out is None:
        for line in audit.export():
            click.echo(line)
    else:
        with out.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in audit.export())


def _ready(data: Path) -> "Settings":
    chosen = _configure(data)
    from lastwords.server import checks

    checks.ready(data)
    return chosen


def _configure(data: Path) -> "Settings":
    """The folder's settings, with Django pointed at it."""
    from lastwords.server import settings

    return settings.configure(data)
