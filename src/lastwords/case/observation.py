"""What was measured or seen of the person at one moment: the seven values of NEWS2 and what a helper can see besides.

Units stand in the field names and are the only ones: nobody converts in a hurry. The plausible ranges are our own
judgement of what a living or just dying adult can show, wide on purpose: they are there to catch a slip of the
finger, not to judge a patient. `vectors/case/observation-ranges.json` holds them for every client.
"""

from dataclasses import dataclass
from enum import Enum

from lastwords.case.plain import check_texts
from lastwords.case.refusals import Implausible, unwritable


class Consciousness(Enum):
    """AVPU, with C for new confusion, as NEWS2 has it (ACVPU)."""

    ALERT = "A"
    CONFUSED = "C"
    VOICE = "V"
    PAIN = "P"
    UNRESPONSIVE = "U"

    @property
    def spoken(self) -> str:
        """What the letter means, in words."""
        return _SPOKEN[self]


_SPOKEN = {
    Consciousness.ALERT: "alert",
    Consciousness.CONFUSED: "newly confused",
    Consciousness.VOICE: "responds to voice",
    Consciousness.PAIN: "responds to pain only",
    Consciousness.UNRESPONSIVE: "unresponsive",
}


@dataclass(frozen=True)
class Range:
    """A measured value: its field, how it is called, its unit, and the least and greatest plausible number."""

    field: str
    name: str
    unit: str
    least: int
    greatest: int

    def shown(self, value: int) -> str:
        """The number with its unit; tenths of a degree become degrees with one decimal."""
        below = "-" if value < 0 else ""
        tenths = f"{below}{abs(value) // 10}.{abs(value) % 10}"
        number = tenths if self.field == "temperature_tenths" else str(value)
        return f"{number} {self.unit}" if self.unit not in ("%", "/min") else f"{number}{self.unit}"


RANGES: tuple[Range, ...] = (
    Range("breaths_per_minute", "breathing", "/min", 0, 80),
    Range("spo2_percent", "oxygen saturation", "%", 30, 100),
    Range("systolic_mmhg", "systolic blood pressure", "mmHg", 30, 300),
    Range("diastolic_mmhg", "diastolic blood pressure", "mmHg", 10, 200),
    Range("pulse_per_minute", "pulse", "/min", 0, 300),
    Range("temperature_tenths", "temperature", "°C", 200, 450),
    Range("pain", "pain", "of 10", 0, 10),
)
RANGE_OF = {one.field: one for one in RANGES}

# A number "as reported" may lie outside the plausible, yet it is still a number that somebody said.
REPORTED_GREATEST = 9999


@dataclass(frozen=True)
class Observation:
    """One look at the person. Every field may be missing; at least one must be there.

    `oxygen` says whether the person was breathing oxygen beyond air, `oxygen_how` by what. `as_reported` names the
    values that the writer passes on though nobody would expect them: they stand in the log and enter no score.
    `scale_2_by` names the clinician on whose word SpO2 scale 2 of NEWS2 applies.
    """

    consciousness: Consciousness | None = None
    breaths_per_minute: int | None = None
    spo2_percent: int | None = None
    oxygen: bool | None = None
    oxygen_how: str | None = None
    systolic_mmhg: int | None = None
    diastolic_mmhg: int | None = None
    pulse_per_minute: int | None = None
    temperature_tenths: int | None = None
    pain: int | None = None
    breathing_quality: str | None = None
    pulse_quality: str | None = None
    pupils: str | None = None
    skin: str | None = None
    text: str | None = None
    device: str | None = None
    scale_2_by: str | None = None
    as_reported: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_texts(self)
        told = set(self.__dict__) - {"device", "scale_2_by", "as_reported"}
        if all(self.__dict__[field] is None for field in told):
            raise unwritable("This observation says nothing", "Write down at least one thing that was seen")
        for field in self.as_reported:
            if field not in RANGE_OF or self.__dict__[field] is None:
                raise unwritable(
                    f"'{field}' is marked as reported but has no value",
                    "Give the value, or take the mark away",
                )
        for one in RANGES:
            self._check(one, self.__dict__[one.field])
        self._check_pressures()
        if self.oxygen_how is not None and self.oxygen is not True:
            raise unwritable(
                "This observation says how oxygen was given but not that it was",
                "Say that the person was on oxygen, or leave the way out",
            )
        if self.scale_2_by is not None and self.spo2_percent is None:
            raise unwritable(
                "A clinician's word on scale 2 stands beside no saturation",
                "Give the saturation, or leave it out",
            )

    def _check(self, one: Range, value: int | None) -> None:
        if value is None or one.least <= value <= one.greatest:
            return
        if one.field in self.as_reported and 0 <= value <= REPORTED_GREATEST and one.field != "pain":
            return
        raise Implausible(
            f"{one.name.capitalize()} of {one.shown(value)} lies outside {one.shown(one.least)} to "
            f"{one.shown(one.greatest)}. Nothing was written.",
            "Look at the number again. If somebody told it to you so, mark it as reported."
            if one.field != "pain"
            else "Pain is told as a number from 0, none, to 10, the worst.",
        )

    def _check_pressures(self) -> None:
        upper, lower = self.systolic_mmhg, self.diastolic_mmhg
        marked = {"systolic_mmhg", "diastolic_mmhg"} & set(self.as_reported)
        if upper is not None and lower is not None and lower >= upper and not marked:
            raise Implausible(
                f"A blood pressure of {upper} over {lower} mmHg has its numbers in the wrong order. "
                "Nothing was written.",
                "Look at both numbers again. If somebody told them to you so, mark them as reported.",
            )

    def value(self, field: str) -> int | None:
        """One measured value by its field name, whether plausible or as reported."""
        found = self.__dict__[field]
        assert found is None or isinstance(found, int)
        return found

    def measured(self, field: str) -> int | None:
        """One measured value by its field name, unless it is only as reported."""
        return None if field in self.as_reported else self.value(field)
