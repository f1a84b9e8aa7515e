"""`lastwords host hold`, and `restored`, which holds everything."""

from pathlib import Path

import click

from lastwords.cli.host.folder import DATA_OPTION, ready
from lastwords.cli.show import CAUSES, answers, tell
from lastwords.protocol.stages import HoldCause
from lastwords.protocol.watch import HOST, Hold


@click.command()
@DATA_OPTION
@click.argument("authors", nargs=-1, metavar="[AUTHOR]...")
@click.option("--all", "everyone", is_flag=True, help="Every watch whose plan is in force.")
@click.option("--clock", is_flag=True, help="Because the clock cannot be trusted; only the host can lift it.")
@click.option("--lift", is_flag=True, help="Lift the hold that the host has placed.")
@answers
def hold(data: Path, authors: tuple[str, ...], everyone: bool, clock: bool, lift: bool) -> None:
    """Let all clocks of each AUTHOR's watch stand still. Author and called keepers are written to."""
    if everyone == bool(authors):
        raise click.UsageError("Name authors, or --all.")
    ready(data)
    from lastwords.server import store, switch

    door = store.here()
    cause = HoldCause.CLOCK if clock else HoldCause.SWITCH
    said = switch.press(door, switch.all_armed(door) if everyone else authors, cause, lift=lift)
    stand = {author: [one.cause.value for one in holds] for author, holds in said.done.items() if holds}
    tell(
        {"done": list(said.done), "refused": said.refused, **({"stand": stand} if lift else {})},
        f"{'This hold is lifted' if lift else 'Standing still'}: {', '.join(said.done) or 'none'}.",
        *(_still(author, one) for author in stand if lift for one in said.done[author]),
        *(f"{author}: {why}" for author, why in said.refused.items()),
    )
    if said.refused and not said.done:
        raise SystemExit(1)


def _still(author: str, one: Hold) -> str:
    """Why a watch does not go on although a hold of it was lifted, and whether the host can do something about it."""
    why = CAUSES[one.cause].format(by="the host" if one.placed_by == HOST else one.placed_by)
    clock = "--clock " if one.cause is HoldCause.CLOCK else ""
    mine = one.placed_by == HOST and one.cause is not HoldCause.RESTORE
    how = (
        f"Yours to lift: `lastwords host hold {author} {clock}--lift`."
        if mine
        else "It is not yours to lift."
    )
    return f"{author} does not go on yet: {why}. {how}"


@click.command()
@DATA_OPTION
@answers
def restored(data: Path) -> None:
    """Say that this data folder comes from a backup: every watch is put on hold."""
    chosen = ready(data)
    from lastwords.server import checks

    told = checks.host_says_restored(chosen)
    tell({"watches": told}, f"{told} watches stand still until their author or keepers let them go on.")
