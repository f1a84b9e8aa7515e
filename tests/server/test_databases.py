"""The `database` setting, and what a PostgreSQL database must promise before a host is served from it."""

import dataclasses
import io
from pathlib import Path

import pytest
from server.cluster import PASSWORD, cluster
from server.conftest import NOBODY_LISTENS

from lastwords.server.refusals import BadSettings, CannotStart
from lastwords.server.settings import Mail, Settings, check, read, write

FAR = "postgresql://lastwords@db.example.org/lastwords"


def wanted(data, database="", **changes):
    chosen = Settings(
        data=data,
        origin="http://127.0.0.1:8443",
        mail=Mail("127.0.0.1", NOBODY_LISTENS, "words@example.org"),
        host_mail="host@example.org",
        database=database,
    )
    return dataclasses.replace(chosen, **changes)


# The setting.

GOOD = [
    "",
    "dbname=lastwords",
    "host=/run/postgresql dbname=lastwords user=lastwords",
    "postgresql://lastwords@localhost:5433/lastwords",
    f"{FAR}?sslmode=verify-full",
    "postgresql://u@a.example.org:5432,b.example.org:5433/words?target_session_attrs=primary&sslmode=verify-full",
    "host=a.example.org,b.example.org,c.example.org port=5432 dbname=words sslmode=verify-full",
]
BAD = [
    ("words", "not a connection string"),
    ("postgresql://lastwords:s3cret@localhost/words", "password stands in it"),
    ("dbname=words password=s3cret", "password stands in it"),
    ("dbname=words options='-c synchronous_commit=off'", "options may not be set"),
    ("dbname=words passfile=x", "passfile may not be set"),
    ("service=words dbname=words", "service may not be set"),
    ("host=localhost", "names no database"),
    ("host=localhost,127.0.0.1 port=1,2,3 dbname=words", "more or fewer ports"),
    ("dbname=words target_session_attrs=any", "takes no writes"),
    ("dbname=words target_session_attrs=standby", "takes no writes"),
    (FAR, "only under TLS"),
    (f"{FAR}?sslmode=require", "only under TLS"),
    ("host=localhost,db.example.org dbname=words sslmode=prefer", "only under TLS"),
    ("host=localhost hostaddr=192.0.2.7 dbname=words", "only under TLS"),
]


@pytest.mark.parametrize("text", GOOD)
def test_a_connection_string_is_read_back_as_it_was_written(tmp_path, text):
    chosen = wanted(tmp_path.resolve(), text)
    write(check(chosen))
    assert read(tmp_path) == chosen


@pytest.mark.parametrize(("text", "why"), BAD)
def test_a_connection_string_that_cannot_be_kept_is_refused_and_never_repeated(tmp_path, text, why):
    with pytest.raises(BadSettings) as refused:
        check(wanted(tmp_path, text))
    assert "The setting database cannot be used" in refused.value.happened
    assert why in refused.value.happened and refused.value.do
    assert "s3cret" not in str(refused.value)


def test_of_several_servers_the_one_that_takes_writes_is_used():
    from lastwords.server.databases import PostgreSql

    table = PostgreSql("host=localhost,127.0.0.1 port=5432,5433 dbname=words").table()
    assert (table["HOST"], table["PORT"]) == ("localhost,127.0.0.1", "5432,5433")
    assert table["OPTIONS"]["target_session_attrs"] == "read-write"


def test_a_server_that_answers_nothing_any_more_is_not_waited_for_until_the_system_gives_up():
    from lastwords.server.databases import PostgreSql

    one = PostgreSql("host=localhost dbname=words").table()["OPTIONS"]
    three = PostgreSql("host=localhost,127.0.0.1,::1 dbname=words").table()["OPTIONS"]
    chosen = PostgreSql(
        "host=localhost,127.0.0.1 dbname=words connect_timeout=7 tcp_user_timeout=1000"
    ).table()["OPTIONS"]
    assert (one["connect_timeout"], one["tcp_user_timeout"]) == ("10", "10000")
    assert int(one["keepalives_idle"]) + int(one["keepalives_interval"]) * int(one["keepalives_count"]) <= 15
    assert three["connect_timeout"] == "3", "the others are asked soon"
    assert (chosen["connect_timeout"], chosen["tcp_user_timeout"]) == ("7", "1000")


