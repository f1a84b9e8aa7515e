"""Every route of the API by every person at several stages: whoever has no part learns nothing, not even that.

The routes come from the API's own description, so a route that is added later is asked too.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from server.api.world import MOMENT, Answer, Circle, Person, an_author, invited, models, sealed, text, verify

from lastwords.signing.act import Act

OPEN_TO_ALL = {
    ("POST", "/people"),
    ("POST", "/challenges"),
    ("POST", "/sessions"),
    ("POST", "/page-sessions"),
    ("POST", "/passkeys/asked"),
    ("POST", "/passkeys/answered"),
    ("POST", "/locked-keys"),
    ("POST", "/new-keys"),
    ("POST", "/new-keys/no"),
}
READING = "GET"
AUTHORS = "kakashi"


def routes() -> Iterator[tuple[str, str]]:
    """Every (method, path) of the API."""
    from lastwords.server.api import api

    for path, methods in api.get_openapi_schema()["paths"].items():
        for method in methods:
            yield method.upper(), path.removeprefix("/api")


def filled(path: str, author: str) -> str:
    """A path with a value in each place, the same for a watch that exists and one that does not."""
    values = {
        "author": author,
        "handle": "guy",
        "keeper": "guy",
        "track": "died.naruto",
        "cause": "switch",
        "number": "1",
        "ident": "0" * 32,
        "sha256": "0" * 64,
        "channel_id": "1",
        "session_id": "1",
        "passkey_id": "1",
        "locked_key_id": "1",
        "credential": "phone-1",
        "asking": "1",
    }
    for name, value in values.items():
        path = path.replace("{" + name + "}", value)
    return path


def bodies(person: Person) -> dict[str, Any]:
    """For each route that takes a body, one it would take from the right person."""
    document = person.signed(
        Act(
            actor=person.handle,
            role="keeper",
            author="kakashi",
            act="told",
            case=None,
            epoch=None,
            subject="died.naruto",
            body=None,
            moment=MOMENT,
        )
    )
    body, by_document = text(sealed()), {"document": document}
    ceremony = {"credential": {"id": "AAAA"}, "ticket": "AAAA"}
    return {
        "/page-sessions": {"account": person.handle, "answer": document},
        "/passkeys/answered": ceremony,
        "/locked-keys": {"account": person.handle},
        "/me/passkeys": ceremony | {"name": "A phone", "place": "phone"},
        "/me/locked-keys": {"kind": "passphrase", "credential": "", "sealed": body},
        "/me/authenticator": {"ticket": "AAAA", "code": "123456", "place": "phone"},
        "/me/proof": {"code": "123456"},
        "/new-keys": {"account": person.handle, "answer": document, **person.keys_sent()},
        "/new-keys/no": {"account": person.handle, "code": "x"},
        "/new-keys/{asking}/vouching": by_document,
        "/me/new-keys": by_document | {"account": person.handle, "answer": document, **person.keys_sent()},
        "/me/lost": {"what": "phone"},
        "/watches/{author}/invitations": {"role": "keeper", "id": "1" * 32, "name": "Guy"},
        "/watches/{author}/invitations/{ident}/answer": {"answer": body},
        "/watches/{author}/recipients": {"name": "Naruto", "zone": "UTC", **person.keys_sent()},
        "/watches/{author}/check-ins": by_document,
        "/watches/{author}/paper-codes": {"codes": [{"salt": "00" * 16, "hash": "0" * 64}]},
        "/watches/{author}/phones": {"public_key": "x", "name": "Old phone", "sign": {"code": "x"}},
        "/watches/{author}/recovery-proof": by_document,
        "/watches/{author}/keepers/{handle}/verification": by_document | {"vouched": True},
        "/watches/{author}/keepers/{handle}/restore": by_document,
        "/watches/{author}/receipts": {"documents": [document]},
        "/watches/{author}/words": {"manifest": document, "shares": {}},
        "/watches/{author}/plan": {"terms": {}, "document": document},
        "/watches/{author}/trip": by_document | {"back": 2**31, "extra": 0},
        "/watches/{author}/case/entries": {"kind": "note", "audience": "case", "body": body},
        "/watches/{author}/case/statements": by_document,
        "/watches/{author}/case/statements/retract": by_document,
        "/watches/{author}/case/signatures": by_document | {"act": "close case"},
        "/watches/{author}/tracks/{track}/told": by_document,
        "/watches/{author}/tracks/{track}/shares": by_document | {"part": "words", "body": body},
        "/watches/{author}/tracks/{track}/shares-wanted": by_document,
        "/watches/{author}/tracks/{track}/opened": by_document,
        "/watches/{author}/tracks/{track}/later": by_document,
        "/watches/{author}/tracks/{track}/through": by_document | {"someone": "Sakura"},
        "/watches/{author}/tracks/{track}/decline": by_document,
        "/watches/{author}/case/calls": {"keeper": "guy"},
        "/watches/{author}/glass": by_document | {"card": False},
        "/watches/{author}/glass/{keeper}/deny": by_document,
        "/watches/{author}/glass/notes": by_document
        | {"covered": body, "cover": "AGE-SECRET-KEY-PQ-1" + "Q" * 58},
        "/watches/{author}/record-differs": by_document,
        "/watches/{author}/sheets": by_document | {"sheet": "find_me", "body": body},
        "/watches/{author}/seat": by_document | {"successor": "guy", "shares": []},
        "/watches/{author}/cases/{number}/keep": by_document,
    }


def ask(person: Person, method: str, path: str, author: str) -> Answer:
    """One request as this person."""
    body = bodies(person).get(path, {})
    return person.ask(method, filled(path, author), None if method in ("GET", "DELETE") else body)


def leaks(person: Person, but: frozenset[str] = frozenset()) -> list[str]:
    """The routes under an existing watch whose answer differs from that under one that does not exist."""
    found = []
    for method, path in routes():
        if "{author}" not in path or path in but:
            continue
        real, none = ask(person, method, path, AUTHORS), ask(person, method, path, "nobody")
        if (real.status, real.raw) != (none.status, none.raw) or none.status != 404:
            found.append(f"{method} {path}: {real.status} {real.code} against {none.status}")
    return found


STAGES = {
    "well": lambda circle: None,
    "late": lambda circle: circle.pass_time(circle.watch.plan.check_in_every),
    "vigil": lambda circle: circle.fall_silent(),
    "released": lambda circle: circle.release(),
    "closing": lambda circle: (circle.fall_silent(), circle.sign_of_life()),
}

OWN_TRACK = frozenset(
    f"/watches/{{author}}/tracks/{{track}}/{verb}"
    for verb in ("shares-wanted", "opened", "later", "through", "decline")
)
"""About their own track a recipient gets the machine's reason instead (an early attempt is refused with it)."""


