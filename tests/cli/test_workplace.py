"""The case as a place of work: who is there, what to try, what is to do, and what one's own statement is worth."""

import json

from cli.conftest import CIRCLE, Cave

from lastwords.cli import show


def shown(cave: Cave, name: str = "bull") -> str:
    result = cave.keepers[name].types("case", "iruka", "show")
    assert result.exit_code == 0, result.output
    return result.output


def writes(cave: Cave, name: str, kind: str, *more: str, **what: object) -> int:
    keeper = cave.keepers[name]
    number = keeper.does(
        "case", "iruka", "write", kind, "--what", keeper.file("w.json", json.dumps(what)), *more
    )
    return int(number["entry"])


def test_the_ladder_is_shown_in_order_with_what_was_tried_and_when_to_go_on(cave: Cave) -> None:
    cave.keepers["pakkun"].does("alarm", "iruka")
    number = writes(
        cave, "bull", "contact_attempt", channel="phone", label="home", result="no answer", step="call"
    )
    text = shown(cave)
    places = [text.index(f"{place}. {what}") for place, what in enumerate(
        ("Call", "Visit", "Ask family", "Ask hospital", "Emergency number"), 1
    )]  # fmt: skip
    assert places == sorted(places)
    assert f"Call. Tried: [{number}]." in text
    assert text.count("Go on only if you are still worried.") == 4
    assert "in danger now, call the emergency number first" in text
    ladder = cave.keepers["bull"].does("case", "iruka", "show")["ladder"]
    assert ladder[0]["tried"] == [number] and ladder[1]["tried"] == []


def test_tasks_the_watch_and_open_questions_stand_before_the_entries(cave: Cave) -> None:
    cave.keepers["pakkun"].does("alarm", "iruka")
    task = writes(cave, "pakkun", "task", what="Run for help", for_whom="Bisuke")
    question = writes(cave, "pakkun", "question", text="How large was the dose?")
    writes(cave, "bull", "on_watch", who="bull", begins=True)
    assert f"[{task}] Run for help (for Bisuke): open: `lastwords case iruka task take {task}`" in shown(cave)
    assert cave.keepers["bisuke"].refused("case", "iruka", "task", "take", "999")["code"] == "no_entry"
    cave.keepers["bisuke"].does("case", "iruka", "task", "take", str(task))
    assert f"[{task}] Run for help (for Bisuke): taken by Bisuke" in shown(cave)
    said = cave.keepers["bisuke"].file("r", "Shizune comes with me.")
    report = cave.keepers["bisuke"].does("case", "iruka", "task", "report", str(task), "--text", said)[
        "entry"
    ]
    text = shown(cave)
    assert f"[{task}] Run for help (for Bisuke): done, see [{report}]" in text
    assert "On watch: Bull" in text
    assert text.index(f"[{question}] How large was the dose?") < text.index("\nEntries\n")


def test_whoever_gives_a_field_that_an_entry_does_not_have_is_told_which_it_has(cave: Cave) -> None:
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    what = pakkun.file("w.json", '{"where": "the memorial stone"}')
    refused = pakkun.refused("case", "iruka", "write", "sighting", "--what", what)
    assert "field 'where' that nobody knows. Nothing was written." in refused["happened"]
    assert "Its fields are: " in refused["do"] and "place" in refused["do"]


def test_a_vigil_s_signature_in_a_case_without_one_does_not_ask_for_an_alarm_that_was_raised(
    cave: Cave,
) -> None:
    cave.keepers["pakkun"].does("alarm", "iruka")
    refused = cave.keepers["bisuke"].refused("case", "iruka", "sign", "end")
    assert refused["code"] == "not_in_vigil" and "raise the alarm where none is" in refused["do"]


def test_lifting_a_hold_by_a_name_that_there_is_not_names_those_there_are(cave: Cave) -> None:
    refused = cave.iruka.refused("hold", "--lift", "banana")
    assert refused["code"] == "malformed" and "cause ('weak_sign'" in refused["do"]


def test_whoever_wrote_or_stated_anything_is_there_and_the_others_are_named(cave: Cave) -> None:
    cave.keepers["pakkun"].does("alarm", "iruka")
    writes(cave, "bull", "note", text="I am on my way.")
    cave.keepers["ully"].does("case", "iruka", "state", "could-not-find-out", "--evidence", "rumour")
    cave.keepers["bisuke"].does("case", "iruka", "answer")
    text = shown(cave)
    assert "There: Bisuke, Bull, Ully." in text
    assert "Called, and not heard of yet: Pakkun." in text
    assert "Opened by an alarm" in text and "Case 1 of Iruka" in text


def test_an_entry_shows_whence_it_is_known_and_that_its_time_is_only_about_right(cave: Cave) -> None:
    cave.keepers["pakkun"].does("alarm", "iruka")
    writes(cave, "bull", "sighting", "--heard-from", "Hound", "--roughly", place="the memorial stone")
    assert "sighting, of about " in shown(cave) and "heard from Hound" in shown(cave)


