"""The logs of a host: verified, exported, and a row of them erased."""

from pathlib import Path

import click

from lastwords.cli.host.folder import DATA_OPTION, beside, configure, ready
from lastwords.cli.host.heads import HEADS_OPTION, head_of
from lastwords.cli.show import answers, aside, tell


@click.command("verify")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="LASTWORDS_DATA",
    help="The host's data folder.",
)
@click.argument(
    "file", required=False, type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="[FILE]"
)
@HEADS_OPTION
@answers
def log_verify(data: Path | None, file: Path | None, heads: tuple[str, ...]) -> None:
    """Verify every log: of a data folder, or of the exported FILE, for which no host is needed."""
    if (data is None) == (file is None):
        raise click.UsageError("Name either --data or an exported FILE.")
    told = [head_of(text) for text in heads]
    if file is not None:
        from lastwords.server.exported import verify_file

        verdicts = verify_file(file.read_bytes(), told)
    else:
        assert data is not None
        chosen = configure(data)
        from lastwords.server import audit

        verdicts = audit.verify_all(chosen.heads, told)
    logs = [
        {
            "name": verdict.name,
            "rows": verdict.rows,
            "head": verdict.head.link.hex(),
            "erased": list(verdict.erased),
            "whole": verdict.whole,
            "faults": list(verdict.faults),
        }
        for verdict in verdicts
    ]
    lines = [
        f"{verdict.name}: {verdict.rows} rows, "
        + ("whole" if verdict.whole else "NOT WHOLE: " + "; ".join(verdict.faults))
        + (f", {len(verdict.erased)} erased" if verdict.erased else "")
        for verdict in verdicts
    ]
    whole = all(verdict.whole for verdict in verdicts)
    tell({"whole": whole, "rows": sum(verdict.rows for verdict in verdicts), "logs": logs}, *lines)
    if not whole:
        raise SystemExit(1)


@click.command("export")
@DATA_OPTION
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to; standard output if left out."
)
def log_export(data: Path, out: Path | None) -> None:
    """Write every log as JSON lines, to be read or verified elsewhere."""
    configure(data)
    from lastwords.server import audit

    if out is None:
        for line in audit.export():
            click.echo(line)
        return
    # An older export may be the one witness of what was cut off since: a full disk must not cost it.
    with beside(out) as rough, rough.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in audit.export())
    aside(f"Every log is in {out}. Verify it anywhere: lastwords log verify {out}")


@click.command()
@DATA_OPTION
@click.argument("author")
@click.argument("row", type=int)
@click.option("--reason", required=True, help="Why; it stays in the host's log for ever.")
@answers
def erase(data: Path, author: str, row: int, reason: str) -> None:
    """Erase the body of one ROW of an AUTHOR's log. The chain stays whole, the reason stays on record."""
    if not reason.strip():
        raise click.BadParameter("an empty one says nothing to those who come later", param_hint="--reason")
    ready(data)
    from lastwords.server import audit, clock, store

    audit.erase(store.here(), author, row, reason, clock.now())
    tell({"author": author, "row": row}, f"Row {row} is erased; the log still verifies and says so.")
