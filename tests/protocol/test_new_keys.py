"""New keys for a person: what can happen to an asking, and that no way through it is silent (T39)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest
from protocol.cave import (
    BISUKE,
    BULL,
    FOR_NARUTO,
    IRUKA,
    KAKASHI,
    NARUTO,
    PACK,
    PAKKUN,
    START,
    TSUNADE,
    Play,
    armed,
    died,
    in_closing,
    in_last_call,
    in_late,
    in_vigil,
)

from lastwords.protocol import events as e
from lastwords.protocol import new_keys
from lastwords.protocol.machine import step
from lastwords.protocol.moments import DAY, Moment, Wait
from lastwords.protocol.new_keys import (
    UNTOLD,
    UNVOUCHED,
    WAIT,
    Asking,
    KeysStage,
    look,
    may_vouch,
    say_no,
    to_be_told,
    vouch,
)
from lastwords.protocol.refusals import REFUSALS, Refused
from lastwords.protocol.small import STAYS
from lastwords.protocol.stages import SeatStage, Stage
from lastwords.protocol.watch import HOST


def after(days: float, credit: float | None = None) -> Moment:
    return Moment(
        START.wall + round(days * DAY), START.credit + round((days if credit is None else credit) * DAY)
    )


ASKED = Asking(IRUKA, START)


def waiting() -> Asking:
    return look(vouch(ASKED, PAKKUN), START, told=True, voucher_counts=True)


def test_every_cell_is_written_out_and_says_something() -> None:
    for what, cells in new_keys.TABLE.items():
        assert set(cells) == set(KeysStage), what
        for cell in cells.values():
            assert cell == STAYS or cell in REFUSALS or cell in set(KeysStage), (what, cell)


def test_the_wait_begins_when_an_old_address_has_heard_and_not_when_somebody_vouches() -> None:
    vouched = vouch(ASKED, PAKKUN)
    assert (vouched.stage, vouched.wait, vouched.by) == (KeysStage.VOUCHED, None, PAKKUN)
    unheard = look(vouched, after(10), told=False, voucher_counts=True)
    assert unheard == vouched
    heard = look(unheard, after(10), told=True, voucher_counts=True)
    assert (heard.stage, heard.wait) == (KeysStage.WAITING, Wait(after(10), WAIT))


def test_the_wait_runs_on_both_clocks() -> None:
    for moment, stage in (
        (after(14, credit=13.9), KeysStage.WAITING),
        (after(13.9, credit=14), KeysStage.WAITING),
        (after(14), KeysStage.CARRIED),
    ):
        looked = look(waiting(), moment, told=True, voucher_counts=True)
        assert (looked.stage, looked.wait is None) == (stage, stage is KeysStage.CARRIED)


def test_a_letter_that_comes_back_ends_the_wait_and_the_next_one_runs_in_full() -> None:
    back = look(waiting(), after(13), told=False, voucher_counts=True)
    assert (back.stage, back.wait) == (KeysStage.VOUCHED, None)
    anew = look(back, after(13), told=True, voucher_counts=True)
    assert anew.wait == Wait(after(13), WAIT)
    assert look(anew, after(14), told=True, voucher_counts=True).stage is KeysStage.WAITING


def test_a_letter_that_comes_back_on_the_last_day_carries_nothing() -> None:
    assert look(waiting(), after(20), told=False, voucher_counts=True).stage is KeysStage.VOUCHED


def test_a_voucher_who_no_longer_counts_takes_their_word_with_them() -> None:
    for asking in (vouch(ASKED, PAKKUN), waiting()):
        gone = look(asking, after(14), told=True, voucher_counts=False)
        assert (gone.stage, gone.by, gone.wait) == (KeysStage.ASKED, "", None)


def test_a_no_ends_it_at_any_stage_that_is_open_and_nothing_follows() -> None:
    for asking in (ASKED, vouch(ASKED, PAKKUN), waiting()):
        refused = say_no(asking, BULL)
        assert (refused.stage, refused.refused_by, refused.wait) == (KeysStage.REFUSED, BULL, None)
        assert look(refused, after(100), told=True, voucher_counts=True) == refused
        for act in (vouch, say_no):
            with pytest.raises(Refused) as error:
                act(refused, BISUKE)
            assert error.value.refusal.code == "keys_asking_over"


def test_a_second_voucher_changes_nothing() -> None:
    with pytest.raises(Refused) as error:
        vouch(waiting(), BULL)
    assert error.value.refusal.code == "keys_vouched"


def test_what_nobody_vouches_for_or_nobody_hears_of_is_forgotten() -> None:
    assert look(ASKED, after(UNVOUCHED / DAY - 0.1), told=False, voucher_counts=True).stage is KeysStage.ASKED
    assert look(ASKED, after(UNVOUCHED / DAY), told=False, voucher_counts=True).stage is KeysStage.LAPSED
    vouched = vouch(ASKED, PAKKUN)
    assert look(vouched, after(29), told=False, voucher_counts=True).stage is KeysStage.VOUCHED
    assert look(vouched, after(UNTOLD / DAY), told=False, voucher_counts=True).stage is KeysStage.LAPSED


# All ways, with the letter taken or not at each of them.


class Way(NamedTuple):
    """One way from the asking: where it is, and since when an old address has heard without a break, as the walker
    keeps it, knowing nothing of the machine's own wait."""

    asking: Asking
    now: Moment
    heard: Moment | None = None
    vouched: str = ""
    no: bool = False


