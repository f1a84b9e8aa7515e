"""A group of check-ins in one transaction: what is answered to each, once all of it is on the disk."""

from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError

from lastwords.server import clock, databases, settings, store
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
    """Reads what all of them need, judges, and writes: nothing is held while signatures are checked and watches judged,
    and what another writer has moved meanwhile, or holds, is left to the API, as is the first use of a credential."""
    door, few_trips = store.here(), databases.of(settings.current()).in_few_trips
    with few_trips():
        keys, moment = knocks.phone_keys(group), clock.here().ask()
        watches = door.port.load_free([knock.author for knock in group])
    now = moment()
    proven = knocks.prove(group, keys(), now.wall)
    acts = [one and store.Act(one.author, one.event, (one.paper,), (), one.raises) for one in proven]
    steps = iter(door.act_together([act for act in acts if act], watches(), now))
    done = [next(steps) if act else None for act in acts]
    return [
        one.answer(step.watch, now) if one and step else None for one, step in zip(proven, done, strict=True)
    ]
