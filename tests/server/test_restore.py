"""A host comes back from its backup whole and on hold, or not at all: nothing is ever half in place."""

import io
import json
import os
import secrets
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from server.cluster import cluster
from server.test_backup import HASH, SEALED, a_sealed_file

from lastwords.cli.main import cli

pytestmark = pytest.mark.both_databases
PASSPHRASE = "eight words that nobody would ever guess"


@pytest.fixture
def host(circle, house, box):
    """A living host with an armed watch and one sealed file."""
    house.settings.begun.write_text("real\n")
    a_sealed_file(house)
    return house


class Typing:
    """Types commands in; a backup is sealed to a key of its own, so that no test waits for a passphrase."""

    def __init__(self, house, folder, database):
        self.house, self.folder, self.database = house, folder, database
        self.key, self.file = folder / "backup-key", folder / "backup.age"
        assert self("host", "backup-key", "--out", self.key)[0] == 0

    def __call__(self, *arguments, put_in=None):
        result = CliRunner().invoke(cli, [str(argument) for argument in arguments], input=put_in)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    def back_up(self, *more):
        return self(
            *("host", "backup", "--data", self.house.data, "--out", self.file),
            *("--to", f"{self.key}.pub", *more),
        )

    def restore(self, *more, file=None, place=None, put_in=None, key=None):
        named = ("--database", cluster().address(self.into)) if self.database == "postgresql" else ()
        return self(
            *("host", "restore", file or self.file, "--data", place or self.place, "--key", key or self.key),
            *(*named, *more),
            put_in=put_in,
        )

    @property
    def place(self):
        return self.folder / "restored"

    @property
    def into(self):
        """The empty PostgreSQL database of this test."""
        if not hasattr(self, "_into"):
            self._into = cluster().empty()
        return self._into

    def nothing_is_there(self):
        """Neither folder nor half of one, and no table in the database that was named."""
        assert not self.place.exists()
        assert [path.name for path in self.folder.iterdir() if "restoring" in path.name] == []
        if self.database == "postgresql":
            found = cluster().tell("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", self.into)
            assert found == [(0,)]


@pytest.fixture
def typing(host, tmp_path, database):
    return Typing(host, tmp_path, database)


def restored_host(typing):
    from lastwords.server import checks

    return checks.ready(typing.place)


# A host comes back.


def test_a_restored_host_holds_everything_and_stands_still_before_anybody_can_ask_it_anything(typing, host):
    from lastwords.protocol.stages import HoldCause
    from lastwords.server import store
    from lastwords.server.models import LogRow

    before = list(LogRow.objects.order_by("number").values_list("number", "link"))
    code, output = typing.back_up()
    assert code == 0 and "sealed" in output
    code, output = typing.restore("--yes", "--secret", host.data / "secret")
    assert code == 0, output
    assert "The host is back" in output
    chosen = restored_host(typing)
    assert (chosen.files / HASH).read_bytes() == SEALED
    assert (chosen.data / "secret").read_text() == (host.data / "secret").read_text()
    assert list(LogRow.objects.order_by("number").values_list("number", "link"))[: len(before)] == before
    watch = store.read("iruka")
    assert watch.hold(HoldCause.RESTORE) is not None and watch.epoch == 2
    for path in chosen.data.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0 or path.name in ("settings.toml", "heads"), path


def test_the_first_start_of_a_restored_host_finds_nothing_more_to_tell(typing):
    from lastwords.server import checks, store

    typing.back_up()
    typing.restore("--yes")
    chosen = restored_host(typing)
    assert not checks.find_restored_past(chosen)
    assert store.read("iruka").epoch == 2


def test_no_time_alone_and_no_host_ends_the_hold_of_a_restore(typing, house):
    from lastwords.protocol.events import LiftHold
    from lastwords.protocol.moments import DAY
    from lastwords.protocol.stages import HoldCause, Stage
    from lastwords.protocol.watch import HOST
    from lastwords.server import store, sweep

    typing.back_up()
    typing.restore("--yes")
    restored_host(typing)
    for _ in range(10):
        sweep.sweep(store.here(), house.leap(40 * DAY))
    watch = store.read("iruka")
    assert watch.stage is Stage.WELL and watch.hold(HoldCause.RESTORE) is not None
    with pytest.raises(store.RefusedStep) as refused:
        store.act("iruka", LiftHold(HOST, HoldCause.RESTORE))
    assert refused.value.refusal.code == "not_yours_to_lift"
    assert typing("host", "hold", "iruka", "--lift", "--data", typing.place)[0] == 1
    assert store.read("iruka").hold(HoldCause.RESTORE) is not None


