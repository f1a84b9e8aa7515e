"""What the tests of sealing share: people with keys, and a small sealed track."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from lastwords.sealing import tracks
from lastwords.sealing.container import Item, items
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.tracks import Keeper, Track
from lastwords.signing.documents import Signed
from lastwords.signing.manifest import Manifest

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "vectors"
# A busy machine must not turn a slow example into a failure.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

MOMENT = "2026-11-23T08:17:45Z"
KEEPERS = ("pakkun", "bull", "uhei", "shiba", "akino")


@dataclass(frozen=True)
class People:
    author: PersonKeys
    recipient: PersonKeys
    keepers: dict[str, PersonKeys]

    def track(self, **changes: object) -> Track:
        """A track from the author to the recipient, two locks, three of the five keepers."""
        fields: dict[str, object] = {
            "author": "kakashi",
            "track": "kakashi-iruka-died",
            "condition": "died",
            "mode": "two locks",
            "recipient": "iruka",
            "recipient_public_key": self.recipient.public_key,
            "k": 3,
            "keepers": [Keeper(n, k.public_key, k.signing.public.text) for n, k in self.keepers.items()],
        }
        return Track(**fields | changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Sealed:
    people: People
    folder: Path
    signed: Signed[Manifest]

    @property
    def manifest(self) -> Manifest:
        return self.signed.document

    def bytes_of(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


@pytest.fixture(scope="session")
def people() -> People:
    return People(PersonKeys.new(), PersonKeys.new(), {name: PersonKeys.new() for name in KEEPERS})


@pytest.fixture(scope="session")
def sealed(people: People, tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    """A letter, a recording and wishes on one track; tests read it and never change it."""
    folder = tmp_path_factory.mktemp("sealed") / "1"
    signed = tracks.seal_track(
        folder,
        people.track(),
        people.author,
        MOMENT,
        items(
            [
                Item("letter.txt", b"Dear Iruka", "text/plain", "For Iruka"),
                Item("a/voice.ogg", b"o" * 70000),
            ]
        ),
        items([Item("wishes.txt", b"Do not come looking for me")]),
    )
    return Sealed(people, folder, signed)