def test_a_password_file_is_for_postgresql_and_for_nobody_elses_eyes(tmp_path):
    secret = tmp_path / "password"
    for database, rights, why in (
        ("dbname=words", None, "cannot be read"),
        ("dbname=words", 0o644, "Others on this machine can read"),
        ("", 0o600, "nothing asks for a password"),
    ):
        if rights:
            secret.write_text("s3cret\n")
            secret.chmod(rights)
        with pytest.raises(BadSettings) as refused:
            check(wanted(tmp_path, database, database_password_file=str(secret)))
        assert why in refused.value.happened and refused.value.do
        assert "s3cret" not in str(refused.value)


# What a server must promise.


def said(**changes):
    from lastwords.server.databases.postgresql import _Said

    well = _Said(150_020, "15.20", False, "on", "on", "on", "UTF8", "C.UTF-8", "c", "on")
    return dataclasses.replace(well, **changes)


FAULTS = [
    ({}, ""),
    ({"commit": "remote_apply"}, ""),
    ({"collation": "en_GB.UTF-8", "provider": "b"}, ""),
    ({"number": 130_010, "version": "13.10"}, "13.10 is too old"),
    ({"is_replica": True}, "takes no writes"),
    ({"commit": "off"}, "synchronous_commit = off"),
    ({"commit": "local"}, "synchronous_commit = local"),
    ({"fsync": "off"}, "fsync = off"),
    ({"full_pages": "off"}, "full_page_writes = off"),
    ({"encoding": "LATIN1"}, "LATIN1, not UTF8"),
    ({"collation": "en_GB.UTF-8"}, "sorts text as en_GB.UTF-8"),
]


@pytest.mark.parametrize(("changes", "why"), FAULTS)
def test_a_server_that_does_not_keep_what_it_acknowledges_is_refused_with_its_remedy(changes, why):
    from lastwords.server.databases.postgresql import _faults

    found = list(_faults(said(**changes)))
    assert len(found) == bool(why)
    assert all(why in wrong and remedy for wrong, remedy in found)


# On a real one.

postgresql = pytest.mark.only_on("postgresql")


def refusal(act):
    with pytest.raises(CannotStart) as refused:
        act()
    assert refused.value.do
    return refused.value.happened


@postgresql
def test_a_database_that_acknowledges_too_early_is_not_served(house):
    from django.db import connections

    from lastwords.server import checks

    checks.check_database(house.settings)
    name = house.settings.database.rpartition("=")[2]
    cluster().tell(f"ALTER DATABASE {name} SET synchronous_commit = off")
    connections.close_all()
    assert "synchronous_commit = off" in refusal(lambda: checks.check_database(house.settings))


@postgresql
def test_a_database_of_another_encoding_is_not_served(house, tmp_path):
    from lastwords.server import founding

    cluster().tell("CREATE DATABASE tlatin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    try:
        chosen = wanted(tmp_path / "new", cluster().address("tlatin"))
        assert "LATIN1, not UTF8" in refusal(lambda: founding.found(chosen))
        assert not (tmp_path / "new").exists()
    finally:
        cluster().tell("DROP DATABASE tlatin WITH (FORCE)")


@postgresql
def test_a_database_that_cannot_be_reached_is_said_to_be_so(house, tmp_path):
    from lastwords.server import founding

    chosen = wanted(tmp_path / "new", f"host={tmp_path} port=1 user=nobody dbname=words")
    assert "cannot be reached" in refusal(lambda: founding.found(chosen))


@pytest.fixture
def founded(house, tmp_path):
    """A host founded on PostgreSQL, over loopback, with the password in its file."""
    from lastwords.server import clock, founding

    secret = tmp_path / "password"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD + "\n")
    text = f"postgresql://lastwords@127.0.0.1:{cluster().port}/{cluster().empty()}"
    clock.use(None)
    yield founding.found(wanted(tmp_path / "founded", text, database_password_file=str(secret)))
    clock.use(None)


@postgresql
def test_a_host_founded_on_postgresql_can_be_served_and_founds_nobody_else(founded, tmp_path):
    from lastwords.server import checks, founding
    from lastwords.server.models import Person

    assert checks.ready(founded.data) == founded
    assert [person.handle for person in Person.objects.all()] == ["host"]
    assert not (founded.data / "lastwords.sqlite3").exists()
    assert PASSWORD not in (founded.data / "settings.toml").read_text()
    second = dataclasses.replace(founded, data=tmp_path / "second")
    assert "There are tables in the database already" in refusal(lambda: founding.found(second))


