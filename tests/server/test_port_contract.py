"""One contract for every backing: SQLite, PostgreSQL, and the store in memory that fails on purpose."""

import hashlib

import pytest

from lastwords.protocol.moments import Moment
from lastwords.server import log
from lastwords.server.port import Answer, Due, Head, HostWrite, Mark, Outgoing, Paper, Write

pytestmark = pytest.mark.both_databases


@pytest.fixture(params=["database", "memory"])
def port(request, house):
    if request.param == "database":
        from lastwords.server.port_sql import SqlPort

        house.person("iruka")
        return SqlPort()
    from lastwords.server.port import Reader
    from lastwords.server.port_memory import MemoryPort

    readers = {"iruka": Reader("iruka", "Iruka", "UTC", ("mail:iruka@example.org",))}
    return MemoryPort(readers=readers)


def entry(head, **body):
    return log.follow(head, body, b"0123456789abcdef")


def begin(port, author, *, look_at=None, parts=frozenset()):
    first = entry(log.beginning(log.author_log(author)), event="begin")
    write = Write(author, 0, "{}", look_at, 100, (first,), parts=frozenset(parts))
    assert port.commit(write)
    return Head(first.number, first.link)


def a_letter(ident, *, next_try=100, author="iruka", facts=()):
    return Outgoing(ident, author, 1, "check_in_due", "iruka", 1, 0, facts, Moment(100, 50), next_try)


def a_mark(ident, *, next_try=None, taken=1, answers=()):
    return Mark(ident, "iruka", "handed_over", 1, next_try, taken, f"taken:{taken}", 200, answers)


def test_what_waits_for_a_time_to_come_can_be_made_due_now(port):
    begin(port, "iruka", look_at=5_000)
    port.post((a_letter("a" * 32, next_try=5_000), a_letter("b" * 32, next_try=50)))
    assert [letter.ident for letter in port.lease(100, 5_000, 10)] == ["b" * 32]
    port.awaken(100)
    assert [place.author for place in port.due(100, 10)] == ["iruka"]
    assert sorted(letter.ident for letter in port.lease(100, 700, 10)) == ["a" * 32, "b" * 32]


def test_a_watch_that_was_begun_is_loaded_as_it_was_written(port):
    head = begin(port, "iruka", look_at=500)
    kept = port.load("iruka")
    assert (kept.author, kept.state, kept.revision, kept.look_at, kept.set_aside) == (
        "iruka",
        "{}",
        1,
        500,
        "",
    )
    assert kept.head == head
    assert port.load("nobody") is None


def test_a_watch_cannot_be_begun_twice(port):
    begin(port, "iruka")
    again = entry(log.beginning("author:iruka"), event="begin")
    assert not port.commit(Write("iruka", 0, "other", None, 100, (again,)))
    assert port.load("iruka").state == "{}"


def test_a_write_from_an_older_revision_changes_nothing(port):
    head = begin(port, "iruka")
    second = entry(head, event="second")
    assert port.commit(Write("iruka", 1, "second", None, 110, (second,)))
    late = entry(head, event="late")
    letter = a_letter("a" * 32)
    assert not port.commit(
        Write("iruka", 1, "late", None, 120, (late,), (letter,), (Paper("note", "n", b"x"),))
    )
    kept = port.load("iruka")
    assert (kept.state, kept.revision, kept.head.number) == ("second", 2, 2)
    assert port.letter("a" * 32) is None


def test_due_watches_come_earliest_first_and_in_bounded_batches(port):
    for author, look_at in (("c", 30), ("a", 20), ("b", 20), ("d", 99), ("e", None)):
        begin(port, author, look_at=look_at)
    assert port.due(50, 2) == [Due(20, "a"), Due(20, "b")]
    assert port.due(50, 2, Due(20, "b")) == [Due(30, "c")]
    assert port.due(10, 2) == []


def test_word_of_a_silence_reaches_every_watch_with_a_part_and_no_other(port):
    head = begin(port, "iruka", parts={"kakashi"})
    begin(port, "kakashi", parts={"iruka"}, look_at=9_000)
    begin(port, "anko", parts={"naruto"})
    write = Write("iruka", 1, "{}", None, 300, (entry(head, event="x"),), ripples=(("iruka", True),))
    assert port.commit(write)
    heard = port.load("kakashi")
    assert [(word.person, word.silent) for word in heard.inbox] == [("iruka", True)]
    assert (heard.revision, heard.look_at) == (2, 300)
    assert port.load("anko").inbox == ()
    assert port.load("iruka").inbox == ()


