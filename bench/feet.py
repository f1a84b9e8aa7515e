"""How light the feet are: the start of `lastwords here --help` beside a bare program of click, and what pages weigh.

    .venv/bin/python bench/feet.py [--keep]

The start is the processor's time of the whole process and its children, in turn: what a person waits on a machine that
is theirs. A page weighs what all its scripts do together as they travel, gzipped; the heaviest of its kind is told.
"""

import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import table
from table import Row

RUNS = 9
BARE = "import click; click.command()(lambda: None)(['--help'], standalone_mode=False)"
OURS = "import sys; from lastwords.cli.main import main; sys.argv = ['lastwords', 'here', '--help']; main()"


def rows() -> list[Row]:
    """The start, and the heaviest page of each kind."""
    return [start(), *pages()]


def start() -> Row:
    """Ours to the bare program."""
    ours, bare = [], []
    for _ in range(RUNS):
        bare.append(milliseconds(BARE))
        ours.append(milliseconds(OURS))
    other = statistics.median(bare)
    ratio = statistics.median(ours) / other
    return table.row(
        "start of the command line beside bare click (ms of the processor)",
        ours,
        other,
        "at most 1.5",
        ratio <= 1.5,
    )


def pages() -> Iterator[Row]:
    """As the test of the bundles weighs them."""
    sys.path.insert(0, str(table.ROOT / "tests"))
    from web.test_bundle import PLAIN, TEMPLATES, scripts_of, weight

    weights: dict[bool, dict[str, float]] = {True: {}, False: {}}
    for template in TEMPLATES.rglob("*.html"):
        scripts = scripts_of(template)
        size = sum(map(weight, scripts)) / 1_000
        weights[scripts <= PLAIN][str(template.relative_to(TEMPLATES))] = size
    for plain, said, most in ((True, "without keys", 15), (False, "with keys", 75)):
        name, size = max(weights[plain].items(), key=lambda one: one[1])
        yield table.row(
            f"kB of the heaviest page {said}, gzipped",
            [size],
            None,
            f"at most {most}",
            size <= most,
            page=name,
        )


def milliseconds(program: str) -> float:
    """The processor's time of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1_000


if __name__ == "__main__":
    arguments = table.plain_parser(__doc__)
    arguments.add_argument("--keep", action="store_true")
    table.show(Path(__file__), rows(), arguments.parse_args().keep)