@postgresql
def test_a_wrong_password_is_refused_in_two_parts(founded):
    from lastwords.server import checks

    Path(founded.database_password_file).write_text("wrong\n")
    assert "cannot be reached" in refusal(lambda: checks.ready(founded.data))


@postgresql
def test_a_founding_cut_short_leaves_the_database_empty(house, tmp_path, monkeypatch):
    from django.db import connection

    from lastwords.server import founding, store
    from lastwords.server.refusals import Busy

    def broken(*_, **__):
        raise Busy("Cut short.", "Again.")

    chosen = wanted(tmp_path / "new", cluster().address(cluster().empty()))
    with monkeypatch.context() as patched, pytest.raises(Busy):
        patched.setattr(store.Store, "host_row", broken)
        founding.found(chosen)
    assert connection.introspection.table_names() == []
    assert founding.found(chosen).data == tmp_path / "new"


@postgresql
def test_a_role_that_may_make_no_tables_founds_no_host(house, tmp_path):
    from lastwords.server import founding

    name = cluster().empty()
    cluster().tell(f"ALTER DATABASE {name} OWNER TO postgres", role="postgres")
    try:
        chosen = wanted(tmp_path / "new", cluster().address(name))
        assert "tables could not be made" in refusal(lambda: founding.found(chosen))
    finally:
        cluster().tell(f"ALTER DATABASE {name} OWNER TO lastwords", role="postgres")


@postgresql
def test_a_demonstration_is_never_served_from_a_real_hosts_database(founded):
    from lastwords.server import checks

    text = (founded.data / "settings.toml").read_text().replace("demo = false", "demo = true")
    (founded.data / "settings.toml").write_text(text)
    founded.begun.write_text("demo\n")
    assert "founded as real" in refusal(lambda: checks.ready(founded.data))


@postgresql
def test_a_database_of_another_version_is_upgraded_only_when_asked_and_a_copy_is_kept(founded):
    from django.core.management import call_command

    from lastwords.server import checks, founding

    call_command("migrate", "usersessions", "zero", verbosity=0)
    assert "another version" in refusal(lambda: checks.ready(founded.data))
    copy = founded.data / founding.upgrade(founded.data)
    assert copy.suffix == ".pgdump" and copy.stat().st_mode & 0o077 == 0
    assert copy.read_bytes().startswith(b"PGDMP")
    checks.ready(founded.data)


@postgresql
def test_the_doctor_says_which_server_it_is_and_whether_its_pages_have_checksums(founded):
    from lastwords.server import doctor

    found = {finding.name: finding for finding in doctor.examine(founded.data)}
    assert found["database"].well and found["database"].says.startswith("PostgreSQL ")
    assert found["database"].says.endswith("page checksums on.")


# Backups.


@postgresql
def test_without_postgresqls_own_tool_no_copy_is_made_and_the_tool_is_named(
    circle, house, tmp_path, monkeypatch
):
    from lastwords.server import backup
    from lastwords.server.databases import pg_tools

    house.settings.begun.write_text("real\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pg_tools, "ASIDE", tmp_path)
    assert "pg_dump" in refusal(lambda: backup.write(house.settings, io.BytesIO()))
    assert [path.name for path in house.data.iterdir() if path.name.startswith(".")] == []


# What no column can hold.


@pytest.mark.both_databases
def test_a_text_that_no_column_can_hold_is_refused_and_is_not_a_fault(house):
    from server.api.world import Person, an_author

    author = an_author()
    for got in (
        author.get("/watches/a%00b"),
        author.post("/challenges", account="nul\x00"),
        Person("obito").post("/sessions", account="nul\x00", answer="x"),
    ):
        assert got.status < 500, got.body


@postgresql
def test_a_database_that_went_away_is_said_to_be_so_and_the_next_request_finds_it_again(house):
    from django.db import close_old_connections
    from server.api.world import an_author

    author = an_author()
    name = house.settings.database.rpartition("=")[2]
    cluster().tell(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'", role="postgres"
    )
    assert author.get("/me").code == "database_away"
    close_old_connections()  # as between any two requests that a server answers
    assert author.get("/me").status == 200
