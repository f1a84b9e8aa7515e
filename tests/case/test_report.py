"""The handover report: the fifteenth hour of the cave line by line, and what must never be in a report."""

import dataclasses
import random
from typing import Any

import pytest
from case.cave import PATCH, SHEET, handover, night, rows
from case.made import DAWN, HOUR, ZONE, observation, plain_handover, read_handover, row, vectors, when
from case.write_vectors import REPORTS

from lastwords.case.entries import (
    Decision,
    Done,
    Note,
    OnWatch,
    Place,
    Question,
    Sighting,
    Standing,
    Task,
    TaskReported,
    TaskTaken,
    Treatment,
    Withdrawal,
)
from lastwords.case.fhir import bundle
from lastwords.case.handover import Handover, Report
from lastwords.case.moment import Moment, ago
from lastwords.case.report import compose
from lastwords.case.state import Logged
from lastwords.case.text import PAGE_BREAK, as_text

FIRST_PAGE = """\
Handover report: Iruka Umino
============================
Case 3, opened Wed 4 Mar 2026, 10:00.
Made Thu 5 Mar 2026, 00:00, by Shizune. All times are Asia/Tokyo (UTC+09:00).
Written by the people who were there, who need not be clinicians. Numbers in
brackets are entries of the timeline. It holds no words of the author for
anybody.

A  Age              30 years, male
T  Time             about 15 h ago (about Wed 4 Mar 2026, 09:00) [1]
M  Mechanism        poisoned in an ambush [1]
I  Injuries, illness suspected partial dose of P.19 [1]
S  Signs            unconscious for at least 14 h [5, 15]
                    just now: breathing 5/min, pulse 76/min [15]
T  Treatment        patch of A.12, on the skin, once, 14 h ago [6]
                    adrenaline 1.5 mg, into a muscle, twice, the second about
                    5 h ago [7, 11]
                    not “patch of P.12”: called P.12 in the spoken report; the
                    log of the first hour says A.12 [13, 14]

Current state
-------------
Consciousness       unresponsive (U), just now (5 Mar 00:00), Shizune [15]
Breathing           5/min, just now (5 Mar 00:00), Shizune [15]
Pulse               76/min, just now (5 Mar 00:00), Shizune [15]
Where               Tsunade's desk, the tower, just now (5 Mar 00:00), Shizune
                    [12]
Never observed: SpO2, blood pressure, temperature, pupils, pain.

NEWS2: not computed. The oxygen saturation is missing; whether oxygen was
given is missing; the systolic blood pressure is missing; the temperature is
missing.
The score advises nothing here. Whoever is worried calls the emergency
services, whatever it says.

What the author wrote ahead
---------------------------
Allergies           none known
Medicines           none daily; headache powder when needed
Conditions          not stated
Devices             none known
Wishes documents    treatment wishes: lies with Tsunade, sealed folder 3
Source              the author's own medical sheet, filled in 23 Jan 2026
"""


def text(given: Handover) -> str:
    return as_text(compose(given))


def pages(given: Handover) -> list[str]:
    return text(given).split(f"\n{PAGE_BREAK}\n")


def remarks(report: Report, letter_or_label: str) -> list[str]:
    line = next(one for one in (*report.atmist, *report.ahead) if one.label == letter_or_label)
    return [str(one) for one in line.said]


def with_rows(*more: Logged, **changed: Any) -> Handover:
    return handover(rows=(*rows(), *more), **changed)


def test_the_first_page_of_the_fifteenth_hour_reads_line_by_line():
    assert pages(handover())[0].rstrip("\n").split("\n") == FIRST_PAGE.rstrip("\n").split("\n")


def test_the_timeline_of_the_fifteenth_hour_shows_the_slip_struck_out_and_its_correction():
    page = " ".join(pages(handover())[1].split())
    assert (
        "[13] ~4 Mar 10:00 Struck out, corrected by entry 14: Treatment: patch of P.12, on the skin" in page
    )
    assert "(Shizune, heard from Hound, at the window)" in page
    assert (
        "[14] 5 Mar 00:00 Correction: Corrects 13: strikes it out; entry 6 says it right. "
        "Why: called P.12 in the spoken report; the log of the first hour says A.12 (Bull)"
    ) in page


def test_without_the_correction_the_slip_stands_beside_the_log_and_nothing_hides_that_they_differ():
    report = compose(handover(rows=tuple(one for one in rows() if one.number != 14)))
    given = remarks(report, "Treatment")
    assert "patch of A.12, on the skin, once, 14 h ago [6]" in given
    assert "patch of P.12, on the skin, once, about 14 h ago [13]" in given


def test_the_last_page_asks_names_the_people_and_tells_how_to_verify():
    page = pages(handover())[2]
    assert "- How large was the part of the dose that he got? [16]" in page
    assert "- Task not reported yet (taken by Bisuke): Run for help [8]" in page
    assert "- No dose is written down for patch of A.12 [6]" in page
    assert "- The medical sheet states no conditions, not even that there are none." in page
    assert "Shizune: alternate, called; the tower, second floor" in page
    assert "row 57" in page and "01234567 89abcdef" in page and "lastwords log show iruka" in page


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_of_the_vectors_comes_out_as_written(name: str):
    held = vectors(name)
    given = read_handover(held["given"])
    assert given == REPORTS[name]
    assert plain_handover(given) == held["given"]
    assert text(given).split("\n") == held["text"]
    assert bundle(given) == held["bundle"]


