"""What lives add up to, as a table that one can read."""

from collections.abc import Iterator

from .judge import CASES
from .run import ELSEWHERE, INVARIANTS, Fall, Tally, all_cells
from .telling import how_long, when


def table(tally: Tally) -> Iterator[str]:
    """The whole report, line by line."""
    yield (
        f"{tally.lives} lives from seed {tally.first}: {tally.years:.0f} years of authors, "
        f"{tally.commits} writes, {tally.letters} letters taken."
    )
    if tally.seconds:
        yield (
            f"{tally.seconds:.1f} s of one core: {tally.years / tally.seconds:.0f} author-years and "
            f"{tally.lives / tally.seconds:.0f} lives a second."
        )
    yield ""
    yield f"{'':4} {'exercised':>9} {'broken':>6}  what counts as exercised"
    broken = {name: sum(fall.invariant == name for fall in tally.falls) for name in INVARIANTS}
    for name in INVARIANTS:
        if name in ELSEWHERE:
            yield f"{name:4} {'-':>9} {'-':>6}  not to be reached here: {ELSEWHERE[name]}"
        else:
            yield f"{name:4} {tally.exercised[name]:9} {broken[name]:6}  {CASES[name]}"
    yield ""
    yield f"Cells of the machine's table: {tally.reached} of {len(all_cells())} met."
    if tally.apart:
        yield f"Two copies of a host, each whole by what it heard: {_counted(tally.apart)}."
    yield f"What became of authors: {_counted(tally.courses)}."
    yield f"What happened: {_counted(tally.faults)}."
    for fall in tally.falls:
        yield ""
        yield from fallen(fall)


def _counted(counts: dict[str, int]) -> str:
    return (
        ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda one: -one[1]))
        or "nothing"
    )


def fallen(fall: Fall) -> Iterator[str]:
    """A life in which an invariant broke, as short as it could be made."""
    yield f"BROKEN {fall.invariant} in the life of seed {fall.seed}: {fall.text}"
    yield "What is needed for it:" if fall.needed else "Nothing has to go wrong for it."
    for one in fall.needed:
        about = " ".join(part for part in (one.who, one.word) if part)
        length = f" for {how_long(one.length)}" if one.length else ""
        rows = f", after {one.rows} more rows" if one.rows else ""
        yield f"  {when(one.at)}  {one.what} {about}{length}{rows}".rstrip()
    yield "How it ends:"
    yield from (f"  {line}" for line in fall.lines[-25:])
    yield f"The whole of it: lastwords simulate --replay {fall.seed}"
