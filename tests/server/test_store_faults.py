"""The shipped store over a memory that fails on purpose: nothing is lost, nothing happens twice, at every point."""

import itertools
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from lastwords.protocol.events import AddCredential, InviteKeeper
from lastwords.protocol.moments import Moment
from lastwords.server.log import Row, author_log, verify
from lastwords.server.port import Faults, Write
from lastwords.server.port_memory import Crash, MemoryPort
from lastwords.server.refusals import Busy
from lastwords.server.store import RefusedStep, Store


def a_store(port):
    counter = itertools.count()
    return Store(port, lambda: Moment(1_000, 10), entropy=lambda size: next(counter).to_bytes(size, "big"))


def rows(port, author):
    return [Row(e.number, e.body, e.salt, e.commitment, e.link) for e in port.tables.rows[author]]


def state(port, author):
    return [credential["name"] for credential in json.loads(port.load(author).state)["credentials"]]


@pytest.fixture
def port():
    port = MemoryPort()
    a_store(port).begin("iruka")
    port.faults = Faults()
    return port


def test_a_crash_before_the_commit_leaves_nothing_of_the_step(port):
    port.faults = Faults(fail_before=1)
    with pytest.raises(Crash):
        a_store(port).act("iruka", AddCredential("iruka", "key", "device"))
    assert state(port, "iruka") == []
    assert len(rows(port, "iruka")) == 1


def test_a_crash_after_the_commit_leaves_all_of_the_step_and_the_repeated_request_is_refused(port):
    port.faults = Faults(fail_after=1)
    with pytest.raises(Crash):
        a_store(port).act("iruka", AddCredential("iruka", "key", "device"))
    assert state(port, "iruka") == ["key"]
    with pytest.raises(RefusedStep):
        a_store(port).act("iruka", AddCredential("iruka", "key", "device"))
    assert len(rows(port, "iruka")) == 2


def test_a_lost_compare_and_set_is_made_again_from_a_fresh_load(port):
    port.faults = Faults(conflict=1)
    a_store(port).act("iruka", AddCredential("iruka", "key", "device"))
    assert state(port, "iruka") == ["key"]
    assert verify(author_log("iruka"), rows(port, "iruka"), {}).whole


class Blind(MemoryPort):
    """A port that does not look whether what a step was judged by still stands."""

    def commit(self, write):
        return MemoryPort.commit(self, replace(write, beheld=()))


@pytest.mark.parametrize(("planted", "heard"), [(MemoryPort, True), (Blind, False)])
def test_a_newcomer_who_falls_silent_in_that_very_moment_is_heard_of(planted, heard):
    """Kakashi's silence begins after Iruka's plan has looked at him and before it names him."""
    port = planted()
    store = a_store(port)
    for author in ("iruka", "kakashi"):
        store.begin(author)
    real = port.load

    def load(person):
        kept = real(person)
        if person == "kakashi" and '"stage":"draft"' in kept.state:
            fallen = kept.state.replace('"stage":"draft"', '"stage":"vigil"')
            assert MemoryPort.commit(port, Write("kakashi", kept.revision, fallen, None, 1))
        return kept

    overtaken = SimpleNamespace(load=load, commit=port.commit)
    a_store(overtaken).act("iruka", InviteKeeper("iruka", "kakashi"))
    assert (json.loads(real("iruka").state)["silent"] == ["kakashi"]) is heard


class Losing(MemoryPort):
    """A port where somebody else was always first."""

    def commit(self, write):
        return False


def test_a_writer_who_never_wins_gives_up_and_says_so(port):
    with pytest.raises(Busy) as busy:
        a_store(Losing(tables=port.tables)).act("iruka", AddCredential("iruka", "key", "device"))
    assert busy.value.happened and busy.value.do


@pytest.mark.parametrize("point", range(1, 7))
@pytest.mark.parametrize("when", ["fail_before", "fail_after", "conflict"])
def test_whatever_fails_and_wherever_every_wish_is_kept_once(port, point, when):
    """Six writes, a fault at each point of them in turn, and a client that asks again until it is answered."""
    port.faults = Faults(**{when: point})
    for number in range(6):
        while True:
            try:
                a_store(port).act("iruka", AddCredential("iruka", f"key{number}", "device"))
                break
            except Crash:
                continue
            except RefusedStep as refused:
                assert refused.refusal.code == "credential_exists"
                break
    assert state(port, "iruka") == [f"key{number}" for number in range(6)]
    assert verify(author_log("iruka"), rows(port, "iruka"), {}).whole
    assert len(rows(port, "iruka")) == 7
