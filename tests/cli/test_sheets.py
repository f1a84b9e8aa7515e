"""Find me, medical, and the notes of a trip: sealed ahead, read by keepers while a case is open, by nobody else."""

import pytest
from cli.conftest import Cave

from lastwords.case.moment import Moment
from lastwords.case.sheets import SHEETS, FindMe, MedicalSheet, Said, TripNotes
from lastwords.cli.forms import BLANK, lines, read
from lastwords.sealing.person import PersonKeys

FORM = """
looks = "1.78 m, a scar across the nose"
places = ["Ichiraku, most evenings"]
[[ask]]
name = "Teuchi"
reach = "at the ramen shop"
"""
NOTES = """
party = ["Iruka", "Kakashi"]
gear = ["one antidote"]
[[places_of_help]]
name = "the hospital"
minutes_away = 1080
counted_from = "the cave"
[[to_call]]
from_when = "2199-01-01 18:00"
whom = { name = "Tsunade", reach = "by toad" }
"""


def written(cave: Cave) -> list[str]:
    answer = cave.iruka.does("find-me", "write", cave.iruka.file("find.toml", FORM))
    return list(answer["sealed_to"])


def test_a_find_me_sheet_is_read_by_a_keeper_only_while_a_case_is_open(cave: Cave) -> None:
    assert written(cave) == ["bisuke", "bull", "pakkun", "ully"]
    pakkun = cave.keepers["pakkun"]
    assert pakkun.refused("case", "iruka", "find-me")["code"] == "no_sheet"
    pakkun.does("alarm", "iruka")
    sheet = pakkun.does("case", "iruka", "find-me")["what"]
    assert (sheet["looks"], sheet["ask"][0]["name"]) == ("1.78 m, a scar across the nose", "Teuchi")
    cave.place.hand_over("iruka")
    cave.iruka.does("here")
    cave.place.hand_over("iruka")
    for name in ("pakkun", "bisuke", "bull"):
        cave.keepers[name].does("case", "iruka", "sign", "home")
    assert pakkun.refused("case", "iruka", "find-me")["code"] == "no_sheet"


def test_the_author_reads_their_own_sheet_at_any_time(cave: Cave) -> None:
    written(cave)
    assert cave.iruka.does("find-me", "show")["what"]["places"] == ["Ichiraku, most evenings"]
    assert "Places:" in cave.iruka.types("find-me", "show").stdout


def test_the_host_holds_no_line_of_a_sheet(cave: Cave) -> None:
    written(cave)
    stored = b"".join(path.read_bytes() for path in cave.place.house.data.rglob("*") if path.is_file())
    assert b"Ichiraku" not in stored and b"Teuchi" not in stored


def test_a_sheet_cannot_be_replaced_while_a_case_is_open(cave: Cave) -> None:
    """A stranger with the author's phone must not send the keepers the wrong way."""
    written(cave)
    cave.keepers["pakkun"].does("alarm", "iruka")
    other = cave.iruka.file("other.toml", 'looks = "a fox"')
    assert cave.iruka.refused("find-me", "write", other)["code"] == "terms_frozen"
    assert cave.keepers["bull"].does("case", "iruka", "find-me")["what"]["looks"] != "a fox"


def test_a_sheet_that_the_author_did_not_sign_is_not_opened(cave: Cave) -> None:
    """The fault: the host puts a sheet of its own in the author's place, sealed to the keeper."""
    from lastwords.sealing import age
    from lastwords.server.models import Paper
    from lastwords.server.models import Person as Row

    written(cave)
    cave.keepers["pakkun"].does("alarm", "iruka")
    false = age.seal_bytes(b"look in the river", [Row.objects.get(handle="pakkun").public_key])
    Paper.objects.filter(watch_id="iruka", kind="sheet").update(body=false)
    assert cave.keepers["pakkun"].refused("case", "iruka", "find-me")["code"] == "another_sheet"


def test_a_sheet_is_not_sealed_to_a_key_that_only_the_host_shows(cave: Cave) -> None:
    """The fault: the host shows a key of its own for a keeper; the pinned one is used, or nothing."""
    from lastwords.server.models import Paper
    from lastwords.server.models import Person as Row

    false = PersonKeys.new()
    Row.objects.filter(handle="bull").update(public_key=false.public_key)
    written(cave)
    from lastwords.sealing import age
    from lastwords.sealing.refusals import SealedFileRefused

    body = bytes(Paper.objects.get(watch_id="iruka", kind="sheet").body)
    with pytest.raises(SealedFileRefused):
        age.open_bytes(body, [false.secret_key])


def test_a_keeper_who_joined_after_the_sealing_is_told_why_they_cannot_read_it(cave: Cave) -> None:
    written(cave)
    urushi = cave.place.keeper(cave.iruka, "urushi")
    cave.keepers["pakkun"].does("alarm", "iruka")
    assert urushi.refused("case", "iruka", "find-me")["code"] == "not_sealed_to_you"


def test_an_overdue_trip_is_an_alarm_and_opens_its_notes(cave: Cave) -> None:
    notes = cave.iruka.file("notes.toml", NOTES)
    back = cave.place.house.now().wall + 2 * 86400
    trip = cave.iruka.does("trip", "--back", str(back), "--extra", "6h", "--notes", notes)
    assert trip["notes_sealed_to"] == ["bisuke", "bull", "pakkun", "ully"]
    assert cave.keepers["pakkun"].refused("case", "iruka", "trip-notes")["code"] == "no_sheet"
    cave.place.pass_time("iruka", 2 * 86400 + 6 * 3600)
    watch = cave.place.watch("iruka")
    assert (watch.stage, watch.case.cause if watch.case else None) == ("late", "trip")
    seen = cave.keepers["pakkun"].does("case", "iruka", "trip-notes")["what"]
    assert seen["party"] == ["Iruka", "Kakashi"] and seen["back"]["at"] == back
    assert seen["places_of_help"][0]["minutes_away"] == 18 * 60
    assert seen["to_call"][0]["whom"]["name"] == "Tsunade"


