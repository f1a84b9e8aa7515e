"""A word under force is answered like any check-in, read by nobody who was not called, and lifted by two who were.

Two hosts differ in nothing but the word. Everything that the author can ask for is asked of both and must be the same;
what is drawn at random (salts, names of letters, and the hashes that follow from them) is compared by its form.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from server.api.test_who_knows import AUTHORS, ask, routes
from server.api.world import Answer, Circle, Person, invited, models, plan_terms, sha256, verify
from server.pages.conftest import Visitor
from server.pages.test_safe import addresses

from lastwords.protocol.watch import Watch
from lastwords.signing import canonical

ANSWERS = 2000
PLAIN, WORD = "aaaa2222", "bbbb3333"
RANDOM = re.compile(
    rb'[0-9a-f]{16,}|(?<=name="csrfmiddlewaretoken" value=")\w+|(?<=name="once" value=")[\w-]+|[\w+/-]{200,}={0,2}'
)


def print_codes(circle: Circle, line: int | None = 2) -> None:
    """A new list of two codes, the second of which is the word under force."""
    rows = []
    for code in (PLAIN, WORD):
        salt = code.encode() * 2
        rows.append({"salt": salt.hex(), "hash": sha256(salt + code.encode())})
    more = {"under_force": line} if line else {}
    assert circle.author.post(f"{circle.path}/paper-codes", codes=rows, **more).status == 201


def look(circle: Circle) -> None:
    """The sweep's next pass, which writes to the keepers."""
    from lastwords.server import store

    store.here().look(circle.author.handle, circle.house.leap(60))


def speak(circle: Circle, code: str = WORD) -> Answer:
    return Person("kakashi").post(f"{circle.path}/check-ins", code=code)


def marked(circle: Circle) -> bool:
    return circle.watch.force is not None


@contextmanager
def taken_back() -> Iterator[list[str]]:
    """Whatever stands inside is undone; gives the statements that were sent to the database, without their values."""
    from django.db import connection, transaction

    sent: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(note):
        yield sent
        transaction.set_rollback(True)


Whole = tuple[int, dict[str, str], bytes, tuple[str, ...]]


def whole(do: Callable[[], Answer]) -> Whole:
    """An answer with everything about it: status, headers, body, and what the database was asked."""
    with taken_back() as sent:
        got = do()
    return got.status, got.headers, got.raw, tuple(form_of(sql) for sql in sent)


def form_of(sql: str) -> str:
    """A statement without the number of its savepoint; whether one value in it is null is a value too."""
    return re.sub(r'"s\d+_x\d+"', "savepoint", sql).replace('"look_at" = NULL', '"look_at" = %s')


# The answers.


