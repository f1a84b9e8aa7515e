"""Backups: one file with everything, and a folder unpacked from one never takes itself for the present. What differs
with PostgreSQL stands in `test_databases`.
"""

import hashlib
import tarfile

import pytest


@pytest.fixture
def backup(circle, house):
    from lastwords.server import backup

    house.settings.begun.write_text("real\n")
    return backup


def unpack(path, data):
    with tarfile.open(path) as tar:
        tar.extractall(data, filter="data")
    return data


@pytest.mark.only_on("sqlite")
def test_a_backup_carries_everything_but_the_witness(backup, house, tmp_path):
    sealed = b"age-encryption.org/v1\n" + b"x" * 1_000
    name = hashlib.sha256(sealed).hexdigest()
    (house.settings.files / name).write_bytes(sealed)
    out = tmp_path / "backup.tar"
    assert backup.write(house.settings, out) == out.stat().st_size
    assert out.stat().st_mode & 0o077 == 0
    data = unpack(out, tmp_path / "unpacked")
    assert {path.name for path in data.iterdir()} == {
        *("lastwords.sqlite3", "files", "settings.toml", "secret", "begun", "from-backup")
    }
    assert (data / "files" / name).read_bytes() == sealed


@pytest.mark.only_on("sqlite")
def test_a_folder_unpacked_from_a_backup_stands_still_when_it_is_served_and_says_so_once(
    backup, house, tmp_path
):
    from lastwords.protocol.stages import HoldCause
    from lastwords.server import checks, store

    out = tmp_path / "backup.tar"
    backup.write(house.settings, out)
    chosen = checks.ready(unpack(out, tmp_path / "unpacked"))
    assert store.read("iruka").hold(HoldCause.RESTORE) is None
    assert checks.find_restored_past(chosen)
    watch = store.read("iruka")
    assert watch.hold(HoldCause.RESTORE) is not None and watch.epoch == 2
    assert not checks.find_restored_past(chosen)
    assert store.read("iruka").epoch == 2


@pytest.mark.only_on("sqlite")
def test_a_check_in_that_the_backup_does_not_know_is_not_counted_as_silence(backup, house, tmp_path):
    """The backup is a month old: all of that month the author was well, and the restored watch must not ask why."""
    from lastwords.protocol.moments import DAY
    from lastwords.protocol.stages import Stage
    from lastwords.server import checks, store, sweep

    out = tmp_path / "backup.tar"
    backup.write(house.settings, out)
    chosen = checks.ready(unpack(out, tmp_path / "unpacked"))
    checks.find_restored_past(chosen)
    for _ in range(10):
        sweep.sweep(store.here(), house.leap(30 * DAY))
    assert store.read("iruka").stage is Stage.WELL


def test_an_existing_file_is_never_written_over(backup, house, tmp_path):
    from lastwords.server.refusals import CannotStart

    out = tmp_path / "backup.tar"
    out.write_text("precious")
    with pytest.raises(CannotStart):
        backup.write(house.settings, out)
    assert out.read_text() == "precious"


def test_a_backup_cut_short_leaves_no_file_that_could_be_taken_for_one(backup, house, tmp_path):
    (house.settings.data / "begun").unlink()
    with pytest.raises(FileNotFoundError):
        backup.write(house.settings, tmp_path / "backup.tar")
    assert list(tmp_path.glob("*backup.tar*")) == []
    assert list(tmp_path.glob(".*backup.tar*")) == []
