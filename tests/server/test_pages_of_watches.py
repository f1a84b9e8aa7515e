"""Many watches at once: what is kept is what one after the other would have kept, for as many statements as a few."""

import gc
import itertools
import json
from collections import Counter

import pytest
from server.conftest import crashing

from lastwords.protocol.moments import DAY, Moment
from lastwords.server import log
from lastwords.server.port import Outgoing, Write

pytestmark = pytest.mark.both_databases


def copies(count, **changes):
    """As many watches like Iruka's, each at the beginning of a log of its own."""
    from lastwords.server.models import Watch

    first = Watch.objects.get(author="iruka")
    for number in range(count):
        author = f"author-{number:03}"
        state = json.loads(first.state) | {"author": author} | changes
        Watch.objects.create(
            author=author,
            state=json.dumps(state, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
            look_at=first.look_at,
            head_link=log.beginning(log.author_log(author)).link,
        )


def in_order():
    """Draws one number behind the other, so that letters of one moment leave in the order they were written in."""
    numbers = itertools.count()
    return lambda size: next(numbers).to_bytes(size, "big")


def everything():
    """All that is kept of watches, rows, letters and words, but for the letters' names, which are drawn."""
    from lastwords.server.models import Inbox, Letter, LogRow, Watch

    rows = [
        json.loads(bytes(body)) | {"letters": None} for body in LogRow.objects.values_list("body", flat=True)
    ]
    return {
        name: sorted(map(str, kept))
        for name, kept in {
            "watches": Watch.objects.values_list("author", "state", "revision", "look_at", "set_aside"),
            "rows": rows,
            "letters": Letter.objects.values_list("watch_id", "row", "kind", "to", "facts", "next_try"),
            "words": Inbox.objects.values_list("watch_id", "person", "silent"),
        }.items()
    }


@pytest.fixture
def statements():
    """Counts the statements that a piece of work sends to the database."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(work):
        with CaptureQueriesContext(connection) as captured:
            work()
        return len(captured)

    return count


def lives(house, circle, box, sweep, batch):
    """Watches fall late and silent, one of them is a keeper of another; every look and letter of 38 days."""
    from lastwords.server.models import Part, Watch

    copies(20)
    Watch.objects.filter(author="author-007").update(state="not even this")
    Part.objects.create(watch_id="author-002", person="author-001")
    Part.objects.create(watch_id="author-001", person="author-002")
    box.batch, box.store = batch, circle.here()
    box.store.entropy = in_order()
    for days in (27, 3, 7, 1):
        now = house.leap(days * DAY)
        sweep.sweep(box.store, now, batch=batch)
        box.run_all(now, most=200)
    return everything()


def test_a_page_keeps_what_one_watch_after_the_other_would_have_kept(circle, house, box):
    from lastwords.server import sweep
    from lastwords.server.models import Delivery, HostRow, Inbox, Letter, LogRow, Part, Pulse, Watch

    kept = list(Watch.objects.all()), list(LogRow.objects.all()), list(Part.objects.all())
    pulse, wall, boot = Pulse.objects.get(), house.source.wall, house.source.boot_time
    one_by_one = lives(house, circle, box, sweep, 1)
    for model in (Delivery, Letter, LogRow, Part, Inbox, Watch, HostRow):
        model.objects.all().delete()
    for rows in kept:
        type(rows[0]).objects.bulk_create(rows)
    pulse.save()
    house.source.wall, house.source.boot_time = wall, boot
    together = lives(house, circle, box, sweep, 100)
    assert len(one_by_one["rows"]) > 60 and len(one_by_one["letters"]) > 20
    for what, kept_so in one_by_one.items():
        assert together[what] == kept_so, what


def test_a_page_takes_as_many_statements_for_a_hundred_watches_as_for_twenty(
    circle, house, sweep, statements
):
    counts = []
    copies(120)
    now = house.leap(27 * DAY)
    for many in (20, 100):
        counts.append(statements(lambda many=many: sweep.sweep(circle.here(), now, batch=many, most=many)))
    assert counts[0] == counts[1] <= 14


@pytest.fixture
def sweep(house):
    from lastwords.server import sweep

    return sweep


@pytest.mark.parametrize(("every", "looks"), [(10, 12), (5, 24)])
def test_damaged_watches_are_set_aside_together_and_the_others_go_together(
    circle, house, sweep, every, looks
):
    from lastwords.server.audit import rows_of
    from lastwords.server.log import HOST_LOG, verify
    from lastwords.server.models import HostRow, Letter, Watch

    copies(120)
    for number in range(0, 120, every):
        Watch.objects.filter(author=f"author-{number:03}").update(state="{}")
    store = circle.here()
    alone = []
    real = store.port.turn
    store.port = Noting(store.port, alone, real)
    before = HostRow.objects.count()
    swept = sweep.sweep(store, house.leap(27 * DAY), batch=200)
    assert (swept.looked, swept.moved, swept.set_aside) == (121, 121 - looks, looks)
    assert alone == [], "and nobody was made by themselves"
    assert HostRow.objects.count() - before == looks == Letter.objects.filter(kind="watch_set_aside").count()
    assert verify(HOST_LOG, rows_of(""), {}).whole


def test_a_page_is_let_go_when_it_is_done_although_one_of_it_could_not_be_judged(circle, house, sweep):
    """What holds itself would be looked for among all else that this process holds, and after every page."""
    from lastwords.server.models import Watch
    from lastwords.server.port import Kept

    copies(20)
    Watch.objects.filter(author="author-003").update(state="{}")
    gc.collect()
    with sweep.unsorted():
        swept = sweep.sweep(circle.here(), house.leap(27 * DAY))
        held = [one for one in gc.get_objects() if type(one) is Kept and one.author.startswith("author-")]
    assert (swept.moved, swept.set_aside, held) == (20, 1, [])


class Noting:
    """A port that notes whose turn is taken alone."""

    def __init__(self, real, alone, turn):
        self.real, self.alone, self._turn = real, alone, turn

    def __getattr__(self, name):
        return getattr(self.real, name)

    def turn(self, place):
        self.alone.append(place.author)
        return self._turn(place)


def test_one_damaged_log_does_not_keep_the_others_from_their_turn(circle, house, sweep):
    """A row stands behind the head of its log, so the next row cannot be written there."""
    from lastwords.server.models import HostRow, LogRow, Watch

    copies(20)
    LogRow.objects.create(
        watch_id="author-003", number=1, body=b"{}", salt=b"", commitment=b"0" * 32, link=b"0" * 32
    )
    before = Watch.objects.get(author="author-003").state
    swept = sweep.sweep(circle.here(), house.leap(27 * DAY))
    assert (swept.looked, swept.moved, swept.set_aside) == (21, 20, 1)
    assert Watch.objects.filter(author__startswith="author-", head_number=1).count() == 19
    damaged = Watch.objects.get(author="author-003")
    assert damaged.state == before and "a row stands where the next one belongs" in damaged.set_aside
    assert b"set_aside" in bytes(HostRow.objects.order_by("number").last().body)


def letters(count, now, to="host", first=0):
    return tuple(
        Outgoing(
            f"{first + n:032x}", "", 0, "clock_doubted", to, 0, 0, (("why", "x"),), Moment(1, 1), now.wall
        )
        for n in range(count)
    )


def test_a_batch_of_letters_takes_as_many_statements_for_many_as_for_few(house, box, way, statements):
    now = house.now()
    counts = []
    for count in (10, 40):
        house.person(f"reader-{count}")
        box.port.post(letters(count, now, f"reader-{count}", count * 100))
        counts.append(statements(lambda: box.run(now)))
    assert len(way.sent) == 50
    assert counts[0] == counts[1] <= 16


def test_reports_of_many_watches_take_as_many_statements_as_those_of_few(
    circle, house, sweep, box, way, statements
):
    copies(60)
    for number in range(60):
        house.person(f"author-{number:03}", address=f"a@{number}.example.org")
    now = house.leap(27 * DAY)
    sweep.sweep(circle.here(), now)
    counts = []
    for batch in (10, 40):
        box.batch = batch
        counts.append(statements(lambda: box.run(now)))
    assert len(way.sent) == 50
    assert counts[0] == counts[1] <= 30


def test_a_crash_between_sending_a_batch_and_writing_it_down_sends_one_copy_more_under_the_same_names(
    house, box, way
):
    now = house.now()
    box.port.post(letters(20, now))
    with crashing(box, "mark"):
        box.run(now)
    assert box.run(now).tried == 0, "the lease still stands"
    box.run(house.leap(601))
    sent = Counter(envelope.ident for envelope, _ in way.sent)
    assert len(sent) == 20 and set(sent.values()) == {2}


def test_a_domain_that_says_later_three_times_is_left_alone_and_the_others_are_not(house, box, way):
    now = house.now()
    for number in range(30):
        domain = "busy" if number % 2 else f"calm{number}"
        house.person(f"p{number}", address=f"p{number}@{domain}.example.org")
        way.script[f"p{number}@busy.example.org"] = ["later"]
        box.port.post(letters(1, now, f"p{number}", number))
    passed = box.run(now)
    asked = Counter(envelope.address.partition("@")[2] for envelope, _ in way.sent)
    assert asked.pop("busy.example.org") == 3 and len(asked) == 15
    assert (passed.tried, passed.accepted) == (18, 15)
    from lastwords.server.models import Letter

    waiting = Letter.objects.filter(stage="written")
    assert waiting.count() == 12 and set(waiting.values_list("attempts", flat=True)) == {0}


def test_a_silence_that_begins_in_a_page_is_heard_by_whoever_comes_after_it_in_the_page(house):
    """Kakashi and Obito have a part in each other's watch, and fall silent in one page: the second is not judged before
    it has heard of the first."""
    from lastwords.server.models import Part
    from lastwords.server.port_sql import SqlPort

    port = SqlPort()
    heads = {}
    for author in ("kakashi", "obito"):
        first = log.follow(log.beginning(log.author_log(author)), {"event": "begin"}, bytes(16))
        assert port.commit(Write(author, 0, "{}", 50, 100, (first,)))
        heads[author] = first
    Part.objects.create(watch_id="kakashi", person="obito")
    Part.objects.create(watch_id="obito", person="kakashi")
    writes = [Write(author, 1, "{}", None, 200, ripples=((author, True),)) for author in heads]
    assert port.commit_each(writes) == [True, False]
    obito = port.load("obito")
    assert ([word.person for word in obito.inbox], obito.revision, obito.look_at) == (["kakashi"], 2, 50)
    assert port.load("kakashi").inbox == ()


@pytest.mark.parametrize(("table", "index"), [("watch", "watch_queue"), ("letter", "letter_queue")])
def test_both_queues_are_read_from_an_index_of_their_own_without_sorting(circle, house, table, index):
    """Not what it costs, which is measured elsewhere, but that the database sees how."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")
            cursor.execute("SET enable_bitmapscan = off")
        columns = {"watch": ("look_at", "author"), "letter": ("next_try", "ident")}[table]
        explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        cursor.execute(
            f'{explain} SELECT {columns[0]}, {columns[1]} FROM "{table}" WHERE {columns[0]} <= 5 '
            f"ORDER BY {columns[0]}, {columns[1]} LIMIT 400"
        )
        plan = str(cursor.fetchall())
    assert index in plan
    assert "TEMP B-TREE" not in plan and "Sort" not in plan
