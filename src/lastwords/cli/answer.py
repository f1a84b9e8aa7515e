"""What a recipient can say instead of opening: later, no thank you, through someone else. None of it is final."""

from typing import Any

import click

from lastwords.cli import show
from lastwords.cli.errors import told_of
from lastwords.cli.join import zone_option
from lastwords.cli.me import Me, me, nothing_told


def _say(author: str, track: str | None, act: str, verb: str, **more: Any) -> dict[str, Any]:
    person = me()
    name = track if track and "." in track else _meant(person, author, track)
    document = person.sign_act(act, author, "recipient", subject=name)
    answer: dict[str, Any] = person.host.post(
        "watches", author, "tracks", name, verb, document=document, **more
    )
    return answer


def _meant(person: Me, author: str, track: str | None) -> str:
    with told_of("not_found", *nothing_told(author, "nothing was changed")):
        return str(person.sealed_track(author, track).row["track"])


@click.command()
@click.argument("author")
@click.argument("track", required=False)
@click.option("--until", help="When you wish to be asked again: 2026-12-24 18:00. Never, when left out.")
@zone_option
@show.answers
def later(author: str, track: str | None, until: str | None, zone: str | None) -> None:
    """Keep the words for later. You can open them at any time before and after."""
    zone = zone or me().person.zone
    when = show.moment(until, zone) if until else 0
    answer = _say(author, track, "later", "later", until=when)
    asked = f"You are asked again on {show.day(when, zone)}, once." if when else "Nobody asks you again."
    show.tell(answer, f"Kept for later. {asked} You can open them whenever you wish.")


@click.command()
@click.argument("author")
@click.argument("track", required=False)
@show.answers
def decline(author: str, track: str | None) -> None:
    """Say “no, thank you”. The words stay sealed, and you can change your mind."""
    answer = _say(author, track, "decline", "decline")
    show.tell(answer, "Written down. The words stay sealed; you can change your mind at any time.")


@click.command()
@click.argument("author")
@click.argument("track", required=False)
@click.option("--someone", required=True, help="Who should be with you, or receive them for you.")
@show.answers
def through(author: str, track: str | None, someone: str) -> None:
    """Say that you wish to receive the words through someone else."""
    answer = _say(author, track, "through someone else", "through", someone=someone)
    show.tell(answer, f"Written down: through {someone}. The keepers see it.")
