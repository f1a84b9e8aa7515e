"""What one person may write in one case is bounded, and what is signed is never refused for it."""

from collections.abc import Callable
from typing import Any

import pytest
from server.api.test_case import entry, sign
from server.api.world import Circle, Person, sealed, sha256, text

from lastwords.case import entries
from lastwords.case.moment import Moment
from lastwords.case.observation import Consciousness, Observation
from lastwords.sealing import age
from lastwords.sealing.person import PersonKeys
from lastwords.server.problems import problem
from lastwords.signing import canonical
from lastwords.signing.manifest import MOST_KEEPERS

Bound = Callable[..., None]


@pytest.fixture
def vigil(circle: Circle) -> Circle:
    """The keepers have just been called."""
    circle.fall_silent()
    return circle


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> Bound:
    """Sets the bound low enough to be met."""
    from lastwords.server.api import allowance

    def sets(most_entries: int = allowance.MOST_ENTRIES, most_bytes: int = allowance.MOST_BYTES) -> None:
        monkeypatch.setattr(allowance, "MOST_ENTRIES", most_entries)
        monkeypatch.setattr(allowance, "MOST_BYTES", most_bytes)

    return sets


def written(circle: Circle) -> list[str]:
    """Who wrote each entry that the case shows."""
    return [one["by"] for one in circle.keeper("guy").get(f"{circle.path}/case")["entries"]]


@pytest.mark.both_databases
def test_whoever_has_written_as_many_entries_as_one_person_may_adds_none_and_the_others_write_on(
    vigil: Circle, bound: Bound
) -> None:
    bound(most_entries=2)
    sakura, guy = vigil.keeper("sakura"), vigil.keeper("guy")
    assert [entry(vigil, sakura).status for _ in range(2)] == [201, 201]
    refused = entry(vigil, sakura)
    assert (refused.status, refused.code) == (413, "entries_enough")
    assert entry(vigil, guy).status == entry(vigil, vigil.author).status == 201
    assert written(vigil) == ["sakura", "sakura", "guy", "kakashi"]


@pytest.mark.both_databases
def test_entries_and_texts_of_one_person_may_be_so_many_bytes_and_not_one_more(
    vigil: Circle, bound: Bound
) -> None:
    bound(most_bytes=2 * len(sealed(400)) + len(sealed(200)))
    sakura = vigil.keeper("sakura")
    assert entry(vigil, sakura, body=text(sealed(400))).status == 201
    sentence = sealed(400)
    said = vigil.statement(sakura, "could not find out", free_text=sha256(sentence))
    stated = sakura.post(f"{vigil.path}/case/statements", **said, text=text(sentence))
    assert (stated.status, stated["text_left_out"]) == (201, False)
    assert entry(vigil, sakura, body=text(sealed(201))).code == "entries_enough"
    assert entry(vigil, sakura, body=text(sealed(200))).status == 201


def test_a_later_case_has_all_the_room_again(vigil: Circle, bound: Bound) -> None:
    bound(most_entries=1)
    sakura = vigil.keeper("sakura")
    assert [entry(vigil, sakura).status for _ in range(2)] == [201, 413]
    vigil.sign_of_life()
    for keeper in vigil.keepers[:3]:
        sign(vigil, keeper, "seen or heard")
    vigil.fall_silent()
    assert entry(vigil, sakura)["case"] == 2


@pytest.fixture
def full(vigil: Circle, bound: Bound) -> Circle:
    """A vigil in which nobody may write anything more."""
    bound(most_entries=0, most_bytes=0)
    assert {entry(vigil, one).code for one in (*vigil.keepers, vigil.author)} == {"entries_enough"}
    return vigil