def test_before_it_is_put_in_place_the_person_is_asked_and_no_leaves_nothing(typing):
    typing.back_up()
    code, output = typing.restore(put_in="n\n")
    assert code == 1 and "Nothing was restored" in output
    assert "1 authors" in output and "every hash and every chain in it is whole" in output
    typing.nothing_is_there()
    assert typing.restore(put_in="y\n")[0] == 0
    restored_host(typing)


def test_it_says_how_old_the_backup_is_and_which_rows_were_seen_that_it_does_not_know(typing, host, circle):
    from lastwords.protocol.events import CheckIn
    from lastwords.protocol.moments import DAY
    from lastwords.protocol.stages import Strength
    from lastwords.server.models import Watch

    before = Watch.objects.get().head_number
    typing.back_up()
    host.leap(3 * DAY)
    circle.act("iruka", CheckIn("iruka", Strength.STRONG, "key"))
    heads = host.data / "heads"
    code, output = typing.restore("--witness", heads, "--yes", "--json")
    answer = json.loads(output)
    assert (code, answer["age"]) == (0, 3 * DAY)
    lost = {"log": "author:iruka", "seen": before + 1, "here": before, "another": False}
    assert lost in answer["behind"]
    assert [path.read_bytes() for path in typing.place.glob("heads-before-restore-*")] == [heads.read_bytes()]


def test_a_head_from_a_letter_shows_a_lost_row_another_past_and_that_all_is_there(typing, host, circle):
    from lastwords.server.models import LogRow, Watch

    typing.back_up()
    number = Watch.objects.get().head_number
    link = bytes(LogRow.objects.get(number=7).link).hex()[:16]
    for said, sentence in (
        (f"iruka row 7, head {link}", "no row that anybody saw is lost"),
        (f"iruka row {number + 4}, head {link}", "4 are lost"),
        ("iruka row 7, head 0123456789abcdef", "row 7 is not the one that was seen outside"),
    ):
        code, output = typing.restore("--head", said, put_in="n\n")
        assert code == 1 and sentence in output, output
        typing.nothing_is_there()
    assert typing.restore("--head", "seven", put_in="n\n")[0] == 2


def test_without_its_secret_the_host_gets_a_new_one_and_with_a_foreign_one_nothing(typing, host, tmp_path):
    typing.back_up()
    foreign = tmp_path / "foreign"
    foreign.write_text(secrets.token_urlsafe(48))
    code, output = typing.restore("--yes", "--secret", foreign)
    assert code == 1 and "is not the one of the host" in output
    typing.nothing_is_there()
    assert typing.restore("--yes")[0] == 0
    assert (typing.place / "secret").read_text() != (host.data / "secret").read_text()


# What is refused.


def test_a_folder_that_is_not_empty_is_never_restored_into(typing):
    typing.back_up()
    typing.place.mkdir()
    (typing.place / "precious").write_text("precious")
    code, output = typing.restore("--yes")
    assert code == 1 and "is not empty" in output
    assert [path.name for path in typing.place.iterdir()] == ["precious"]
    (typing.place / "precious").unlink()
    assert typing.restore("--yes")[0] == 0, "an empty folder may be there"


