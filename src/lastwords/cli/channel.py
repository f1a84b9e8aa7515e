"""`lastwords channel`: the ways by which letters reach a person. Only a proven one is ever written to."""

import click

from lastwords.cli import show, typed
from lastwords.cli.errors import Stopped
from lastwords.cli.me import me


@click.group()
def channel() -> None:
    """The ways by which letters reach you."""


@channel.command()
@click.argument("kind", type=click.Choice(["mail"]))
@click.argument("address")
@show.answers
def add(kind: str, address: str) -> None:
    """Add a way to be reached. A number is sent there; `channel prove` takes it."""
    added = me().host.post("me", "channels", kind=kind, address=address)
    show.tell(
        {"channel": added["id"]},
        f"A letter with a number is on its way to {address}.",
        "Type the number with `lastwords channel prove`. It works here and nowhere else.",
    )


@channel.command()
@click.argument("channel", type=int, required=False)
@typed.source_option("--code", "The number from the letter; asked for when left out.")
@show.answers
def prove(channel: int | None, code: str | None) -> None:
    """Prove a channel by the number that was sent there."""
    person = me()
    channels = person.host.get("me")["channels"]
    waiting = [one for one in channels if channel in (None, one["id"]) and not one["proven"]]
    if len(waiting) != 1:
        names = (
            ", ".join(f"{one['id']} ({one['address']})" for one in channels if not one["proven"]) or "none"
        )
        raise Stopped(
            "Which channel is meant is not clear; nothing was changed.",
            f"Name it by its number. Waiting to be proven: {names}.",
            "which_channel",
        )
    said = typed.secret(code, f"Number sent to {waiting[0]['address']}", hide=False)
    person.host.post("me", "channels", waiting[0]["id"], "proof", code=said)
    show.tell({"proven": waiting[0]["id"]}, f"Letters to {waiting[0]['address']} reach you.")


@channel.command("list")
@show.answers
def list_channels() -> None:
    """List your channels."""
    person = me()
    channels = person.host.get("me")["channels"]
    lines = [
        f"{one['id']}: {one['kind']} {show.fit_for_terminal(one['address'])}"
        + (", proven" if one["proven"] else ", waiting for its number")
        + (f", written to until {show.day(one['leaves'], person.person.zone)}" if one["leaves"] else "")
        for one in channels
    ]
    show.tell({"channels": channels}, *(lines or ["No channel yet: no letter can reach you."]))


@channel.command()
@click.argument("channel", type=int)
@show.answers
def remove(channel: int) -> None:
    """Take a channel out. A proven one is still written to for 14 days, in case it was not you who did this."""
    person = me()
    answer = person.host.delete("me", "channels", channel)
    show.tell(
        answer,
        f"Letters still go there until {show.day(answer['leaves'], person.person.zone)}."
        if answer["leaves"]
        else "It was never proven and is gone.",
    )
