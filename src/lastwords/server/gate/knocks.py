"""Check-ins that carry a signature, read and proven many at a time.

Nothing is refused here. What does not fit in any way is left to the API's own view, which says what is wrong with it;
so there is one place that refuses, whichever way a request came.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lastwords.server import accounts, crowd, phones
from lastwords.server.api import signs
from lastwords.server.api.checkins import LONGEST_PRESS, LONGEST_SIGNATURE
from lastwords.server.models import Person, Session
from lastwords.server.problems import Problem
from lastwords.signing.phone import PhoneCheckIn
from lastwords.signing.refusals import Refused

PATH = re.compile(r"/api/watches/([a-z0-9-]{1,40})/check-ins")
MOST = 16 * 1024
"""Bytes of a check-in's body. A signed one has a fourth of that."""


Keys = Mapping[tuple[str, str], str]
"""The public keys of phones, by author and credential."""
_PHONES = "SELECT person_id, credential, public_key FROM phone WHERE person_id IN ({names})"


@dataclass(frozen=True, slots=True)
class Knock:
    """A check-in as it came: for which author, and what is signed. `token` is that of the session it was sent in, where
    the author's own key has signed; `signature` stands beside the document where a phone has."""

    author: str
    document: str
    token: str = ""
    signature: str = ""


def read(path: str, authorization: str | None, body: bytes) -> Knock | None:
    """The check-in that a request to this path is, if it is one with a signature and has nothing else in it."""
    found = PATH.fullmatch(path)
    if found is None or len(body) > MOST:
        return None
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    match said:
        case {"phone": {"document": str() as text, "signature": str() as signature, **more}, **rest}:
            if more or rest or len(text) > LONGEST_PRESS or not 0 < len(signature) <= LONGEST_SIGNATURE:
                return None
            return Knock(found[1], text, signature=signature)
        case {"document": str() as text, **rest} if not rest:
            scheme, _, token = (authorization or "").partition(" ")
            return Knock(found[1], text, token) if token and scheme == "Bearer" else None
    return None


def prove(knocks: Sequence[Knock], keys: Keys, wall: int) -> list[signs.Proven | None]:
    """The signs of life among these, at this second of the host's clock; None for each that is to be refused. `keys`
    are what `phone_keys` has given for them."""
    people = _signed_in([knock for knock in knocks if knock.token], wall)
    return [_proven(knock, people, keys, wall) for knock in knocks]


def phone_keys(knocks: Sequence[Knock]) -> Callable[[], Keys]:
    """Asks for the public key of each phone of these authors, and gives what fetches them."""
    rows = crowd.ask(_PHONES, [knock.author for knock in knocks if knock.signature])
    return lambda: {(author, credential): key for author, credential, key in rows()}


def _signed_in(knocks: Sequence[Knock], wall: int) -> dict[str, Person]:
    """Whose each token is, while its session lasts."""
    tokens = {accounts.hashed(knock.token): knock.token for knock in knocks}
    if not tokens:
        return {}
    rows = Session.objects.select_related("person").filter(token__in=list(tokens), expires__gt=wall)
    return {tokens[row.token]: row.person for row in rows}


def _proven(knock: Knock, people: dict[str, Person], keys: Keys, wall: int) -> signs.Proven | None:
    try:
        text, signature = knock.document, knock.signature
        if not signature:
            person = people.get(knock.token)
            if person is None or person.handle != knock.author:
                return None
            return signs.by_key(person, knock.author, text)
        data = text.encode()
        document = PhoneCheckIn.from_bytes(data)
        key = keys.get((knock.author, document.credential))
        if key is None:
            return None
        phones.must_be_pressed(document, data, knock.author, key, signature, wall)
        return signs.by_phone(knock.author, document, text, signature)
    except (Problem, Refused, ValueError):
        return None
