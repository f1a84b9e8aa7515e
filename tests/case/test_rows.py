"""Rows: what a host lists becomes facts once, however often an entry was sealed again for somebody called later."""

import dataclasses

from case.cave import handover
from case.made import DAWN, entry

from lastwords.case.entries import Note, Treatment, encode
from lastwords.case.report import compose
from lastwords.case.rows import Listed, rows_of
from lastwords.case.text import as_text

GAVE = entry(Treatment("adrenaline", "1.5", "mg"), by="pakkun")
FIRST = Listed(1, "treatment", "pakkun", DAWN, False, None, encode(GAVE))
COPY = dataclasses.replace(FIRST, number=2, by="bull", at=DAWN + 60, about=1)
COPY_OF_COPY = dataclasses.replace(COPY, number=3, by="shizune", about=2)


def closed(row: Listed) -> Listed:
    return dataclasses.replace(row, body=None)


def test_whoever_opens_the_original_sees_it_alone():
    found = rows_of((FIRST, COPY, COPY_OF_COPY), "UTC")
    assert [(row.number, row.entry, row.passed_on_by) for row in found] == [(1, GAVE, None)]


def test_whoever_opens_only_a_copy_sees_it_in_the_originals_place_with_who_passed_it_on():
    for rows in ((closed(FIRST), COPY), (closed(FIRST), COPY, COPY_OF_COPY)):
        found = rows_of(rows, "UTC")
        assert [(row.number, row.by, row.at, row.entry, row.passed_on_by) for row in found] == [
            (1, "pakkun", DAWN, GAVE, "bull")
        ]


def test_a_dose_is_not_counted_twice_by_being_passed_on():
    for first in (FIRST, closed(FIRST)):
        found = rows_of((first, COPY), "UTC")
        report = as_text(compose(handover(rows=found, people=())))
        assert "adrenaline 1.5 mg, route not written down, once" in report
    assert "pakkun, passed on by bull" in report


def test_a_copy_that_says_something_else_than_the_original_is_named_and_never_taken_for_it():
    forged = dataclasses.replace(COPY, body=encode(entry(Treatment("adrenaline", "15", "mg"), by="pakkun")))
    found = rows_of((FIRST, forged), "UTC")
    assert found[0].entry == GAVE
    assert found[1].entry is None and "another writer" in str(found[1].trouble)
    second = rows_of((closed(FIRST), COPY, dataclasses.replace(forged, number=3)), "UTC")
    assert second[0].entry == GAVE
    assert second[1].trouble is not None


def test_an_entry_of_ones_own_about_a_closed_one_is_no_copy_of_it():
    own = dataclasses.replace(COPY, body=encode(entry(Treatment("A.19"), by="bull")))
    found = rows_of((closed(FIRST), own), "UTC")
    assert [row.number for row in found] == [1, 2]
    assert found[1].by == "bull"


def test_a_text_sealed_again_is_told_once_to_those_who_read_the_first_and_as_the_copiers_to_others():
    first = Listed(1, "note", "pakkun", DAWN, False, None, b"He breathes.")
    again = dataclasses.replace(first, number=2, by="bull", about=1)
    assert [row.number for row in rows_of((first, again), "UTC")] == [1]
    found = rows_of((closed(first), again), "UTC")
    assert found[1].entry is not None
    assert (found[1].entry.what, found[1].entry.head.by) == (Note("He breathes."), "bull")


def test_what_cannot_be_read_is_kept_with_the_reason_and_what_does_not_open_without_one():
    broken = dataclasses.replace(FIRST, kind="note")
    found = rows_of((broken, closed(dataclasses.replace(COPY, about=None))), "UTC")
    assert (found[0].entry, bool(found[0].trouble)) == (None, True)
    assert (found[1].entry, found[1].trouble) == (None, None)
