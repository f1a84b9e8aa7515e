"""The author comes back amid a release: what was still on its way is not delivered any more (I2, T35)."""

import pytest

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY, HOUR
from lastwords.protocol.stages import Evidence, Finding, HoldCause, Stage, Strength, WordsStage
from lastwords.protocol.watch import HOST

RECIPIENT, KEEPER = "naruto@example.org", "gai@example.org"
SAYS = ("died.naruto", 1, "b" * 64)


@pytest.fixture
def days(circle, house, box):
    """Lets days pass: a sweep and a round of letters at the end of each stretch."""
    from lastwords.server import sweep

    def passing(*stretches):
        for stretch in stretches:
            sweep.sweep(circle.here(), house.leap(stretch))
            box.run_all(house.now())

    return passing


@pytest.fixture
def released(circle, house, box, days):
    """Naruto's words are released; nobody has told him yet. Guy's mailbox and Naruto's are away."""
    days(27 * DAY, 3 * DAY, 3 * DAY, 4 * DAY)
    watch = circle.read("iruka")
    assert watch.stage is Stage.VIGIL
    for keeper in ("anko", "kurenai", "asuma"):
        bound = (watch.case.number, watch.epoch, watch.plan.version)
        circle.act("iruka", e.MakeStatement(keeper, Finding.DIED, Evidence.OWN_SIGHT, *bound, (SAYS,)))
    days(4 * DAY)
    box.ways["mail"].script |= {RECIPIENT: ["later"], KEEPER: ["later"]}
    days(2 * DAY)
    assert circle.read("iruka").tracks[0].released is not None
    return circle


def comes_back(store):
    store.act("iruka", e.CheckIn("iruka", Strength.STRONG, "key"))
    assert store.read("iruka").tracks[0].words is WordsStage.RECALLED


def everything_works_again(way, house, box):
    way.script.clear()
    for _ in range(4):
        house.leap(12 * HOUR)
        box.run_all(house.now())


def test_a_letter_to_the_recipient_that_was_still_on_its_way_is_not_delivered(released, house, way, box):
    released.act("iruka", e.Tell("anko", "died.naruto"))
    box.run_all(house.now())
    comes_back(released)
    everything_works_again(way, house, box)
    assert [subject for subject in way.to(RECIPIENT) if "wrote words" in subject] == []


def test_a_keeper_whose_mailbox_was_away_is_not_asked_to_tell_anybody(released, house, way, box):
    comes_back(released)
    everything_works_again(way, house, box)
    subjects = way.to(KEEPER)
    assert not any(subject.startswith("Words of Iruka can be given") for subject in subjects)
    assert any(subject.startswith("Have you seen or heard Iruka?") for subject in subjects)


def test_while_the_author_stays_away_the_same_letters_arrive(released, house, way, box):
    """The same two letters without the return: what holds them back is the return alone."""
    released.act("iruka", e.Tell("anko", "died.naruto"))
    box.run_all(house.now())
    everything_works_again(way, house, box)
    assert [subject for subject in way.to(RECIPIENT) if "wrote words" in subject] == [
        "Iruka wrote words for you"
    ]
    assert any(subject.startswith("Words of Iruka can be given") for subject in way.to(KEEPER))


HELD = [
    (e.Restore(HOST), [e.LiftHold(keeper, HoldCause.RESTORE) for keeper in ("anko", "kurenai", "asuma")]),
    (e.PlaceHold("ibiki"), [e.LiftHold("ibiki", HoldCause.SWITCH)]),
]


@pytest.mark.parametrize("held, goes_on", HELD, ids=("a restored past", "a keeper's hold"))
def test_while_a_hold_stands_no_letter_tells_of_words_and_afterwards_the_same_letters_arrive(
    released, house, way, box, held, goes_on
):
    """A host restored from a backup of that day does not know that Iruka came home since."""
    released.act("iruka", e.Tell("anko", "died.naruto"))
    box.run_all(house.now())
    released.act("iruka", held)
    everything_works_again(way, house, box)
    assert [subject for subject in way.to(RECIPIENT) if "wrote words" in subject] == []
    assert not any(subject.startswith("Words of Iruka can be given") for subject in way.to(KEEPER))
    for event in goes_on:
        released.act("iruka", event)
    everything_works_again(way, house, box)
    assert any("wrote words" in subject for subject in way.to(RECIPIENT))
    assert any(subject.startswith("Words of Iruka can be given") for subject in way.to(KEEPER))


def test_while_a_record_cannot_be_read_no_letter_tells_of_words_and_afterwards_the_same_letters_arrive(
    released, house, way, box
):
    """Nobody knows then whether the author has come home since."""
    from lastwords.server.models import Watch

    released.act("iruka", e.Tell("anko", "died.naruto"))
    box.run_all(house.now())
    whole = Watch.objects.get(author="iruka").state
    Watch.objects.filter(author="iruka").update(state='{"form":"watch/1"}')
    everything_works_again(way, house, box)
    assert [subject for subject in way.to(RECIPIENT) if "wrote words" in subject] == []
    assert not any(subject.startswith("Words of Iruka can be given") for subject in way.to(KEEPER))
    Watch.objects.filter(author="iruka").update(state=whole)
    everything_works_again(way, house, box)
    assert [subject for subject in way.to(RECIPIENT) if "wrote words" in subject] == [
        "Iruka wrote words for you"
    ]


@pytest.mark.parametrize("effect", ["before told", "told, letter away", "told, letter arrived", "later"])
def test_after_a_return_at_any_point_nothing_further_reaches_the_recipient_but_the_calm_letter(
    released, house, way, box, effect
):
    if effect != "before told":
        if effect != "told, letter away":
            way.script.pop(RECIPIENT)
        released.act("iruka", e.Tell("anko", "died.naruto"))
        box.run_all(house.now())
    if effect == "later":
        released.act("iruka", e.KeepForLater("naruto", "died.naruto", 0))
    before = list(way.to(RECIPIENT))
    comes_back(released)
    everything_works_again(way, house, box)
    for keeper in ("anko", "kurenai", "asuma"):
        released.act("iruka", e.SignHome(keeper))
    everything_works_again(way, house, box)
    after = way.to(RECIPIENT)[len(before) :]
    assert after == ([] if effect == "before told" else ["Iruka is back"])


def test_from_the_missed_check_in_to_the_return_no_letter_names_the_recipient_to_anybody_else(
    released, way, days
):
    way.script.clear()
    days(12 * HOUR)
    released.act("iruka", e.Tell("anko", "died.naruto"))
    days(HOUR)
    comes_back(released)
    for keeper in ("anko", "kurenai", "asuma"):
        released.act("iruka", e.SignHome(keeper))
    days(DAY)
    said = {True: [], False: []}
    for one, _ in way.sent:
        said[one.address == RECIPIENT].append(one.text.subject + one.text.body)
    assert len(said[True]) == 2 and all("Dear Naruto." in text for text in said[True])
    subjects = {text.partition(" (")[0] for text in said[False]}
    assert {"Words of Iruka can be given now", "Iruka is home", "Welcome home, Iruka"} <= subjects
    assert [text for text in said[False] if "naruto" in text.lower()] == []
