"""Sheets that the author seals for the keepers ahead: find me, trip notes, medical.

They are sealed by the author's client to every keeper, so the host keeps what it cannot read. It gives them to the
author at any time, and to the keepers whom a case has called while that case is open.
"""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from lastwords.protocol import events
from lastwords.protocol.stages import Sheet
from lastwords.server.port import Paper
from lastwords.signing import canonical

from . import door, parts
from .door import Base64, Body, SignedText

router = Router(tags=["sheets"])

SHEET = "sheet"
SHEET_WORD = "sheet_word"
"""Papers: the sealed sheet, and the author's signed word for it, both named by the sheet."""
ACT = "seal sheet"


class NewSheet(Body):
    """`document`: act "seal sheet" by the author, subject = the sheet, body = SHA-256 of the sealed bytes."""

    sheet: Sheet = Field(strict=False)
    body: Base64
    document: SignedText


@router.post("/watches/{author}/sheets", response={201: dict[str, Any]})
def seal_sheet(request: HttpRequest, author: str, body: NewSheet) -> Status[dict[str, Any]]:
    """The author leaves a sheet for the keepers, sealed to them; it takes the place of the one before."""
    seen = door.enter(request, author, parts.AUTHOR)
    data = door.body_of(body.body)
    signed = door.signed_act(seen, body.document, "author", ACT, body.sheet.value)
    door.must(signed.document.body == canonical.digest(data), "body_hash")
    papers = [Paper(SHEET, body.sheet.value, data), Paper(SHEET_WORD, body.sheet.value, signed.data)]
    door.act(author, events.SealSheet(by=author, sheet=body.sheet), papers)
    return Status(201, {"sheet": body.sheet.value, "sha256": signed.document.body})


@router.get("/watches/{author}/sheets")
def sheets(request: HttpRequest, author: str) -> dict[str, Any]:
    """The newest of each sheet: to the author always, to a called keeper while the case is open. To a keeper at any
    other time there are none."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    open_to = seen.has(parts.AUTHOR) or (
        seen.watch.case_open and seen.person.handle in parts.audience(seen.watch)
    )
    return {"sheets": [shown for sheet in Sheet if open_to and (shown := _shown(author, sheet))]}


def _shown(author: str, sheet: Sheet) -> dict[str, Any] | None:
    paper = door.newest_paper(author, SHEET, sheet.value)
    if paper is None:
        return None
    return {
        "sheet": sheet.value,
        "at": paper.made,
        "body": door.base64_of(paper.body),
        "document": door.paper_text(author, SHEET_WORD, sheet.value),
    }
