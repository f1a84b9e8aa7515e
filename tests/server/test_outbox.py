"""The outbox: every letter reaches someone or a person is told, and the machine hears of every hand-over once."""

import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from threading import Event

import pytest
from server.conftest import Way, arm_a_circle, crashing

from lastwords.protocol.moments import DAY, HOUR, Moment
from lastwords.protocol.stages import Stage, Strength
from lastwords.server.port import Outgoing
from lastwords.server.refusals import Busy, Unwritable
from lastwords.signing import canonical

pytestmark = pytest.mark.both_databases

AUTHOR = "iruka@example.org"


@pytest.fixture
def late(circle, house, way, box):
    """Iruka has missed a check-in; the letter that asks him is written and not yet sent."""
    from lastwords.server import sweep

    for days in (27, 3):
        now = house.leap(days * DAY)
        sweep.sweep(circle.here(), now)
        if days == 27:
            box.run(now)
    assert circle.read("iruka").stage is Stage.LATE
    way.sent.clear()
    return circle


def letters(**wanted):
    from lastwords.server.models import Letter

    return list(Letter.objects.filter(**wanted).order_by("written", "ident"))


def rows(author):
    from lastwords.server.models import LogRow

    return [json.loads(bytes(row.body)) for row in LogRow.objects.filter(watch=author).order_by("number")]


def events(author):
    return [row["event"] for row in rows(author)]


def test_an_accepted_letter_starts_the_wait_that_was_waiting_for_it(late, house, way, box):
    assert late.read("iruka").wait is None
    passed = box.run(house.now())
    assert passed.accepted == 1
    assert late.read("iruka").wait.since == house.now()
    assert events("iruka")[-1] == "letter_taken"
    assert way.to(AUTHOR)[0].startswith("Second reminder: your keepers will be asked after ")
    assert box.run(house.now()).tried == 0


def test_a_refused_letter_moves_nothing_is_reported_once_and_tried_again(late, house, way, box):
    way.script[AUTHOR] = ["later", "later", "later", "accepted"]
    for _ in range(3):
        box.run(house.now())
        house.leap(HOUR)
    assert late.read("iruka").wait is None
    assert late.read("iruka").failing is not None
    assert events("iruka").count("letter_failed") == 1
    box.run(house.now())
    assert late.read("iruka").wait is not None
    assert late.read("iruka").failing is None
    assert len({envelope.ident for envelope, _ in way.sent}) == 1


def test_a_keeper_who_cannot_be_reached_is_one_task_for_the_others_however_often_it_is_tried(
    circle, house, way, box
):
    from lastwords.protocol.events import RaiseAlarm

    way.script["gai@example.org"] = ["refused"]
    circle.act("iruka", RaiseAlarm("anko"))
    for _ in range(4):
        box.run_all(house.now())
        house.leap(HOUR)
    tasks = [letter.to for letter in letters(kind="letter_task")]
    assert sorted(tasks) == sorted(set(tasks)) and "anko" in tasks and "gai" not in tasks


def test_a_letter_is_not_tried_again_before_its_time(late, house, way, box):
    way.script[AUTHOR] = ["later"]
    box.run(house.now())
    house.leap(59)
    assert box.run(house.now()).tried == 0
    house.leap(1)
    assert box.run(house.now()).tried == 1


def test_when_no_letter_can_leave_nobody_is_said_to_refuse(late, house, way, box):
    way.broken = "the relay cannot be reached"
    passed = box.run(house.now())
    assert passed.no_way_out == "the relay cannot be reached"
    assert late.read("iruka").failing is None
    assert "letter_failed" not in events("iruka")
    assert letters(kind="check_in_missed")[0].attempts == 0
    way.broken = ""
    house.leap(60)
    assert box.run(house.now()).accepted == 1


def test_every_proven_channel_is_written_to_and_the_machine_hears_how_many(late, house, way, box):
    from lastwords.server.models import Channel

    Channel.objects.create(person_id="iruka", address="second@example.org", proven_at=1)
    Channel.objects.create(person_id="iruka", address="unproven@example.org")
    way.script["second@example.org"] = ["refused", "accepted"]
    box.run(house.now())
    house.leap(HOUR)
    box.run(house.now())
    house.leap(HOUR)
    box.run(house.now())
    sent = [(envelope.address, state) for envelope, state in way.sent]
    assert sent == [
        (AUTHOR, "accepted"),
        ("second@example.org", "refused"),
        ("second@example.org", "accepted"),
    ]
    (letter,) = letters(kind="check_in_missed")
    assert (letter.taken, letter.reported, letter.next_try) == (2, "taken:2", None)


