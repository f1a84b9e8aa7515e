"""How light the feet are: how long `lastwords here --help` takes beside a program that is click and nothing else.

    .venv/bin/python bench/feet.py [--keep]

In turn, the processor's time of the whole process and its children: what a person waits on a machine that is theirs.
"""

import argparse
import resource
import statistics
import subprocess
import sys
from pathlib import Path

import table
from table import Row

RUNS = 9
BARE = "import click; click.command()(lambda: None)(['--help'], standalone_mode=False)"
OURS = "import sys; from lastwords.cli.main import main; sys.argv = ['lastwords', 'here', '--help']; main()"


def rows() -> list[Row]:
    """One row: ours to the bare program."""
    ours, bare = [], []
    for _ in range(RUNS):
        bare.append(milliseconds(BARE))
        ours.append(milliseconds(OURS))
    other = statistics.median(bare)
    ratio = statistics.median(ours) / other
    return [
        table.row(
            "start of the command line beside bare click (ms of the processor)",
            ours,
            other,
            "at most 1.5",
            ratio <= 1.5,
        )
    ]


def milliseconds(program: str) -> float:
    """The processor's time of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1_000


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--keep", action="store_true")
    table.show(Path(__file__), rows(), arguments.parse_args().keep)
