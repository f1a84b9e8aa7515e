"""A process killed hundreds of times while it writes and sends: what was acknowledged stays, no letter goes astray."""

import pytest
from server.faults import kills
from server.faults.jumps import LEAPS

from lastwords.protocol.moments import DAY

pytestmark = [pytest.mark.both_databases, pytest.mark.slow(minutes=3)]

MANY = 250
"""Kills in each of two states, on each database."""

EARLY = """
real = life.store
class Eager:
    def __getattr__(self, name):
        return getattr(real, name)
    def act(self, author, event, papers):
        os.write(life.out, f"done {papers[0].name}\\n".encode())
        return real.act(author, event, papers)
life.store = Eager()
"""
"""The planted fault: it is acknowledged before it is kept."""
MARKED_FIRST = """
class Late:
    def __init__(self, out):
        self.out, self.waiting = out, []
    def send(self, envelope):
        from lastwords.server.port import Answer
        self.waiting.append(envelope)
        for one in self.waiting[:-3]:
            os.write(self.out, f"sent {one.ident} {one.address}\\n".encode())
        self.waiting = self.waiting[-3:]
        return Answer(f"mail:{envelope.address}", "accepted", "kept")
    def probe(self): pass
    def close(self): pass
life.box.ways = {"mail": Late(life.out)}
"""
"""The planted fault: a letter counts as handed over before it is."""


@pytest.fixture
def folder(circle, house, box):
    """The circle's data folder in a state of the watch, with nothing open."""
    from django.db import connections

    from lastwords.server import sweep

    def at(stage):
        for days in LEAPS["vigil"] if stage == "vigil" else ():
            sweep.sweep(circle.here(), house.leap(days * DAY))
            box.run_all(house.now())
        assert circle.read("iruka").stage == stage
        from lastwords.server.models import Letter

        Letter.objects.all().delete()
        connections.close_all()
        return house.data

    return at


@pytest.mark.parametrize("stage", ["well", "vigil"])
def test_however_often_it_is_killed_nothing_acknowledged_is_lost_and_every_letter_is_accounted_for(
    folder, figure, database, stage
):
    told = kills.campaign(folder(stage), MANY, 7)
    assert told.faults == []
    assert told.kills == MANY and told.acknowledged > told.kills and told.letters > told.kills
    figure(
        f"{told.kills} kills in {stage} on {database}: {told.acknowledged} acts acknowledged, 0 lost; {told.letters} "
        f"letters, 0 lost, {told.copies} copies under the same name"
    )


@pytest.mark.parametrize(
    ("planted", "found"), [(EARLY, "is lost"), (MARKED_FIRST, "never left")], ids=["early", "marked first"]
)
def test_a_process_that_promises_too_soon_is_found_out(folder, planted, found):
    assert any(found in fault for fault in kills.campaign(folder("well"), 25, 3, planted).faults)
