"""What the one door hands to its port for each act, and whom it answers what: over a memory that writes it all down."""

import itertools
from dataclasses import replace

import pytest
from server.conftest import KEEPERS, what_arms_a_circle

from lastwords.protocol import events as e
from lastwords.protocol.effects import Step
from lastwords.protocol.moments import DAY, HOUR, Moment
from lastwords.protocol.quiet import unmarked
from lastwords.protocol.refusals import REFUSALS
from lastwords.protocol.spelling import spell
from lastwords.protocol.stages import Stage, Strength
from lastwords.protocol.watch import HOST, Watch
from lastwords.server.log import HOST_LOG, Row, author_log, verify
from lastwords.server.port import Head, Mark, Paper, Word
from lastwords.server.port_memory import MemoryPort
from lastwords.server.refusals import Busy, Unknown, Unreadable
from lastwords.server.rows import state_hash
from lastwords.server.store import Act, Store, _Records, as_rows_name_it
from lastwords.signing import canonical

BEGAN = Moment(1_800_000_000, 500)
STRONG = e.CheckIn("iruka", Strength.STRONG, "key")


class Noting(MemoryPort):
    """Keeps every write. Whoever is in `overtaken` loses it to somebody else, and so do as many host rows."""

    def __init__(self):
        super().__init__()
        self.writes, self.overtaken, self.host_lost, self.one_by_one = [], set(), 0, False

    def _commit(self, write):
        self.writes.append(write)
        return write.author not in self.overtaken and super()._commit(write)

    def commit_hosts(self, writes):
        self.host_lost -= 1
        return (
            self.host_lost < 0 and not (self.one_by_one and len(writes) > 1) and super().commit_hosts(writes)
        )


class Door(Store):
    """A store over that memory, with a clock that is moved by hand, and the heads that were told."""

    def __init__(self):
        counter = itertools.count(1)
        self.told, self.at = [], BEGAN
        super().__init__(
            Noting(), lambda: self.at, lambda n: next(counter).to_bytes(n, "big"), self.told.append
        )

    def armed(self, *authors):
        for author in authors:
            self.begin(author)
            for event in what_arms_a_circle():
                self.act(author, replace(event, by=author) if event.by == "iruka" else event)
        self.told.clear()
        self.port.writes.clear()
        return self

    def live(self, seconds):
        self.at = Moment(self.at.wall + seconds, self.at.credit + seconds)
        return self.at

    def hand_over(self, author="iruka"):
        """Every letter of the last write is taken."""
        for letter in self.port.writes[-1].letters:
            self.act(author, e.LetterTaken("", letter.kind, letter.to, letter.round))
        return self

    def records(self, *authors):
        return self.port.load_all(authors)

    def crowd(self, *acts):
        """Acts of several people in one transaction, each with a counter, as the gate does them."""
        acts = [replace(act, counter=("phone-1", 1)) for act in acts]
        free = self.port.load_free([act.author for act in acts])
        return self.act_together(acts, free(), self.at)


@pytest.fixture
def door():
    return Door()


def in_vigil(door):
    door.armed("iruka")
    for days in (30, 7):
        door.look("iruka", door.live(days * DAY))
        if door.read("iruka").stage is Stage.WELL:
            door.look("iruka", door.at)
        door.hand_over()
    assert door.read("iruka").stage is Stage.VIGIL
    return door


def body(entry):
    return canonical.decode(entry.body)


def whole(door, author):
    rows = [
        Row(row.number, row.body, row.salt, row.commitment, row.link) for row in door.port.tables.rows[author]
    ]
    return verify(author_log(author), rows, {}).whole


# Beginning.


def test_a_watch_begins_with_its_authors_first_sign_and_its_head_is_told(door):
    watch = door.begin("iruka")
    assert (watch.stage, watch.last_sign) == (Stage.DRAFT, BEGAN)
    (write,) = door.port.writes
    assert (write.look_at, write.at, write.by) == (None, BEGAN.wall, "")
    assert door.told == [{"iruka": door.port.load("iruka").head}]
    told = body(write.entries[0])
    assert (told["number"], told["event"], told["by"], told["before"]) == (1, "begin", "iruka", "draft")
    assert told["state"] == state_hash(write.state) and "given" not in told