def test_every_route_but_those_of_coming_in_wants_someone_who_is_signed_in(circle: Circle) -> None:
    nobody, answers = Person("obito"), set()
    for method, path in routes():
        if (method, path) in OPEN_TO_ALL or path == "/watches/{author}/check-ins":
            continue
        got = ask(nobody, method, path, AUTHORS)
        assert got.status == 401, (method, path)
        answers.add(got.raw)
    assert len(answers) == 1


@pytest.mark.parametrize("stage", STAGES)
def test_to_a_stranger_a_watch_at_any_stage_does_not_exist(circle: Circle, stage: str) -> None:
    STAGES[stage](circle)
    assert leaks(an_author("obito")) == []


@pytest.mark.parametrize("stage", STAGES)
def test_to_a_recipient_nobody_has_told_a_watch_does_not_exist(circle: Circle, stage: str) -> None:
    STAGES[stage](circle)
    circle.recipient.sign_in()
    assert leaks(circle.recipient, OWN_TRACK) == []


def test_a_watch_that_was_set_aside_does_not_exist_for_strangers_either(circle: Circle) -> None:
    models.Watch.objects.update(set_aside="a test sets it aside")
    assert circle.author.get(circle.path).code == "set_aside"
    assert circle.keepers[0].get(circle.path).code == "set_aside"
    models.Watch.objects.filter(author="obito").delete()
    obito = an_author("obito")
    assert leaks(obito) == []