def test_a_channel_that_refuses_is_known_as_failing_until_it_accepts(late, house, way, box):
    from lastwords.server.models import Channel

    way.script[AUTHOR] = ["refused", "accepted"]
    began = house.now().wall
    box.run(house.now())
    assert Channel.objects.get(address=AUTHOR).failing_since == began
    house.leap(HOUR)
    box.run(house.now())
    assert Channel.objects.get(address=AUTHOR).failing_since is None


def test_a_crash_between_sending_and_writing_down_sends_one_copy_more_of_the_same_name(late, house, way, box):
    with crashing(box, "commit"):
        box.run(house.now())
    assert box.run(house.now()).tried == 0, "the lease still stands"
    house.leap(601)
    box.run(house.now())
    idents = [envelope.ident for envelope, _ in way.sent]
    assert len(idents) == 2 and len(set(idents)) == 1
    assert events("iruka").count("letter_taken") == 1


CANNOT_BE_KEPT = (Busy("Someone else writes.", "Wait."), Unwritable("The disk is full.", "Make room."))


def refusing_once(box, refusal):
    """The same outbox over a door that keeps nothing of the first thing that happens."""
    failures = [refusal]

    class Refusing(type(box.store)):
        def act(self, *args, **kwargs):
            if failures:
                raise failures.pop()
            return super().act(*args, **kwargs)

    return replace(box, store=Refusing(box.store.port, box.store.now, kept=box.store.kept))


@pytest.mark.parametrize("refusal", CANNOT_BE_KEPT)
def test_a_report_that_could_not_be_kept_is_made_again_without_sending_again(late, house, way, box, refusal):
    box = refusing_once(box, refusal)
    box.run(house.now())
    assert late.read("iruka").wait is None
    house.leap(60)
    box.run(house.now())
    assert late.read("iruka").wait is not None
    assert len(way.sent) == 1


@pytest.mark.parametrize("refusal", CANNOT_BE_KEPT)
def test_that_a_letter_came_back_is_said_again_when_it_could_not_be_kept(late, house, way, box, refusal):
    box.run(house.now())
    ident, refusing = way.sent[-1][0].ident, refusing_once(box, refusal)
    with pytest.raises(type(refusal)):
        refusing.bounced(ident, f"mail:{AUTHOR}", house.now())
    assert late.read("iruka").wait is not None
    refusing.bounced(ident, f"mail:{AUTHOR}", house.now())
    assert late.read("iruka").wait is None


def test_a_letter_to_someone_without_a_channel_is_reported_as_failed(late, house, way, box):
    from lastwords.server.models import Channel

    Channel.objects.filter(person_id="iruka").delete()
    box.run(house.now())
    assert late.read("iruka").failing is not None
    assert way.sent == []


