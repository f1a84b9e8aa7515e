"""The silent watch at the bed, and the monitor."""

from lastwords.story.cast import BISQUIT, SHIZUNE, TSUNADE
from lastwords.story.stage import HOUR, Stage
from lastwords.story.texts import BY_MASK, DOES_NOT_LET_GO, MONITOR

from . import act, part_of, writes

FIELDS = (
    *("consciousness", "breaths_per_minute", "spo2_percent"),
    *("systolic_mmhg", "diastolic_mmhg", "pulse_per_minute", "temperature_tenths"),
)
LOOKS = {
    1: ("U", 8, 91, 98, 60, 104, 355),
    3: ("U", 10, 93, 104, 64, 112, 361),
    5: ("P", 12, 95, 110, 70, 108, 368),
}
"""What the monitor shows, by the day."""


@act()
def they_treat_him(stage: Stage) -> None:
    """Oxygen and A.19, at last."""
    given = {"what": "A.19", "amount": "40", "unit": "ml", "route": "into a vein", "given_by": "Shizune"}
    writes(stage, SHIZUNE, "treatment", "a19-at-last", given, 16)
    stage.tell(TSUNADE, "and her people give him oxygen and A.19, and take him to a bed.")


@act("S11")
def the_monitor(stage: Stage) -> None:
    """Who is on watch, and what the monitor shows from day to day; a score only from seven values at once."""
    writes(stage, BISQUIT, "on_watch", "hound-begins", {"who": "Hound", "begins": True}, 16)
    stage.tell("Hound", "sits down at the bed, and does not leave it.")
    for day, values in LOOKS.items():
        stage.wait_until(days=day)
        look = dict(zip(FIELDS, values, strict=True)) | {
            "oxygen": True,
            "oxygen_how": BY_MASK,
            "device": MONITOR,
        }
        writes(stage, SHIZUNE, "observation", f"day-{day}", look, day * 24)
    stage.wait_until(days=5, hours=6)
    hours = 5 * 24 + 6
    writes(
        stage, BISQUIT, "observation", "one-hand", {"pulse_per_minute": 96, "text": DOES_NOT_LET_GO}, hours
    )
    seen = stage.does(TSUNADE, "case", "iruka", "now", "--at", str(stage.poisoned + hours * HOUR))
    pulse = next(one for one in seen["trend"] if one["sign"] == "pulse")
    stage.tell(
        TSUNADE,
        "looks at the page of the bed on the fifth day.",
        f"On watch: {', '.join(seen['on_watch'])}. Pulse {', '.join(one['shown'] for one in pulse['points'])}. "
        f"{seen['score']['sentence'].partition('. ')[0]}.",
    )


@part_of("the_monitor")
def hound_leaves(stage: Stage) -> None:
    """His watch ends when he steps back."""
    hours = (stage.about_now() - stage.poisoned) / HOUR
    writes(stage, BISQUIT, "on_watch", "hound-ends", {"who": "Hound", "begins": False}, hours)
