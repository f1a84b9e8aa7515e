"""NEWS2, the National Early Warning Score: computed only when it may be, with every part of it shown.

Source: Royal College of Physicians, National Early Warning Score (NEWS) 2, London 2017, chart 1 (the scoring
system). The chart is unaltered. It was made for adults in the hands of clinicians; a review of 2020 (University of
Oxford) warned about its use outside hospital. So it is computed for whoever takes the person over, nothing is advised
from it, and one thing only is said beside it: call the emergency services.
"""

from dataclasses import dataclass

from lastwords.case.observation import RANGE_OF, Consciousness, Observation

CREDIT = (
    "NEWS2 is the work of the Royal College of Physicians: National Early Warning Score (NEWS) 2, "
    "updated report of a working party, London 2017. Its scoring chart is used unaltered."
)
ADVICE = "The score advises nothing here. Whoever is worried calls the emergency services, whatever it says."
THRESHOLDS = "The College's own thresholds: 3 in one part, or 5 in all: urgent; 7 in all: emergency."

YOUNGEST = 16  # years; the College: not for children under 16, nor in pregnancy


@dataclass(frozen=True)
class Person:
    """What must be known of a person before a score may be computed; None: nobody has said."""

    age_years: int | None
    pregnant: bool | None


@dataclass(frozen=True)
class Part:
    """One of the seven parts: its name, the value as shown, its points from 0 to 3."""

    name: str
    shown: str
    points: int


@dataclass(frozen=True)
class Score:
    """A whole score: the sum of seven parts, and which SpO2 scale was used (1, or 2 on the word of `scale_2_by`)."""

    total: int
    parts: tuple[Part, ...]
    scale: int
    scale_2_by: str | None

    @property
    def single_three(self) -> bool:
        """Whether one part alone stands at 3."""
        return any(part.points == 3 for part in self.parts)


@dataclass(frozen=True)
class NoScore:
    """Why there is no score, as half sentences: `the temperature is missing`."""

    reasons: tuple[str, ...]


# Each table: from this value upwards, so many points. The first row has no lower end.
_BREATHING = ((0, 3), (9, 1), (12, 0), (21, 2), (25, 3))
_SPO2_SCALE_1 = ((0, 3), (92, 2), (94, 1), (96, 0))
_SPO2_SCALE_2_AIR = ((0, 3), (84, 2), (86, 1), (88, 0))
_SPO2_SCALE_2_OXYGEN = ((0, 3), (84, 2), (86, 1), (88, 0), (93, 1), (95, 2), (97, 3))
_SYSTOLIC = ((0, 3), (91, 2), (101, 1), (111, 0), (220, 3))
_PULSE = ((0, 3), (41, 1), (51, 0), (91, 1), (111, 2), (131, 3))
_TEMPERATURE_TENTHS = ((0, 3), (351, 1), (361, 0), (381, 1), (391, 2))

_SEVEN = (
    ("breaths_per_minute", "the breathing rate"),
    ("spo2_percent", "the oxygen saturation"),
    ("oxygen", "whether oxygen was given"),
    ("systolic_mmhg", "the systolic blood pressure"),
    ("pulse_per_minute", "the pulse"),
    ("consciousness", "the level of consciousness"),
    ("temperature_tenths", "the temperature"),
)


def news2(seen: Observation, person: Person) -> Score | NoScore:
    """The score of one observation. Values of different moments are never mixed, and none is ever assumed."""
    reasons = [*_missing(seen), *_not_for(person)]
    if reasons:
        return NoScore(tuple(reasons))
    scale = 2 if seen.scale_2_by else 1
    saturation = _SPO2_SCALE_1 if scale == 1 else _SPO2_SCALE_2_OXYGEN if seen.oxygen else _SPO2_SCALE_2_AIR
    awake = seen.consciousness is Consciousness.ALERT
    parts = (
        _measured(seen, "breaths_per_minute", _BREATHING),
        _measured(seen, "spo2_percent", saturation),
        Part("air or oxygen", "oxygen" if seen.oxygen else "air", 2 if seen.oxygen else 0),
        _measured(seen, "systolic_mmhg", _SYSTOLIC),
        _measured(seen, "pulse_per_minute", _PULSE),
        Part("consciousness", seen.consciousness.spoken if seen.consciousness else "", 0 if awake else 3),
        _measured(seen, "temperature_tenths", _TEMPERATURE_TENTHS),
    )
    return Score(sum(part.points for part in parts), parts, scale, seen.scale_2_by)


def _missing(seen: Observation) -> list[str]:
    reasons = []
    for field, name in _SEVEN:
        if getattr(seen, field) is None:
            reasons.append(f"{name} is missing")
        elif field in seen.as_reported:
            reasons.append(f"{name} is only as reported")
    return reasons


def _not_for(person: Person) -> list[str]:
    reasons = []
    if person.age_years is None:
        reasons.append("the age is not known")
    elif person.age_years < YOUNGEST:
        reasons.append(f"the score is not for people under {YOUNGEST}")
    if person.pregnant is None:
        reasons.append("nobody has said that there is no pregnancy")
    elif person.pregnant:
        reasons.append("the score is not for pregnancy")
    return reasons


def _measured(seen: Observation, field: str, table: tuple[tuple[int, int], ...]) -> Part:
    value = seen.measured(field)
    assert value is not None  # _missing has looked
    one = RANGE_OF[field]
    points = next(points for least, points in reversed(table) if value >= least)
    return Part(one.name, one.shown(value), points)
