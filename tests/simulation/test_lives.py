"""Whole lives from a seed: nothing breaks an invariant, every cell is met, and every planted fault is noticed.

Everything here can be played by hand with `lastwords simulate`.
"""

import json
import random
from pathlib import Path

import pytest

from lastwords.protocol import record, spelling
from lastwords.protocol.table import TABLE
from lastwords.server.credit import Pulse
from lastwords.simulate import drafts
from lastwords.simulate.broken import Broken
from lastwords.simulate.lives import run
from lastwords.simulate.lives.clock import INTERVAL, Clock, Time
from lastwords.simulate.lives.growing import GROWN
from lastwords.simulate.lives.life import Life
from lastwords.simulate.lives.sabotage import SABOTAGE, Sabotage, planted
from lastwords.simulate.lives.script import script

ROOT = Path(__file__).parents[2]
MANY = 2_000
"""Lives played here; as many again are played in test_more_lives, so that two workers share them."""
FEWEST_CELLS = 228
"""Cells of the table that so many lives meet at least; which of the rarest they meet is chance."""
ENOUGH = 200
"""Lives that may be played until a planted fault is noticed; only such as could show it."""


@pytest.fixture(scope="module")
def tally() -> run.Tally:
    return run.lives(MANY, 0)


def test_no_life_breaks_an_invariant(tally: run.Tally, figure) -> None:  # type: ignore[no-untyped-def]
    assert [(fall.seed, fall.invariant, fall.text) for fall in tally.falls] == []
    assert tally.lives == MANY
    figure(
        f"lives {tally.lives}: {tally.years:.0f} author-years, {tally.commits} writes, "
        f"{tally.years / tally.seconds:.0f} author-years a second and core, nothing broken"
    )


def test_every_invariant_that_can_be_reached_is_exercised_often(tally: run.Tally, figure) -> None:  # type: ignore[no-untyped-def]
    judged = tally.plain()["invariants"]
    assert set(judged) | set(run.ELSEWHERE) == set(run.INVARIANTS)
    assert {name for name, counts in judged.items() if counts["exercised"] < 50} == set()
    figure("lives exercised " + ", ".join(f"{name} {counts['exercised']}" for name, counts in judged.items()))


def test_every_cell_of_the_table_is_met_but_for_those_that_no_life_can_meet(tally: run.Tally, figure) -> None:  # type: ignore[no-untyped-def]
    missing = set(run.all_cells()) - tally.cells
    unreached = set(run.UNREACHED)
    assert unreached <= missing
    assert tally.reached >= FEWEST_CELLS, missing - unreached
    figure(f"cells met by lives {tally.reached}/{len(run.all_cells())}")


def test_what_happens_between_two_copies_of_a_host_is_counted(tally: run.Tally, figure) -> None:  # type: ignore[no-untyped-def]
    """Each copy is judged whole. That a sign which one has heard stops the other is promised nowhere."""
    found = tally.plain()["two_copies"]
    assert found["copies"] > MANY / 20
    assert {"copies that nobody came to", "copies that some came to", "copies that everybody came to"} <= set(
        found
    )
    assert found["forks that two heads show"] > found["copies"] / 3
    figure("two copies of a host " + ", ".join(f"{name} {count}" for name, count in found.items()))


def test_a_copy_that_nobody_comes_to_leaves_the_first_as_it_was() -> None:
    seed = next(
        seed
        for seed in range(1_000)
        if any((one.what, one.who) == ("two copies", "nobody") for one in script(seed).happenings)
    )
    made = script(seed)
    place = frozenset(place for place, one in enumerate(made.happenings) if one.what == "two copies")
    with_copy = Life(script(seed)).play()
    without = Life(script(seed), without=place).play()
    assert with_copy.apart is not None and with_copy.apart.copy is not None
    kept = [
        [
            (row["event"], row["happened"])
            for row in (json.loads(one[1]) for one in life.backing.rows("iruka"))
        ]
        for life in (with_copy, without)
    ]
    assert len(kept[0]) > 10
    assert kept[0] == kept[1]


def test_a_letter_is_never_written_in_a_draft_so_no_life_can_report_one(figure) -> None:  # type: ignore[no-untyped-def]
    """Every draft of a small household, searched to the end: no step in it writes a letter, and nothing leads back."""
    found = drafts.search()
    assert found.letters == 0
    assert found.frontier == 0
    assert found.armed > 0
    assert {event for event, _ in run.UNREACHED} == {"LetterTaken", "LetterFailed", "LetterBounced"}
    assert set(run.UNREACHED.values()) == {drafts.PROVES}
    figure(f"drafts: {found.states} states, {found.moves} moves, frontier empty, 0 letters")


def test_lives_in_two_processes_add_up_to_what_they_add_up_to_in_one() -> None:
    one, two = (run.lives(2 * run.CHUNK, 300, jobs=jobs).plain() for jobs in (1, 2))
    assert one == two


def test_a_record_is_spelled_as_its_plain_data_would_be() -> None:
    for seed in (3, 5, 17):
        life = Life(script(seed)).play()
        for author in life.stories:
            kept = life.backing.port.load(author)
            assert kept is not None
            plain = record.to_plain(record.from_plain(json.loads(kept.state)))
            text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            assert kept.state == text == spelling.spell(record.from_plain(plain))


