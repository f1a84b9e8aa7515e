"""A page's cookie in the place of a token: it reads, and writes only from a page of this host with its form token."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from server.api.test_who_knows import bodies, filled, routes
from server.api.world import Answer, Circle, Person, an_author, models
from server.conftest import House

SAFE = ("GET", "HEAD", "OPTIONS")


class Page:
    """A browser on a page of the host: it keeps cookies, and sends what a browser sends of itself."""

    def __init__(self, person: Person, origin: str) -> None:
        self.person, self.origin, self.form_token = person, origin, ""
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=True)

    def load(self) -> "Page":
        """Loads a page with a form, which gives this browser its form token."""
        from django.middleware.csrf import get_token
        from django.test import RequestFactory

        request = RequestFactory().get("/")
        self.form_token = get_token(request)
        self.client.cookies["form"] = request.META["CSRF_COOKIE"]
        return self

    def sent(self) -> dict[str, str]:
        return {"Origin": self.origin, "Sec-Fetch-Site": "same-origin", "X-CSRFToken": self.form_token}

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = self.sent() if headers is None else headers
        got = self.client.generic(method, f"/api{path}", data, content_type=kind, headers=sent)
        raw = b"".join(got.streaming_content) if got.streaming else got.content
        is_json = got.headers.get("Content-Type", "").startswith("application/json")
        return Answer(got.status_code, json.loads(raw) if is_json else None, raw, dict(got.headers))

    def post(self, path: str, /, **body: Any) -> Answer:
        return self.ask("POST", path, body)

    def sign_in(self) -> Answer:
        asked = self.post("/challenges", account=self.person.handle)
        answer = self.person.answer_for(asked["challenge"], asked["origin"])
        got = self.post("/page-sessions", account=self.person.handle, answer=answer)
        if got.status == 201:
            self.form_token = got["form_token"]
        return got


def a_page(house: House, person: Person) -> Page:
    page = Page(person, house.settings.origin).load()
    assert page.sign_in().status == 201
    return page


@pytest.fixture
def page(circle: Circle) -> Page:
    """Kakashi, whose plan is in force, on a page of the host."""
    return a_page(circle.house, circle.author)


def writing() -> Iterator[tuple[str, str]]:
    """Every route that may change something."""
    return ((method, path) for method, path in routes() if method not in SAFE)


WRONG: dict[str, dict[str, str | None]] = {
    "no form token": {"X-CSRFToken": None},
    "another form token": {"X-CSRFToken": "a" * 64},
    "wrong origin": {"Origin": "https://elsewhere.example"},
    "an origin that hides": {"Origin": "null"},
    "a site beside": {"Sec-Fetch-Site": "same-site"},
    "a site elsewhere": {"Sec-Fetch-Site": "cross-site"},
    "an address that was typed": {"Sec-Fetch-Site": "none"},
    "nothing said of the sender": {"Origin": None, "Sec-Fetch-Site": None},
}
SIMPLE = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")


def forged(page: Page) -> Iterator[tuple[str, str, Answer]]:
    """Every changing route of the API asked in every way that a page elsewhere could make a browser ask."""
    good = bodies(page.person)
    for method, path in writing():
        if path in ("/people", "/challenges", "/sessions", "/locked-keys", "/new-keys"):
            continue  # a cookie gives these nothing
        body, address = good.get(path, {}), filled(path, "kakashi")
        for how, changed in WRONG.items():
            headers = {k: v for k, v in (page.sent() | changed).items() if v is not None}
            yield method, f"{path}, {how}", page.ask(method, address, body, headers=headers)
        for kind in SIMPLE:
            yield method, f"{path}, {kind}", page.ask(method, address, body, kind)
        yield "GET", path, page.ask("GET", address)


def passed(answers: Iterator[tuple[str, str, Answer]]) -> tuple[int, list[str]]:
    """How many were asked, and those that were not refused as forged."""
    asked, through = 0, []
    for method, path, got in answers:
        asked += 1
        if method != "GET" and got.code != "form_refused":
            through.append(f"{method} {path}: {got.status} {got.code}")
    return asked, through


def kept() -> list[list[Any]]:
    tables = (
        models.Watch,
        models.LogRow,
        models.Letter,
        models.Paper,
        models.Invitation,
        models.SealedFile,
        models.LockedKey,
        models.Channel,
        models.Session,
    )
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_no_changing_route_is_passed_by_a_request_from_elsewhere(page: Page, figure: Any) -> None:
    before = kept()
    asked, through = passed(forged(page))
    assert through == []
    assert asked > 700
    assert kept() == before
    assert page.ask("GET", "/me").status == 200, "the session stands"
    figure(f"forged requests by cookie: {asked} asked, {len(through)} passed")


def test_a_gate_that_looked_at_the_session_alone_would_be_found(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: without it this file could pass on an API that checks nothing."""
    from lastwords.server.api import sessions

    monkeypatch.setattr(sessions, "must_come_from_here", lambda request: None)
    assert len(passed(forged(page))[1]) > 500


