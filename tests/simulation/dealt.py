"""Further whole lives by the thousand, dealt out over files of about one length: a worker takes one file at a time."""

from lastwords.simulate.lives import run

FIRST, EACH = 20_000, 3_000
"""The first seed of all, and how many lives there are in a share."""


def share(place: int, figure) -> None:  # type: ignore[no-untyped-def]
    """Plays one share, counted from 0: nothing in it breaks an invariant."""
    first = FIRST + place * EACH
    tally = run.lives(EACH, first)
    assert [(fall.seed, fall.invariant, fall.text) for fall in tally.falls] == []
    assert tally.lives == EACH
    figure(f"lives {first} to {first + EACH - 1}: {tally.years:.0f} author-years, nothing broken")
