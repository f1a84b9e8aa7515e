"""The author freezes a plan: a signature over the digest of its terms, so that no host can alter them."""

from dataclasses import dataclass
from typing import ClassVar

from lastwords.signing import shapes
from lastwords.signing.documents import Document
from lastwords.signing.shapes import shaped

ASKS_NOBODY = (
    "Nobody will check on you and nobody can speak for you: if you do not answer in time, for whatever reason, your "
    "words are released, and this host alone enforces the wait. If no mailbox of yours takes letters by then, they "
    "stay sealed: have two that do not depend on each other."
)
"""What an author takes upon them who signs a plan that asks nobody (`timer_only`); read wherever it is chosen."""


@dataclass(frozen=True, kw_only=True)
class PlanTerms(Document):
    """`terms` is the SHA-256 of the canonical JSON of the plan's terms; `plan_version` rises with each arming."""

    KIND: ClassVar[str] = "plan-terms"

    author: str = shaped(shapes.identifier)
    plan_version: int = shaped(shapes.count(1))
    terms: str = shaped(shapes.digest)
    moment: str = shaped(shapes.moment)
