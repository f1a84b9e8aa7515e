"""How fast the sweep gets round: an idle pass, a pass in which everybody is due, and damaged records among them.

    .venv/bin/python bench/sweep.py [--authors 2000]

Real database, real machine, real log rows; every step is on the disk before the next one begins. The share of damaged
records is one in a hundred: each must be set aside, and cost the others nothing but its own turn.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lastwords.protocol.moments import DAY, Moment
from lastwords.server.settings import Mail, Settings


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--authors", type=int, default=2_000)
    authors = arguments.parse_args().authors
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder) / "data", authors)


def measure(data: Path, authors: int) -> None:
    chosen = Settings(data, "http://127.0.0.1:1", Mail("127.0.0.1", 1, "a@example.org"), "b@example.org")
    from lastwords.server import founding

    founding.found(chosen)
    from lastwords.server import clock, models, store
    from lastwords.server.sweep import sweep

    door, now = store.here(), clock.now()
    damaged = fill(authors, now)
    idle = least(lambda: sweep(door, now))
    print(f"{authors} authors, {damaged} of them with a damaged record")
    print(f"idle pass: {idle * 1000:.1f} ms")

    later = Moment(now.wall + 28 * DAY, now.credit + 28 * DAY)
    began, waits = time.perf_counter(), []
    while True:
        before = time.perf_counter()
        swept = sweep(door, later, batch=100, most=100)
        if not swept.looked:
            break
        each = (time.perf_counter() - before) / swept.looked
        waits += [before - began + each * place for place in range(swept.looked)]
    seconds = time.perf_counter() - began
    moved = models.LogRow.objects.filter(number=2).count()
    aside = models.Watch.objects.exclude(set_aside="").count()
    assert (moved, aside) == (authors - damaged, damaged), "somebody did not have their turn"
    waits.sort()
    print(
        f"everybody due at once: {authors / seconds:.0f} watches a second, each with its row and letter on disk"
    )
    print(
        f"the last of 99 in 100 waited {waits[int(len(waits) * 0.99)]:.1f} s; damaged ones set aside: {aside}"
    )
    spread = 30 * DAY / authors
    print(
        f"spread over their 30 days one is due every {spread:.0f} s, and a look takes {seconds / authors:.4f} s"
    )


def fill(authors: int, now: Moment) -> int:
    """Armed watches in *well*, made as the machine would have left them; every hundredth is damaged."""
    from lastwords.protocol import record
    from lastwords.protocol.stages import Stage
    from lastwords.protocol.watch import Watch
    from lastwords.server import log, models
    from lastwords.server.log import author_log, beginning

    watches, rows, damaged = [], [], 0
    for number in range(authors):
        author = f"author-{number:06}"
        watch = Watch(author, stage=Stage.WELL, armed=True, last_sign=now)
        state = json.dumps(record.to_plain(watch), sort_keys=True, separators=(",", ":"))
        if number % 100 == 50:
            state, damaged = state[: len(state) // 2], damaged + 1
        entry = log.follow(beginning(author_log(author)), {"event": "begin"}, bytes(16))
        due = now.wall + 27 * DAY
        watches.append(
            models.Watch(author=author, state=state, look_at=due, head_number=1, head_link=entry.link)
        )
        rows.append(
            models.LogRow(
                watch_id=author,
                number=1,
                body=entry.body,
                salt=entry.salt,
                commitment=entry.commitment,
                link=entry.link,
            )
        )
    models.Watch.objects.bulk_create(watches, batch_size=500)
    models.LogRow.objects.bulk_create(rows, batch_size=500)
    return damaged


def least(what: Callable[[], object], times: int = 20) -> float:
    """The shortest of several runs, in seconds."""
    best = 1e9
    for _ in range(times):
        began = time.perf_counter()
        what()
        best = min(best, time.perf_counter() - began)
    return best


if __name__ == "__main__":
    main()
