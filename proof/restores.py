"""Backups brought back: to every commit of many histories, and none may forget, repeat or go on by itself."""

import dataclasses
import sys
from collections.abc import Callable
from typing import Any

from _part import begun

from lastwords.simulate.lives import sql
from lastwords.simulate.restores import Tally, over_sqlite, points, replays

SHORT = {"points": 25, "replays": 120, "sqlite": 1, "share": 0.01}
LONG = {"points": 200, "replays": 200, "sqlite": 20, "share": 1.0}


def main() -> int:
    run = begun(__doc__)
    wanted, tallies = run.length(SHORT, LONG), {}
    kept: dict[str, Any] = run.kept({})

    def go(what: str, one: Callable[[int], Tally]) -> None:
        done, tally = kept.get(what, [0, {}])
        total = Tally(**tally)
        for seed in range(done, int(wanted[what])):
            total.add(one(seed))
            kept[what] = [seed + 1, dataclasses.asdict(total)]
            run.keep(kept, f"{what}, {seed + 1} of {wanted[what]}")
        tallies[what] = total

    go("points", lambda seed: points(seed, every=run.long))
    go("replays", lambda seed: replays(seed, float(wanted["share"])))
    with sql.database():
        go("sqlite", over_sqlite)
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