Look = Callable[..., Asking]
STEPS = ((7, 7), (7, 0), (0, 7))
"""Days on the wall and of credit between two looks."""


def ways(look: Look, depth: int = 9) -> Iterator[Way]:
    """Every way of `depth` looks, by every order of vouching, saying no, letters taken and sent back."""
    frontier = {Way(ASKED, START)}
    for _ in range(depth):
        found = set()
        for way in frontier:
            for acted in _acts(way):
                for wall, credit in STEPS:
                    now = Moment(acted.now.wall + wall * DAY, acted.now.credit + credit * DAY)
                    for told in (True, False):
                        for counts in (True, False):
                            asking = look(acted.asking, now, told=told, voucher_counts=counts)
                            alone = acted.vouched and counts
                            heard = (acted.heard or now) if told and alone else None
                            found.add(Way(asking, now, heard, acted.vouched if counts else "", acted.no))
        yield from found
        frontier = {way for way in found if way.asking.stage in new_keys.OPEN}


def _acts(way: Way) -> Iterator[Way]:
    yield way
    if way.asking.stage is KeysStage.ASKED:
        yield way._replace(asking=vouch(way.asking, PAKKUN), vouched=PAKKUN)
    yield way._replace(asking=say_no(way.asking, BULL), no=True)


def silent(way: Way) -> bool:
    """Whether new keys came with less than a voucher, a letter heard for fourteen days on both clocks, and no no."""
    if way.asking.stage is not KeysStage.CARRIED:
        return False
    heard = way.heard
    told = heard is not None and Wait(heard, WAIT).over(way.now)
    return not told or not way.vouched or way.no


def test_no_way_through_an_asking_is_silent(figure: Callable[[str], None]) -> None:
    found = list(ways(look, 6))
    carried = [way for way in found if way.asking.stage is KeysStage.CARRIED]
    figure(f"new keys: {len(found)} ways, {len(carried)} carried, {sum(map(silent, found))} silent")
    assert carried and not any(map(silent, found))


@pytest.mark.parametrize("fault", ["the letter is taken for granted", "the wait begins at the vouching"])
def test_a_machine_that_forgets_the_letter_is_caught(fault: str) -> None:
    def careless(asking: Asking, now: Moment, *, told: bool, voucher_counts: bool) -> Asking:
        if fault == "the letter is taken for granted":
            return look(asking, now, told=True, voucher_counts=voucher_counts)
        if asking.stage is KeysStage.VOUCHED and asking.wait is None:
            asking = replace(asking, stage=KeysStage.WAITING, wait=Wait(asking.asked, WAIT))
        return look(asking, now, told=told, voucher_counts=voucher_counts)

    assert any(map(silent, ways(careless, 4)))


# Who may vouch.


def test_a_keeper_vouches_for_the_author_another_keeper_and_the_recipients_of_their_words() -> None:
    watch = armed().watch
    assert all(may_vouch(watch, PAKKUN, person) for person in (IRUKA, BISUKE, KAKASHI, NARUTO))
    assert not may_vouch(watch, PAKKUN, PAKKUN)
    assert not may_vouch(watch, PAKKUN, "stranger")
    assert not may_vouch(watch, NARUTO, IRUKA)
    assert not may_vouch(watch, "stranger", IRUKA)


def test_whoever_knows_of_somebodys_part_is_told_and_an_invitation_is_no_part_yet() -> None:
    watch = armed().do(e.InviteKeeper(IRUKA, TSUNADE)).watch
    assert to_be_told(watch, NARUTO) == {IRUKA, *PACK}
    assert to_be_told(watch, PAKKUN) == {IRUKA, *PACK, KAKASHI} - {PAKKUN}
    assert to_be_told(watch, TSUNADE) == set()
    assert not may_vouch(watch, KAKASHI, NARUTO), "without a share of these words nobody knows of them"


