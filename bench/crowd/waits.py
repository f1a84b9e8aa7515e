"""What those who knocked have waited."""

from collections.abc import Sequence
from typing import Any


def within(waits: Sequence[float]) -> dict[str, Any]:
    """Milliseconds within which half and 99 of 100 were answered, and the one that waited longest, of waits in seconds;
    None where nobody waited. Of an even number the later of the two in the middle counts."""
    ordered = sorted(waits)
    places = {"p50": len(ordered) // 2, "p99": len(ordered) * 99 // 100, "worst": len(ordered) - 1}
    return {name: round(1_000 * ordered[at], 2) if ordered else None for name, at in places.items()}