def test_a_drained_word_is_gone_and_others_stay(port):
    head = begin(port, "iruka", parts={"kakashi"})
    kept = begin(port, "kakashi", parts={"iruka"})
    port.commit(
        Write(
            "iruka",
            1,
            "{}",
            None,
            300,
            (entry(head, event="x"),),
            ripples=(("iruka", True), ("iruka", False)),
        )
    )
    first, second = port.load("kakashi").inbox
    assert port.commit(
        Write("kakashi", 3, "{}", None, 310, (entry(kept, event="y"),), drained=(first.ident,))
    )
    assert port.load("kakashi").inbox == (second,)


def test_a_watch_set_aside_is_neither_due_nor_written(port):
    head = begin(port, "iruka", look_at=20)
    row = log.follow(port.host_head(), {"kind": "set_aside"}, b"0123456789abcdef")
    letters = (a_letter("b" * 32, author=""),)
    assert port.commit_host(HostWrite(row, 200, letters, ("iruka", "damaged")))
    kept = port.load("iruka")
    assert (kept.set_aside, kept.look_at, kept.state) == ("damaged", None, "{}")
    assert port.due(1_000, 10) == []
    assert port.authors() == ()
    assert not port.commit(Write("iruka", kept.revision, "new", 5, 300, (entry(head, event="x"),)))
    assert port.letter("b" * 32).kind == "check_in_due"


def test_a_host_row_that_does_not_follow_is_not_written(port):
    row = log.follow(port.host_head(), {"kind": "one"}, b"0123456789abcdef")
    assert port.commit_host(HostWrite(row, 200))
    assert not port.commit_host(HostWrite(row, 200, (a_letter("c" * 32, author=""),)))
    assert port.host_head().number == row.number
    assert port.letter("c" * 32) is None


def test_a_letter_of_the_hosts_says_other_things_until_somebody_takes_it(port):
    def row_with(says):
        row = log.follow(port.host_head(), {"kind": "one"}, b"0123456789abcdef")
        letter = a_letter("d" * 32, author="", facts=(("many", says),), next_try=120)
        return port.commit_host(HostWrite(row, 200, (letter,)))

    assert row_with(1)
    assert row_with(2)
    assert (port.letter("d" * 32).facts, port.host_head().number) == ((("many", 2),), 2)
    (taken,) = port.lease(150, 750, 10)
    assert not row_with(3)
    assert (port.letter("d" * 32).facts, port.host_head().number) == ((("many", 2),), 2)
    port.mark((Mark(taken.ident, "host", "failed", 1, 900, 0, "failed", 150),))
    assert not row_with(3), "it was sent once, and must say the same when it is sent again"


def test_a_leased_letter_is_nobody_elses_until_its_lease_is_over(port):
    port.post(
        (a_letter("a" * 32, author="", facts=(("due", 7),)), a_letter("b" * 32, author="", next_try=900))
    )
    (letter,) = port.lease(150, 750, 10)
    assert (letter.ident, letter.facts, letter.written) == ("a" * 32, (("due", 7),), Moment(100, 50))
    assert port.lease(150, 750, 10) == []
    assert [letter.ident for letter in port.lease(750, 1_000, 10)] == ["a" * 32]


def test_a_marked_letter_remembers_who_accepted_it(port):
    port.post((a_letter("a" * 32, author=""),))
    port.lease(150, 750, 10)
    answers = (
        Answer("mail:iruka@example.org", "accepted", "250"),
        Answer("mail:b@example.org", "later", "451"),
    )
    port.mark((a_mark("a" * 32, next_try=400, answers=answers),))
    letter = port.letter("a" * 32)
    assert (letter.stage, letter.attempts, letter.taken, letter.reported) == ("handed_over", 1, 1, "taken:1")
    assert letter.accepted == ("mail:iruka@example.org",)
    assert port.lease(399, 500, 10) == []
    assert [letter.ident for letter in port.lease(400, 500, 10)] == ["a" * 32]


