"""Lies about keys, and about who is who."""

import base64
import json
from typing import Any

from hostile.stage import Stage, me
from hostile.table import behaviour, each, in_base64, nothing_said, rows, shows

from lastwords.cli.pins import Pin
from lastwords.sealing import age
from lastwords.sealing.invitation import Invitation, answer
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.refusals import SealedFileRefused
from lastwords.signing import canonical, documents
from lastwords.signing.vouching import BY_INVITATION, Vouching

KEYS, CASE = "keys", "people of a case"
DIED = "case iruka state died --evidence own-sight"


@behaviour(
    "swaps a keeper's sealing key before it is verified",
    KEYS,
    "armed",
    "iruka",
    "keeper verify kiba",
    "another_key",
)
def _(stage: Stage) -> None:
    stage.liar.change("GET", "people/kiba$", shows(public_key=stage.false.public_key))


@behaviour(
    "swaps a keeper's signing key before it is verified",
    KEYS,
    "armed",
    "iruka",
    "keeper verify kiba",
    "another_key",
)
def _(stage: Stage) -> None:
    stage.liar.change("GET", "people/kiba$", shows(signing_key=stage.false_signing.public.text))


@behaviour(
    "swaps a keeper's sign-in key before it is verified",
    KEYS,
    "armed",
    "iruka",
    "keeper verify kiba",
    "another_key",
)
def _(stage: Stage) -> None:
    stage.liar.change("GET", "people/kiba$", shows(sign_in_key=stage.false.public.sign_in))


def answers_itself(stage: Stage, row: dict[str, Any]) -> dict[str, Any]:
    """The host's own answer to an invitation whose secret it never saw."""
    if row["handle"] not in ("kiba", "sasuke"):
        return {}
    sent = json.loads(answer(Invitation.new("0" * 64), stage.false))
    return {"answer": in_base64(canonical.encode(sent | {"invitation": row["id"]}))}


@behaviour(
    "answers a keeper's invitation itself, with keys of its own",
    KEYS,
    "armed",
    "iruka",
    "keeper verify kiba",
    "invitation_refused",
)
def _(stage: Stage) -> None:
    public = stage.false.public
    keys = {"public_key": public.sealing, "signing_key": public.signing, "sign_in_key": public.sign_in}
    stage.liar.change("GET", "people/kiba$", shows(**keys))
    stage.liar.change(
        "GET", "watches/iruka/invitations", each(lambda row: answers_itself(stage, row), "invitations")
    )


@behaviour(
    "answers a recipient's invitation itself, with keys of its own",
    KEYS,
    "armed",
    "iruka",
    "recipient verify sasuke",
    "invitation_refused",
)
def _(stage: Stage) -> None:
    stage.liar.change(
        "GET", "watches/iruka/invitations", each(lambda row: answers_itself(stage, row), "invitations")
    )


@behaviour(
    "swaps a recipient's key before it is verified",
    KEYS,
    "armed",
    "iruka",
    "recipient verify sasuke",
    "another_key",
)
def _(stage: Stage) -> None:
    stage.liar.change("GET", "people/sasuke$", shows(public_key=stage.false.public_key))


@behaviour(
    "gives one person's answer out as another's", KEYS, "armed", "iruka", "keeper verify hana", "another_key"
)
def _(stage: Stage) -> None:
    def others(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {**row, "handle": {"kiba": "hana", "hana": "kiba"}.get(row["handle"], row["handle"])}
            for row in found
        ]

    stage.liar.change("GET", "watches/iruka/invitations", rows(others, "invitations"))


NEW_KEYS = "words new-keys died.naruto"


@behaviour(
    "swaps the recipient's key when words are sealed from a home made of the recovery sheet",
    KEYS,
    "armed",
    "again",
    "words replace naruto --file {letter}",
    "another_key",
)
def _(stage: Stage) -> None:
    stage.liar.answer("POST", "watches/iruka/words$", nothing_said())
    stage.liar.change("GET", "people/naruto$", shows(public_key=stage.false.public_key))


@behaviour(
    "swaps a keeper's key when words are sealed from such a home",
    KEYS,
    "armed",
    "again",
    "words replace naruto --file {letter} --note x --new-keys",
    "another_key",
)
def _(stage: Stage) -> None:
    stage.liar.answer("POST", "watches/iruka/words$", nothing_said())
    stage.liar.change("GET", "people/bull$", shows(public_key=stage.false.public_key))


