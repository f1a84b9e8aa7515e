"""A clock that has to run runs, or waits for a letter that somebody sends. Where neither is so the host is told."""

import json

import pytest
from server.conftest import KEEPERS

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Evidence, Finding, HoldCause, Stage, Strength

pytestmark = pytest.mark.both_databases

NOBODY_SENDS = "a clock in it waits for a letter that nobody sends"
NOTHING_MOVES = "a clock in it has to run, and nothing would ever begin it"
TRIED_TOO_LATE = "its next try stands too late in the queue"


@pytest.fixture
def found(house):
    """What the look at every watch finds, by whose it is."""
    from lastwords.server import integrity_waits, store

    def found():
        faults = list(integrity_waits.look(store.here(), house.now()))
        return [(fault.author or "a letter", fault.says) for fault in faults]

    return found


def letters(**wanted):
    from lastwords.server.models import Letter

    return Letter.objects.filter(**wanted)


def changed(author, **parts):
    """Changes a record where it is kept, as no step would."""
    from lastwords.server.models import Watch

    row = Watch.objects.get(author=author)
    Watch.objects.filter(author=author).update(state=json.dumps(json.loads(row.state) | parts))


@pytest.fixture
def late(circle, house, box):
    """Iruka has missed a check-in, and the letter that asks him has not left yet."""
    from lastwords.server import sweep

    for days in (27, 3):
        sweep.sweep(circle.here(), house.leap(days * DAY))
        if days == 27:
            box.run(house.now())
    assert circle.read("iruka").stage is Stage.LATE
    return circle


def one_round(house):
    from lastwords.server import rounds

    house.leap(60)
    return rounds.run(pulse=True, heard=lambda: True)


def statement(watch, keeper):
    heads = tuple((track.key, *track.manifest) for track in watch.tracks)
    return e.MakeStatement(
        keeper, Finding.DIED, Evidence.DOCUMENT_SEEN, watch.case.number, watch.epoch, 1, heads
    )


def look_until_all_is_done(door, now):
    """One step in a look, as many as there are."""
    while door.look("iruka", now).row is not None:
        pass


@pytest.fixture
def called(late, house, box):
    """Iruka's last call has begun, and its letter has not left yet."""
    door = late.here()
    for days in (1, 7):
        look_until_all_is_done(door, house.leap(days * DAY))
        box.run_all(house.now())
    for keeper in KEEPERS[:3]:
        late.act("iruka", statement(late.read("iruka"), keeper))
    look_until_all_is_done(door, house.leap(5 * DAY))
    assert letters(kind="last_call").exists()
    return late


def test_a_watch_that_waits_for_a_letter_on_its_way_waits_for_something(late, house, box, way, found):
    assert found() == []
    way.broken = "the relay cannot be reached"
    box.run(house.now())
    assert found() == []
    way.broken, way.script["iruka@example.org"] = "", ["refused"]
    box.run(house.leap(120))
    assert found() == [], "an author who cannot be written to is waited for by the clock"


def test_late_without_the_letter_that_begins_its_wait_is_found_and_told_every_day(late, house, way, found):
    from lastwords.server.models import HostRow

    letters(kind="check_in_missed").update(next_try=None)
    assert late.read("iruka").wait is None and late.read("iruka").failing is None
    assert found() == [("iruka", NOBODY_SENDS)]
    for day in (1, 2):
        house.leap(DAY)
        one_round(house)
        one_round(house)
        assert way.to("host@example.org") == ["A watch on the server waits for nothing"] * day
    assert late.read("iruka").stage is Stage.LATE, "nothing moves a stage but the machine"
    rows = [json.loads(bytes(row.body)) for row in HostRow.objects.order_by("number")]
    told = [row["faults"] for row in rows if row["kind"] == "kept_not_whole"]
    assert told == [[["the watch of iruka", NOBODY_SENDS]]] * 2


def test_what_the_letter_says_to_do_brings_such_a_watch_back(late, house, box, found):
    letters(kind="check_in_missed").update(next_try=None)
    late.act("iruka", e.PlaceHold("host", HoldCause.SWITCH))
    assert found() == [], "while a hold stands no clock has to run"
    late.act("iruka", e.LiftHold("host", HoldCause.SWITCH))
    assert found() == []
    box.run(house.now())
    assert late.read("iruka").wait is not None


@pytest.mark.parametrize("lost", [{"next_try": None}, {"round": 99}, {"kind": "hold_placed"}, {"to": "gai"}])
def test_a_last_call_whose_letter_is_lost_is_found(called, found, lost):
    assert found() == []
    letters(kind="last_call").update(**lost)
    assert found() == [("iruka", NOBODY_SENDS)]


