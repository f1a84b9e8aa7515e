"""A group of check-ins in one transaction: what is answered to each, once all of it is on the disk."""

from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, transaction

from lastwords.protocol.moments import Moment
from lastwords.server import accounts, databases, settings, store
from lastwords.server.api import signs
from lastwords.server.problems import Problem, problem
from lastwords.server.refusals import ServerRefused

from . import knocks
from .knocks import Knock

Answer = dict[str, Any] | Problem | None
"""What was kept is answered with; a refusal; or None, when nothing was kept and the request is to go on to the API."""


def settle(group: Sequence[Knock]) -> list[Answer]:
    """What is answered to each of a group, one of an author at most. What is kept is kept when this returns.

    When the group could not be written each goes on to the API by itself, where the one that was to blame is refused
    and its neighbours are taken. Only when a database went away in the middle nobody can say whether it was kept, and
    to ask again would be to be refused as a replay of oneself."""
    try:
        return _settle(group)
    except (DatabaseError, ServerRefused) as error:
        cause = error if isinstance(error, DatabaseError) else error.__cause__
        if isinstance(cause, DatabaseError) and databases.was_cut_off(cause):
            return [problem("database_away")] * len(group)
        return [None] * len(group)


def _settle(group: Sequence[Knock]) -> list[Answer]:
    door, few_trips = store.here(), databases.of(settings.current()).in_few_trips
    with few_trips():
        keys, now = knocks.phone_keys(group), door.now()
    proven = knocks.prove(group, keys(), now.wall)
    if not any(proven):
        return [None] * len(group)
    with transaction.atomic(), few_trips():
        kept = _keep([one for one in proven if one is not None], door, now)
    return [kept.get(one.author) if one else None for one in proven]


def _keep(proven: Sequence[signs.Proven], door: store.Store, now: Moment) -> dict[str, dict[str, Any]]:
    """Writes what can be written of these, and gives the answer to each that was, by author.

    A counter must be there and free: the first one of a credential, and one that another writer holds, go by the API.
    Counters are taken before watches here as everywhere, and neither is ever waited for."""
    authors = [one.author for one in proven]
    counters, watches = accounts.free_counters(authors), door.port.load_free(authors)
    last = counters()
    rising = [one for one in proven if one.counter > last.get((one.author, one.credential), one.counter)]
    acts = [store.Act(one.author, one.event, (one.paper,)) for one in rising]
    steps = door.act_together(acts, watches(), now)
    kept = [(one, step) for one, step in zip(rising, steps, strict=True) if step is not None]
    accounts.raise_counters({(one.author, one.credential): one.counter for one, _ in kept})
    return {one.author: one.answer(step.watch, now) for one, step in kept}