def test_a_medical_sheet_can_be_kept_for_the_handover_report(cave: Cave) -> None:
    form = cave.iruka.file("medical.toml", 'allergies = "none known"\nmedicines = ["nothing, ever"]')
    cave.iruka.does("medical", "write", form)
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    opened = pakkun.folder / "medical.sheet"
    assert pakkun.does("case", "iruka", "medical", "--out", opened)["what"]["medicines"]["said"] == "listed"
    assert opened.stat().st_mode & 0o077 == 0
    report = pakkun.folder / "report.txt"
    pakkun.does("case", "iruka", "report", "--text", "--sheet", opened, "--out", report)
    assert "nothing, ever" in report.read_text()


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_every_blank_form_names_only_what_its_sheet_knows(name: str) -> None:
    """Each hint line, uncommented, is a field of the sheet: a form that asks for something unknown would be refused."""
    import dataclasses
    import re

    fields = {part.name for part in dataclasses.fields(SHEETS[name])}
    top = BLANK[name].split("[[")[0]
    asked = set(re.findall(r"^#? ?([a-z_]+) =", top, re.M)) | set(
        re.findall(r"\[\[([a-z_]+)\]\]", BLANK[name])
    )
    assert asked <= fields
    known = {"filled_in": Moment(1_000_000_000, "UTC")} | (
        {"back": Moment(1_100_000_000, "UTC")} if name == "trip" else {}
    )
    filled = BLANK[name].replace('looks = ""', 'looks = "tall"').replace("party = []", 'party = ["Iruka"]')
    filled = filled.replace("# born =", "born =")
    assert isinstance(read(name, filled, "UTC", **known), SHEETS[name])


def test_a_form_says_none_known_and_not_stated_apart() -> None:
    sheet = read("medical", 'allergies = "none known"', "UTC", filled_in=Moment(1_000_000_000, "UTC"))
    assert isinstance(sheet, MedicalSheet)
    assert (sheet.allergies.said, sheet.medicines.said) == (Said.NONE_KNOWN, Said.NOT_STATED)
    assert "Allergies: none known" in lines(sheet, "UTC") and "Medicines: not stated" in lines(sheet, "UTC")


def test_a_form_with_an_unknown_line_is_refused_by_name() -> None:
    from lastwords.case.refusals import CaseRefused

    with pytest.raises(CaseRefused) as refused:
        read("find_me", 'looks = "tall"\nshoes = "blue"', "UTC", filled_in=Moment(1_000_000_000, "UTC"))
    assert "shoes" in refused.value.happened and "Nothing was written" in refused.value.happened


def test_times_in_a_form_are_those_of_the_author_s_zone() -> None:
    moments = {"filled_in": Moment(1_000_000_000, "UTC"), "back": Moment(7_000_000_000, "UTC")}
    notes = read("trip", NOTES, "Asia/Tokyo", **moments)
    assert isinstance(notes, TripNotes)
    assert notes.to_call[0].from_when.zone == "Asia/Tokyo"
    utc = read("trip", NOTES, "UTC", **moments)
    assert isinstance(utc, TripNotes)
    assert utc.to_call[0].from_when.at - notes.to_call[0].from_when.at == 9 * 3600
    assert isinstance(read("find_me", FORM, "UTC", filled_in=moments["filled_in"]), FindMe)


def test_a_form_that_was_not_filled_in_is_refused_and_not_sealed_as_the_truth(cave: Cave) -> None:
    """A made-up scar in an example must never lead a search."""
    form = cave.iruka.folder / "form.toml"
    cave.iruka.does("find-me", "form", form)
    assert "'looks' is empty" in cave.iruka.refused("find-me", "write", form)["happened"]
    medical = cave.iruka.folder / "medical.toml"
    cave.iruka.does("medical", "form", medical)
    assert "not filled in" in cave.iruka.refused("medical", "write", medical)["happened"]
    notes = cave.iruka.folder / "notes.toml"
    cave.iruka.does("trip-notes", "form", notes)
    refused = cave.iruka.refused("trip", "--back", str(1_800_000_000 + 5 * 86400), "--notes", notes)
    assert "party" in refused["happened"] and cave.place.watch("iruka").trip is None


def test_places_of_help_are_shown_in_hours_and_calls_with_their_time(cave: Cave) -> None:
    notes = cave.iruka.file(
        "notes.toml",
        """party = ["Iruka", "Kakashi"]
[[places_of_help]]
name = "home"
minutes_away = 1080
counted_from = "the cave"
[[to_call]]
from_when = "2027-01-20 18:00"
say = "the case number and the route"
whom = { name = "Shizune", reach = "the tower" }
""",
    )
    cave.iruka.does("trip", "--back", str(1_800_000_000 + 5 * 86400), "--notes", notes)
    text = cave.iruka.types("trip-notes", "show").output
    assert "home, 18 h from the cave" in text
    assert (
        "from Wed 20 Jan 2027, 18:00 (" in text
        and "Shizune, the tower: the case number and the route" in text
    )
