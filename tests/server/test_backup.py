"""Backups: one stream with everything but the secret, made while others write."""

import hashlib
import io
import json
import tarfile

import pytest
from server.cluster import cluster

pytestmark = pytest.mark.both_databases

SEALED = b"age-encryption.org/v1\n" + b"x" * 1_000
HASH = hashlib.sha256(SEALED).hexdigest()


@pytest.fixture
def backup(circle, house):
    from lastwords.server import backup

    house.settings.begun.write_text("real\n")
    return backup


def a_sealed_file(house, sealed=SEALED, name=HASH):
    from lastwords.server.models import SealedFile

    (house.settings.files / name).write_bytes(sealed)
    SealedFile.objects.create(hash=name, size=len(sealed), uploader="iruka", complete=True, made=1)


def written(backup, house):
    out = io.BytesIO()
    return backup.write(house.settings, out), out.getvalue()


def inside(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def test_a_backup_carries_everything_but_the_secret_the_witness_and_what_is_still_coming_in(
    backup, house, database
):
    a_sealed_file(house)
    (house.settings.files / "incoming").mkdir()
    (house.settings.files / "incoming" / "half").write_bytes(b"half")
    told, data = written(backup, house)
    kept = inside(data)
    copy = "lastwords.sqlite3" if database == "sqlite" else "lastwords.pgdump"
    assert set(kept) == {
        copy,
        f"files/{HASH}",
        "settings.toml",
        "begun",
        "from-backup",
        "contents.json",
    }
    assert kept[f"files/{HASH}"] == SEALED and told.sealed == 1 and told.lacking == []
    assert (house.data / "secret").read_bytes().strip() not in data


def test_the_list_of_contents_names_size_and_hash_of_each_file_and_the_end_of_every_log(backup, house):
    from lastwords.server.models import Watch

    backup_heads = {row.author: (row.head_number, bytes(row.head_link).hex()) for row in Watch.objects.all()}
    _, data = written(backup, house)
    kept = inside(data)
    contents = json.loads(kept.pop("contents.json"))
    assert contents["files"] == {
        name: [len(body), hashlib.sha256(body).hexdigest()] for name, body in kept.items()
    }
    assert tuple(contents["heads"]["author:iruka"]) == backup_heads["iruka"]
    assert (contents["form"], contents["made"]) == ("backup/1", house.now().wall)


def test_nothing_of_the_copy_is_left_beside_the_database_even_by_a_process_that_was_killed(backup, house):
    loose = house.data / ".backup-loose"
    loose.mkdir()
    (loose / ".at-work").touch()
    (loose / "lastwords.sqlite3").write_bytes(b"of a process that was killed")
    written(backup, house)
    assert [path.name for path in house.data.iterdir() if path.name.startswith(".")] == []


def test_two_backups_at_once_do_not_throw_each_others_copy_away(backup, house):
    from lastwords.server import rough

    with rough.folder(house.data, backup.ROUGH) as other:
        (other / "copy").write_bytes(b"in use")
        written(backup, house)
        assert (other / "copy").read_bytes() == b"in use"


def test_a_sealed_file_that_is_damaged_or_gone_is_named_and_does_not_keep_the_rest_from_being_saved(
    backup, house
):
    a_sealed_file(house, b"age-encryption.org/v1\nspoiled", "a" * 64)
    a_sealed_file(house)
    (house.settings.files / HASH).unlink()
    told, data = written(backup, house)
    assert sorted(told.lacking) == sorted(["a" * 64, HASH])
    assert json.loads(inside(data)["contents.json"])["lacking"] == told.lacking


def test_words_taken_back_while_the_backup_is_made_are_not_called_missing(backup, house, monkeypatch):
    """Between the copy of the database and the files: the planted race, at the one place where it can be."""
    from lastwords.server.models import SealedFile

    a_sealed_file(house)
    add = backup._add

    def add_then_take_back(tar, path, name, into):
        if name == "begun":
            SealedFile.objects.all().delete()
            (house.settings.files / HASH).unlink()
        return add(tar, path, name, into)

    monkeypatch.setattr(backup, "_add", add_then_take_back)
    told, _ = written(backup, house)
    assert (told.lacking, told.taken_back) == ([], [HASH])


def test_what_was_begun_while_others_write_holds_at_least_every_row_that_it_names(
    backup, house, circle, database, monkeypatch
):
    """The author says that they are here just before the database is copied and just after, and the copy can still be
    brought back: were the ends of the logs looked up after it, it would seem to lack a row."""
    from lastwords.protocol.events import CheckIn
    from lastwords.protocol.stages import Strength
    from lastwords.server import databases, restore
    from lastwords.server.models import Watch

    def rows():
        return Watch.objects.get().head_number

    def between_two_check_ins(self, place):
        here = CheckIn("iruka", Strength.STRONG, "key")
        circle.act("iruka", here)
        copy(self, place)
        circle.act("iruka", here)

    kind, before = type(databases.of(house.settings)), rows()
    copy = kind.copy
    with monkeypatch.context() as patch:
        patch.setattr(kind, "copy", between_two_check_ins)
        _, data = written(backup, house)
    assert rows() == before + 2
    assert json.loads(inside(data)["contents.json"])["heads"]["author:iruka"][0] == before
    into = cluster().address(cluster().empty()) if database == "postgresql" else ""
    found = restore.prove(io.BytesIO(data), house.settings, restore.Wanted(database=into))
    assert found.rows == before + 1


@pytest.mark.parametrize("missing", ["begun", "secret"])
def test_a_folder_that_is_not_whole_makes_no_backup(backup, house, missing):
    (house.data / missing).unlink()
    with pytest.raises(FileNotFoundError):
        written(backup, house)
