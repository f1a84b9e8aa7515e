"""Sealed files: sent in pieces, checked whole, never looked into, read by those the state allows."""

import errno
import os
import stat

import pytest
from server.api.world import Circle, an_author, models, sealed, sha256
from server.conftest import House

from lastwords.server import settings


def test_a_file_sent_whole_lies_on_the_disk_under_its_hash(house: House) -> None:
    author, data = an_author(), sealed(5000)
    assert author.upload(data) == sha256(data)
    assert (house.settings.files / sha256(data)).read_bytes() == data
    assert list((house.settings.files / "incoming").iterdir()) == []


def test_an_armoured_sealed_file_is_one_too(house: House) -> None:
    author, data = (
        an_author(),
        b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n",
    )
    for at in range(len(data)):
        got = author.piece(data[at : at + 1], sha256(data), len(data), at)
    assert got["complete"]


def test_an_interrupted_file_goes_on_from_its_offset(house: House) -> None:
    author, data = an_author(), sealed(5000)
    name, size = sha256(data), len(data)
    assert author.piece(data[:2000], name, size, 0).body == {"offset": 2000, "complete": False}
    assert author.get(f"/files/{name}/offset").body == {"offset": 2000, "complete": False}
    assert author.piece(data[2000:], name, size, 2000).body == {"offset": size, "complete": True}
    assert author.get(f"/files/{name}").raw == data


def test_a_piece_that_does_not_continue_is_refused_and_what_has_come_stays(house: House) -> None:
    author, data = an_author(), sealed(5000)
    name, size = sha256(data), len(data)
    author.piece(data[:2000], name, size, 0)
    for offset in (0, 1999, 2001):
        assert author.piece(data[offset:], name, size, offset).code == "file_offset"
    assert author.get(f"/files/{name}/offset")["offset"] == 2000
    assert author.piece(data[2000:], name, size, 2000)["complete"]


def test_a_file_sent_again_is_there_already(house: House) -> None:
    author, data = an_author(), sealed()
    author.upload(data)
    assert author.piece(b"", sha256(data), len(data), 0).body == {"offset": len(data), "complete": True}


def test_a_crash_between_the_rename_and_the_row_loses_nothing(house: House) -> None:
    author, data = an_author(), sealed()
    author.upload(data)
    models.SealedFile.objects.update(complete=False)
    come = author.get(f"/files/{sha256(data)}/offset")
    assert come.body == {"offset": len(data), "complete": False}, "to ask how much has come changes nothing"
    assert author.piece(b"", sha256(data), len(data), len(data))["complete"]
    assert author.get(f"/files/{sha256(data)}").raw == data


