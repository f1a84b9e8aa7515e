"""Signs of life, and the ways to give one: the author's own key, paper codes, a phone; the proven recovery sheet."""

import re
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field, StringConstraints

from lastwords.protocol import events
from lastwords.protocol.watch import Watch
from lastwords.server import accounts, by_code, passkeys, phones
from lastwords.server.models import PaperCode, Person
from lastwords.server.port import Paper
from lastwords.server.problems import Problem, problem
from lastwords.signing.refusals import Refused as SigningRefused

from . import door, parts, signs
from .door import Body, Documented
from .passkeys import Ceremony
from .sessions import PERHAPS_SIGNED_IN, must_be_fresh

router = Router(tags=["check-ins"])

PAPER = "paper"
"""The first printed list of codes and the place of all of them; later lists are `paper-2`, `paper-3`, ..."""
MOST_CODES = 50
LONGEST_PRESS, LONGEST_SIGNATURE = 2000, 200
"""Characters of what a phone sends: the document that it signed, and the signature."""

HEX16 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class Pressed(Body):
    """What a phone signed: the canonical text of its document, and the signature in base64url."""

    document: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PRESS)]
    signature: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SIGNATURE)]


class Sign(Body):
    """One of the four: a signed check-in; a code from a printed list or an authenticator's number; what a phone signed;
    a passkey's answer."""

    document: door.SignedText | None = None
    code: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    phone: Pressed | None = None
    passkey: Ceremony | None = None


@router.post("/watches/{author}/check-ins", auth=PERHAPS_SIGNED_IN)
def check_in(request: HttpRequest, author: str, body: Sign) -> dict[str, Any]:
    """A strong sign of life. With a code nobody need be signed in: whoever lost every device still has the paper. A
    phone carries its own proof too, and need not be signed in either.

    For anyone but the author, a wrong code or phone is answered like a watch that does not exist."""
    if sum(one is not None for one in (body.document, body.code, body.phone, body.passkey)) != 1:
        raise problem("malformed")
    if body.document is not None:
        return _by_key(request, author, body.document)
    if body.phone is not None:
        return _by_phone(request, author, body.phone)
    if body.passkey is not None:
        return _by_passkey(request, author, body.passkey)
    return _by_code(request, author, body.code or "")


def _by_key(request: HttpRequest, author: str, text: str) -> dict[str, Any]:
    """Signed with the author's own key over host, moment and counter; the counter must rise."""
    if not door.person_of(request).handle:
        raise problem("sign_in")
    seen = door.enter(request, author, parts.AUTHOR)
    return _take(signs.by_key(seen.person, author, text), seen.person)


def _take(sign: signs.Proven, person: Person) -> dict[str, Any]:
    """Lets a proven sign count, once."""
    with door.together():
        accounts.raise_counter(person, sign.credential, sign.counter)
        step = door.act(sign.author, sign.event, [sign.paper])
    return sign.answer(step.watch, door.now())


def _by_passkey(request: HttpRequest, author: str, passkey: Ceremony) -> dict[str, Any]:
    """A passkey's answer to a question of this host's: for an author whose key is locked at the moment."""
    if not door.person_of(request).handle:
        raise problem("sign_in")
    door.enter(request, author, parts.AUTHOR)
    person, row = passkeys.finish_using(request, passkey.credential, passkey.ticket)
    if person.handle != author:
        raise problem("passkey_refused")
    return _answer(by_code.strong(author, str(row.data["counts_as"])))


def _by_phone(request: HttpRequest, author: str, sign: Pressed) -> dict[str, Any]:
    """Signed with a phone's own key over host, author, phone, moment and counter; the counter must rise."""
    person = Person.objects.filter(handle=author).first()
    asks = door.person_of(request).handle
    try:
        document = phones.pressed(person, sign.document, sign.signature)
    except (Problem, SigningRefused) as refused:
        fresh = isinstance(refused, Problem) and refused.code == "press_too_old"
        if not fresh and asks != author:
            raise problem("phone_unknown") from refused
        raise
    assert person is not None
    return _take(signs.by_phone(author, document, sign.document, sign.signature), person)


def _by_code(request: HttpRequest, author: str, code: str) -> dict[str, Any]:
    """Wrong and used codes look alike, and to a stranger like an author who does not exist."""
    own = door.person_of(request).handle == author
    try:
        return _answer(by_code.check_in(author, code, own=own))
    except Problem as refused:
        if refused.code in ("paper_code_refused", "typed_code_refused") and not own:
            raise problem("name_or_code") from refused
        raise


def _answer(watch: Watch) -> dict[str, Any]:
    return signs.answer(watch, door.now())


# Ways to give a sign.


class Code(Body):
    salt: HEX16
    hash: door.Hash


class Codes(Body):
    """A printed list. `under_force` is the line (from 1) of the one code that is the word under force, if there is to
    be one."""

    codes: Annotated[list[Code], Field(min_length=1, max_length=MOST_CODES)]
    under_force: Annotated[int, Field(ge=1, le=MOST_CODES)] | None = None


@router.post("/watches/{author}/paper-codes", response={201: dict[str, Any]})
def add_paper_codes(request: HttpRequest, author: str, body: Codes) -> Status[dict[str, Any]]:
    """A new printed list. The client makes the codes and keeps them to itself; here come salts and hashes.

    A new list ends the ones before it. Whether one of them is the word under force is nowhere shown again."""
    must_be_fresh(request)
    seen = door.enter(request, author, parts.AUTHOR)
    if len({code.hash for code in body.codes}) != len(body.codes) or (body.under_force or 1) > len(
        body.codes
    ):
        raise problem("codes_unfit")
    sheet = _next_sheet(seen.watch)
    with door.together():
        PaperCode.objects.filter(person=seen.person, used=None).delete()
        PaperCode.objects.bulk_create(
            PaperCode(
                person=seen.person,
                sheet=sheet,
                salt=bytes.fromhex(code.salt),
                hash=bytes.fromhex(code.hash),
                under_force=line == body.under_force,
            )
            for line, code in enumerate(body.codes, 1)
        )
        door.act(author, events.AddCredential(by=author, credential=sheet, place=PAPER))
    return Status(201, {"sheet": sheet, "codes": len(body.codes)})


def _next_sheet(watch: Watch) -> str:
    """A list that was signed away as "not them" stays void, so every list is a credential of its own."""
    lists = [c.name for c in watch.credentials if re.fullmatch(rf"{PAPER}(-\d+)?", c.name)]
    return PAPER if not lists else f"{PAPER}-{len(lists) + 1}"


@router.post("/watches/{author}/recovery-proof")
def prove_recovery(request: HttpRequest, author: str, body: Documented) -> dict[str, Any]:
    """The author has typed the printed sheet back, and signed this with the key it gives."""
    seen = door.enter(request, author, parts.AUTHOR)
    signed = door.signed_act(seen, body.document, "author", "recovery proven")
    step = door.act(author, events.ProveRecovery(by=author), [Paper("act", "recovery proven", signed.data)])
    return {"stage": step.watch.stage.value, "recovery_proven": True}
