"""What lies inside the seal of an entry: the record, and its writer's signature over it.

Everybody's public key is known to the host, so a seal alone says nothing about who wrote. The signature is an act,
"entry", of this writer in this case of this author, over the kind, whom it is for and the SHA-256 of the record. So a
host can neither make an entry up, nor carry one over from another case, nor give out what was for keepers alone as
being for everyone and have it sealed again for them. An entry that is sealed again for somebody called later
still bears the signature of whoever wrote it.

    {"format": "lastwords/v1/signed entry", "entry": "<the record>", "act": "<the signed act>"}
"""

from collections.abc import Mapping
from typing import Any

from lastwords.case import entries
from lastwords.case.entries import Entry
from lastwords.case.plain import from_bytes, to_bytes
from lastwords.case.refusals import unreadable
from lastwords.cli import keys_of
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me
from lastwords.signing import documents
from lastwords.signing.act import AUTHOR, KEEPER, Act
from lastwords.signing.canonical import digest
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.keys import PublicKey
from lastwords.signing.refusals import Refused
from lastwords.signing.vouching import Vouching

FORMAT = "lastwords/v1/signed entry"
ACT = "entry"
FOR_KEEPERS = ".keepers"
"""Stands behind the kind in the signature of an entry that is for keepers alone."""


def wrap(
    person: Me, author: str, case: Mapping[str, Any], entry: Entry, *, keepers_only: bool = False
) -> bytes:
    """The bytes to seal: an entry by this person, signed for this case and for these readers."""
    record = entries.encode(entry)
    role = AUTHOR if person.handle == author else KEEPER
    subject = _subject(entry, keepers_only)
    act = person.sign_act(ACT, author, role, case=dict(case), subject=subject, body=digest(record))
    return to_bytes({"format": FORMAT, "entry": record.decode(), "act": act})


def _subject(entry: Entry, keepers_only: bool) -> str:
    return entry.kind + (FOR_KEEPERS if keepers_only else "")


class Signers:
    """The signing keys of a case's people: believed because the author signed for them, never on a host's word."""

    def __init__(self, person: Me, author: str, case: Mapping[str, Any]) -> None:
        self.person = person
        self.author = author
        self.case = str(case["number"])
        members = case.get("audience", {}).get("case", [])
        self.members = {str(one["handle"]): one for one in members}
        self.found: dict[str, PublicKey | None] = {}

    def key(self, handle: str) -> PublicKey | None:
        """The key that signs for a person, or None when the author has vouched for none."""
        if handle not in self.found:
            self.found[handle] = self._key(handle)
        return self.found[handle]

    def _key(self, handle: str) -> PublicKey | None:
        if handle == self.person.handle:
            return self.person.keys.signing.public
        if handle == self.author:
            return self.person.author_key(handle)
        member = self.members.get(handle, {})
        vouching, shown = member.get("vouching"), member.get("signing_key")
        if vouching and shown:
            signed = documents.read(vouching.encode(), Vouching, self.person.author_key(self.author)).document
            if (signed.author, signed.keeper, signed.signing) == (self.author, handle, fingerprint(shown)):
                return PublicKey.read(shown)
        return self._from_manifests(handle)

    def _from_manifests(self, handle: str) -> PublicKey | None:
        held = [keys_of.of(one) for one in self.person.sealed(self.author)]
        signing = {places[handle].signing for places in held if handle in places}
        if not signing:
            return None
        shown = self.person.shown_keys(handle).signing_key
        return PublicKey.read(shown) if fingerprint(shown) in signing else None


def unwrap(data: bytes, signers: Signers, *, keepers_only: bool) -> bytes:
    """The record inside opened bytes, its signature checked. Raises CaseRefused with the reason. `keepers_only` is what
    the host says of its readers.

    Which writer the record names is not decided here: `case.rows` holds it against the row.
    """
    held = from_bytes(data)
    if not isinstance(held, dict) or held.keys() != {"format", "entry", "act"} or held["format"] != FORMAT:
        raise unreadable("it is not a signed entry")
    if not isinstance(held["entry"], str) or not isinstance(held["act"], str):
        raise unreadable("it is not a signed entry")
    record = held["entry"].encode()
    entry = entries.read_plain(from_bytes(record))
    writer = entry.head.by
    try:
        key = signers.key(writer)
        if key is None:
            raise unreadable(
                f"the author has vouched for no key of {writer}, so its signature cannot be checked"
            )
        act = documents.read(held["act"].encode(), Act, key).document
    except (Refused, Stopped) as refused:
        raise unreadable(f"its signature is not that of {writer}") from refused
    bound = (act.act, act.actor, act.author, act.case, act.subject, act.body)
    meant = (ACT, writer, signers.author, signers.case, _subject(entry, keepers_only), digest(record))
    if bound != meant:
        raise unreadable(f"{writer} signed it for another case or other readers, or signed something else")
    return record