def test_a_file_whose_name_does_not_come_to_the_disk_is_kept_and_named_by_the_next_piece(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, data = an_author(), sealed(5000)
    name, size = sha256(data), len(data)
    author.piece(data[:2000], name, size, 0)
    with monkeypatch.context() as failing:
        failing.setattr("lastwords.server.api.uploads.os.fsync", only_files_reach_the_disk)
        assert author.piece(data[2000:], name, size, 2000).status == 503
    assert author.get(f"/files/{name}/offset").body == {"offset": size, "complete": False}
    assert author.get(f"/files/{name}").status == 404
    assert author.piece(b"", name, size, size)["complete"]
    assert author.get(f"/files/{name}").raw == data


def only_files_reach_the_disk(descriptor: int) -> None:
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        raise OSError(errno.EIO, "Input/output error")


def test_the_rest_of_a_removal_that_a_crash_cut_short_is_nobodys(house: House) -> None:
    """Whoever knows the hash of a removed file cannot come by its bytes by announcing it."""
    author, data = an_author(), sealed()
    author.upload(data)
    models.SealedFile.objects.all().delete()
    thief = an_author("obito")
    assert thief.piece(b"", sha256(data), 5, 0).body == {"offset": 0, "complete": False}
    assert thief.get(f"/files/{sha256(data)}").status == 404


def test_a_piece_larger_than_the_host_holds_in_memory_is_refused(house: House) -> None:
    author = an_author()
    size = (32 << 20) + 1
    assert author.piece(b"x" * size, "0" * 64, size, 0).code == "too_large"


def test_a_file_that_is_not_what_it_was_named_is_thrown_away(house: House) -> None:
    author, data = an_author(), sealed()
    changed = data[:-1] + bytes([data[-1] ^ 1])
    got = author.piece(changed, sha256(data), len(data), 0)
    assert (got.status, got.code) == (422, "file_hash")
    assert not models.SealedFile.objects.exists()
    assert [path.name for path in house.settings.files.rglob("*") if path.is_file()] == []
    assert author.upload(data) == sha256(data)


@pytest.mark.parametrize(
    "data", [b"Dear Naruto, ", b"age-encryption.org/v2\n" + b"x" * 100, b"age", b"-----BEGIN AGE"]
)
def test_a_file_that_is_not_sealed_is_not_kept(house: House, data: bytes) -> None:
    author = an_author()
    got = author.piece(data, sha256(data), len(data), 0)
    assert (got.status, got.code) == (422, "file_not_age")
    assert not models.SealedFile.objects.exists()
    assert [path for path in house.settings.files.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "data", [b"age-encryption.org/v2\n and so on", b"-----BEGIN AGE ENCRYPTED LETTER", b"age-encryption.org/"]
)
def test_the_beginning_is_checked_even_when_it_comes_byte_by_byte(house: House, data: bytes) -> None:
    author, size = an_author(), len(data)
    codes = []
    for at in range(size):
        got = author.piece(data[at : at + 1], sha256(data), size, at)
        codes.append(got.code)
        if got.code:
            break
    assert codes[-1] == "file_not_age"
    assert not models.SealedFile.objects.exists()


def test_more_than_was_announced_is_refused_and_that_piece_is_not_kept(house: House) -> None:
    author, data = an_author(), sealed(500)
    name = sha256(data)
    author.piece(data[:100], name, 200, 0)
    assert author.piece(data[100:], name, 200, 100).code == "file_size"
    assert author.get(f"/files/{name}/offset")["offset"] == 100
    assert author.piece(data[100:], name, 400, 100).code == "file_size"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload-Size": "10"},
        {"Upload-Size": "-1", "Upload-Offset": "0"},
        {"Upload-Size": "1e3", "Upload-Offset": "0"},
    ],
)
def test_sizes_that_cannot_be_read_are_refused(house: House, headers: dict[str, str]) -> None:
    author = an_author()
    assert author.ask("PUT", f"/files/{'0' * 64}", sealed(), **headers).code == "file_size"


@pytest.mark.parametrize("name", ["..%2F..%2Fsecret", "A" * 64, "0" * 63, "0" * 65])
def test_a_name_that_is_no_hash_never_reaches_the_disk(house: House, name: str) -> None:
    author = an_author()
    assert author.ask(
        "PUT", f"/files/{name}", sealed(), **{"Upload-Size": "1", "Upload-Offset": "0"}
    ).status in (404, 422)
    assert [path for path in house.data.rglob("*") if "incoming" in path.parts] == []


def test_an_author_keeps_no_more_than_the_quota_and_what_is_kept_stays(house: House) -> None:
    author, data = an_author(), sealed(1000)
    author.upload(data)
    quota = settings.current().quota
    got = author.piece(sealed(), "0" * 64, quota, 0)
    assert (got.status, got.code) == (413, "over_quota")
    assert author.get(f"/files/{sha256(data)}").raw == data


def test_room_that_was_announced_and_never_filled_is_free_after_a_week(house: House) -> None:
    author, quota = an_author(), settings.current().quota
    assert author.piece(sealed(10), "0" * 64, quota, 0).status == 200
    assert author.piece(sealed(10), "1" * 64, quota, 0).code == "over_quota"
    house.leap(8 * 86_400)
    author.sign_in()
    assert author.piece(sealed(10), "1" * 64, quota, 0).status == 200


