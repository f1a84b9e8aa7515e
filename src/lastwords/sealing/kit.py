"""The kit: everything needed to open the words without us, in one zip, plus each person's own key on their card.

It holds the manifest and the key to verify it with, the sealed files, one keeper's shares, the offline opener (a page
in one file, for any browser), a README that says, command by command, how to open them with plain tools, and a short
script for whoever has Node but no `age`. It holds no secret key: a kit that is found opens nothing.
"""

import shutil
import zipfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import BinaryIO

from lastwords.sealing.refusals import ManifestRefused
from lastwords.sealing.tracks import MANIFEST_FILE, check_bundle, share_name
from lastwords.signing.documents import Signed
from lastwords.signing.keys import PublicKey
from lastwords.signing.manifest import KEEPERS_ONLY, PARTS, TIMER_ONLY, WISHES, Manifest, RosterSeat

README_FILE = "README.txt"
OPENER_FILE = "opener.html"
SCRIPT_FILE = "open.mjs"
AUTHOR_FILE = "author.key.txt"

_PIECE = 1 << 20
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def write_kit(
    out: BinaryIO,
    folder: Path,
    manifest: Signed[Manifest],
    author: PublicKey,
    keeper_id: str | None,
    names: Mapping[str, str] | None = None,
) -> None:
    """Write the kit of one keeper, or the bundle without a share if `keeper_id` is None, from a version's folder.

    `author` is the key with which the manifest was verified; the kit tells it to whoever verifies again. `names` gives
    people's names for their ids. Two kits of one version are the same bytes. Raises ManifestRefused if a file is
    missing or not the manifest's; then what was written to `out` is to be thrown away.
    """
    if author.fingerprint != manifest.signer:
        raise ManifestRefused(
            "The key given for the author is not the one that signed the manifest. No kit was made.",
            "Use the key with which the manifest was verified.",
        )
    check_bundle(folder, manifest.document)
    seat = manifest.document.seat(keeper_id) if keeper_id else None
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as kit:
        for name, content in (
            (README_FILE, readme(manifest, seat, names or {})),
            (OPENER_FILE, opener()),
            (SCRIPT_FILE, script()),
            (AUTHOR_FILE, author.text),
            (MANIFEST_FILE, manifest.data),
        ):
            kit.writestr(zipfile.ZipInfo(name, _NO_TIME), content)
        for name in [
            *_share_names(seat),
            *(file.name for file in manifest.document.files),
        ]:
            if not (folder / name).is_file():
                raise ManifestRefused(f"{name} is missing. No kit was made.", "Fetch it, then make the kit.")
            # Python 3.11.4 began to write a long entry otherwise. Only what needs one gets one, so that a kit is the
            # same bytes from every Python, and from a browser.
            long = (folder / name).stat().st_size > zipfile.ZIP64_LIMIT
            with (
                (folder / name).open("rb") as source,
                kit.open(zipfile.ZipInfo(name, _NO_TIME), "w", force_zip64=long) as member,
            ):
                shutil.copyfileobj(source, member, _PIECE)


def readme(manifest: Signed[Manifest], seat: RosterSeat | None, names: Mapping[str, str]) -> str:
    """Return the README of a kit."""
    document = manifest.document
    parts = [_head(document, names), _keepers(document, seat, names), _steps(document, seat)]
    return "\n".join(part for part in parts if part)


def script() -> str:
    """Return the script that opens age files with Node and the npm package age-encryption."""
    return resources.files("lastwords.sealing").joinpath("open_script.txt").read_text(encoding="ascii")


def opener() -> str:
    """Return the offline opener: a page in one file that opens kits in a browser. It is built from `web/opener`."""
    return resources.files("lastwords.sealing").joinpath(OPENER_FILE).read_text(encoding="utf-8")


def _share_names(seat: RosterSeat | None) -> list[str]:
    if not seat:
        return []
    return [share_name(seat.index, part) for part in PARTS if part != WISHES or seat.wishes_share]


def _head(manifest: Manifest, names: Mapping[str, str]) -> str:
    return (
        "LAST WORDS: HOW TO OPEN THESE WORDS WITHOUT OUR SOFTWARE\n\n"
        f"Author: {_name(manifest.author, names)}\n"
        f"Recipient: {_name(manifest.recipient, names)}\n"
        f"Condition: {manifest.condition}\n"
        f"Version: number {manifest.number} of track {manifest.track}, sealed {manifest.made}\n\n"
        "This kit carries one version. If the author sealed a newer one since, it lies in newer kits.\n"
        "Nothing in this kit opens by itself: no secret key is in it.\n\n"
        "A host that is gone says nothing about its author. First find out together, by what you know\n"
        "yourselves, whether the condition above is true.\n\n"
        f"The easiest way: open {OPENER_FILE} in any current browser and choose the kits there. It needs no\n"
        "network and sends nothing. The steps below do the same without a browser.\n"
    )


def _keepers(manifest: Manifest, seat: RosterSeat | None, names: Mapping[str, str]) -> str:
    if manifest.mode == TIMER_ONLY:
        return "No keepers hold a share of these words; the recipient's key opens them.\n"
    lines = [f"Keepers (any {manifest.k} of these {manifest.n} together):"]
    for other in manifest.roster:
        mine = "   <- this kit" if seat and other.keeper == seat.keeper else ""
        lines.append(f"  share {other.index}: {_name(other.keeper, names)}{mine}")
    return "\n".join(lines) + "\n"


def _steps(manifest: Manifest, seat: RosterSeat | None) -> str:
    outer, inner = manifest.mode != TIMER_ONLY, manifest.mode != KEEPERS_ONLY
    share = share_name(seat.index if seat else 1)
    splitting = (
        ", and a program for SLIP-39 shares,\nsuch as `shamir` (Python package shamir-mnemonic, extra cli)"
    )
    steps = [
        f"You need: the program `age`, version 1.3 or newer{splitting if outer else ''}.\n"
        f"Without age: Node 20 or newer, `npm install age-encryption@0.3.1`, and then, in place of age,\n"
        f"    node {SCRIPT_FILE} KEY_FILE SEALED_FILE OUT_FILE [FILE_WITH_THE_PASSPHRASE]"
    ]
    if outer:
        steps += [
            "Each keeper puts the line AGE-SECRET-KEY-PQ-1... of their card into a file keeper.key and opens\n"
            f"their share:\n    age -d -i keeper.key {share}\n"
            "The first line of what appears, 33 words, is the share.",
            f"Bring the 33 words of exactly {manifest.k} keepers together and run:\n"
            "    shamir recover\n"
            "It gives 64 digits and letters: the passphrase of the release key.",
            "Take off the outer lock; give the 64 digits when asked for a passphrase:\n"
            f"    age -d -i release.key.age words.age > {'inner.age' if inner else 'words.tar'}",
        ]
    if inner:
        steps.append(
            "The recipient takes off the inner lock with the key of their card, in a file recipient.key:\n"
            f"    age -d -i recipient.key {'inner.age' if outer else 'words.age'} > words.tar"
        )
    steps.append("Unpack; index.json comes first and says what everything is:\n    tar -xf words.tar")
    text = "\n\n".join(f"{place}. {step}" for place, step in enumerate(steps, start=1)) + "\n"
    if manifest.has_wishes:
        text += (
            "\nWishes open in the same way: wishes-share-N.age, wishes.release.key.age, wishes.age."
            " They have shares of their own.\n"
        )
    return text


def _name(identifier: str, names: Mapping[str, str]) -> str:
    return f"{names[identifier]} ({identifier})" if identifier in names else identifier
