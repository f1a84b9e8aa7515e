"""The author comes back: everything stands down, keepers confirm it, and nothing was given."""

from cli.conftest import Cave


def test_a_sign_of_life_in_a_vigil_asks_the_keepers_and_their_signatures_bring_the_author_home(
    cave: Cave,
) -> None:
    cave.place.fall_silent("iruka")
    cave.keepers["pakkun"].does("case", "iruka", "state", "died", "--evidence", "own-sight")
    assert cave.iruka.does("here")["stage"] == "closing"
    cave.place.hand_over("iruka")
    for name in ("pakkun", "bisuke", "bull"):
        signed = cave.keepers[name].does("case", "iruka", "sign", "home")
    assert signed["stage"] == "well"
    watch = cave.place.watch("iruka")
    assert watch.statements == () and not watch.case_open


def test_words_that_were_released_and_not_opened_come_home(cave: Cave) -> None:
    cave.place.fall_silent("iruka")
    for name in ("pakkun", "bisuke", "bull"):
        cave.keepers[name].does("case", "iruka", "state", "died", "--evidence", "own-sight")
    cave.place.run_out("iruka")
    cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    cave.iruka.does("here")
    assert cave.naruto.does("words", "waiting")["waiting"] == []
    refused = cave.naruto.refused("open", "iruka", "died.naruto", "--to", cave.naruto.folder / "x")
    assert refused["code"] == "recalled"
    assert not (cave.naruto.folder / "x").exists()


def test_after_a_case_in_which_shares_were_given_new_keys_are_due_and_replacing_makes_them(
    cave: Cave,
) -> None:
    cave.place.fall_silent("iruka")
    cave.keepers["pakkun"].does("case", "iruka", "state", "died", "--evidence", "own-sight")
    cave.iruka.does("here")
    assert cave.iruka.does("state")["state"]["keys_due"] == ["died.naruto"]
    before = cave.place.watch("iruka").tracks[0].share_set
    letter = cave.iruka.file("better.txt", "Be happy.")
    assert cave.iruka.does("words", "replace", "naruto", "--text", letter)["number"] == 2
    assert cave.place.watch("iruka").tracks[0].share_set != before
    assert cave.iruka.does("state")["state"]["keys_due"] == []


def test_an_alarm_opens_a_case_and_asks_the_author_and_shortens_no_wait(cave: Cave) -> None:
    raised = cave.keepers["pakkun"].does("alarm", "iruka")
    assert (raised["stage"], raised["case"]) == ("late", 1)
    answered = cave.keepers["bisuke"].does("case", "iruka", "answer")
    assert answered["answered"] == ["bisuke"]
    assert cave.keepers["bisuke"].does("state", "iruka")["case"]


def test_a_second_alarm_by_the_same_keeper_needs_what_a_second_keeper_signed(cave: Cave) -> None:
    pakkun, bisuke = cave.keepers["pakkun"], cave.keepers["bisuke"]
    pakkun.does("alarm", "iruka")
    cave.place.hand_over("iruka")
    cave.iruka.does("here")
    cave.place.hand_over("iruka")
    for name in ("pakkun", "bisuke", "bull"):
        cave.keepers[name].does("case", "iruka", "sign", "home")
    assert pakkun.refused("alarm", "iruka")["code"] == "alarm_again"
    signed = pakkun.file(
        "joined.json", bisuke.types("alarm", "iruka", "--join-in", "pakkun", "--json").stdout
    )
    assert pakkun.does("alarm", "iruka", "--second", signed)["case"] == 2


def test_a_second_keeper_whom_a_word_under_force_called_names_no_case_that_the_author_does_not_know(
    cave: Cave,
) -> None:
    from lastwords.server import store

    codes = cave.iruka.folder / "with-a-word.txt"
    cave.iruka.does("codes", "new", "--out", codes, "--under-force", "1")
    lines = [line.split()[-1] for line in codes.read_text().splitlines() if line.startswith("[ ]")]
    cave.iruka.does("here", "--code", cave.iruka.file("code", lines[0]))
    store.here().look("iruka", cave.place.house.leap(60))
    bisuke = cave.keepers["bisuke"]
    assert bisuke.does("case", "iruka", "show")["case"]["cause"] == "force"
    document = bisuke.does("hold", "iruka", "--join-in", "iruka")["document"]
    assert '"case":null,"epoch":null' in document.replace(" ", "")
    cave.iruka.does("hold")
    cave.iruka.does("hold", "--lift", "switch")
    assert cave.iruka.refused("hold")["code"] == "hold_again"
    joined = cave.iruka.file("joined.json", document)
    (hold,) = cave.iruka.does("hold", "--second", joined)["holds"]
    assert hold["placed_by"] == "iruka"


def test_the_author_can_hold_all_clocks_and_lift_the_hold(cave: Cave) -> None:
    (hold,) = cave.iruka.does("hold")["holds"]
    assert (hold["cause"], hold["placed_by"]) == ("switch", "iruka")
    assert cave.iruka.does("hold", "--lift", "switch")["holds"] == []


def test_a_paper_code_is_a_sign_of_life_without_any_key(cave: Cave) -> None:
    lines = (cave.iruka.folder / "codes.txt").read_text().splitlines()
    code = next(line for line in lines if line.startswith("[ ]")).split()[-1]
    (cave.iruka.home / "key").unlink()
    source = cave.iruka.file("code", code)
    assert cave.iruka.does("here", "--code", source)["stage"] == "well"
    assert "mistyped, used" in cave.iruka.refused("here", "--code", source)["happened"]