def test_a_full_disk_is_a_refusal_and_nothing_is_lost(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    from lastwords.server.api import uploads

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space left")

    author, data = an_author(), sealed(1000)
    author.piece(data[:100], sha256(data), len(data), 0)
    with monkeypatch.context() as patched:
        patched.setattr(uploads, "_append", full)
        got = author.piece(data[100:], sha256(data), len(data), 100)
        assert (got.status, got.code) == (507, "disk_full")
    assert author.piece(data[100:], sha256(data), len(data), 100)["complete"]


# Reading.


def test_a_piece_that_another_request_was_faster_than_is_no_fault_of_the_disk(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the opening of what has come and its lock the other one threw it away, or brought it into its place."""
    from lastwords.server import health
    from lastwords.server.api import uploads

    author, data = an_author(), sealed(5000)
    name, size, real = sha256(data), len(data), uploads.fcntl.flock

    def other_was_faster(out: object, how: int) -> None:
        real(out, how)
        (house.settings.files / "incoming" / f"{name}.kakashi").unlink()

    monkeypatch.setattr(uploads.fcntl, "flock", other_was_faster)
    assert author.piece(data[:2000], name, size, 0).code == "busy"
    assert health.disk(60)["refused_ago"] is None, "or nobody's silence would count meanwhile"
    monkeypatch.undo()
    assert author.upload(data) == name


def test_ranges_resume_a_broken_reading(house: House) -> None:
    author, data = an_author(), sealed(1000)
    name = author.upload(data)
    part = author.get(f"/files/{name}", Range="bytes=500-")
    assert (part.status, part.raw) == (206, data[500:])
    assert part.headers["Content-Range"] == f"bytes 500-{len(data) - 1}/{len(data)}"
    assert author.get(f"/files/{name}", Range="bytes=10-19").raw == data[10:20]
    assert author.get(f"/files/{name}", Range=f"bytes={len(data)}-").code == "range_unfit"
    assert author.get(f"/files/{name}", Range="bytes=-5").code == "range_unfit"


def test_sealed_bytes_are_sent_as_an_attachment_nobody_keeps_or_runs(house: House) -> None:
    author = an_author()
    headers = author.get(f"/files/{author.upload(sealed())}").headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["Content-Security-Policy"].startswith("sandbox")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_a_stranger_cannot_tell_a_file_that_exists_from_one_that_does_not(circle: Circle) -> None:
    stranger = an_author("obito")
    there = circle.author.upload(sealed())
    missing = stranger.get(f"/files/{'0' * 64}")
    assert missing.status == 404
    assert stranger.get(f"/files/{there}").raw == missing.raw
    assert stranger.get(f"/files/{there}/offset").raw == missing.raw
    assert stranger.piece(b"", there, 5, 0).status == 404


def test_only_authors_bring_files(circle: Circle) -> None:
    assert circle.keepers[0].piece(sealed(), "0" * 64, 222, 0).status == 404


def test_keepers_with_a_share_read_the_sealed_files_for_their_kits_and_no_others(circle: Circle) -> None:
    keeper = circle.keepers[0]
    for name, data in circle.files["died.naruto"].items():
        assert keeper.get(f"/files/{sha256(data)}").raw == data, name
    for use in models.FileUse.objects.filter(kind="share"):
        assert keeper.get(f"/files/{use.file_id}").status == 404, use.name


def test_an_own_copy_is_for_the_author_alone(circle: Circle) -> None:
    own = sealed()
    manifest, files = circle.manifest()
    circle.send(manifest, files, own={"words": circle.author.upload(own)})
    (row,) = circle.author.get(f"{circle.path}/words").body
    assert row["own"] == [{"name": "words", "sha256": sha256(own), "size": len(own)}]
    assert circle.author.get(f"/files/{sha256(own)}").raw == own
    assert circle.keepers[0].get(f"/files/{sha256(own)}").status == 404


def test_the_recipient_reads_the_files_only_once_told(circle: Circle) -> None:
    data = circle.files["died.naruto"]["words.age"]
    circle.recipient.sign_in()
    assert circle.recipient.get(f"/files/{sha256(data)}").status == 404
    circle.release()
    assert circle.recipient.get(f"/files/{sha256(data)}").status == 404
    assert circle.tell(circle.keepers[0]).status == 200
    assert circle.recipient.get(f"/files/{sha256(data)}").raw == data
