"""A data folder knows whether it is the one that was served last, or a copy of it."""

import os
import shutil
from dataclasses import replace

import pytest


@pytest.fixture
def served(circle, house):
    """A real host's folder that was served once."""
    from lastwords.server import place

    house.settings.begun.write_text("real\n")
    place.note(house.settings)
    return house.settings


def copied(served, folder):
    from django.db import connections

    from lastwords.server import settings

    connections.close_all()
    shutil.copytree(served.data, folder)
    return settings.configure(folder)


@pytest.mark.only_on("sqlite")
def test_a_copy_tells_every_watch_once_and_the_folder_it_was_made_of_none(served, circle, tmp_path):
    from lastwords.protocol.stages import HoldCause
    from lastwords.server import checks, place

    assert not checks.find_copy(served)
    copy = copied(served, tmp_path / "copy")
    assert checks.find_copy(copy)
    assert circle.read("iruka").hold(HoldCause.RESTORE) is not None
    place.note(copy)
    assert not checks.find_copy(copy)


def test_a_folder_that_got_a_new_name_an_owner_or_rights_is_no_copy(served):
    from lastwords.server import place

    moved = served.data.with_name("moved")
    served.data.rename(moved)
    os.chmod(moved / "begun", 0o640)
    assert not place.was_copied(replace(served, data=moved))


def test_a_disk_that_numbers_its_files_anew_makes_no_copy(served):
    from lastwords.server import place

    path = served.data / place.PLACE
    number, made = path.read_text().split()
    path.write_text(f"{int(number) + 1} {made}\n")
    assert not place.was_copied(served)
    path.write_text(f"{int(number) + 1} {int(made) - 1}\n")
    assert place.was_copied(served), "with both another it is one"


@pytest.mark.only_on("sqlite")
def test_a_demonstration_and_a_folder_without_its_database_are_copied_freely(served, tmp_path):
    from lastwords.server import place

    copy = copied(served, tmp_path / "copy")
    assert place.was_copied(copy)
    assert not place.was_copied(replace(copy, demo=True))
    assert not place.was_copied(replace(copy, database="postgresql://words@db.example.org/words"))


@pytest.mark.parametrize("text", [b"", b"one two", b"1", b"\xff\xfe"])
def test_a_mark_that_cannot_be_read_stops_the_start_and_says_what_to_do(served, text):
    from lastwords.server import place
    from lastwords.server.refusals import CannotStart

    (served.data / place.PLACE).write_bytes(text)
    with pytest.raises(CannotStart) as refused:
        place.was_copied(served)
    assert "delete that file" in refused.value.do and "host restored" in refused.value.do


@pytest.mark.only_on("sqlite")
def test_once_the_host_has_said_that_it_is_a_past_the_start_says_it_no_second_time(served, circle, tmp_path):
    from lastwords.server import checks, place

    copy = copied(served, tmp_path / "copy")
    (copy.data / place.PLACE).write_text("spoiled")
    assert checks.host_says_restored(copy) == 1
    assert not checks.find_copy(copy) and circle.read("iruka").epoch == 2


def test_on_a_disk_that_takes_nothing_the_start_goes_on(served, monkeypatch):
    from pathlib import Path

    from lastwords.server import place

    (served.data / place.PLACE).unlink()

    def full(*_, **__):
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    place.note(served)
    assert not (served.data / place.PLACE).exists()
