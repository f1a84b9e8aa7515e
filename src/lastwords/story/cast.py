"""Who takes part. Names and addresses of the story; nobody here has ever lived."""

from dataclasses import dataclass

ZONE = "Asia/Tokyo"
MAIL_PLACE = "leaf.example"
HOST_MAIL = f"host@{MAIL_PLACE}"
SENDER = f"words@{MAIL_PLACE}"


@dataclass(frozen=True, slots=True)
class Role:
    """One person of the story: the handle they use at the host, their name, and every address they read."""

    handle: str
    name: str
    addresses: tuple[str, ...]


def _role(name: str, *more: str) -> Role:
    handle = name.lower()
    return Role(handle, name, (f"{handle}@{MAIL_PLACE}", *more))


IRUKA = _role("Iruka")
KAKASHI = _role("Kakashi")
NARUTO = _role("Naruto")
PAKKUN = _role("Pakkun")
BISUKE = _role("Bisuke", f"bisuke@field.{MAIL_PLACE}")
BULL = _role("Bull")
BISQUIT = _role("Bisquit")
ULLY = _role("Ully")
TSUNADE = _role("Tsunade", f"tsunade@tower.{MAIL_PLACE}")
SHIZUNE = _role("Shizune")

FIRST_CIRCLE = (PAKKUN, BISUKE, BULL, BISQUIT)
"""The four of the pack who were Iruka's keepers from the beginning."""
PACK = (*FIRST_CIRCLE, ULLY)
"""All five. Ully is the last to accept Iruka."""
ALTERNATES = (TSUNADE, SHIZUNE)
EVERYONE = (IRUKA, KAKASHI, NARUTO, *PACK, *ALTERNATES)

STRANGER = Role("stranger", "A stranger", ())
"""Somebody with a key of their own and Iruka's handle. They have no part in anything, and no letters."""
SCHOOL = f"iruka@school.{MAIL_PLACE}"
"""An address that Iruka adds when his plan is in force already."""

BY_HANDLE = {role.handle: role for role in (*EVERYONE, STRANGER)}


def name_of(handle: str) -> str:
    """A person's name, or the handle itself for someone outside the story (the host)."""
    return BY_HANDLE[handle].name if handle in BY_HANDLE else handle