def test_a_watch_that_somebody_else_begins_at_that_moment_is_theirs(door):
    door.port.overtaken.add("iruka")
    with pytest.raises(Busy):
        door.begin("iruka")
    assert door.told == []


# One act.


def test_an_act_is_written_with_its_row_its_letters_and_what_the_row_says_of_them(door):
    door.armed("iruka")
    mark = Mark("a" * 32, "iruka", "handed_over", 1, None, 1, "taken:1", 200)
    door.port.tables.letters["a" * 32] = door.host_letter("note", "iruka", BEGAN)
    step = door.act("iruka", e.RaiseAlarm("gai"), [Paper("note", "n", b"sealed")], marks=[mark])
    (write,) = door.port.writes
    (row,) = write.entries
    told = body(row)
    assert (told["at"], told["event"], told["by"]) == (list(BEGAN), "raise_alarm", "gai")
    assert (told["before"], told["after"]) == ("well", "late")
    assert told["happened"] == [list(item) for item in step.row.happened]
    assert told["given"] == {"event": "RaiseAlarm", "by": "gai", "second": ""}
    assert told["papers"][0]["name"] == "n" and "ripples" not in told and "shreds" not in told
    assert [(one["id"], one["kind"], one["to"]) for one in told["letters"]] == [
        (letter.ident, letter.kind, letter.to) for letter in write.letters
    ]
    assert [
        (letter.kind, letter.to, letter.round, letter.case, letter.facts) for letter in write.letters
    ] == [(str(letter.kind), letter.to, letter.round, letter.case, letter.facts) for letter in step.letters]
    assert {(letter.author, letter.row, letter.written, letter.next_try) for letter in write.letters} == {
        ("iruka", row.number, BEGAN, BEGAN.wall)
    }
    assert len({letter.ident for letter in write.letters}) == len(step.letters) == 5
    assert {len(letter.ident) for letter in write.letters} == {32}
    assert (write.by, write.at, write.marks, write.papers[0].body) == ("gai", BEGAN.wall, (mark,), b"sealed")
    assert door.told == [{"iruka": Head(row.number, row.link)}] and whole(door, "iruka")


def test_who_fell_silent_and_whose_shares_go_stand_in_the_write_and_in_its_row(door):
    in_vigil(door)
    assert [write.ripples for write in door.port.writes if write.ripples] == [(("iruka", True),)]
    door.act("iruka", STRONG)
    assert door.read("iruka").stage is Stage.CLOSING
    write = door.port.writes[-1]
    told = body(write.entries[0])
    assert (write.shreds, told["shreds"], write.ripples) == (("",), [{"keeper": ""}], ())
    for keeper in KEEPERS[:3]:
        door.act("iruka", e.SignHome(keeper))
    write = door.port.writes[-1]
    assert write.ripples == (("iruka", False),)
    assert body(write.entries[0])["ripples"] == [{"person": "iruka", "silent": False}]


@pytest.mark.parametrize(
    "event", [STRONG, e.SpeakUnderForce("iruka", "key"), e.Look(), e.InviteKeeper("iruka", "kakashi")]
)
def test_an_act_that_is_made_alone_asks_the_database_the_same_whatever_it_is(door, event):
    door.armed("iruka")
    for _ in range(2):
        door.live(1)
        door.act("iruka", event if event != e.Look() else STRONG)
        write = door.port.writes[-1]
        assert write.parts is not None and set(KEEPERS) <= write.parts and not write.looks_on
        if isinstance(event, e.InviteKeeper):
            assert write.beheld == (("kakashi", 0),) and "kakashi" in write.parts
            break
        assert write.beheld == ()


def test_a_look_with_nothing_due_writes_no_row_and_the_next_comes_half_a_minute_later(door):
    door.armed("iruka")
    due = door.records("iruka")[0].look_at
    assert door.look("iruka", Moment(due, BEGAN.credit + due - BEGAN.wall - 10)).row is None
    (write,) = door.port.writes
    assert (write.entries, write.parts, write.at, write.look_at) == ((), None, due, due + 30)
    assert door.told == []


