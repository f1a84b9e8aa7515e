"""Entries: one strict form inside the seal, nothing guessed, and words for whoever writes a wrong one."""

import dataclasses
import json
from typing import Any

import pytest
from case.made import DAWN, entry, when
from hypothesis import given
from hypothesis import strategies as st

from lastwords.case import sheets
from lastwords.case.entries import (
    KINDS,
    ContactAttempt,
    Decision,
    Document,
    Done,
    Entry,
    Harm,
    Note,
    OnWatch,
    Place,
    Question,
    Result,
    Route,
    Sighting,
    Source,
    Standing,
    Step,
    Task,
    TaskReported,
    TaskTaken,
    Treatment,
    Way,
    What,
    Withdrawal,
    encode,
    plain_entry,
    read,
    read_plain,
)
from lastwords.case.moment import Moment
from lastwords.case.observation import Consciousness, Observation
from lastwords.case.plain import to_bytes
from lastwords.case.refusals import CaseRefused, NotReadable, NotWritable

ONE_OF_EACH: tuple[What, ...] = (
    Harm("poisoned in an ambush", "partial dose of P.19", True),
    ContactAttempt("telephone", "mobile", Result.NO_ANSWER, "rang ten times", Step.CALL),
    Sighting("the cave", "Kakashi", "asleep"),
    Observation(consciousness=Consciousness.UNRESPONSIVE, pulse_per_minute=76),
    Treatment("adrenaline", "1.5", "mg", Route.MUSCLE, "Pakkun", "pulse rises"),
    Place("Suna", Standing.HELP, 2300, when(40, about=True), "the nearest hospital on that side"),
    Document("ward chart", "with Shizune", "ab" * 32),
    Decision("carry him home", "home is nearer than Suna", "Kakashi"),
    Note("His paw is hurt."),
    Question("How much of the poison did he get?"),
    Task("Run for help", Step.ASK_HOSPITAL, "bisuke"),
    TaskTaken(3),
    TaskReported(3, Done.DONE, "They are coming."),
    OnWatch("Hound", True),
    Withdrawal(4),
)


def written(what: What) -> Entry:
    corrects = {"corrects": 2, "why": "slip of the tongue"} if isinstance(what, Withdrawal) else {}
    return entry(what, 1, source=Source(Way.HEARD_FROM, "Bisuke"), **corrects)


def test_there_is_an_example_of_every_kind():
    assert {type(what) for what in ONE_OF_EACH} == set(KINDS.values())


@pytest.mark.parametrize("what", ONE_OF_EACH, ids=lambda what: type(what).__name__)
def test_an_entry_of_every_kind_reads_back_as_it_was_written(what: What):
    made = written(what)
    body = encode(made)
    assert read(body, made.kind, "pakkun") == made
    assert to_bytes(json.loads(body)) == body


@pytest.mark.parametrize("what", ONE_OF_EACH, ids=lambda what: type(what).__name__)
def test_a_field_too_many_or_too_few_is_refused_wherever_it_is(what: What):
    plain = plain_entry(written(what))
    places = [plain, plain["head"], plain["head"]["when"], plain["head"]["source"], plain["what"]]
    for place in places:
        place["colour"] = "red"
        with pytest.raises(NotReadable):
            read_plain(plain)
        del place["colour"]
        for name in list(place):
            kept = place.pop(name)
            with pytest.raises(NotReadable):
                read_plain(plain)
            place[name] = kept
    assert read_plain(plain) == written(what)


def swapped(plain: Any) -> list[Any]:
    """The plain form with each leaf in turn replaced by something of another type."""
    found = []

    def walk(place: Any) -> None:
        for key in list(place) if isinstance(place, dict) else range(len(place)):
            kept = place[key]
            if isinstance(kept, dict | list) and kept:
                walk(kept)
                continue
            for other in ({"a": 1}, ["x"], 1.5, not kept if isinstance(kept, bool) else True):
                if not isinstance(kept, bool) or not isinstance(other, bool):
                    place[key] = other
                    found.append(json.loads(json.dumps(plain)))
            place[key] = kept

    walk(plain)
    return found


@pytest.mark.parametrize("what", ONE_OF_EACH, ids=lambda what: type(what).__name__)
def test_a_leaf_of_another_type_is_refused(what: What):
    forms = swapped(plain_entry(written(what)))
    assert len(forms) > 20
    for form in forms:
        if form["what"].get("oxygen") is True:
            continue  # the one optional yes-or-no: true is a value of its type
        with pytest.raises(CaseRefused):
            read_plain(form)


@given(st.binary(max_size=200))
def test_no_bytes_whatever_make_it_fail_otherwise_than_by_a_refusal(data: bytes):
    for body in (data, b"{" + data):
        try:
            read(body, "note", "pakkun")
        except CaseRefused as refused:
            assert refused.happened and refused.do


def test_a_body_spelled_in_another_way_is_refused():
    body = encode(written(Note("x")))
    with pytest.raises(NotReadable):
        read(body.replace(b":", b": ", 1), "note", "pakkun")
    with pytest.raises(NotReadable):
        read(body + b"\n", "note", "pakkun")


def test_a_row_that_names_another_writer_or_kind_than_the_seal_is_refused():
    body = encode(written(Note("x")))
    for kind, by in (("treatment", "pakkun"), ("note", "bull")):
        with pytest.raises(NotReadable):
            read(body, kind, by)


