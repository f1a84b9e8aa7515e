"""The sweep: everyone due gets one step, in bounded batches, and no watch can keep another from its turn."""

import json

import pytest

from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Stage
from lastwords.server.port import Due

pytestmark = pytest.mark.both_databases


@pytest.fixture
def sweep(house):
    from lastwords.server import sweep

    return sweep


def copies(circle, count):
    """More watches like Iruka's, in the same database."""
    from lastwords.server.models import Watch

    first = Watch.objects.get(author="iruka")
    for number in range(count):
        author = f"author-{number:03}"
        state = json.loads(first.state) | {"author": author}
        text = json.dumps(state, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        Watch.objects.create(author=author, state=text, look_at=first.look_at, head_link=b"0" * 32)


def looks():
    from lastwords.server.models import Watch

    return dict(Watch.objects.values_list("author", "look_at"))


def test_a_watch_is_looked_at_only_when_it_is_due(circle, house, sweep):
    assert sweep.sweep(circle.here(), house.now()).looked == 0
    swept = sweep.sweep(circle.here(), house.leap(27 * DAY))
    assert (swept.looked, swept.moved) == (1, 1)
    assert sweep.sweep(circle.here(), house.now()).looked == 0


def test_what_a_page_of_watches_has_written_is_told_to_whoever_keeps_the_heads(circle, house, sweep):
    from dataclasses import replace

    from lastwords.server.models import Watch

    copies(circle, 20)
    told = []
    sweep.sweep(replace(circle.here(), kept=told.append), house.leap(27 * DAY))
    (heads,) = told
    rows = {row.author: (row.head_number, bytes(row.head_link)) for row in Watch.objects.all()}
    assert {author: (head.number, head.link) for author, head in heads.items()} == rows
    assert len(rows) == 21


class Hasty:
    """A store that looks as long as something is due."""

    def __init__(self, store):
        self.store, self.port, self.set_aside, self.act_all = (
            store,
            store.port,
            store.set_aside,
            store.act_all,
        )

    def look(self, author, now):
        while self.store.look(author, now).row is not None:
            pass
        return self.store.look(author, now)


@pytest.mark.parametrize(("planted", "stage"), [(lambda store: store, Stage.WELL), (Hasty, Stage.LATE)])
def test_years_without_a_look_are_made_up_for_one_step_at_a_time(circle, house, sweep, planted, stage):
    sweep.sweep(planted(circle.here()), house.leap(400 * DAY))
    assert circle.read("iruka").stage is stage


def test_a_watch_takes_one_step_in_a_pass_however_long_nobody_looked(circle, house, sweep):
    now = house.leap(400 * DAY)
    sweep.sweep(circle.here(), now, batch=1)
    assert circle.read("iruka").stage is Stage.WELL, "the reminder comes first"
    house.leap(1)
    sweep.sweep(circle.here(), house.now())
    assert circle.read("iruka").stage is Stage.LATE
    house.leap(400 * DAY)
    sweep.sweep(circle.here(), house.now())
    assert circle.read("iruka").stage is Stage.LATE, "no letter was handed over, so nothing waits yet"


def test_wall_time_alone_moves_nothing_and_does_not_spin(circle, house, sweep):
    house.source.wall += 400 * DAY
    now = house.now()
    swept = sweep.sweep(circle.here(), now)
    assert (swept.looked, swept.moved) == (1, 0)
    assert circle.read("iruka").stage is Stage.WELL
    assert looks()["iruka"] > now.wall
    assert sweep.sweep(circle.here(), now).looked == 0


def test_a_pass_goes_through_all_batches_and_steps_nobody_twice(circle, house, sweep):
    copies(circle, 25)
    swept = sweep.sweep(circle.here(), house.leap(27 * DAY), batch=7)
    assert (swept.looked, swept.moved) == (26, 26)


def test_a_pass_is_bounded_and_the_next_one_goes_on(circle, house, sweep):
    copies(circle, 25)
    now = house.leap(27 * DAY)
    assert sweep.sweep(circle.here(), now, batch=7, most=10).looked == 10
    assert sweep.sweep(circle.here(), now, batch=7).looked == 16


@pytest.mark.parametrize(
    "damage",
    [
        '{"form":"watch/1"}',
        "not even this",
        "",
        '{"form":"watch/2"}',
    ],
)
@pytest.mark.parametrize("batch", [1, 100])
def test_a_damaged_record_is_set_aside_and_everyone_else_has_their_turn(circle, house, sweep, damage, batch):
    from lastwords.server.models import Letter, Watch

    copies(circle, 20)
    Watch.objects.filter(author="author-001").update(state=damage)
    swept = sweep.sweep(circle.here(), house.leap(27 * DAY), batch=batch)
    assert (swept.looked, swept.moved, swept.set_aside) == (21, 20, 1)
    damaged = Watch.objects.get(author="author-001")
    assert damaged.state == damage and damaged.look_at is None and damaged.set_aside
    assert [letter.to for letter in Letter.objects.filter(kind="watch_set_aside")] == ["host"]


def test_a_record_that_reads_well_but_cannot_be_judged_is_set_aside_too(circle, house, sweep):
    """Words that were released at no moment: the machine would never have written this, and must not guess."""
    from lastwords.server.models import Watch

    row = Watch.objects.get(author="iruka")
    state = json.loads(row.state) | {"stage": "vigil"}
    (first,) = state["tracks"]
    first |= {
        "stage": "released",
        "words": "released",
        "released": None,
        "deaths": ["anko", "gai", "kurenai"],
    }
    wait = {"since": [1, 0], "length": 1} if isinstance(state["last_sign"], dict) else [[1, 0], 1]
    state["tracks"].append(
        first
        | {"recipient": "sakura", "instead_of": "naruto", "stage": "last_call", "wait": wait, "deaths": []}
    )
    Watch.objects.filter(author="iruka").update(state=json.dumps(state), look_at=1)
    circle.read("iruka")
    swept = sweep.sweep(circle.here(), house.now())
    assert swept.set_aside == 1
    assert "cannot be judged" in Watch.objects.get(author="iruka").set_aside


@pytest.mark.parametrize("batch", [1, 100])
def test_a_busy_watch_is_left_for_the_next_pass_and_blocks_nobody(circle, house, sweep, batch):
    copies(circle, 20)
    store = circle.here()
    real = store.port

    class Contended:
        def __getattr__(self, name):
            return getattr(real, name)

        def commit(self, write):
            return write.author != "author-000" and real.commit(write)

        def commit_each(self, writes):
            done = iter(real.commit_each([write for write in writes if write.author != "author-000"]))
            return [write.author != "author-000" and next(done) for write in writes]

    store.port = Contended()
    now = house.leap(27 * DAY)
    swept = sweep.sweep(store, now, batch=batch)
    assert (swept.looked, swept.moved) == (21, 20)
    store.port = real
    assert sweep.sweep(store, now).moved == 1


def test_the_sweep_leaves_its_own_heartbeat(circle, house, sweep):
    now = house.leap(60)
    sweep.sweep(circle.here(), now)
    assert circle.here().port.beats()["sweep"] == now.wall


def test_a_check_in_leaves_an_earlier_look_where_it_is(circle, house):
    from lastwords.protocol.events import CheckIn
    from lastwords.protocol.stages import Strength

    before = looks()["iruka"]
    house.leap(5 * DAY)
    circle.act("iruka", CheckIn("iruka", Strength.STRONG, "key"))
    assert looks()["iruka"] == before
    assert circle.here().port.due(before, 5) == [Due(before, "iruka")]


def test_the_look_that_a_check_in_left_finds_it_and_moves_nothing(circle, house, sweep):
    from lastwords.protocol.events import CheckIn
    from lastwords.protocol.stages import Strength

    before = looks()["iruka"]
    house.leap(5 * DAY)
    circle.act("iruka", CheckIn("iruka", Strength.STRONG, "key"))
    now = house.leap(before - house.now().wall)
    swept = sweep.sweep(circle.here(), now)
    assert (swept.looked, swept.moved) == (1, 0)
    assert looks()["iruka"] == before + 5 * DAY


def test_silence_of_one_author_reaches_the_watches_where_they_are_a_keeper(circle, house, sweep, box):
    """Kakashi and Iruka are keepers of each other; when Iruka's vigil begins, Kakashi's watch hears of it."""
    from lastwords.protocol import events as e

    house.person("kakashi")
    circle.begin("kakashi")
    circle.act("kakashi", e.InviteKeeper("kakashi", "iruka"))
    circle.act("kakashi", e.AcceptSeat("iruka"))
    for days in (27, 3, 7):
        sweep.sweep(circle.here(), house.leap(days * DAY))
        box.run(house.now())
    assert circle.read("iruka").stage is Stage.VIGIL
    sweep.sweep(circle.here(), house.leap(1))
    assert circle.read("kakashi").silent == ("iruka",)


def test_the_first_letters_of_a_burst_leave_after_its_first_page_which_is_a_small_one(
    circle, house, box, way, monkeypatch
):
    from lastwords.server import passes

    copies(circle, 30)
    for author in looks().keys() - {"iruka"}:
        house.person(author)
    now, not_looked_at = house.leap(27 * DAY), []
    send = way.send

    def noted(envelope):
        not_looked_at.append(sum(look <= now.wall for look in looks().values()))
        return send(envelope)

    way.send = noted
    monkeypatch.setattr(passes.sweep, "FIRST", 5)
    swept, passed = passes.look_and_send(box, now, page=10)
    assert (swept.looked, passed.accepted) == (31, 31)
    assert not_looked_at == [26] * 5 + [16] * 10 + [6] * 10 + [0] * 6


def test_while_no_letter_can_leave_a_burst_is_looked_at_all_the_same_and_the_way_out_is_tried_once(
    circle, house, box, way
):
    from lastwords.server import passes

    copies(circle, 30)
    for author in looks().keys() - {"iruka"}:
        house.person(author)
    way.broken = "the relay cannot be reached"
    tried, send = [], way.send
    way.send = lambda envelope: (tried.append(envelope), send(envelope))
    swept, passed = passes.look_and_send(box, house.leap(27 * DAY), page=10)
    assert (swept.looked, swept.moved, passed.accepted, len(tried)) == (31, 31, 0, 1)
    assert passed.no_way_out == way.broken and not passed.more
