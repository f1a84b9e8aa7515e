"""`lastwords alarm` and `lastwords hold`: one asks, the other stops. Neither brings anyone nearer to the words."""

import click

from lastwords.cli import show
from lastwords.cli.me import me

second = click.option("--second", help="The keeper who joins in, where a second one is needed.")


@click.command()
@click.argument("author", required=False)
@second
@show.answers
def alarm(author: str | None, second: str | None) -> None:
    """Ask AUTHOR now and call the keepers together; without AUTHOR, for your own watch.

    It shortens no wait: nothing is released earlier because of it than the plan says."""
    person = me()
    whose = author or person.handle
    answer = person.host.post("watches", whose, "alarms", **({"second": second} if second else {}))
    show.tell(
        answer,
        f"The alarm is raised. {whose} is being asked now, and a case is open.",
        f"Read it with `lastwords case {whose} show`. If someone is in danger now, call the emergency number first.",
    )


@click.command()
@click.argument("author", required=False)
@second
@click.option(
    "--lift",
    metavar="CAUSE",
    help="Lift the hold of this cause instead: switch, weak_sign, spoken_with, clock, restore.",
)
@show.answers
def hold(author: str | None, second: str | None, lift: str | None) -> None:
    """Stop all clocks of AUTHOR's watch (your own without AUTHOR), or lift a hold that is yours to lift."""
    person = me()
    whose = author or person.handle
    if lift:
        answer = person.host.post("watches", whose, "holds", lift, "lift")
        show.tell(answer, "The hold is lifted. The stage's wait begins again in full.")
        return
    answer = person.host.post("watches", whose, "holds", **({"second": second} if second else {}))
    show.tell(
        answer, "All clocks stand still. `lastwords state` says who can lift the hold, and when it ends."
    )
