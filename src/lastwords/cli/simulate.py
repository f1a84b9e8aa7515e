"""`lastwords simulate`: whole lives from a seed, played by the shipped service with everything going wrong."""

import sys
from collections.abc import Callable

import click

from lastwords.cli.show import answers, tell, wants_json
from lastwords.simulate.lives import report, run, sql


@click.command()
@click.option("--lives", type=click.IntRange(1), default=200, show_default=True, help="How many lives.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The first life's seed.")
@click.option(
    "--replay", type=click.IntRange(0), default=None, metavar="SEED", help="Tell one life as a story."
)
@click.option("--sql", is_flag=True, help="Play each life over the database too, and compare what both keep.")
@click.option(
    "--falls", type=click.IntRange(1), default=1, show_default=True, help="Stop after so many broken lives."
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=None,
    help="Processes at once.  [default: one for each processor]",
)
@answers
@click.pass_context
def simulate(
    ctx: click.Context, lives: int, seed: int, replay: int | None, sql: bool, falls: int, jobs: int | None
) -> None:
    """Play whole lives, with faults, and judge every invariant from outside. Touches no host and no home.

    Exit code 0 only if nothing broke."""
    if replay is not None:
        whole = _replay(replay)
    elif sql:
        whole = _compare(lives, seed)
    else:
        whole = _play(lives, seed, falls, jobs)
    if not whole:
        ctx.exit(1)


def _play(lives: int, seed: int, falls: int, jobs: int | None) -> bool:
    jobs = jobs or run.processors()
    tally = run.lives(lives, seed, until_broken=falls, heard=_progress(lives), jobs=jobs)
    tell(tally.plain(), *report.table(tally))
    return not tally.falls


def _replay(seed: int) -> bool:
    made, lines, broken = run.replay(seed)
    says = f"BROKEN {broken}" if broken else "Nothing broke."
    answer = {"seed": seed, "course": made.course, "story": lines, "broken": str(broken) if broken else ""}
    tell(answer, *run.opening(made), "", *lines, "", says)
    return broken is None


def _compare(lives: int, seed: int) -> bool:
    found: list[str] = []
    heard = _progress(lives)
    with sql.database():
        for number in range(seed, seed + lives):
            found += sql.compared(number).differing
            heard(number - seed + 1)
    says = found or [
        f"{lives} lives from seed {seed}: memory and database kept the same records, rows and letters."
    ]
    tell({"lives": lives, "seed": seed, "differences": found}, *says)
    return not found


def _progress(lives: int) -> Callable[[int], None]:
    """A line that grows on a terminal, and nothing anywhere else."""
    shown = sys.stderr.isatty() and not wants_json()

    def heard(done: int) -> None:
        if shown and (done % 50 == 0 or done == lives):
            click.echo(f"\r{done} of {lives}", err=True, nl=done == lives)

    return heard