def test_a_report_is_the_same_in_whatever_order_the_rows_come():
    shuffled = list(night().rows)
    random.Random(7).shuffle(shuffled)
    assert text(dataclasses.replace(night(), rows=tuple(shuffled))) == text(night())


SECRETS = (
    Note("kept from him: alpha"),
    Decision("kept from him: beta", "kept from him: gamma", "Bull"),
    Question("kept from him: delta"),
    Task("kept from him: epsilon", for_whom="kept from him: zeta"),
    Sighting("kept from him: eta", "kept from him: theta"),
    OnWatch("kept from him: iota", True),
    TaskTaken(8, "kept from him: kappa"),
    TaskReported(8, Done.NOT_DONE, "kept from him: lambda"),
)


def test_nothing_of_what_only_keepers_may_read_is_told_in_any_form():
    why = {"why": "kept from him: mu", "corrects": 3}
    hidden = [row(30 + n, what, 14, keepers_only=True, **why) for n, what in enumerate(SECRETS)]
    given = with_rows(*hidden)
    for form in (text(given), repr(compose(given)), repr(bundle(given))):
        assert "kept from him" not in form
        assert "wept" not in form


def test_the_same_rows_are_told_when_the_keeper_asks_for_them():
    hidden = [row(30 + n, what, 14, keepers_only=True) for n, what in enumerate(SECRETS)]
    told = text(with_rows(*hidden, with_keepers_only=True))
    assert "wept" in told
    assert {"alpha", "beta", "delta", "epsilon", "eta", "iota"} <= set(
        told.replace(",", " ").replace(".", " ").split()
    )


def test_what_is_clinical_is_told_whoever_it_was_sealed_to():
    given = with_rows(row(30, Treatment("sedative", "2", "ml"), 14, keepers_only=True))
    assert any("sedative 2 ml" in one for one in remarks(compose(given), "Treatment"))


def test_a_correction_that_only_keepers_may_read_still_takes_the_error_away_without_telling_why():
    given = with_rows(
        row(30, Note("it was nothing"), 14, keepers_only=True, corrects=6, why="a private reason")
    )
    told = remarks(compose(given), "Treatment")
    assert not any(one.startswith("patch of A.12") for one in told)
    assert "not “patch of A.12”: corrected; ask the keepers [6, 30]" in told
    assert "a private reason" not in text(given)


def test_an_answer_and_a_report_that_only_keepers_may_read_close_what_they_close():
    given = with_rows(
        row(30, Note("half of it"), 15, keepers_only=True, answers=16),
        row(31, TaskReported(8, Done.DONE, "they come"), 15, keepers_only=True),
    )
    told = pages(given)[2]
    assert "How large was" not in told
    assert "Run for help" not in told
    assert "half of it" not in text(given)


def test_what_was_done_to_another_person_is_in_the_timeline_and_on_no_other_page():
    first, second, _ = pages(handover())
    assert "About Kakashi: A.19, given by Iruka" in second
    assert "A.19" not in first


def test_an_entry_that_cannot_be_read_is_named_and_one_sealed_to_others_is_left_out():
    given = with_rows(
        Logged(30, "bull", DAWN, False, None, "its kind is not known"), Logged(31, "bull", DAWN, True, None)
    )
    assert "[30]" in pages(given)[1]
    assert "Entry 30 by bull cannot be read: its kind is not known" in pages(given)[2]
    assert "31" not in pages(given)[1]


def test_without_a_medical_sheet_nothing_is_shown_as_none():
    report = compose(handover(sheet=None))
    for label in ("Allergies", "Medicines", "Conditions", "Devices", "Wishes documents"):
        assert remarks(report, label) == ["not stated"]
    assert remarks(report, "Age") == ["age not stated"]
    assert "nobody has stated them" in text(handover(sheet=None))


def test_an_empty_case_gives_a_report_that_says_so():
    report = compose(handover(rows=(), people=(), log=None, sheet=None))
    for label in ("Time", "Mechanism", "Injuries, illness", "Signs", "Treatment"):
        assert remarks(report, label) == ["not written down"]
    assert "cannot be checked" in report.verify[-1]
    assert "Nothing was measured." in as_text(report)


def test_signs_that_are_not_new_say_how_old_they_are():
    report = compose(with_rows(row(30, observation({"temperature_tenths": 361}), 13)))
    assert remarks(report, "Signs")[-1] == "2 h ago: temperature 36.1 °C [30]"


