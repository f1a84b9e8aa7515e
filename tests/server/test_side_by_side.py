"""Several hosts on one PostgreSQL database: each does its rounds, nothing happens twice, one of them keeps time."""

import json
import random
import threading
from collections import Counter
from contextlib import contextmanager

import pytest

from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Stage
from lastwords.server.log import author_log, beginning

pytestmark = [pytest.mark.only_on("postgresql")]

CALLED = (27, 3, 7)
"""Days until the keepers of an author who gives no sign are called."""
PASSES = (0, 1, 3, 4, 7, 7, 1)
"""Days before each round after that; together enough for words to be released."""


def many(circle, house, box, count, called=CALLED):
    """As many watches like Iruka's in which the keepers have been called, each at the beginning of its own log."""
    from lastwords.server import sweep
    from lastwords.server.models import Watch

    for days in called:
        sweep.sweep(circle.here(), house.leap(days * DAY))
        box.run_all(house.now())
    first = Watch.objects.get(author="iruka")
    assert circle.read("iruka").stage is (Stage.VIGIL if called else Stage.WELL)
    for number in range(count):
        author = f"author-{number:03}"
        house.person(author)
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
    """The lives of all watches: keepers sign, some authors give a sign at any moment; every round is done by a worker
    for each port at once, while people act."""
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


COUNT = 40


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_two_workers_and_people_at_once_send_no_letter_and_release_no_words_twice(
    circle, house, box, way, figure, seed
):
    from lastwords.server import audit
    from lastwords.server.models import Letter

    many(circle, house, box, COUNT)
    before = len(way.sent)
    authors = live(house, circle, way, [sql_port, sql_port], seed=seed)
    a_worker(house, way, sql_port())()
    released = [a for a in authors if any(track.stage == "released" for track in circle.read(a).tracks)]
    assert len(released) > COUNT // 2, "a life without a release would show nothing"
    assert twice(way) == [] and released_twice(authors) == []
    assert not Letter.objects.filter(next_try__lte=house.now().wall).exists(), "no letter was left behind"
    assert [v.faults for v in audit.verify_all(house.settings.heads) if not v.whole] == []
    figure(
        f"two workers on PostgreSQL: {COUNT} lives, {len(way.sent) - before} letters and {len(released)} releases, "
        "none of them twice"
    )


# The same with a fault planted: each must be found.


class Unlocked:
    """A port that looks for letters first and takes them afterwards, as two processes on one file never could."""

    def __init__(self, real, meeting):
        self.real, self.meeting = real, meeting

    def __getattr__(self, name):
        return getattr(self.real, name)

    def lease(self, wall, until, limit):
        from lastwords.server.models import Letter
        from lastwords.server.port_rows import OUTGOING, outgoing

        ready = Letter.objects.filter(next_try__lte=wall, lease__lte=wall).order_by("next_try", "ident")
        rows = list(ready.values_list(*OUTGOING)[:limit])
        self.meeting.wait()
        Letter.objects.filter(ident__in=[row[0] for row in rows]).update(lease=until)
        return [outgoing(row, (), until) for row in rows]


@pytest.mark.parametrize("planted", [False, True])
def test_two_workers_that_ask_at_the_same_moment_take_different_letters(circle, house, way, planted):
    from lastwords.protocol.moments import Moment
    from lastwords.server import clock, outbox
    from lastwords.server.port import Outgoing
    from lastwords.server.store import Store

    now, meeting = house.now(), threading.Barrier(2)
    letters = (
        Outgoing(f"{n:032x}", "", 0, "clock_doubted", "host", 0, 0, (("why", "x"),), Moment(1, 1), now.wall)
        for n in range(60)
    )
    sql_port().post(tuple(letters))

    def work():
        port = Unlocked(sql_port(), meeting) if planted else sql_port()
        box = outbox.Outbox(Store(port, clock.now), {"mail": way}, "Last Words", house.settings.origin)
        for _ in range(3 if not planted else 1):
            box.run(now)

    together(work, work)
    assert (twice(way) != []) is planted
    assert planted or len(way.sent) == 60


class Unturned:
    """A port that gives every turn to everybody."""

    def __init__(self, real):
        self.real = real

    def __getattr__(self, name):
        return getattr(self.real, name)

    @contextmanager
    def turn(self, place):
        yield True

    @contextmanager
    def turns(self, places):
        yield self.real.load_all([place.author for place in places])


@pytest.mark.parametrize("planted", [False, True])
def test_a_watch_takes_one_step_in_a_pass_however_many_sweep_at_once(circle, house, box, planted):
    from lastwords.server import clock, sweep
    from lastwords.server.models import LogRow
    from lastwords.server.store import Store

    count = 30
    many(circle, house, box, count, called=())
    now = house.leap(400 * DAY)
    ready = threading.Barrier(2)

    class Together:
        """Both have the same watches before them when they begin."""

        def __init__(self, real):
            self.real = real

        def __getattr__(self, name):
            return getattr(self.real, name)

        def due(self, *asked):
            found = self.real.due(*asked)
            if len(asked) > 2 and asked[2] is None:
                ready.wait()
            return found

    def work():
        port = Together(Unturned(sql_port()) if planted else sql_port())
        sweep.sweep(Store(port, clock.now), now)

    together(work, work)
    rows = Counter(
        LogRow.objects.filter(watch__author__startswith="author-").values_list("watch_id", flat=True)
    )
    assert (set(rows.values()) == {1} and len(rows) == count) is not planted


def test_a_silence_that_begins_while_a_keeper_is_added_waits_for_that_and_is_heard_of(circle, house):
    """Kakashi falls silent in the moment between Iruka's plan naming him and that being kept."""
    from django.db import connections, transaction

    from lastwords.server.port import Write

    house.person("kakashi")
    circle.begin("kakashi")
    port = sql_port()

    def falls_silent():
        kept = port.load("kakashi")
        write = Write("kakashi", kept.revision, kept.state, None, 100, ripples=(("kakashi", True),))
        assert port.commit(write)
        connections.close_all()

    silence = threading.Thread(target=falls_silent)
    with transaction.atomic():
        from lastwords.protocol.events import InviteKeeper

        circle.act("iruka", InviteKeeper("iruka", "kakashi"))
        silence.start()
        while silence.is_alive() and not waits_for_a_lock(house):
            silence.join(0.02)
        assert silence.is_alive(), "it did not wait"
    silence.join()
    assert [word.person for word in port.load("iruka").inbox] == ["kakashi"]


def waits_for_a_lock(house):
    from server.cluster import cluster
    from server.conftest import name_in

    name = name_in(house.data)
    asked = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND wait_event_type = 'Lock'"
    return cluster().tell(asked, role="postgres") != [(0,)]


def test_two_who_wait_for_each_other_are_parted_and_both_are_heard(circle, house):
    """A mutual pair falls silent in the same moment: each writes its own watch, then word into the other's."""
    from lastwords.server.models import Part
    from lastwords.server.port import Write

    pair = ("kakashi", "obito")
    for author, other in (pair, pair[::-1]):
        house.person(author)
        circle.begin(author)
        Part.objects.create(watch_id=author, person=other)
    port, meeting = sql_port(), threading.Barrier(2)

    def silent(author):
        def work():
            tried = 0
            while True:
                kept = port.load(author)
                if tried == 0:
                    meeting.wait()
                write = Write(author, kept.revision, kept.state, None, 100, ripples=((author, True),))
                tried += 1
                if port.commit(write):
                    return

        return work

    for _ in range(10):
        together(silent("kakashi"), silent("obito"))
    assert len(port.load("kakashi").inbox) == len(port.load("obito").inbox) == 10
