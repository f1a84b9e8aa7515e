"""A sign of life by a code from a printed list or an authenticator's number: one way, for the page, the API and a mail.

Whoever brings the code need not be anybody. So every refusal of one is alike, and what is said to a stranger is left to
whoever asks.
"""

from django.db import transaction

from lastwords.protocol import events
from lastwords.protocol.quiet import unmarked
from lastwords.protocol.stages import Strength
from lastwords.protocol.watch import Watch

from . import accounts, second_factors, store, tamper
from .models import Person
from .problems import Problem, problem


def check_in(author: str, code: str, *, own: bool, seen: int | None = None) -> Watch:
    """Takes the step that this code proves, and returns the watch as its author reads it. `own` says that the author
    is signed in; `seen` is the UTC second at which the number was read off, when that is not now.

    Each code and number works once. Wrong and used ones look alike, and like those for an author who does not
    exist: `paper_code_refused` or `typed_code_refused`. Refusals of the machine and of the store pass through."""
    person = Person.objects.filter(handle=author).first()
    typed = second_factors.plain(code)
    if person is None:
        if second_factors.NUMBER.fullmatch(typed):
            _count_for_nobody(author)
        raise problem("paper_code_refused")
    if second_factors.NUMBER.fullmatch(typed):
        return _by_number(person, typed, own=own, seen=seen)
    with transaction.atomic():
        return _by_paper(author, *accounts.use_paper_code(person, code))


def _by_number(person: Person, number: str, *, own: bool, seen: int | None) -> Watch:
    """Six digits can be guessed where sixteen letters cannot: tries are counted, and wrong ones told. A check-in that
    stands inside another step cannot be one: with the step its count would be taken back."""
    if transaction.get_connection().in_atomic_block:
        raise problem("typed_code_refused")
    try:
        second_factors.count_try(person, by_themselves=own)
        with transaction.atomic():
            return strong(person.handle, second_factors.use_number(person, number, seen))
    except Problem as refused:
        if refused.code == "typed_code_refused":
            tamper.sign_in_failed(person.handle)
        raise


def _count_for_nobody(author: str) -> None:
    """A number for somebody who is not here is counted as a wrong one is, among few rows that all such names share: an
    answer that comes sooner would tell who is here (T13)."""
    second_factors.count_for_nobody(author)
    tamper.sign_in_failed(author)


def _by_paper(author: str, sheet: str, under_force: bool) -> Watch:
    """The one code of a list that its owner kept for it is the word under force; the answer is the same."""
    if under_force:
        event = events.SpeakUnderForce(by=author, credential=sheet)
        return unmarked(store.here().act(author, event).watch)
    return strong(author, sheet)


def strong(author: str, credential: str) -> Watch:
    """The step for a strong sign of life that no document came with."""
    event = events.CheckIn(by=author, strength=Strength.STRONG, credential=credential)
    return unmarked(store.here().act(author, event).watch)
