"""What this person has made sure of: keys of other people, and the highest manifest number seen of each track.

A pin is set once, by an invitation's secret, by a printed card, or by one's own hand, and never changed by anything a
host says. A key or a manifest that contradicts a pin stops the command with both facts named.
"""

from dataclasses import asdict, dataclass
from typing import Any

from lastwords.cli.errors import Stopped
from lastwords.cli.home import Home
from lastwords.sealing.person import PublicKeys
from lastwords.signing.documents import Signed
from lastwords.signing.manifest import Manifest, ManifestHead

PINS = "pins.json"
KEYS = ("signing", "public_key", "signing_key", "sign_in_key")


@dataclass(frozen=True, slots=True)
class Pin:
    """One person's keys. `signing` is the fingerprint of the signing key. What is not known for certain is empty: after
    an invitation its author's fingerprint is all there is, and a manifest tells a recipient's sealing key alone.
    `how` says what made sure of it."""

    signing: str
    how: str
    public_key: str = ""
    signing_key: str = ""
    sign_in_key: str = ""

    @classmethod
    def of(cls, keys: PublicKeys, how: str) -> "Pin":
        """A pin of all three keys of somebody."""
        return cls(keys.signing_fingerprint, how, keys.sealing, keys.signing, keys.sign_in)


class Pins:
    """The pins of one home."""

    def __init__(self, home: Home) -> None:
        self.home = home

    # People.

    def people(self) -> dict[str, Pin]:
        return {handle: _pin(handle, kept) for handle, kept in self._part("people").items()}

    def person(self, handle: str) -> Pin | None:
        return self.people().get(handle)

    def keep(self, handle: str, pin: Pin) -> None:
        """Pins a person, or fills in keys of a pin that knew only the fingerprint. Refuses another key."""
        with self.home.change(PINS) as record:
            people = record.setdefault("people", {})
            new = asdict(pin)
            if handle in people:
                old = asdict(_pin(handle, people[handle]))
                if any(new[name] and old[name] and new[name] != old[name] for name in KEYS):
                    raise another_key(handle)
                new = {name: old[name] or new[name] for name in old}
            people[handle] = new

    def replace(self, handle: str, pin: Pin, before: str = "") -> None:
        """Pins the new keys of a person, made sure of by voice, in the place of the old ones. What they signed with
        the old signing key (`before`, its text) and was seen here stays believed."""
        with self.home.change(PINS) as record:
            people = record.setdefault("people", {})
            before = before or (_pin(handle, people[handle]).signing_key if handle in people else "")
            people[handle] = asdict(pin)
            older = record.setdefault("older", {}).setdefault(handle, [])
            if before and before not in older:
                older.append(before)

    def older(self, handle: str) -> list[str]:
        """Signing keys that this person had before."""
        return list(self._part("older").get(handle, []))

    # Manifests.

    def heads(self, author: str) -> list[ManifestHead]:
        """The newest manifests of this author's words that this person has seen, in the order of their tracks."""
        seen = self._part("manifests").get(author, {})
        return [
            ManifestHead(track=track, number=head["number"], sha256=head["sha256"])
            for track, head in sorted(seen.items())
            if not head.get("taken_back")
        ]

    def see(self, signed: Signed[Manifest], *, of_old_key: bool = False) -> None:
        """Notes a manifest whose signature was checked. Refuses one older than, or another than, the newest seen, and
        one that a key given up by its author has signed and that was not seen before."""
        manifest = signed.document
        with self.home.change(PINS) as record:
            tracks = record.setdefault("manifests", {}).setdefault(manifest.author, {})
            seen = tracks.get(manifest.track, {"number": 0, "sha256": ""})
            if of_old_key and manifest.number > seen["number"]:
                raise Stopped(
                    f"Version {manifest.number} of {manifest.track} is signed with a key that {manifest.author} has "
                    "given up, and was not seen here before that. It was not used; nothing was changed.",
                    f"Ask {manifest.author} to seal it anew. Whoever found the old key could have made it.",
                    "old_key",
                )
            if manifest.number < seen["number"]:
                raise Stopped(
                    f"The host shows version {manifest.number} of {manifest.track}, but version {seen['number']} was "
                    "seen here before. The older one was not used; nothing was changed.",
                    "Ask the author or another keeper which version is newest. The host may have been restored.",
                    "older_manifest",
                )
            if manifest.number == seen["number"] and signed.digest != seen["sha256"]:
                raise Stopped(
                    f"There are two different manifests with number {manifest.number} of {manifest.track}, both signed "
                    "by the author. Neither was used; nothing was changed.",
                    "Ask the author which one is theirs, by a way you trust.",
                    "two_manifests",
                )
            if manifest.number > seen["number"]:
                tracks[manifest.track] = {"number": manifest.number, "sha256": signed.digest}

    def take_back(self, author: str, track: str) -> None:
        """Notes that these words are taken back. Their number stays, so that none older is ever believed."""
        with self.home.change(PINS) as record:
            record["manifests"][author][track]["taken_back"] = True

    # One's own plan, and who is in one's circle.

    def plan_seen(self) -> int:
        """The version of this author's own plan that was signed last, as far as this machine knows; 0 for none."""
        return int(self._part("plan").get("version", 0))

    def see_plan(self, version: int) -> None:
        """Notes a plan with this author's signature. An older one changes nothing."""
        if version > self.plan_seen():
            with self.home.change(PINS) as record:
                record["plan"] = {"version": version}

    def keeps(self, handle: str) -> bool | None:
        """Whether this author made somebody a keeper (True), took the seat back (False), or neither from here."""
        known = self._part("keepers").get(handle)
        return known if isinstance(known, bool) else None

    def seat(self, handle: str, keeps: bool) -> None:
        """Notes that this author verified a keeper, or took a seat back."""
        with self.home.change(PINS) as record:
            record.setdefault("keepers", {})[handle] = keeps

    # Emergency notes.

    def notes_seen(self, author: str) -> dict[str, Any]:
        """Number and digest of the newest word for this author's emergency notes seen here; 0 and empty for none."""
        return {"number": 0, "digest": "", **self._part("notes").get(author, {})}

    def check_notes(self, author: str, number: int, digest: str) -> None:
        """Refuses a word for emergency notes that is older than, or another than, the newest seen; 0 is none at all."""
        seen = self.notes_seen(author)
        if number < seen["number"] or (number == seen["number"] and digest != seen["digest"]):
            shown = f"version {number} of the emergency notes" if number else "no emergency notes"
            raise Stopped(
                f"The host shows {shown}, and another one, number {seen['number']}, was seen here before. Nothing was "
                "opened or changed.",
                "Ask the author or another keeper which version is newest; if they are your own, write them anew. The "
                "host may have been restored.",
                "older_notes",
            )

    def see_notes(self, author: str, number: int, digest: str) -> None:
        """Notes a word that was checked."""
        with self.home.change(PINS) as record:
            record.setdefault("notes", {})[author] = {"number": number, "digest": digest}

    def owe_report(self, author: str) -> None:
        """Notes that a card's own copy was opened, of which author and keepers are to be told."""
        with self.home.change(PINS) as record:
            record.setdefault("opened_cards", {})[author] = True

    def owed_reports(self) -> list[str]:
        """The authors who have not been told yet that a card's own copy was opened."""
        return sorted(self._part("opened_cards"))

    def report_made(self, author: str) -> None:
        """They have been told."""
        with self.home.change(PINS) as record:
            record["opened_cards"].pop(author, None)

    # The record.

    def log_head(self, author: str) -> tuple[int, str]:
        """The highest row of this author's record seen here, with its link; (0, "") for none."""
        seen = self._part("log").get(author, {"row": 0, "link": ""})
        return int(seen["row"]), str(seen["link"])

    def see_log(self, author: str, row: int, link: str) -> None:
        """Notes a head whose chain was checked. A lower one changes nothing."""
        with self.home.change(PINS) as record:
            seen = record.setdefault("log", {}).get(author, {"row": 0})
            if row > seen["row"]:
                record["log"][author] = {"row": row, "link": link}

    # The author's own copies at the host.

    def own_copies(self, track: str, number: int) -> dict[str, str]:
        """Hashes of one's own copies of this version of a track, by part; none where it was sealed elsewhere."""
        own = self._part("own").get(track, {})
        return dict(own["hashes"]) if own.get("number") == number else {}

    def keep_own_copies(self, track: str, number: int, hashes: dict[str, str]) -> None:
        """Notes what was sent with this version. Anyone can seal a file to the author's public key; only the hash tells
        ours."""
        with self.home.change(PINS) as record:
            record.setdefault("own", {})[track] = {"number": number, "hashes": hashes}

    def _part(self, name: str) -> dict[str, Any]:
        part = self.home.read(PINS).get(name, {})
        if not isinstance(part, dict):
            raise Stopped(
                f"{PINS} does not have the form it was written in; nothing was changed and nothing is guessed.",
                "Bring it back from a copy of your home folder.",
                "home_unreadable",
            )
        return part


def another_key(handle: str) -> Stopped:
    """The refusal of a key that is not the pinned one."""
    return Stopped(
        f"The host shows another key for {handle} than the one you made sure of. It was not used; nothing was sent.",
        f"Speak with {handle} and compare the eight words of `lastwords key show`. If they have a new key, ask for a "
        "new invitation; if not, tell whoever runs the host.",
        "another_key",
    )


def _pin(handle: str, kept: Any) -> Pin:
    try:
        return Pin(**kept)
    except TypeError as error:
        raise Stopped(
            f"The pin of {handle} cannot be read; nothing was changed and nothing is guessed.",
            "Bring pins.json back from a copy of your home folder.",
            "home_unreadable",
        ) from error
