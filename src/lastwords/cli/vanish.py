"""`lastwords vanish`: if you vanished today, as dates. The host runs its own machine forward; nothing is changed."""

from contextlib import nullcontext

import click

from lastwords.cli import show
from lastwords.cli.errors import told_of
from lastwords.cli.me import me


@click.command()
@click.option("--silent", help="Keepers who would not answer either: a,b.")
@click.option("--mail-down", is_flag=True, help="As if none of your own channels accepted letters.")
@click.option("--return-day", type=click.IntRange(0, 3650), help="As if you came back on this day.")
@show.answers
def vanish(silent: str | None, mail_down: bool, return_day: int | None) -> None:
    """See what would happen if you vanished today: who learns what, when, and what would stop it."""
    person = me()
    no_keeper = told_of(
        "not_found",
        f"Not everybody in “{silent}” is a keeper of yours; nothing was looked at.",
        "Name them by their handles, as `lastwords keeper list` shows them: a,b.",
    )
    with no_keeper if silent else nullcontext():
        answer = person.host.get(
            "watches",
            person.handle,
            "vanish",
            silent=silent,
            mail_down=1 if mail_down else None,
            return_day=return_day,
        )
    rows = answer["rows"]
    lines = []
    for row in rows:
        about = f" ({row['about']})" if row["about"] else ""
        lines.append(f"{show.day(row['wall'], person.person.zone)}: {row['sentence']}{about}")
        if row["stops"]:
            lines.append(f"    Stopped by {row['stops']}.")
    show.tell({"rows": rows}, *(lines or ["Nothing would happen: your plan is not active."]))
