"""Between the cases: how the circle would do today, practices, and what stays of a case that is over."""

from cli.conftest import CIRCLE, Cave

QUARTER = 92 * 86400


def home_again(cave: Cave, *names: str) -> None:
    """The author says "I'm here", and these keepers sign that it is really them."""
    cave.place.hand_over("iruka")
    cave.iruka.does("here")
    cave.place.hand_over("iruka")
    for name in names or ("pakkun", "bisuke", "bull"):
        cave.keepers[name].does("case", "iruka", "sign", "home")


def test_the_author_reads_in_a_sentence_how_many_keepers_may_be_missing(cave: Cave) -> None:
    assert (
        cave.iruka.does("keeper", "list")["health"]["sentence"] == "Works if 1 cannot be reached: any 3 of 4."
    )
    assert "Works if 1 cannot be reached" in cave.iruka.types("state").stdout
    cave.iruka.does("keeper", "suspend", "ully")
    shown = cave.iruka.types("keeper", "list").stdout
    assert "Works only if all 3 can be reached. Ully: is suspended." in shown


def test_a_practice_runs_by_the_real_way_and_whoever_does_not_answer_rests(cave: Cave) -> None:
    begun = cave.iruka.does("practice", "begin")
    assert begun["asked"] == sorted(CIRCLE)
    cave.place.hand_over("iruka")
    for name in ("pakkun", "bisuke", "bull"):
        cave.keepers[name].does("shares", "prove", "iruka", "--practice")
    board = {one["keeper"]: one for one in cave.iruka.does("practice", "show")["keepers"]}
    assert {one["letter"] for one in board.values()} == {"handed_over"}
    assert board["pakkun"]["proven"] and board["ully"]["proven"] is None
    cave.iruka.does("here")
    cave.place.pass_time("iruka", cave.place.watch("iruka").plan.practice)
    seat = cave.place.watch("iruka").seat("ully")
    assert seat is not None and seat.stage == "resting"
    health = cave.iruka.does("state")["health"]
    assert health["tracks"][0]["missing"] == {"ully": "rests until their share is proven again"}
    over = cave.iruka.does("practice", "show")
    assert over["ends"] is None and "3 of 4 have answered." in cave.iruka.types("practice", "show").stdout
    cave.keepers["ully"].does("shares", "prove", "iruka", "--practice")
    assert cave.iruka.does("state")["health"]["spare"] == 1


def test_there_was_no_practice_yet_and_that_is_said(cave: Cave) -> None:
    assert cave.iruka.does("practice", "show")["number"] == 0