def test_each_check_in_counts_up(cave: Cave) -> None:
    first = cave.iruka.does("here")["counter"]
    assert cave.iruka.does("here")["counter"] == first + 1


def test_a_home_brought_back_from_a_copy_can_still_say_i_am_here(cave: Cave) -> None:
    old = (cave.iruka.home / "counters.json").read_bytes()
    newest = [cave.iruka.does("here")["counter"] for _ in range(3)][-1]
    (cave.iruka.home / "counters.json").write_bytes(old)
    assert cave.iruka.does("here")["counter"] == newest + 1


def test_an_author_goes_on_from_the_recovery_sheet_alone(cave: Cave) -> None:
    cave.iruka.does("here")
    again = cave.place.person("iruka-again")
    again.does("key", "from-card", cave.iruka.folder / "sheet.txt", "--no-passphrase")
    assert again.does("here")["stage"] == "well"
    letter = again.file("c.txt", "Where things are.")
    sealed = again.does("words", "write", "naruto", "--condition", "cannot-act", "--text", letter)
    assert sealed["number"] == 1
    assert again.does("words", "replace", "died.naruto", "--text", letter)["number"] == 2


def test_a_home_from_the_sheet_believes_only_keys_it_signed_for_before(cave: Cave) -> None:
    """The fault: the host uses the loss of the device to show another key for a keeper."""
    from lastwords.sealing.person import PersonKeys
    from lastwords.server.models import Person

    again = cave.place.person("iruka-again")
    again.does("key", "from-card", cave.iruka.folder / "sheet.txt", "--no-passphrase")
    Person.objects.filter(handle="bull").update(public_key=PersonKeys.new().public_key)
    letter = again.file("c.txt", "Where things are.")
    refused = again.refused("words", "write", "naruto", "--condition", "cannot-act", "--text", letter)
    assert refused["code"] == "another_key"


def test_a_rehearsal_is_dated_and_says_what_would_stop_each_step(cave: Cave) -> None:
    rows = cave.iruka.does("vanish")["rows"]
    assert [row["what"] for row in rows][-1] == "released"
    assert all(row["stops"] for row in rows)
    shown = cave.iruka.types("vanish").stdout
    assert "Your keepers are asked to check on you." in shown and "Stopped by" in shown
    for silent in ("pakkun,bisuke", "pakkun, bisuke"):
        assert cave.iruka.does("vanish", "--silent", silent)["rows"][-1]["what"] == "asked_again"
    assert "keeper list" in cave.iruka.refused("vanish", "--silent", "pakkun,bisuki")["do"]


def test_a_trip_is_set_in_the_zone_of_the_return(cave: Cave) -> None:
    back = cave.place.house.now().wall + 5 * 86400
    trip = cave.iruka.does("trip", "--back", str(back), "--extra", "6h")
    assert (trip["back"], trip["extra"]) == (back, 6 * 3600)


def test_a_trip_that_is_refused_leaves_the_one_that_its_author_is_on(cave: Cave) -> None:
    back = cave.place.house.now().wall + 5 * 86400
    cave.iruka.does("trip", "--back", str(back), "--extra", "6h")
    assert cave.iruka.refused("trip", "--back", "1000")["code"] == "trip_terms"
    trip = cave.place.watch("iruka").trip
    assert trip is not None and trip.back == back


def test_a_trip_ends_what_a_strong_sign_ends(cave: Cave) -> None:
    """The fault: the clocks of a restored host stand on, and nobody is called when the author is overdue."""
    from lastwords.protocol.events import Restore
    from lastwords.server import store

    store.act("iruka", Restore("host"))
    assert cave.iruka.does("state")["holds"]
    back = cave.place.house.now().wall + 5 * 86400
    cave.iruka.does("trip", "--back", str(back))
    assert cave.iruka.does("state")["holds"] == []


def test_an_author_who_is_being_asked_answers_by_setting_a_trip(cave: Cave) -> None:
    plan = cave.place.watch("iruka").plan
    cave.place.pass_time("iruka", plan.check_in_every)
    assert cave.place.watch("iruka").stage == "late"
    back = cave.place.house.now().wall + 5 * 86400
    notes = cave.iruka.file("notes.toml", 'party = ["Iruka"]')
    assert cave.iruka.does("trip", "--back", str(back), "--notes", notes)["stage"] == "well"


def test_the_record_is_shown_and_every_link_of_it_checked(cave: Cave) -> None:
    shown = cave.iruka.does("log", "show")
    assert shown["verified"] == len(shown["rows"]) > 10
    assert cave.iruka.does("log", "show", "--after", "3")["rows"][0]["number"] == 4


def test_a_record_that_was_changed_is_named_by_its_row(cave: Cave) -> None:
    """The fault: a host drops what was written in one row."""
    from lastwords.server.models import LogRow

    row = LogRow.objects.get(watch_id="iruka", number=5)
    LogRow.objects.filter(pk=row.pk).update(commitment=bytes(32))
    refused = cave.iruka.refused("log", "show")
    assert refused["code"] == "log_broken" and "Row 5" in refused["happened"]
