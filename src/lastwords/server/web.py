"""The web server's process: one worker with one loop and some threads, so that all requests share one clock, one way
out, and one thread that writes check-ins.
"""

import os

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from . import children, settings

HEADERS_WITHIN = 10_000
"""Milliseconds in which the head of a request has to be here, and for which a kept connection may be silent."""
LARGEST_HEAD = 32 * 1024
"""Bytes of a request's head; more is refused (431), and no connection holds more than this unread."""
CONNECTIONS = 1024
"""Connections that are open at once; more wait until one of them ends."""


def main() -> None:
    """Serves until stopped. The worker itself begins in `gate.worker`."""
    children.die_with_parent()
    chosen = settings.configure_from_environment()
    Granian(
        "lastwords.server.gate.worker:application",
        address=chosen.bind_host,
        port=chosen.bind_port,
        interface=Interfaces.RSGI,
        workers=1,
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN, max_buffer_size=LARGEST_HEAD),
        websockets=False,
        log_level=LogLevels.warning,
        log_access=False,
        workers_kill_timeout=3,
    ).serve()


if __name__ == "__main__":
    os.umask(0o077)
    main()
