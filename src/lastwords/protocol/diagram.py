"""The diagram of the documentation: the tracks' ways read off their table, the stages' ways named here.

A stage's cells are functions, so where they lead cannot be read from the table itself. The exhaustive explorer walks
every reachable state and records which ways are taken; a test fails when that set and `WAYS` differ by one.
"""

from .small import STAYS, TRACKS
from .stages import Stage, TrackStage

WAYS: dict[tuple[Stage, Stage], str] = {
    (Stage.DRAFT, Stage.WELL): "armed",
    (Stage.WELL, Stage.LATE): "check-in missed, alarm, overdue trip, or a hold that lapsed",
    (Stage.LATE, Stage.WELL): "strong check-in, no case open",
    (Stage.LATE, Stage.CLOSING): "strong check-in, a case open",
    (Stage.LATE, Stage.VIGIL): "wait over, or every channel failed for 14 days",
    (Stage.VIGIL, Stage.CLOSING): "strong check-in",
    (Stage.VIGIL, Stage.LATE): "two keepers have spoken with the author",
    (Stage.VIGIL, Stage.WELL): "strong check-in, timer-only plan",
    (Stage.CLOSING, Stage.WELL): "quorum has seen or heard them, or a second credential",
    (Stage.CLOSING, Stage.VIGIL): "nobody confirmed in 14 days, or a quorum: not them",
    (Stage.CLOSING, Stage.LATE): "the same, where the sign had cut late short",
}
"""Every way from one stage to another, and what takes it. The explorer finds these and no others."""


def mermaid() -> str:
    """The state diagram as Mermaid text, for docs/architecture.md."""
    lines = ["stateDiagram-v2", "    [*] --> draft"]
    lines += [f"    {before} --> {after}: {why}" for (before, after), why in WAYS.items()]
    lines.append("    state vigil {")
    lines.append(f"        [*] --> {TrackStage.ASKED}")
    for what, cells in TRACKS.items():
        for before, after in cells.items():
            if after not in (STAYS, before):
                lines.append(f"        {before} --> {after}: {str(what).replace('_', ' ')}")
    lines.append("    }")
    return "\n".join(lines) + "\n"
