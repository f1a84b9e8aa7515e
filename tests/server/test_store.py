"""The one door: what a step writes, and what it never does."""

import hashlib
import json

import pytest

from lastwords.protocol.events import (
    AcceptSeat,
    AddCredential,
    CheckIn,
    HearOfSilence,
    InviteKeeper,
    Look,
    RemoveKeeper,
    VerifyKeeper,
)
from lastwords.protocol.moments import DAY, Moment
from lastwords.protocol.stages import Strength
from lastwords.protocol.watch import HOST
from lastwords.signing import canonical

pytestmark = pytest.mark.both_databases


@pytest.fixture
def door(house):
    from lastwords.server import store

    house.person("iruka")
    store.begin("iruka")
    return store


def bodies(author):
    from lastwords.server.models import LogRow

    return [
        canonical.decode(bytes(row.body)) for row in LogRow.objects.filter(watch=author).order_by("number")
    ]


def test_a_watch_begins_with_a_row_and_cannot_begin_twice(door):
    from lastwords.server.refusals import Exists

    assert [body["event"] for body in bodies("iruka")] == ["begin"]
    with pytest.raises(Exists):
        door.begin("iruka")
    assert len(bodies("iruka")) == 1


def test_a_step_writes_state_row_and_papers_together(door):
    from lastwords.server.models import Paper as Kept
    from lastwords.server.models import Watch
    from lastwords.server.port import Paper

    step = door.act("iruka", AddCredential("iruka", "key", "device"), [Paper("note", "first", b"sealed")])

    row = bodies("iruka")[-1]
    kept = Watch.objects.get(author="iruka")
    paper = Kept.objects.get(watch="iruka")
    assert door.read("iruka") == step.watch
    assert row["state"] == hashlib.sha256(kept.state.encode()).hexdigest()
    assert row["papers"] == [
        {"kind": "note", "name": "first", "sha256": hashlib.sha256(b"sealed").hexdigest()}
    ]
    assert (paper.row, paper.by, bytes(paper.body)) == (row["number"], "iruka", b"sealed")


def test_a_refused_step_writes_nothing(door):
    from lastwords.server.models import Paper as Kept
    from lastwords.server.port import Paper

    door.act("iruka", AddCredential("iruka", "key", "device"))
    with pytest.raises(door.RefusedStep) as refused:
        door.act("iruka", AddCredential("iruka", "key", "device"), [Paper("note", "again", b"sealed")])
    assert refused.value.refusal.code == "credential_exists"
    assert refused.value.happened and refused.value.do
    assert len(bodies("iruka")) == 2
    assert not Kept.objects.exists()


def test_a_look_with_nothing_due_writes_no_row(door):
    assert door.act("iruka", Look()).row is None
    assert len(bodies("iruka")) == 1


def test_a_paper_always_has_a_row_that_names_it(door):
    from lastwords.server.port import Paper

    door.act("iruka", Look(), [Paper("note", "alone", b"sealed")])
    assert [paper["name"] for paper in bodies("iruka")[-1]["papers"]] == ["alone"]


def test_rows_of_a_caller_stand_and_fall_with_the_step(door):
    from django.db import transaction

    from lastwords.server.models import Counter, Person

    person = Person.objects.get(handle="iruka")
    with pytest.raises(door.RefusedStep), transaction.atomic():
        Counter.objects.create(person=person, credential="key", last=1)
        door.act("iruka", AcceptSeat("iruka"))
    assert not Counter.objects.exists()


def test_the_heads_file_hears_nothing_of_a_step_that_fell_with_its_caller(door, house):
    from django.db import transaction

    from lastwords.server import witness

    class Fell(Exception):
        pass

    before = witness.read(house.settings.heads)
    with pytest.raises(Fell), transaction.atomic():
        door.act("iruka", AddCredential("iruka", "key", "device"))
        raise Fell
    assert len(bodies("iruka")) == 1
    assert witness.read(house.settings.heads) == before


def test_an_unreadable_record_is_refused_and_left_as_it_is(door):
    from lastwords.server.models import Watch
    from lastwords.server.refusals import Unreadable

    Watch.objects.filter(author="iruka").update(state='{"form":"watch/1"}')
    with pytest.raises(Unreadable) as refused:
        door.act("iruka", AddCredential("iruka", "key", "device"))
    assert refused.value.happened and refused.value.do
    assert Watch.objects.get(author="iruka").state == '{"form":"watch/1"}'