def test_what_lies_beside_a_quiet_row_is_the_event_as_it_was_and_the_row_names_what_it_looks_like(door):
    door.armed("iruka")
    step = door.act("iruka", e.SpeakUnderForce("iruka", "key"))
    (row,) = door.port.writes[-1].entries
    beside = canonical.decode(row.sealed[16:])
    assert (body(row)["event"], body(row)["given"]["event"]) == ("check_in", "CheckIn")
    assert (beside["event"], beside["by"], beside["at"]) == ("speak_under_force", "iruka", list(BEGAN))
    assert beside["given"]["event"] == "SpeakUnderForce"
    text = door.port.writes[-1].state
    seen = as_rows_name_it(step.watch, text)
    assert seen != text and body(row)["state"] == state_hash(seen)
    assert as_rows_name_it(unmarked(step.watch), "as it is") == "as it is"
    door.act("iruka", STRONG)
    assert door.port.writes[-1].entries[0].sealed == b""


def test_letters_without_a_row_belong_to_the_last_one_and_a_paper_without_a_change_has_a_row_of_its_own(door):
    door.armed("iruka").act("iruka", e.SpeakUnderForce("iruka", "key"))
    head = door.records("iruka")[0].head
    door.look("iruka", door.live(HOUR))
    write = door.port.writes[-1]
    assert write.entries == () and {letter.row for letter in write.letters} == {head.number}
    door.act("iruka", e.Look(), [Paper("note", "n", b"x")])
    (row,) = door.port.writes[-1].entries
    told = body(row)
    assert (row.number, told["event"], told["before"], told["after"]) == (
        head.number + 1,
        "look",
        "well",
        "well",
    )
    assert told["happened"] == [] and told["papers"][0]["name"] == "n"


def test_a_check_in_alone_leaves_the_look_that_comes_earlier_and_every_other_act_moves_it(door):
    door.armed("iruka")
    first = door.records("iruka")[0].look_at
    door.live(5 * DAY)
    door.act("iruka", STRONG)
    assert door.records("iruka")[0].look_at == first
    door.act("iruka", e.SetTrip("iruka", door.at.wall + 60 * DAY, 0))
    assert door.records("iruka")[0].look_at == door.at.wall + 60 * DAY
    door.act("iruka", STRONG)
    assert door.records("iruka")[0].look_at == door.at.wall + 27 * DAY, "the trip has ended"
    for _ in ("the reminder", "the missed check-in"):
        door.look("iruka", door.live(30 * DAY))
    assert door.hand_over().read("iruka").stage is Stage.LATE
    door.act("iruka", STRONG)
    assert door.records("iruka")[0].look_at == door.at.wall + 27 * DAY, "nobody is late any more"


def test_word_that_waits_is_heard_first_and_struck_off(door):
    door.armed("iruka")
    (kept,) = door.records("iruka")
    words = (Word(7, "gai", True), Word(8, "anko", True), Word(9, "gai", False))
    door.port.tables.watches["iruka"] = replace(kept, inbox=words)
    step = door.act("iruka", STRONG)
    (write,) = door.port.writes
    assert write.drained == (7, 8, 9) and step.watch.silent == ("anko",)
    assert [(body(row)["event"], body(row)["by"]) for row in write.entries] == [
        *[("hear_of_silence", HOST)] * 3,
        ("check_in", "iruka"),
    ]
    assert [row.number for row in write.entries] == [kept.head.number + n for n in (1, 2, 3, 4)]
    assert whole(door, "iruka")


# Many acts at once.


def damage(door, author):
    door.port.tables.watches[author] = replace(door.port.load(author), state="not even this")


def answers(outcomes):
    return [type(one).__name__ for one in outcomes]