def test_a_door_that_gave_everyone_a_part_would_be_found(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: without it this file could pass on an API that hides nothing."""
    from lastwords.server.api import parts

    monkeypatch.setattr(parts, "of", lambda watch, person: frozenset(parts.ALL))
    assert len(leaks(an_author("obito"))) > 20


def test_reading_changes_nothing(circle: Circle) -> None:
    """Safe methods are safe (I6): no row, no letter, no revision comes of any of them, whoever asks."""
    circle.release()
    tables = (models.Watch, models.LogRow, models.Letter, models.Paper, models.SealedFile, models.FileUse)
    people = [circle.author, circle.recipient, *circle.keepers]
    for person in people:
        person.sign_in()
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    asked = 0
    for person in people:
        for method, path in routes():
            if method == READING:
                ask(person, method, path, AUTHORS)
                person.ask("HEAD", filled(path, AUTHORS))
                asked += 1
    assert asked > 80
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before


# Whose verb is whose.

W = "/watches/{author}"
AUTHORS_ALONE = {
    f"POST {W}/invitations",
    f"GET {W}/invitations",
    f"DELETE {W}/invitations/{{ident}}",
    f"POST {W}/recipients",
    f"GET {W}/recipients",
    f"POST {W}/check-ins",
    f"POST {W}/paper-codes",
    f"POST {W}/phones",
    f"GET {W}/phones",
    f"DELETE {W}/phones/{{credential}}",
    f"POST {W}/recovery-proof",
    f"GET {W}/keepers",
    f"POST {W}/keepers/{{handle}}/verification",
    f"DELETE {W}/keepers/{{handle}}",
    f"POST {W}/keepers/{{handle}}/suspend",
    f"POST {W}/practices",
    f"GET {W}/practices",
    f"GET {W}/health",
    f"GET {W}/told",
    f"POST {W}/sheets",
    f"POST {W}/cases/{{number}}/keep",
    f"POST {W}/words",
    f"POST {W}/words/{{track}}/leave",
    f"POST {W}/plan",
    f"POST {W}/trip",
    f"GET {W}/vanish",
}
KEEPERS_ALONE = {
    f"POST {W}/keepers/{{handle}}/restore",
    f"GET {W}/shares",
    f"POST {W}/receipts",
    f"POST {W}/case/answers",
    f"POST {W}/case/statements",
    f"POST {W}/case/statements/retract",
    f"POST {W}/case/signatures",
    f"GET {W}/tracks/{{track}}/given",
    f"POST {W}/tracks/{{track}}/told",
    f"POST {W}/tracks/{{track}}/shares",
    f"POST {W}/glass",
    f"GET {W}/seat",
    f"POST {W}/seat",
}
RECIPIENTS_ALONE = {f"POST {path}" for path in OWN_TRACK}
OF_SEVERAL = {
    f"GET {W}",
    f"GET {W}/words",
    f"GET {W}/words/{{track}}/manifests/{{number}}",
    f"GET {W}/log",
    f"GET {W}/case",
    f"GET {W}/case/home",
    f"GET {W}/sheets",
    f"POST {W}/alarms",
    f"POST {W}/holds",
    f"POST {W}/holds/{{cause}}/lift",
    f"POST {W}/case/calls",
    f"POST {W}/case/entries",
    f"GET {W}/glass",
    f"GET {W}/glass/notes",
    f"PUT {W}/glass/notes",
    f"POST {W}/glass/{{keeper}}/deny",
    f"POST {W}/record-differs",
}
OF_THE_INVITED = {f"POST {W}/invitations/{{ident}}/answer"}


def test_every_route_of_a_watch_is_somebodys(circle: Circle) -> None:
    """A route that is added has to be put into one of these lists, and so into the test below."""
    known = AUTHORS_ALONE | KEEPERS_ALONE | RECIPIENTS_ALONE | OF_SEVERAL | OF_THE_INVITED
    assert {f"{method} {path}" for method, path in routes() if "{author}" in path} == known


@pytest.mark.parametrize("stage", STAGES)
def test_nobody_takes_a_step_that_is_somebody_elses(circle: Circle, stage: str) -> None:
    """A well-formed request by the wrong person is answered as if there were no such watch, at every stage."""
    STAGES[stage](circle)
    others = {
        "author": (circle.author, KEEPERS_ALONE | RECIPIENTS_ALONE),
        "keeper": (circle.keepers[0], AUTHORS_ALONE | RECIPIENTS_ALONE),
    }
    before = circle.watch
    for name, (person, forbidden) in others.items():
        for route in sorted(forbidden):
            method, path = route.split(" ")
            got = ask(person, method, path, AUTHORS)
            assert (got.status, got.code) == (404, "not_found"), (name, route, got.body)
    assert circle.watch == before


# What keepers may know at which stage.


def seen_by(person: Person, circle: Circle) -> set[str]:
    return set(person.get(circle.path).body)


@pytest.mark.parametrize(
    ("stage", "knows"),
    [("well", False), ("late", False), ("vigil", True), ("released", True), ("closing", True)],
)
def test_a_keeper_knows_the_stage_only_once_keepers_are_asked(
    circle: Circle, stage: str, knows: bool
) -> None:
    STAGES[stage](circle)
    assert ("stage" in seen_by(circle.keepers[0], circle)) is knows
    assert "stage" in seen_by(circle.author, circle)


def test_a_keeper_knows_that_the_author_is_late_only_once_a_case_is_open(circle: Circle) -> None:
    circle.pass_time(circle.watch.plan.check_in_every)
    assert "stage" not in seen_by(circle.keeper("guy"), circle)
    circle.keeper("sakura").post(f"{circle.path}/alarms")
    assert circle.keeper("guy").get(circle.path)["stage"] == "late"


@pytest.mark.parametrize("stage", STAGES)
def test_a_keeper_is_never_shown_when_the_author_was_last_heard(circle: Circle, stage: str) -> None:
    circle.pass_time(777)
    circle.sign_of_life()
    last = circle.watch.last_sign.wall
    circle.pass_time(777)
    STAGES[stage](circle)
    keeper = circle.keepers[0]
    for method, path in routes():
        if method == READING and "{author}" in path and path != "/watches/{author}/vanish":
            shown = json.dumps(ask(keeper, method, path, AUTHORS).body)
            assert "last_sign" not in shown and str(last) not in shown, path


MASKED = re.compile(r"[A-Za-z0-9+/=_-]{32,}|\\b\\d{3,}\\b")


def all_that(person: Person, circle: Circle) -> dict[str, tuple[int, str]]:
    """Every answer this keeper can get by asking, with hashes and keys masked."""
    found = {}
    for method, path in routes():
        for track in ("died.naruto", "died.sakura") if "{track}" in path else ("",):
            if method == READING and "{sha256}" not in path:
                got = person.get(filled(path.replace("{track}", track or "{track}"), AUTHORS))
                body = since_the_case(got.body) if path == f"{W}/log" else got.body
                found[f"{path} {track}"] = (got.status, MASKED.sub("*", json.dumps(body)))
    return found


def since_the_case(log: Any) -> list[dict[str, Any]]:
    """The rows from the first that may be read, which opened the case, numbered from there: more of them stand before
    it where more was sealed."""
    rows: list[dict[str, Any]] = log["rows"]
    first = next((row["number"] for row in rows if "body" in row), len(rows) + 1)
    since = [row for row in rows if row["number"] >= first]
    for number, row in enumerate(since):
        row["number"] = number
        if "body" in row:
            row["body"]["number"] = number
    return since


def with_words_for_sakura(circle: Circle, *, sealed_for_her: bool) -> Person:
    """Sakura is a keeper without a share of Naruto's words; in one world there are words for her too."""
    sakura = circle.keeper("sakura")
    others = [keeper for keeper in circle.keepers if keeper is not sakura]
    others.append(invited(circle.author, "shizune"))
    verify(circle.author, others[-1])
    circle.keepers.append(others[-1])
    roster = tuple(circle.seat(keeper, index) for index, keeper in enumerate(others, 1))
    assert circle.send(*circle.manifest(roster=roster)).status == 201
    if sealed_for_her:
        assert circle.send(*circle.manifest(to=sakura, roster=roster)).status == 201
    circle.give_receipts_of(others)
    return sakura


@pytest.mark.parametrize("stage", ["well", "vigil", "released", "closing"])
def test_a_keeper_cannot_find_out_whether_there_are_words_for_themselves(
    worlds: Callable[[str], Circle], stage: str
) -> None:
    """Two worlds that differ in nothing else give her the same answers to everything she can ask."""
    answers = []
    for name, sealed_for_her in (("without", False), ("with", True)):
        circle = worlds(name)
        sakura = with_words_for_sakura(circle, sealed_for_her=sealed_for_her)
        if stage != "well":
            circle.fall_silent()
        if stage == "released":
            for keeper in circle.keepers[1:4]:
                assert circle.state(keeper).status == 201
            circle.pass_time(circle.watch.plan.vigil)
            circle.pass_time(circle.watch.plan.last_call)
            assert circle.watch.track("died.naruto").stage == "released"  # type: ignore[union-attr]
        if stage == "closing":
            circle.sign_of_life()
        answers.append(all_that(sakura, circle))
    without, with_words = answers
    assert len(without) >= 15
    for asked, answer in without.items():
        assert with_words[asked] == answer, asked


@pytest.mark.parametrize("planted", [False, True])
def test_a_keeper_reads_in_no_row_that_somebody_signed_their_death(
    circle: Circle, monkeypatch: pytest.MonkeyPatch, planted: bool
) -> None:
    """Only where there are words for her can that be signed. The planted fault hides the names of tracks alone."""
    from lastwords.server.api import log

    if planted:
        monkeypatch.setattr(log, "_OF_DEATHS", ())
    sakura = with_words_for_sakura(circle, sealed_for_her=True)
    circle.fall_silent()
    wrong = next(keeper for keeper in circle.keepers if keeper is not sakura)
    for act, subject, more in (
        ("recipient died", "sakura:unknown", {"order": "unknown"}),
        ("recipient lives", "sakura", {}),
    ):
        document = wrong.act(act, AUTHORS, subject=subject, **circle.in_case())
        body = {"document": document, "act": act, "subject": "sakura", **more}
        assert wrong.ask("POST", f"{circle.path}/case/signatures", body).status == 201
    rows = {keeper.handle: keeper.get(f"{circle.path}/log")["rows"] for keeper in (sakura, wrong)}
    read = {who: sum("body" in row for row in rows[who]) for who in rows}
    assert read[wrong.handle] - read["sakura"] == (0 if planted else 2)


@pytest.mark.parametrize("sealed_for_her", [False, True])
def test_to_a_keeper_who_was_removed_a_watch_does_not_exist_whether_there_are_words_for_them_or_not(
    circle: Circle, sealed_for_her: bool
) -> None:
    """She held a share of Naruto's words, which are sealed as they were."""
    sakura, others = circle.keepers[0], [*circle.keepers[1:], invited(circle.author, "shizune")]
    verify(circle.author, others[-1])
    if sealed_for_her:
        roster = tuple(circle.seat(keeper, index) for index, keeper in enumerate(others, 1))
        assert circle.send(*circle.manifest(to=sakura, roster=roster)).status == 201
        circle.give_receipts_of(others)
    assert sakura.get(f"{circle.path}/words/died.naruto/manifests/1").status == 200
    assert circle.author.ask("DELETE", f"{circle.path}/keepers/sakura").status == 200
    assert leaks(sakura) == []


@pytest.mark.parametrize("stage", STAGES)
def test_no_reader_is_ever_shown_a_share_that_is_not_theirs(circle: Circle, stage: str) -> None:
    from lastwords.server.api import uploads

    STAGES[stage](circle)
    shares = {
        use.name.rpartition("/")[2]: base64.b64encode(uploads.path_of(use.file_id).read_bytes())
        for use in models.FileUse.objects.filter(kind="share", name__contains="/words/")
    }
    circle.recipient.sign_in()
    for person in (circle.author, circle.recipient, *circle.keepers):
        for method, path in routes():
            if method != READING:
                continue
            raw = ask(person, method, path, AUTHORS).raw
            for keeper, share in shares.items():
                assert share not in raw or keeper == person.handle, (person.handle, path)
