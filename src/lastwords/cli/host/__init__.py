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


class Verbs(click.Group):
    """Says of each command its whole first sentence: a line that is cut off says nothing to whoever reads it first."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
            formatter.write_dl([(name, one.get_short_help_str(limit=200)) for name, one in found if one])


@click.group(cls=Verbs)
def host() -> None:
    """Run a host."""


for command in (
    *(init, serve, join_code, page, doctor, upgrade),
    *(backup, backup_key, restore, restored),
    *(hold, bounced, mailbox, erase),
):
    host.add_command(command)
