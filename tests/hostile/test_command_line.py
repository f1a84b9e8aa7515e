"""A hostile host before the command line: whatever it does, nothing of it is accepted."""

from collections.abc import Callable

import pytest
from hostile.behaviours import ROWS
from hostile.stage import MOMENTS, Behaviour, Stage, meet

BY_MOMENT = sorted(ROWS, key=lambda row: list(MOMENTS).index(row.moment))


@pytest.mark.parametrize("row", BY_MOMENT, ids=[row.name for row in BY_MOMENT])
def test_the_command_line_accepts_nothing_from_a_host_that(
    at: Callable[[str], Stage], row: Behaviour, record_property: Callable[[str, object], None]
) -> None:
    verdict = meet(at(row.moment), row)
    record_property("behaviour", row.name)
    record_property("family", row.family)
    record_property("client", "command line")
    record_property("came of it", verdict.code or "left unused")
    assert not verdict.accepted, f"{verdict.code}: {verdict.happened}"