def test_the_sheets_that_the_author_left_are_offered_while_the_case_is_open(cave: Cave) -> None:
    iruka = cave.iruka
    iruka.does("medical", "write", iruka.file("m.toml", 'allergies = "none known"'))
    cave.keepers["pakkun"].does("alarm", "iruka")
    assert "The author left this for you: `lastwords case iruka medical`." in shown(cave)


def test_a_hold_says_who_placed_it_who_can_lift_it_and_when_it_ends(cave: Cave) -> None:
    cave.keepers["pakkun"].does("alarm", "iruka")
    cave.keepers["pakkun"].does("hold", "iruka")
    standing = "All clocks stand: Pakkun placed a hold. It can be ended by Pakkun"
    assert standing in shown(cave) and "It ends by itself on" in shown(cave)
    own = cave.keepers["pakkun"].types("state", "iruka").output
    assert "you placed a hold. It can be ended by you, with `--lift switch`" in own
    assert "pakkun placed a hold" in cave.iruka.types("state").output


def test_a_restores_hold_is_lifted_by_the_last_of_those_who_must_sign_and_not_by_the_first(
    cave: Cave,
) -> None:
    from lastwords.protocol.events import Restore
    from lastwords.protocol.watch import HOST
    from lastwords.server import store

    store.act("iruka", Restore(HOST))
    said = [
        cave.keepers[name].types("hold", "iruka", "--lift", "restore").output
        for name in ("pakkun", "bisuke", "bull")
    ]
    assert ["You have signed that the hold may end." in one for one in said] == [True, True, False]
    assert ["The hold is lifted." in one for one in said] == [False, False, True]


# How things stand, until when, and what is asked.


def test_a_case_says_how_things_stand_and_when_the_vigil_begins(cave: Cave) -> None:
    cave.keepers["pakkun"].does("alarm", "iruka")
    cave.place.hand_over("iruka")
    wait = cave.place.watch("iruka").wait
    assert wait is not None
    ends = show.day(wait.since.wall + wait.length)
    text = shown(cave)
    assert "Iruka is being asked for a sign of life." in text
    assert f"Iruka has until {ends} to answer. The vigil begins then." in text


def test_in_the_last_call_a_case_says_until_when_and_who_tells_too_early_finds_the_day_there(
    cave: Cave,
) -> None:
    cave.place.fall_silent("iruka")
    for name in ("pakkun", "bisuke", "bull"):
        states(cave, name, "died")
    cave.place.pass_time("iruka", cave.place.watch("iruka").plan.vigil)
    refused = cave.keepers["bull"].refused("told", "iruka", "died.naruto")
    assert refused["do"].endswith("The case shows when.")
    stands = cave.keepers["bull"].does("case", "iruka", "show")["case"]["standing"]
    assert stands["sentence"] == "Iruka is asked one last time"
    (end,) = stands["ends"]
    assert show.day(end["at"]) in end["sentence"]
    text = shown(cave)
    assert f"Iruka is asked one last time, until {show.day(end['at'])}. Words are given after that" in text
    assert "What to try." in text
    cave.place.pass_time("iruka", cave.place.watch("iruka").plan.last_call)
    text = shown(cave)
    assert "The keepers say that Iruka has died." in text and "What to try." not in text
    assert "say so here. `lastwords told iruka died.naruto`." in text


def test_after_a_sign_a_case_says_so_and_names_what_is_to_sign_and_nobody_is_sent_to_look(
    cave: Cave,
) -> None:
    cave.place.fall_silent("iruka")
    cave.iruka.does("here")
    cave.place.hand_over("iruka")
    text = shown(cave)
    assert "Somebody says that they are Iruka." in text and "What to try." not in text
    assert "`lastwords case iruka sign home`" in text and "`lastwords case iruka sign not-them`" in text
    assert "If too few of you sign by " in text
    assert "have seen or heard them; it takes 3. Nothing" in text
    signed = cave.keepers["bull"].types("case", "iruka", "sign", "home").stdout
    assert "Signed: seen or heard." in signed and "The others are asked." in signed
    assert "You have signed that you have seen or heard them." in shown(cave)
    assert "sign not-them" not in shown(cave) and "sign not-them" in shown(cave, "ully")


def test_the_author_reads_in_their_case_how_things_stand_for_them(cave: Cave) -> None:
    cave.keepers["pakkun"].does("alarm", "iruka")
    result = cave.iruka.types("case", "iruka", "show")
    assert "You are asked because of an alarm." in result.stdout


# What one's own statement is worth is said to the person at once.


def states(cave: Cave, name: str, finding: str, evidence: str = "own-sight") -> str:
    result = cave.keepers[name].types("case", "iruka", "state", finding, "--evidence", evidence)
    assert result.exit_code == 0, result.output + result.stderr
    return " ".join(result.stdout.split())


