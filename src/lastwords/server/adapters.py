"""What django-allauth asks of us: under which name passkeys are made, and how its few secrets lie in the database.

A second factor's secret has to be known to the host, or no code could be compared with it. It opens no words. It is
kept under a key made of the host's file `secret`, so that a copy of the database alone shows none of them.
"""

import base64
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from . import settings
from .models import Person


def closed(text: str) -> str:
    """A text as it may lie in the database: Fernet (AES-128-CBC and HMAC-SHA256) under the host's own key."""
    return _box().encrypt(text.encode()).decode("ascii")


def opened(text: str, age: int | None = None) -> str:
    """The text again, if it was closed here, and not longer than `age` seconds ago. Raises InvalidToken."""
    return _box().decrypt(text.encode("ascii"), ttl=age).decode()


def _box() -> Fernet:
    key = salted_hmac("lastwords.second-factors", "", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))


class Passkeys(DefaultMFAAdapter):  # type: ignore[misc]
    """Passkeys belong to the host of the origin in the settings, whatever a request calls it."""

    def encrypt(self, text: str) -> str:
        return closed(text)

    def decrypt(self, encrypted_text: str) -> str:
        return opened(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        house = settings.current()
        return {"id": urlsplit(house.origin).hostname or "", "name": house.name}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, object]:
        assert isinstance(user, Person)
        return {"id": user.handle.encode(), "name": user.handle, "display_name": user.name}


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody joins or signs in by allauth's own pages; and from which network somebody comes is not kept."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return "0.0.0.0"
