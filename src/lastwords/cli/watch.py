"""`lastwords watch` and `lastwords state`: which watches one has a part in, and how they stand."""

from contextlib import nullcontext
from typing import Any

import click

from lastwords.cli import homecoming, show
from lastwords.cli.me import me, own_watch
from lastwords.protocol.health import still_right


@click.group()
def watch() -> None:
    """The watches you have a part in."""


@watch.command("list")
@show.answers
def list_watches() -> None:
    """List the watches you have a part in."""
    watches = me().host.get("me")["watches"]
    lines = [
        f"{one['author']} ({show.fit_for_terminal(one['name'])}): {', '.join(one['roles'])}"
        for one in watches
    ]
    show.tell({"watches": watches}, *(lines or ["You have no part in any watch yet."]))


@click.command()
@click.argument("author", required=False)
@show.answers
def state(author: str | None) -> None:
    """How AUTHOR's watch stands (your own without AUTHOR), as far as you may know."""
    person = me()
    whose = author or person.handle
    with own_watch(person) if whose == person.handle else nullcontext():
        seen = person.host.get("watches", whose)
    zone = person.person.zone
    lines: list[str] = []
    if "state" in seen:
        lines += _for_author(seen, zone)
        told, circle = (person.host.get("watches", whose, name) for name in ("told", "health"))
        lines += health_lines(circle, frozen=seen["stage"] in FROZEN) if seen["state"]["armed"] else []
        lines += asked_again_lines(circle, zone)
        lines += homecoming.told_lines(told, zone)
        seen |= {"told": told["told"], "health": circle}
    elif "seat" in seen:
        lines += _for_keeper(seen, zone, person.handle)
    for track in seen.get("own", []):
        lines.append(f"Words for you: {track['track']}, {show.spoken(track['words'])}.")
    show.tell(seen, *(lines or [f"There is nothing to know about {whose} at the moment."]))


ASKED = ("late", "vigil", "closing")
"""Stages in which the author is waited for."""
FROZEN = ("late", "vigil")
"""Stages in which words cannot change, so nobody is sent to change them."""
HERE = "To say it: `lastwords here`."
HERE_AGAIN = (
    "By whichever you have not used yet: your key, with `lastwords here`, or a code of your paper list, with "
    "`lastwords here --code`."
)


def _for_author(seen: dict[str, Any], zone: str) -> list[str]:
    kept = seen["state"]
    lines = [f"Your watch is: {show.spoken(seen['stage'])}."]
    if seen["stage"] in ASKED:
        said = seen["standing"]
        lines += [f"{said['sentence']}.", *([] if seen["holds"] else [said["detail"]])]
        lines.append(HERE_AGAIN if seen["stage"] == "closing" else HERE)
    if seen["stage"] == "draft":
        lines.append("Your plan is not active yet. `lastwords plan show` says what is open.")
    if seen.get("next_due"):
        lines.append(f"Next check-in by {show.day(seen['next_due'], zone)}.")
    if seen.get("next_due") and seen.get("earliest_release"):
        lines.append(
            f"If you fell silent now, nothing could be released before {show.day(seen['earliest_release'], zone)}."
        )
    if kept["trip"]:
        lines.append(f"On a trip, back by {show.day(kept['trip']['back'], zone)}.")
    lines += show.holds(seen["holds"], zone, you=seen["author"])
    if kept["case"] and not kept["case"]["closed"]:
        lines.append(
            f"Case {kept['case']['number']} is open since {show.day(kept['case']['opened'][0], zone)}."
        )
    if kept["keys_due"] and seen["stage"] not in FROZEN:
        lines.append(f"New keys are due: run `lastwords words new-keys` for {', '.join(kept['keys_due'])}.")
    return lines


def health_lines(circle: dict[str, Any], *, frozen: bool = False) -> list[str]:
    """How the author's circle would do today: the track that would fail first, then what is better mended soon. While
    words are `frozen` nothing is said of new keys, which nobody can seal then."""
    sentence = [circle["sentence"]] if circle["sentence"] else []
    return sentence + [
        one["sentence"] for one in circle["warnings"] if not (frozen and one["code"] == "keys_due")
    ]


def asked_again_lines(circle: dict[str, Any], zone: str) -> list[str]:
    """What the author is asked about words that are more than a year old, and the two ways to answer."""
    asked = circle["asked_again"]
    lines = []
    for one in asked:
        left = show.date(one["left"], zone) if one["left"] else ""
        asking = still_right(one["recipient"], show.date(one["sealed"], zone), left)
        lines.append(show.fit_for_terminal(f"{asking} ({one['track']})"))
    if asked:
        lines.append(
            "Read it again: `lastwords words read TRACK --to DIR`. Leave it as it is: `lastwords words leave TRACK`."
        )
    return lines


def _for_keeper(seen: dict[str, Any], zone: str, you: str) -> list[str]:
    lines = []
    if seen["seat"]:
        lines.append(
            f"You are a keeper of {seen['author']}: your seat is {show.spoken(seen['seat']['stage'])}."
        )
    if "stage" not in seen:
        return [*lines, "Nobody is being asked at the moment."]
    lines.append(f"The watch of {seen['author']} is: {show.spoken(seen['stage'])}.")
    lines += show.holds(seen["holds"], zone, you=you)
    if seen["case"]:
        lines.append(f"Case {seen['case']}: `lastwords case {seen['author']} show`.")
    lines += [
        f"{track['track']}: {show.spoken(track['stage'])}, words {show.spoken(track['words'])}."
        for track in seen["tracks"]
    ]
    return lines