def test_a_letter_with_nothing_more_to_try_is_never_leased_again(port):
    port.post((a_letter("a" * 32, author=""),))
    port.mark((a_mark("a" * 32),))
    assert port.lease(10_000_000, 10_000_100, 10) == []


def test_marks_of_a_write_stand_and_fall_with_it(port):
    head = begin(port, "iruka")
    port.post((a_letter("a" * 32),))
    lost = Write("iruka", 7, "{}", None, 300, (entry(head, event="x"),), marks=(a_mark("a" * 32),))
    assert not port.commit(lost)
    assert port.letter("a" * 32).stage == "written"
    kept = Write("iruka", 1, "{}", None, 300, (entry(head, event="x"),), marks=(a_mark("a" * 32),))
    assert port.commit(kept)
    assert port.letter("a" * 32).stage == "handed_over"


def test_facts_that_are_to_be_forgotten_are_gone(port):
    port.post((a_letter("a" * 32, author="", facts=(("number", "12345678"),)),))
    mark = Mark("a" * 32, "iruka", "handed_over", 1, None, 1, "taken:1", 200, (), forget=True)
    port.mark((mark,))
    assert port.letter("a" * 32).facts == ()


def test_readers_have_only_proven_channels(port):
    assert port.reader("iruka").channels == ("mail:iruka@example.org",)
    assert port.reader("nobody") is None


def test_heartbeats_are_kept_by_name(port):
    port.beat(100, "sweep")
    port.beat(160, "sweep", "outbox")
    assert (port.beats()["sweep"], port.beats()["outbox"]) == (160, 160)


def kept_papers(port):
    if hasattr(port, "tables"):
        return sorted((kept.paper.kind, kept.paper.name) for kept in port.tables.papers.get("iruka", []))
    from lastwords.server.models import Paper as Row

    return sorted(Row.objects.filter(watch="iruka").values_list("kind", "name"))


def test_a_shred_deletes_the_given_shares_of_one_keeper_or_of_all(port):
    head = begin(port, "iruka")
    papers = [
        *(
            Paper(kind, f"died/naruto/words/{keeper}", b"x")
            for kind in ("given", "uncovered")
            for keeper in ("anko", "gai")
        ),
        Paper("statement", "anko", b"x"),
    ]
    second = entry(head, event="x")
    assert port.commit(Write("iruka", 1, "{}", None, 300, (second,), (), tuple(papers), "anko"))
    assert len(kept_papers(port)) == 5
    third = entry(Head(second.number, second.link), event="y")
    again = (Paper("given", "died/naruto/words/anko", b"new"),)
    assert port.commit(Write("iruka", 2, "{}", None, 300, (third,), (), again, "anko", shreds=("anko",)))
    assert kept_papers(port) == [
        ("given", "died/naruto/words/anko"),
        ("given", "died/naruto/words/gai"),
        ("statement", "anko"),
        ("uncovered", "died/naruto/words/gai"),
    ]
    assert port.commit(
        Write("iruka", 3, "{}", None, 300, (entry(Head(third.number, third.link), event="z"),), shreds=("",))
    )
    assert kept_papers(port) == [("statement", "anko")]


def test_a_keeper_who_gives_a_share_over_and_over_again_fills_nobodys_disk(port):
    head = begin(port, "iruka")
    mine, anothers = "died.naruto/words/anko", "died.naruto/words/gai"
    for revision in range(1, 4):
        row = entry(head, event=f"{revision}")
        papers = [
            Paper("given", anothers if revision == 1 else mine, b"x"),
            Paper("given_again", mine, b"%d" % revision),
            Paper("statement", "anko", b"x"),
        ]
        assert port.commit(Write("iruka", revision, "{}", None, 300, (row,), (), tuple(papers), "anko"))
        head = Head(row.number, row.link)
    assert kept_papers(port) == [
        ("given", mine),
        ("given", anothers),
        ("given_again", mine),
        *[("statement", "anko")] * 3,
    ]