def test_a_proof_older_than_a_quarter_is_a_warning_and_a_practice_ends_it(cave: Cave) -> None:
    assert "practice_old" not in codes(cave)
    for _ in range(4):
        cave.place.pass_time("iruka", QUARTER // 4)
        cave.iruka.does("here")
    assert "practice_old" in codes(cave)
    cave.iruka.does("practice", "begin")
    for name in CIRCLE:
        cave.keepers[name].does("shares", "prove", "iruka", "--practice")
    assert "practice_old" not in codes(cave)


def codes(cave: Cave) -> list[str]:
    return [one["code"] for one in cave.iruka.does("state")["health"]["warnings"]]


def test_one_mail_provider_for_all_keepers_is_a_warning(cave: Cave) -> None:
    from lastwords.server.models import Channel, Person

    for name in CIRCLE:
        person = Person.objects.get(handle=name)
        Channel.objects.create(person=person, kind="mail", address=f"{name}@leaf.example", proven_at=1)
    assert "one_provider" in codes(cave)
    bull = Person.objects.get(handle="bull")
    Channel.objects.create(person=bull, kind="mail", address="bull@sand.example", proven_at=1)
    assert "one_provider" not in codes(cave)


def test_keepers_of_one_household_are_warned_of_and_the_host_is_not_told(cave: Cave) -> None:
    cave.iruka.does("keeper", "household", "pakkun", "kennel")
    cave.iruka.does("keeper", "household", "bull", "kennel")
    shown = cave.iruka.types("keeper", "list").stdout
    assert (
        "bull and pakkun live together: if that house cannot be reached, 2 remain and 3 are needed." in shown
    )
    stored = b"".join(path.read_bytes() for path in cave.place.house.data.rglob("*") if path.is_file())
    assert b"kennel" not in stored
    cave.iruka.does("keeper", "household", "bull")
    assert "live together" not in cave.iruka.types("keeper", "list").stdout


# Home.


def test_the_welcome_home_page_bears_the_names_and_dates_of_those_who_signed(cave: Cave) -> None:
    cave.keepers["pakkun"].does("alarm", "iruka")
    page = cave.iruka.folder / "home.html"
    assert cave.keepers["bull"].refused("case", "iruka", "page", "--html", page)["code"] == "not_home"
    assert not page.exists()
    home_again(cave)
    found = cave.iruka.does("case", "iruka", "page", "--html", page)
    assert [one["name"] for one in found["signed"]] == ["Bisuke", "Bull", "Pakkun"]
    assert found["left_out"] == [] and all(one["at"] for one in found["signed"])
    html = page.read_text()
    assert "Welcome home, Iruka" in html and html.count("<svg") == 3
    assert "http" not in html and "naruto" not in html.lower()
    cave.keepers["ully"].does("case", "iruka", "sign", "home")
    later = cave.keepers["ully"].does("case", "iruka", "page")
    assert [one["name"] for one in later["signed"]] == ["Bisuke", "Bull", "Pakkun", "Ully"]


def test_a_name_on_the_page_that_nobody_signed_is_left_out(cave: Cave) -> None:
    """The fault: the host puts a signature of its own making there, with a key of its own."""
    from lastwords.sealing.person import PersonKeys
    from lastwords.server.models import Paper, Person
    from lastwords.signing.act import Act
    from lastwords.signing.documents import sign

    cave.keepers["pakkun"].does("alarm", "iruka")
    home_again(cave)
    false = PersonKeys.new()
    Person.objects.filter(handle="bull").update(signing_key=false.signing.public.text)
    act = Act(
        actor="bull", role="keeper", author="iruka", act="seen or heard", case="1", epoch=1, subject=None, body=None,
        moment="2026-03-04T07:00:00Z",
    )  # fmt: skip
    Paper.objects.filter(by="bull", name="seen or heard").update(body=sign(act, false.signing).data)
    found = cave.iruka.does("case", "iruka", "page")
    assert [one["keeper"] for one in found["signed"]] == ["bisuke", "pakkun"] and found["left_out"] == [
        "bull"
    ]


def test_after_a_return_the_author_reads_who_was_told_what(cave: Cave) -> None:
    cave.place.fall_silent("iruka")
    for name in ("pakkun", "bisuke", "bull"):
        cave.keepers[name].does("case", "iruka", "state", "died", "--evidence", "own-sight")
    cave.place.run_out("iruka")
    cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    cave.iruka.does("here")
    (told,) = cave.iruka.does("state")["told"]
    assert [(fact["what"], fact["by"]) for fact in told["facts"]][1:] == [
        ("told", "pakkun"),
        ("recalled", "iruka"),
    ]
    line = next(line for line in cave.iruka.types("state").stdout.splitlines() if line.startswith("naruto"))
    assert "told by pakkun on" in line and "taken back unopened on" in line


def test_what_was_opened_before_a_return_is_told_plainly(cave: Cave) -> None:
    cave.place.fall_silent("iruka")
    for name in ("pakkun", "bisuke", "bull"):
        cave.keepers[name].does("case", "iruka", "state", "died", "--evidence", "own-sight")
    cave.place.run_out("iruka")
    cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    cave.naruto.does("open", "iruka", "--to", cave.naruto.folder / "words")
    cave.iruka.does("here")
    (told,) = cave.iruka.does("state")["told"]
    assert [fact["what"] for fact in told["facts"]] == ["released", "told", "shares_wanted", "opened"]
    assert "recalled" not in str(told["facts"])


# What stays of a case.


def test_what_was_written_in_a_case_is_erased_ninety_days_after_it_closed_and_the_log_verifies(
    cave: Cave,
) -> None:
    number = written_and_closed(cave)
    forgotten(cave, 89)
    assert text_of(cave, number) == "He wept."
    forgotten(cave, 1)
    (row,) = [
        one
        for one in cave.keepers["bull"].does("case", "iruka", "show")["entries"]
        if one["number"] == number
    ]
    assert row["text"] is None or "He wept" not in row["text"]
    assert "erased" in cave.keepers["bull"].types("case", "iruka", "show").stdout
    assert cave.iruka.does("log", "show")["verified"] > 10
    assert ("forget_case", "host") in [(one["event"], one["by"]) for one in log_bodies()]


def test_an_author_keeps_what_was_written_in_a_case(cave: Cave) -> None:
    number = written_and_closed(cave)
    assert cave.iruka.does("case", "iruka", "keep", "1")["kept"] is True
    forgotten(cave, 91)
    assert text_of(cave, number) == "He wept."
    assert cave.keepers["bull"].refused("case", "iruka", "keep", "1")["code"] == "not_found"


def test_nothing_is_erased_while_a_case_is_open_or_by_a_clock_without_credit(cave: Cave) -> None:
    from lastwords.server import clock, retention, store

    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    number = pakkun.does("case", "iruka", "entry", "--text", pakkun.file("e.txt", "He wept."))["entry"]
    forgotten(cave, 91)
    assert text_of(cave, number) == "He wept."
    home_again(cave)
    now = clock.now()
    skipped = now._replace(wall=now.wall + 400 * 86400)
    assert retention.run(store.here(), skipped) == 0
    assert text_of(cave, number) == "He wept."


def test_the_entries_of_an_older_case_are_found_by_what_the_log_says_of_its_end(cave: Cave) -> None:
    number = written_and_closed(cave)
    cave.keepers["bisuke"].does("alarm", "iruka")
    home_again(cave)
    forgotten(cave, 91)
    from lastwords.server.models import Paper

    rows = Paper.objects.filter(watch_id="iruka", kind="entry")
    assert [(row.row, bytes(row.body)) for row in rows] == [(number, b"")]


def written_and_closed(cave: Cave) -> int:
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    number = pakkun.does("case", "iruka", "entry", "--text", pakkun.file("e.txt", "He wept."))["entry"]
    home_again(cave)
    return int(number)


def forgotten(cave: Cave, days: int) -> None:
    """Days go by on both clocks, and the daily round is done."""
    from lastwords.server import clock, retention, store

    cave.place.house.leap(days * 86400)
    retention.run(store.here(), clock.now())


def text_of(cave: Cave, number: int) -> str | None:
    entries = cave.keepers["bull"].does("case", "iruka", "show")["entries"]
    return next(one["text"] for one in entries if one["number"] == number)


def log_bodies() -> list[dict[str, str]]:
    import json

    from lastwords.server.models import LogRow

    return [json.loads(bytes(row.body)) for row in LogRow.objects.filter(watch_id="iruka") if row.body]


# Adults for children.


def test_the_letters_for_a_child_go_to_the_adult_and_the_author_sees_through_whom(cave: Cave) -> None:
    from lastwords.server.models import Letter

    letter = cave.iruka.file("k.txt", "Grow up gently.")
    card = cave.iruka.folder / "konohamaru.card.txt"
    cave.iruka.does("recipient", "add", "Konohamaru", "--handle", "konohamaru", "--card", card)
    cave.iruka.does("words", "write", "konohamaru", "--text", letter, "--adult", "naruto")
    assert cave.iruka.does("words", "replace", "konohamaru", "--text", letter)["number"] == 2
    for name in CIRCLE:
        cave.keepers[name].does("shares", "prove", "iruka")
    cave.place.fall_silent("iruka")
    for name in ("pakkun", "bisuke", "bull"):
        cave.keepers[name].does("case", "iruka", "state", "died", "--evidence", "own-sight")
    cave.place.run_out("iruka")
    cave.keepers["pakkun"].does("told", "iruka", "died.konohamaru")
    waiting = Letter.objects.filter(watch_id="iruka", kind="words_waiting")
    assert [letter.to for letter in waiting] == ["naruto"]
    home_again(cave)
    homes = {letter.to for letter in Letter.objects.filter(watch_id="iruka", kind="welcome_home")}
    assert "naruto" in homes and "konohamaru" not in homes
    assert "konohamaru (through naruto), died.konohamaru: released on" in cave.iruka.types("state").stdout
