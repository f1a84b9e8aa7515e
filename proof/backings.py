"""Backings: the same lives over memory, as the simulator plays them, and over the database, as a host keeps them."""

import sys
from collections import Counter

from _part import begun

from lastwords.simulate.lives import sql

SHARE, LONG = 50, 1_000
"""Lives, from the first seed on."""


def main() -> int:
    run = begun(__doc__)
    wanted = run.length(SHARE, LONG)
    done = run.kept({"lives": 0, "counted": {}, "wrong": []})
    counted: Counter[str] = Counter(done["counted"])
    with sql.database():
        while done["lives"] < wanted and not done["wrong"]:
            one = sql.compared(done["lives"])
            counted.update(one.counted)
            done = {"lives": done["lives"] + 1, "counted": counted, "wrong": one.differing}
            if done["lives"] % 10 == 0 or one.differing:
                run.keep(done, f"{done['lives']} of {wanted}")
    return run.tells(
        claim="A life over the database ends in the same states, logs and letters as the same life over memory.",
        figures={"lives": done["lives"], **counted, "differing": len(done["wrong"])},
        held=not done["wrong"] and min(counted.values(), default=0) > 0,
        wrong=done["wrong"],
        not_covered=[
            "PostgreSQL: it is held to the same contract by the tests of the port, and is not played here.",
            "A disk: this database is thrown away and waits for none. See kills and faults.",
        ],
        settings={"lives": wanted, "first seed": 0},
    )


if __name__ == "__main__":
    sys.exit(main())
