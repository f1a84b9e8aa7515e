"""The terms of the author's own plan, believed because the author signed them.

How many keepers open, how long is waited, whether keepers are asked at all: a host that could change these unseen could
have words sealed for fewer keepers, or have the author sign a plan of its making. So what it shows counts only with the
author's signature, and never an older plan than the newest seen here. Where nothing was signed yet, the terms are those
with which every plan begins.
"""

from dataclasses import asdict
from typing import Any

from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me
from lastwords.protocol.watch import Plan
from lastwords.signing import canonical
from lastwords.signing.documents import read
from lastwords.signing.plan_terms import PlanTerms


def believed(person: Me, seen: dict[str, Any], *, older: bool = False) -> dict[str, Any]:
    """The terms in the author's own watch, as shown. Raises Stopped for any that the author did not sign.
    With `older` also those of a plan before the newest: a restored host has no others to go on from."""
    terms, text = dict(seen["state"]["plan"]), seen["signed_plan"]
    newest = person.pins.plan_seen()
    if text is None:
        if seen["state"]["armed"] or terms != asdict(Plan()):
            raise _another_plan()
        if newest and not older:
            raise _older_plan(0, newest)
        return terms
    data = str(text).encode()
    signed = read(data, PlanTerms, person.author_key(person.handle, data)).document
    meant = (person.handle, terms.get("version"), canonical.digest(canonical.encode(terms)))
    if (signed.author, signed.plan_version, signed.terms) != meant:
        raise _another_plan()
    if signed.plan_version < newest and not older:
        raise _older_plan(signed.plan_version, newest)
    person.pins.see_plan(signed.plan_version)
    return terms


def _older_plan(version: int, newest: int) -> Stopped:
    """Version 0 is no plan at all: the one with which everybody begins."""
    shown = f"version {version} of your plan" if version else "no plan of yours"
    return Stopped(
        f"The host shows {shown}, and version {newest} was signed here. What it shows was not used; nothing was sealed "
        "or signed.",
        "If the host was restored, sign again from what it has, naming each term that you changed since: "
        "`lastwords plan arm --from-older`. If not, tell whoever runs it.",
        "older_plan",
    )


def _another_plan() -> Stopped:
    return Stopped(
        "The host shows other terms of your plan than those you signed last. They were not used; nothing was sealed or "
        "signed, and the plan you signed is unharmed.",
        "Tell whoever runs the host.",
        "another_plan",
    )
