"""`lastwords host init`: a new host."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lastwords.cli.errors import Stopped
from lastwords.cli.host.folder import DATA_OPTION, from_anywhere
from lastwords.cli.show import answers, tell

if TYPE_CHECKING:
    from lastwords.server.refusals import BadSettings

OPTIONS = {
    "mail.sender": "--mail-from",
    "mail.port": "--smtp",
    "mail.tls": "--tls",
    "mail.password_file": "--smtp-password-file",
}
"""Which option a setting comes from, where its name does not say so."""


@click.command()
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
    from lastwords.server.refusals import BadSettings
    from lastwords.server.settings import Mail, Settings

    relay, colon, port = smtp.rpartition(":")
    if not colon or not port.isdigit():
        raise click.BadParameter("it is not HOST:PORT", param_hint="--smtp")
    tls = tls or ("none" if is_loopback(relay) else "starttls")
    mail = Mail(relay.strip("[]"), int(port), mail_from, tls, smtp_user, from_anywhere(smtp_password_file))
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
        database_password_file=from_anywhere(database_password_file),
    )
    try:
        made = founding.found(chosen)
    except BadSettings as refused:
        if not refused.setting:
            raise
        raise _as_typed(refused) from refused
    tell(
        {"data": str(made.data), "origin": made.origin, "demo": made.demo},
        f"A new host stands in {made.data}.",
        f"Serve it: lastwords host serve --data {data}",
        f"Invite its first author: lastwords host join-code --data {data}",
    )


def _as_typed(refused: "BadSettings") -> Stopped:
    """A refusal of a setting, told of the option that was typed: there is no settings.toml yet to correct."""
    option = OPTIONS.get(refused.setting, f"--{refused.setting.replace('_', '-')}")
    return Stopped(
        refused.happened.replace(f"The setting {refused.setting}", option, 1),
        f"Type the command again with another value. What fits: {refused.remedy}.",
        "bad_settings",
    )
