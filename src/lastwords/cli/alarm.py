"""`lastwords alarm` and `lastwords hold`: one asks, the other stops. Neither brings anyone nearer to the words."""

import json

import click

from lastwords.cli import show, typed
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, me, moment_of

second = typed.source_option(
    "--second", "What the keeper who joins in has signed for you (--join-in), where a second is needed."
)
join_in = click.option(
    "--join-in", metavar="KEEPER", help="Sign for this keeper, who needs a second, and act no further."
)


@click.command()
@click.argument("author", required=False)
@second
@join_in
@show.answers
def alarm(author: str | None, second: str | None, join_in: str | None) -> None:
    """Ask AUTHOR now and call the keepers together; without AUTHOR, for your own watch.

    It shortens no wait: nothing is released earlier because of it than the plan says."""
    person = me()
    whose = author or person.handle
    if join_in:
        _sign_for(person, "alarm", whose, join_in)
        return
    answer = person.host.post("watches", whose, "alarms", **_signed_second(second))
    show.tell(
        answer,
        f"The alarm is raised. {whose} is being asked now, and a case is open.",
        f"Read it with `lastwords case {whose} show`. If someone is in danger now, call the emergency number first.",
    )


@click.command()
@click.argument("author", required=False)
@second
@join_in
@click.option(
    "--lift",
    metavar="CAUSE",
    help="Lift the hold of this cause instead: switch, weak_sign, spoken_with, clock, restore.",
)
@show.answers
def hold(author: str | None, second: str | None, join_in: str | None, lift: str | None) -> None:
    """Stop all clocks of AUTHOR's watch (your own without AUTHOR), or lift a hold that is yours to lift.

    If nobody lifts it, it ends by itself. Where no case is open then, the author is asked at once, and the keepers are
    called together, if the plan asks any."""
    person = me()
    whose = author or person.handle
    if join_in:
        _sign_for(person, "hold", whose, join_in)
        return
    if lift:
        cause = lift.replace("-", "_")
        answer = person.host.post("watches", whose, "holds", cause, "lift")
        if any(one["cause"] == cause for one in answer["holds"]):
            show.tell(answer, "You have signed that the hold may end. It ends once enough of you have.")
        else:
            show.tell(
                answer, "The hold is lifted. Once no other stands, the stage's wait begins again in full."
            )
        return
    answer = person.host.post("watches", whose, "holds", **_signed_second(second))
    show.tell(
        answer,
        "All clocks stand still. `lastwords state` says who can lift the hold, and when it ends by itself.",
        "Lift it before then: if no case is open when it ends, the author is asked at once, and the keepers are called "
        "together, if the plan asks any.",
    )


def _sign_for(person: Me, act: str, author: str, keeper: str) -> None:
    """The second keeper's own signature, for one act of one other keeper, in the newest case if there is one: of which
    whoever adds it may know, so not in one that a word under force opened. It is dated by the host's clock: outside a
    case it goes stale, and this machine's clock may be wrong."""
    try:
        case = person.host.get("watches", author, "case")
    except Stopped as stopped:
        if stopped.code != "not_found":
            raise
        case = None
    if case and case["cause"] == "force":
        case = case["force"]["without"]
    dated = moment_of(person.host.get("watches", author)["now"])
    document = person.sign_act(act, author, "keeper", case=case, subject=keeper, moment=dated)
    show.tell({"document": document}, document)
    show.aside(f"Send this to {keeper}, who adds it with --second.")


def _signed_second(source: str | None) -> dict[str, str]:
    """The second keeper's document: as it was printed, or the JSON answer around it."""
    if source is None:
        return {}
    said = typed.secret(source, "Paste what the second keeper signed", hide=False)
    try:
        inside = json.loads(said)["document"]
    except (ValueError, KeyError, TypeError):
        inside = None
    # A signed envelope has a `document` too, but there it is an object and not a text.
    return {"second": inside if isinstance(inside, str) else said}