def test_a_wrong_key_or_passphrase_a_cut_and_a_flipped_file_are_each_refused_and_leave_nothing(
    typing, tmp_path
):
    typing.back_up()
    whole = typing.file.read_bytes()
    typing("host", "backup-key", "--out", tmp_path / "another")
    code, output = typing.restore("--yes", key=tmp_path / "another")
    assert code == 1 and "another key" in output
    typing.nothing_is_there()
    size = len(whole)
    places = [10, size // 3, size // 2, size - 20_000, size - 1]
    spoiled = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in places]
    spoiled += [whole[:at] for at in (0, 100, size // 2, size - 20_000, size - 1)]
    spoiled.append(whole + b"x")
    for number, data in enumerate(spoiled):
        bad = tmp_path / f"bad-{number}"
        bad.write_bytes(data)
        code, output = typing.restore("--yes", file=bad)
        assert code == 1 and len(output.strip().splitlines()) >= 2, (number, output)
        typing.nothing_is_there()


@pytest.mark.only_on("sqlite")
def test_a_backup_under_a_passphrase_opens_with_it_and_with_no_other(typing, tmp_path):
    right, wrong, short = (tmp_path / name for name in ("right", "wrong", "short"))
    right.write_text(PASSPHRASE + "\n")
    wrong.write_text("another one entirely\n")
    short.write_text("hunter2\n")
    make = ("host", "backup", "--data", typing.house.data, "--out", typing.file, "--passphrase")
    code, output = typing(*make, short)
    assert code == 1 and "keeps nobody out" in output and not typing.file.exists()
    assert typing(*make, right)[0] == 0
    back = ("host", "restore", typing.file, "--data", typing.place, "--yes", "--passphrase")
    code, output = typing(*back, wrong)
    assert code == 1 and "another key or passphrase" in output
    typing.nothing_is_there()
    assert typing(*back, right)[0] == 0


@pytest.fixture
def parts(host):
    """The files of a backup before it is sealed, to be tampered with and put together again."""
    from lastwords.server import backup

    out = io.BytesIO()
    backup.write(host.settings, out)
    with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def together(parts):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return io.BytesIO(out.getvalue())


def refusal(typing, source, **wanted):
    from lastwords.server import restore
    from lastwords.server.refusals import ServerRefused

    if typing.database == "postgresql":
        wanted.setdefault("database", cluster().address(typing.into))
    with (
        pytest.raises(ServerRefused) as refused,
        restore.unpacked(source, typing.place, restore.Wanted(**wanted)),
    ):
        pass
    typing.nothing_is_there()
    assert refused.value.do
    return refused.value.happened


def test_whoever_can_seal_a_backup_still_cannot_put_anything_in_it_that_does_not_belong(typing, parts):
    contents = json.loads(parts["contents.json"])
    name = f"files/{HASH}"
    listed = {**contents, "files": {**contents["files"], name: [1, "0" * 64]}}
    for change, why in (
        ({"../escaped": b"x"}, "no backup does"),
        ({"files/../../escaped": b"x"}, "no backup does"),
        ({"serve.lock": b""}, "no backup does"),
        ({"files/" + "b" * 64: b"not listed"}, "not what its list of contents says"),
        ({name: SEALED + b"x"}, "not what its list of contents says"),
        ({"contents.json": json.dumps(listed).encode()}, "not what its list of contents says"),
        ({"contents.json": b"{}"}, "no list of its contents"),
        ({"contents.json": json.dumps({**contents, "form": "backup/9"}).encode()}, "its form is"),
    ):
        assert why in refusal(typing, together({**parts, **change})), change
    for gone in parts:
        assert refusal(typing, together({key: body for key, body in parts.items() if key != gone}))
    assert "not a backup" in refusal(typing, io.BytesIO(b"nothing of ours"))
    assert not list(typing.folder.rglob("escaped"))


def test_a_log_that_is_not_whole_is_not_put_in_place(typing, host):
    """The planted fault: a row that was changed in the database is in the backup as it is, under a right hash."""
    from lastwords.server.models import LogRow

    LogRow.objects.filter(number=5).update(salt=b"x" * 16)
    typing.back_up()
    code, output = typing.restore("--yes")
    assert code == 1 and "author:iruka: row 5 is not what was committed to" in output
    typing.nothing_is_there()


def test_a_backup_whose_database_was_cut_back_to_an_older_one_is_not_put_in_place(typing, host):
    """The planted fault: the heads that were written down with the backup go further than its database."""
    from lastwords.server import backup

    out = io.BytesIO()
    backup.write(host.settings, out)
    with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as tar:
        parts = {member.name: tar.extractfile(member).read() for member in tar}
    contents = json.loads(parts["contents.json"])
    contents["heads"]["author:iruka"][0] += 1
    parts["contents.json"] = json.dumps(contents).encode()
    assert "was seen elsewhere and is not in this log" in refusal(typing, together(parts))


def test_a_sealed_file_that_is_missing_is_named_and_only_by_its_own_word_left_out(typing, host):
    (host.settings.files / HASH).unlink()
    code, output = typing.back_up()
    assert code == 0 and f"NOT WHOLE: the sealed file {HASH}" in output
    code, output = typing.restore("--yes")
    assert code == 1 and HASH in output and "--allow-missing" in output
    typing.nothing_is_there()
    code, output = typing.restore("--yes", "--allow-missing", "--json")
    assert code == 0 and json.loads(output.splitlines()[-1])["lacking"] == [HASH]


@pytest.mark.only_on("postgresql")
def test_a_database_that_has_tables_is_never_written_over(typing, host):
    from server.conftest import name_in

    typing.back_up()
    name = name_in(host.data)
    code, output = typing(
        *("host", "restore", typing.file, "--data", typing.place, "--key", typing.key, "--yes"),
        *("--database", cluster().address(name)),
    )
    assert code == 1 and "There are tables in the database already" in output
    assert cluster().tell("SELECT count(*) FROM watch", name) == [(1,)]
    typing.nothing_is_there()


@pytest.mark.only_on("sqlite")
def test_a_host_stays_with_the_kind_of_database_it_was_founded_on(typing, parts):
    as_if = {name.replace("sqlite3", "pgdump"): body for name, body in parts.items()}
    contents = json.loads(as_if["contents.json"])
    contents["files"] = {
        name.replace("sqlite3", "pgdump"): value for name, value in contents["files"].items()
    }
    as_if["contents.json"] = json.dumps(contents).encode()
    assert "is one for PostgreSQL" in refusal(typing, together(as_if))


# Interrupted.


def test_a_restore_cut_short_at_any_read_leaves_nothing(typing, parts):
    class Cut(io.BytesIO):
        reads = 0

        def read(self, size=-1):
            self.reads += 1
            if self.reads == self.last:
                raise KeyboardInterrupt
            return super().read(size)

    from lastwords.server import restore

    whole = together(parts).getvalue()
    for last in range(1, 60, 7):
        source = Cut(whole)
        source.last = last
        if typing.database == "postgresql":
            wanted = restore.Wanted(database=cluster().address(typing.into))
        else:
            wanted = restore.Wanted()
        with pytest.raises(KeyboardInterrupt), restore.unpacked(source, typing.place, wanted):
            raise KeyboardInterrupt  # everything was read: cut short just before it is put in place
        typing.nothing_is_there()


def test_what_a_killed_restore_left_is_thrown_away_by_the_next_one(typing):
    typing.back_up()
    loose = typing.folder / ".restored.restoring-loose"
    loose.mkdir()
    (loose / ".at-work").touch()
    assert typing.restore("--yes")[0] == 0
    assert not loose.exists()


def test_a_backup_cut_short_leaves_no_file_that_could_be_taken_for_one(typing, monkeypatch):
    from lastwords.server import backup

    def cut(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(backup, "_contents", cut)
        code, output = typing.back_up()
    assert code == 1 and "could not be read or written" in output
    assert [path.name for path in typing.folder.iterdir() if "backup.age" in path.name] == []
    assert [path.name for path in typing.house.data.iterdir() if ".backup" in path.name] == []
    assert typing.back_up()[0] == 0


def test_an_existing_file_is_never_written_over(typing):
    typing.file.write_text("precious")
    code, output = typing.back_up()
    assert code == 1 and "is there already" in output
    assert typing.file.read_text() == "precious"


# A folder unpacked by hand.


def unpack(tar: tarfile.TarFile, into: Path) -> None:
    """As `tar` would. Pythons before 3.11.4 know no filter, and later ones warn where none is named."""
    tar.extraction_filter = getattr(tarfile, "data_filter", None)
    tar.extractall(into)


@pytest.mark.only_on("sqlite")
def test_a_folder_unpacked_by_hand_stands_still_when_it_is_served_and_says_so_once(typing, parts):
    from lastwords.protocol.stages import HoldCause
    from lastwords.server import checks, store

    with tarfile.open(fileobj=together(parts)) as tar:
        unpack(tar, typing.place)
    (typing.place / "secret").touch(mode=0o600)
    (typing.place / "secret").write_text(secrets.token_urlsafe(48))
    chosen = checks.ready(typing.place)
    assert store.read("iruka").hold(HoldCause.RESTORE) is None
    assert checks.find_restored_past(chosen)
    assert store.read("iruka").hold(HoldCause.RESTORE) is not None
    assert not checks.find_restored_past(chosen)
    assert store.read("iruka").epoch == 2


@pytest.mark.only_on("postgresql")
def test_a_folder_unpacked_by_hand_is_not_served_before_its_database_is_loaded(typing, parts):
    from lastwords.server import checks
    from lastwords.server.refusals import CannotStart

    with tarfile.open(fileobj=together(parts)) as tar:
        unpack(tar, typing.place)
    with pytest.raises(CannotStart, match="has not been loaded yet"):
        checks.ready(typing.place)


# Proof.


def test_a_backup_is_proven_by_restoring_it_beside_the_host_which_hears_nothing_of_it(typing, host, circle):
    from lastwords.server import backup
    from lastwords.server.models import Heartbeat

    typing.back_up()
    before = circle.read("iruka")
    assert not Heartbeat.objects.filter(name=backup.PROVEN).exists()
    code, output = typing.restore("--prove", place=host.data)
    assert code == 0 and "would bring everything back" in output
    typing.nothing_is_there()
    assert [path.name for path in typing.folder.iterdir() if "proof" in path.name] == []
    assert circle.read("iruka") == before
    assert Heartbeat.objects.filter(name=backup.PROVEN).exists()


def test_a_backup_that_lacks_a_sealed_file_is_not_proven(typing, host):
    """The planted fault: a proof that never looked at the files would let this one pass."""
    from lastwords.server import backup
    from lastwords.server.models import Heartbeat

    (host.settings.files / HASH).write_bytes(b"age-encryption.org/v1\nspoiled")
    typing.back_up()
    code, output = typing.restore("--prove", place=host.data)
    assert code == 1 and HASH in output
    assert not Heartbeat.objects.filter(name=backup.PROVEN).exists()
    assert os.path.samefile(host.settings.data, host.data)
