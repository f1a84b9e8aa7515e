"""What a person made sure of, kept for their other browsers: sealed bytes, read and written by that person alone.

A browser that wrote an older copy would forget what another one saw, so a write names the revision it knows; one that
comes too late is answered with what is kept, to be put together and written again.
"""

from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from lastwords.server.models import SealedPins

from . import door
from .door import Base64, Body

router = Router(tags=["people"])


class Kept(Body):
    sealed: Base64
    revision: Annotated[int, Field(ge=0, le=2**53)]


@router.get("/me/pins")
def pins(request: HttpRequest) -> dict[str, Any]:
    """What was kept last, and its revision; nothing and 0 before the first."""
    row = SealedPins.objects.filter(person=door.person_of(request)).first()
    return _shown(row)


@router.put("/me/pins")
def keep_pins(request: HttpRequest, body: Kept) -> dict[str, Any]:
    """Keeps a new copy in place of the one with that revision. `kept` is false, and the answer holds what is there, if
    another browser was sooner."""
    person, data = door.person_of(request), door.plain_body(body.sealed)
    with transaction.atomic():
        row = SealedPins.objects.select_for_update().filter(person=person).first()
        if (row.revision if row else 0) != body.revision:
            return _shown(row) | {"kept": False}
        if row is None:
            row = SealedPins.objects.create(person=person, body=data)
        else:
            row.body, row.revision = data, row.revision + 1
            row.save(update_fields=["body", "revision"])
    return {"sealed": None, "revision": row.revision, "kept": True}


def _shown(row: SealedPins | None) -> dict[str, Any]:
    sealed = door.base64_of(row.body) if row else None
    return {"sealed": sealed, "revision": row.revision if row else 0}
