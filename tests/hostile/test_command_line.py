"""A hostile host before the command line: whatever it does, nothing of it is accepted."""

import pytest
from hostile.behaviours import ROWS
from hostile.stage import MOMENTS, Behaviour, Stage, meet

BY_MOMENT = sorted(ROWS, key=lambda row: list(MOMENTS).index(row.moment))


@pytest.mark.parametrize(
    ("stage", "row"),
    [(row.moment, row) for row in BY_MOMENT],
    ids=[row.name for row in BY_MOMENT],
    indirect=["stage"],
)
def test_the_command_line_accepts_nothing_from_a_host_that(
    stage: Stage, row: Behaviour, record_property
) -> None:
    verdict = meet(stage, row)
    record_property("behaviour", row.name)
    record_property("family", row.family)
    record_property("client", "command line")
    record_property("came of it", verdict.code or "left unused")
    assert not verdict.accepted, f"{verdict.code}: {verdict.happened}"
