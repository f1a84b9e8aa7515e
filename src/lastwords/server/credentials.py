"""Ways to say "I'm here" beside the author's own key: that there is a new one, and under which name it counts.

The machine knows credentials by name and place; two at one place are one. Here a new one gets the next free name of its
kind. Whoever is no author has no watch in which it could count, and it only signs them in.
"""

import re

from allauth.mfa.models import Authenticator

from lastwords.protocol.events import AddCredential, ReportTamper
from lastwords.protocol.stages import Tamper
from lastwords.protocol.watch import HOST, Watch

from . import store
from .models import Person
from .models import Watch as WatchRow

PASSKEY, AUTHENTICATOR = "passkey", "authenticator"
PLACES = ("device", "phone", "security-key")
"""Where a new credential may be kept. The author's own key is at `device`, paper codes are at `paper`."""

_KINDS = {Authenticator.Type.WEBAUTHN: PASSKEY, Authenticator.Type.TOTP: AUTHENTICATOR}


def next_name(watch: Watch, kind: str) -> str:
    """`kind`, or `kind-2`, `kind-3`: one that was signed away as "not them" stays void, so no name is used twice."""
    taken = [c.name for c in watch.credentials if re.fullmatch(rf"{kind}(-\d+)?", c.name)]
    return kind if not taken else f"{kind}-{len(taken) + 1}"


def add(person: Person, kind: str, place: str) -> str:
    """Adds a credential to the person's own watch and says its name; empty for somebody who is no author. Belongs into
    the transaction that keeps the credential. Refusals of the machine pass through."""
    if not _is_author(person):
        return ""
    name = next_name(store.read(person.handle), kind)
    store.act(person.handle, AddCredential(by=person.handle, credential=name, place=place))
    return name


def count_in(person: Person) -> None:
    """Adds what somebody has already, now that they become an author."""
    for row in Authenticator.objects.filter(user_id=person.handle).order_by("pk"):
        kind = _KINDS.get(row.type)
        if kind:
            row.data["counts_as"] = add(person, kind, row.data["place"])
            row.save(update_fields=["data"])


def tell_of_new(person: Person) -> None:
    """Tells author and keepers, once a plan is in force, that there is a new way to the author's key."""
    if _is_author(person) and store.read(person.handle).armed:
        store.act(person.handle, ReportTamper(HOST, Tamper.NEW_CREDENTIAL))


def _is_author(person: Person) -> bool:
    return WatchRow.objects.filter(author=person.handle, set_aside="").exists()
