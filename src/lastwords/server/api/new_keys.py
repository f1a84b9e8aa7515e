"""New keys for somebody who has lost every copy, or wants others; and what ends at once when something is lost."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import StringConstraints

from lastwords.server import accounts, lost, new_keys, tamper
from lastwords.server.models import KeyAsking
from lastwords.server.problems import Problem, problem
from lastwords.signing.documents import read
from lastwords.signing.keys import PublicKey
from lastwords.signing.refusals import Refused
from lastwords.signing.session_answer import SessionAnswer

from . import door
from .door import Body, Documented, Handle, SignedText
from .people import WithKeys, known_to
from .sessions import PERHAPS_SIGNED_IN, must_be_fresh

router = Router(tags=["new keys"])


class NewKeysAsked(WithKeys):
    """Three public keys, and a challenge of this host's answered with the new sign-in key: whoever asks has them."""

    account: Handle
    answer: SignedText


class OwnNewKeys(NewKeysAsked):
    """The same, with the word for them signed by the old key."""

    document: SignedText


class ByCode(Body):
    account: Handle
    code: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class No(Body):
    """`older`: to all that were asked before it in the same name as well, as far as nobody has vouched for them."""

    older: bool = False


class Lost(Body):
    what: Literal[
        "phone",
        "computer",
        "passkey",
        "passphrase",
        "paper-codes",
        "mailbox",
        "sheet",
        "card",
        "everything",
    ]


# Whoever has lost everything is not signed in.


@router.post("/new-keys", auth=None, response={202: dict[str, Any]})
def ask(request: HttpRequest, body: NewKeysAsked) -> Status[dict[str, Any]]:
    """Puts new keys into waiting for somebody. Sent again it says how far they have come. The answer is the same for a
    name that is not here."""
    _must_hold(body)
    row = new_keys.ask_from_outside(body.account, body.keys())
    return Status(202, {"stage": row.stage if row else "asked", "ends": new_keys.ends(row) if row else None})


def _must_hold(body: NewKeysAsked) -> None:
    """Refuses keys that whoever sends them cannot sign with."""
    body.keys().check()
    try:
        signed = read(body.answer.encode(), SessionAnswer, PublicKey.read(body.sign_in_key)).document
    except Refused as error:
        raise problem("sign_in_refused") from error
    accounts.must_answer(body.account, signed)


@router.post("/new-keys/no", auth=PERHAPS_SIGNED_IN)
def say_no_by_code(request: HttpRequest, body: ByCode) -> dict[str, int]:
    """Says no with a paper code to all that waits for its person. A wrong code, a used one and a name that is not here
    are answered alike."""
    try:
        return {"refused": new_keys.say_no_by_code(body.account, body.code)}
    except Problem:
        tamper.sign_in_failed(body.account)
        raise


# Whoever is signed in.


@router.get("/new-keys")
def askings(request: HttpRequest) -> dict[str, Any]:
    """What waits for oneself, and for people one may vouch for, with the keys whose words are compared by voice."""
    person = door.person_of(request)
    return {
        "own": [_shown(row) for row in new_keys.about(person)],
        "others": [_shown(row) for row in new_keys.to_judge(person)],
    }


def _shown(row: KeyAsking) -> dict[str, Any]:
    return {
        "id": row.pk,
        "person": row.person_id,
        "name": row.person.name,
        "before": row.person.signing_key,
        "public_key": row.public_key,
        "signing_key": row.signing_key,
        "sign_in_key": row.sign_in_key,
        "stage": row.stage,
        "asked": row.asked,
        "by": row.by or None,
        "ends": new_keys.ends(row),
    }


@router.post("/new-keys/{int:asking}/vouching")
def vouch(request: HttpRequest, asking: int, body: Documented) -> dict[str, Any]:
    """A keeper, or the author of a watch, vouches for keys whose words they have compared with the person by voice."""
    must_be_fresh(request)
    person = door.person_of(request)
    row = new_keys.vouch(person, asking, body.document)
    return _shown(row)


@router.post("/new-keys/{int:asking}/no")
def say_no(request: HttpRequest, asking: int, body: No) -> dict[str, Any]:
    """Says no: the person themselves, who is signed in by an old way, or a keeper who knows them."""
    refused = new_keys.say_no(door.person_of(request), asking, older=body.older)
    return _shown(KeyAsking.objects.get(pk=asking)) | {"refused": refused}


@router.post("/me/new-keys", response={201: dict[str, Any]})
def ask_with_old_key(request: HttpRequest, body: OwnNewKeys) -> Status[dict[str, Any]]:
    """Puts new keys of one's own into waiting, on the old key's word."""
    must_be_fresh(request)
    person = door.person_of(request)
    door.must(body.account == person.handle)
    _must_hold(body)
    row = new_keys.ask_for_oneself(person, body.keys())
    if row is None:
        raise problem("card_person")
    return Status(201, _shown(new_keys.vouch(person, row.pk, body.document)))


@router.get("/people/{handle}/new-keys")
def followed(request: HttpRequest, handle: str) -> dict[str, Any]:
    """How the keys of somebody I may look up followed one another: the old ones, and each word with the key to check
    it, oldest first."""
    other = known_to(door.person_of(request), handle)
    return {
        "followed": [
            {
                "public_key": row.public_key,
                "signing_key": row.signing_key,
                "sign_in_key": row.sign_in_key,
                "until": row.until,
                "document": row.document,
                "voucher": row.voucher,
                "voucher_key": row.voucher_key,
            }
            for row in other.past_keys.order_by("pk")
        ]
    }


# Lost or stolen.


@router.post("/me/lost")
def say_lost(request: HttpRequest, body: Lost) -> dict[str, Any]:
    """Ends at once what could be used with the thing that is lost, and writes to every address that it was done."""
    must_be_fresh(request)
    return {"ended": lost.end(door.person_of(request), body.what)}
