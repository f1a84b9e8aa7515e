"""How long people cannot act when a database cluster loses its leader: through a host of ours, and a plain program.

    .venv/bin/python bench/cluster.py

The figures are those that `make cluster` has recorded; nothing is run here. The plain program writes one row at a time
by the same address and does nothing else, so it shows what the failover itself costs; a ratio of 1 means that our hosts
add nothing to it.
"""

import json
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).resolve().parents[1] / "proof" / "results" / "cluster.json"
BLOWS = ("killed", "cut off", "changed")


def main() -> None:
    found = rows()
    if not found:
        print("Nothing is recorded yet: run make cluster.")
    for row in found:
        met = "met" if row["met"] else "NOT met"
        print(
            f"{row['name']}: {row['ours']:.1f} s, plain program {row['other']:.1f} s, {row['ratio']:.2f} times; "
            f"between {row['spread'][0]:.1f} and {row['spread'][1]:.1f} s; goal {row['goal']}, {met}"
        )


def rows() -> list[dict[str, Any]]:
    """One row for each thing that was done to the leader, from the recorded result; none while there is none. `ours`
    and `other` are seconds without any acknowledgement, at most; `spread` is the least and the most through a host."""
    if not RECORDED.exists():
        return []
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    return [_row(blow, recorded["figures"], recorded["settings"]) for blow in BLOWS]


def _row(blow: str, figures: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    ours = figures[f"leader {blow}: nothing acknowledged, through a host (s)"]
    other = figures[f"leader {blow}: nothing acknowledged, plain program (s)"]
    goal = settings["recovered within (s)"]
    return {
        "name": f"database leader {blow}: seconds until everybody can act again",
        "ours": ours["most"],
        "other": other["most"],
        "ratio": round(ours["most"] / other["most"], 2),
        "spread": [ours["least"], ours["most"]],
        "goal": f"at most {goal} s",
        "met": ours["most"] <= goal,
        "settings": settings,
    }


if __name__ == "__main__":
    main()
