"""Killed in the middle of its groups, again and again, a process of ours or PostgreSQL itself: what was acknowledged is
there, whole. And while the database is away nobody is acknowledged, until it is back."""

import json

import pytest
from server.cluster import Cluster
from server.conftest import House, moved_to, must_be_whole
from server.gate.knocking import a_press, ask
from server.test_kill import killed_writer

CYCLES = 3
WRITER = """
import json, sys
from pathlib import Path
from lastwords.server import settings
settings.configure(Path(sys.argv[1]))
from lastwords.server.gate import group, knocks
rounds = json.loads((Path(sys.argv[1]).parent / "presses").read_text())
for number in range(int(sys.argv[2]), len(rounds)):
    asked = [knocks.read(path, None, body.encode()) for path, body in rounds[number]]
    answers = group.settle(asked)
    assert all(isinstance(answer, dict) for answer in answers), answers
    print(number, flush=True)
"""
HASTY = WRITER.replace(
    "    answers = group.settle(asked)",
    "    print(number, flush=True); [None for _ in range(200_000)]\n    answers = group.settle(asked)",
)
"""Acknowledges before it commits."""


def write_rounds(house: House, crowd, rounds: int) -> None:
    """Presses of everybody, round after round, for a process to hand in. Real seconds: it has the machine's clock."""
    import time

    wall = int(time.time())
    asked = [
        [a_press(name, phone.presses(wall, author=name)) for name, phone in crowd.items()]
        for _ in range(rounds)
    ]
    plain = [[(one.path, one.body.decode()) for one in some] for some in asked]
    (house.data.parent / "presses").write_text(json.dumps(plain))


def lost_rounds(script: str, house: House, crowd, cycles: int) -> list[int]:
    """Kills a writer `cycles` times. Returns the rounds that were acknowledged to everybody and not kept for all."""
    from django.db import connections

    from lastwords.server.models import Counter

    write_rounds(house, crowd, 400)
    first, lost = 0, []
    for cycle in range(cycles):
        connections.close_all()
        last = killed_writer(script, house.data, first, 1 + cycle * 3)
        kept = set(Counter.objects.filter(person_id__in=crowd).values_list("last", flat=True))
        assert len(kept) == 1, "a group is kept whole or not at all"
        (done,) = kept
        lost += range(done, last + 1)
        first = done
        must_be_whole(house)
    return lost


@pytest.mark.slow
@pytest.mark.both_databases
def test_what_a_group_was_acknowledged_is_there_after_a_kill_at_any_moment(house, crowd, figure):
    assert lost_rounds(WRITER, house, crowd, CYCLES) == []
    figure(f"gate: kill -9 in the middle of groups: {CYCLES} of {CYCLES} times nothing acknowledged was lost")


@pytest.mark.slow
def test_a_gate_that_acknowledges_before_it_commits_is_found_out(house, crowd):
    assert lost_rounds(HASTY, house, crowd, 1) != []


# The database's server goes away under a gate that goes on.


@pytest.fixture
def own_server(house, crowd):
    with moved_to(Cluster(), house) as own:
        yield own


@pytest.mark.slow
@pytest.mark.only_on("postgresql")
def test_while_the_database_is_away_nobody_is_acknowledged_and_all_goes_on_when_it_is_back(
    house, crowd, own_server
):
    from lastwords.server import audit, models

    wall = house.now().wall
    asked = [[a_press(n, p.presses(wall, author=n)) for n, p in crowd.items()] for _ in range(3)]

    def away(knocks):
        """The server is killed under a group that is on its way, and comes back for the next one."""
        from lastwords.server.gate import group

        if len(groups) == 1:
            own_server.kill()
        answers = group.settle(knocks)
        groups.append(answers)
        return answers

    groups: list[object] = []
    first = ask(asked[0], settle=away)
    assert {status for status, _, _ in first} == {200}
    while len(groups) > 1:
        groups.pop()
    second = ask(asked[1], settle=away)
    assert {status for status, _, _ in second} == {503}
    assert {json.loads(body)["code"] for _, _, body in second} == {"database_away"}
    own_server.start()
    from django.db import connections

    connections.close_all()
    assert set(models.Counter.objects.filter(person_id__in=crowd).values_list("last", flat=True)) == {1}
    assert {status for status, _, _ in ask(asked[2])} == {200}
    assert all(verdict.whole for verdict in audit.verify_all(house.settings.heads))
