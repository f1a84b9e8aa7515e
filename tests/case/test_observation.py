"""Observations: what is refused at the edge of the plausible, and what may still be written down as reported."""

import pytest
from case.made import observation, vectors

from lastwords.case.observation import RANGES, Observation
from lastwords.case.refusals import Implausible, NotReadable, NotWritable

EDGES = vectors("observation-ranges.json")["ranges"]


def test_the_ranges_are_those_of_the_vectors():
    assert [(one.field, one.least, one.greatest) for one in RANGES] == [
        (edge["field"], edge["least"], edge["greatest"]) for edge in EDGES
    ]


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge["field"])
def test_both_ends_of_a_range_are_taken_and_one_beyond_each_is_refused_in_two_parts(edge: dict):
    for value in (edge["least"], edge["greatest"]):
        assert observation({edge["field"]: value}).value(edge["field"]) == value
    for value in (edge["least"] - 1, edge["greatest"] + 1):
        with pytest.raises(Implausible) as refused:
            observation({edge["field"]: value})
        assert "Nothing was written." in refused.value.happened
        assert refused.value.do


@pytest.mark.parametrize(
    "edge", [edge for edge in EDGES if edge["field"] != "pain"], ids=lambda e: e["field"]
)
def test_an_implausible_value_stands_when_marked_as_reported_but_is_never_measured(edge: dict):
    seen = observation({edge["field"]: edge["greatest"] + 1, "as_reported": [edge["field"]]})
    assert seen.value(edge["field"]) == edge["greatest"] + 1
    assert seen.measured(edge["field"]) is None


def test_a_temperature_below_nothing_is_refused_by_the_number_that_was_typed():
    with pytest.raises(Implausible, match="^Temperature of -0.1 °C lies outside 20.0 °C to 45.0 °C"):
        observation({"temperature_tenths": -1})


def test_pain_of_eleven_is_refused_however_it_is_marked():
    with pytest.raises(Implausible):
        observation({"pain": 11, "as_reported": ["pain"]})


def test_a_negative_or_endless_value_is_refused_even_as_reported():
    for value in (-1, 10_000):
        with pytest.raises(Implausible):
            observation({"pulse_per_minute": value, "as_reported": ["pulse_per_minute"]})


def test_an_observation_that_says_nothing_is_refused():
    with pytest.raises(NotWritable):
        Observation(device="thermometer")


def test_a_mark_without_its_value_is_refused():
    with pytest.raises(NotWritable):
        observation({"pain": 3, "as_reported": ["pulse_per_minute"]})


def test_a_blood_pressure_the_wrong_way_round_is_refused_unless_as_reported():
    with pytest.raises(Implausible):
        observation({"systolic_mmhg": 80, "diastolic_mmhg": 120})
    observation({"systolic_mmhg": 80, "diastolic_mmhg": 120, "as_reported": ["diastolic_mmhg"]})


def test_how_oxygen_was_given_needs_that_it_was_given():
    with pytest.raises(NotWritable):
        observation({"oxygen": False, "oxygen_how": "mask, 10 l/min"})


def test_a_fraction_a_text_or_a_yes_is_no_measured_value():
    for value in (76.0, "76", True):
        with pytest.raises(NotReadable):
            observation({"pulse_per_minute": value})
