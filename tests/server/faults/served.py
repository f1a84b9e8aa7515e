"""A whole host as a person runs one, with its processes, on a disk or under a clock that can be made to fail."""

import hashlib
import json
import os
import re
import secrets
import signal
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from server.api.world import Answer, Person
from server.test_serve import LASTWORDS, PATIENCE, Host, wait_for

REAL = ("--pulse", "10")
"""How a host with the machine's own clock is founded; ten seconds between pulses are the least."""


class Served(Host):
    """A host whose processes get `more` environment."""

    def __init__(
        self, data: Path, database: str = "", kind: tuple[str, ...] = REAL, more: dict[str, str] | None = None
    ) -> None:
        self.more = more or {}
        super().__init__(data, database, kind)

    def serve(self) -> None:
        command = [*LASTWORDS, "host", "serve", "--data", str(self.data)]
        where = {**os.environ, **self.more}
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=where
        )
        wait_for(self.answers_or_ended, "the host to answer", 3 * PATIENCE)
        assert self.process.poll() is None, self.process.stderr.read()

    def answers_or_ended(self) -> bool:
        return self.process.poll() is not None or self.get("/health")[0] != 0

    def state(self) -> dict[str, object]:
        """What it says of itself."""
        return self.get("/health")[1] or {}

    def dies(self) -> None:
        """Every process of it is killed at once, and nothing of it is left."""
        self.stop(signal.SIGKILL)
        wait_for(lambda: not self.parts(), "every process of the host to be gone")

    def verified(self) -> bool:
        """Whether every log is whole."""
        done = self.run("log", "verify", "--data", self.data, "--json", check=False)
        return bool(json.loads(done.stdout)["whole"])

    def idents(self) -> list[str]:
        """The Message-ID of everything that arrived."""
        return [re.search(r"(?im)^message-id: <([0-9a-f]+)@", text)[1] for text in self.mailbox.arrived]


class Wire:
    """What a person's program speaks to a served host with; stands where the test client stands elsewhere."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def generic(
        self, method: str, path: str, data: bytes, content_type: str, headers: dict[str, str]
    ) -> object:
        said = {"Content-Type": content_type, **headers}
        request = urllib.request.Request(f"{self.origin}{path}", data or None, said, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as got:
                return self._answer(got.status, got.read(), got.headers)
        except urllib.error.HTTPError as error:
            return self._answer(error.code, error.read(), error.headers)

    def _answer(self, status: int, content: bytes, headers: object) -> object:
        return SimpleNamespace(status_code=status, content=content, headers=headers, streaming=False)


@dataclass
class Facts:
    """An author who brings sealed files and invites people, and keeps what was acknowledged."""

    host: Served
    author: Person = field(init=False)
    files: dict[str, bytes] = field(default_factory=dict)
    invited: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.author = Person("kakashi")
        self.author.client = Wire(f"http://127.0.0.1:{self.host.port}")
        code = json.loads(self.host.run("host", "join-code", "--data", self.host.data, "--json").stdout)[
            "code"
        ]
        assert self.author.join(join_code=code, handle="kakashi").status == 201
        assert self.author.sign_in().status == 201

    def bring(self, size: int = 2_000) -> Answer:
        """One sealed file."""
        body = b"age-encryption.org/v1\n" + secrets.token_bytes(size)
        name = hashlib.sha256(body).hexdigest()
        headers = {"Upload-Size": str(len(body)), "Upload-Offset": "0"}
        got = self.author.ask("PUT", f"/files/{name}", body, **headers)
        if got.status == 200 and got["complete"]:
            self.files[name] = body
        return got

    def invite(self) -> Answer:
        """One person more."""
        ident = secrets.token_hex(16)
        got = self.author.post(
            "/watches/kakashi/invitations", role="keeper", id=ident, name=f"guest {ident[:6]}"
        )
        if got.status == 201:
            self.invited.append(ident)
        return got

    def go_on(self, until: object) -> None:
        """Brings and invites until the host is gone."""
        while not until.is_set():
            try:
                self.bring()
                self.invite()
            except (OSError, ValueError):
                return

    def kept(self) -> tuple[int, int]:
        """How many files and invitations were acknowledged."""
        return len(self.files), len(self.invited)

    def lost(self, after: tuple[int, int] = (0, 0)) -> list[str]:
        """What was acknowledged and is not there, as the host's own answers show it; what came `after` so many files
        and invitations, or everything."""
        self.author.sign_in()
        files, invited = list(self.files.items())[after[0] :], self.invited[after[1] :]
        gone = [name for name, body in files if self.author.get(f"/files/{name}").raw != body]
        for ident in invited:
            again = self.author.post(
                "/watches/kakashi/invitations", role="keeper", id=ident, name="once more"
            )
            if again.status == 201:
                gone.append(f"invitation {ident}")
        return gone