@behaviour(
    "swaps a keeper's signing key when words are sealed from such a home",
    KEYS,
    "armed",
    "again",
    "words replace naruto --file {letter} --note x --new-keys",
    "another_key",
)
def _(stage: Stage) -> None:
    stage.liar.answer("POST", "watches/iruka/words$", nothing_said())
    stage.liar.change("GET", "people/pakkun$", shows(signing_key=stage.false_signing.public.text))


@behaviour(
    "shows a key for somebody whom the author never made sure of",
    KEYS,
    "armed",
    "iruka",
    "words write sasuke --file {letter}",
    "not_pinned",
    asks=False,
)
def _(stage: Stage) -> None:
    stage.liar.change("GET", "people/sasuke$", shows(public_key=stage.false.public_key))


def seated(handle: str) -> dict[str, Any]:
    return {"handle": handle, "name": handle, "stage": "seasoned", "alternate": 0, "proven": [], "tracks": []}


@behaviour(
    "seats somebody who is only a recipient among the keepers", KEYS, "armed", "iruka", NEW_KEYS, "no_keeper"
)
def _(stage: Stage) -> None:
    stage.liar.answer("POST", "watches/iruka/words$", nothing_said())
    stage.liar.change(
        "GET", "watches/iruka/keepers", rows(lambda found: [*found, seated("shino")], "keepers")
    )


@behaviour(
    "seats a keeper again whose seat the author took back", KEYS, "armed", "iruka", NEW_KEYS, "no_keeper"
)
def _(stage: Stage) -> None:
    stage.liar.answer("POST", "watches/iruka/words$", nothing_said())
    stage.liar.change(
        "GET",
        "watches/iruka/keepers",
        rows(lambda found: [*(row for row in found if row["handle"] != "hana"), seated("hana")], "keepers"),
    )


@behaviour("seats a stranger among the keepers", KEYS, "armed", "iruka", NEW_KEYS, "no_keeper", "not_pinned")
def _(stage: Stage) -> None:
    stage.liar.change(
        "GET", "watches/iruka/keepers", rows(lambda found: [*found, seated("danzo")], "keepers")
    )


@behaviour(
    "swaps the author's key for a keeper who knows only its fingerprint",
    KEYS,
    "armed",
    "kiba",
    "shares list iruka",
    "another_key",
)
def _(stage: Stage) -> None:
    stage.liar.change("GET", "people/iruka$", shows(signing_key=stage.false_signing.public.text))


@behaviour(
    "makes up that a keeper handed their place on",
    KEYS,
    "armed",
    "pakkun",
    "shares prove iruka",
    "another_key",
)
def _(stage: Stage) -> None:
    public = stage.false.public
    word = {
        "leaving": "bull",
        "successor": "danzo",
        "document": documents.sign(
            Vouching(
                author="iruka", keeper="danzo", sealing="0" * 64, signing="0" * 64, sign_in="0" * 64,
                by=BY_INVITATION, moment="2026-03-04T00:00:00Z",
            ),
            stage.false_signing,
        ).data.decode(),
        "leaving_key": stage.false_signing.public.text,
        "public_key": public.sealing, "signing_key": public.signing, "sign_in_key": public.sign_in,
    }  # fmt: skip
    stage.liar.change("GET", "watches/iruka/shares", each(lambda _: {"passed": [word]}))


# People of a case: whom things are sealed to, and for.


@behaviour(
    "swaps a keeper's key when shares are covered for them", CASE, "called", "bull", DIED, "another_key"
)
def _(stage: Stage) -> None:
    stage.liar.change("GET", "people/bisuke$", shows(public_key=stage.false.public_key))


@behaviour("swaps the recipient's key when shares are given", CASE, "called", "bull", DIED, "another_key")
def _(stage: Stage) -> None:
    stage.liar.change("GET", "people/naruto$", shows(public_key=stage.false.public_key))


@behaviour(
    "asks to cover shares for somebody the author did not name", CASE, "called", "bull", DIED, "wrong_cover"
)
def _(stage: Stage) -> None:
    stage.liar.change(
        "GET", "watches/iruka/case$", each(lambda row: {"cover": [*row["cover"], "danzo"]}, "heads")
    )


@behaviour("asks to cover shares for their own recipient", CASE, "called", "bull", DIED, "wrong_cover")
def _(stage: Stage) -> None:
    stage.liar.change("GET", "watches/iruka/case$", each(lambda _: {"cover": ["naruto"]}, "heads"))