def test_a_watch_that_was_set_aside_is_not_stepped_and_the_host_is_written_to(door, house):
    from lastwords.server.models import HostRow, Letter, Watch
    from lastwords.server.refusals import Unreadable

    door.here().set_aside("iruka", "its record is damaged", house.now())
    door.here().set_aside("iruka", "its record is damaged", house.now())
    with pytest.raises(Unreadable):
        door.act("iruka", AddCredential("iruka", "key", "device"))
    assert Watch.objects.get(author="iruka").look_at is None
    assert [(letter.kind, letter.to) for letter in Letter.objects.all()] == [("watch_set_aside", "host")]
    assert [canonical.decode(bytes(row.body))["kind"] for row in HostRow.objects.all()] == ["set_aside"]


def test_people_with_a_seat_have_a_part_and_lose_it_with_the_seat(door):
    from lastwords.protocol.events import RemoveKeeper
    from lastwords.server.models import Part

    door.act("iruka", InviteKeeper("iruka", "kakashi"))
    door.act("iruka", AcceptSeat("kakashi"))
    door.act("iruka", VerifyKeeper("iruka", "kakashi", True))
    assert list(Part.objects.values_list("person", flat=True)) == ["kakashi"]
    door.act("iruka", RemoveKeeper("iruka", "kakashi"))
    assert list(Part.objects.values_list("person", flat=True)) == []


def test_word_of_a_silence_is_heard_before_anyone_is_judged(door, house):
    from lastwords.server.models import Inbox, Watch

    door.act("iruka", InviteKeeper("iruka", "kakashi"))
    Inbox.objects.create(watch_id="iruka", person="kakashi", silent=True)
    step = door.act("iruka", AddCredential("iruka", "key", "device"))
    assert step.watch.silent == ("kakashi",)
    assert [body["event"] for body in bodies("iruka")][-2:] == ["hear_of_silence", "add_credential"]
    assert bodies("iruka")[-2]["by"] == HOST
    assert not Inbox.objects.exists()
    assert json.loads(Watch.objects.get(author="iruka").state)["silent"] == ["kakashi"]


def test_a_newcomer_who_is_silent_already_is_heard_of_in_the_same_step(door, house):
    from dataclasses import replace

    from lastwords.protocol import record
    from lastwords.protocol.stages import Stage
    from lastwords.server.models import Watch

    house.person("kakashi")
    silent = replace(door.begin("kakashi"), stage=Stage.VIGIL)
    Watch.objects.filter(author="kakashi").update(state=json.dumps(record.to_plain(silent)))
    step = door.act("iruka", InviteKeeper("iruka", "kakashi"))
    assert step.watch.silent == ("kakashi",) and step.watch.seat("kakashi") is not None
    assert [body["event"] for body in bodies("iruka")][-2:] == ["hear_of_silence", "invite_keeper"]


def test_a_newcomer_who_fell_silent_as_a_keeper_here_and_has_spoken_again_since_is_heard_of_too(door, house):
    """The author had taken the seat back meanwhile, so that no word of the return came here."""
    house.person("kakashi")
    door.begin("kakashi")
    door.act("iruka", InviteKeeper("iruka", "kakashi"))
    door.act("iruka", HearOfSilence(HOST, "kakashi", True))
    assert door.act("iruka", RemoveKeeper("iruka", "kakashi")).watch.silent == ("kakashi",)
    step = door.act("iruka", InviteKeeper("iruka", "kakashi"))
    assert step.watch.silent == ()
    assert [body["event"] for body in bodies("iruka")][-2:] == ["hear_of_silence", "invite_keeper"]


def test_the_heads_file_follows_every_commit(door, house):
    from lastwords.server import witness
    from lastwords.server.models import Watch

    door.act("iruka", AddCredential("iruka", "key", "device"))
    kept = Watch.objects.get(author="iruka")
    head = witness.read(house.settings.heads)["author:iruka"]
    assert (head.number, head.link) == (kept.head_number, bytes(kept.head_link)) == (2, head.link)


def look_at():
    from lastwords.server.models import Watch

    return Watch.objects.get(author="iruka").look_at


def test_a_check_in_that_keeps_all_well_leaves_an_earlier_look_where_it_is(circle, house):
    before = look_at()
    house.leap(5 * DAY)
    circle.act("iruka", CheckIn("iruka", Strength.STRONG, "key"))
    assert look_at() == before < house.now().wall + 25 * DAY


def test_after_a_look_that_moved_something_the_next_comes_a_second_later_at_the_earliest(circle, house):
    house.leap(60 * DAY)
    assert circle.act("iruka", Look()).row is not None
    assert look_at() == house.now().wall + 1


def test_an_act_is_written_at_the_moment_that_is_named_to_it(circle, house):
    then = Moment(house.now().wall + 60, house.now().credit)
    circle.act("iruka", CheckIn("iruka", Strength.STRONG, "key"), now=then)
    assert bodies("iruka")[-1]["at"] == list(then)
