"""`lastwords state`: how a watch stands, when what follows, and what to type."""

from cli.conftest import Cave

from lastwords.cli import show


def state(cave: Cave) -> str:
    result = cave.iruka.types("state")
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def state_died(cave: Cave) -> None:
    for name in ("pakkun", "bisuke", "bull"):
        cave.keepers[name].does("case", "iruka", "state", "died", "--evidence", "own-sight")


def test_in_the_last_call_the_author_reads_that_it_is_one_until_when_and_what_to_type(cave: Cave) -> None:
    cave.place.fall_silent("iruka")
    state_died(cave)
    cave.place.pass_time("iruka", cave.place.watch("iruka").plan.vigil)
    seen = cave.iruka.does("state")
    assert seen["standing"]["sentence"] == "This is your last call"
    (track,) = cave.place.watch("iruka").tracks
    assert track.wait is not None
    assert seen["earliest_release"] >= track.wait.since.wall + track.wait.length
    said = state(cave)
    assert "This is your last call." in said and "`lastwords here`" in said
    assert f"are given on {show.day(seen['earliest_release'])} at the earliest" in said
    assert "If you fell silent now" not in said


def test_nobody_is_sent_to_seal_words_anew_while_that_is_refused(cave: Cave) -> None:
    cave.place.fall_silent("iruka")
    state_died(cave)
    cave.keepers["bull"].does("case", "iruka", "retract")
    refused = cave.iruka.refused("words", "new-keys", "naruto")
    assert refused["code"] == "sign_first"
    assert cave.iruka.does("state")["keys_due"] == ["died.naruto"]
    assert "ew keys are due" not in state(cave)
    cave.iruka.does("here")
    assert "New keys are due: run `lastwords words new-keys` for died.naruto." in state(cave)


def test_an_author_who_is_late_reads_when_keepers_are_asked(cave: Cave) -> None:
    cave.place.pass_time("iruka", cave.place.watch("iruka").plan.check_in_every)
    wait = cave.place.watch("iruka").wait
    assert wait is not None
    said = state(cave)
    assert "You have not checked in since" in said and "`lastwords here`" in said
    assert f"your keepers are asked to check on you on {show.day(wait.since.wall + wait.length)}" in said


def test_after_a_sign_the_author_reads_who_has_to_confirm_it_by_when_and_which_second_way_there_is(
    cave: Cave,
) -> None:
    cave.place.fall_silent("iruka")
    cave.iruka.does("here")
    cave.place.hand_over("iruka")
    cave.keepers["bull"].does("case", "iruka", "sign", "home")
    said = state(cave)
    assert "Welcome. Nothing is given now." in said and "1 of 3 have signed" in said
    assert "everything goes on as it was" in said and "`lastwords here --code`" in said
