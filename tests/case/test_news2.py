"""NEWS2, checked value by value against the chart as the vectors have it, and against a chart with one slip in it."""

import dataclasses

import pytest
from case.made import observation, vectors

from lastwords.case import news2 as score
from lastwords.case.news2 import NoScore, Person, Score, news2

VECTORS = vectors("news2.json")
ADULT = Person(age_years=30, pregnant=False)
FIELDS = [
    *("breaths_per_minute", "spo2_percent", "oxygen", "systolic_mmhg"),
    *("pulse_per_minute", "consciousness", "temperature_tenths"),
]


def disagreements(chart: dict) -> list[tuple[str, int]]:
    """Every plausible value of one part of the chart whose points differ from the chart's."""
    found = []
    for least, greatest, points in chart["bands"]:
        for value in range(least, greatest + 1):
            seen = VECTORS["well"] | {chart["field"]: value, "oxygen": bool(chart["oxygen"])}
            if chart["scale"] == 2:
                seen["scale_2_by"] = "Dr Shizune"
            scored = news2(observation(seen), ADULT)
            assert isinstance(scored, Score)
            if scored.parts[FIELDS.index(chart["field"])].points != points:
                found.append((chart["field"], value))
            assert scored.total == points + (2 if chart["oxygen"] else 0)
    return found


@pytest.mark.parametrize(
    "chart", VECTORS["bands"], ids=lambda chart: f"{chart['field']} scale {chart['scale']}"
)
def test_every_plausible_value_gets_the_points_of_the_chart(chart: dict):
    assert disagreements(chart) == []


def test_the_bands_of_the_vectors_leave_no_value_out():
    for chart in VECTORS["bands"]:
        edges = [band[:2] for band in chart["bands"]]
        assert all(after[0] == before[1] + 1 for before, after in zip(edges, edges[1:], strict=False))


def test_a_chart_with_one_boundary_moved_by_one_is_noticed(monkeypatch):
    monkeypatch.setattr(score, "_PULSE", ((0, 3), (41, 1), (51, 0), (91, 1), (111, 2), (130, 3)))
    pulse = next(chart for chart in VECTORS["bands"] if chart["field"] == "pulse_per_minute")
    with pytest.raises(AssertionError):
        disagreements(pulse)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_a_case_of_the_vectors_comes_out_as_written(case: dict):
    found = news2(observation(case["seen"]), Person(**case["person"]))
    if "reasons" in case:
        assert found == NoScore(tuple(case["reasons"]))
    else:
        assert isinstance(found, Score)
        assert [part.points for part in found.parts] == case["points"]
        assert found.total == case["total"]


def test_scale_two_names_the_clinician_on_whose_word_it_was_used():
    found = news2(observation(VECTORS["well"] | {"scale_2_by": "Dr Shizune"}), ADULT)
    assert isinstance(found, Score)
    assert (found.scale, found.scale_2_by) == (2, "Dr Shizune")
    without = news2(observation(VECTORS["well"]), ADULT)
    assert isinstance(without, Score)
    assert (without.scale, without.scale_2_by) == (1, None)


def test_a_three_in_one_part_is_told():
    alone = news2(observation(VECTORS["well"] | {"consciousness": "V"}), ADULT)
    none = news2(observation(VECTORS["well"] | {"breaths_per_minute": 22, "pulse_per_minute": 100}), ADULT)
    assert isinstance(alone, Score) and alone.single_three
    assert isinstance(none, Score) and none.total == 3 and not none.single_three


def test_the_score_credits_the_college_and_advises_the_emergency_services_alone():
    assert "Royal College of Physicians" in score.CREDIT
    assert "emergency services" in score.ADVICE
    assert {field.name for field in dataclasses.fields(Score)} == {"total", "parts", "scale", "scale_2_by"}
