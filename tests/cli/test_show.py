"""What a person types and reads: times in a zone, lengths in words, nothing that drives a terminal."""

import pytest

from lastwords.cli import show
from lastwords.cli.errors import Stopped


@pytest.mark.parametrize(
    ("text", "seconds"), [("30d", 2592000), ("6h", 21600), ("90m", 5400), ("45s", 45), ("7", 7), ("0", 0)]
)
def test_a_length_is_typed_with_its_unit(text: str, seconds: int) -> None:
    assert show.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "d", "-1d", "1.5h", "1w", "1 d", "²d", "ten"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(Stopped):
        show.seconds(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(2592000, "30 days"), (108000, "1 day 6 hours"), (61, "1 minute 1 second"), (0, "no time")],
)
def test_a_length_is_shown_exactly(seconds: int, text: str) -> None:
    assert show.length(seconds) == text


def test_a_date_is_shown_with_weekday_time_and_place() -> None:
    assert show.day(1_800_000_000, "Europe/Lisbon") == "Friday 15 January 2027, 08:00 (Lisbon)"
    assert show.day(1_800_000_000, "America/New_York") == "Friday 15 January 2027, 03:00 (New York)"
    assert show.day(None) == "no date yet"


def test_a_time_is_read_in_its_zone() -> None:
    assert show.moment("2027-01-15 08:00", "Europe/Lisbon") == 1_800_000_000
    assert show.moment("2027-01-15 17:00", "Asia/Tokyo") == 1_800_000_000
    assert show.moment("2027-01-15T08:00:00+00:00", "Asia/Tokyo") == 1_800_000_000
    assert show.moment("1800000000", "Asia/Tokyo") == 1_800_000_000


def test_of_a_time_that_comes_twice_the_later_is_meant() -> None:
    # Lisbon, 31 October 2027: 01:30 comes at 00:30 UTC and again at 01:30 UTC.
    assert show.moment("2027-10-31 01:30", "Europe/Lisbon") == 1_824_946_200


def test_a_time_that_the_zone_skips_is_refused() -> None:
    with pytest.raises(Stopped, match="clocks go forward"):
        show.moment("2027-03-28 01:30", "Europe/Lisbon")


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("tomorrow", "UTC"),
        ("2027-02-30 08:00", "UTC"),
        ("2027-01-15 08:00", "Mars/Base"),
        ("2027-01-15 08:00", "../etc/passwd"),
    ],
)
def test_what_is_no_time_is_refused(text: str, zone: str) -> None:
    with pytest.raises(Stopped):
        show.moment(text, zone)


def test_text_of_others_cannot_drive_a_terminal() -> None:
    assert show.fit_for_terminal("a\x1b[2Jb\x9bc\u202ed\n\te") == "a�[2Jb�c�d\n\te"


def test_a_table_is_aligned() -> None:
    assert show.rows([("a", "bb"), ("cccc", "d")], "H", "I") == ["H     I", "a     bb", "cccc  d"]
