"""The log: every flip, drop, swap, cut and silent erasure of a row is found, and nothing is found that is not there."""

import dataclasses
import hashlib
import json
import random

import pytest

from lastwords.server import log
from lastwords.server.log import Row, beginning, erasures, follow, verify
from lastwords.server.port import Head

NAME = "author:iruka"


def a_log(length, name=NAME):
    head, rows = beginning(name), []
    for number in range(length):
        entry = follow(head, {"event": "check_in", "at": [number, number]}, number.to_bytes(16, "big"))
        rows.append(Row(entry.number, entry.body, entry.salt, entry.commitment, entry.link))
        head = Head(entry.number, entry.link)
    return rows, head


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_an_untouched_log_is_whole_and_ends_at_its_head():
    rows, head = a_log(50)
    verdict = verify(NAME, rows, {}, head)
    assert verdict.whole and verdict.head == head and verdict.rows == 50


def test_an_empty_log_is_whole():
    assert verify(NAME, [], {}).whole


@pytest.mark.parametrize("part", ["body", "salt", "commitment", "link"])
def test_every_flipped_byte_of_a_row_is_found(part):
    rows, _ = a_log(3)
    for at in range(len(getattr(rows[1], part))):
        changed = [*rows]
        changed[1] = dataclasses.replace(rows[1], **{part: flipped(getattr(rows[1], part), at)})
        assert not verify(NAME, changed, {}).whole, f"byte {at} of {part}"


def test_a_dropped_row_is_found():
    rows, _ = a_log(20)
    for gone in range(len(rows) - 1):
        assert not verify(NAME, rows[:gone] + rows[gone + 1 :], {}).whole


def test_two_swapped_rows_are_found():
    rows, _ = a_log(20)
    for first in range(len(rows) - 1):
        changed = [*rows]
        changed[first], changed[first + 1] = rows[first + 1], rows[first]
        assert not verify(NAME, changed, {}).whole


def test_a_cut_end_is_found_by_whoever_saw_the_head():
    rows, head = a_log(20)
    for length in range(20):
        assert not verify(NAME, rows[:length], {}, head).whole
    assert verify(NAME, rows[:10], {}).whole, "without a witness a cut end looks like an earlier log"


def test_a_log_that_grew_still_contains_the_head_that_was_seen():
    rows, _ = a_log(20)
    assert verify(NAME, rows, {}, Head(rows[9].number, rows[9].link)).whole


def test_a_fork_is_found_by_whoever_saw_the_other_side():
    rows, head = a_log(20)
    fork = rows[:15]
    end = Head(fork[-1].number, fork[-1].link)
    for _ in range(10):
        entry = follow(end, {"event": "alarm"}, b"0" * 16)
        fork.append(Row(entry.number, entry.body, entry.salt, entry.commitment, entry.link))
        end = Head(entry.number, entry.link)
    assert verify(NAME, fork, {}).whole
    assert not verify(NAME, fork, {}, head).whole


def test_rows_of_another_authors_log_do_not_verify_here():
    rows, _ = a_log(5, "author:kakashi")
    assert not verify(NAME, rows, {}).whole


def test_an_erased_row_is_reported_and_only_its_reason_excuses_it():
    rows, head = a_log(5)
    rows[2] = dataclasses.replace(rows[2], body=None, salt=None)
    without = verify(NAME, rows, {}, head)
    with_reason = verify(NAME, rows, {3: "asked by the author"}, head)
    assert without.faults == ("row 3 was erased without a reason",)
    assert with_reason.whole and with_reason.erased == (3,)


def test_reasons_for_erasures_are_read_from_the_hosts_log():
    entry = follow(
        beginning(log.HOST_LOG), {"kind": "erased", "log": NAME, "row": 3, "reason": "asked"}, b"0" * 16
    )
    assert erasures([Row(entry.number, entry.body, entry.salt, entry.commitment, entry.link)]) == {
        NAME: {3: "asked"}
    }


def test_ten_thousand_rows_with_random_tampering_raise_no_false_alarm_and_miss_nothing(figure):
    """A planted change in each of many copies; the untouched log between them stays whole."""
    rows, head = a_log(10_000)
    assert verify(NAME, rows, {}, head).whole
    dice = random.Random(7)
    found = 0
    for _ in range(20):
        at = dice.randrange(len(rows))
        changed = [*rows]
        part = dice.choice(["body", "salt", "commitment", "link"])
        value = getattr(rows[at], part)
        changed[at] = dataclasses.replace(rows[at], **{part: flipped(value, dice.randrange(len(value)))})
        found += not verify(NAME, changed, {}, head).whole
    assert found == 20
    figure("log of 10,000 rows: 20 of 20 random flips found, 0 false alarms")


def test_a_chain_that_did_not_hold_its_order_would_be_found_out():
    """Links made without the one before: each row verifies alone, and two can be swapped unseen by such a check."""

    def loose_verify(rows):
        return all(log.commitment(row.salt, row.body) == row.commitment for row in rows)

    rows, head = a_log(5)
    swapped = [rows[0], rows[2], rows[1], *rows[3:]]
    assert loose_verify(swapped) and not verify(NAME, swapped, {}, head).whole


def test_the_format_is_the_one_that_is_written_down():
    """The page about the log, followed by hand with nothing but SHA-256 and JSON."""
    before = hashlib.sha256(b"lastwords/v1/log\x00author:iruka").digest()
    (row, *_), _ = a_log(1)
    assert json.loads(row.body) == {"event": "check_in", "at": [0, 0], "number": 1}
    assert row.commitment == hashlib.sha256(row.salt + row.body).digest()
    assert row.link == hashlib.sha256(before + row.commitment + b"\0\0\0\0\0\0\0\1").digest()
