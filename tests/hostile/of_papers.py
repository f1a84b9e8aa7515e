"""Lies about what was signed and sealed: manifests, shares, files, and what is needed to open them."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hostile.proxy import Answer, Request
from hostile.stage import Stage, me
from hostile.table import behaviour, each, flipped, in_base64, nothing_said, rows

from lastwords.sealing import age, tracks
from lastwords.signing import canonical, documents
from lastwords.signing.act import Act
from lastwords.signing.manifest import Manifest

MANIFESTS, SHARES, FILES, OPENING = "manifests", "shares", "sealed files", "opening"
LIST, PROVE = "words list", "shares prove iruka"
OPEN = "open iruka --to {out}"
WORDS, HELD = "watches/iruka/words$", "watches/iruka/shares$"


def the_manifest(stage: Stage) -> documents.Signed[Manifest]:
    (found,) = me(stage.cave.iruka).sealed("iruka")
    return found.manifest


def resigned(stage: Stage, change: Callable[[Manifest], Manifest], *, by_author: bool) -> str:
    """The manifest with something changed, signed by the author or by the host."""
    found = the_manifest(stage)
    key = me(stage.cave.iruka).keys.signing if by_author else stage.false_signing
    return documents.sign(change(found.document), key).data.decode()


def moved(manifest: Manifest) -> Manifest:
    return replace(manifest, made="2026-03-04T00:00:00Z")


@behaviour(
    "shows the author an older version of their words", MANIFESTS, "armed", "iruka", LIST, "older_manifest"
)
def _(stage: Stage) -> None:
    stage.liar.change("GET", WORDS, lambda _, answer: answer.with_json(stage.old["words"]))


@behaviour("shows a keeper an older version", MANIFESTS, "armed", "pakkun", PROVE, "older_manifest")
def _(stage: Stage) -> None:
    stage.liar.change("GET", HELD, lambda _, answer: answer.with_json(stage.old["shares"]))


@behaviour(
    "shows another version of the same number, signed by the author too",
    MANIFESTS,
    "armed",
    "pakkun",
    PROVE,
    "two_manifests",
)
def _(stage: Stage) -> None:
    text = resigned(stage, moved, by_author=True)
    stage.liar.change("GET", HELD, each(lambda _: {"manifest": text}))


@behaviour("signs a manifest itself", MANIFESTS, "armed", "pakkun", PROVE, "wrong_signer")
def _(stage: Stage) -> None:
    text = resigned(stage, moved, by_author=False)
    stage.liar.change("GET", HELD, each(lambda _: {"manifest": text}))


@behaviour(
    "signs a manifest itself and names the author as its signer",
    MANIFESTS,
    "armed",
    "pakkun",
    PROVE,
    "bad_signature",
)
def _(stage: Stage) -> None:
    envelope = json.loads(resigned(stage, moved, by_author=False))
    envelope["signer"] = the_manifest(stage).signer
    stage.liar.change("GET", HELD, each(lambda _: {"manifest": canonical.encode(envelope).decode()}))


@behaviour("lowers the number of keepers in a manifest", MANIFESTS, "armed", "iruka", LIST, "bad_signature")
def _(stage: Stage) -> None:
    envelope = json.loads(the_manifest(stage).data)
    envelope["document"]["k"] = 2
    stage.liar.change("GET", WORDS, each(lambda _: {"manifest": canonical.encode(envelope).decode()}))


@behaviour(
    "shows words of somebody else under this author's name",
    MANIFESTS,
    "armed",
    "pakkun",
    PROVE,
    "wrong_manifest",
)
def _(stage: Stage) -> None:
    text = resigned(stage, lambda found: replace(found, author="kakashi"), by_author=True)
    stage.liar.change("GET", HELD, each(lambda _: {"manifest": text}))


@behaviour(
    "shows one track's manifest under another's name", MANIFESTS, "armed", "iruka", LIST, "wrong_manifest"
)
def _(stage: Stage) -> None:
    stage.liar.change("GET", WORDS, each(lambda _: {"track": "cannot_act.naruto"}))


@behaviour(
    "shows a document of another kind as a manifest", MANIFESTS, "armed", "pakkun", PROVE, "wrong_shape"
)
def _(stage: Stage) -> None:
    act = me(stage.cave.iruka).sign_act("trip", "iruka", "author", subject="1:2")
    stage.liar.change("GET", HELD, each(lambda _: {"manifest": act}))


@behaviour("spells a manifest in a second way", MANIFESTS, "armed", "pakkun", PROVE, "not_canonical")
def _(stage: Stage) -> None:
    text = the_manifest(stage).data.decode().replace('{"document"', '{ "document"', 1)
    stage.liar.change("GET", HELD, each(lambda _: {"manifest": text}))


@behaviour("nests a manifest without end", MANIFESTS, "armed", "pakkun", PROVE, "not_canonical")
def _(stage: Stage) -> None:
    stage.liar.change("GET", HELD, each(lambda _: {"manifest": "[" * 200_000}))


@behaviour("leaves out what a manifest's row should hold", MANIFESTS, "armed", "pakkun", PROVE, "no_sense")
def _(stage: Stage) -> None:
    stage.liar.change("GET", HELD, rows(lambda _: [{"track": "died.naruto"}]))


@behaviour("sends a number where a manifest should be", MANIFESTS, "armed", "pakkun", PROVE, "no_sense")
def _(stage: Stage) -> None:
    stage.liar.change("GET", HELD, each(lambda _: {"manifest": 7}))


# Shares.


@behaviour("gives a keeper another keeper's share", SHARES, "armed", "pakkun", PROVE, "no_key_fits")
def _(stage: Stage) -> None:
    (other,) = me(stage.cave.keepers["bull"]).host.get("watches", "iruka", "shares")
    stage.liar.change("GET", HELD, each(lambda _: {"words": other["words"]}))


@behaviour(
    "gives a keeper their share of another split",
    SHARES,
    "armed",
    "pakkun",
    PROVE,
    "share_of_another_split",
    "false_share",
)
def _(stage: Stage) -> None:
    (old,) = stage.old["shares"]
    stage.liar.change("GET", HELD, each(lambda _: {"words": old["words"]}))


@behaviour(
    "gives a keeper the share of the wishes as that of the words",
    SHARES,
    "armed",
    "pakkun",
    PROVE,
    "share_of_another_split",
    "false_share",
)
def _(stage: Stage) -> None:
    stage.liar.change("GET", HELD, each(lambda row: {"words": row["wishes"]}))


@behaviour(
    "flips a bit of a share",
    SHARES,
    "armed",
    "pakkun",
    PROVE,
    "payload_refused",
    "header_refused",
    "header_forged",
)
def _(stage: Stage) -> None:
    stage.liar.change(
        "GET", HELD, each(lambda row: {"words": in_base64(flipped(base64.b64decode(row["words"])))})
    )


@behaviour("cuts a share short", SHARES, "armed", "pakkun", PROVE, "payload_refused")
def _(stage: Stage) -> None:
    stage.liar.change(
        "GET", HELD, each(lambda row: {"words": in_base64(base64.b64decode(row["words"])[:-40])})
    )


@behaviour(
    "makes a share up", SHARES, "armed", "pakkun", PROVE, "share_mistyped", "false_share", "share_refused"
)
def _(stage: Stage) -> None:
    made_up = age.seal_bytes(b"academic acid beard romp", [me(stage.cave.keepers["pakkun"]).keys.public_key])
    stage.liar.change("GET", HELD, each(lambda _: {"words": in_base64(made_up)}))


# Sealed files.


def file_lie(stage: Stage, name: str, change: Callable[[bytes], bytes]) -> None:
    sha = the_manifest(stage).document.file(name).sha256
    stage.liar.change("GET", f"files/{sha}$", lambda _, answer: replace(answer, body=change(answer.body)))


TAMPERED: dict[str, Callable[[bytes], bytes]] = {
    "flips a bit of the sealed words": lambda data: flipped(data, len(data) // 2),
    "puts other bytes of the same size in the place of the words": lambda data: bytes(len(data)),
    "puts a file that begins as a sealed one in the place of the words": lambda data: (
        data[:200] + bytes(len(data) - 200)
    ),
    "shifts the words by one byte": lambda data: data[1:] + data[:1],
}
for name, change in TAMPERED.items():

    @behaviour(name, FILES, "told", "naruto", OPEN, "wrong_file")
    def _(stage: Stage, change: Callable[[bytes], bytes] = change) -> None:
        file_lie(stage, "words.age", change)

    @behaviour(f"{name}, for a kit", FILES, "armed", "pakkun", "kit iruka --out {out}", "wrong_file")
    def _(stage: Stage, change: Callable[[bytes], bytes] = change) -> None:
        file_lie(stage, "words.age", change)


@behaviour(
    "puts another sealed file of the author's in the place of the words",
    FILES,
    "told",
    "naruto",
    OPEN,
    "wrong_file",
    "unreachable",
)
def _(stage: Stage) -> None:
    other = stage.cave.place.house.settings.files / the_manifest(stage).document.file("wishes.age").sha256
    file_lie(stage, "words.age", lambda _: other.read_bytes())


@behaviour("cuts the sealed words short", FILES, "told", "naruto", OPEN, "unreachable")
def _(stage: Stage) -> None:
    file_lie(stage, "words.age", lambda data: data[:-1])


@behaviour("sends nothing for the words", FILES, "told", "naruto", OPEN, "unreachable")
def _(stage: Stage) -> None:
    file_lie(stage, "words.age", lambda _: b"")


@behaviour("swaps the file of the release key", FILES, "told", "naruto", OPEN, "wrong_file")
def _(stage: Stage) -> None:
    file_lie(stage, tracks.RELEASE_KEY_FILES["words"], flipped)


@behaviour(
    "shows another file as the author's own copy",
    FILES,
    "armed",
    "iruka",
    "words read naruto --to {out}",
    "another_own_copy",
)
def _(stage: Stage) -> None:
    def other(row: dict[str, Any]) -> dict[str, Any]:
        return {"own": [{**one, "sha256": row["files"][0]["sha256"]} for one in row["own"]]}

    stage.liar.change("GET", WORDS, each(other))


@behaviour(
    "sends other bytes as the author's own copy",
    FILES,
    "armed",
    "iruka",
    "words read naruto --to {out}",
    "wrong_file",
)
def _(stage: Stage) -> None:
    def lie(_: Request, answer: Answer) -> Answer:
        return replace(answer, body=flipped(answer.body))

    stage.liar.change("GET", "files/", lie)


# Opening.


def wanted_again(stage: Stage) -> None:
    stage.liar.answer("POST", "watches/iruka/tracks/died.naruto/shares-wanted$", nothing_said())


def shares(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Callable[[Stage], None]:
    def tell(stage: Stage) -> None:
        wanted_again(stage)
        stage.liar.change("GET", WORDS, each(lambda row: {"shares": change(row["shares"])}))

    return tell


def of_words(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in found if one["part"] == "words"]


def wishes_and(found: list[dict[str, Any]], words: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in found if one["part"] != "words"] + words


behaviour(
    "keeps the keepers' word for the newest version to itself",
    OPENING,
    "told",
    "naruto",
    OPEN,
    "not_the_newest",
)(shares(lambda found: [{**one, "head": None} for one in found]))
behaviour(
    "hands out fewer shares than it takes",
    OPENING,
    "told",
    "naruto",
    OPEN,
    "not_the_newest",
    "too_few_shares",
)(shares(lambda found: wishes_and(found, of_words(found)[:2])))
behaviour(
    "hands out one keeper's share three times",
    OPENING,
    "told",
    "naruto",
    OPEN,
    "not_the_newest",
    "too_few_shares",
)(shares(lambda found: wishes_and(found, of_words(found)[:1] * 3)))
behaviour(
    "hands out one keeper's share under three names",
    OPENING,
    "told",
    "naruto",
    OPEN,
    "not_the_newest",
    "too_few_shares",
)(
    shares(
        lambda found: wishes_and(
            found, [{**of_words(found)[0], "keeper": one["keeper"]} for one in of_words(found)]
        )
    )
)
behaviour("swaps two keepers' shares", OPENING, "told", "naruto", OPEN, "too_few_shares")(
    shares(
        lambda found: wishes_and(
            found,
            [
                {**one, "body": other["body"]}
                for one, other in zip(of_words(found), of_words(found)[1:] + of_words(found)[:1], strict=True)
            ],
        )
    )
)


@behaviour("makes the shares up", OPENING, "told", "naruto", OPEN, "too_few_shares")
def _(stage: Stage) -> None:
    made_up = in_base64(age.seal_bytes(b"academic acid beard romp", [me(stage.cave.naruto).keys.public_key]))
    shares(lambda found: wishes_and(found, [{**one, "body": made_up} for one in of_words(found)]))(stage)


@behaviour(
    "signs the keepers' words itself, and shows keys of its own for them",
    OPENING,
    "told",
    "naruto",
    OPEN,
    "not_the_newest",
)
def _(stage: Stage) -> None:
    wanted_again(stage)
    digest = the_manifest(stage).digest

    def head(keeper: str) -> str:
        act = Act(
            actor=keeper, role="keeper", author="iruka", act="give share", case="1", epoch=0,
            subject="died.naruto", body=digest, moment="2026-03-04T00:00:00Z",
        )  # fmt: skip
        return documents.sign(act, stage.false_signing).data.decode()

    def lie(row: dict[str, Any]) -> dict[str, Any]:
        return {
            "shares": [{**one, "head": head(one["keeper"])} for one in row["shares"]],
            "roster_keys": dict.fromkeys(row["roster_keys"], stage.false_signing.public.text),
        }

    stage.liar.change("GET", WORDS, each(lie))


@behaviour("replays keepers' words for another version", OPENING, "told", "naruto", OPEN, "not_the_newest")
def _(stage: Stage) -> None:
    wanted_again(stage)

    def head(keeper: str) -> str:
        return me(stage.person(keeper)).sign_act(
            "give share",
            "iruka",
            "keeper",
            case={"number": 1, "epoch": 0},
            subject="died.naruto",
            body="0" * 64,
        )

    stage.liar.change(
        "GET",
        WORDS,
        each(lambda row: {"shares": [{**one, "head": head(one["keeper"])} for one in row["shares"]]}),
    )


@behaviour(
    "replays keepers' words about somebody else's words", OPENING, "told", "naruto", OPEN, "not_the_newest"
)
def _(stage: Stage) -> None:
    wanted_again(stage)
    digest = the_manifest(stage).digest

    def head(keeper: str) -> str:
        return me(stage.person(keeper)).sign_act(
            "give share",
            "kakashi",
            "keeper",
            case={"number": 1, "epoch": 0},
            subject="died.naruto",
            body=digest,
        )

    stage.liar.change(
        "GET",
        WORDS,
        each(lambda row: {"shares": [{**one, "head": head(one["keeper"])} for one in row["shares"]]}),
    )


@behaviour(
    "gives words to their recipient before anybody has let them go",
    OPENING,
    "armed",
    "naruto",
    OPEN,
    "too_few_shares",
    "not_the_newest",
)
def _(stage: Stage) -> None:
    row = me(stage.cave.iruka).sealed("iruka")[0].row
    iruka = me(stage.cave.iruka).host.get("people", "iruka")
    early = {**row, "released": True, "words": "told", "roster_keys": {}, "shares": []}
    stage.liar.answer("GET", WORDS, nothing_said([early]))
    stage.liar.answer("GET", "people/iruka$", nothing_said(iruka))
    stage.liar.answer("POST", "watches/iruka/tracks/died.naruto/shares-wanted$", nothing_said())
    del early["own"]


@behaviour(
    "gives out the words of one recipient as another's", OPENING, "told", "naruto", OPEN, "two_manifests"
)
def _(stage: Stage) -> None:
    text = resigned(stage, lambda found: replace(found, recipient="sasuke"), by_author=True)
    stage.liar.change("GET", WORDS, each(lambda _: {"manifest": text}))
