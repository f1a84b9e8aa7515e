"""The report as a FHIR bundle: valid by the R4B models, and by our own rules, each of which is shown a fault."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from case.cave import SHEET, handover, night
from case.fhir_rules import RULES, Bundle, everything, resources, sections
from case.made import observation, row
from fhir.resources.R4B.bundle import Bundle as R4BBundle
from pydantic import ValidationError

from lastwords.case.fhir import bundle
from lastwords.case.sheets import Listed, MedicalSheet, Said

FULL = MedicalSheet(
    filled_in=SHEET.filled_in,
    born=SHEET.born,
    allergies=Listed(Said.LISTED, ("penicillin: <rash> & worse",)),
    medicines=Listed(Said.LISTED, ("tea",)),
    conditions=Listed(Said.NONE_KNOWN),
    devices=Listed(Said.LISTED, ("pacemaker",)),
    wishes=SHEET.wishes,
)
HANDOVERS = {
    "the fifteenth hour": handover(),
    "a night at the bed": night(),
    "no sheet": handover(sheet=None),
    "a full sheet": handover(sheet=FULL),
    "nothing written yet": handover(rows=(), sheet=None),
}


@pytest.fixture(params=HANDOVERS)
def made(request: pytest.FixtureRequest) -> Bundle:
    return bundle(HANDOVERS[request.param])


def test_the_bundle_is_valid_by_the_r4b_models(made: Bundle):
    R4BBundle.model_validate_json(json.dumps(made))


def test_the_models_do_refuse_what_is_wrong():
    wrong = bundle(handover())
    wrong["entry"][1]["resource"]["gender"] = ["male"]
    with pytest.raises(ValidationError):
        R4BBundle.model_validate_json(json.dumps(wrong))
    unknown = bundle(handover())
    unknown["entry"][1]["resource"]["colour"] = "red"
    with pytest.raises(ValidationError):
        R4BBundle.model_validate_json(json.dumps(unknown))


@pytest.mark.parametrize("name", RULES)
def test_the_bundle_keeps_our_own_rules(made: Bundle, name: str):
    assert RULES[name](made) == []


def _another_type(bad: Bundle) -> None:
    bad["type"] = "collection"


def _same_address(bad: Bundle) -> None:
    bad["entry"][2]["fullUrl"] = bad["entry"][1]["fullUrl"]


def _loose_reference(bad: Bundle) -> None:
    sections(bad)[0]["entry"][0]["reference"] = "urn:uuid:0"


def _no_allergies(bad: Bundle) -> None:
    del sections(bad)[1]


def _empty_narrative(bad: Bundle) -> None:
    sections(bad)[0]["text"]["div"] = '<div xmlns="http://www.w3.org/1999/xhtml"><ul></ul></div>'


def _two_values(bad: Bundle) -> None:
    resources(bad, "Observation")[0]["valueString"] = "x"


def _guessed_system(bad: Bundle) -> None:
    sections(bad)[0]["code"]["coding"][0]["system"] = "http://snomed.info/sct"


def _guessed_code(bad: Bundle) -> None:
    given = resources(bad, "MedicationAdministration")[0]["medicationCodeableConcept"]
    given["coding"] = [{"system": "http://loinc.org", "code": "x"}]


FAULTS: list[Callable[[Bundle], None]] = [
    *(_another_type, _same_address, _loose_reference, _no_allergies),
    *(_empty_narrative, _two_values, _guessed_system, _guessed_code),
]


def test_each_of_our_rules_notices_the_fault_it_is_there_for():
    good = bundle(night())
    for name, fault in zip(RULES, FAULTS, strict=True):
        bad = copy.deepcopy(good)
        fault(bad)
        assert RULES[name](bad), name


def texts(made: Bundle) -> str:
    return json.dumps(made, ensure_ascii=False)


def test_what_only_keepers_may_read_is_not_in_it():
    assert "wept" not in texts(bundle(handover()))
    assert "wept" not in texts(bundle(handover(with_keepers_only=True)))


def test_a_corrected_treatment_and_what_was_given_to_another_are_not_in_it():
    given = [
        one["medicationCodeableConcept"]["text"]
        for one in resources(bundle(handover()), "MedicationAdministration")
    ]
    assert given == ["patch of A.12", "adrenaline", "adrenaline"]


def test_a_dose_stands_as_number_and_unit_and_a_time_with_its_offset():
    second = resources(bundle(handover()), "MedicationAdministration")[2]
    assert second["dosage"]["dose"] == {"value": 1.5, "unit": "mg"}
    assert second["effectiveDateTime"] == "2026-03-04T19:00:00+09:00"
    assert "time only about" in second["note"][0]["text"]


def test_vital_signs_bear_their_usual_codes_and_units():
    seen = {
        one["code"]["coding"][0]["code"]: one
        for one in resources(bundle(night()), "Observation")
        if "coding" in one["code"]
    }
    assert set(seen) == {"9279-1", "8867-4", "2708-6", "8310-5", "85354-9", "67775-7"}
    assert seen["8310-5"]["valueQuantity"] == {
        "value": 37.4, "unit": "°C", "system": "http://unitsofmeasure.org", "code": "Cel",
    }  # fmt: skip
    assert [one["valueQuantity"]["value"] for one in seen["85354-9"]["component"]] == [122, 76]
    assert seen["67775-7"]["valueCodeableConcept"] == {"text": "A: alert"}


def test_a_value_that_is_only_as_reported_is_told_in_words_and_never_as_a_measured_value():
    made = bundle(
        handover(rows=(row(1, observation({"pulse_per_minute": 400, "as_reported": ["pulse_per_minute"]})),))
    )
    assert resources(made, "Observation") == []
    assert "as reported only: pulse" in texts(made)


@pytest.mark.parametrize(
    ("said", "code"), [(Said.NONE_KNOWN, "no-known-allergies"), (Said.NOT_STATED, "no-allergy-info")]
)
def test_none_known_and_not_stated_are_two_codes(said: Said, code: str):
    made = bundle(handover(sheet=MedicalSheet(filled_in=SHEET.filled_in, allergies=Listed(said))))
    assert resources(made, "AllergyIntolerance")[0]["code"]["coding"][0]["code"] == code


def test_the_same_handover_gives_the_same_bundle_and_another_hour_another_one():
    assert bundle(handover()) == bundle(handover())
    assert bundle(handover())["identifier"] != bundle(night())["identifier"]


def test_it_holds_no_fraction_that_was_not_typed():
    def fractions(value: Any) -> list[float]:
        return [part for _, part in everything(value) if isinstance(part, float)]

    assert set(fractions(bundle(night()))) == {1.5, 35.2, 35.5, 36.1, 36.8, 38.1, 37.4}
