"""Every release that was recorded judged its histories as the code that is here judges them (T29).

How a release is recorded: CONTRIBUTING.md, *Releasing*.
"""

import lzma
from pathlib import Path

import pytest

from lastwords.protocol.moments import DAY, Moment
from lastwords.simulate import upgrades
from lastwords.simulate.lives.sabotage import SABOTAGE, planted

HISTORIES = Path(__file__).parent / "histories"
RELEASES = sorted(path.name for path in HISTORIES.iterdir())


@pytest.mark.parametrize("release", RELEASES)
def test_every_step_of_the_recorded_histories_is_judged_as_it_was(release: str, figure) -> None:  # type: ignore[no-untyped-def]
    steps = count = 0
    for history in upgrades.read(HISTORIES / release / upgrades.LIVES):
        different = next(upgrades.differences(history), None)
        assert different is None, str(different)
        count, steps = count + 1, steps + len(history["judged"])
    assert count >= 200 and steps > 10_000
    figure(f"release {release}: {count} histories of {steps} steps judged alike")


@pytest.mark.parametrize("name", ["restore_without_hold", "closing_for_a_moment"])
def test_a_rule_that_was_changed_is_found(name: str) -> None:
    sabotage = next(one for one in SABOTAGE if one.name == name)
    with planted(sabotage):
        found = next(
            different
            for history in upgrades.read(HISTORIES / RELEASES[0] / upgrades.LIVES)
            for different in upgrades.differences(history)
        )
    assert found.was != found.now


def test_a_wait_that_a_new_version_makes_a_day_shorter_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault of an upgrade: nobody is released at once, and everybody a day too early."""
    from lastwords.protocol.moments import Wait

    remaining = Wait.remaining
    monkeypatch.setattr(Wait, "remaining", lambda wait, now: max(0, remaining(wait, now) - DAY))
    histories = upgrades.read(HISTORIES / RELEASES[0] / upgrades.LIVES)
    assert any(True for history in histories for _ in upgrades.differences(history))


@pytest.fixture
def old_host(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A data folder with the database of a recorded release."""
    import pysqlite3
    from server.conftest import a_folder

    data = tmp_path / "data"
    a_folder(data)
    (data / "begun").write_text("real\n")
    with lzma.open(HISTORIES / request.param / upgrades.DATABASE, "rt", encoding="utf-8") as file:
        text = file.read()
    with pysqlite3.connect(str(data / "lastwords.sqlite3")) as connection:
        connection.executescript(text)
    connection.close()
    return data


@pytest.mark.parametrize("old_host", RELEASES, indirect=True)
def test_the_database_of_a_recorded_release_is_brought_up_and_goes_on(old_host: Path) -> None:
    from lastwords.server import settings

    settings.configure(old_host)
    from django.db import connections

    from lastwords.server import audit, checks, clock, founding, models, store, sweep

    founding.upgrade(old_host)
    chosen = checks.ready(old_host)
    try:
        clock.use(None)
        assert all(verdict.whole for verdict in audit.verify_all(chosen.heads))
        row = models.Watch.objects.get(author="iruka")
        before = store.read("iruka")
        now = Moment(2_000_000_000, 2_000_000_000 - 1_800_000_000)
        door = store.here()
        door.now = lambda: now
        sweep.sweep(door, now)
        assert models.Watch.objects.get(author="iruka").head_number >= row.head_number
        assert store.read("iruka").epoch == before.epoch
        assert all(verdict.whole for verdict in audit.verify_all(chosen.heads))
    finally:
        connections.close_all()
