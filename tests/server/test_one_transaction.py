"""State change, log row and letters are one: held over random histories with crashes, and over planted faults."""

import itertools
import json
import random
import subprocess
import sys
import threading

import pytest

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY, Moment
from lastwords.protocol.stages import Condition, Strength
from lastwords.protocol.watch import Plan, track_key
from lastwords.server.log import Row, author_log, verify
from lastwords.server.port import Faults
from lastwords.server.port_memory import Crash, MemoryPort
from lastwords.server.refusals import Busy
from lastwords.server.rows import state_hash
from lastwords.server.store import RefusedStep, Store
from lastwords.signing import canonical

KEEPERS = ("anko", "gai", "kurenai", "asuma", "ibiki")


def torn(port, author):
    """What is wrong between a watch's state, its log and its letters; empty when they are one."""
    kept = port.tables.watches[author]
    rows = port.tables.rows[author]
    bodies = [canonical.decode(row.body) for row in rows]
    faults = list(
        verify(
            author_log(author), [Row(r.number, r.body, r.salt, r.commitment, r.link) for r in rows], {}
        ).faults
    )
    if (kept.head.number, kept.head.link) != (rows[-1].number, rows[-1].link):
        faults.append("the log does not end at the head")
    if bodies[-1]["state"] != state_hash(kept.state):
        faults.append("the state is not the newest row's")
    named = {letter["id"] for body in bodies for letter in body["letters"]}
    written = {ident for ident, letter in port.tables.letters.items() if letter.author == author}
    if named != written:
        faults.append("letters and rows do not name each other")
    return faults


def wishes(dice):
    """An endless stream of things that people, time and mail could do, allowed or not."""
    track = track_key(Condition.DIED, "naruto", "")
    while True:
        keeper = dice.choice(KEEPERS)
        yield dice.choice(
            [
                e.Look(),
                e.CheckIn("iruka", Strength.STRONG, dice.choice(["key", "paper"])),
                e.CheckIn("iruka", Strength.WEAK, "router"),
                e.RaiseAlarm(keeper),
                e.PlaceHold(keeper),
                e.SetTrip("iruka", 2_000_000_000, DAY),
                e.SignHome(keeper),
                e.SuspendSeat("iruka", keeper),
                e.RestoreSeat(keeper, "gai"),
                e.LetterTaken("host", "check_in_missed", "iruka", dice.randrange(6)),
                e.LetterTaken("host", "keeper_called", keeper, dice.randrange(6)),
                e.LetterFailed("host", "keeper_called", keeper, dice.randrange(6)),
                e.Tell(keeper, track),
                e.Restore("host"),
            ]
        )


def armed(port):
    """Iruka's armed watch over a memory port, and a clock that a test moves."""
    counter = itertools.count(1)
    clock = [Moment(1_000_000, 0)]
    store = Store(port, lambda: clock[0], entropy=lambda size: next(counter).to_bytes(size, "big"))
    store.begin("iruka")
    track = track_key(Condition.DIED, "naruto", "")
    acts = [
        e.AddCredential("iruka", "key", "device"),
        e.AddCredential("iruka", "paper", "paper"),
        e.ProveRecovery("iruka"),
    ]
    for keeper in KEEPERS:
        acts += [e.InviteKeeper("iruka", keeper), e.AcceptSeat(keeper), e.VerifyKeeper("iruka", keeper, True)]
    acts.append(
        e.SealWords(
            "iruka",
            Condition.DIED,
            "naruto",
            "",
            1,
            "b" * 64,
            "",
            "set-1",
            tuple(sorted(KEEPERS)),
            (("words.age", "a"),),
        )
    )
    acts += [e.GiveReceipt(keeper, ((track, "set-1"),)) for keeper in KEEPERS]
    acts.append(e.Arm("iruka", Plan()))
    for event in acts:
        store.act("iruka", event)
    return store, clock


def live(port, seed, length=150):
    """A random life with a fault at every fifth write. Returns the first thing found torn, and how often it crashed."""
    dice = random.Random(seed)
    store, clock = armed(port)
    crashes = 0
    for event in itertools.islice(wishes(dice), length):
        gone = dice.choice([0, 60, DAY, 8 * DAY])
        clock[0] = Moment(clock[0].wall + gone, clock[0].credit + gone)
        if dice.random() < 0.2:
            kind = dice.choice(["fail_before", "fail_after", "conflict"])
            port.faults = Faults(**{kind: 1})
        try:
            store.act("iruka", event)
        except (RefusedStep, Busy):
            pass
        except Crash:
            crashes += 1
        port.faults = Faults()
        found = torn(port, "iruka")
        if found:
            return found, crashes
    return [], crashes


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_and_wherever_it_crashes_state_row_and_letters_are_one(seed):
    found, crashes = live(MemoryPort(), seed)
    assert found == []
    assert crashes > 0, "a life without a crash would show nothing"


