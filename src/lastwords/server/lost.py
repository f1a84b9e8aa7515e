"""Something is lost or stolen: what ends at once, by what it was.

Only what lets somebody in, or says "I'm here", ends here. No key can be ended at once: whoever holds a sheet or a card
holds the key itself, and new keys for that are asked for and waited for (`new_keys`).
"""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.db import transaction

from . import accounts, locked_keys, page_sessions, passkeys, second_factors, store
from .letters import HostLetter
from .models import Feed, LockedKey, PaperCode, Person, Phone, SealedPins


def _sessions(person: Person) -> int:
    return accounts.sign_out_everywhere(person) + page_sessions.end_everywhere(person)


def _passkeys_at(*places: str) -> Callable[[Person], int]:
    """Ends the passkeys kept at these places, each with the locked key that it opened."""

    def end(person: Person) -> int:
        rows = [row for row in passkeys.of(person) if not places or row.data.get("place") in places]
        for row in rows:
            mine = LockedKey.objects.filter(person=person, kind=locked_keys.PASSKEY)
            mine.filter(credential=passkeys.ident(row)).delete()
            row.delete()
        return len(rows)

    return end


def _phones(person: Person) -> int:
    return Phone.objects.filter(person=person).delete()[0]


def _authenticator(person: Person) -> int:
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    return int(Authenticator.objects.filter(user_id=person.handle, type__in=kinds).delete()[0])


def _authenticator_at(place: str) -> Callable[[Person], int]:
    """Ends the authenticator, with the codes that stand in for it, if it is kept at this place."""
    return lambda person: _authenticator(person) if second_factors.shown(person)["place"] == place else 0


def _passphrase(person: Person) -> int:
    return LockedKey.objects.filter(person=person, kind=locked_keys.PASSPHRASE).delete()[0]


def _calendar(person: Person) -> int:
    return Feed.objects.filter(person=person).delete()[0]


def _paper_codes(person: Person) -> int:
    return PaperCode.objects.filter(person=person, used=None).delete()[0]


def _pins(person: Person) -> int:
    return SealedPins.objects.filter(person=person).delete()[0]


ENDS: dict[str, Callable[[Person], int]] = {
    "sessions": _sessions,
    "phones": _phones,
    "passkeys on a phone": _passkeys_at("phone"),
    "passkeys on a computer": _passkeys_at("device"),
    "passkeys on a security key": _passkeys_at("security-key"),
    "passphrase": _passphrase,
    "authenticator": _authenticator,
    "authenticator on a computer": _authenticator_at("device"),
    "authenticator on a security key": _authenticator_at("security-key"),
    "calendar": _calendar,
    "paper codes": _paper_codes,
    "what your browsers had made sure of": _pins,
}
"""What can be ended, by the words in which it is told."""

_OPEN = ("sessions", "calendar")
_KEY_KNOWN = (*_OPEN, "phones", "what your browsers had made sure of")

WHAT: dict[str, tuple[str, ...]] = {
    "phone": (*_OPEN, "phones", "passkeys on a phone", "authenticator"),
    "computer": (*_OPEN, "passkeys on a computer", "authenticator on a computer"),
    "passkey": (*_OPEN, "passkeys on a security key", "authenticator on a security key"),
    "passphrase": (*_OPEN, "passphrase"),
    "paper-codes": ("paper codes",),
    "mailbox": _OPEN,
    "sheet": _KEY_KNOWN,
    "card": _KEY_KNOWN,
    "everything": tuple(ENDS),
}
"""What ends at once, by what was lost."""


def end(person: Person, what: str) -> list[str]:
    """Ends what could be used by whoever has the lost thing, and writes to every address of the person that it was
    done; where there was nothing to end, as when it is pressed twice, nobody is written to. Returns the names of what
    there was to end. Raises KeyError for a thing that is not in `WHAT`."""
    with transaction.atomic():
        ended = [name for name in WHAT[what] if ENDS[name](person)]
        if not ended:
            return []
        door = store.here()
        now, said = door.now(), ", ".join(ended)
        letter = door.host_letter(HostLetter.WAYS_ENDED, person.handle, now, ended=said)
        door.host_row("ways_ended", now, (letter,), person=person.handle, what=what, ended=ended)
    return ended


def end_everything(person: Person) -> None:
    """Ends all that hangs on a person's keys, when these are replaced. Paper codes open nothing, and stay."""
    for name, ends in ENDS.items():
        if name != "paper codes":
            ends(person)
    LockedKey.objects.filter(person=person).delete()
