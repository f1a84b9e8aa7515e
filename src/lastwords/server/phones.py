"""Phones that can say "I'm here": which there are, and whether what came from one is a sign of life now.

A phone's key is kept where the author's own key may be too, so to the machine both are one place: a thief of the phone
holds one way to check in, never two that are kept apart.
"""

from datetime import datetime
from functools import lru_cache

from lastwords.protocol.moments import DAY, MINUTE
from lastwords.protocol.watch import Watch
from lastwords.signing.keys import from_base64url
from lastwords.signing.phone import PhoneCheckIn, PhoneKey

from . import accounts, settings
from .models import Person, Phone
from .problems import problem

PREFIX = "phone"
MOST = 5
"""Phones of one author."""
LASTS = DAY
"""How old a press may be when it arrives, in seconds: it says that somebody lived then, and is counted as now."""
AHEAD = 10 * MINUTE
"""How far a phone's clock may run ahead of the host's."""


def next_name(watch: Watch) -> str:
    """The name of the next phone. One that was taken out leaves its name behind, because the machine remembers it."""
    known = [one.name for one in watch.credentials if one.name.startswith(f"{PREFIX}-")]
    return f"{PREFIX}-{len(known) + 1}"


def add(person: Person, credential: str, public_key: str, name: str) -> Phone:
    """Keeps the public half of a phone's key. Raises BadKey, or `phones_enough`."""
    PhoneKey(public_key)
    if person.phones.count() >= MOST:
        raise problem("phones_enough")
    return Phone.objects.create(
        person=person, credential=credential, public_key=public_key, name=name, made=accounts.wall()
    )


def pressed(person: Person | None, text: str, signature: str) -> PhoneCheckIn:
    """What a phone of this person signed, if it is fresh and was signed by it. `phone_unknown` for every phone that is
    not theirs, and for a person who does not exist."""
    data = text.encode()
    document = PhoneCheckIn.from_bytes(data)
    phone = Phone.objects.filter(person=person, credential=document.credential).first() if person else None
    if person is None or phone is None:
        raise problem("phone_unknown")
    must_be_pressed(document, data, person.handle, phone.public_key, signature, accounts.wall())
    return document


def must_be_pressed(
    document: PhoneCheckIn, data: bytes, author: str, public_key: str, signature: str, wall: int
) -> None:
    """Refuses what was not signed for this host and author with this phone's key, and what is not fresh at this second
    of the host's clock. `data` is what the document was read from: it has one spelling, so this is what was signed."""
    if (document.host, document.author) != (settings.current().origin, author):
        raise problem("phone_unknown")
    try:
        raw = from_base64url(signature)
    except ValueError:
        raw = b""
    _key(public_key).verify(data, raw)
    age = wall - int(datetime.fromisoformat(document.moment).timestamp())
    if not -AHEAD <= age <= LASTS:
        raise problem("press_too_old")


@lru_cache(maxsize=2048)
def _key(public_key: str) -> PhoneKey:
    """The key of that text: reading one takes as long as half a signature, and the same phone comes again."""
    return PhoneKey(public_key)
