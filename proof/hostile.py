"""A hostile host before the command line and the browser: how many things it does, and how many of them are accepted.

It is one table of behaviours, walked whole at either length; `--state` keeps nothing, since there is nothing to resume.
"""

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from _part import ROOT, begun

MOST = 1800
"""Seconds that it may take at most."""


def main() -> int:
    run = begun(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "tests/hostile",
            "tests/web/test_hostile_host.py",
            "-q",
            "-p",
            "no:xdist",
            f"--junitxml={report}",
        ]
        done = subprocess.run(command, cwd=ROOT, stdout=sys.stderr, timeout=MOST, check=False)
        met, faults = _met(report)
    clients = Counter(one["client"] for one in met)
    accepted = [one["behaviour"] for one in met if one["failed"]]
    return run.tells(
        claim="A host that swaps keys, rolls back, forks, forges, withholds or sends nonsense is believed by no "
        "client: each act is refused in two parts or leaves the lie unused, and no secret is sent.",
        figures={
            "behaviours": len({one["behaviour"] for one in met}),
            **{f"met by the {client}": number for client, number in sorted(clients.items())},
            "refused": sum(one["came of it"] not in ("left unused", "") for one in met),
            "left unused": sum(one["came of it"] == "left unused" for one in met),
            "accepted": len(accepted),
            "planted faults": len(faults),
            "planted faults caught": sum(not failed for failed in faults),
        },
        held=done.returncode == 0 and bool(met) and bool(faults) and not accepted,
        not_covered=[
            "A host that changes the pages or scripts it serves can take a key that is opened in them.",
            "A host that withholds: nothing can make it answer, deliver letters, or hear a check-in.",
            "When an entry was written, and whether one is left out, the host says until the record is checked.",
            "A device that has no pins yet, as after a loss, believes an older version that the author did sign.",
            "An answer that comes a byte at a time holds a command for five minutes, and longer while a file comes.",
            "Which case and epoch a keeper signs for, the host says: one that lies gets a statement for a case that is "
            "not there yet. The shares that go with it are under the same covers as ever.",
            "That a keeper has proven a share, the author hears from the host, and has no receipt shown.",
        ],
        wrong=accepted,
    )


def _met(report: Path) -> tuple[list[dict[str, Any]], list[bool]]:
    """What every client met, with what came of it; and for each planted fault whether it slipped through."""
    met, faults = [], []
    for case in ElementTree.parse(report).iter("testcase"):
        failed = any(case.find(bad) is not None for bad in ("failure", "error"))
        said = {one.get("name"): one.get("value") for one in case.iter("property")}
        if "behaviour" in said:
            met.append({"came of it": "", **said, "failed": failed})
        elif "test_planted" in case.get("classname", ""):
            faults.append(failed)
    return met, faults


if __name__ == "__main__":
    sys.exit(main())
