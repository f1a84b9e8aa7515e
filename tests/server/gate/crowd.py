"""Authors who are all well, each armed through the real door, with a phone that was used before."""

import json
from dataclasses import replace
from typing import Any

from server.api.test_phones import APhone
from server.conftest import KEEPERS, what_arms_a_circle

MANY = 8


def a_crowd(house: Any, count: int = MANY) -> dict[str, APhone]:
    """Their phones by their handles. What arms Iruka's plan arms theirs."""
    from lastwords.protocol.events import AddCredential
    from lastwords.server import models, store

    for handle in ("naruto", *KEEPERS):
        if not models.Person.objects.filter(handle=handle).exists():
            house.person(handle)
    crowd: dict[str, APhone] = {}
    for number in range(count):
        name, phone = f"author-{number}", APhone()
        person = house.person(name)
        store.begin(name)
        for event in what_arms_a_circle():
            store.act(name, replace(event, by=name) if event.by == "iruka" else event)
        phone.credential = "phone-1"
        store.act(name, AddCredential(name, "phone-1", "device"))
        models.Phone.objects.create(
            person=person, credential="phone-1", public_key=phone.public_key, name="phone", made=0
        )
        models.Counter.objects.create(person=person, credential="phone-1", last=0)
        crowd[name] = phone
    return crowd


def rows_of(author: str) -> list[dict[str, Any]]:
    """The rows of an author's log, as they say."""
    from lastwords.server.models import LogRow

    rows = LogRow.objects.filter(watch_id=author).order_by("number").values_list("body", flat=True)
    return [json.loads(bytes(body)) for body in rows]
