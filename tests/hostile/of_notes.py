"""Lies about emergency notes: to the author who writes them, and to a keeper who opens them in a hurry."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hostile.stage import Stage, me
from hostile.table import behaviour, each, flipped, in_base64, nothing_said, rows, shows

from lastwords.sealing import age
from lastwords.sealing import notes as sealed_notes
from lastwords.signing import canonical, documents
from lastwords.signing.notes import EmergencyNotes

NOTES = "emergency notes"
OPEN, WRITE = "glass iruka open --to {out}", "notes write --text {letter}"
KEPT = "watches/iruka/glass/notes$"
FIND_ME = """\
looks = "1.78 m, a scar over the nose"
places = ["Ichiraku"]

[[ask]]
name = "Teuchi"
reach = "the shop"
"""
Word = Callable[[EmergencyNotes], EmergencyNotes]


def word(stage: Stage, change: Word, *, by_author: bool = True) -> str:
    """The author's newest word for the notes with something changed, signed by the author or by the host."""
    text = stage.old["notes"]["document"].encode()
    iruka = me(stage.cave.iruka)
    found = documents.read(text, EmergencyNotes, iruka.keys.signing.public).document
    key = iruka.keys.signing if by_author else stage.false_signing
    return documents.sign(change(found), key).data.decode()


def same(found: EmergencyNotes) -> EmergencyNotes:
    return found


def document(name: str, make: Callable[[Stage], Any], *refused: str) -> None:
    """The host shows a keeper another word for the notes than the author's newest."""

    @behaviour(name, NOTES, "asked", "pakkun", OPEN, *refused)
    def _(stage: Stage) -> None:
        stage.liar.change("GET", KEPT, shows(document=make(stage)))


def forged(stage: Stage) -> str:
    envelope = canonical.decode(word(stage, same, by_author=False).encode())
    signer = canonical.decode(stage.old["notes"]["document"].encode())["signer"]
    return canonical.encode({**envelope, "signer": signer}).decode()


document(
    "shows older notes than a keeper has seen",
    lambda stage: stage.old["older notes"]["document"],
    "older_notes",
)
document(
    "shows other notes of the same number, which the author signed too",
    lambda stage: word(stage, lambda found: replace(found, sha256="0" * 64)),
    "older_notes",
)
document("signs emergency notes itself", lambda stage: word(stage, same, by_author=False), "wrong_signer")
document("signs emergency notes itself and names the author as their signer", forged, "bad_signature")
document(
    "shows another author's notes as this one's",
    lambda stage: word(stage, lambda found: replace(found, author="kakashi", number=9)),
    "wrong_notes",
)
document(
    "shows notes that are not sealed to the keeper who asks",
    lambda stage: word(
        stage,
        lambda found: replace(found, number=9, readers=[r for r in found.readers if r.keeper != "pakkun"]),
    ),
    "wrong_notes",
)
document("shows a document of another kind as notes", lambda stage: stage.old["act"], "wrong_shape")
document("sends a number where the word for the notes should be", lambda _: 7, "no_sense")


def covers(
    name: str, change: Callable[[Stage], Callable[[dict[str, Any]], dict[str, Any]]], *refused: str
) -> None:
    """The host changes every cover of the notes."""

    @behaviour(name, NOTES, "asked", "pakkun", OPEN, *refused)
    def _(stage: Stage) -> None:
        stage.liar.change("GET", KEPT, each(change(stage), "covers"))


