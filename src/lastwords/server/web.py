"""The web server's process: one worker with threads, so that all requests share one clock and one way out."""

import os

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from . import children, settings


def main() -> None:
    """Serves until stopped. The worker itself begins in `wsgi`."""
    children.die_with_parent()
    chosen = settings.configure_from_environment()
    Granian(
        "lastwords.server.wsgi:application",
        address=chosen.bind_host,
        port=chosen.bind_port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=chosen.threads,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
        log_access=False,
        workers_kill_timeout=3,
    ).serve()


if __name__ == "__main__":
    os.umask(0o077)
    main()