def test_a_statement_that_counts_says_for_which_words_and_how_many_it_takes(cave: Cave) -> None:
    cave.place.fall_silent("iruka")
    assert "It counts for died.naruto: 1 of the 3 that it takes." in states(cave, "bull", "died")
    assert "It counts for died.naruto: 2 of the 3 that it takes." in states(cave, "ully", "died")
    assert "2 of 3 statements count for it, yours among them" in shown(cave)


def test_a_statement_before_the_vigil_says_when_it_begins_to_count(cave: Cave) -> None:
    cave.keepers["pakkun"].does("alarm", "iruka")
    assert "begins to count when the author's time to answer is over" in states(cave, "bull", "died")


def test_a_statement_that_is_only_shown_says_so_with_the_reason(cave: Cave) -> None:
    cave.iruka.does("keeper", "suspend", "bull")
    cave.place.fall_silent("iruka")
    suspended = states(cave, "bull", "died")
    assert (
        "does not count for died.naruto: your seat is suspended until the other keepers restore it"
        in suspended
    )
    assert "these words wait for “died”" in states(cave, "ully", "cannot-act")
    assert "not knowing is a good answer" in states(cave, "bisuke", "could-not-find-out")
    assert "0 of 3 statements count for it;" not in shown(cave)
    assert "0 of 3 statements count for it." in shown(cave)


def test_a_suspended_keepers_spoken_with_is_said_to_stop_nothing(cave: Cave) -> None:
    cave.iruka.does("keeper", "suspend", "bull")
    cave.place.fall_silent("iruka")
    assert "it stops nothing: your seat is suspended" in states(cave, "bull", "spoken-with")
    assert "While it stands nothing is released." in states(cave, "ully", "spoken-with")


def test_a_statement_of_a_keeper_whose_share_is_not_proven_says_what_to_do(cave: Cave) -> None:
    cave.iruka.does("words", "new-keys", "died.naruto")
    cave.place.fall_silent("iruka")
    assert "you have not proven your share of them" in states(cave, "bull", "died")


def test_the_report_names_people_as_they_name_themselves_and_who_was_heard_of(cave: Cave) -> None:
    cave.keepers["pakkun"].does("alarm", "iruka")
    writes(cave, "bull", "observation", consciousness="U", pulse_per_minute=76)
    out = cave.keepers["bull"].folder / "h.txt"
    cave.keepers["bull"].does("case", "iruka", "report", "--text", "--out", out)
    text = out.read_text()
    assert text.startswith("Handover report: Iruka\n")
    assert "Bull: keeper, has answered" in text and "Ully: keeper, called, no answer yet" in text
    assert "(Bull)" in text and "(bull)" not in text


def test_nobody_learns_whose_statement_does_not_count(cave: Cave) -> None:
    """It may be a matter of that keeper's own watch: the number is shown, and one's own."""
    cave.place.fall_silent("iruka")
    states(cave, "bull", "died")
    for name in CIRCLE:
        (track,) = cave.keepers[name].does("case", "iruka", "show")["case"]["tracks"]
        assert (track["counted"], track["yours"]) == (1, name == "bull")


# Asked one thing after the other.


def test_an_observation_is_asked_with_units_and_a_slip_is_asked_again(cave: Cave) -> None:
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    typed = ["u", "x", "12", "", "", "", "90", "", "76", "37,4", *[""] * 9]
    result = pakkun.types("case", "iruka", "write", "observation", typing="\n".join(typed) + "\n")
    assert result.exit_code == 0, result.output + result.stderr
    for label in (
        "Breathing (per minute, 0 to 80)",
        "Temperature (°C, 20 to 45)",
        "Pulse (per minute, 0 to 300)",
    ):
        assert label in result.stderr
    assert "“x” does not fit breaths per minute" in result.stderr
    (entry,) = pakkun.does("case", "iruka", "show")["entries"]
    assert "breathing 12/min" in entry["text"] and "37.4 °C" in entry["text"]


def test_an_implausible_value_is_asked_again_unless_it_was_told_so(cave: Cave) -> None:
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    for told, shown_as in (("n\n70", "pulse 70/min"), ("y", "pulse 700/min (as reported)")):
        typed = ["", "", "", "", "", "", "", f"700\n{told}", *[""] * 10]
        result = pakkun.types("case", "iruka", "write", "observation", typing="\n".join(typed) + "\n")
        assert result.exit_code == 0, result.output + result.stderr
        assert "Pulse of 700/min lies outside 0/min to 300/min." in result.stderr
        assert pakkun.does("case", "iruka", "show")["entries"][-1]["text"] == shown_as


def test_what_never_fits_ends_without_an_entry(cave: Cave) -> None:
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    assert pakkun.refused("case", "iruka", "write", "observation", typing="\n" + "x\n" * 9)["code"] == "field"
    assert pakkun.does("case", "iruka", "show")["entries"] == []
