"""Writes the report vectors anew from the handovers of `case.cave`: run `python -m case.write_vectors` in `tests`.

Read the difference before committing it: every client's report changes with these files.
"""

import json

from case.cave import handover, night
from case.made import VECTORS, plain_handover

from lastwords.case.fhir import bundle
from lastwords.case.report import compose
from lastwords.case.text import as_text

ABOUT = "A handover as plain data, the text that every client makes of it, line by line, and its FHIR bundle."
REPORTS = {"report-fifteenth-hour.json": handover(), "report-night.json": night()}


def main() -> None:
    for name, given in REPORTS.items():
        lines = as_text(compose(given)).split("\n")
        held = {"about": ABOUT, "given": plain_handover(given), "text": lines, "bundle": bundle(given)}
        (VECTORS / name).write_text(json.dumps(held, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
