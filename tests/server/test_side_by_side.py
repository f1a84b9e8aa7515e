"""Several hosts on one PostgreSQL database: each does its rounds, nothing happens twice, one of them keeps time."""

import json
import random
import threading
from collections import Counter

import pytest

from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Stage
from lastwords.server.log import author_log, beginning

pytestmark = [pytest.mark.only_on("postgresql")]

PASSES = (27, 3, 7, 3, 4, 14, 1, 3, 4)
"""Days that pass before each round; together enough for a silent author's words to be released."""


def many(circle, count):
    """As many armed watches like Iruka's, each at the beginning of its own log."""
    from lastwords.server.models import Watch

    first = Watch.objects.get(author="iruka")
    for number in range(count):
        author = f"author-{number:03}"
        state = json.loads(first.state) | {"author": author}
        Watch.objects.create(
            author=author,
            state=json.dumps(state, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
            look_at=first.look_at,
            head_link=beginning(author_log(author)).link,
        )
    Watch.objects.filter(author="iruka").update(look_at=None)


def together(*works):
    """Does these at the same moment, each in a thread with a database connection of its own."""
    from django.db import connections

    problems, ready = [], threading.Barrier(len(works))

    def run(work):
        ready.wait()
        try:
            work()
        except Exception as error:
            problems.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def a_worker(house, way, port):
    """One process's part of a round: sweep and outbox over a port of its own."""
    from lastwords.server import clock, outbox, sweep
    from lastwords.server.store import Store

    store = Store(port, clock.now)
    box = outbox.Outbox(store, {"mail": way}, "Last Words", house.settings.origin)

    def work():
        now = clock.now()
        sweep.sweep(store, now, batch=10)
        while box.run_all(now).tried:
            continue

    return work


def the_keepers_find_the_author_dead(circle, author):
    """Three keepers sign it, as soon as they are asked."""
    from lastwords.protocol import events as e
    from lastwords.protocol.stages import Evidence, Finding

    watch = circle.read(author)
    if watch.stage is not Stage.VIGIL or watch.statements:
        return
    heads = tuple((track.key, *track.manifest) for track in watch.tracks)
    for keeper in ("anko", "gai", "kurenai"):
        circle.act(
            author,
            e.MakeStatement(keeper, Finding.DIED, Evidence.DOCUMENT_SEEN, watch.case.number, watch.epoch, 1, heads),
        )  # fmt: skip


def live(house, circle, way, ports, *, seed):
    """The lives of all watches: authors fall silent, some give signs at any moment, keepers sign; every round is done
    by a worker for each port at once, while people act."""
    from lastwords.protocol import events as e
    from lastwords.protocol.stages import Strength
    from lastwords.server.models import Watch
    from lastwords.server.refusals import Busy
    from lastwords.server.store import RefusedStep

    dice = random.Random(seed)
    authors = sorted(Watch.objects.exclude(author="iruka").values_list("author", flat=True))
    alive = [author for author in authors if dice.random() < 0.2]

    def people():
        for author in dice.sample(authors, len(authors)):
            try:
                if author in alive and dice.random() < 0.3:
                    circle.act(author, e.CheckIn(author, Strength.STRONG, "key"))
                else:
                    the_keepers_find_the_author_dead(circle, author)
            except (RefusedStep, Busy):
                continue

    for days in PASSES:
        house.leap(days * DAY)
        together(people, *(a_worker(house, way, port()) for port in ports))
    return authors


def twice(way):
    """Letters that left more than once."""
    sent = Counter((envelope.ident, envelope.address) for envelope, _ in way.sent)
    return [key for key, count in sent.items() if count > 1]


def released_twice(authors):
    """Watches whose words were released more than once without anybody coming home in between."""
    from lastwords.server.models import LogRow
    from lastwords.signing import canonical

    found = []
    for author in authors:
        rows = [
            canonical.decode(bytes(body))
            for body in LogRow.objects.filter(watch_id=author)
            .order_by("number")
            .values_list("body", flat=True)
        ]
        since = 0
        for row in rows:
            words = [what for what, _ in row["happened"]]
            since = 0 if row["event"] == "check_in" else since + words.count("released")
            if since > 1:
                found.append(author)
    return found


def sql_port():
    from lastwords.server.port_sql import SqlPort

    return SqlPort()


@pytest.mark.parametrize("seed", range(2))
def test_two_workers_and_people_at_once_send_no_letter_and_release_no_words_twice(
    circle, house, way, figure, seed
):
    from lastwords.server import audit
    from lastwords.server.models import Letter, Watch

    count = 60
    many(circle, count)
    authors = live(house, circle, way, [sql_port, sql_port], seed=seed)
    stages = Counter(circle.read(author).stage.value for author in authors)
    tracks = Counter(track.stage for author in authors for track in circle.read(author).tracks)
    print(
        stages,
        tracks,
        len(way.sent),
        Letter.objects.count(),
        Letter.objects.filter(next_try__isnull=False).count(),
    )
    assert twice(way) == [] and released_twice(authors) == []
    Watch.objects.filter(author="iruka").update(look_at=None)
    assert all(verdict.whole for verdict in audit.verify_all(house.settings.heads))