# The same lives over ports with a fault planted in them: each must be found.


class LettersApart(MemoryPort):
    """Writes the letters in a transaction of their own, after the state."""

    def commit(self, write):
        letters, write = write.letters, type(write)(**{**fields_of(write), "letters": ()})
        done = MemoryPort.commit(self, write)
        if done and self.faults.fail_after is None and letters:
            MemoryPort.post(self, letters[:-1])
        return done


class StateFirst(MemoryPort):
    """Writes the state, and forgets the row when the process dies at the right moment."""

    def commit(self, write):
        try:
            return MemoryPort.commit(self, write)
        except Crash:
            rows = self.tables.rows[write.author]
            if write.entries and rows and rows[-1] == write.entries[-1]:
                rows.pop()
            raise


class LastWriterWins(MemoryPort):
    """Does not compare before it sets: of two that read the same watch, both write."""

    def commit(self, write):
        kept = self.load(write.author)
        revision = kept.revision if kept else 0
        return MemoryPort.commit(self, type(write)(**{**fields_of(write), "revision": revision}))


def fields_of(record):
    return {name: getattr(record, name) for name in type(record).__slots__}


@pytest.mark.parametrize("planted", [LettersApart, StateFirst])
def test_a_port_that_tears_them_apart_is_found(planted):
    assert any(live(planted(), seed)[0] for seed in range(8))


class Interleaved(Store):
    """A store that is overtaken by another writer between its load and its commit."""

    def _step(self, watch, event, now):
        other = getattr(event, "credential", "") == "first"
        if other and not any(c.name == "second" for c in self.read("iruka").credentials):
            Store(self.port, self.now).act("iruka", e.AddCredential("iruka", "second", "elsewhere"))
        return Store._step(self, watch, event, now)


@pytest.mark.parametrize(("port", "whole"), [(MemoryPort, True), (LastWriterWins, False)])
def test_of_two_writers_at_once_neither_is_lost(port, whole):
    store = Interleaved(port(), lambda: Moment(1_000, 0))
    store.begin("iruka")
    store.act("iruka", e.AddCredential("iruka", "first", "device"))
    names = {credential["name"] for credential in json.loads(store.port.load("iruka").state)["credentials"]}
    assert (names == {"first", "second"} and not torn(store.port, "iruka")) is whole


# The real database, really written to by many at once.


@pytest.mark.both_databases
def test_many_threads_writing_to_one_watch_lose_nothing(circle, house):
    from django.db import connections

    from lastwords.server import audit
    from lastwords.server.models import LogRow

    before = LogRow.objects.count()
    problems = []

    def write(worker):
        for number in range(6):
            wish = e.AddCredential("iruka", f"key-{worker}-{number}", "device")
            while True:
                try:
                    circle.act("iruka", wish)
                    break
                except Busy:
                    continue
                except Exception as error:
                    problems.append(error)
                    break
        connections.close_all()

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert LogRow.objects.count() == before + 24
    assert len(circle.read("iruka").credentials) == 26
    assert all(verdict.whole for verdict in audit.verify_all(house.settings.heads))


@pytest.mark.only_on("sqlite")
def test_a_full_disk_refuses_the_write_and_keeps_what_was_acknowledged(circle, house):
    from django.db import connection

    from lastwords.server import audit
    from lastwords.server.port import Paper
    from lastwords.server.refusals import Unwritable

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
    before = circle.read("iruka")
    with pytest.raises(Unwritable) as refused:
        circle.act("iruka", e.AddCredential("iruka", "more", "device"), [Paper("note", "n", b"x" * 500_000)])
    assert refused.value.happened and refused.value.do
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")
    assert circle.read("iruka") == before
    circle.act("iruka", e.AddCredential("iruka", "more", "device"))
    assert all(verdict.whole for verdict in audit.verify_all(house.settings.heads))


def test_store_outbox_and_sweep_run_without_a_database_or_a_web_framework():
    """Whoever simulates runs the shipped code over memory, and loads nothing it does not need."""
    script = (
        "import sys\n"
        "import lastwords.server.store, lastwords.server.outbox, lastwords.server.sweep, lastwords.server.port_memory\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'granian', 'ninja')])\n"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"
