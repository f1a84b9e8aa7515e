"""Two hosts on one database, the one always acting between the other's reading and writing."""

import pytest
from server.faults.split import Split, Tally, Unchecked, Unleased

RUNS = 100


def test_two_hosts_on_one_database_release_nothing_twice_and_lose_no_act(figure):
    tally = Tally()
    for seed in range(RUNS):
        tally.add(Split(seed).live())
    assert tally.wrong == []
    assert tally.releases > RUNS // 2 and tally.meetings > 10 * RUNS
    figure(
        f"split: {tally.runs} runs of two hosts, {tally.meetings} meetings, {tally.acknowledged} acts and "
        f"{tally.releases} releases, 0 lost, 0 twice"
    )


@pytest.mark.parametrize(
    ("planted", "what"), [(Unchecked, ("lost", "log", "released")), (Unleased, ("sent twice",))]
)
def test_hosts_that_do_not_look_whether_the_other_was_first_are_found(planted, what):
    tally = Tally()
    for seed in range(20):
        tally.add(Split(seed, planted).live())
        if tally.wrong:
            break
    assert any(word in one for one in tally.wrong for word in what)
