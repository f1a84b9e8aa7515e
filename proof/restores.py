"""Backups brought back: to every commit of many histories, and none may forget, repeat or go on by itself."""

import dataclasses
import functools
import sys
from typing import Any

from _part import begun, side_by_side

from lastwords.simulate.lives import sql
from lastwords.simulate.restores import Tally, over_sqlite, points, replays

WAYS = ("points", "replays", "sqlite")
SHORT = {"points": 25, "replays": 120, "sqlite": 1, "share": 0.01}
LONG = {"points": 200, "replays": 200, "sqlite": 20, "share": 1.0}


AT_ONCE = 5
"""Histories that are looked at by one process, one after the other: lives with the same people share a childhood."""


def some(long: bool, lot: tuple[str, int, int]) -> Tally:
    """What came of a few histories, looked at in one of the three ways."""
    what, begin, end = lot
    total, share = Tally(), float((LONG if long else SHORT)["share"])
    if what == "sqlite":
        with sql.database():
            for seed in range(begin, end):
                total.add(over_sqlite(seed))
    for seed in range(begin, end) if what != "sqlite" else ():
        total.add(points(seed, every=long) if what == "points" else replays(seed, share))
    return total


def main() -> int:
    run = begun(__doc__)
    wanted = run.length(SHORT, LONG)
    kept: dict[str, Any] = run.kept({"done": [], "tallies": {}})
    tallies = {what: Tally(**kept["tallies"].get(what, {})) for what in WAYS}
    lots = [
        (what, begin, min(begin + AT_ONCE, int(wanted[what])))
        for what in WAYS
        for begin in range(0, int(wanted[what]), AT_ONCE)
    ]
    left = [lot for lot in lots if list(lot) not in kept["done"]]
    for lot, told in side_by_side(functools.partial(some, run.long), left):
        tallies[lot[0]].add(told)
        kept["done"].append(list(lot))
        kept["tallies"] = {what: dataclasses.asdict(tally) for what, tally in tallies.items()}
        run.keep(kept, f"{lot[0]} up to {lot[2]}, {len(kept['done'])} lots of {len(lots)}")
    wrong = [sentence for tally in tallies.values() for sentence in tally.wrong]
    every, back, file = tallies["points"], tallies["replays"], tallies["sqlite"]
    return run.tells(
        claim="A host restored to any commit of its past stands still until a person confirms, revives nothing and "
        "releases nothing without a new round in full.",
        figures={
            "histories": every.histories,
            "commits_gone_back_to": every.points,
            "of_them_with_the_same_watches_as_the_one_before": every.alike,
            "watches_that_stood_still": every.on_hold,
            "statements_made_void": every.voided,
            "older_statements_sent_again_and_refused": every.refused_again,
            "holds_ended_by_a_strong_sign": every.by_sign,
            "holds_ended_by_a_quorum": every.by_quorum,
            "lives_played_on_from_an_older_commit": back.replays,
            "of_them_with_something_to_forget": back.forgot,
            "tracks_released_again_by_a_new_round_in_full": back.released_again,
            "commits_gone_back_to_in_files_of_sqlite": file.points,
            "wrong": len(wrong),
        },
        held=not wrong,
        wrong=wrong,
        not_covered=[
            "A host and all its witnesses (heads file, letters, devices) put back to the same older moment together, "
            "and served without saying so: nobody can tell that from the present.",
            "Letters that were sent after the backup may be sent once more: the restored host does not know of them.",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