def test_a_closing_that_nobody_asks_about_is_found(circle, found):
    changed("iruka", stage="closing")
    assert ("iruka", NOTHING_MOVES) in found()


def test_words_of_a_plan_without_keepers_that_no_last_call_is_made_for_are_found(called, found):
    tracks = [track | {"stage": "asked", "wait": None} for track in json.loads(state("iruka"))["tracks"]]
    plan = json.loads(state("iruka"))["plan"] | {"timer_only": True}
    changed("iruka", tracks=tracks, plan=plan)
    assert ("iruka", NOTHING_MOVES) in found()


def state(author):
    from lastwords.server.models import Watch

    return Watch.objects.get(author=author).state


def test_a_whole_case_from_the_first_reminder_to_the_return_waits_for_something_every_day(
    circle, house, box, found
):
    """Each day before and after its letters have left."""
    stages = set()
    for day in range(70):
        house.leap(DAY)
        for _ in range(3):
            one_round(house)
        watch = circle.read("iruka")
        stages |= {str(watch.stage), *(str(track.stage) for track in watch.tracks)}
        assert found() == []
        if watch.stage is Stage.VIGIL and not watch.statements and day < 50:
            for keeper in KEEPERS[:3]:
                circle.act("iruka", statement(watch, keeper))
        if day == 55:
            circle.act("iruka", e.CheckIn("iruka", Strength.STRONG, "key"))
        assert found() == []
    assert stages == {"well", "late", "vigil", "closing", "asked", "last_call", "released"}


def test_a_letter_handed_over_while_the_watches_are_read_is_no_fault(late, house, box, found):
    """Another process sends it between the look at the watch and the look at its letters."""
    from lastwords.server import integrity_waits

    asked = integrity_waits._on_their_way

    def meanwhile(authors):
        box.run(house.now())
        return asked(authors)

    integrity_waits._on_their_way = meanwhile
    try:
        assert found() == []
    finally:
        integrity_waits._on_their_way = asked
    assert late.read("iruka").wait is not None


@pytest.mark.parametrize("lost", [{"next_try": 2**40}, {"lease": 2**40}])
def test_a_letter_that_would_be_tried_in_thousands_of_years_is_found_and_tried(late, house, way, found, lost):
    letters(kind="check_in_missed").update(**lost)
    assert found() == [("a letter", TRIED_TOO_LATE)]
    house.leap(DAY)
    one_round(house)
    assert late.read("iruka").wait is None
    one_round(house)
    assert late.read("iruka").wait is not None
    assert found() == []


@pytest.mark.parametrize("look_at", [None, 2**40])
def test_a_record_that_cannot_be_judged_and_that_no_look_comes_to_is_set_aside_and_holds_up_no_other(
    circle, house, box, way, look_at
):
    """Words for an alternate, behind words that were released at no moment: to ask when it is due fails."""
    from lastwords.server.models import Watch

    first, *_ = json.loads(state("iruka"))["tracks"]
    first |= {"stage": "released", "words": "released", "deaths": ["anko", "gai", "kurenai"]}
    wait = first["wait"] or [[1, 0], 1]
    second = first | {"recipient": "sakura", "instead_of": "naruto", "stage": "last_call", "wait": wait}
    changed("iruka", stage="vigil", tracks=[first, second | {"words": "sealed", "deaths": []}])
    circle.begin("shino")
    Watch.objects.filter(author="iruka").update(look_at=look_at)
    house.leap(DAY)
    for _ in range(2):
        one_round(house)
    assert "cannot be judged" in Watch.objects.get(author="iruka").set_aside
    assert "A watch was set aside because it cannot be judged" in way.to("host@example.org")


def test_many_watches_that_wait_for_nothing_are_one_letter(late, house, way):
    from lastwords.server.models import Watch

    letters(kind="check_in_missed").update(next_try=None)
    first = Watch.objects.get(author="iruka")
    for name in ("hinata", "kiba"):
        text = json.dumps(json.loads(first.state) | {"author": name})
        Watch.objects.create(author=name, state=text, look_at=None, head_link=b"0" * 32)
    house.leap(DAY)
    one_round(house)
    one_round(house)
    (envelope,) = [one for one, _ in way.sent if "wait for nothing" in one.text.subject]
    assert envelope.text.subject == "3 watches on the server wait for nothing"
    assert "hinata, iruka, kiba" in " ".join(envelope.text.body.split())


def test_the_doctor_says_how_such_a_watch_goes_on(late, house):
    from lastwords.server import doctor

    house.settings.begun.write_text("real\n")
    letters(kind="check_in_missed").update(next_try=None)
    found = {one.name: one for one in doctor.examine(house.data)}
    assert found["kept"].says == f"The watch of iruka: {NOBODY_SENDS}."
    assert found["kept"].do.startswith("Run: lastwords host hold iruka --data DIR")
