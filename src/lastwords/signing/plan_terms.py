"""The author freezes a plan: a signature over the digest of its terms, so that no host can alter them."""

from dataclasses import dataclass
from typing import ClassVar

from lastwords.signing import shapes
from lastwords.signing.documents import Document
from lastwords.signing.shapes import shaped


@dataclass(frozen=True, kw_only=True)
class PlanTerms(Document):
    """`terms` is the SHA-256 of the canonical JSON of the plan's terms; `plan_version` rises with each arming."""

    KIND: ClassVar[str] = "plan-terms"

    author: str = shaped(shapes.identifier)
    plan_version: int = shaped(shapes.count(1))
    terms: str = shaped(shapes.digest)
    moment: str = shaped(shapes.moment)
