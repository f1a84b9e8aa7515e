"""How refusals leave: one shape, two parts, and nothing in them that should not travel."""

import json
import re
from pathlib import Path

import pytest
from server.api.world import Circle, Person, an_author, models
from server.conftest import House

from lastwords.server import problems


def test_every_refusal_of_the_list_has_a_status_and_both_parts() -> None:
    for code in problems.CODES:
        refused = problems.problem(code)
        assert 400 <= refused.status < 600
        assert refused.happened.endswith(".") and refused.do.endswith("."), code
        assert set(refused.body()) == {"code", "happened", "do"}


@pytest.mark.parametrize("body", [b"", b"{", b"[1, 2]", b"null", b'{"name": NaN}', b"\xff\xfe", b"[" * 5000])
def test_a_body_that_is_not_what_was_asked_for_is_refused_in_two_parts(house: House, body: bytes) -> None:
    for path in ("/people", "/challenges", "/sessions"):
        got = Person("obito").client.post(f"/api{path}", body, content_type="application/json")
        assert got.status_code == 422, (path, got.content)
        assert {"code", "happened", "do"} <= set(got.json())


def test_a_body_larger_than_a_request_may_be_is_refused(house: House) -> None:
    author = an_author()
    got = author.ask("POST", "/watches/kakashi/words", {"manifest": "x" * (17 * 2**20), "shares": {}})
    assert (got.status, got.code) == (413, "too_large")


def test_a_fault_of_the_host_is_told_without_what_it_carried(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lastwords.server import accounts

    def fails(account: str) -> str:
        raise RuntimeError(f"something about {account}")

    monkeypatch.setattr(accounts, "challenge_for", fails)
    got = Person("obito").post("/challenges", account="the-secret-account")
    assert (got.status, got.code) == (500, "fault")
    assert b"secret" not in got.raw
    told = "".join(capsys.readouterr())
    assert "RuntimeError" in told and "secret" not in told


def test_a_watch_that_cannot_be_read_stops_and_says_so_and_hides_nobody_elses(circle: Circle) -> None:
    models.Watch.objects.filter(author="kakashi").update(state='{"form": "watch/1"}')
    got = circle.author.get(circle.path)
    assert (got.status, got.code) == (503, "set_aside")
    assert circle.sign_of_life().code == "set_aside"
    assert circle.keepers[0].get("/me").status == 200
    assert circle.author.get("/me")["watches"] == []


def test_a_database_that_takes_nothing_more_is_told_in_its_own_words(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lastwords.server.port_sql import SqlPort
    from lastwords.server.refusals import Unwritable

    def full(*_: object) -> bool:
        raise Unwritable("The disk is full; nothing of this request was kept.", "Make room.")

    with monkeypatch.context() as patched:
        patched.setattr(SqlPort, "commit", full)
        got = circle.sign_of_life(counter=4)
        assert (got.status, got.code, got["do"]) == (503, "unwritable", "Make room.")
    assert circle.sign_of_life(counter=4).status == 200


def test_the_description_of_the_api_names_every_verb_and_no_secret(house: House) -> None:
    got = Person("obito").get("/openapi.json")
    assert got.status == 200
    described = json.loads(got.raw)
    assert len(described["paths"]) > 40
    assert all(
        operation.get("description") for path in described["paths"].values() for operation in path.values()
    )


def test_the_page_about_the_api_lists_exactly_its_routes(house: House) -> None:
    from lastwords.server.api import api

    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", page, re.MULTILINE))
    routes = {
        f"{method.upper()} {path.removeprefix('/api')}"
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    }
    assert listed == routes


def test_no_route_takes_anything_secret_in_its_address(house: House) -> None:
    """What stands in an address stands in histories and logs (T14)."""
    from lastwords.server.api import api

    names = {
        parameter["name"]
        for path in api.get_openapi_schema()["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", [])
    }
    assert not names & {"token", "code", "answer", "key", "secret", "document", "challenge"}
    assert "author" in names


def test_no_answer_may_be_kept_on_the_way(circle: Circle) -> None:
    assert circle.author.get(circle.path).headers["Cache-Control"] == "no-store"
    assert circle.author.get(f"{circle.path}/words").headers["Cache-Control"] == "no-store"


def test_too_many_numbers_for_one_person_are_not_sent(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from lastwords.server import outbox

    sent: list[str] = []
    monkeypatch.setattr(outbox, "write_channel_proof", lambda channel, number: sent.append(channel.address))
    author = an_author()
    answers = [author.post("/me/channels", kind="mail", address="a@example.org") for _ in range(11)]
    assert [got.status for got in answers] == [201] * 10 + [429]
    assert len(sent) == 10
    house.source.move(3600)
    author.sign_in()
    assert author.post("/me/channels", kind="mail", address="a@example.org").status == 201