def test_a_page_of_acts_is_answered_one_by_one_and_only_what_stands_is_told(door):
    authors = ("well", "refused", "damaged", "overtaken", "asleep")
    door.armed(*authors)
    damage(door, "damaged")
    door.port.overtaken.add("overtaken")
    acts = [Act(author, replace(STRONG, by=author)) for author in authors]
    acts[1] = Act("refused", e.AcceptSeat("refused"))
    acts[4] = Act("asleep", e.Look())
    page = door.records(*authors)
    told = door.act_all([*acts, Act("elsewhere", e.Look())], page, door.live(HOUR))
    assert answers(told) == ["Step", "RefusedStep", "Unreadable", "Busy", "Step", "Busy"]
    assert told[1].refusal is REFUSALS["not_a_keeper"] and told[0].row is not None
    assert door.told == [{"well": door.port.load("well").head}]
    writes = {write.author: write for write in door.port.writes}
    assert set(writes) == {"well", "overtaken", "asleep"}
    assert writes["well"].parts is None and writes["well"].looks_on
    assert not writes["asleep"].looks_on or writes["asleep"].look_at == page[4].look_at


PLAIN = (STRONG, e.SetTrip("iruka", BEGAN.wall + 60 * DAY, 0))
"""What a watch that stays well answers with a row and a state and nothing else."""
NOT_PLAIN = (
    e.SpeakUnderForce("iruka", "key"),
    e.AddCredential("iruka", "third", "safe"),
    e.InviteKeeper("iruka", "kakashi"),
    e.RaiseAlarm("gai"),
    e.PlaceHold("iruka"),
    e.BeginPractice("iruka"),
    e.RemoveKeeper("iruka", "ibiki"),
    e.AcceptSeat("iruka"),
    e.Look(),
    e.Arm("iruka", None),
)
"""What is answered with more, or with more than anybody may read."""


@pytest.mark.parametrize(
    ("event", "done"), [*((event, True) for event in PLAIN), *((event, False) for event in NOT_PLAIN)]
)
def test_in_a_crowd_only_what_is_plain_is_done(door, event, done):
    door.armed("iruka")
    before = door.records("iruka")
    door.live(1)
    (step,) = door.crowd(Act("iruka", event))
    assert isinstance(step, Step) is done
    assert (door.records("iruka") != before) is done
    assert bool(door.told) is done


def test_each_of_a_crowd_is_done_that_can_be_and_none_keeps_another_from_it(door):
    authors = ("well", "late", "damaged", "overtaken", "waiting", "marked", "papers")
    door.armed(*authors)
    door.act("late", e.RaiseAlarm("gai"))
    damage(door, "damaged")
    door.port.overtaken.add("overtaken")
    (kept,) = door.records("waiting")
    door.port.tables.watches["waiting"] = replace(kept, inbox=(Word(1, "gai", True),))
    door.told.clear()
    acts = {author: Act(author, replace(STRONG, by=author)) for author in (*authors, "nobody")}
    acts["marked"] = replace(acts["marked"], marks=(Mark("a", "a", "failed", 1, None, 0, "", 1),))
    acts["papers"] = replace(acts["papers"], papers=(Paper("check_in", "n", b"x"),))
    again = Act("well", replace(STRONG, by="well"))
    door.live(1)
    steps = door.crowd(*acts.values(), again)
    done = [act.author for act, step in zip([*acts.values(), again], steps, strict=True) if step]
    assert done == ["well", "papers"] and steps[-1] is None
    assert steps[0].watch.author == "well" and steps[0].watch == door.read("well")
    assert door.told == [{author: door.port.load(author).head for author in done}]
    assert door.port.tables.papers["papers"][-1].paper.body == b"x"


def test_a_watch_of_a_plan_that_is_no_more_well_is_for_itself(door):
    door.begin("iruka")
    assert door.crowd(Act("iruka", e.AddCredential("iruka", "key", "device"))) == [None]


# What cannot be judged.


def test_where_there_is_no_watch_nothing_is_read_and_nothing_happens(door):
    for asked in (lambda: door.read("nobody"), lambda: door.act("nobody", STRONG)):
        with pytest.raises(Unknown):
            asked()
    assert door.port.writes == []


def test_time_and_word_set_a_watch_aside_and_what_a_person_sent_never_does(door, monkeypatch):
    door.armed("iruka")

    def broken(watch, event, now):
        raise ArithmeticError("no such wait")

    monkeypatch.setattr("lastwords.protocol.machine.step", broken)
    for event, error in (
        (e.Look(), Unreadable),
        (e.HearOfSilence(HOST, "gai", True), Unreadable),
        (STRONG, ArithmeticError),
    ):
        with pytest.raises(error):
            door.act("iruka", event)
    assert door.port.writes == []


