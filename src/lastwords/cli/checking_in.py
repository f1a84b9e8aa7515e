"""A check-in: signed with the author's own key, or by a code from the paper list.

Somebody on a trip may say with it whom they have with them. That is an entry in the other's case, by a keeper who saw
them, and never the other's own sign of life: only they can give that.
"""

from typing import Any

from lastwords.case.entries import Sighting
from lastwords.cli import entries
from lastwords.cli.client import Host
from lastwords.cli.errors import Stopped, told_of
from lastwords.cli.me import Me, now
from lastwords.signing.check_in import CheckIn, heads_digest

FURTHEST = 1_000_000
"""How far a host's count of check-ins may be ahead of this machine's. A count driven to its end would leave no number
for any check-in to come, at an honest host too."""


def seen(person: Me, author: str, where: str) -> int:
    """A sighting in a companion's open case, as any keeper's; gives the entry's number. What was said before stands
    whatever becomes of it."""
    try:
        case = person.host.get("watches", author, "case")
        entry = entries.made(person, Sighting(place=where, company=person.handle), entries.About())
        return int(entries.write(person, author, case, entry, "case")["entry"])
    except Stopped as stopped:
        raise Stopped(
            f"Your own check-in stands. Nothing was written about {author}: {stopped.happened}",
            f"It is written where you keep for them and their case is open. {stopped.do}",
            stopped.code,
        ) from stopped


def with_key(person: Me) -> dict[str, Any]:
    """A check-in signed with the author's own key.

    A home brought back from a copy, or made from the recovery sheet, counts lower than the host remembers. Its sign of
    life is then refused as a replay, and signed once more above the host's number: whoever has the key can say so."""
    try:
        return _signed(person, above=0)
    except Stopped as stopped:
        if stopped.code != "counter_low":
            raise
    above = person.host.get("me")["counters"]["key"]
    if not isinstance(above, int) or above > person.home.counter(person.host.origin) + FURTHEST:
        raise Stopped(
            f"The host claims to have counted {above} check-ins of yours, more than a life has. Nothing was signed "
            "above that number, and your own count is unharmed.",
            "Check in with a paper code, and tell whoever runs the host.",
            "counter_far",
        )
    return _signed(person, above)


def _signed(person: Me, above: int) -> dict[str, Any]:
    """Signs host, moment, counter and the newest manifests. The counter is on disk before the host hears of it, so a
    lost answer costs a number and never a refusal."""
    host, handle = person.host, person.handle
    counter = person.home.next_counter(host.origin, above)
    document = CheckIn(
        host=host.origin,
        author=handle,
        moment=now(),
        counter=counter,
        heads=heads_digest(person.pins.heads(handle)),
    )
    answer = host.post("watches", handle, "check-ins", document=person.sign(document))
    # Asked for by name, so that an answer without them is refused, and not taken for a sign that was heard.
    return {**answer, "stage": answer["stage"], "next_due": answer["next_due"], "counter": counter}


def with_code(person: Me, code: str) -> dict[str, Any]:
    """A paper code carries its own proof, so the key may be lost, locked or elsewhere."""
    handle = person.handle
    # To a stranger, as which a code is brought, the host says of a wrong one what it says of unknown names.
    with told_of(
        "name_or_code",
        f"This code is not one of {handle}'s, or not any more: mistyped, used, or of a list that a newer one has "
        "ended. It was no sign of life; nothing was changed.",
        "Compare it with the paper, or take the next line. With your key at hand, `lastwords here` needs no code.",
    ):
        answer: dict[str, Any] = Host(person.person.origin).post("watches", handle, "check-ins", code=code)
    return answer