def test_two_thousand_answers_are_the_same_bytes_and_ask_the_database_the_same(
    circle: Circle, figure: Any
) -> None:
    print_codes(circle)
    stranger = Person("kakashi")
    answers = {
        code: {
            repr(whole(lambda code=code: stranger.post(f"{circle.path}/check-ins", code=code)))  # type: ignore[misc]
            for _ in range(ANSWERS // 2)
        }
        for code in (PLAIN, WORD)
    }
    assert len(answers[PLAIN]) == 1
    assert answers[PLAIN] == answers[WORD]
    figure(f"answers to a word under force: {ANSWERS}, 1 kind of bytes, 1 list of queries")


@pytest.mark.parametrize("stage", ["late", "alarm", "vigil", "closing", "second word"])
def test_at_every_stage_the_answer_is_that_of_a_check_in(circle: Circle, stage: str) -> None:
    print_codes(circle)
    if stage == "late":
        circle.pass_time(circle.watch.plan.check_in_every)
    elif stage == "alarm":
        assert circle.keeper("sakura").post(f"{circle.path}/alarms").status == 201
    elif stage == "second word":
        assert speak(circle).status == 200
        look(circle)
        print_codes(circle)
    else:
        circle.fall_silent()
        if stage == "closing":
            circle.sign_of_life()
    one, other = (whole(lambda code=code: speak(circle, code)) for code in (PLAIN, WORD))  # type: ignore[misc]
    assert one == other
    assert one[0] == 200


def test_the_page_without_script_says_the_same(circle: Circle) -> None:
    print_codes(circle)
    visitor = Visitor("kakashi")

    def press(code: str) -> tuple[Any, ...]:
        with taken_back() as sent:
            got = visitor.send("/check-in", **visitor.form("/check-in") | {"code": code})
            after = visitor.client.get("/check-in")
        steps = [form_of(sql) for sql in sent]
        return got.status_code, got.content, got.headers["Location"], RANDOM.sub(b"#", after.content), steps

    assert press(PLAIN) == press(WORD)


def test_a_code_that_is_the_word_works_once_like_any_other(circle: Circle) -> None:
    print_codes(circle)
    assert speak(circle).status == 200
    assert circle.author.post(f"{circle.path}/check-ins", code=WORD).code == "paper_code_refused"


def test_the_line_of_the_word_must_be_one_of_the_list(circle: Circle) -> None:
    row = {"salt": "00" * 16, "hash": "11" * 32}
    got = circle.author.post(f"{circle.path}/paper-codes", codes=[row], under_force=2)
    assert got.code == "codes_unfit"


def test_a_list_with_the_word_and_one_without_get_the_same_answer(circle: Circle) -> None:
    one, other = (whole(lambda line=line: _listed(circle, line)) for line in (None, 1))  # type: ignore[misc]
    assert one == other


def _listed(circle: Circle, line: int | None) -> Answer:
    row = {"salt": "00" * 16, "hash": "11" * 32}
    return circle.author.post(
        f"{circle.path}/paper-codes", codes=[row], **({"under_force": line} if line else {})
    )


# What the author can read.


def every_reading(circle: Circle) -> dict[str, Any]:
    """Every GET route of the API and every page, as the author; what is drawn at random shown by its form."""
    assert circle.author.sign_in().status == 201
    found: dict[str, Any] = {}
    for method, path in sorted(routes()):
        if method == "GET":
            got = ask(circle.author, "GET", path, AUTHORS)
            found[f"GET {path}"] = (got.status, _masked(got.headers), RANDOM.sub(b"#", got.raw))
    visitor = Visitor("kakashi")
    for address in addresses():
        page = visitor.client.get(address)
        body = b"".join(page.streaming_content) if page.streaming else page.content
        found[f"page {address}"] = (page.status_code, _masked(dict(page.headers)), RANDOM.sub(b"#", body))
    return found


def _masked(headers: dict[str, str]) -> dict[str, str]:
    return {name: RANDOM.sub(b"#", value.encode()).decode() for name, value in headers.items()}


def letters_to(person: str) -> list[tuple[Any, ...]]:
    rows = models.Letter.objects.filter(to=person).order_by("written", "kind", "round")
    return [(row.kind, row.round, row.case, row.facts, row.row, row.written) for row in rows]


def spoken_and_lifted(circle: Circle) -> None:
    """A word under force, of which the author reads since two keepers have lifted it."""
    print_codes(circle)
    assert speak(circle).status == 200
    look(circle)
    for keeper in circle.keepers[:2]:
        assert free(circle, keeper).status == 201
    assert not marked(circle)


def a_life(circle: Circle, code: str) -> Iterator[tuple[str, dict[str, Any], list[Any], list[Any]]]:
    """One life with one code, after a word that was lifted: said in *well*, then silence until the keepers are asked, a
    statement, the key at last. After each part everything that the author can read, the letters to them and to the
    host."""
    spoken_and_lifted(circle)
    print_codes(circle)
    models.Feed.objects.create(person_id="kakashi", token=sha256(b"not-a-token"), made=0)
    assert speak(circle, code).status == 200
    look(circle)
    yield "well", every_reading(circle), letters_to("kakashi"), letters_to("host")
    circle.pass_time(circle.watch.plan.check_in_every)
    yield "late", every_reading(circle), letters_to("kakashi"), letters_to("host")
    circle.pass_time(circle.watch.plan.late)
    assert circle.state(circle.keepers[0]).status == 201
    yield "vigil", every_reading(circle), letters_to("kakashi"), letters_to("host")
    assert circle.sign_of_life().status == 200
    yield "closing", every_reading(circle), letters_to("kakashi"), letters_to("host")


def test_nothing_that_the_author_can_read_differs_while_the_word_stands(
    worlds: Callable[[str], Circle], figure: Any
) -> None:
    plain = list(a_life(worlds("plain"), PLAIN))
    circle = worlds("force")
    count = 0
    for (stage, reading, letters, hosts), (_, as_word, its_letters, its_hosts) in zip(
        plain, a_life(circle, WORD), strict=True
    ):
        assert marked(circle)
        assert letters == its_letters, stage
        assert hosts == its_hosts, stage
        for where, seen in reading.items():
            assert as_word[where] == seen, (stage, where)
            count += 1
        assert len(come_to_light(circle)) == 1, "the word that was lifted stays in the log"
    spoken = circle.watch.force
    assert spoken is not None
    told = models.Letter.objects.filter(kind="under_force", facts__contains=str(spoken.since.wall))
    assert sorted(told.values_list("to", flat=True)) == sorted(keeper.handle for keeper in circle.keepers)
    figure(f"readings of the author compared between two hosts: {count}, 0 differ")


def test_a_view_that_forgot_to_take_the_mark_away_would_be_found(
    worlds: Callable[[str], Circle], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: without it the comparison could pass because both hosts are asked for nothing."""
    from lastwords.server.api import door

    plain = next(a_life(worlds("plain"), PLAIN))
    circle = worlds("force")
    right = door.seen_by

    def forgets(watch: Watch, person: str) -> Watch:
        return watch if person == watch.author else right(watch, person)

    monkeypatch.setattr(door, "seen_by", forgets)
    shown = next(a_life(circle, WORD))
    assert {where for where, seen in plain[1].items() if shown[1][where] != seen} >= {"GET /watches/{author}"}


def test_the_authors_own_check_of_the_chain_holds_and_the_word_comes_to_light_when_it_is_lifted(
    circle: Circle,
) -> None:
    print_codes(circle)
    speak(circle)
    look(circle)
    rows = chain(circle)
    assert rows[-1]["body"]["event"] == "check_in"
    assert not any("sealed" in row for row in rows)
    for keeper in circle.keepers[:2]:
        assert free(circle, keeper).status == 201
    assert not marked(circle)
    rows = chain(circle)
    (spoken,) = [row for row in rows if "sealed" in row]
    sealed = bytes.fromhex(spoken["sealed"])
    assert hashlib.sha256(sealed).digest()[:16].hex() == spoken["salt"]
    said = canonical.decode(sealed[16:])
    assert (said["event"], said["number"]) == ("speak_under_force", spoken["number"])  # type: ignore[index]
    assert spoken["body"]["event"] == "check_in"
    signed = [about.split()[0] for what, about in rows[-1]["body"]["happened"] if what == "freed_by"]
    assert signed == [keeper.handle for keeper in circle.keepers[:2]]


def come_to_light(circle: Circle) -> list[int]:
    """The numbers of the rows beside which the author reads what was sealed."""
    return [row["number"] for row in chain(circle) if "sealed" in row]


def test_a_log_that_showed_what_was_sealed_by_whether_a_word_stands_would_be_found(
    worlds: Callable[[str], Circle], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: the earlier word would vanish from the author's log while a second one stands."""
    from lastwords.server import store
    from lastwords.server.api import log

    plain = next(a_life(worlds("plain"), PLAIN))
    circle = worlds("force")
    monkeypatch.setattr(log, "_lifted", lambda author, _: 0 if store.read(author).force else 2**40)
    shown = next(a_life(circle, WORD))
    assert [where for where, seen in plain[1].items() if shown[1][where] != seen] == [
        "GET /watches/{author}/log"
    ]


def test_a_word_that_called_nobody_does_not_come_to_light(circle: Circle) -> None:
    """A plan that asks nobody has nobody to lift it: the word is a check-in and no more, in the log as well."""
    assert circle.arm(plan_terms(version=2, timer_only=True)).status == 200
    print_codes(circle)
    assert speak(circle).status == 200
    assert not marked(circle)
    assert come_to_light(circle) == []


def chain(circle: Circle) -> list[dict[str, Any]]:
    """The author's log, every body checked against its commitment and every row against the one before."""
    rows: list[dict[str, Any]] = circle.author.get(f"{circle.path}/log")["rows"]
    link = hashlib.sha256(b"lastwords/v1/log\x00author:kakashi").digest()
    for row in rows:
        committed = hashlib.sha256(bytes.fromhex(row["salt"]) + canonical.encode(row["body"])).digest()
        assert committed.hex() == row["commitment"]
        link = hashlib.sha256(link + committed + row["number"].to_bytes(8, "big")).digest()
        assert link.hex() == row["link"]
    return rows


def test_the_host_finds_its_logs_whole_and_notices_a_changed_seal(circle: Circle) -> None:
    from lastwords.server import audit

    print_codes(circle)
    speak(circle)
    look(circle)
    free(circle, circle.keepers[0])
    assert all(verdict.whole for verdict in audit.verify_all(circle.house.data / "heads"))
    row = models.LogRow.objects.get(beside__isnull=False)
    models.LogRow.objects.filter(pk=row.pk).update(
        beside=bytes(row.beside).replace(b"speak_under", b"speak_after")
    )
    (verdict,) = [
        one for one in audit.verify_all(circle.house.data / "heads") if one.name == "author:kakashi"
    ]
    assert verdict.faults == (f"what is sealed beside row {row.number} is not what was committed to",)


# The keepers.


def free(circle: Circle, keeper: Person) -> Answer:
    """A keeper signs that they have spoken with the author."""
    case = keeper.get(f"{circle.path}/case")
    named = {"case": str(case["number"]), "epoch": case["epoch"]} if case.status == 200 else {}
    document = keeper.act("free again", circle.author.handle, **named)
    return keeper.post(f"{circle.path}/case/signatures", act="free again", document=document)


def test_the_keepers_have_a_case_and_a_letter_and_two_of_them_lift_it(circle: Circle) -> None:
    print_codes(circle)
    speak(circle)
    look(circle)
    one, two = circle.keepers[:2]
    case = one.get(f"{circle.path}/case")
    assert (case["cause"], case["stage"], case["closed"]) == ("force", "well", None)
    assert case["force"] == {"since": case["opened"], "signed": [], "needed": 2, "without": None}
    assert one.get(circle.path)["case"] == case["number"]
    assert free(circle, one).status == 201
    assert free(circle, one).code == "signed_already"
    assert two.get(f"{circle.path}/case")["force"]["signed"] == [one.handle]
    assert marked(circle)
    assert free(circle, two).status == 201
    assert not marked(circle)
    assert one.get(f"{circle.path}/case").status == 404
    ended = models.Letter.objects.filter(kind="under_force", facts__contains="ended")
    assert sorted(ended.values_list("to", flat=True)) == sorted(keeper.handle for keeper in circle.keepers)


def signed_to_join(circle: Circle, keeper: Person) -> str:
    """What this keeper's client signs for the author's second hold, by the case as the host shows it to them."""
    shown = keeper.get(f"{circle.path}/case")
    case = shown.body if shown.status == 200 else None
    if case and case["cause"] == "force":
        case = case["force"]["without"]
    named = {"case": str(case["number"]), "epoch": case["epoch"]} if case else {}
    dated = f"{datetime.fromtimestamp(circle.house.now().wall, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return keeper.act("hold", circle.author.handle, subject=circle.author.handle, moment=dated, **named)


def second_hold(circle: Circle, document: str) -> Answer:
    """The author, who has placed a hold and lifted it, places another with a keeper's signature."""
    assert circle.author.sign_in().status == 201
    path = f"{circle.path}/holds"
    assert circle.author.post(path).status == 201
    assert circle.author.post(f"{path}/switch/lift").status == 200
    assert circle.author.post(path).code == "hold_again"
    return circle.author.post(path, second=document)


@pytest.mark.parametrize("history", ["no case", "closed case", "keeper since the case"])
def test_what_a_called_keeper_signs_for_another_is_what_they_would_sign_without_the_word(
    worlds: Callable[[str], Circle], history: str
) -> None:
    """The author is shown that document, and so is whoever makes them show it."""

    def life(circle: Circle, code: str) -> tuple[str, int, bytes]:
        keeper = circle.keepers[1]
        if history != "no case":
            assert circle.keepers[0].post(f"{circle.path}/alarms").status == 201
            circle.sign_of_life()
            assert circle.author.post(f"{circle.path}/check-ins", code="aaaa1111").status == 200
        if history == "keeper since the case":
            keeper = invited(circle.author, "shizune")
            assert verify(circle.author, keeper).status == 200
            circle.pass_time(circle.watch.plan.seasoning)
            circle.sign_of_life()
            keeper.sign_in()
        print_codes(circle)
        assert speak(circle, code).status == 200
        look(circle)
        assert marked(circle) is (code == WORD)
        document = signed_to_join(circle, keeper)
        got = second_hold(circle, document)
        return json.dumps(json.loads(document)["document"]), got.status, RANDOM.sub(b"#", got.raw)

    plain, word = life(worlds("plain"), PLAIN), life(worlds("force"), WORD)
    assert plain == word
    assert plain[1] == 201


def test_a_second_checked_against_what_only_the_called_read_would_be_found(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: a keeper joins in with the case of the word, and the host takes it."""
    print_codes(circle)
    speak(circle)
    look(circle)
    first, second = circle.keepers[:2]
    assert first.post(f"{circle.path}/holds").status == 201
    assert first.post(f"{circle.path}/holds/switch/lift").status == 200
    case = first.get(f"{circle.path}/case")
    named = {"case": str(case["number"]), "epoch": case["epoch"]}
    document = second.act("hold", circle.author.handle, subject=first.handle, **named)
    assert first.post(f"{circle.path}/holds", second=document).code == "stale_document"
    from lastwords.server.api import door

    monkeypatch.setattr(door, "as_author_reads", lambda seen: seen)
    assert first.post(f"{circle.path}/holds", second=document).status == 201


def test_whoever_was_not_called_learns_nothing_from_trying_to_lift_it(circle: Circle) -> None:
    print_codes(circle)
    late = invited(circle.author, "shizune")
    verify(circle.author, late)
    before = whole(lambda: free(circle, late))[:3]
    speak(circle)
    newcomer = invited(circle.author, "choza")
    verify(circle.author, newcomer)
    assert whole(lambda: free(circle, newcomer))[:3] == before
    assert circle.author.post(f"{circle.path}/case/signatures", act="free again", document="{}").status == 404


def test_whoever_was_not_called_looks_for_its_case_and_reads_what_stands_where_there_is_none(
    circle: Circle,
) -> None:
    print_codes(circle)
    path = f"{circle.path}/case"
    before = circle.author.get(path)
    assert before.code == "no_case_for_you"
    speak(circle)
    newcomer = invited(circle.author, "choza")
    verify(circle.author, newcomer)
    assert {circle.author.get(path).raw, newcomer.get(path).raw} == {before.raw}
    assert circle.keepers[0].get(path).status == 200


def test_the_paper_of_the_first_signature_is_kept_without_a_row_until_the_second(circle: Circle) -> None:
    print_codes(circle)
    speak(circle)
    look(circle)
    rows = models.LogRow.objects.count()
    assert free(circle, circle.keepers[0]).status == 201
    assert models.LogRow.objects.count() == rows
    assert models.Paper.objects.get(kind="act", name="free again").row == 0
    assert free(circle, circle.keepers[1]).status == 201
    assert models.LogRow.objects.count() == rows + 1


def test_a_letter_of_the_word_that_comes_back_leaves_no_trace_where_the_author_reads(circle: Circle) -> None:
    from lastwords.protocol.events import LetterBounced, LetterFailed
    from lastwords.server import store

    circle.fall_silent()
    models.PaperCode.objects.update(under_force=True)
    assert speak(circle, "aaaa1111").status == 200
    look(circle)
    assert circle.watch.case_open
    rows = models.LogRow.objects.count()
    letters = {letter.kind: letter for letter in models.Letter.objects.filter(to="sakura")}
    of_the_word, question = letters["under_force"], letters["home_question"]

    def comes_back(row: Any) -> int:
        for kind in (LetterFailed, LetterBounced):
            store.act("kakashi", kind("host", row.kind, row.to, row.round))
        return models.LogRow.objects.count() - rows

    assert comes_back(of_the_word) == 0
    assert comes_back(question) == 1, "any other letter to a keeper that fails is a task of all"


# A keeper who steps back unseen.


def test_stepping_back_is_answered_like_could_not_find_out_and_the_seat_counts_no_more(
    circle: Circle, figure: Any
) -> None:
    circle.fall_silent()
    keeper = circle.keepers[0]
    keeper.sign_in()
    body = circle.statement(keeper, "could not find out")
    path = f"{circle.path}/case/statements"
    answers = {
        back: {repr(whole(lambda back=back: keeper.post(path, **body, **back_(back)))) for _ in range(100)}  # type: ignore[misc]
        for back in (False, True)
    }
    assert len(answers[True]) == 1
    assert answers[True] == answers[False]
    assert keeper.post(path, **body, step_back=True).status == 201
    assert seat_of(circle, keeper).aside is not None
    for other in circle.keepers[:3]:
        assert circle.state(other).status == 201
    circle.pass_time(circle.watch.plan.vigil)
    assert [track.stage for track in circle.watch.tracks] == ["asked"]
    assert circle.state(circle.keepers[3]).status == 201
    circle.pass_time(circle.watch.plan.vigil)
    assert [track.stage for track in circle.watch.tracks] == ["last_call"]
    figure("answers to a keeper who steps back: 200, 1 kind of bytes, 1 list of queries")


def back_(back: bool) -> dict[str, bool]:
    return {"step_back": True} if back else {}


def seat_of(circle: Circle, keeper: Person) -> Any:
    return circle.watch.seat(keeper.handle)


def test_two_seats_filled_at_the_authors_open_session_neither_hear_of_the_word_nor_lift_it(
    circle: Circle,
) -> None:
    puppets = [invited(circle.author, name) for name in ("zabuza", "haku")]
    print_codes(circle)
    before = [whole(lambda puppet=puppet: free(circle, puppet))[:3] for puppet in puppets]  # type: ignore[misc]
    speak(circle)
    look(circle)
    assert [whole(lambda puppet=puppet: free(circle, puppet))[:3] for puppet in puppets] == before  # type: ignore[misc]
    assert marked(circle)
    told = models.Letter.objects.filter(kind="under_force").values_list("to", flat=True)
    assert sorted(told) == sorted(keeper.handle for keeper in circle.keepers)


def test_only_could_not_find_out_has_room_for_stepping_back(circle: Circle) -> None:
    circle.fall_silent()
    keeper = circle.keepers[0]
    got = keeper.post(f"{circle.path}/case/statements", **circle.statement(keeper), step_back=True)
    assert got.code == "document_elsewhere"
    assert seat_of(circle, keeper).aside is None


def test_nobody_reads_who_stepped_back_until_the_seat_rests_as_after_a_missed_practice(
    worlds: Callable[[str], Circle],
) -> None:
    def life(circle: Circle, back: bool) -> tuple[dict[str, Any], Any, Any, Any]:
        circle.fall_silent()
        keeper = circle.keepers[0]
        body = circle.statement(keeper, "could not find out")
        assert keeper.post(f"{circle.path}/case/statements", **body, **back_(back)).status == 201
        seen = every_reading(circle)
        own = [RANDOM.sub(b"#", keeper.get(f"{circle.path}{path}").raw) for path in ("", "/seat", "/case")]
        others = [
            RANDOM.sub(b"#", circle.keepers[1].get(f"{circle.path}{path}").raw)
            for path in ("", "/case", "/log")
        ]
        return seen, own, others, letters_to("kakashi")

    assert life(worlds("plain"), False) == life(circle := worlds("force"), True)
    circle.sign_of_life()
    assert circle.author.post(f"{circle.path}/check-ins", code="aaaa1111")["stage"] == "well"
    assert "rests" not in json.dumps(circle.author.get(f"{circle.path}/health").body)
    circle.pass_time(circle.watch.plan.practice)
    assert seat_of(circle, circle.keepers[0]).stage == "resting"
    circle.give_receipts()
    assert seat_of(circle, circle.keepers[0]).stage == "resting"
    assert not any("sealed" in row for row in chain(circle))
