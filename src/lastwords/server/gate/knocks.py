"""Check-ins that carry a signature, read and proven many at a time.

Nothing is refused here. What does not fit in any way is left to the API's own view, which says what is wrong with it;
so there is one place that refuses, whichever way a request came.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from lastwords.server import accounts, crowd, phones
from lastwords.server.api import signs
from lastwords.server.api.checkins import Sign
from lastwords.server.models import Person, Session
from lastwords.server.problems import Problem
from lastwords.signing.phone import PhoneCheckIn
from lastwords.signing.refusals import Refused

PATH = re.compile(r"/api/watches/([a-z0-9-]{1,40})/check-ins")
MOST = 16 * 1024
"""Bytes of a check-in's body. A signed one has a fourth of that."""


_PHONES = "SELECT person_id, credential, public_key FROM phone WHERE person_id IN ({names})"


@dataclass(frozen=True, slots=True)
class Knock:
    """A check-in as it came: for which author, with which session's token (empty: none), and what is signed."""

    author: str
    token: str
    sign: Sign


def read(path: str, authorization: str | None, body: bytes) -> Knock | None:
    """The check-in that a request to this path is, if it is one with a signature."""
    found = PATH.fullmatch(path)
    if found is None or len(body) > MOST:
        return None
    try:
        sign = Sign.model_validate(json.loads(body))
    except (ValueError, RecursionError, ValidationError):
        return None
    scheme, _, token = (authorization or "").partition(" ")
    signed = token and scheme == "Bearer" if sign.document else sign.phone is not None
    alone = sum(one is not None for one in (sign.document, sign.code, sign.phone, sign.passkey)) == 1
    return Knock(found[1], token, sign) if signed and alone else None


def prove(knocks: Sequence[Knock], wall: int) -> list[signs.Proven | None]:
    """The signs of life among these, at this second of the host's clock; None for each that is to be refused."""
    by_key = [knock for knock in knocks if knock.sign.document is not None]
    by_phone = [knock for knock in knocks if knock.sign.phone is not None]
    people, keys = _signed_in(by_key, wall), _keys(by_phone)
    return [_proven(knock, people, keys, wall) for knock in knocks]


def _signed_in(knocks: Sequence[Knock], wall: int) -> dict[str, Person]:
    """Whose each token is, while its session lasts."""
    tokens = {accounts.hashed(knock.token): knock.token for knock in knocks}
    if not tokens:
        return {}
    rows = Session.objects.select_related("person").filter(token__in=list(tokens), expires__gt=wall)
    return {tokens[row.token]: row.person for row in rows}


def _keys(knocks: Sequence[Knock]) -> dict[tuple[str, str], str]:
    """The public key of each phone of these authors."""
    rows = crowd.find(_PHONES, [knock.author for knock in knocks])
    return {(author, credential): key for author, credential, key in rows}


def _proven(
    knock: Knock, people: dict[str, Person], keys: dict[tuple[str, str], str], wall: int
) -> signs.Proven | None:
    try:
        if knock.sign.document is not None:
            person = people.get(knock.token)
            if person is None or person.handle != knock.author:
                return None
            return signs.by_key(person, knock.author, knock.sign.document)
        assert knock.sign.phone is not None
        text, signature = knock.sign.phone.document, knock.sign.phone.signature
        document = PhoneCheckIn.from_bytes(text.encode())
        key = keys.get((knock.author, document.credential))
        if key is None:
            return None
        phones.must_be_pressed(document, knock.author, key, signature, wall)
        return signs.by_phone(knock.author, document, text, signature)
    except (Problem, Refused, ValueError):
        return None
