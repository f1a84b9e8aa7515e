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


def believed(person: Me, seen: dict[str, Any]) -> dict[str, Any]:
    """The terms in the author's own watch, as the host shows. Raises Stopped for any that the author did not sign."""
    terms, text = dict(seen["state"]["plan"]), seen["signed_plan"]
    newest = person.pins.plan_seen()
    if text is None:
        if newest or terms != asdict(Plan()):
            raise _another_plan()
        return terms
    signed = read(str(text).encode(), PlanTerms, person.keys.signing.public).document
    meant = (person.handle, terms.get("version"), canonical.digest(canonical.encode(terms)))
    if (signed.author, signed.plan_version, signed.terms) != meant or signed.plan_version < newest:
        raise _another_plan()
    person.pins.see_plan(signed.plan_version)
    return terms


def _another_plan() -> Stopped:
    return Stopped(
        "The host shows other terms of your plan than those you signed last. They were not used; nothing was sealed or "
        "signed, and the plan you signed is unharmed.",
        "Tell whoever runs the host; it may have been restored. The terms you signed stand in your own notes of them, "
        "and in the letter that followed.",
        "another_plan",
    )