def test_a_newcomer_is_heard_of_by_their_own_watch_as_far_as_it_can_be_judged(door):
    in_vigil(door)
    door.armed("naruto", "kakashi", "gone")
    damage(door, "gone")
    for keeper, silent, revision in (
        ("iruka", True, None),
        ("kakashi", False, None),
        ("gone", False, None),
        ("new", False, 0),
    ):
        watch = door.act("naruto", e.InviteKeeper("naruto", keeper)).watch
        assert (keeper in watch.silent) is silent
        beheld = revision if revision is not None else door.port.load(keeper).revision
        assert door.port.writes[-1].beheld == ((keeper, beheld),)


def test_the_records_that_were_read_last_are_remembered_and_the_oldest_is_forgotten_first():
    records = _Records()
    records.MOST = 2
    texts = [spell(Watch(author)) for author in ("iruka", "kakashi", "naruto")]
    iruka, kakashi = (records.read(text) for text in texts[:2])
    assert records.read(texts[0]) is iruka and records.read(texts[1]) is kakashi
    records.read(texts[2])
    assert records.read(texts[1]) is kakashi
    assert records.read(texts[0]) is not iruka and records.read(texts[0]) == iruka


# The host's own log.


def host_log(door):
    rows = [Row(row.number, row.body, row.salt, row.commitment, row.link) for row in door.port.tables.host]
    assert verify(HOST_LOG, rows, {}).whole
    return [body(row) for row in door.port.tables.host]


@pytest.mark.parametrize("one_by_one", [False, True])
def test_watches_that_cannot_be_judged_are_set_aside_with_a_row_and_a_letter_each(door, one_by_one):
    door.armed("one", "two")
    door.host_row("noted", BEGAN)
    door.told.clear()
    door.port.one_by_one = one_by_one
    door.set_aside_all({"one": "damaged", "two": "torn"}, BEGAN)
    rows = host_log(door)
    assert [(row["kind"], row["author"], row["reason"], row["at"]) for row in rows[1:]] == [
        ("set_aside", "one", "damaged", list(BEGAN)),
        ("set_aside", "two", "torn", list(BEGAN)),
    ]
    assert [kept.set_aside for kept in door.records("one", "two")] == ["damaged", "torn"]
    letters = [one for one in door.port.tables.letters.values() if one.kind == "watch_set_aside"]
    assert [
        (one.to, one.author, one.row, one.round, one.case, one.facts, one.next_try) for one in letters
    ] == [("host", "", 0, 0, 0, (("author", author),), BEGAN.wall) for author in ("one", "two")]
    newest = {"": door.port.host_head()}
    assert door.told[-1] == newest and len(door.told) == (2 if one_by_one else 1)


def test_nobody_is_set_aside_who_has_no_watch_or_was_set_aside_by_another_meanwhile(door):
    door.armed("iruka")
    door.set_aside("nobody", "damaged", BEGAN)
    assert host_log(door) == []

    class Overtaken(Noting):
        def host_head(self):
            if not self.load("iruka").set_aside:
                self.tables.watches["iruka"] = replace(self.load("iruka"), set_aside="by another")
            return super().host_head()

    overtaken = Overtaken()
    overtaken.tables = door.port.tables
    door.port = overtaken
    door.set_aside("iruka", "damaged", BEGAN)
    assert host_log(door) == [] and door.records("iruka")[0].set_aside == "by another"


def test_a_host_row_that_lost_is_made_again_and_given_up_only_after_many(door):
    door.port.host_lost = 3
    door.host_row("noted", BEGAN, why="a test")
    assert [(row["kind"], row["why"]) for row in host_log(door)] == [("noted", "a test")]
    assert door.told == [{"": door.port.host_head()}]
    door.port.host_lost = 1_000
    with pytest.raises(Busy):
        door.host_row("noted", BEGAN)
    assert len(host_log(door)) == 1
