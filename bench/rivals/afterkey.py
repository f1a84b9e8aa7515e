"""afterkey: a command for cron that asks contacts to vote. It sends nothing to recipients, who hold files of shares; so
what it calls the release of the shares stands here for words going out to both of them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rivals.other import Other
from rivals.switch import AUTHOR, KEEPERS, RECIPIENTS, Arrived

SET_UP = """
import json, sys
from datetime import datetime, timezone
from afterkey import config, vault
words = vault.create_inventory([{"type": "instruction", "message": "the words"}])
sealed, meta, shares = vault.seal(words, "open sesame")
vault.save(sealed, meta)
state = json.loads(sys.argv[1]) | {"last_checkin": datetime.now(timezone.utc).isoformat()}
config.STATE_FILE.write_text(json.dumps(state))
"""


class Afterkey(Other):
    """Its cron runs every second day; two of three contacts must vote."""

    name = "afterkey"
    package, version = "afterkey", "0.1.0"
    settings = (
        "its default times; cron every second day; two of three contacts vote; released shares count as words"
    )
    asks_people = True
    first_warning, last_window, deadline = 7, 60, 90
    step = 2.0

    def begins(self) -> None:
        state = {
            "owner": {"name": "Iruka", "email": AUTHOR},
            "contacts": [{"name": mail.partition("@")[0], "email": mail} for mail in KEEPERS],
            "smtp": {
                "host": "127.0.0.1",
                "port": self.mail.port,
                "user": "switch@leaf.example",
                "password": "any",
            },
        }
        self.does(str(self.programs / "python"), "-c", SET_UP, json.dumps(state))
        self._workers = 1

    def starts(self) -> None:
        """Nothing of it runs all the time."""

    def looks(self) -> None:
        before = self._releases()
        for _ in range(self._workers):
            if self.does(str(self.programs / "afterkey"), "watchdog", "run"):
                self.stopped_and_said = True
        for line in self._releases()[len(before) :]:
            for address in RECIPIENTS:
                self._heard(address, "shares released", f"{line}/{len(self.arrived)}")

    def _releases(self) -> list[str]:
        log = self._state.with_name("notifications.log")
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if "[shares_released]" in line]

    @property
    def _state(self) -> Path:
        return self.home / ".afterkey" / "state.json"

    def here(self) -> bool:
        """What `afterkey checkin` writes once the passphrase was right; deriving the key takes a gigabyte each time."""
        state = json.loads(self._state.read_text())
        now = datetime.now(UTC) + timedelta(days=self.offset)
        state |= {"last_checkin": now.isoformat()}
        state["watchdog"] = {"stage": "active", "contacts_notified": False, "votes": {}, "vote_threshold": 2}
        self._state.write_text(json.dumps(state))
        return True

    def asked(self) -> bool:
        return any("Action needed" in one.about for one in self.to_keepers())

    def keepers_say(self, *, dead: int = 0, alive: int = 0, forged: int = 0) -> None:
        """It knows no vote but yes; whoever can run the command votes under any name."""
        del alive
        names = [mail.partition("@")[0] for mail in KEEPERS[:dead]] + [
            f"stranger{one}" for one in range(forged)
        ]
        for name in names:
            self.does(str(self.programs / "afterkey"), "vote", "--contact", name)

    def dies_at_the_first_words(self) -> None:
        """Killed between the line in its log and the saving of its state: the state is as it was before that run."""
        self._at_first_words = "dies"

    def _heard(self, address: str, about: str, ident: str) -> None:
        if address in RECIPIENTS and self._at_first_words == "dies":
            self._at_first_words = ""
            state = json.loads(self._state.read_text())
            state["watchdog"]["stage"] = "voting"
            self._state.write_text(json.dumps(state))
            self.arrived.append(Arrived(self.day, address, about, ident))
            return
        super()._heard(address, about, ident)

    def breaks(self, how: str) -> None:
        if how == "missing":
            self._state.unlink()
        else:
            self._state.write_bytes(self._state.read_bytes()[: self._state.stat().st_size // 2])

    def second_worker(self) -> None:
        self._workers = 2
