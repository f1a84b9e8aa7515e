"""Founding a host and starting it again: a folder is what it was, or it is not served."""

import dataclasses
import shutil

import pytest
from server.conftest import NOBODY_LISTENS, take_over

from lastwords.server.settings import Mail, Settings


def wanted(data, **changes):
    chosen = Settings(
        data=data,
        origin="http://127.0.0.1:8443",
        mail=Mail("127.0.0.1", NOBODY_LISTENS, "words@example.org"),
        host_mail="host@example.org",
    )
    return dataclasses.replace(chosen, **changes)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A real host and a demonstration, founded once and copied for every test."""
    from lastwords.server import settings

    place = tmp_path_factory.mktemp("founded")
    settings.configure(settings_folder(place / "any"))
    from lastwords.server import clock, founding

    for kind in ("real", "demo"):
        clock.use(None)
        founding.found(wanted(place / kind, demo=kind == "demo"))
    clock.use(None)
    return place


def settings_folder(data):
    from lastwords.server import settings

    data.mkdir()
    settings.write(wanted(data))
    return data


@pytest.fixture
def founded(template, tmp_path):
    """A real host's folder; the demonstration's lies beside it as `demo`."""
    from django.db import connections

    from lastwords.server import clock

    clock.use(None)
    for kind in ("real", "demo"):
        shutil.copytree(template / kind, tmp_path / kind)
    yield tmp_path / "real"
    connections.close_all()
    clock.use(None)


def ready(data):
    from lastwords.server import checks

    return checks.ready(data)


def refusal(data):
    from lastwords.server.refusals import CannotStart

    with pytest.raises(CannotStart) as refused:
        ready(data)
    assert refused.value.do
    return refused.value.happened


def test_a_founded_folder_can_be_served_and_is_nobody_elses_to_read(founded):
    chosen = ready(founded)
    from lastwords.server.models import Channel, Person

    assert chosen.data == founded
    assert [(person.handle, person.is_host) for person in Person.objects.all()] == [("host", True)]
    assert Channel.objects.get().address == "host@example.org"
    assert (founded / "secret").stat().st_mode & 0o077 == 0
    assert (founded / "lastwords.sqlite3").stat().st_mode & 0o077 == 0


def test_the_database_is_kept_in_wal_mode_with_full_synchronisation(founded):
    ready(founded)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone()[0] == "wal"
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == 2


@pytest.mark.parametrize(
    ("version", "mode"),
    [((3, 40, 1), "TRUNCATE"), ((3, 51, 2), "TRUNCATE"), ((3, 51, 3), "WAL"), ((3, 53, 4), "WAL")],
)
def test_an_sqlite_with_the_reset_fault_is_not_used_in_wal_mode(version, mode):
    from lastwords.server.databases import sqlite

    assert sqlite.journal(version) == mode


def test_founding_where_something_is_already_changes_nothing(founded):
    from lastwords.server import founding
    from lastwords.server.refusals import CannotStart

    before = (founded / "settings.toml").read_bytes()
    with pytest.raises(CannotStart):
        founding.found(wanted(founded))
    assert (founded / "settings.toml").read_bytes() == before


def test_a_founding_with_a_bad_setting_leaves_no_folder(tmp_path, founded):
    from lastwords.server import founding
    from lastwords.server.refusals import BadSettings

    with pytest.raises(BadSettings):
        founding.found(wanted(tmp_path / "new", zone="Konoha"))
    assert not (tmp_path / "new").exists()


def test_a_folder_whose_database_is_gone_is_never_taken_for_a_new_one(founded):
    (founded / "lastwords.sqlite3").unlink()
    assert "no new one was made" in refusal(founded)
    assert not (founded / "lastwords.sqlite3").exists()


@pytest.mark.parametrize("name", ["begun", "files"])
def test_a_folder_with_a_part_missing_is_not_served(founded, name):
    path = founded / name
    path.rmdir() if path.is_dir() else path.unlink()
    assert name in refusal(founded)


@pytest.mark.parametrize("content", ["", "maybe\n"])
def test_a_folder_whose_marker_cannot_be_read_is_not_served(founded, content):
    (founded / "begun").write_text(content)
    assert "begun" in refusal(founded)


@pytest.mark.parametrize("kind", ["real", "demo"])
def test_a_folder_is_served_only_as_what_it_was_founded(founded, tmp_path, kind):
    path = tmp_path / kind / "settings.toml"
    text = path.read_text()
    turned = (
        text.replace("demo = false", "demo = true")
        if kind == "real"
        else text.replace("demo = true", "demo = false")
    )
    assert turned != text
    path.write_text(turned)
    assert f"founded as {kind}" in refusal(tmp_path / kind)


@pytest.mark.parametrize("place", ["head", "middle"])
def test_a_damaged_database_stops_the_start_and_is_left_as_it_is(founded, place):
    path = founded / "lastwords.sqlite3"
    data = bytearray(path.read_bytes())
    at = 0 if place == "head" else len(data) // 2 // 4096 * 4096
    data[at : at + 2_000] = b"\xa5" * 2_000
    path.write_bytes(data)
    assert "damaged" in refusal(founded)
    assert path.read_bytes() == bytes(data)


def test_a_database_of_another_version_is_upgraded_only_when_asked_and_a_copy_is_kept(founded):
    ready(founded)
    from django.core.management import call_command

    from lastwords.server import founding

    call_command("migrate", "server", "zero", verbosity=0)
    assert "another version" in refusal(founded)
    copy = founding.upgrade(founded)
    assert (founded / copy).is_file() and (founded / copy).stat().st_mode & 0o077 == 0
    ready(founded)
    assert founding.upgrade(founded) == ""


def test_a_database_that_was_emptied_is_neither_served_nor_filled_anew(founded):
    from lastwords.server import founding
    from lastwords.server.refusals import CannotStart

    path = founded / "lastwords.sqlite3"
    path.write_bytes(b"")
    assert "is empty" in refusal(founded)
    with pytest.raises(CannotStart) as refused:
        founding.upgrade(founded)
    assert "is empty" in refused.value.happened and "newest backup" in refused.value.do
    assert path.read_bytes() == b""


def test_an_upgrade_makes_no_database_where_there_was_one_and_leaves_a_damaged_one_as_it_is(founded):
    from lastwords.server import founding
    from lastwords.server.refusals import CannotStart

    path = founded / "lastwords.sqlite3"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CannotStart, match="damaged"):
        founding.upgrade(founded)
    path.unlink()
    with pytest.raises(CannotStart, match="no new one was made"):
        founding.upgrade(founded)
    assert not path.exists()


def test_an_upgrade_waits_until_nobody_serves_the_folder(founded):
    chosen = ready(founded)
    from django.core.management import call_command

    from lastwords.server import founding, serve
    from lastwords.server.refusals import CannotStart

    call_command("migrate", "server", "zero", verbosity=0)
    with serve.the_only_one(chosen), pytest.raises(CannotStart, match="served already"):
        founding.upgrade(founded)
    assert founding.upgrade(founded)


def test_a_join_code_works_once_and_only_its_hash_is_kept(founded):
    ready(founded)
    from lastwords.server import founding
    from lastwords.server.models import JoinCode

    code = founding.new_join_code()
    row = JoinCode.objects.get()
    assert code not in row.hash and len(row.hash) == 64
    assert row.expires - row.made == founding.JOIN_CODE_LASTS


def test_a_port_that_is_taken_stops_the_start(founded):
    import socket

    from lastwords.server import checks
    from lastwords.server.refusals import CannotStart

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        chosen = wanted(founded, bind=f"127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(CannotStart):
            checks.check_port(chosen)


# A restored past.


@pytest.mark.both_databases
def test_an_older_database_is_found_out_and_every_armed_watch_stands_still(circle, house, armed):
    from lastwords.protocol.events import CheckIn
    from lastwords.protocol.stages import HoldCause, Strength
    from lastwords.server import checks

    house.leap(60)
    circle.act("iruka", CheckIn("iruka", Strength.STRONG, "key"))
    take_over(armed, house, heads=False)

    assert checks.find_restored_past(house.settings)
    watch = circle.read("iruka")
    assert watch.hold(HoldCause.RESTORE) is not None and watch.epoch == 2
    assert not checks.find_restored_past(house.settings), "told once, it is the present again"


@pytest.mark.both_databases
def test_a_calendar_or_a_session_that_was_ended_since_the_backup_does_not_open_again(circle, house, armed):
    """Its owner ended it because somebody else had it, and nobody would tell them that it opens once more."""
    from allauth.usersessions.models import UserSession
    from django.contrib.sessions.models import Session as PageSession

    from lastwords.server import checks, models
    from lastwords.server.session_keys import SessionStore

    models.Feed.objects.create(person_id="iruka", token="a" * 64, made=1)
    models.Session.objects.create(person_id="iruka", token="b" * 64, begun=1, expires=1 << 40)
    page = SessionStore()
    page.create()
    UserSession.objects.create(user_id="iruka", session_key=page.session_key, ip="127.0.0.1", user_agent="x")
    house.leap(60)
    checks.tell_restored("a test")
    for rows in (models.Feed, models.Session, PageSession, UserSession):
        assert not rows.objects.exists(), rows


def test_a_watch_whose_telling_was_not_acknowledged_is_told_again_and_not_set_aside(circle, house):
    from dataclasses import replace

    from lastwords.protocol.stages import HoldCause
    from lastwords.server import passes
    from lastwords.server.models import Watch
    from lastwords.server.port_sql import SqlPort
    from lastwords.server.refusals import Unwritable

    class Away(SqlPort):
        """Writes, and is cut off before it can say so."""

        def commit(self, write):
            super().commit(write)
            raise Unwritable("The database did not answer any more.", "Try again.")

    with pytest.raises(Unwritable):
        passes.tell_restored(replace(circle.here(), port=Away()), house.now(), "a test")
    assert not Watch.objects.exclude(set_aside="").exists()
    assert passes.tell_restored(circle.here(), house.now(), "a test") == 1
    assert circle.read("iruka").hold(HoldCause.RESTORE) is not None


def test_a_database_that_was_not_restored_is_left_alone(circle, house):
    from lastwords.protocol.stages import HoldCause
    from lastwords.server import checks

    assert not checks.find_restored_past(house.settings)
    assert circle.read("iruka").hold(HoldCause.RESTORE) is None


def test_a_heads_file_cut_off_by_a_crash_is_still_read(circle, house):
    from lastwords.server import witness

    whole = witness.read(house.settings.heads)
    with house.settings.heads.open("a") as file:
        file.write("author:iruka\t99")
    assert witness.read(house.settings.heads) == whole


def test_a_heads_file_that_cannot_be_read_stops_the_start(circle, house):
    from lastwords.server import witness
    from lastwords.server.refusals import CannotStart

    house.settings.heads.write_text("author:iruka\tmany\tlinks\n")
    with pytest.raises(CannotStart):
        witness.read(house.settings.heads)


def test_tidying_the_heads_file_keeps_the_newest_head_of_every_log(circle, house):
    from lastwords.server import witness

    before = witness.read(house.settings.heads)
    witness.tidy(house.settings.heads)
    assert witness.read(house.settings.heads) == before
    assert len(house.settings.heads.read_text().splitlines()) == len(before)


# The doctor.


def test_the_doctor_names_what_is_not_well_and_what_to_do(founded):
    ready(founded)
    from lastwords.server import doctor

    found = {finding.name: finding for finding in doctor.examine(founded)}
    assert found["database"].well and found["disk"].well and found["logs"].well
    assert not found["mail"].well and found["mail"].do
    (founded / "lastwords.sqlite3").unlink()
    (only,) = doctor.examine(founded)
    assert not only.well and only.do


def test_the_migrations_make_the_tables_that_the_models_describe(house):
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
