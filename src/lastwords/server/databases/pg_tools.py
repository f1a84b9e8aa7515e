"""PostgreSQL's own tools: where they are, and how they are run without a secret on their command line."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from lastwords.server.refusals import CannotStart

ASIDE = Path("/usr/lib/postgresql")
"""Where Debian and Ubuntu keep every version's tools, beside the search path."""


def find(name: str) -> str | None:
    """A tool on the search path, or the newest version's."""
    beside = [path for path in ASIDE.glob(f"*/bin/{name}") if re.fullmatch(r"\d+", path.parts[-3])]
    newest = max(beside, key=lambda path: int(path.parts[-3]), default=None)
    return shutil.which(name) or (str(newest) if newest else None)


def run(name: str, what: list[str], database: str, password: str, unharmed: str) -> None:
    """Runs a tool on a database. `unharmed` ends the sentence that says it failed. Raises CannotStart."""
    tool = find(name)
    if tool is None:
        raise CannotStart(
            f"{name}, a tool of PostgreSQL's own, is not on this machine; {unharmed}.",
            "Install PostgreSQL's client tools of the server's version or newer (on Debian: postgresql-client).",
        )
    secret = {"PGPASSWORD": password} if password else {}
    done = subprocess.run(
        [tool, *what, "--dbname", database, "--no-password"],
        env={**os.environ, **secret},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[0]
        raise CannotStart(
            f"{name} could not do its work ({said}); {unharmed}.",
            f"Correct that, and see that {name} is of the server's version or newer.",
        )
