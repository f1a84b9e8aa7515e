"""`lastwords host`: found, serve and look after a host; one file per verb. Django is loaded only inside the commands
that need it."""

import click

from lastwords.cli.host.backup import backup, backup_key
from lastwords.cli.host.codes import join_code, page
from lastwords.cli.host.doctor import doctor
from lastwords.cli.host.hold import hold, restored
from lastwords.cli.host.init import init
from lastwords.cli.host.log import erase, log_export, log_verify
from lastwords.cli.host.mailbox import bounced, mailbox
from lastwords.cli.host.restore import restore
from lastwords.cli.host.serve import serve
from lastwords.cli.host.upgrade import upgrade

__all__ = ["host", "log_export", "log_verify", "serve"]


@click.group()
def host() -> None:
    """Run a host."""


for command in (
    *(init, serve, join_code, page, doctor, upgrade),
    *(backup, backup_key, restore, restored),
    *(hold, bounced, mailbox, erase),
):
    host.add_command(command)
