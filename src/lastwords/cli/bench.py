"""`lastwords bench`: what this machine makes of it, each figure beside something that people know."""

import json
import subprocess
import sys
from pathlib import Path

import click

from lastwords.cli.errors import Stopped
from lastwords.cli.show import answers, tell, wants_json

TABLE = Path(__file__).resolve().parents[3] / "bench" / "table.py"


@click.command()
@click.option("--kept", is_flag=True, help="Measure nothing; show what long runs have left.")
@answers
def bench(kept: bool) -> None:
    """Measure the quick figures on this machine. Touches no host and no home. Takes some minutes."""
    if not TABLE.is_file():
        raise Stopped(
            "The figures are measured from the source, which is not here; nothing was run.",
            "Fetch the repository, and say make bench there.",
            "no_source",
        )
    asked = [*(["--json"] if wants_json() else []), *(["--kept"] if kept else [])]
    ran = subprocess.run([sys.executable, str(TABLE), *asked], stdout=subprocess.PIPE, text=True, check=True)
    figures = json.loads(ran.stdout) if wants_json() else []
    tell(figures, *ran.stdout.splitlines())
