"""`lastwords plan`: the author's terms, shown as dates and lengths, and armed with a signature over all of them."""

from typing import Any

import click

from lastwords.cli import show
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, me, now
from lastwords.cli.sealing import none_to_spare
from lastwords.cli.terms import believed
from lastwords.signing import canonical
from lastwords.signing.plan_terms import ASKS_NOBODY, PlanTerms

COUNTS = ("quorum", "channels", "weak_in_row")
"""Terms that count; all others are lengths of time in seconds, but `timer_only`, which is a choice."""


@click.group()
def plan() -> None:
    """Your plan: see it, arm it."""


@plan.command("show")
@show.answers
def show_plan() -> None:
    """Show your plan, and what is still open before it can be armed."""
    person = me()
    seen = person.host.get("watches", person.handle)
    kept = seen["state"]
    terms = {name: value for name, value in believed(person, seen).items() if name != "version"}
    tasks = open_tasks(kept)
    lines = [
        f"Your plan is active, version {kept['plan']['version']}."
        if kept["armed"]
        else "Your plan is not active yet.",
        *[f"  {show.spoken(name)}: {_term(name, value)}" for name, value in terms.items()],
        *(["Open:"] if tasks else []),
        *[f"  - {one}" for one in tasks],
    ]
    if not kept["armed"]:
        done = "When these are done" if tasks else "Nothing that we know of is missing"
        lines.append(f"{done}: `lastwords plan arm`. The host has the last word on what is missing.")
    show.tell(
        {"armed": kept["armed"], "version": kept["plan"]["version"], "terms": terms, "open": tasks}, *lines
    )


def _term(name: str, value: Any) -> str:
    if name == "timer_only":
        return "yes" if value else "no"
    return str(value) if name in COUNTS else show.length(value)


def open_tasks(kept: dict[str, Any]) -> list[str]:
    """What an author usually still has to do, in sentences. A help to memory: the machine decides when arming."""
    tasks = []
    if not kept["recovery_proven"]:
        tasks.append(
            "Print your recovery sheet and prove it: `lastwords key sheet FILE`, `lastwords key prove`."
        )
    if len({one["place"] for one in kept["credentials"] if not one["void"]}) < 2:
        tasks.append("Print a list of paper codes: `lastwords codes new --out FILE`.")
    unverified = [seat["keeper"] for seat in kept["seats"] if seat["stage"] == "accepted"]
    if unverified:
        tasks.append(f"Verify {', '.join(unverified)}: `lastwords keeper verify HANDLE --vouch`.")
    if not any(track["items"] for track in kept["tracks"]):
        tasks.append("Write words for one person: `lastwords words write`.")
    for track in [] if kept["armed"] else kept["tracks"]:
        tasks += _of_circle(kept, track) if track["items"] and track["k"] else []
    for track in kept["tracks"]:
        in_force = [_key(track), track["share_set"]]
        proven = [seat["keeper"] for seat in kept["seats"] if in_force in seat["receipts"]]
        missing = [keeper for keeper in track["roster"] if keeper not in proven]
        if track["items"] and missing:
            tasks.append(
                f"{', '.join(missing)} still to prove their share of {_key(track)}: `lastwords shares prove`."
            )
    return tasks


def _of_circle(kept: dict[str, Any], track: dict[str, Any]) -> list[str]:
    """What is too little about the keepers of a track before the first plan: one more must hold a share than are
    needed, and as many as are needed must count from the first day."""
    k = track["k"]
    holders = [
        seat
        for seat in kept["seats"]
        if seat["keeper"] in track["roster"] and seat["stage"] in ("verified", "seasoned")
    ]
    late = [seat["keeper"] for seat in holders if seat["stage"] == "verified" and not seat["vouched"]]
    tasks = none_to_spare(_key(track), k, len(holders))
    if len(holders) >= k > len(holders) - len(late):
        tasks.append(
            f"{k} keepers of {_key(track)} must count at once, and {', '.join(late)} would not: you did not vouch for "
            "them. Take such a seat back (`lastwords keeper remove`), invite them anew, and verify them with --vouch."
        )
    return tasks


def _key(track: dict[str, Any]) -> str:
    return ".".join(part for part in (track["condition"], track["recipient"], track["instead_of"]) if part)


@plan.command()
@click.option("--check-in-every", help="How often you say “I'm here”: 30d.")
@click.option("--late", help="How long you are asked before keepers are: 7d.")
@click.option("--vigil", help="How long keepers look for you at least: 4d.")
@click.option("--last-call", help="Your last time to answer after the quorum: 2d.")
@click.option("--quorum", type=click.IntRange(1, 16), help="How many keepers must agree.")
@click.option("--channels", type=click.IntRange(1, 2), help="How many of your channels must accept a letter.")
@click.option(
    "--timer-only", is_flag=True, default=None, help="A plan without keepers, for someone who has nobody."
)
@click.option(
    "--term", "others", multiple=True, metavar="NAME=LENGTH", help="Any other term, by its name in plan show."
)
@click.option(
    "--from-older",
    is_flag=True,
    help="The host was restored: begin from the older plan that it has, which you signed.",
)
@show.answers
def arm(
    check_in_every: str | None,
    late: str | None,
    vigil: str | None,
    last_call: str | None,
    quorum: int | None,
    channels: int | None,
    timer_only: bool | None,
    others: tuple[str, ...],
    from_older: bool,
) -> None:
    """Sign your terms and ask that they be kept. What you do not name stays as it is."""
    person = me()
    seen = person.host.get("watches", person.handle)
    kept, terms = seen["state"], believed(person, seen, older=from_older)
    lengths = {"check_in_every": check_in_every, "late": late, "vigil": vigil, "last_call": last_call}
    terms |= {name: show.seconds(value) for name, value in lengths.items() if value is not None}
    terms |= {
        name: value for name, value in (("quorum", quorum), ("channels", channels)) if value is not None
    }
    terms |= dict(_other(one, terms) for one in others)
    if timer_only:
        terms["timer_only"] = True
        show.aside(ASKS_NOBODY)
    terms["version"] = max(terms["version"] if kept["armed"] else 0, person.pins.plan_seen()) + 1
    answer = _arm(person, terms)
    least = terms["late"] + terms["vigil"] + terms["last_call"]
    show.tell(
        answer,
        f"Your plan is active, version {terms['version']}.",
        f"Next check-in by {show.day(answer.get('next_due'), person.person.zone)}.",
        f"Nothing can be released earlier than {show.length(least)} after a missed check-in or an alarm.",
        *([] if terms["timer_only"] else ["If your keepers never agree, your words stay sealed."]),
    )


def _other(text: str, terms: dict[str, Any]) -> tuple[str, int]:
    name, _, value = text.partition("=")
    name = name.strip().replace("-", "_").replace(" ", "_")
    if name not in terms or name in ("version", "timer_only"):
        raise Stopped(
            f"There is no term “{name}”; the plan in force is unharmed.",
            "The names stand in `lastwords plan show`.",
            "term_unknown",
        )
    return name, show.seconds(value.strip())


def _arm(person: Me, terms: dict[str, Any]) -> dict[str, Any]:
    document = PlanTerms(
        author=person.handle,
        plan_version=terms["version"],
        terms=canonical.digest(canonical.encode(terms)),
        moment=now(),
    )
    answer: dict[str, Any] = person.host.post(
        "watches", person.handle, "plan", terms=terms, document=person.sign(document)
    )
    person.pins.see_plan(terms["version"])
    return answer
