"""The key, its passphrase, and what is printed of it."""

from pathlib import Path

import pytest
from cli.conftest import Person

from lastwords.cli import cards
from lastwords.cli.home import Home
from lastwords.cli.pins import Pins
from lastwords.sealing.person import PersonKeys


@pytest.fixture
def ana(tmp_path: Path) -> Person:
    return Person(tmp_path / "home", tmp_path)


@pytest.fixture
def keys(ana: Person) -> PersonKeys:
    ana.does("key", "new", "--no-passphrase")
    return PersonKeys.from_card(Home(ana.home).read_key().decode())


def test_a_key_is_locked_by_its_passphrase_unless_one_says_otherwise(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ana.does("key", "new", typing="correct horse\ncorrect horse\n")
    assert made["locked"] is True and len(made["eight_words"]) == 8
    assert b"AGE-SECRET-KEY" not in Home(ana.home).read_key()
    monkeypatch.setenv("LASTWORDS_PASSPHRASE_FILE", str(ana.file("pass", "correct horse\n")))
    assert ana.does("key", "show")["fingerprint"] == made["fingerprint"]
    monkeypatch.setenv("LASTWORDS_PASSPHRASE_FILE", str(ana.file("pass", "another\n")))
    refused = ana.refused("key", "show")
    assert refused["code"] == "no_key_fits" and "not the passphrase" in refused["happened"]


def test_a_key_without_a_passphrase_is_made_with_a_plain_warning(ana: Person) -> None:
    result = ana.types("key", "new", "--no-passphrase")
    assert "No passphrase" in result.stderr
    assert ana.does("key", "show")["locked"] is False


def test_the_secret_key_is_never_shown(ana: Person, keys: PersonKeys) -> None:
    shown = ana.types("key", "show").output + ana.types("key", "show", "--json").output
    assert "AGE-SECRET-KEY" not in shown and keys.words()[0] + " " + keys.words()[1] not in shown


@pytest.mark.parametrize("ending", ["txt", "html"])
def test_a_printed_sheet_is_read_back_and_proves_itself(ana: Person, keys: PersonKeys, ending: str) -> None:
    sheet = ana.folder / f"sheet.{ending}"
    ana.does("key", "sheet", sheet)
    assert sheet.stat().st_mode & 0o077 == 0
    assert cards.read(sheet.read_text()).keys.secret_key == keys.secret_key
    assert ana.does("key", "prove", "--sheet", sheet)["proven"] is True


def test_a_sheet_in_html_carries_a_picture_of_the_key_and_fetches_nothing(
    ana: Person, keys: PersonKeys
) -> None:
    ana.does("key", "sheet", ana.folder / "sheet.html")
    page = (ana.folder / "sheet.html").read_text()
    assert "<svg" in page and "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_a_sheet_is_proven_by_two_of_its_words(ana: Person, keys: PersonKeys) -> None:
    import random
    import secrets

    words = keys.words()

    class First(random.SystemRandom):
        def sample(self, population: range, k: int) -> list[int]:  # type: ignore[override]
            return [20, 4]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "SystemRandom", First)
        assert ana.does("key", "prove", typing=f"{words[4]}\n{words[20].upper()}\n")["proven"] is True
        assert ana.refused("key", "prove", typing=f"{words[4]}\n{words[4]}\n")["code"] == "another_word"


def test_the_sheet_of_another_key_proves_nothing(ana: Person, keys: PersonKeys) -> None:
    other = ana.file("other.txt", PersonKeys.new().secret_key)
    assert ana.refused("key", "prove", "--sheet", other)["code"] == "another_sheet"


def test_a_home_is_made_from_the_sheet_alone(ana: Person, keys: PersonKeys, tmp_path: Path) -> None:
    ana.does("key", "sheet", ana.folder / "sheet.txt")
    again = Person(tmp_path / "again", tmp_path)
    made = again.does("key", "from-card", ana.folder / "sheet.txt", "--no-passphrase")
    assert made["fingerprint"] == ana.does("key", "show")["fingerprint"]


def test_the_33_words_do_as_well_as_the_key(ana: Person, keys: PersonKeys, tmp_path: Path) -> None:
    again = Person(tmp_path / "again", tmp_path)
    made = again.does("key", "from-card", ana.file("words.txt", " ".join(keys.words())), "--no-passphrase")
    assert made["fingerprint"] == ana.does("key", "show")["fingerprint"]


def test_a_card_is_typed_line_by_line_with_words_in_place_of_the_key(
    ana: Person, keys: PersonKeys, tmp_path: Path
) -> None:
    """What a recipient does who has the paper alone: 33 words are typed sooner than 77 letters without sense."""
    printed = keys.words()
    words = "\n".join(" ".join(printed[row : row + 3]) for row in range(0, 33, 3))
    card = f"Host: https://words.example.org\nHandle: ana\nAuthor: iruka\nAuthor's fingerprint: {'ab' * 32}\n{words}\n"
    again = Person(tmp_path / "again", tmp_path)
    made = again.does("key", "from-card", "--no-passphrase", typing=card)
    assert (made["origin"], made["handle"]) == ("https://words.example.org", "ana")
    assert made["fingerprint"] == ana.does("key", "show")["fingerprint"]
    assert Pins(Home(again.home)).person("iruka") is not None


def test_a_key_typed_without_its_host_says_what_is_missing(
    ana: Person, keys: PersonKeys, tmp_path: Path
) -> None:
    again = Person(tmp_path / "again", tmp_path)
    shown = again.types("key", "from-card", "--no-passphrase", typing=keys.secret_key).stdout
    assert "“Host” and “Handle”" in shown


def test_words_alone_make_a_home_that_signs_in_once_host_and_handle_are_said(
    ana: Person, keys: PersonKeys
) -> None:
    """How the command line uses an account that was made in a browser."""
    again = Person(ana.folder / "again", ana.folder)
    words = ana.file("words.txt", " ".join(keys.words()))
    host = ("--origin", "https://words.example.org", "--handle", "ana")
    made = again.does("key", "from-card", words, *host, "--no-passphrase")
    assert (made["origin"], made["handle"]) == ("https://words.example.org", "ana")
    assert again.does("key", "show")["fingerprint"] == made["fingerprint"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nothing here", "no_key_in_card"),
        ("AGE-SECRET-KEY-PQ-1QQQQ", "bad_key"),
        ("academic " * 33, "share_mistyped"),
    ],
)
def test_a_mistyped_card_is_refused_and_makes_no_home(ana: Person, text: str, code: str) -> None:
    assert ana.refused("key", "from-card", ana.file("card", text), "--no-passphrase")["code"] == code
    assert not ana.home.exists()


def test_a_card_is_never_printed_over_another_file(ana: Person, keys: PersonKeys) -> None:
    there = ana.file("there.txt", "mine")
    assert ana.refused("key", "sheet", there)["code"] == "file_exists"
    assert there.read_text() == "mine"


def test_a_second_key_is_refused(ana: Person, keys: PersonKeys) -> None:
    assert ana.refused("key", "new", "--no-passphrase")["code"] == "key_exists"
    assert Home(ana.home).read_key().decode().strip() == keys.secret_key
