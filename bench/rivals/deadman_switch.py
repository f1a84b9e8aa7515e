"""deadman-switch: a loop that looks at a file's age and fires its payload. A service manager starts the loop again
whenever it has ended by mistake, and leaves it alone when it has ended well."""

import json
import os
import time

from rivals.other import ROUND, Other
from rivals.switch import DAY, RECIPIENTS


class DeadmanSwitch(Other):
    """Its payload is one letter; it has no warnings and asks nobody."""

    name = "deadman-switch"
    package, version = "deadman-switch", "0.2.0"
    settings = (
        "14 days; its payload is one letter, it has no warnings; a service manager starts it when it fails"
    )
    asks_people = False
    first_warning, last_window, deadline = 14, 13, 14

    def begins(self) -> None:
        self._config = self.home / ".dms" / "config.json"
        self._config.parent.mkdir()
        payload = {
            "type": "email",
            "from": "switch@leaf.example",
            "to": ", ".join(RECIPIENTS),
            "smtp_host": "127.0.0.1",
            "smtp_port": self.mail.port,
            "smtp_user": "switch@leaf.example",
            "smtp_pass": "any",
        }
        self._workers = 1
        self._ended_well = 0
        self._dms("init")
        self._dms("arm", "--ttl", str(14 * DAY), "--payload", json.dumps(payload))
        self.here()
        self.starts()

    def _dms(self, *words: str) -> int:
        return self.does(str(self.programs / "dms"), *words)

    def starts(self) -> None:
        for _ in range(self._workers):
            self.runs(str(self.programs / "dms"), "watch", "--interval", "1")

    def looks(self) -> None:
        self._waited.wait(ROUND)
        self._dying.clear()
        ended = [process for process in self._processes if process.poll() is not None]
        for process in ended:
            self._processes.remove(process)
            if process.returncode:
                self.runs(str(self.programs / "dms"), "watch", "--interval", "1")
        if ended:
            self._waited.wait(ROUND)

    def here(self) -> bool:
        taken = self._dms("heartbeat") == 0
        if taken:
            # The moved clock does not reach the file system, which stamps the file with the machine's own time.
            moved = time.time() + self.offset * DAY
            os.utime(self.home / ".dms" / "heartbeat", (moved, moved))
        return taken

    def breaks(self, how: str) -> None:
        self.ends_processes()
        if how == "missing":
            (self.home / ".dms" / "heartbeat").unlink()
        else:
            self._config.write_bytes(self._config.read_bytes()[: self._config.stat().st_size // 2])
        self.starts()
        self._waited.wait(ROUND)
        self.stopped_and_said = any(process.poll() not in (None, 0) for process in self._processes)

    def second_worker(self) -> None:
        self._workers = 2
        self.runs(str(self.programs / "dms"), "watch", "--interval", "1")
