"""The fourth share of further whole lives; see `dealt`."""

from simulation.dealt import share


def test_no_life_of_the_fourth_share_breaks_an_invariant(figure) -> None:  # type: ignore[no-untyped-def]
    share(3, figure)