def test_an_author_vouches_for_their_keepers_and_recipients() -> None:
    watch = armed().watch
    assert may_vouch(watch, IRUKA, PAKKUN) and may_vouch(watch, IRUKA, NARUTO)
    assert not may_vouch(watch, IRUKA, IRUKA) and not may_vouch(watch, IRUKA, "stranger")


def test_a_seat_that_is_new_suspended_or_given_up_vouches_for_nobody() -> None:
    play = armed()
    for changes in (
        {"stage": SeatStage.SUSPENDED},
        {"stage": SeatStage.ACCEPTED},
        {"stage": SeatStage.REMOVED},
        {"stage": SeatStage.VERIFIED, "season": Wait(START, DAY)},
        {"glass_only": True},
    ):
        seats = tuple(replace(s, **changes) if s.keeper == PAKKUN else s for s in play.watch.seats)
        assert not may_vouch(replace(play.watch, seats=seats), PAKKUN, IRUKA), changes


# What it does to a watch.


def stages() -> Iterator[Play]:
    yield from (armed(), in_late(), in_vigil(), in_last_call(), in_closing())


def changed(play: Play, person: str, *ended: str) -> Play:
    return play.do(e.ChangeKeys(HOST, person, ended))


def test_new_keys_are_no_sign_of_life() -> None:
    seen = set()
    for play in stages():
        before = play.watch
        seen.add(before.stage)
        outcome = step(before, e.ChangeKeys(HOST, IRUKA, ("phone",)), play.now)
        after = outcome.watch  # type: ignore[union-attr]
        same = replace(after, credentials=before.credentials, keys_due=before.keys_due)
        assert same == before
        assert not outcome.letters  # type: ignore[union-attr]
    assert seen == {Stage.WELL, Stage.LATE, Stage.VIGIL, Stage.CLOSING}


def test_only_the_service_changes_keys() -> None:
    for person in (IRUKA, PAKKUN, NARUTO):
        assert armed().refused(e.ChangeKeys(person, person)) == "only_the_host"


def test_the_ways_that_ended_with_an_authors_keys_no_longer_count() -> None:
    play = changed(armed(), IRUKA, "phone")
    assert {one.name: one.void for one in play.watch.credentials} == {"phone": True, "paper": False}


def test_keys_fall_due_in_every_track_that_was_sealed_to_the_old_ones() -> None:
    tracks = {track.key: track for track in armed().watch.tracks}
    assert set(changed(armed(), IRUKA).watch.keys_due) == set(tracks)
    kept = {key for key, track in tracks.items() if PAKKUN in track.roster}
    assert set(changed(armed(), PAKKUN).watch.keys_due) == kept
    assert FOR_NARUTO in changed(armed(), NARUTO).watch.keys_due


def test_a_keepers_seat_is_accepted_again_and_counts_once_it_was_verified_and_proven() -> None:
    play = changed(armed(), PAKKUN)
    seat = play.watch.seat(PAKKUN)
    assert seat is not None and (seat.stage, seat.receipts, seat.vouched) == (SeatStage.ACCEPTED, (), False)
    play.do(e.VerifyKeeper(IRUKA, PAKKUN, False)).days(31)
    seat = play.watch.seat(PAKKUN)
    assert seat is not None and seat.stage is SeatStage.SEASONED


def test_a_statement_of_the_old_key_no_longer_counts_in_a_vigil() -> None:
    play = in_vigil()
    play.do(*died(*PACK[:3], play=play))
    assert len(play.watch.statements) == 3
    changed(play, PACK[0])
    assert [made.keeper for made in play.watch.statements] == sorted(PACK[1:3])


def test_the_share_given_with_it_is_deleted() -> None:
    play = in_vigil()
    play.do(*died(*PACK[:2], play=play))
    before = play.shredded
    changed(play, PACK[0])
    assert play.shredded == before + 1


def test_somebody_without_a_part_leaves_only_a_row() -> None:
    play = armed()
    before = play.watch
    assert changed(play, "stranger").watch == before
    assert ("keys_changed", "stranger") in play.happened


def test_a_seat_that_was_taken_back_stays_so() -> None:
    play = armed(alternates=(TSUNADE,))
    play.do(e.RemoveKeeper(IRUKA, TSUNADE))
    seat = changed(play, TSUNADE).watch.seat(TSUNADE)
    assert seat is not None and seat.stage is SeatStage.REMOVED
