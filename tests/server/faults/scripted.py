"""One short life of a host, act by act, on a disk whose n-th sync fails: `python -m server.faults.scripted JSON`.

Each run is a process of its own, forked from this one, which has loaded everything and opened nothing. What it wrote,
synced, acknowledged and refused comes back line by line; then another process starts the folder again.
"""

import ctypes
import hashlib
import io
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from server.conftest import BEGINNING, HandMoved

from lastwords.protocol import events as e
from lastwords.protocol.stages import Strength, Tamper
from lastwords.server import settings

SEALED = b"age-encryption.org/v1\n" + b"x" * 9_000
NAME = hashlib.sha256(SEALED).hexdigest()
FIRST = 4_000
"""Bytes of the piece that comes first."""
PULSE = 60
shim = ctypes.CDLL(None)


def here(folder: Path) -> tuple[object, object, HandMoved]:
    """Store, outbox and clocks of a folder."""
    settings.configure(folder)
    from server.conftest import Way

    from lastwords.server import clock, models, outbox, store

    pulse = models.Pulse.objects.get()
    source = HandMoved(pulse.wall, pulse.boot_time, pulse.boot_id)
    clock.use(clock.Clock(source, PULSE))
    box = outbox.Outbox(store.here(), {"mail": Way()}, "Last Words", "http://127.0.0.1")
    outbox.use(box)
    return store, box, source


def acts(folder: Path) -> dict[str, Callable[[], object]]:
    """What happens, in order. Each leaves something that can be looked for later."""
    store, box, source = here(folder)
    from django.db import connection

    from lastwords.server import clock, rounds, witness
    from lastwords.server.api import uploads
    from lastwords.server.port import Paper

    def sign(number: int) -> Callable[[], object]:
        event = e.CheckIn("iruka", Strength.STRONG, "key")
        return lambda: store.act("iruka", event, [Paper("sign", f"sign {number}", b"x" * 500)])

    def piece(begin: int, end: int) -> Callable[[], object]:
        return lambda: uploads.take_piece(NAME, "iruka", len(SEALED), begin, io.BytesIO(SEALED[begin:end]))

    def a_round() -> object:
        source.move(PULSE)
        return rounds.run(pulse=True, heard=lambda: True, report=True)

    def to_main_file() -> object:
        with connection.cursor() as cursor:
            return cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    return {
        "sign 1": sign(1),
        "tamper": lambda: store.act("iruka", e.ReportTamper("host", Tamper.FAILED_SIGN_INS)),
        "letters": lambda: box.run_all(clock.now()),
        "piece 1": piece(0, FIRST),
        "piece 2": piece(FIRST, len(SEALED)),
        "round": a_round,
        "sign 2": sign(2),
        "checkpoint": to_main_file,
        "sign 3": sign(3),
        "tidy": lambda: witness.tidy(folder / "heads"),
        "credential": lambda: store.act("iruka", e.AddCredential("iruka", "new", "device")),
        "host": lambda: store.here().host_row("noted", clock.now()),
        "sign 4": sign(4),
    }


def live(folder: Path, at: int, out: int, planted: str) -> None:
    """The life itself."""
    todo = acts(folder)
    exec(planted, {"os": os})
    from django.db import DatabaseError, connections

    from lastwords.server.problems import Problem
    from lastwords.server.refusals import ServerRefused

    shim.faults_trace(out)
    shim.faults_arm(at)
    for name, act in todo.items():
        try:
            act()
        except (ServerRefused, Problem, DatabaseError, OSError) as error:
            os.write(out, f"refused\t{name}\t{type(error).__name__}\n".encode())
        else:
            os.write(out, f"acknowledged\t{name}\n".encode())
    os.write(out, f"syncs\t{shim.faults_count()}\n".encode())
    shim.faults_trace(-1)
    connections.close_all()