def test_who_woke_again_was_unconscious_and_who_never_slept_was_not():
    assert (
        remarks(compose(night()), "Signs")[0]
        == "was unconscious for at least 21 h, last seen so 11 h ago [5, 23]"
    )
    awake = compose(handover(rows=(row(1, observation({"consciousness": "A"}), 15),)))
    assert remarks(awake, "Signs") == ["just now: alert [1]"]


def test_another_dose_route_or_substance_is_another_line():
    gave = [("1.5", "mg"), ("1.5", "mg"), ("0.5", "mg"), ("1.5", "ml")]
    report = compose(
        handover(rows=tuple(row(n, Treatment("adrenaline", *how), n) for n, how in enumerate(gave, 1)))
    )
    told = remarks(report, "Treatment")
    assert [one.split(",")[0] for one in told] == [
        "adrenaline 1.5 mg",
        "adrenaline 0.5 mg",
        "adrenaline 1.5 ml",
    ]
    assert "twice, the second 13 h ago [1, 2]" in told[0]


def test_where_they_are_follows_the_arrival_and_the_way_there_is_shown_until_then():
    way = row(1, Place("the tower", Standing.ON_THE_WAY, 600, when(15, about=True)), 5)
    state = {one.sign: one.value for one in compose(handover(rows=(way,), made=when(6))).state}
    assert state == {"On the way to": "the tower, arrives about Thu 5 Mar 2026, 00:00"}
    there = compose(handover(rows=(way, row(2, Place("the tower", Standing.HERE), 15))))
    assert {one.sign: one.value for one in there.state} == {"Where": "the tower"}


def test_the_score_is_shown_with_its_seven_parts_its_credit_and_no_advice_but_one():
    score = compose(night()).score
    assert score.sentence == "NEWS2: 0 in all, from entry 25 (5 Mar 18:00)."
    assert len(score.parts) == 7
    assert any("Royal College of Physicians" in one for one in score.notes)
    later = compose(dataclasses.replace(night(), rows=(*night().rows, row(40, observation({"pain": 3}), 33))))
    assert "Later observations were not complete enough" in later.score.sentence


def test_the_trend_and_its_table_say_the_same():
    trend = compose(night()).trend
    drawn = {(one.number, each.name.lower(), one.shown) for each in trend.series for one in each.points}
    listed = {
        (int(line[-1]), name.lower(), cell)
        for line in trend.rows
        for name, cell in zip(trend.head[1:-1], line[1:-1], strict=True)
        if cell
    }
    assert drawn == listed
    assert len(trend.marks) == 4


def test_a_withdrawn_treatment_leaves_the_trend_too():
    given = with_rows(row(30, Withdrawal(), 15, corrects=7, why="never given"))
    assert [one.text for one in compose(given).trend.marks] == ["patch of A.12", "adrenaline 1.5 mg"]


def test_times_are_all_of_one_zone_whatever_zone_an_entry_was_written_in():
    elsewhere = dataclasses.replace(rows()[6], entry=dataclasses.replace(
        rows()[6].entry, head=dataclasses.replace(rows()[6].entry.head, when=Moment(DAWN + HOUR, "Europe/Lisbon"))
    ))  # fmt: skip
    given = handover(rows=tuple(elsewhere if one.number == 7 else one for one in rows()))
    assert text(given) == text(handover())


@pytest.mark.parametrize(
    ("seconds", "about", "said"),
    [
        (30, False, "just now"),
        (59 * 60, False, "59 min ago"),
        (2 * HOUR + 600, False, "2 h 10 min ago"),
        (2 * HOUR + 600, True, "about 2 h ago"),
        (4 * HOUR + 1800, True, "about 5 h ago"),
        (47 * HOUR, False, "47 h ago"),
        (50 * HOUR, False, "2 days 2 h ago"),
        (-2 * HOUR, True, "about in 2 h"),
    ],
)
def test_how_long_ago_is_said_as_people_say_it(seconds: int, about: bool, said: str):
    assert ago(Moment(DAWN, ZONE, about), DAWN + seconds) == said


def test_the_text_fits_a_terminal_and_has_three_pages():
    for given in (handover(), night(), handover(sheet=None)):
        assert max(map(len, text(given).split("\n"))) <= 78
        assert len(pages(given)) == 3


def test_a_patch_without_dose_and_an_adrenaline_without_route_are_open_questions():
    given = handover(rows=(row(1, PATCH), row(2, Treatment("adrenaline", "1.5", "mg"))), sheet=SHEET)
    assert "No dose is written down for patch of A.12 [1]" in text(given)
    assert "No route is written down for adrenaline [2]" in text(given)


def test_a_long_watch_shows_its_newest_observations_as_a_trend_and_says_so():
    looks = [row(100 + n, observation({"pulse_per_minute": 60 + n % 40}), 15 + n) for n in range(60)]
    report = compose(with_rows(*looks, made=when(80)))
    assert len(report.trend.rows) == 40
    assert report.trend.rows[-1][-1] == "159"
    assert report.trend.note == "These are the newest 40 of 62 observations; the timeline has them all."
    assert report.trend.marks == ()
    assert len(report.events) == 60 + len(compose(handover()).events)
    assert compose(handover()).trend.note == ""
