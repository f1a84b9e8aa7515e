"""Words on their way to a recipient: what must have been refused, judged on what really happened."""

from typing import Any

from lastwords.protocol import events as e
from lastwords.simulate.broken import Broken

from .past import Past


def _tell(past: Past, event: e.Tell) -> None:
    course = past.courses[event.track]
    if course.recipient in past.silent:
        raise Broken("I10", f"{course.recipient} was told while their own watch is silent")
    if not course.instead_of and past.death_signed(course):
        raise Broken("I10", f"{course.recipient} was told although a quorum signed that they died")
    if not course.out:
        raise Broken("I2", f"{course.recipient} was told of words that are not out")
    if past.holds:
        raise Broken("I1", f"{course.recipient} was told while a hold stands")


def _want(past: Past, event: e.WantShares) -> None:
    course = past.courses[event.track]
    if not (course.out or course.opened):  # what was opened before a recall is open for good
        raise Broken("I2", "shares were asked for of words that are not out")
    if past.holds and not course.handed:
        raise Broken("I2", "shares were handed out while a hold stands")


def _open(past: Past, event: e.OpenWords) -> None:
    course = past.courses[event.track]
    if not course.out and not course.handed:
        raise Broken("I2", "words were opened that are not out and whose shares nobody had handed over")
    if past.holds and not course.handed:
        raise Broken("I2", "words whose shares are not out were opened while a hold stands")


HANDING: dict[type[e.Event], Any] = {e.Tell: _tell, e.WantShares: _want, e.OpenWords: _open}