def come_back(folder: Path, acknowledged: list[str], out: int) -> None:
    """Starts the folder as `serve` would, looks for everything that was acknowledged, and goes on."""
    from lastwords.server import audit, checks

    shim.faults_arm(0)
    wrong = []
    chosen = checks.ready(folder)
    store, _, _ = here(folder)
    if checks.find_restored_past(chosen):
        wrong.append("the heads file led the database")
    wrong += [verdict.faults[0] for verdict in audit.verify_all(chosen.heads) if not verdict.whole]
    wrong += [f"{name} is lost" for name in acknowledged if not _is_there(name, store, chosen)]
    todo = acts(folder)
    for name, act in {**{one: todo[one] for one in GOING_ON}, "the rest of the file": send_the_rest}.items():
        try:
            act()
        except Exception as error:
            wrong.append(f"after the restart {name} fails: {type(error).__name__} {error}")
    if not _is_there("piece 2", store, chosen):
        wrong.append("after the restart the file does not come in")
    for sentence in wrong:
        os.write(out, f"wrong\t{sentence}\n".replace("\n", " ").strip().encode() + b"\n")


def send_the_rest() -> None:
    """As a client does: it asks how much has come, and sends what is left, if only a piece of nothing."""
    from lastwords.server.api import uploads

    have, whole = uploads.offset(NAME, "iruka")
    if not whole:
        uploads.take_piece(NAME, "iruka", len(SEALED), have, io.BytesIO(SEALED[have:]))


GOING_ON = ("sign 1", "letters", "round")
MOVING = ("checkpoint", "tidy")
"""What only carries elsewhere what is kept already: whether that is still whole is looked at before."""


def _is_there(name: str, store: object, chosen: settings.Settings) -> bool:
    from lastwords.server import models
    from lastwords.server.api import uploads

    if name.startswith("sign"):
        return models.Paper.objects.filter(kind="sign", name=name).exists()
    alarms = [
        letter.stage
        for letter in models.Letter.objects.filter(kind="tamper_alarm")
        if json.loads(letter.facts).get(Tamper.FAILED_SIGN_INS)
    ]
    if name == "tamper":
        return alarms != []
    if name == "letters":
        return {*alarms} <= {"handed_over"}
    if name == "round":
        return models.Pulse.objects.get().wall == BEGINNING + PULSE
    if name == "piece 1":
        return uploads.offset(NAME, "iruka")[0] >= FIRST
    if name == "credential":
        return any(one.name == "new" for one in store.read("iruka").credentials)
    if name == "piece 2":
        whole = models.SealedFile.objects.filter(pk=NAME, complete=True).exists()
        return whole and (chosen.files / NAME).read_bytes() == SEALED
    if name == "host":
        return any(b'"noted"' in bytes(row.body) for row in models.HostRow.objects.all())
    return name in MOVING


def forked(work: Callable[[int], None]) -> list[str]:
    """Does it in a process of its own and returns the lines it wrote."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            work(writing)
        except BaseException as error:
            os.write(writing, f"wrong\t{type(error).__name__}: {error}".replace("\n", " ").encode() + b"\n")
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as lines:
        found = lines.read().decode().splitlines()
    os.waitpid(child, 0)
    return found


def one(data: Path, scratch: Path, at: int, planted: str) -> list[str]:
    """One life and the start after it, on a copy of the folder."""
    folder = scratch / f"run-{at}"
    shutil.copytree(data, folder)
    (folder / "begun").write_text("real\n")
    lines = forked(lambda out: live(folder, at, out, planted))
    kept = [line.split("\t")[1] for line in lines if line.startswith("acknowledged\t")]
    if any(line.startswith(f"failed\t{folder / 'files'}\t") for line in lines):
        # A whole file whose name did not come to the disk is thrown away, and sent again from its beginning.
        kept = [name for name in kept if name != "piece 1"]
    lines += forked(lambda out: come_back(folder, kept, out))
    shutil.rmtree(folder)
    return lines


def main(asked: dict[str, object]) -> None:
    data, scratch = Path(str(asked["data"])), Path(str(asked["scratch"]))
    scratch.mkdir(parents=True, exist_ok=True)
    settings.configure(data)
    from lastwords.server import api  # noqa: F401  # loaded once, before anything is forked

    undisturbed = one(data, scratch, 0, str(asked["planted"]))
    syncs = next(int(line.split("\t")[1]) for line in undisturbed if line.startswith("syncs\t"))
    wanted = asked["indices"]
    chosen = range(1, syncs + 1) if wanted is None else [at for at in wanted if at <= syncs]
    found = [(0, undisturbed), *((at, one(data, scratch, at, str(asked["planted"]))) for at in chosen)]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
