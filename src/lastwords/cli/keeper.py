"""`lastwords keeper`: the author's circle. Nobody is verified by what a host shows: an invitation's secret proves the
keys, which are then pinned and vouched for with the author's signature."""

from typing import Any

import click

from lastwords.cli import households, show
from lastwords.cli.errors import Stopped
from lastwords.cli.invite import answered
from lastwords.cli.me import Me, me, now
from lastwords.cli.new_keys import confirm
from lastwords.cli.pins import Pin
from lastwords.cli.watch import health_lines
from lastwords.sealing.invitation import check_answer
from lastwords.sealing.person import PublicKeys
from lastwords.signing.vouching import BY_INVITATION, BY_VOICE, Vouching

NOT_VOUCHED = (
    "You did not vouch for them (--vouch), so they count only 30 days from now, or from the day your plan becomes "
    "active. It cannot be added later."
)


@click.group()
def keeper() -> None:
    """Your keepers: list, verify, suspend, remove."""


@keeper.command("list")
@show.answers
def list_keepers() -> None:
    """List your keepers, with the stage of each seat."""
    person = me()
    keepers = person.host.get("watches", person.handle, "keepers")["keepers"]
    lines = show.rows(
        [
            (
                one["handle"],
                show.fit_for_terminal(one["name"]),
                _stage(one),
                f"{len(one['proven'])} of {len(one['tracks'])} proven",
            )
            for one in keepers
        ],
        "Handle", "Name", "Seat", "Shares",
    )  # fmt: skip
    circle = person.host.get("watches", person.handle, "health")
    show.tell(
        {"keepers": keepers, "health": circle},
        *(lines if keepers else ["No keepers yet: `lastwords invite keeper NAME`."]),
        *health_lines(circle),
        *households.lines(person, circle),
    )


def _stage(seat: dict[str, Any]) -> str:
    return show.spoken(seat["stage"]) + (f", alternate {seat['alternate']}" if seat["alternate"] else "")


@keeper.command()
@click.argument("handle")
@click.option(
    "--vouch", is_flag=True, help="You also vouch for the person: in a first circle they count at once."
)
@click.option(
    "--eight-words",
    help="Instead of the invitation: the eight words of their key, as they read them aloud to you.",
)
@show.answers
def verify(handle: str, vouch: bool, eight_words: str | None) -> None:
    """Check a keeper's keys against your invitation, pin them, and sign for them.

    A keeper with new keys is verified once more, by the eight words that they read to you."""
    person = me()
    by_answer = eight_words is None
    keys = (
        check_and_pin(person, handle, "keeper") if by_answer else confirm(person, handle, eight_words or "")
    )
    document = Vouching(
        author=person.handle,
        keeper=handle,
        sealing=keys.sealing_fingerprint,
        signing=keys.signing_fingerprint,
        sign_in=keys.sign_in_fingerprint,
        by=BY_INVITATION if by_answer else BY_VOICE,
        moment=now(),
    )
    person.host.post(
        "watches",
        person.handle,
        "keepers",
        handle,
        "verification",
        document=person.sign(document),
        vouched=vouch,
    )
    person.pins.seat(handle, True)
    show.tell(
        {"keeper": handle, "eight_words": list(keys.eight_words), "vouched": vouch},
        f"{handle} is verified. Their eight words, should you ever compare them by voice:",
        " ".join(keys.eight_words),
        *([] if vouch else [NOT_VOUCHED]),
    )


@keeper.command()
@click.argument("handle")
@show.answers
def suspend(handle: str) -> None:
    """Suspend a seat: it reads and writes, but does not count."""
    person = me()
    person.host.post("watches", person.handle, "keepers", handle, "suspend")
    show.tell({"keeper": handle, "suspended": True}, f"The seat of {handle} is suspended.")


@keeper.command()
@click.argument("handle")
@show.answers
def remove(handle: str) -> None:
    """Take a seat back. Then seal your words again with `lastwords words new-keys`."""
    person = me()
    # Noted first: from now on no host can have a share sealed to them, whether it heard of this or not.
    person.pins.seat(handle, False)
    person.host.delete("watches", person.handle, "keepers", handle)
    show.tell(
        {"keeper": handle, "removed": True},
        f"{handle} is no longer your keeper. The shares they hold still open until you seal with new keys:",
        "run `lastwords words new-keys TRACK` for each of your words.",
    )


def check_and_pin(person: Me, handle: str, role: str) -> PublicKeys:
    """The keys of an invited person, proven by the invitation's secret, pinned, and equal to what the host shows."""
    found = answered(person, handle, role)
    if found is None:
        raise Stopped(
            f"{handle} has not answered an invitation of yours as {role}; nothing was changed.",
            "See `lastwords invite list`. An invitation made on another device can only be checked there.",
            "not_answered",
        )
    invitation, row = found
    keys = check_answer(invitation, row.data("answer"))
    shown = person.shown_keys(handle)
    if (shown.public_key, shown.signing_key, shown.sign_in_key) != (keys.sealing, keys.signing, keys.sign_in):
        raise Stopped(
            f"The host keeps other keys for {handle} than the ones they answered with; nothing was signed.",
            f"Tell whoever runs the host, and invite {handle} again.",
            "another_key",
        )
    person.pins.keep(handle, Pin.of(keys, "invitation"))
    return keys


keeper.add_command(households.household)
