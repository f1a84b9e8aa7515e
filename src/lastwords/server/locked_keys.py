"""Locked keys: copies of a person's secret key, sealed in the browser and kept here as bytes that mean nothing to us.

One that a passphrase opens is handed out before anybody is signed in, since it is what signing in begins with. So that
nobody learns by it who is here, a name without such a copy gets one too: made of the name and the host's secret, of
exactly the same form, the same each time, and opened by no passphrase. All real ones have that one form, byte for
byte, or they are not taken: a scrypt file of age (C2SP age, "scrypt recipient stanza") of work factor 18 around the
78 characters of a key and a line feed.
"""

import base64
import hashlib
import re

from django.db import transaction
from django.utils.crypto import salted_hmac

from . import accounts, credentials
from .models import LockedKey, Person
from .problems import problem

PASSKEY, PASSPHRASE = "passkey", "passphrase"
MOST = 12
"""Locked keys of one person."""
LARGEST = 8192
"""Bytes of one; a key sealed to a passkey's key takes about 1.9 kB."""

_PAYLOAD = 16 + 78 + 16
"""Nonce, text and tag of the sealed key."""
_FORM = re.compile(
    rb"age-encryption\.org/v1\n-> scrypt [A-Za-z0-9+/]{22} 18\n[A-Za-z0-9+/]{43}\n--- [A-Za-z0-9+/]{43}\n"
    + rb".{%d}" % _PAYLOAD,
    re.DOTALL,
)
_SEALED = b"age-encryption.org/v1\n"


def by_passphrase(account: str) -> bytes:
    """What a passphrase opens for this account, or something that looks like it."""
    decoy = _decoy(account)
    row = LockedKey.objects.filter(person=account, kind=PASSPHRASE).first()
    return bytes(row.sealed) if row else decoy


def _decoy(account: str) -> bytes:
    """A file of the one form, made of the account's name and the host's secret alone."""
    seed = salted_hmac("lastwords.locked-key", account, algorithm="sha256").digest()
    noise = hashlib.shake_256(seed).digest(16 + 32 + 32 + _PAYLOAD)
    salt, body, mac, payload = noise[:16], noise[16:48], noise[48:80], noise[80:]
    return (
        b"age-encryption.org/v1\n-> scrypt %s 18\n%s\n--- %s\n" % (_b64(salt), _b64(body), _b64(mac))
        + payload
    )


def _b64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def keep(person: Person, kind: str, credential: str, sealed: bytes) -> LockedKey:
    """Keeps a locked key in the place of one of the same kind and credential, and tells that there is a new one."""
    fits = _FORM.fullmatch(sealed) if kind == PASSPHRASE else sealed.startswith(_SEALED)
    if not fits or len(sealed) > LARGEST or bool(credential) != (kind == PASSKEY):
        raise problem("locked_key_unfit")
    with transaction.atomic():
        rows = LockedKey.objects.filter(person=person)
        rows.filter(kind=kind, credential=credential).delete()
        if rows.count() >= MOST:
            raise problem("too_many")
        row = LockedKey.objects.create(
            person=person, kind=kind, credential=credential, sealed=sealed, made=accounts.wall()
        )
        credentials.tell_of_new(person)
    return row
