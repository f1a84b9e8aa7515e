"""Emergency notes: what keepers may need while the author lives. Never the words, and in no kit.

    a container  ->  age to the keys of all keepers               =  the notes
    the notes    ->  age to a cover key made for this one time    =  what the host keeps, with that key's secret half

The cover's secret alone opens nothing, and a keeper's key alone opens nothing: the host hands the first out only after
its alarms. A keeper who has opened the notes covers them anew. A card's own copy has no cover: it is sealed to one
keeper and given by hand, so that it opens where there is no host.
"""

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lastwords.sealing import age, container
from lastwords.sealing.age.keys import HybridSecretKey
from lastwords.sealing.container import Entry, Pack
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.refusals import KeysRefused, NotesRefused, SealedFileRefused
from lastwords.signing.canonical import digest
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.notes import EmergencyNotes
from lastwords.signing.refusals import BadKey

LARGEST = 1 << 20
"""Bytes of the covered notes at most: they travel in one request and are opened in a hurry."""


@dataclass(frozen=True)
class Covered:
    """Notes under a cover, and the secret key that takes it off."""

    data: bytes
    secret_key: str


def seal(pack: Pack, public_keys: Sequence[str]) -> bytes:
    """Return the notes sealed to all these keepers together, not yet covered. Raises KeysRefused."""
    if len({fingerprint(key) for key in public_keys}) != len(public_keys):
        raise KeysRefused(
            "Two keepers have the same key. Nothing was sealed.",
            "Verify both again: one of them holds the key of the other.",
        )
    return _sealed(pack, public_keys)


def seal_for_card(pack: Pack, public_key: str) -> bytes:
    """Return one keeper's own copy, which opens with their key alone and needs no host."""
    return _sealed(pack, [public_key])


def cover(notes: bytes) -> Covered:
    """Put a cover on sealed notes, with a key pair of its own that is used for nothing else."""
    key = HybridSecretKey(os.urandom(32))
    data = age.seal_bytes(notes, [key.public_text])
    if len(data) > LARGEST:
        raise NotesRefused(
            f"The notes are {len(data):,} bytes when sealed, and a host keeps {LARGEST:,}. Nothing was sent.",
            "Leave large files out: emergency notes are what somebody needs to read within a minute.",
        )
    return Covered(data, key.text)


def take_off(covered: Covered, promised: EmergencyNotes) -> bytes:
    """Take off a cover and return the notes, which are those that the author signed for. Raises NotesRefused."""
    try:
        notes = age.open_bytes(covered.data, [covered.secret_key])
    except (SealedFileRefused, BadKey) as error:
        raise _wrong_cover() from error
    if digest(notes) != promised.sha256:
        raise NotesRefused(
            "Under the cover lies something else than the notes that the author signed for. Nothing was opened.",
            "Tell the author and whoever runs the host. A card's own copy, if you hold one, is not touched by this.",
        )
    return notes


def open_notes(notes: bytes, keeper: PersonKeys, folder: Path) -> tuple[Entry, ...]:
    """Open uncovered notes, or a card's own copy, into a new folder. Raises SealedFileRefused, ContainerRefused."""
    return container.unpack(age.OpeningReader(io.BytesIO(notes), [keeper.secret_key]), folder)


def _sealed(pack: Pack, public_keys: Sequence[str]) -> bytes:
    out = io.BytesIO()
    writer = age.SealingWriter(out, public_keys)
    pack(writer, None)
    writer.close()
    return out.getvalue()


def _wrong_cover() -> NotesRefused:
    return NotesRefused(
        "The key that came with the notes does not take off their cover. Nothing was opened.",
        "Whoever covered them last made it wrong: the version beneath it is tried, else ask the author.",
    )