def test_what_cannot_be_reached_here_is_proven_by_tests_that_exist() -> None:
    for command in run.ELSEWHERE.values():
        files = [word for word in command.split() if word.endswith(".py")]
        assert files
        for file in files:
            assert (ROOT / file).is_file(), file


@pytest.mark.parametrize("seed", (3, 17, 28))
def test_the_same_seed_is_the_same_life_to_the_last_byte(seed: int) -> None:
    told = [run.replay(seed) for _ in range(2)]
    assert told[0][1] == told[1][1]
    rows = [list(Life(script(seed)).play().backing.rows("iruka")) for _ in range(2)]
    assert rows[0] == rows[1]


def test_the_same_lives_add_up_to_the_same_answer() -> None:
    answers = [json.dumps(run.lives(15, 100).plain(), sort_keys=True) for _ in range(2)]
    assert answers[0] == answers[1]


def test_a_life_whose_childhood_is_copied_is_the_life_that_was_played() -> None:
    GROWN.clear()
    played = list(Life(script(3)).play().backing.rows("iruka"))
    assert GROWN
    assert list(Life(script(3)).play().backing.rows("iruka")) == played


# Pulses that are made in one go.


def _clock() -> tuple[Time, Clock]:
    time, kept = Time(), []

    def keep(pulse: Pulse) -> None:
        kept[:] = [pulse]

    return time, Clock(time, lambda: kept[0] if kept else None, keep)


@pytest.mark.parametrize("seed", range(6))
def test_pulses_made_in_one_go_are_worth_what_they_are_worth_one_by_one(seed: int) -> None:
    chance = random.Random(seed)
    (time, quick), (other, slow) = _clock(), _clock()
    for clock in (quick, slow):
        clock.pulse(way_out=True, heard=True)
    until = 0
    for _ in range(40):
        way_out, heard = chance.random() < 0.7, chance.random() < 0.8
        until += chance.randrange(1, 30_000)
        quick.run(until, way_out=way_out, heard=heard)
        while slow.pulsed_at + INTERVAL <= until:
            other.true = slow.pulsed_at + INTERVAL
            slow.pulse(way_out=way_out, heard=heard)
        other.true = until
        assert quick.load() == slow.load()
        jump = chance.choice((0, 0, 0, 30, 500, -7_000))
        time.error += jump
        other.error += jump


# Planted faults.


@pytest.mark.parametrize("sabotage", SABOTAGE, ids=lambda sabotage: sabotage.name)
def test_a_planted_fault_is_noticed_by_its_own_invariant(sabotage: Sabotage, figure) -> None:  # type: ignore[no-untyped-def]
    GROWN.clear()
    try:
        with planted(sabotage):
            seed, played, broken = _first_broken(sabotage)
    finally:
        GROWN.clear()
    assert broken is not None, f"{ENOUGH} lives noticed nothing"
    assert broken.invariant in sabotage.noticed, broken
    figure(f"planted fault {sabotage.name}: {broken.invariant} after {played} lives (seed {seed})")


def _first_broken(sabotage: Sabotage) -> tuple[int, int, Broken | None]:
    played = seed = 0
    while played < ENOUGH:
        made = script(seed)
        if sabotage.where(made):
            played += 1
            try:
                Life(made).play()
            except Broken as broken:
                return seed, played, broken
        seed += 1
    return seed, played, None


def test_there_are_many_planted_faults_for_every_invariant_and_each_has_its_own_name() -> None:
    assert len({sabotage.name for sabotage in SABOTAGE}) == len(SABOTAGE) >= 25
    noticed = {invariant for sabotage in SABOTAGE for invariant in sabotage.noticed[:1]}
    assert noticed == set(run.INVARIANTS) - set(run.ELSEWHERE)


def test_a_planted_fault_is_gone_afterwards() -> None:
    from lastwords.protocol import clocks
    from lastwords.protocol.moments import Wait
    from lastwords.server import credit, passes, port_memory, store
    from lastwords.server.outbox import learning, marks

    def service() -> list[object]:
        found: list[object] = []
        for place in (
            credit,
            marks,
            learning.Learning,
            passes,
            port_memory,
            store,
            store.Store,
            port_memory.MemoryPort,
            Wait,
        ):
            found += [id(value) for _, value in sorted(vars(place).items()) if callable(value)]
        return [
            *found,
            *map(id, clocks._BY_STAGE.values()),
            *(id(cell) for row in TABLE.values() for cell in row.values()),
        ]

    before = service()
    for sabotage in SABOTAGE:
        with planted(sabotage):
            pass
        assert service() == before, sabotage.name


def test_a_broken_life_is_made_short_and_says_how_to_see_it_again() -> None:
    from lastwords.simulate.lives import report

    sabotage = next(one for one in SABOTAGE if one.name == "restore_without_hold")
    with planted(sabotage):
        seed, _, broken = _first_broken(sabotage)
        assert broken is not None
        fall = run.shortened(script(seed), broken)
    assert fall.invariant == broken.invariant
    assert len(fall.needed) < len(script(seed).happenings)
    assert "restore" in {one.what for one in fall.needed}
    lines = list(report.fallen(fall))
    assert lines[0].startswith(f"BROKEN {fall.invariant} in the life of seed {seed}")
    assert lines[-1].endswith(f"lastwords simulate --replay {seed}")