def test_from_a_page_of_the_host_every_verb_works(circle: Circle, page: Page) -> None:
    assert page.ask("GET", circle.path)["roles"] == ["author"]
    got = page.post(f"{circle.path}/alarms")
    assert got.status == 201, got.body


def test_a_token_is_asked_for_no_form_token(circle: Circle) -> None:
    author = circle.author
    author.client = Client(enforce_csrf_checks=True)
    assert author.post(f"{circle.path}/alarms").status == 201


def test_a_bad_token_is_not_saved_by_a_good_cookie(page: Page) -> None:
    got = page.ask("GET", "/me", headers=page.sent() | {"Authorization": "Bearer wrong"})
    assert (got.status, got.code) == (401, "sign_in")


def test_a_page_session_begins_only_from_a_page_of_the_host(house: House) -> None:
    page = Page(an_author(), house.settings.origin)
    got = page.sign_in()
    assert (got.status, got.code) == (403, "form_refused")
    assert "session" not in page.client.cookies


def test_a_session_of_a_page_is_ended_alone_by_number_and_together_with_all_others(house: House) -> None:
    author = an_author()
    first, second, third = (a_page(house, author) for _ in range(3))
    listed = first.ask("GET", "/page-sessions").body
    assert [one["current"] for one in listed] == [False, False, True]
    assert listed[0]["begun"] == house.now().wall
    assert first.ask("DELETE", f"/page-sessions/{listed[0]['id']}").status == 200
    assert third.ask("GET", "/me").status == 401
    assert second.ask("DELETE", "/sessions/current").status == 200
    assert second.ask("GET", "/me").status == 401
    assert author.get("/me").status == 200, "the program's session stands"
    assert first.ask("DELETE", "/sessions")["ended"] == 2
    assert first.ask("GET", "/me").status == author.get("/me").status == 401


def test_nobody_ends_a_session_of_somebody_else(house: House) -> None:
    one, other = a_page(house, an_author()), a_page(house, an_author("obito"))
    theirs = other.ask("GET", "/page-sessions").body[0]["id"]
    assert one.ask("DELETE", f"/page-sessions/{theirs}").code == "not_found"
    assert other.ask("GET", "/me").status == 200


def test_a_new_sign_in_key_ends_every_session_of_the_pages(house: House) -> None:
    author = an_author()
    page = a_page(house, author)
    models.Person.objects.filter(handle=author.handle).update(sign_in_key="another")
    assert page.ask("GET", "/me").status == 401


def test_a_channel_is_changed_only_by_a_person_who_was_just_proven(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lastwords.server import outbox

    monkeypatch.setattr(outbox, "write_channel_proof", lambda channel, number: None)
    page = a_page(house, an_author())
    assert page.post("/me/channels", kind="mail", address="a@example.org").status == 201
    house.source.move(301)
    late = page.post("/me/channels", kind="mail", address="b@example.org")
    assert (late.status, late.code) == (403, "prove_again")
    assert page.ask("DELETE", "/me/channels/1").code == "prove_again"
    assert page.sign_in().status == 201
    assert page.post("/me/channels", kind="mail", address="b@example.org").status == 201
    assert len(page.ask("GET", "/page-sessions").body) == 1, "proving again begins no second session"


def test_neither_a_network_nor_a_secret_is_kept_with_a_session(house: House) -> None:
    from allauth.usersessions.models import UserSession
    from django.contrib.sessions.models import Session

    a_page(house, an_author())
    assert UserSession.objects.get().ip == "0.0.0.0"
    kept = Session.objects.get().get_decoded()
    assert set(kept) == {"_auth_user_id", "_auth_user_backend", "_auth_user_hash", "proven"}
