"""At the bed: who is on watch, the newest signs, the trend, and a score only from seven values at once."""

import json

from cli.conftest import Cave, Person

SEVEN = {
    "consciousness": "V",
    "breaths_per_minute": 16,
    "spo2_percent": 96,
    "oxygen": True,
    "systolic_mmhg": 118,
    "diastolic_mmhg": 74,
    "pulse_per_minute": 94,
    "temperature_tenths": 381,
}
ADULT = 'born = "1995-05-26"\npregnant = false\n'


def writes(person: Person, kind: str, what: dict[str, object], *more: str) -> int:
    source = person.file(f"{kind}.json", json.dumps(what))
    return int(person.does("case", "iruka", "write", kind, "--what", source, *more)["entry"])


def test_the_bed_shows_who_is_on_watch_and_no_longer_who_has_left(cave: Cave) -> None:
    pakkun, bull = cave.keepers["pakkun"], cave.keepers["bull"]
    pakkun.does("alarm", "iruka")
    assert pakkun.does("case", "iruka", "now")["on_watch"] == []
    writes(pakkun, "on_watch", {"who": "Hound", "begins": True})
    writes(bull, "on_watch", {"who": "Bull", "begins": True})
    assert bull.does("case", "iruka", "now")["on_watch"] == ["Hound", "Bull"]
    writes(pakkun, "on_watch", {"who": "Hound", "begins": False})
    assert bull.does("case", "iruka", "now")["on_watch"] == ["Bull"]
    assert "On watch: Bull." in bull.types("case", "iruka", "now").stdout


def test_a_score_is_shown_with_its_parts_only_when_all_seven_values_are_there(cave: Cave) -> None:
    cave.iruka.does("medical", "write", cave.iruka.file("medical.toml", ADULT))
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    few = writes(pakkun, "observation", {"pulse_per_minute": 76, "breaths_per_minute": 5})
    seen = pakkun.does("case", "iruka", "now")
    assert seen["score"]["parts"] == []
    assert seen["score"]["sentence"].startswith("NEWS2: not computed. The oxygen saturation is missing")
    whole = writes(pakkun, "observation", SEVEN)
    seen = pakkun.does("case", "iruka", "now")
    assert len(seen["score"]["parts"]) == 7
    assert seen["score"]["sentence"].startswith(
        f"NEWS2: {sum(part['points'] for part in seen['score']['parts'])} in all, from entry {whole}"
    )
    pulse = next(series for series in seen["trend"] if series["sign"] == "pulse")
    assert [(one["shown"], one["entry"]) for one in pulse["points"]] == [("76/min", few), ("94/min", whole)]


def test_ages_are_counted_from_the_time_that_is_given(cave: Cave) -> None:
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    writes(pakkun, "observation", {"pulse_per_minute": 76}, "--at", "1772586000")
    seen = pakkun.does("case", "iruka", "now", "--at", str(1772586000 + 5 * 3600))
    assert [(row["sign"], row["value"], row["ago"]) for row in seen["signs"]] == [
        ("Pulse", "76/min", "5 h ago")
    ]
    out = pakkun.folder / "handover.txt"
    pakkun.does("case", "iruka", "report", "--out", out, "--at", str(1772586000 + 15 * 3600))
    assert "15 h ago: pulse 76/min" in out.read_text("utf-8")
