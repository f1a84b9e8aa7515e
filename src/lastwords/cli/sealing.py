"""One track sealed on this machine: its keepers, its keys, the author's own copy; then it is sent."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lastwords.cli import keys_of, sending, show, terms
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, Sealed, now
from lastwords.sealing import tracks
from lastwords.sealing.container import Pack
from lastwords.signing.documents import Signed
from lastwords.signing.manifest import KEEPERS_ONLY, TIMER_ONLY, WISHES, WORDS, Manifest

# For whom, and by whose hands.


def holders(person: Me, k: int, recipient: str, adult: str | None, chosen: str | None) -> list[tracks.Keeper]:
    """The keepers who get a share, `k` at least: verified, of the circle, never whoever receives these very words, for
    themselves or as the adult who is with a child."""
    seats = person.host.get("watches", person.handle, "keepers")["keepers"]
    able = {
        seat["handle"]
        for seat in seats
        if seat["stage"] in keys_of.HOLDERS
        and not seat["alternate"]
        and seat["handle"] not in (recipient, adult)
    }
    wanted = sorted(able) if chosen is None else [name.strip() for name in chosen.split(",") if name.strip()]
    for name in wanted:
        if name not in able:
            raise Stopped(
                f"{name} cannot hold a share of these words; nothing was sealed.",
                f"A share can go to: {', '.join(sorted(able)) or 'nobody yet. Verify keepers first'}.",
                "no_holder",
            )
    if len(wanted) < k:
        without = f": {adult}, who is with {recipient}, holds none" if adult else ""
        raise Stopped(
            f"{k} keepers are needed to open these words, and {len(wanted)} would hold a share{without}. Nothing was "
            "sealed; what was sealed before is unharmed.",
            "Name more keepers, verify more of them first, or let fewer be needed with --quorum.",
            "no_holder",
        )
    pins = keys_of.as_keepers(person, wanted)
    return [tracks.Keeper(name, pin.public_key, pin.signing_key) for name, pin in pins.items()]


def holds_share(old: Sealed, adult: str | None) -> bool:
    """Whether the adult who is with a child holds a share of these words: named anew they may, and older versions let
    them."""
    return any(seat.keeper == adult for seat in old.manifest.document.roster)


def plan_quorum(person: Me) -> int:
    return int(terms.believed(person, person.host.get("watches", person.handle))["quorum"])


def before_first(person: Me, name: str) -> Signed[Manifest] | None:
    """The last manifest of a track whose words were taken back; None for a new track. Refuses one with words."""
    old = next((one for one in person.sealed(person.handle) if one.row["track"] == name), None)
    if old is not None and not old.row.get("taken_back"):
        raise Stopped(
            f"There are words sealed as {name} already; they are unharmed.",
            f"Replace them with `lastwords words replace {name}`.",
            "sealed_already",
        )
    return old.manifest if old else None


# Sealing.


def anew(
    person: Me,
    track: tracks.Track,
    words: Pack,
    wishes: Pack | None,
    before: Signed[Manifest] | None,
    keep_own_copy: bool,
    adult: str | None,
) -> Signed[Manifest]:
    folder = sending.folder_for(person, track.track)
    with show.progress("Sealing", None) as progress:
        signed = tracks.seal_track(
            folder,
            track,
            person.keys,
            now(),
            words,
            wishes,
            keep_own_copy=keep_own_copy,
            before=before,
            succession=person.succession(before),
            progress=progress,
        )
    sending.make_ready(folder, signed, sending.Kept.of(None), keep_own_copy=keep_own_copy, adult=adult)
    return sending.send(person, folder)


def same_keys(
    person: Me,
    old: Sealed,
    words: Pack | None,
    wishes: Pack | None,
    adult: str | None,
    keep_own_copy: bool,
) -> Signed[Manifest]:
    """A new version under the same release key: no keeper is needed, and every share stays good."""
    manifest = old.manifest.document
    if words is None:
        sending.must_not_wait(person, manifest.track)
    kept = sending.Kept.of(old.row, person.pins.own_copies(manifest.track, manifest.number))
    for part, sha256 in kept.noted.items():
        if kept.own.get(part, sha256) != sha256:
            raise _another_own_copy(part, manifest.track)
    key = None if manifest.mode == KEEPERS_ONLY else keys_of.pinned(person, manifest.recipient).public_key
    folder = sending.folder_for(person, manifest.track)
    with show.progress("Sealing", None) as progress:
        signed = tracks.replace_words(
            folder,
            folder.with_name(f"{folder.name}.before"),
            old.manifest,
            person.keys,
            key,
            now(),
            words,
            wishes,
            keep_own_copy=keep_own_copy,
            progress=progress,
        )
    sending.make_ready(folder, signed, kept, keep_own_copy=keep_own_copy, adult=adult)
    return sending.send(person, folder)


def with_new_keys(
    person: Me,
    old: Sealed,
    words: Pack | None,
    wishes: Pack | None,
    adult: str | None,
    quorum: int | None,
    shares_to: str | None,
    keep_own_copy: bool,
) -> Signed[Manifest]:
    """A new release key, secret and shares; what is not given anew comes from the author's own copy."""
    manifest = old.manifest.document
    if words is None:
        sending.must_not_wait(person, manifest.track)
    k = 0 if manifest.mode == TIMER_ONLY else quorum or plan_quorum(person)
    track = tracks.Track(
        author=person.handle,
        track=manifest.track,
        condition=manifest.condition,
        mode=manifest.mode,
        recipient=manifest.recipient,
        recipient_public_key=None
        if manifest.mode == KEEPERS_ONLY
        else keys_of.pinned(person, manifest.recipient).public_key,
        k=k,
        keepers=holders(person, k, manifest.recipient, adult, shares_to) if k else [],
        alternate_of=manifest.alternate_of,
    )
    with tempfile.TemporaryDirectory(dir=person.home.folder) as scratch:
        if words is None:
            words = tracks.own_copy(
                own_copy(person, old, WORDS, Path(scratch)), person.keys, person.older_keys
            )
        if wishes is None and manifest.has_wishes:
            wishes = tracks.own_copy(
                own_copy(person, old, WISHES, Path(scratch)), person.keys, person.older_keys
            )
        return anew(person, track, words, wishes, old.manifest, keep_own_copy, adult)


