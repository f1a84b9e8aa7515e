"""Codes that are typed: the authenticator's number (RFC 6238) and django-allauth's recovery codes.

They say that a person is there; they open nothing. The number counts as a strong check-in, a recovery code only stands
in for it where the person is to be proven again at an open screen. Six digits can be guessed, so tries are counted in
the database and wrong ones told like failed sign-ins; each number is good once, which a rising counter holds.
"""

import hmac
import json
import re
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from cryptography.fernet import InvalidToken
from django.db import transaction

from . import accounts, adapters, credentials, tamper
from .models import Person
from .problems import Problem, problem

SECONDS = 900
"""How long a new authenticator's secret may wait to be confirmed."""
TRIES, WINDOW = 10, 24 * 3600
"""Wrong or right numbers that are looked at within a day; for the signed-in person and for strangers apart."""

NUMBER = re.compile(r"[0-9]{6}")


def plain(code: str) -> str:
    """A typed code without the spaces and hyphens people put in."""
    return re.sub(r"[\s-]", "", code)


def has_authenticator(person: Person) -> bool:
    return _row(person) is not None


def _row(person: Person) -> Authenticator | None:
    found: Authenticator | None = Authenticator.objects.filter(
        user_id=person.handle, type=Authenticator.Type.TOTP
    ).first()
    return found


# Having one.


def begin(person: Person) -> dict[str, str]:
    """A new secret for an authenticator, shown once: `{"secret", "address", "ticket"}`. Nothing is kept yet."""
    if has_authenticator(person):
        raise problem("authenticator_known")
    secret = totp.generate_totp_secret()
    ticket = adapters.closed(json.dumps([person.handle, secret]))
    return {"secret": secret, "address": get_adapter().build_totp_url(person, secret), "ticket": ticket}


def confirm(person: Person, ticket: str, code: str, place: str) -> None:
    """Keeps the secret of a ticket, once a number of it was typed."""
    try:
        handle, secret = json.loads(adapters.opened(ticket, SECONDS))
    except (InvalidToken, ValueError) as error:
        raise problem("typed_code_refused") from error
    if handle != person.handle or _step(secret, code) is None:
        raise problem("typed_code_refused")
    with transaction.atomic():
        if has_authenticator(person):
            raise problem("authenticator_known")
        row = totp.TOTP.activate(person, secret).instance
        row.data["place"] = place
        row.data["counts_as"] = credentials.add(person, credentials.AUTHENTICATOR, place)
        row.save(update_fields=["data"])


def take_out(person: Person) -> None:
    """Forgets the authenticator's secret and the recovery codes that stood in for it."""
    row = _row(person)
    if row is None:
        raise problem("not_found")
    with transaction.atomic():
        row.delete()
        Authenticator.objects.filter(user_id=person.handle, type=Authenticator.Type.RECOVERY_CODES).delete()


def new_recovery_codes(person: Person) -> list[str]:
    """Ten new codes, shown once; the ones before end."""
    if not has_authenticator(person):
        raise problem("not_found")
    with transaction.atomic():
        Authenticator.objects.filter(user_id=person.handle, type=Authenticator.Type.RECOVERY_CODES).delete()
        codes: list[str] = RecoveryCodes.activate(person).generate_codes()
    return codes


def shown(person: Person) -> dict[str, Any]:
    """What the account page shows: whether there is an authenticator, where, and how many recovery codes are left."""
    row = _row(person)
    codes = Authenticator.objects.filter(
        user_id=person.handle, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    return {
        "authenticator": row is not None,
        "place": row.data.get("place") if row else None,
        "counts_as": row.data.get("counts_as") if row else None,
        "recovery_codes": len(codes.wrap().get_unused_codes()) if codes else 0,
    }


# Using one.


def count_try(person: Person, *, by_themselves: bool) -> None:
    """Counts one more number typed for this person, right or wrong; refuses the eleventh within a day. Stands outside
    the transaction of what the number proves, since a refusal must not take the count back."""
    who = "own" if by_themselves else "anyone"
    if accounts.attempt(f"typed_code:{who}:{person.handle}", WINDOW) > TRIES:
        raise problem("typed_code_refused")


def count_for_nobody(account: str) -> None:
    """The same work for an account that does not exist; it is refused in any case."""
    accounts.attempt(f"typed_code:anyone:{accounts.nobody(account)}", WINDOW)


def use_number(person: Person, code: str, seen: int | None = None) -> str:
    """Uses a number of the authenticator and returns the credential it counts as. Wrong and used ones look alike.
    `seen` is the UTC second at which it was read off, when that is not now. Belongs into the transaction of what it
    proves, so that what is refused uses up nothing."""
    row = _row(person)
    try:
        step = _step(adapters.opened(row.data["secret"]), code, seen) if row else None
    except InvalidToken:
        step = (
            None  # closed under another file `secret`, as after a restore without it: no number fits any more
        )
    if row is None or step is None:
        raise problem("typed_code_refused")
    if step <= accounts.last_counter(person, credentials.AUTHENTICATOR):
        raise problem("typed_code_refused")
    accounts.raise_counter(person, credentials.AUTHENTICATOR, step)
    return str(row.data["counts_as"])


def prove(person: Person, code: str) -> None:
    """Takes a number or a recovery code from the signed-in person as proof that it is still they."""
    code = plain(code)
    try:
        count_try(person, by_themselves=True)
        with transaction.atomic():
            if NUMBER.fullmatch(code):
                use_number(person, code)
            else:
                _use_recovery_code(person, code)
    except Problem:
        tamper.sign_in_failed(person.handle)
        raise


def _use_recovery_code(person: Person, code: str) -> None:
    codes = Authenticator.objects.select_for_update().filter(type=Authenticator.Type.RECOVERY_CODES)
    row = codes.filter(user_id=person.handle).first()
    if row is None or not row.wrap().validate_code(code):
        raise problem("typed_code_refused")


def _step(secret: str, code: str, seen: int | None = None) -> int | None:
    """The step of time whose number this is: the running one, the one before or after; None for any other. The same
    around the UTC second `seen`, when a number came by mail."""
    typed, found = plain(code).encode(), None
    for step in totp.yield_hotp_counters_from_time() if seen is None else _around(seen):
        if hmac.compare_digest(typed, totp.format_hotp_value(totp.hotp_value(secret, step)).encode()):
            found = step
    return found


def _around(seen: int) -> range:
    """As many steps as are tried for a number that is typed here, so that guessing by mail is no easier; one step
    earlier, because a number is read off before its mail is sent."""
    running = seen // app_settings.TOTP_PERIOD
    return range(running - 2, running + 1)
