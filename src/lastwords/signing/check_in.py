"""A strong check-in: the author's own key says "I am here" to one host, once, at a moment, with a counter.

The counter makes a replay refusable; the heads make a strong check-in also say which manifests are the author's
newest, so that a server that serves an older one contradicts the author's own signature.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from lastwords.signing import canonical, shapes
from lastwords.signing.documents import Document
from lastwords.signing.manifest import ManifestHead
from lastwords.signing.shapes import shaped


@dataclass(frozen=True, kw_only=True)
class CheckIn(Document):
    """A sign of life. `host` is the host's name as the author joined it; `counter` rises with each check-in."""

    KIND: ClassVar[str] = "check-in"

    host: str = shaped(shapes.text(255))
    author: str = shaped(shapes.identifier)
    moment: str = shaped(shapes.moment)
    counter: int = shaped(shapes.count(1))
    heads: str = shaped(shapes.digest)


def heads_digest(heads: Iterable[ManifestHead]) -> str:
    """Return the digest of the newest manifests: SHA-256 of their canonical list in the order of their tracks."""
    ordered = sorted(heads, key=lambda head: head.track)
    return canonical.digest(canonical.encode([shapes.plain(head) for head in ordered]))
