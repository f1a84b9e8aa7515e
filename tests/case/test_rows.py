"""Rows: what a host lists becomes facts once, however often an entry was sealed again for somebody called later."""

import dataclasses

from case.cave import handover
from case.made import DAWN, entry

from lastwords.case.entries import Treatment, encode
from lastwords.case.report import compose
from lastwords.case.rows import Listed, rows_of
from lastwords.case.state import fold
from lastwords.case.text import as_text

GAVE = entry(Treatment("adrenaline", "1.5", "mg"), by="pakkun")
FIRST = Listed(1, "treatment", "pakkun", DAWN, False, None, encode(GAVE))
COPY = dataclasses.replace(FIRST, number=2, by="bull", at=DAWN + 60, about=1)
COPY_OF_COPY = dataclasses.replace(COPY, number=3, by="shizune", about=2)


def closed(row: Listed) -> Listed:
    return dataclasses.replace(row, body=None)


def test_whoever_opens_the_original_sees_it_alone():
    found = rows_of((FIRST, COPY, COPY_OF_COPY))
    assert [(row.number, row.entry, row.passed_on_by) for row in found] == [(1, GAVE, None)]


def test_whoever_opens_only_a_copy_sees_it_in_the_originals_place_with_who_passed_it_on():
    for rows in ((closed(FIRST), COPY), (closed(FIRST), COPY, COPY_OF_COPY)):
        found = rows_of(rows)
        assert [(row.number, row.by, row.at, row.entry, row.passed_on_by) for row in found] == [
            (1, "pakkun", DAWN, GAVE, "bull")
        ]


def test_a_dose_is_not_counted_twice_by_being_passed_on():
    for first in (FIRST, closed(FIRST)):
        found = rows_of((first, COPY))
        report = as_text(compose(handover(rows=found, people=())))
        assert "adrenaline 1.5 mg, route not written down, once" in report
    assert "pakkun, passed on by bull" in report


def test_a_copy_that_says_something_else_than_the_original_is_named_and_never_taken_for_it():
    forged = dataclasses.replace(COPY, body=encode(entry(Treatment("adrenaline", "15", "mg"), by="pakkun")))
    found = rows_of((FIRST, forged))
    assert found[0].entry == GAVE
    assert found[1].entry is None and "another writer" in str(found[1].trouble)
    second = rows_of((closed(FIRST), COPY, dataclasses.replace(forged, number=3)))
    assert second[0].entry == GAVE
    assert second[1].trouble is not None


def test_an_entry_of_ones_own_about_a_closed_one_is_no_copy_of_it():
    own = dataclasses.replace(COPY, body=encode(entry(Treatment("A.19"), by="bull")))
    found = rows_of((closed(FIRST), own))
    assert [row.number for row in found] == [1, 2]
    assert found[1].by == "bull"


def test_a_writer_who_passes_on_their_own_entry_makes_no_second_one():
    own = dataclasses.replace(COPY, by="pakkun")
    assert [row.number for row in rows_of((closed(FIRST), own))] == [1]


def test_a_correction_of_a_closed_entry_by_its_own_writer_is_no_copy_of_it():
    right = entry(Treatment("A.12"), by="pakkun", corrects=1, why="a slip")
    found = rows_of((closed(FIRST), dataclasses.replace(COPY, by="pakkun", body=encode(right))))
    assert [(row.number, row.entry) for row in found] == [(1, None), (2, right)]


def test_a_correction_reaches_the_error_that_was_passed_on():
    right = encode(entry(Treatment("A.12"), by="bull", corrects=1, why="a slip"))
    correction = Listed(3, "treatment", "bull", DAWN, False, 1, right)
    state = fold(rows_of((closed(FIRST), COPY, correction)), DAWN)
    assert [fact.number for fact in state.treatments] == [3]


def test_what_does_not_fit_is_kept_with_its_reason():
    bad = dataclasses.replace(closed(FIRST), trouble="its signature is not that of pakkun")
    assert rows_of((bad,))[0].trouble == "its signature is not that of pakkun"


def test_what_cannot_be_read_is_kept_with_the_reason_and_what_does_not_open_without_one():
    broken = dataclasses.replace(FIRST, kind="note")
    found = rows_of((broken, closed(dataclasses.replace(COPY, about=None))))
    assert (found[0].entry, bool(found[0].trouble)) == (None, True)
    assert (found[1].entry, found[1].trouble) == (None, None)
