"""What the tests of signing share: one key, one moment, and a whole manifest to change."""

from typing import Any

import pytest
from hypothesis import settings

from lastwords.signing.keys import SigningKey
from lastwords.signing.manifest import Manifest, ManifestFile, RosterSeat

# A busy machine must not turn a slow example into a failure.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

MOMENT = "2026-11-23T08:17:45Z"


def sha(character: str) -> str:
    return character * 64


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return SigningKey.from_seed(bytes(range(32)))


@pytest.fixture(scope="session")
def other_key() -> SigningKey:
    return SigningKey.from_seed(bytes(32))


@pytest.fixture
def fields(key: SigningKey) -> dict[str, Any]:
    """The fields of a good first manifest: two locks, two of three keepers, no wishes."""
    return {
        "author": "kakashi",
        "author_signing": key.public.fingerprint,
        "track": "kakashi-iruka-died",
        "number": 1,
        "before": None,
        "made": MOMENT,
        "condition": "died",
        "mode": "two locks",
        "recipient": "iruka",
        "recipient_key": sha("a"),
        "alternate_of": None,
        "release_key": "age1pq1" + "q" * 100,
        "wishes_release_key": None,
        "words_split": sha("b"),
        "wishes_split": None,
        "k": 2,
        "roster": tuple(
            RosterSeat(
                keeper=name,
                index=index,
                sealing=sha(str(index)),
                signing=sha(str(index + 3)),
                words_share=sha("c"),
                wishes_share=None,
            )
            for index, name in enumerate(("pakkun", "bull", "uhei"), start=1)
        ),
        "files": tuple(
            ManifestFile(name=name, sha256=sha("d"), size=100) for name in ("words.age", "release.key.age")
        ),
    }


@pytest.fixture
def manifest(fields: dict[str, Any]) -> Manifest:
    return Manifest(**fields)
