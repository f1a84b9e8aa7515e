"""A mailbox that takes everything and says when: the far side of both senders of `bench/letters.py`.

    python bench/rivals/sink.py

Prints its port, and for every line on its standard input the moments (seconds of the wall clock) at which letters
arrived since the last one, as a JSON list. It ends with its standard input.
"""

import json
import socket
import sys
import time
from typing import Any

from aiosmtpd.controller import Controller


class Handler:
    def __init__(self) -> None:
        self.times: list[float] = []

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """It offers to be told several things in one breath, as nearly every relay does."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", *responses[-1:]]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.times.append(time.time())
        return "250 taken"


def main() -> None:
    handler = Handler()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    print(port, flush=True)
    for _ in sys.stdin:
        times, handler.times = handler.times, []
        print(json.dumps(times), flush=True)
    controller.stop()


if __name__ == "__main__":
    main()