def test_a_paper_is_kept_with_its_hash_and_its_row(port):
    head = begin(port, "iruka")
    second = entry(head, event="x")
    port.commit(Write("iruka", 1, "{}", None, 300, (second,), (), (Paper("note", "n", b"sealed"),), "anko"))
    wanted = (hashlib.sha256(b"sealed").hexdigest(), second.number, "anko")
    if hasattr(port, "tables"):
        (kept,) = port.tables.papers["iruka"]
        assert (kept.sha256, kept.row, kept.by) == wanted
    else:
        from lastwords.server.models import Paper as Row

        row = Row.objects.get()
        assert (row.sha256, row.row, row.by) == wanted


def test_a_write_that_was_judged_by_another_watch_is_made_only_while_that_one_stands(port):
    head = begin(port, "iruka")
    other = begin(port, "kakashi")
    assert port.commit(Write("kakashi", 1, "{}", None, 300, (entry(other, event="x"),)))
    second = entry(head, event="x")
    for beheld in (("kakashi", 1), ("kakashi", 0), ("nobody", 1)):
        assert not port.commit(Write("iruka", 1, "late", None, 310, (second,), beheld=(beheld,)))
    assert port.load("iruka").revision == 1
    assert port.commit(Write("iruka", 1, "{}", None, 310, (second,), beheld=(("kakashi", 2), ("nobody", 0))))


def test_a_turn_is_given_only_at_the_place_where_the_watch_still_is(port):
    begin(port, "iruka", look_at=20)
    with port.turn(Due(20, "iruka")) as ours:
        assert ours
    for place in (Due(19, "iruka"), Due(20, "nobody")):
        with port.turn(place) as ours:
            assert not ours


def test_what_was_learnt_under_a_lease_that_passed_to_another_is_not_written(port):
    begin(port, "iruka")
    port.post((a_letter("a" * 32),))
    (first,) = port.lease(150, 750, 10)
    (second,) = port.lease(750, 1_350, 10)
    assert (first.lease, second.lease) == (750, 1_350)
    late = Mark("a" * 32, "iruka", "failed", 9, 800, 0, "failed", 760, lease=first.lease)
    port.mark((late,))
    assert port.letter("a" * 32).attempts == 0
    assert port.lease(800, 1_400, 10) == [], "the lease of the other stands"
    port.mark((Mark("a" * 32, "iruka", "handed_over", 1, None, 1, "taken:1", 770, lease=second.lease),))
    port.mark((late,))
    assert (port.letter("a" * 32).stage, port.letter("a" * 32).attempts) == ("handed_over", 1)


def test_a_watch_is_set_aside_once(port):
    begin(port, "iruka")
    for number, stands in ((1, True), (2, False)):
        row = log.follow(port.host_head(), {"kind": "set_aside"}, b"0123456789abcdef")
        letters = (a_letter(f"{number:032x}", author=""),)
        assert port.commit_host(HostWrite(row, 200, letters, ("iruka", "damaged"))) is stands
    assert port.host_head().number == 1
    assert port.letter(f"{2:032x}") is None


def test_watches_that_are_free_are_loaded_together_and_one_that_was_set_aside_is_not_among_them(port):
    from django.db import transaction

    heads = {author: begin(port, author, look_at=500) for author in ("iruka", "mizuki", "anko")}
    first = log.follow(log.beginning(log.HOST_LOG), {"kind": "set_aside"}, b"0123456789abcdef")
    assert port.commit_host(HostWrite(first, 120, aside=("anko", "a test sets it aside")))
    with transaction.atomic():
        kept = port.load_free(["iruka", "mizuki", "anko", "nobody"])()
    assert {author: (one.revision, one.head, one.look_at) for author, one in kept.items()} == {
        author: (1, heads[author], 500) for author in ("iruka", "mizuki")
    }


@pytest.mark.only_on("sqlite")
def test_whoever_reads_does_not_wait_for_whoever_writes(house):
    import pysqlite3
    from django.db import connection

    from lastwords.server.port_sql import SqlPort

    port = SqlPort()
    house.person("iruka")
    begin(port, "iruka")
    other = pysqlite3.connect(str(house.data / "lastwords.sqlite3"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
    try:
        other.execute("UPDATE watch SET state = 'half done'")
        assert port.load("iruka").state == "{}"
    finally:
        other.close()
        connection.close()
