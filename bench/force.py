"""How long a check-in takes when it is the word under force, as a ratio to an ordinary one.

    .venv/bin/python bench/force.py [--rounds 300]

One watch in a real database, five keepers. Each round sends one code of either kind through the API's own view, in an
order that changes from round to round, and takes both back again, so that all of them begin at the same state. Middle
times are compared, and the share of rounds in which the word was the slower one: a half tells nobody anything.
"""

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from lastwords.protocol.stages import SeatStage, Stage
from lastwords.protocol.watch import Credential, Plan, Seat, Watch
from lastwords.server.settings import Mail, Settings

PLAIN, WORD = "aaaa2222", "bbbb3333"
KEEPERS = ("sakura", "yamato", "guy", "kurenai", "shizune")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=300)
    rounds = arguments.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder) / "data", rounds)


def measure(data: Path, rounds: int) -> None:
    chosen = Settings(data, "http://127.0.0.1:1", Mail("127.0.0.1", 1, "a@example.org"), "b@example.org")
    from lastwords.server import founding

    founding.found(chosen)
    prepare()
    for _ in range(20):
        one(PLAIN), one(WORD)
    times: dict[str, list[float]] = {PLAIN: [], WORD: []}
    for number in range(rounds):
        for code in (PLAIN, WORD) if number % 2 else (WORD, PLAIN):
            times[code].append(one(code))
    plain, word = (statistics.median(times[code]) for code in (PLAIN, WORD))
    slower = sum(b > a for a, b in zip(times[PLAIN], times[WORD], strict=True)) / rounds
    print(f"check-in by code: {plain * 1000:.2f} ms; by the word under force: {word * 1000:.2f} ms")
    print(f"ratio {word / plain:.3f}; the word was the slower of a pair in {slower:.1%} of {rounds} rounds")


def prepare() -> None:
    """An armed watch in *well*, five keepers, and a list of two codes."""
    from lastwords.server import accounts, models, store

    store.begin("kakashi")
    seats = tuple(Seat(name, SeatStage.SEASONED, vouched=True) for name in sorted(KEEPERS))
    watch: Watch = replace(
        store.read("kakashi"),
        stage=Stage.WELL,
        armed=True,
        plan=Plan(),
        seats=seats,
        credentials=(Credential("key", "device"), Credential("paper", "paper")),
    )
    from lastwords.protocol import record

    text = json.dumps(record.to_plain(watch), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    models.Watch.objects.filter(author="kakashi").update(state=text)
    person = models.Person.objects.create(handle="kakashi", name="Kakashi")
    for code in (PLAIN, WORD):
        salt = code.encode() * 2
        models.PaperCode.objects.create(
            person=person,
            sheet="paper",
            salt=salt,
            hash=accounts.code_hash(salt, code),
            under_force=code == WORD,
        )


def one(code: str) -> float:
    """Seconds for one check-in, which is taken back."""
    from django.db import transaction
    from django.test import Client

    with transaction.atomic():
        begun = time.perf_counter()
        got = Client().post(
            "/api/watches/kakashi/check-ins", json.dumps({"code": code}), content_type="application/json"
        )
        taken = time.perf_counter() - begun
        assert got.status_code == 200, got.content
        transaction.set_rollback(True)
    return taken


if __name__ == "__main__":
    main()
