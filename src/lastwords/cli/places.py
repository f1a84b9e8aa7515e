"""Who holds which place of a manifest by now: the author's roster, and the signed words by which places were handed on.

A manifest is the author's and stays as it was signed. When a keeper leaves without the author, they sign to whom their
place and share go; whoever reads the manifest follows these words from a key the author signed for to the next. A host
that makes one up is found out, because the key that must have signed it is already fixed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lastwords.cli.errors import Stopped
from lastwords.signing.act import KEEPER, Act, handed_to
from lastwords.signing.documents import read
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.keys import PublicKey
from lastwords.signing.manifest import Manifest, RosterSeat
from lastwords.signing.refusals import Refused

LEAVE = "leave seat"

Places = dict[str, RosterSeat]
"""By handle: the place with its old name, index and commitments, and the keys of the person who holds it now."""


def places(manifest: Manifest, passed: Iterable[Mapping[str, Any]]) -> Places:
    """Everyone who holds a place of this manifest. `passed` are the words as the host lists them, oldest first.

    Whoever has left stays in it too: what they gave before is still theirs. Raises Stopped for a word that the
    leaving keeper did not sign."""
    held = {seat.keeper: seat for seat in manifest.roster}
    for word in passed:
        place = held.get(str(word["leaving"]))
        if place is None or word["successor"] in held:
            continue
        held[str(word["successor"])] = _handed(manifest, place, word)
    return held


def _handed(manifest: Manifest, place: RosterSeat, word: Mapping[str, Any]) -> RosterSeat:
    keys = tuple(fingerprint(str(word[name])) for name in ("public_key", "signing_key", "sign_in_key"))
    try:
        key = PublicKey.read(str(word["leaving_key"]))
        act = read(str(word["document"]).encode(), Act, key).document
    except Refused as refused:
        raise _made_up(word) from refused
    said = (act.actor, act.role, act.author, act.act, act.subject, act.body)
    meant = (word["leaving"], KEEPER, manifest.author, LEAVE, word["successor"], handed_to(*keys))
    if key.fingerprint != place.signing or said != meant:
        raise _made_up(word)
    return replace(place, sealing=keys[0], signing=keys[1])


def _made_up(word: Mapping[str, Any]) -> Stopped:
    return Stopped(
        f"The host says that {word['leaving']} handed their place to {word['successor']}, and {word['leaving']} did "
        "not sign that. Nothing was used or given.",
        "Tell the author, the other keepers and whoever runs the host.",
        "another_key",
    )