def test_what_is_refused_for_thirty_days_is_given_up_and_the_host_is_told(late, house, way, box):
    way.script[AUTHOR] = ["refused"]
    for _ in range(31 * 2 + 8):
        box.run(house.now())
        house.leap(DAY // 2)
    (letter,) = letters(kind="check_in_missed")
    assert (letter.stage, letter.next_try) == ("failed", None)
    assert way.to("host@example.org") == ["A letter to Iruka was given up"]


# What is given up, told to the host.


def to_the_host(way):
    return [" ".join(e.text.body.split()) for e, _ in way.sent if e.address == "host@example.org"]


@pytest.fixture
def dead_relay(circle, house, way, box):
    """Sixty authors to whom no letter can be handed over, and what gives up one to each of them."""
    import json

    from lastwords.server.models import Watch

    first = Watch.objects.get(author="iruka")
    for number in range(60):
        author = f"author-{number:02}"
        house.person(author, address=None)
        text = json.dumps(json.loads(first.state) | {"author": author})
        Watch.objects.create(author=author, state=text, look_at=None, head_link=b"0" * 32)

    def give_up(numbers, kind="hold_placed"):
        written = Moment(house.now().wall - 31 * DAY, house.now().credit - 31 * DAY)
        made = [
            (f"author-{one:02}", box.store.host_letter(kind, f"author-{one:02}", written)) for one in numbers
        ]
        box.port.post(tuple(replace(letter, author=author) for author, letter in made))
        box.run_all(house.now())

    house.leap(40 * DAY)
    return give_up


def test_many_letters_that_are_given_up_together_are_one_letter_to_the_host(dead_relay, house, way, box):
    from lastwords.server.models import HostRow, Letter

    dead_relay(range(60))
    assert to_the_host(way) == [], "the first waits for the others a few minutes"
    box.run_all(house.leap(10 * 60))
    (told,) = to_the_host(way)
    assert way.to("host@example.org") == ["60 letters were given up"]
    assert "Their kinds: hold placed." in told
    for number in range(60):
        assert told.count(f"author-{number:02}") == 2, "as whom it was for, and as whose watch it is"
    assert Letter.objects.filter(next_try__isnull=True, reported="failed").count() == 60
    rows = [canonical.decode(bytes(row.body)) for row in HostRow.objects.order_by("number")]
    assert len([row for row in rows if row["kind"] == "letter_given_up"]) == 60, "a row for each"


def test_what_is_given_up_later_that_day_is_told_a_day_after_in_one_letter(dead_relay, house, way, box):
    told = 0
    for hour in range(48):
        dead_relay([hour])
        house.leap(HOUR)
        box.run_all(house.now())
        told += 1
    box.run_all(house.leap(DAY))
    subjects = way.to("host@example.org")
    assert subjects[0] == "A letter to Author-00 was given up"
    assert 3 <= len(subjects) <= 4
    assert told == 1 + sum(int(subject.split()[0]) for subject in subjects[1:])


def test_a_new_process_begins_a_letter_of_its_own_and_loses_none(dead_relay, house, way, box):
    from lastwords.server import outbox

    dead_relay(range(3))
    other = outbox.Outbox(box.store, box.ways, box.service, box.origin)
    other.learning.tell_host(box.store.host_letter("hold_placed", "author-09", house.now()), house.now(), "x")
    other.run_all(house.leap(HOUR))
    assert sorted(way.to("host@example.org")) == [
        "3 letters were given up",
        "A letter to Author-09 was given up",
    ]


def test_a_letter_that_is_taken_at_that_moment_is_left_as_it_is_and_the_next_one_tells(
    dead_relay, house, way, box
):
    """The planted fault is a clock that was set back: the letter has left, and by the clock it has not."""
    dead_relay([1])
    box.run_all(house.leap(10 * 60))
    house.source.wall -= 9 * 60
    dead_relay([2])
    box.run_all(house.leap(2 * DAY))
    assert way.to("host@example.org") == [
        "A letter to Author-01 was given up",
        "A letter to Author-02 was given up",
    ]


@pytest.mark.parametrize("kind", ["under_force", "keeper_called"])
def test_of_a_word_under_force_the_host_reads_neither_that_nor_whose(dead_relay, house, way, box, kind):
    """What it reads of any call: a line that were missing for one kind alone would tell it."""
    dead_relay([7], kind)
    box.run_all(house.leap(10 * 60))
    (told,) = to_the_host(way)
    assert "of the kind keeper called to Author-07" in told
    assert "force" not in told and "watches" not in told


def test_an_old_reminder_is_not_sent_once_the_watch_asks_anew(late, house, way, box):
    from lastwords.protocol.events import CheckIn, RaiseAlarm

    late.act("iruka", CheckIn("iruka", Strength.STRONG, "key"))
    late.act("iruka", RaiseAlarm("anko"))
    house.leap(4 * DAY)
    box.run(house.now())
    assert not any(subject.startswith("Second reminder") for subject in way.to(AUTHOR))
    assert letters(kind="check_in_missed")[0].stage == "dropped"
    assert any("asks whether you are well" in subject for subject in way.to(AUTHOR))


def test_nobody_is_asked_any_more_once_the_author_is_well_again(late, house, way, box):
    """A mailbox that was away for an hour would otherwise be told after the return that the keepers are asked soon."""
    from lastwords.protocol.events import CheckIn

    way.script[AUTHOR] = ["later"]
    box.run(house.now())
    late.act("iruka", CheckIn("iruka", Strength.STRONG, "key"))
    way.script[AUTHOR], way.sent[:] = ["accepted"], []
    house.leap(HOUR)
    box.run(house.now())
    assert way.sent == []
    assert letters(kind="check_in_missed")[0].stage == "dropped"


def test_a_keeper_whose_mailbox_was_away_is_not_called_to_an_alarm_that_is_over(circle, house, way, box):
    from lastwords.protocol.events import CheckIn, RaiseAlarm

    circle.act("iruka", RaiseAlarm("anko"))
    way.script["gai@example.org"] = ["later"]
    box.run(house.now())
    for credential in ("key", "paper"):
        circle.act("iruka", CheckIn("iruka", Strength.STRONG, credential))
    assert circle.read("iruka").stage is Stage.WELL
    way.script["gai@example.org"], way.sent[:] = ["accepted"], []
    house.leap(HOUR)
    box.run_all(house.now())
    assert way.to("gai@example.org") == ["Iruka is home (case 1 is closed)"]


def test_a_reminder_is_not_sent_to_whoever_has_checked_in_since(circle, house, way, box):
    from lastwords.protocol.events import CheckIn
    from lastwords.server import sweep

    way.script[AUTHOR] = ["later"]
    sweep.sweep(circle.here(), house.leap(27 * DAY))
    box.run(house.now())
    assert letters(kind="check_in_due")[0].stage == "failed"
    circle.act("iruka", CheckIn("iruka", Strength.STRONG, "key"))
    way.script[AUTHOR], way.sent[:] = ["accepted"], []
    house.leap(HOUR)
    box.run(house.now())
    assert way.sent == []


def taken_after(seconds, house, way, box):
    """The author's mailbox puts the letter off for so long, and takes it then."""
    way.script[AUTHOR] = ["later"]
    box.run(house.now())
    house.leap(seconds)
    way.script[AUTHOR] = ["accepted"]
    box.run(house.now())


def test_a_letter_that_somebody_waits_for_is_never_dropped_for_its_age(late, house, way, box):
    taken_after(10 * DAY, house, way, box)
    assert late.read("iruka").wait is not None


def test_a_returned_letter_is_reported_and_the_wait_begins_again(late, house, way, box):
    box.run(house.now())
    ident = way.sent[-1][0].ident
    box.bounced(ident, f"mail:{AUTHOR}", house.now())
    assert events("iruka")[-1] == "letter_bounced"
    assert late.read("iruka").wait is None
    assert late.read("iruka").failing is not None


def test_a_letter_that_keeps_coming_back_is_given_up_after_thirty_days_and_the_host_is_told(
    late, house, way, box
):
    from lastwords.protocol.events import ReportTamper
    from lastwords.protocol.stages import Tamper

    late.act("iruka", ReportTamper("host", Tamper.FAILED_SIGN_INS))
    box.run(house.now())
    ident = letters(kind="tamper_alarm", to="iruka")[0].ident
    sent = 0
    while letters(ident=ident)[0].stage != "failed":
        box.bounced(ident, f"mail:{AUTHOR}", house.now())
        house.leap(DAY)
        box.run(house.now())
        sent += 1
        assert sent < 40
    assert 30 <= sent <= 32
    box.run(house.now())
    assert letters(ident=ident)[0].next_try is None
    told = letters(kind="letter_undelivered")
    assert [letter.to for letter in told] == ["host"]


def test_a_letter_taken_at_last_that_comes_back_when_it_is_given_up_begins_the_wait_again_all_the_same(
    late, house, way, box
):
    taken_after(29 * DAY, house, way, box)
    assert late.read("iruka").wait is not None
    ident = way.sent[-1][0].ident
    box.bounced(ident, f"mail:{AUTHOR}", house.leap(2 * DAY))
    assert events("iruka")[-1] == "letter_bounced"
    assert late.read("iruka").wait is None
    assert letters(ident=ident)[0].next_try is None
    assert [letter.next_try is not None for letter in letters(kind="check_in_missed")] == [False, True]
    assert [letter.to for letter in letters(kind="letter_undelivered")] == ["host"]


SECOND = "second@example.org"


def late_on_two(house, box, channels):
    """Iruka has two mailboxes, of which his plan asks for so many; both have accepted the letter that asks him."""
    from lastwords.server import store, sweep
    from lastwords.server.models import Channel

    arm_a_circle(house, channels=channels)
    Channel.objects.create(person_id="iruka", address=SECOND, proven_at=1)
    for days in (27, 3):
        now = house.leap(days * DAY)
        sweep.sweep(store.here(), now)
        box.run(now)
    assert store.read("iruka").wait is not None
    return store


@pytest.mark.parametrize(
    ("channels", "planted", "counts"), [(1, False, True), (2, False, False), (2, True, True)]
)
def test_a_silence_counts_on_with_one_mailbox_left_only_where_the_plan_asks_for_no_more(
    house, box, monkeypatch, channels, planted, counts
):
    """The planted fault takes one for enough, whatever the plan says."""
    from lastwords.protocol.events import LetterBounced
    from lastwords.server import outbox

    store = late_on_two(house, box, channels)
    if planted:
        monkeypatch.setattr(outbox, "LetterBounced", lambda *of: LetterBounced(*of[:4], of[4] and 2))
    (letter,) = letters(kind="check_in_missed")
    box.bounced(letter.ident, f"mail:{SECOND}", house.now())
    assert (store.read("iruka").wait is not None) is counts
    assert (store.read("iruka").failing is None) is counts
    assert len(letters(kind="check_in_missed")) == (1 if counts else 2), "the author is asked anew"


@pytest.mark.parametrize(("gone", "tries"), [(False, 1 + 6), (True, 1)])
def test_a_mailbox_that_sends_a_letter_back_which_another_has_is_tried_again_for_three_days(
    house, way, box, gone, tries
):
    """And not at all where nobody lives at that address any more."""
    late_on_two(house, box, 1)
    (letter,) = letters(kind="check_in_missed")
    for _ in range(20):
        if f"mail:{SECOND}" in box.port.letter(letter.ident).accepted:
            box.bounced(letter.ident, f"mail:{SECOND}", house.now(), gone=gone)
        box.run(house.leap(DAY // 2))
    sent = [envelope.address for envelope, _ in way.sent if envelope.ident == letter.ident]
    assert (sent.count(AUTHOR), sent.count(SECOND)) == (1, tries)
    (letter,) = letters(ident=letter.ident)
    assert (letter.stage, letter.taken, letter.next_try) == ("handed_over", 1, None)


def test_nobody_is_asked_on_another_mailbox_once_the_author_is_well_again(house, way, box):
    from lastwords.protocol.events import CheckIn

    store = late_on_two(house, box, 1)
    (letter,) = letters(kind="check_in_missed")
    box.bounced(letter.ident, f"mail:{SECOND}", house.now())
    store.act("iruka", CheckIn("iruka", Strength.STRONG, "key"))
    way.sent.clear()
    box.run(house.leap(DAY // 2))
    assert way.sent == []
    (letter,) = letters(ident=letter.ident)
    assert (letter.stage, letter.next_try) == ("handed_over", None)


def test_a_letter_nobody_accepted_cannot_be_returned(late, house, box):
    from lastwords.server.refusals import Unknown

    with pytest.raises(Unknown):
        box.bounced("0" * 32, f"mail:{AUTHOR}", house.now())


def test_the_number_that_proves_a_channel_goes_to_that_channel_alone_and_is_forgotten(house, way, box):
    from lastwords.server import outbox
    from lastwords.server.models import Channel

    house.person("iruka")
    channel = Channel.objects.create(person_id="iruka", address="new@example.org")
    outbox.write_channel_proof(channel, "12345678")
    box.run(house.now())
    ((envelope, _),) = way.sent
    assert envelope.address == "new@example.org" and "12345678" in envelope.text.body
    assert letters(kind="channel_proof")[0].facts == "{}"


def test_keepers_letters_carry_a_head_that_the_log_really_has(circle, house, way, box):
    from lastwords.protocol.events import RaiseAlarm
    from lastwords.server.models import LogRow

    circle.act("iruka", RaiseAlarm("iruka"))
    box.run(house.now())
    bodies = [e.text.body.replace("\n", " ") for e, _ in way.sent if e.address != AUTHOR]
    assert len(bodies) == 5
    for body in bodies:
        number, head = re.search(r"Record of this watch: row (\d+), head ([0-9a-f]{16})\.", body).groups()
        assert bytes(LogRow.objects.get(number=int(number)).link).hex().startswith(head)


def many_letters(count, now):
    return tuple(
        Outgoing(
            f"{number:032x}", "", 0, "clock_doubted", "host", 0, 0, (("why", "x"),), Moment(1, 1), now.wall
        )
        for number in range(count)
    )


class Unleased:
    """A port whose leases last no time at all."""

    def __init__(self, real):
        self.real = real

    def __getattr__(self, name):
        return getattr(self.real, name)

    def lease(self, wall, until, limit):
        return self.real.lease(wall, wall, limit)


@pytest.mark.parametrize(("planted", "kept_apart"), [(lambda port: port, True), (Unleased, False)])
def test_two_workers_never_hold_the_same_letter(house, box, planted, kept_apart):
    now = house.now()
    port = planted(box.port)
    port.post(many_letters(50, now))
    held = [letter.ident for _ in range(5) for letter in port.lease(now.wall, now.wall + 600, 10)]
    assert (len(set(held)) == 50) is kept_apart


def sent_twice(way):
    counts = Counter(envelope.ident for envelope, _ in way.sent)
    return [ident for ident, count in counts.items() if count > 1]


@pytest.mark.parametrize("planted", [False, True])
def test_letters_are_held_for_as_long_as_ever_however_long_ago_the_round_began(house, way, box, planted):
    """The planted fault is a clock that is read once a round."""
    from lastwords.server.store import Store

    now = house.now()
    box.port.post(many_letters(40, now))
    house.leap(601)
    other, send = replace(box), way.send
    if planted:
        box = replace(box, store=Store(box.port, lambda: now))

    def hand_over(envelope):
        if len(way.sent) == 3:
            way.send = send
            other.run_all(house.now())
        return send(envelope)

    way.send = hand_over
    box.run_all(now)
    assert len(way.sent) >= 40
    assert (sent_twice(way) != []) is planted


@pytest.mark.parametrize("planted", [False, True])
@pytest.mark.parametrize("count", [5, 40], ids=["alone", "together"])
def test_letters_that_a_slow_relay_cannot_take_in_time_are_left_to_whichever_host_takes_them_next(
    house, way, box, planted, count
):
    """The planted fault is a stopwatch that stands."""
    box.port.post(many_letters(count, house.now()))
    other = replace(box, ways={"mail": Way(sent=way.sent)})
    box = replace(box, boot_time=lambda: 0 if planted else house.source.boot_time)
    send = way.send

    def slowly(envelope):
        answer = send(envelope)
        house.leap(800 // count)
        other.run_all(house.now())
        return answer

    way.send = slowly
    box.run_all(house.now())
    other.run_all(house.leap(60))
    assert len({envelope.ident for envelope, _ in way.sent}) == count
    assert (sent_twice(way) != []) is planted


def test_a_mailbox_that_was_not_tried_in_time_has_refused_nothing(house, way, box):
    """The first refuses after minutes, and the second is left for the next round: then both have refused."""
    from lastwords.server import store, sweep
    from lastwords.server.models import Channel

    arm_a_circle(house)
    Channel.objects.create(person_id="iruka", address=SECOND, proven_at=1)
    box = replace(box, boot_time=lambda: house.source.boot_time)
    send = way.send

    def slowly(envelope):
        house.leap(400)
        return send(envelope)

    sweep.sweep(store.here(), house.leap(27 * DAY))
    box.run(house.now())
    way.script, way.send = {AUTHOR: ["refused"], SECOND: ["refused"]}, slowly
    sweep.sweep(store.here(), house.leap(3 * DAY))
    tried = len(way.sent)
    box.run(house.now())
    assert len(way.sent) == tried + 1
    assert store.read("iruka").failing is None
    way.send = send
    box.run(house.leap(2 * HOUR))
    assert store.read("iruka").failing is not None


@pytest.mark.parametrize(
    ("kind", "mark", "goes"),
    [
        ("words_waiting", {"told_by": "bisuke"}, True),
        ("first_letter", {"first_letter": True}, True),
        ("words_waiting", {}, False),
        ("first_letter", {}, False),
        ("words_released", {}, True),
    ],
)
def test_of_a_release_that_was_taken_back_no_letter_goes_out_after_the_next_one(kind, mark, goes):
    """Whom nobody has told of it yet cannot open anything."""
    from lastwords.protocol.stages import Condition
    from lastwords.protocol.watch import Track, Watch
    from lastwords.server.outbox.taking import _is_stale

    now = Moment(0, 0)
    words = Track(Condition.DIED, "naruto", released=now, **mark)
    letter = Outgoing("e" * 32, "iruka", 7, kind, "naruto", 0, 1, (), now, 0)
    assert _is_stale(letter, Watch("iruka", Stage.VIGIL, tracks=(words,)), now) is not goes


def test_a_letter_whose_text_cannot_be_written_is_told_to_the_host(house, way, box):
    now = house.now()
    house.person("iruka")
    box.port.post((Outgoing("f" * 32, "", 0, "check_in_due", "iruka", 0, 0, (), now, now.wall),))
    box.run(now)
    box.run(house.leap(10 * 60))
    assert way.to("host@example.org") == ["A letter to Iruka was given up"]
    assert letters(ident="f" * 32)[0].next_try is None


def test_a_round_hands_over_more_letters_than_one_batch_holds(house, way, box):
    now = house.now()
    box.port.post(many_letters(50, now))
    box.batch = 20
    assert box.run_all(now, most=2).accepted == 40
    assert box.run_all(now).accepted == 10


def test_while_letters_leave_those_before_them_are_written_down_and_the_next_are_taken(
    house, way, box, monkeypatch
):
    box.port.post(many_letters(35, house.now()))
    box.batch, box.lanes = 10, 2
    told, second, first, in_time = [], Event(), Event(), []
    lease, mark, send = box.port.lease, box.port.mark, way.send

    def take(*given):
        told.append("take")
        if told.count("take") == 2:
            second.set()
        return lease(*given)

    def write(marks):
        told.extend(["written"] * len(marks))
        first.set()
        mark(marks)

    def hand_over(envelope):
        awaited = second if told.count("sent") < 10 else first
        in_time.append(awaited.wait(20))
        awaited.set()  # one that waited in vain is enough
        told.append("sent")
        return send(envelope)

    monkeypatch.setattr(box.port, "lease", take)
    monkeypatch.setattr(box.port, "mark", write)
    way.send = hand_over
    assert box.run_all(house.now()).accepted == 35
    assert all(in_time), "letters waited until nothing else was to be done"
    assert told.count("take") == 4, "a batch that is not full is the last"
    in_doubt = [told[:place].count("sent") - told[:place].count("written") for place in range(len(told))]
    assert max(in_doubt) <= 2 * box.batch
    assert all(
        told[:place].count("written") >= 10 * (told[:place].count("take") - 2) for place in range(len(told))
    )


def test_when_what_was_learnt_cannot_be_written_down_no_further_letter_leaves(house, way, box, monkeypatch):
    box.port.post(many_letters(40, house.now()))
    box.batch, box.lanes = 10, 2
    refused, send = Event(), way.send

    def write(marks):
        refused.set()
        raise Unwritable("The disk is full.", "Make room.")

    def hand_over(envelope):
        if len(way.sent) >= 10:
            refused.wait(20)
        return send(envelope)

    monkeypatch.setattr(box.port, "mark", write)
    way.send = hand_over
    with pytest.raises(Unwritable):
        box.run_all(house.now())
    assert 10 <= len(way.sent) < 20


@pytest.mark.parametrize(
    ("what", "times", "once"),
    [("lease", 1, True), ("mark", 1, True), ("mark", 99, False)],
    ids=["taking", "writing", "planted"],
)
def test_what_far_sides_have_answered_is_kept_when_the_database_is_busy_in_the_middle(
    house, way, box, monkeypatch, what, times, once
):
    """The planted fault is a database that takes nothing more: what has left leaves again."""
    box.port.post(many_letters(30, house.now()))
    box.batch, box.lanes = 10, 2
    real, calls = getattr(box.port, what), []

    def busy(*given):
        calls.append(given)
        if 2 <= len(calls) < 2 + times:
            raise Busy("Someone else writes.", "Wait.")
        return real(*given)

    monkeypatch.setattr(box.port, what, busy)
    with suppress(Busy):
        box.run_all(house.now())
    monkeypatch.undo()
    box.run_all(house.leap(601))
    idents = [envelope.ident for envelope, _ in way.sent]
    assert len(set(idents)) == 30
    assert (len(idents) == 30) is once


def test_when_no_letter_can_leave_any_more_those_that_were_taken_ahead_wait_too_and_do_not_count_as_tried(
    house, way, box
):
    now = house.now()
    box.port.post(many_letters(25, now))
    box.batch, send = 10, way.send

    def until_it_breaks(envelope):
        way.broken = "the relay cannot be reached" if len(way.sent) == 3 else ""
        return send(envelope)

    way.send = until_it_breaks
    passed = box.run_all(now)
    assert (passed.tried, passed.accepted, passed.no_way_out) == (3, 3, "the relay cannot be reached")
    assert len(letters(stage="written", lease=0, next_try=now.wall + 60)) == 17
    assert len(letters(stage="written", lease=0, next_try=now.wall)) == 5
