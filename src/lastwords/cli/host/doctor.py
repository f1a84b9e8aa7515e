"""`lastwords host doctor`: what the host depends on."""

from pathlib import Path

import click

from lastwords.cli.host.folder import DATA_OPTION
from lastwords.cli.show import answers, tell


@click.command()
@DATA_OPTION
@answers
def doctor(data: Path) -> None:
    """Look at everything this host depends on; changes nothing."""
    from lastwords.server import settings
    from lastwords.server.refusals import ServerRefused

    try:
        settings.configure(data)
    except ServerRefused as error:
        findings = [{"name": "data folder", "well": False, "says": error.happened, "do": error.do}]
    else:
        from lastwords.server import doctor as physician

        findings = [
            {"name": found.name, "well": found.well, "says": found.says, "do": found.do}
            for found in physician.examine(data)
        ]
    lines = [
        f"{'well' if found['well'] else 'NOT WELL'}: {found['name']}: {found['says']} {found['do']}".rstrip()
        for found in findings
    ]
    tell({"well": all(found["well"] for found in findings), "found": findings}, *lines)
    if not all(found["well"] for found in findings):
        raise SystemExit(1)
