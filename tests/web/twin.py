"""The browser's signing and sealing, asked from Python: one process of node that answers line by line."""

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from manners.house import ROOT

from lastwords.case.refusals import CaseRefused
from lastwords.signing.refusals import Refused

NODE = pytest.mark.needs("npm:esbuild", "npm:@noble/post-quantum")
DRIVER = Path(__file__).with_name("twin.mjs")


def bundle(entry: str, out: Path, *options: str) -> Path:
    """Build one file of web/ into a script that node or a browser loads."""
    command = ["node_modules/.bin/esbuild", entry, "--bundle", "--format=esm", f"--outfile={out}", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


class Twin:
    """Asks a question of the twin; what it refuses is told as Python's refusals are by `refused`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.asked = 0

    def __call__(self, what: str, /, **given: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"do": what} | given) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        self.asked += 1
        assert "broken" not in answer, f"{what}: {answer['broken']}"
        if "refused" in answer:
            raise TwinRefused(answer["refused"], answer["happened"], answer["do"])
        return answer["value"]


class TwinRefused(Exception):
    """What the twin refused: the name of the class, what happened, what to do."""


@contextmanager
def started(planted: tuple[str, str] | None = None) -> Iterator[Twin]:
    """A twin that lives as long as the block; with `planted`, one in whose code the first text became the second."""
    with TemporaryDirectory() as folder:
        libraries = [
            str(bundle(f"web/src/{name}.ts", Path(folder) / f"{name}.mjs"))
            for name in ("library", "library_case")
        ]
        if planted:
            code = Path(libraries[0]).read_text("utf-8")
            assert code.count(planted[0]) == 1, "the fault has no place to stand any more"
            Path(libraries[0]).write_text(code.replace(*planted), "utf-8")
        process = subprocess.Popen(
            ["node", str(DRIVER), *libraries],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Twin(process)
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(timeout=20)


def outcome(act: Callable[[], object]) -> object:
    """What an act gives, or how it is refused: class, what happened, what to do. The same shape for both twins."""
    try:
        return act()
    except (Refused, CaseRefused) as refusal:
        return ("refused", type(refusal).__name__, refusal.happened, refusal.do)
    except TwinRefused as refusal:
        return ("refused", *refusal.args)


def is_refused(found: object) -> bool:
    return isinstance(found, tuple) and found[:1] == ("refused",)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def unb64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
