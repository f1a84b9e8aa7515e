"""A reader of the record whose own kept head is not in it says so, signed."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from lastwords.server import tamper
from lastwords.server.models import LogRow
from lastwords.server.port import Paper
from lastwords.server.problems import problem
from lastwords.signing.act import Act

from . import door, parts
from .door import Documented

router = Router(tags=["plan"])


@router.post("/watches/{author}/record-differs")
def record_differs(request: HttpRequest, author: str, body: Documented) -> dict[str, Any]:
    """An author's or keeper's client has seen another head than the record holds now. The document's subject is the
    row's number, its body the head that was seen. Everyone is told, once a day for each reader."""
    seen = door.enter(request, author, parts.AUTHOR, parts.KEEPER)
    role = "author" if seen.has(parts.AUTHOR) else "keeper"
    signed = door.signed_by(seen.person, body.document, Act)
    row, head = signed.document.subject, signed.document.body
    door.check_act(seen, signed.document, seen.person.handle, role, "record differs", row, in_case=False)
    door.must(row is not None and row.isdecimal() and len(row) < 16 and head is not None)
    if LogRow.objects.filter(watch_id=author, number=int(row or 0), link=bytes.fromhex(head or "")).exists():
        raise problem("record_agrees")
    with door.together():
        paper = Paper("act", "record differs", signed.data)
        told = tamper.record_differs(author, seen.person.handle, paper, door.now())
    return {"told": told}
