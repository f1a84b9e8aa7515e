"""Quiet mode: for people who must not be seen to have anything to do with this service.

Letters to such a person carry a name of their own choosing and nothing of what they are about, the pages they look at
carry it too, and a button leaves every page at once for an address of their choice. What it cannot do is said where it
is turned on: it erases nothing from a browser's history, and the addresses of the host and of its mail stay.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from . import settings
from .models import Person
from .problems import problem

NAME, ELSEWHERE = "Notes", "https://www.wikipedia.org/"
"""What is proposed. Anything that nobody wonders about is as good."""
LONGEST_NAME, LONGEST_ADDRESS = 30, 200


@dataclass(frozen=True, slots=True)
class Quiet:
    """What this service is called before others, and the address that *leave* goes to."""

    name: str
    leave_to: str


def of(person: Person) -> Quiet | None:
    """The quiet mode of a person; None where it is off."""
    return Quiet(person.quiet_name, person.leave_to) if person.quiet_name else None


def turn_on(person: Person, name: str, leave_to: str) -> Quiet:
    """Turns it on, or changes it. Refuses a name that gives the service away, and an address that leads back here."""
    name, leave_to = " ".join(name.split()), leave_to.strip()
    if not (0 < len(name) <= LONGEST_NAME and name.isprintable()) or _gives_away(name):
        raise problem("quiet_name_unfit")
    if not _leads_elsewhere(leave_to):
        raise problem("leave_to_unfit")
    _keep(person, name, leave_to)
    return Quiet(name, leave_to)


def turn_off(person: Person) -> None:
    _keep(person, "", "")


def _keep(person: Person, name: str, leave_to: str) -> None:
    person.quiet_name, person.leave_to = name, leave_to
    Person.objects.filter(pk=person.pk).update(quiet_name=name, leave_to=leave_to)


def _gives_away(name: str) -> bool:
    """Whether the name holds what it is to hide."""
    return any(told.casefold() in name.casefold() for told in ("last words", settings.current().name))


def _leads_elsewhere(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, ours = parts.hostname, urlsplit(settings.current().origin).hostname
        plain = parts.scheme in ("http", "https") and not parts.username and not parts.password
        return plain and bool(host) and host != ours and address.isascii() and _fits(address)
    except ValueError:
        return False


def _fits(address: str) -> bool:
    unfit = set(" \"'<>\\^`{|};,")
    return len(address) <= LONGEST_ADDRESS and address.isprintable() and not unfit & set(address)
