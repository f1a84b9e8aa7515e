"""A person's home folder: whole, private, and never guessed at."""

from pathlib import Path

import pytest
from cli.conftest import Person

from lastwords.cli.errors import Stopped
from lastwords.cli.home import RECORDS, Home, PersonFile, write_atomically, write_new


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.make(
        b"a key\n", PersonFile("https://words.example.org", "iruka", 'Iruka "the teacher"', "Asia/Tokyo")
    )
    return made


def test_a_home_is_private_to_its_owner(home: Home) -> None:
    for path in home.folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_name_with_quotes_and_any_letters_is_read_back_as_written(home: Home) -> None:
    for name in ('Iruka "the teacher"', "a\\b", "line\nbreak", "del\x7f", "海野イルカ", "𠮷野 🐬"):
        home.write_person(PersonFile("", "iruka", name))
        assert home.read_person().name == name


def test_a_second_key_is_never_put_over_the_first(home: Home) -> None:
    with pytest.raises(Stopped, match="left alone"):
        home.make(b"another\n", PersonFile())
    assert home.read_key() == b"a key\n"


def test_a_key_that_others_can_read_is_not_used(home: Home) -> None:
    (home.folder / "key").chmod(0o640)
    with pytest.raises(Stopped) as stopped:
        home.read_key()
    assert stopped.value.code == "key_open" and "chmod 600" in stopped.value.do


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b'"text"'])
def test_a_record_that_cannot_be_read_stops_the_command_and_is_left_as_it_is(
    home: Home, name: str, damage: bytes
) -> None:
    (home.folder / name).write_bytes(damage)
    with pytest.raises(Stopped) as stopped:
        home.read(name)
    assert stopped.value.code == "home_unreadable"
    assert (home.folder / name).read_bytes() == damage


@pytest.mark.parametrize("name", RECORDS)
def test_a_missing_record_is_not_taken_for_an_empty_one(home: Home, name: str) -> None:
    (home.folder / name).unlink()
    with pytest.raises(Stopped) as stopped, home.change(name):
        pass
    assert stopped.value.code == "home_incomplete"
    assert not (home.folder / name).exists()


@pytest.mark.parametrize("damage", [b"origin = 1", b"handle = 'x'", b"\x00", b"origin ="])
def test_a_person_file_that_cannot_be_read_stops_the_command(home: Home, damage: bytes) -> None:
    (home.folder / "person.toml").write_bytes(damage)
    with pytest.raises(Stopped) as stopped:
        home.read_person()
    assert stopped.value.code == "home_unreadable"


def test_a_counter_is_on_disk_before_it_is_used_and_never_used_twice(home: Home) -> None:
    assert [home.next_counter("https://a.example") for _ in range(3)] == [1, 2, 3]
    assert Home(home.folder).next_counter("https://a.example") == 4
    assert home.next_counter("https://b.example") == 1


def test_a_change_that_fails_leaves_the_record_as_it_was(home: Home) -> None:
    with pytest.raises(RuntimeError), home.change("pins.json") as record:
        record["people"] = {}
        raise RuntimeError("on the way")
    assert home.read("pins.json") == {}


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault: the disk fails when the file should be brought there."""
    path = tmp_path / "record"
    write_atomically(path, b"before")

    def fails(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"after")
    assert path.read_bytes() == b"before" and list(tmp_path.iterdir()) == [path]


def test_a_new_file_is_never_written_over_another(tmp_path: Path) -> None:
    write_new(tmp_path / "new.txt", b"first")
    with pytest.raises(Stopped, match="left alone"):
        write_new(tmp_path / "new.txt", b"second")
    assert (tmp_path / "new.txt").read_bytes() == b"first"


def test_a_command_without_a_home_says_what_to_do(tmp_path: Path) -> None:
    nobody = Person(tmp_path / "nowhere", tmp_path)
    for words in (
        ("key", "show"),
        ("here",),
        ("state",),
        ("words", "list"),
        ("case", "iruka", "show"),
        ("glass", "iruka", "show"),
    ):
        refused = nobody.refused(*words)
        assert refused["code"] in ("no_key", "no_person") and "lastwords key new" in refused["do"]
        assert "`lastwords key from-card`" in refused["do"] and "`lastwords accept" in refused["do"]


def test_a_prompt_at_which_nobody_types_ends_the_command_with_a_refusal(tmp_path: Path) -> None:
    nobody = Person(tmp_path / "home", tmp_path)
    assert nobody.refused("key", "new", typing="")["code"] == "nobody_to_ask"
    assert not nobody.home.exists()


def test_what_is_broken_off_at_a_prompt_ends_with_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ctrl_c(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    nobody = Person(tmp_path / "home", tmp_path)
    monkeypatch.setattr("lastwords.cli.key.typed.passphrase", ctrl_c)
    assert nobody.refused("key", "new")["code"] == "broken_off"
    assert not nobody.home.exists()


def test_an_error_is_told_in_two_lines_on_standard_error(tmp_path: Path) -> None:
    result = Person(tmp_path / "nowhere", tmp_path).types("key", "show")
    assert result.exit_code == 1 and result.stdout == ""
    assert len(result.stderr.splitlines()) == 2