def own_parts(old: Sealed) -> list[str]:
    return [one["name"] for one in old.row.get("own", [])]


def own_copy(person: Me, old: Sealed, part: str, folder: Path) -> Path:
    """Fetches one's own copy of a part, and makes sure that it is the one that left this machine.

    Its lock alone proves nothing: whoever knows the author's public key can seal to it."""
    kept: dict[str, Any] | None = next((one for one in old.row.get("own", []) if one["name"] == part), None)
    manifest = old.manifest.document
    noted = person.pins.own_copies(manifest.track, manifest.number).get(part)
    if kept is None or noted is None:
        raise Stopped(
            f"There is no copy of your own of the {part} of {manifest.track} that this machine could check; "
            "the sealed version is unharmed.",
            "Give the words again with `lastwords words replace … --new-keys`.",
            "no_own_copy",
        )
    if kept["sha256"] != noted:
        raise _another_own_copy(part, manifest.track)
    target = folder / tracks.OWN_FILES[part]
    with show.progress("Fetching", kept["size"]) as progress:
        person.host.download(target, kept["sha256"], kept["size"], "files", progress=progress)
    return target


def _another_own_copy(part: str, track: str) -> Stopped:
    return Stopped(
        f"The host shows another file as your own copy of the {part} of {track}; it was not used.",
        "Tell whoever runs the host, and seal these words again from what you have.",
        "another_own_copy",
    )


# What is said of it.


def tell(signed: Signed[Manifest], *lines: str) -> None:
    """The answer to everything that seals; `lines` are the command's own."""
    manifest = signed.document
    show.tell(
        {"track": manifest.track, "number": manifest.number, "sha256": signed.digest},
        f"Sealed for {manifest.recipient}: version {manifest.number} of {manifest.track}.",
        *lines,
    )


def of_shares(manifest: Manifest) -> list[str]:
    """What the author should know of new shares."""
    if not manifest.n:
        return []
    spare = none_to_spare(manifest.track, manifest.k, manifest.n)
    proving = f"Each of them now proves their share with `lastwords shares prove {manifest.author}`"
    if manifest.number > 1:
        proving += (
            ", also who has proven one before: until then what they state does not count for these words"
        )
    return [
        f"Any {manifest.k} of {manifest.n} keepers together can let it go. {proving}."
        if manifest.n > manifest.k
        else f"{proving}.",
        *spare,
    ]


def none_to_spare(track: str, k: int, n: int) -> list[str]:
    """What to do about words of whose `n` keepers all `k` are needed: as long as nobody could be missed, no plan is
    armed. Fewer than a majority may never be enough, so among two there is nothing to choose."""
    if n > k:
        return []
    fewer, wanted = n // 2 + 1, max(k + 1, 3)
    more = f"Verify {'one more keeper' if wanted - n == 1 else f'{wanted - n} more keepers'}, then run"
    more += f" `lastwords words new-keys {track} --quorum {max(k, 2)}`"
    said = f"{k} keepers are needed to open {track} and {n} hold a share. "
    said += "None could be missed, so no plan can be armed."
    if fewer >= k:
        return [f"{said} {more}."]
    return [
        f"{said} Let fewer be needed: `lastwords words new-keys {track} --quorum {fewer}`, then "
        f"`lastwords plan arm --quorum {fewer}`. Or: {more[0].lower()}{more[1:]}."
    ]


def of_replaced(before: Manifest, words: Sequence[str], wishes: Sequence[str]) -> list[str]:
    """What the new version holds, said because whatever was not given anew is gone, and its author may not know it."""
    gone = f"Nothing else that version {before.number} held %s is kept; name it again if it should be."
    lines = []
    if words:
        lines.append(f"It holds {', '.join(words)}. {gone % 'as words'}")
    if wishes:
        lines.append(f"Shown before opening: {', '.join(wishes)}.")
        if before.has_wishes:
            lines[-1] += f" {gone % 'as wishes or note'}"
    return lines
