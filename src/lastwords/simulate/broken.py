"""What a search or a life ends with when something that must never be has been."""


class Broken(Exception):
    """An invariant is broken; `invariant` is its name."""

    def __init__(self, invariant: str, text: str) -> None:
        super().__init__(f"{invariant}: {text}")
        self.invariant, self.text = invariant, text
