"""Lies told while a kit is saved, and lies in what a keeper is asked to sign: statements and receipts."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hostile.of_papers import moved, resigned
from hostile.stage import Stage, me
from hostile.table import behaviour, each, flipped, in_base64, nothing_said, shows

from lastwords.sealing import age

KITS, STATEMENTS, RECEIPTS = "kits", "statements", "receipts"
KIT, HELD = "kit iruka --out {out}", "watches/iruka/shares$"


Change = Callable[[dict[str, Any]], dict[str, Any]]


def kit(name: str, change: Callable[[Stage], Change], *refused: str) -> None:
    """A kit is saved against the day when no host answers: what is wrong with it must be seen now."""

    @behaviour(f"{name}, for a kit", KITS, "armed", "pakkun", KIT, *refused)
    def _(stage: Stage) -> None:
        stage.liar.change("GET", HELD, each(change(stage)))


def says(**members: Any) -> Change:
    return lambda _: members


def another_keepers(stage: Stage) -> Change:
    (other,) = me(stage.cave.keepers["bull"]).host.get("watches", "iruka", "shares")
    return says(words=other["words"])


def made_up(stage: Stage) -> Change:
    keys = me(stage.cave.keepers["pakkun"]).keys
    return says(words=in_base64(age.seal_bytes(b"academic acid beard romp", [keys.public_key])))


def bit(part: str) -> Callable[[Stage], Change]:
    return lambda _: lambda row: {part: in_base64(flipped(base64.b64decode(row[part])))}


BROKEN = ("payload_refused", "header_refused", "header_forged")
kit("gives a keeper another keeper's share", another_keepers, "no_key_fits")
kit(
    "gives a keeper their share of another split",
    lambda stage: says(words=stage.old["shares"][0]["words"]),
    *("share_of_another_split", "false_share"),
)
kit("makes a share up", made_up, "share_mistyped", "false_share", "share_refused")
kit("flips a bit of a share", bit("words"), *BROKEN)
kit("flips a bit of the share of the wishes", bit("wishes"), *BROKEN)
kit("sends nothing for a share", lambda _: says(words=""), "header_refused", "no_sense")
kit("sends a number for a share", lambda _: says(words=7), "no_sense")
kit("sends a share that is no base64", lambda _: says(words="é"), "no_sense")
kit(
    "shows a keeper an older version",
    lambda stage: says(manifest=stage.old["shares"][0]["manifest"]),
    "older_manifest",
)
kit(
    "shows another version of the same number, signed by the author too",
    lambda stage: says(manifest=resigned(stage, moved, by_author=True)),
    "two_manifests",
)
kit(
    "signs a manifest itself",
    lambda stage: says(manifest=resigned(stage, moved, by_author=False)),
    "wrong_signer",
)
kit(
    "shows words of which the keeper holds no share",
    lambda stage: says(
        manifest=resigned(
            stage,
            lambda found: replace(
                found,
                number=found.number + 1,
                roster=tuple(
                    replace(s, keeper="kakashi") if s.keeper == "pakkun" else s for s in found.roster
                ),
            ),
            by_author=True,
        )
    ),
    "wrong_shape",
)


# Statements: whatever the host says of a case is signed over, or refused.

DIED = "case iruka state died --evidence own-sight"
CASE = "watches/iruka/case$"


def statement(name: str, *refused: str, **says: Any) -> None:
    @behaviour(name, STATEMENTS, "called", "bull", DIED, *refused)
    def _(stage: Stage) -> None:
        stage.liar.answer("POST", "watches/iruka/case/statements$", nothing_said(TAKEN))
        stage.liar.change("GET", CASE, shows(**says))


TAKEN = {"finding": "died", "tracks": [], "quorum": 3, "stage": "vigil"}
statement("says that the number of a case is none", "no_sense", "wrong_shape", number="none")
statement("says that the number of a case is a list", "no_sense", "wrong_shape", number=[])
statement("says that the epoch of a case is none", "no_sense", "wrong_shape", epoch=None)
statement("says that the plan of a case has no version", "no_sense", "wrong_shape", plan_version={})
statement("says that a case is below nothing", "no_sense", "wrong_shape", epoch=-1)
statement("sends a text where the covers of a case should be", "no_sense", "wrong_cover", heads="none")
statement(
    "names a list of lists as those who cover",
    *("no_sense", "wrong_cover"),
    heads=[{"track": "died.naruto", "cover": [["pakkun"]]}],
)


# Receipts.


def nothing_came_back(stage: Stage, answer: dict[str, Any]) -> bool:
    """The keeper's own finding stands: which share opens is not for the host to say."""
    return [one["opens"] for one in answer["shares"]] == [True]


@behaviour(
    "answers receipts with a word of its own for what opens",
    RECEIPTS,
    "armed",
    "pakkun",
    "shares prove iruka",
    unharmed=nothing_came_back,
)
def _(stage: Stage) -> None:
    stage.liar.answer(
        "POST", "watches/iruka/receipts$", nothing_said({"shares": [{"opens": False}], "opens": False})
    )


@behaviour(
    "asks for receipts of another keeper's shares, to show the author a proof that is none",
    RECEIPTS,
    "armed",
    "pakkun",
    "shares prove iruka",
    *("no_key_fits",),
)
def _(stage: Stage) -> None:
    stage.liar.answer("POST", "watches/iruka/receipts$", nothing_said())
    (other,) = me(stage.cave.keepers["bull"]).host.get("watches", "iruka", "shares")
    stage.liar.change("GET", HELD, each(lambda _: {"words": other["words"], "wishes": other["wishes"]}))