@pytest.mark.both_databases
def test_a_statement_is_taken_with_its_shares_where_its_text_has_no_more_room(full: Circle) -> None:
    sakura, sentence = full.keeper("sakura"), sealed()
    said = full.statement(sakura, free_text=sha256(sentence))
    stated = sakura.post(f"{full.path}/case/statements", **said, text=text(sentence))
    assert (stated.status, stated["text_left_out"], len(stated["given"])) == (201, True, 2)
    (shown,) = full.keeper("guy").get(f"{full.path}/case")["statements"]
    assert (shown["keeper"], shown["finding"]) == ("sakura", "died")
    assert "text" not in shown


def test_where_nobody_may_write_any_more_the_words_are_released_all_the_same(full: Circle) -> None:
    full.release()
    assert [track.stage for track in full.watch.tracks] == ["released"]


def test_where_nobody_may_write_any_more_whatever_keepers_sign_or_stop_is_taken(full: Circle) -> None:
    guy = full.keeper("guy")
    assert guy.post(f"{full.path}/case/answers").status == 200
    assert full.state(guy, "could not find out").status == 201
    withdrawal = guy.act("withdraw statement", "kakashi", **full.in_case())
    assert guy.post(f"{full.path}/case/statements/retract", document=withdrawal).status == 200
    assert guy.post(f"{full.path}/holds").status == 201
    assert guy.post(f"{full.path}/holds/switch/lift").status == 200
    assert full.sign_of_life().status == 200
    assert [sign(full, keeper, "seen or heard").status for keeper in full.keepers[:3]] == [201] * 3
    assert full.watch.stage == "well"


def test_the_refusal_says_how_much_that_is_what_is_unharmed_and_who_writes_on() -> None:
    from lastwords.server.api import allowance

    refused = problem("entries_enough")
    how_much = f"{allowance.MOST_ENTRIES:,} entries or {allowance.MOST_BYTES // 2**20} MiB"
    assert how_much in refused.happened and "unharmed" in refused.happened
    assert "another keeper" in refused.do and "Statements" in refused.do


def an_observation(keeper: Person, readers: int) -> bytes:
    """The seven signs as a program sends them: signed, and sealed for so many."""
    seen = Observation(
        breaths_per_minute=18,
        spo2_percent=95,
        systolic_mmhg=120,
        diastolic_mmhg=80,
        pulse_per_minute=80,
        temperature_tenths=370,
        consciousness=Consciousness.ALERT,
        skin="pale, dry",
        pupils="equal, both react to light",
    )
    moment = Moment(1_800_000_000, "Asia/Tokyo", False)
    head = entries.Head(moment, keeper.handle, entries.Source(entries.Way.OWN_SIGHT))
    record = entries.encode(entries.Entry(head, seen))
    act = keeper.act("entry", "kakashi", case="1", epoch=1, subject="observation", body=sha256(record))
    whole = canonical.encode({"format": "lastwords/v1/signed entry", "entry": record.decode(), "act": act})
    return age.seal_bytes(whole, [PersonKeys.new().public_key for _ in range(readers)])


def test_six_weeks_of_signs_every_quarter_of_an_hour_passed_on_twice_are_within_it(figure: Any) -> None:
    """One keeper alone, day and night, in the largest circle there is, with the author."""
    from lastwords.server.api.allowance import MOST_ENTRIES, Written

    vigil = 6 * 7 * 24 * 4
    size = len(an_observation(Person("sakura"), MOST_KEEPERS + 1))
    last = Written(3 * vigil - 1, (3 * vigil - 1) * size)
    assert last.has_room_for_entry(size)
    assert not Written(MOST_ENTRIES, 0).has_room_for_entry(size)
    figure(
        f"six weeks of signs every quarter of an hour: {vigil} entries of {size} bytes, room for three times that"
    )


def test_the_hundredth_entry_asks_the_database_as_often_as_the_second(vigil: Circle) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    sakura = vigil.keeper("sakura")
    entry(vigil, sakura)
    counts = []
    for _ in range(99):
        with CaptureQueriesContext(connection) as asked:
            assert entry(vigil, sakura).status == 201
        counts.append(len(asked))
    assert counts[0] == counts[-1]
