"""posthumous: a daemon that asks by notification, then runs its actions. The times are its defaults."""

import base64
import json
import urllib.error
import urllib.request

from lastwords.story.house import free_port
from rivals.other import Other
from rivals.switch import AUTHOR, KEEPERS, RECIPIENTS

CONFIG = """
node_name: leaf
secret_key: {secret}
listen: 127.0.0.1:{port}
api_token: a-token-of-the-author
check_interval: 1 second
notifications:
  author: ["mailto://127.0.0.1:{mail}?from=switch@leaf.example&to={author}"]
  people: ["mailto://127.0.0.1:{mail}?from=switch@leaf.example&to={author},{keepers}"]
  naruto: ["mailto://127.0.0.1:{mail}?from=switch@leaf.example&to={first}"]
  tsunade: ["mailto://127.0.0.1:{mail}?from=switch@leaf.example&to={second}"]
actions:
  on_warning: [{{notify: author, message: "Please check in."}}]
  on_grace: [{{notify: people, message: "Please check on Iruka."}}]
  on_trigger: [{{notify: naruto, message: "The words."}}]
post_trigger:
  - {{name: second, when: "trigger + 3 days", notify: tsunade, message: "The words."}}
"""


class Posthumous(Other):
    """The three people are told in its grace period, which is the kindest way to set it up."""

    name = "posthumous"
    package, version = "posthumous", "0.8.2"
    settings = (
        "its default times; three people told in its grace period; the second recipient three days later"
    )
    asks_people = False
    first_warning, last_window, deadline = 8, 12, 14

    def begins(self) -> None:
        self.port = free_port()
        folder = self.home / ".posthumous"
        folder.mkdir()
        (folder / "config.yaml").write_text(
            CONFIG.format(
                secret=base64.b32encode(b"twenty bytes of that").decode(),
                port=self.port,
                mail=self.mail.port,
                author=AUTHOR,
                keepers=",".join(KEEPERS),
                first=RECIPIENTS[0],
                second=RECIPIENTS[1],
            )
        )
        self.starts()
        if not self.here():
            raise RuntimeError("posthumous took no first check-in")

    def starts(self) -> None:
        self.runs(str(self.programs / "phm"), "run")
        self._answers()

    def _answers(self) -> None:
        """Waits until its page answers, or it has ended."""
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5):
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                if self._processes[-1].poll() is not None:
                    return
                self._waited.wait(0.2)

    def here(self) -> bool:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/checkin",
            data=json.dumps({"token": "a-token-of-the-author"}).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                taken = bool(json.load(answer).get("success", answer.status == 200))
        except (urllib.error.HTTPError, OSError):
            taken = False
        return taken

    def breaks(self, how: str) -> None:
        self.ends_processes()
        state = self.home / ".posthumous" / "state.yaml"
        if how == "missing":
            state.unlink()
        else:
            state.write_bytes(b"\x00" + state.read_bytes()[: state.stat().st_size // 2])
        self.starts()
        self.stopped_and_said = any(process.poll() is not None for process in self._processes)

    def second_worker(self) -> None:
        """The same folder, its web page on another port, as it would be started by mistake from a second unit."""
        config = self.home / ".posthumous" / "config.yaml"
        text = config.read_text()
        other = free_port()
        config.write_text(text.replace(f":{self.port}", f":{other}"))
        first, self.port = self.port, other
        self.starts()
        self.port = first
        config.write_text(text)