@behaviour("asks to cover shares for nobody", CASE, "called", "bull", DIED, "wrong_cover")
def _(stage: Stage) -> None:
    stage.liar.change("GET", "watches/iruka/case$", each(lambda _: {"cover": []}, "heads"))


WRITE = "case iruka entry --text {letter}"


def not_sealed_to_the_host(stage: Stage, answer: dict[str, Any]) -> bool:
    """The entry that was sent does not open with the host's own key, and the swapped person was left out by name."""
    return not_sealed_to(stage, stage.false)


def not_sealed_to(stage: Stage, somebody: PersonKeys) -> bool:
    (sent,) = [one.plain for one in stage.liar.heard if one.path.endswith("case/entries")]
    try:
        age.open_bytes(base64.b64decode(sent["body"]), [somebody.secret_key])
    except SealedFileRefused:
        return True
    return False


KABUTO = PersonKeys.new()
"""Somebody whom Bull knows for certain, and whom nobody asked to look for Iruka."""


def an_entry_is_taken(stage: Stage) -> None:
    stage.liar.answer("POST", "watches/iruka/case/entries$", nothing_said({"number": 99}))


@behaviour(
    "swaps the key of one who reads the case", CASE, "called", "bull", WRITE, unharmed=not_sealed_to_the_host
)
def _(stage: Stage) -> None:
    an_entry_is_taken(stage)
    false = stage.false.public_key

    def swap(row: dict[str, Any]) -> dict[str, Any]:
        return {"public_key": false} if row["handle"] == "ully" else {}

    stage.liar.change("GET", "watches/iruka/case$", each(swap, "audience", "case"))


@behaviour(
    "adds a reader of its own to the case", CASE, "called", "bull", WRITE, unharmed=not_sealed_to_the_host
)
def _(stage: Stage) -> None:
    an_entry_is_taken(stage)
    reader = {"handle": "danzo", "public_key": stage.false.public_key, "signing_key": "", "vouching": None}
    stage.liar.change("GET", "watches/iruka/case$", rows(lambda found: [*found, reader], "audience", "case"))


@behaviour(
    "adds a reader whom the keeper knows, and whom the author never vouched for",
    CASE,
    "called",
    "bull",
    WRITE,
    unharmed=lambda stage, _: not_sealed_to(stage, KABUTO),
)
def _(stage: Stage) -> None:
    an_entry_is_taken(stage)
    public = KABUTO.public
    known = Pin(signing=public.signing_fingerprint, how="voice", public_key=public.sealing)
    me(stage.cave.keepers["bull"]).pins.keep("kabuto", known)
    reader = {
        "handle": "kabuto",
        "public_key": public.sealing,
        "signing_key": public.signing,
        "vouching": None,
    }
    stage.liar.change("GET", "watches/iruka/case$", rows(lambda found: [*found, reader], "audience", "case"))


@behaviour(
    "adds a reader for whom it signs in the author's place",
    CASE,
    "called",
    "bull",
    WRITE,
    "wrong_signer",
    "bad_signature",
)
def _(stage: Stage) -> None:
    an_entry_is_taken(stage)
    public = stage.false.public
    vouching = Vouching(
        author="iruka", keeper="danzo", sealing=public.sealing_fingerprint, signing=public.signing_fingerprint,
        sign_in=public.sign_in_fingerprint, by=BY_INVITATION, moment="2026-03-04T00:00:00Z",
    )  # fmt: skip
    reader = {
        "handle": "danzo",
        "public_key": public.sealing,
        "signing_key": public.signing,
        "vouching": documents.sign(vouching, stage.false_signing).data.decode(),
    }
    stage.liar.change("GET", "watches/iruka/case$", rows(lambda found: [*found, reader], "audience", "case"))


@behaviour(
    "gives the author's word for one keeper out as that for another's key",
    CASE,
    "called",
    "bull",
    WRITE,
    unharmed=not_sealed_to_the_host,
)
def _(stage: Stage) -> None:
    an_entry_is_taken(stage)

    def borrowed(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        word = next(row["vouching"] for row in found if row["handle"] == "ully")
        return [
            *found,
            {"handle": "danzo", "public_key": stage.false.public_key, "signing_key": "", "vouching": word},
        ]

    stage.liar.change("GET", "watches/iruka/case$", rows(borrowed, "audience", "case"))