def test_bare_text_is_no_entry_so_nothing_else_that_was_sealed_can_be_slipped_in_as_one():
    with pytest.raises(NotReadable):
        read(b"academic acid beard romp away necklace epidemic", "note", "pakkun")


def test_a_correction_says_which_entry_and_why_or_neither():
    for more in ({"corrects": 3}, {"why": "slip"}, {"corrects": 0, "why": "slip"}):
        with pytest.raises(NotWritable):
            entry(Note("x"), **more)


def test_a_withdrawal_must_name_the_entry_that_should_not_have_been():
    with pytest.raises(NotWritable):
        entry(Withdrawal())


def test_what_was_heard_names_from_whom_and_own_sight_names_nobody():
    for way, of in ((Way.HEARD_FROM, None), (Way.DOCUMENT, None), (Way.OWN_SIGHT, "Bull")):
        with pytest.raises(NotWritable):
            Source(way, of)


@pytest.mark.parametrize(
    "amount", ["0", "0.0", "1,5", "1.50000", "-1", "1e3", "01", ".5", "1.", "١", "12345678"]
)
def test_a_dose_is_a_plain_decimal_above_nothing(amount: str):
    with pytest.raises(NotWritable):
        Treatment("adrenaline", amount, "mg")


def test_a_dose_without_unit_or_a_unit_without_dose_is_refused():
    for amount, unit in (("1.5", None), (None, "mg")):
        with pytest.raises(NotWritable):
            Treatment("adrenaline", amount, unit)


@pytest.mark.parametrize("text", ["", "  \n", "a\x00b", "1.5 \u202emg", "\ud800", "x" * 4001])
def test_a_text_that_is_empty_endless_or_hides_something_is_refused(text: str):
    with pytest.raises(NotWritable):
        Note(text)


def test_a_moment_needs_a_year_of_this_age_and_a_zone_that_exists():
    for at, zone in (
        (0, "UTC"),
        (9_999_999_999, "UTC"),
        (DAWN, "Konoha/Tower"),
        (DAWN, "../etc"),
        (DAWN, ""),
    ):
        with pytest.raises(NotWritable):
            Moment(at, zone)


def test_a_person_is_not_away_from_where_they_are():
    with pytest.raises(NotWritable):
        Place("the bed", Standing.HERE, 10)


SHEETS = (
    sheets.MedicalSheet(
        filled_in=when(-24),
        born="1995-05-26",
        sex=sheets.Sex.MALE,
        pregnant=False,
        allergies=sheets.Listed(sheets.Said.LISTED, ("penicillin: rash",)),
        medicines=sheets.Listed(sheets.Said.NONE_KNOWN),
        wishes=(sheets.WishesDocument("organ donor card", "in his purse"),),
    ),
    sheets.FindMe(
        filled_in=when(-24),
        looks="a scar across the nose, brown hair tied up",
        ask=(sheets.Someone("Teuchi", "at the ramen stand"),),
    ),
    sheets.TripNotes(
        filled_in=when(-24),
        back=when(96),
        party=("Iruka", "Kakashi"),
        route=(sheets.Leg("the pass", when(4)),),
        places_of_help=(sheets.PlaceOfHelp("home", 18 * 60, "the pass"),),
        to_call=(sheets.ToCall(sheets.Someone("Tsunade", "the tower"), when(100), "They are two."),),
    ),
)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: type(sheet).__name__)
def test_a_sheet_reads_back_as_it_was_filled_in_and_refuses_what_it_does_not_know(sheet: sheets.Sheet):
    data = sheets.encode(sheet)
    assert sheets.read(data) == sheet
    plain = json.loads(data)
    plain["what"]["blood"] = "A"
    with pytest.raises(NotReadable):
        sheets.read(to_bytes(plain))


def test_a_sheet_that_nobody_could_open_again_is_refused_when_it_is_written():
    """The fault: a history of forty pages was sealed, and told to be, and no keeper could have read it."""
    pages = tuple("x" * 4000 for _ in range(40))
    sheet = sheets.MedicalSheet(when(0), conditions=sheets.Listed(sheets.Said.LISTED, pages))
    with pytest.raises(NotWritable, match="nobody could open it"):
        sheets.encode(sheet)
    least = sheets.MedicalSheet(when(0), conditions=sheets.Listed(sheets.Said.LISTED, pages[:16]))
    assert sheets.read(sheets.encode(least)) == least


def test_an_empty_list_is_never_mistaken_for_none_known():
    assert sheets.Listed().said is sheets.Said.NOT_STATED
    for said, items in ((sheets.Said.LISTED, ()), (sheets.Said.NONE_KNOWN, ("dust",))):
        with pytest.raises(NotWritable):
            sheets.Listed(said, items)


def test_a_date_of_birth_is_a_day_that_was():
    for born in ("1995-02-30", "95-05-26", "26.5.1995", "1700-01-01"):
        with pytest.raises(NotWritable):
            dataclasses.replace(SHEETS[0], born=born)


def test_a_trip_ends_after_its_notes_were_filled_in_and_somebody_goes():
    for more in ({"back": when(-48)}, {"party": ()}):
        with pytest.raises(NotWritable):
            dataclasses.replace(SHEETS[2], **more)