def always(members: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda _: members


def other_notes(stage: Stage) -> dict[str, Any]:
    """Notes of the host's own, well covered."""
    keys = me(stage.cave.keepers["pakkun"]).keys
    covered = sealed_notes.cover(age.seal_bytes(b"Go to the bridge, alone.", [keys.public_key]))
    return {"covered": in_base64(covered.data), "cover": covered.secret_key}


def a_share(stage: Stage) -> dict[str, Any]:
    """A share of the keeper's own in the place of the notes, under a cover of the host's."""
    (held,) = me(stage.cave.keepers["pakkun"]).host.get("watches", "iruka", "shares")
    covered = sealed_notes.cover(base64.b64decode(held["words"]))
    return {"covered": in_base64(covered.data), "cover": covered.secret_key}


covers("puts notes of its own under the cover", lambda stage: always(other_notes(stage)), "notes_refused")
covers(
    "puts a keeper's own share under the cover of the notes",
    lambda stage: always(a_share(stage)),
    "notes_refused",
)
covers(
    "flips a bit of the covered notes",
    lambda _: lambda row: {"covered": in_base64(flipped(base64.b64decode(row["covered"])))},
    "notes_refused",
)
covers(
    "gives out another key for the cover",
    lambda stage: always({"cover": stage.false.secret_key}),
    "notes_refused",
)
covers("sends no key for the cover", lambda _: always({"cover": ""}), "notes_refused")
covers("sends covered notes that are no base64", lambda _: always({"covered": "é"}), "no_sense")
covers("sends a list where covered notes should be", lambda _: always({"covered": []}), "no_sense")


@behaviour("keeps every cover of the notes to itself", NOTES, "asked", "pakkun", OPEN, "notes_refused")
def _(stage: Stage) -> None:
    stage.liar.change("GET", KEPT, rows(lambda _: [], "covers"))


# The author.


def older(stage: Stage) -> Any:
    return stage.old["older notes"]["document"]


def to_author(name: str, make: Callable[[Stage], Any], *refused: str) -> None:
    """The host shows the author another word for their own notes."""

    @behaviour(name, NOTES, "asked", "iruka", "notes show", *refused)
    def _(stage: Stage) -> None:
        stage.liar.change("GET", KEPT, shows(document=make(stage)))


to_author("shows the author older notes as their newest", older, "older_notes")
to_author("denies that the author has left notes", lambda _: None, "older_notes")
to_author(
    "shows the author notes that it signed itself", lambda s: word(s, same, by_author=False), "wrong_signer"
)


def counts_on(stage: Stage, answer: dict[str, Any]) -> bool:
    """The new notes are newer than the newest, whatever the host said those were."""
    newest = canonical.decode(stage.old["notes"]["document"].encode())["document"]["number"]
    (sent,) = [one.plain for one in stage.liar.heard if one.method == "PUT" and one.path.endswith("notes")]
    number = int(canonical.decode(sent["document"].encode())["document"]["number"])
    # The host took nothing, so what the author's machine noted of it is put back for the row after this one.
    iruka = me(stage.cave.iruka)
    iruka.pins.see_notes("iruka", newest, stage.old["digest"])
    return number == answer["number"] > newest


def while_writing(name: str, make: Callable[[Stage], Any]) -> None:
    """The host shows older notes, or none, to be given a number a second time: keepers would refuse the new ones."""

    @behaviour(name, NOTES, "asked", "iruka", WRITE, unharmed=counts_on)
    def _(stage: Stage) -> None:
        stage.liar.answer("PUT", KEPT, nothing_said())
        stage.liar.change("GET", KEPT, shows(document=make(stage)))


while_writing("shows the author older notes while new ones are written", older)
while_writing("denies that the author has left notes, while new ones are written", lambda _: None)


def seats(name: str, add: Callable[[dict[str, Any]], dict[str, Any]], *refused: str) -> None:
    """The host lists somebody more among the keepers, to have the notes sealed for them too."""

    @behaviour(name, NOTES, "asked", "iruka", WRITE, *refused)
    def _(stage: Stage) -> None:
        stage.liar.answer("PUT", KEPT, nothing_said())
        stage.liar.change(
            "GET",
            "watches/iruka/keepers$",
            rows(lambda found: [*found, {**found[0], **add(found[0])}], "keepers"),
        )


@behaviour(
    "seats a recipient among the keepers for whom a sheet is sealed",
    "sheets",
    "asked",
    "iruka",
    "find-me write {find_me}",
    "no_keeper",
)
def _(stage: Stage) -> None:
    stage.cave.iruka.file("find_me.toml", FIND_ME)
    stage.liar.answer("POST", "watches/iruka/sheets$", nothing_said())
    stage.liar.change(
        "GET",
        "watches/iruka/keepers$",
        rows(lambda found: [*found, {**found[0], "handle": "naruto"}], "keepers"),
    )


seats(
    "seats a recipient among the keepers for whom notes are sealed",
    lambda _: {"handle": "naruto"},
    "no_keeper",
)
seats(
    "seats a stranger among the keepers for whom notes are sealed",
    lambda _: {"handle": "kakashi"},
    "not_pinned",
)
seats(
    "seats a keeper again for the notes, whose seat the author took back",
    lambda _: {"handle": "hana"},
    "no_keeper",
)
