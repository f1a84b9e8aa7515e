"""Malformed requests: whatever stands in a field, in a place of the address or in a document, the answer is a refusal
in two parts, nothing is changed, and the host does not fail."""

import json
from typing import Any

import pytest
from server.api.test_who_knows import bodies, filled, routes
from server.api.world import Circle, models, sealed

JUNK: dict[str, Any] = {
    "null": None,
    "nothing": "",
    "a number": -1,
    "a huge number": 2**70,
    "a fraction": 0.5,
    "yes": True,
    "a list": [],
    "a nested list": [[[[]]]],
    "an object": {"a": 1},
    "a null byte": "a\x00b",
    "half a character": "\ud800",
    "a line break": "a\r\nBcc: b@example.org",
    "a path": "../../secret",
    "a statement": "'; DROP TABLE person; --",
    "much": "x" * 100_000,
    "other letters": "はたけカカシ",
}


def kept() -> list[list[Any]]:
    """Everything that a refused request must leave alone."""
    tables = (models.Watch, models.LogRow, models.Letter, models.Paper, models.Invitation, models.SealedFile)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def check(got: Any, about: object) -> None:
    """A refusal in two parts, and no fault of the host's."""
    assert 400 <= got.status < 500, (about, got.status, got.body)
    assert {"code", "happened", "do"} <= set(got.body), about


ALLOWED = {
    ("order", "null"),
    ("order", "a number"),
    ("bad", "a list"),
    ("second", "null"),
    ("given", "a list"),
    ("uncovered", "a list"),
}
"""Junk that is no junk in that field."""
TEXTS = {"name", "someone"}
PRINTABLE = {"a path", "a statement", "other letters"}
"""A person may be called anything that can be printed."""


@pytest.mark.parametrize("junk", JUNK)
def test_junk_in_any_field_is_refused_and_changes_nothing(circle: Circle, junk: str) -> None:
    circle.keeper("sakura").post(f"{circle.path}/alarms")
    before = kept()
    for person in (circle.author, circle.keepers[0]):
        good = bodies(person)
        for method, path in routes():
            for field in good.get(path, {}) if method in ("POST", "PUT") else ():
                if (field, junk) in ALLOWED or (field in TEXTS and junk in PRINTABLE):
                    continue
                value = JUNK[junk]
                body = good[path] | {field: value}
                raw = json.dumps(body).encode()
                got = person.client.generic(
                    method,
                    f"/api{filled(path, 'kakashi')}",
                    raw,
                    content_type="application/json",
                    headers={"Authorization": f"Bearer {person.token}"},
                )
                assert got.status_code < 500, (method, path, field, got.content)
                if got.status_code < 300:
                    pytest.fail(f"{method} {path} took {junk} as {field}")
                assert {"code", "happened", "do"} <= set(got.json())
    assert kept() == before


@pytest.mark.parametrize("place", ["%00", "..", "%2e%2e%2f", "%E3%81%AF", "a" * 3000, "died.naruto.", "'"])
def test_junk_in_any_place_of_an_address_is_not_found(circle: Circle, place: str) -> None:
    before = kept()
    for person in (circle.author, circle.keepers[0]):
        good = bodies(person)
        for method, path in routes():
            if method == "DELETE" and "sessions" in path:
                continue
            for name in (
                "author",
                "handle",
                "keeper",
                "track",
                "ident",
                "sha256",
                "cause",
                "number",
                "channel_id",
                "session_id",
                "passkey_id",
                "locked_key_id",
            ):
                if "{" + name + "}" not in path:
                    continue
                address = filled(path.replace("{" + name + "}", place), "kakashi")
                body = good.get(path, {}) if method in ("POST", "PUT") else None
                got = person.ask(method, address, body)
                assert got.status in (301, 400, 404, 405, 409, 422), (method, address, got.status, got.body)
    assert kept() == before


def document(circle: Circle, **changed: Any) -> dict[str, Any]:
    """A signed act, taken apart, so that its parts can be changed."""
    guy = circle.keeper("guy")
    whole = json.loads(guy.act("restore seat", "kakashi", subject="sakura"))
    return {**whole, **changed}


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def test_a_document_with_any_part_changed_is_refused(circle: Circle) -> None:
    circle.author.post(f"{circle.path}/keepers/sakura/suspend")
    before = kept()
    whole = document(circle)
    inner = whole["document"]
    broken = {
        "spelled otherwise": json.dumps(whole),
        "a field more": canonical({**whole, "more": 1}),
        "a field less": canonical({"document": inner, "signature": whole["signature"]}),
        "another moment": canonical({**whole, "document": {**inner, "moment": "2027-01-15T08:00:01Z"}}),
        "another version": canonical({**whole, "document": {**inner, "version": 2}}),
        "another kind": canonical({**whole, "document": {**inner, "kind": "vouching"}}),
        "an unknown field inside": canonical({**whole, "document": {**inner, "note": "x"}}),
        "another signer": canonical({**whole, "signer": "0" * 64}),
        "no signature": canonical({**whole, "signature": ""}),
        "a torn signature": canonical({**whole, "signature": whole["signature"][:-4]}),
        "another's signature": canonical({**whole, "signature": document(circle)["signature"][::-1]}),
        "twice the same": canonical(whole) * 2,
        "a document in a document": canonical({**whole, "document": whole}),
        "no document": "null",
        "half a character": canonical(whole).replace("kakashi", "\\ud800"),
    }
    guy = circle.keeper("guy")
    for name, data in broken.items():
        check(guy.post(f"{circle.path}/keepers/sakura/restore", document=data), name)
    assert kept() == before
    assert guy.post(f"{circle.path}/keepers/sakura/restore", document=canonical(whole)).status == 200


def test_a_file_of_any_size_that_is_not_its_hash_leaves_nothing_behind(circle: Circle) -> None:
    for size in (1, 21, 22, 23, 65_536, 65_537):
        data = sealed(70_000)[:size]
        got = circle.author.piece(data, "0" * 64, size, 0)
        check(got, size)
    assert not models.SealedFile.objects.filter(complete=False).exists()
    assert list((circle.house.settings.files / "incoming").iterdir()) == []


def test_the_same_request_again_is_refused_and_changes_nothing(circle: Circle) -> None:
    """Every act that can be taken once, sent twice: the second time is told, and leaves no row and no letter."""
    circle.fall_silent()
    sakura, guy = circle.keeper("sakura"), circle.keeper("guy")
    statement = circle.statement(sakura, "spoken with")
    withdrawal = guy.act("withdraw statement", "kakashi", **circle.in_case())
    circle.state(guy)
    twice = [
        (guy, f"{circle.path}/case/answers", {}),
        (guy, f"{circle.path}/case/statements/retract", {"document": withdrawal}),
        (sakura, f"{circle.path}/case/statements", statement),
    ]
    for person, path, body in twice:
        assert person.post(path, **body).status in (200, 201), path
        before = kept()
        check(person.post(path, **body), path)
        assert kept() == before, path


def test_moments_of_documents_decide_nothing(circle: Circle) -> None:
    """A client's clock is never believed: a document from the far past or future is judged by what it is bound to."""
    for moment in ("1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        assert circle.sign_of_life(moment=moment).status == 200
