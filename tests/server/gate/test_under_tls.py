"""A host that people reach under TLS, which ends at a proxy: every answer tells browsers to come no other way."""

import http.client
import re
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest
from server.gate.test_strangers import MEGABYTE, serving

ORIGIN = "https://words.example.org"
HSTS = "strict-transport-security"


@pytest.fixture(scope="module")
def under_tls(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port at which the proxy finds a host of this origin."""
    with serving(migrated, tmp_path_factory.mktemp("tls") / "data", ORIGIN) as (port, _):
        yield port


@pytest.fixture(scope="module")
def in_clear(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a host that is for its own machine only."""
    with serving(migrated, tmp_path_factory.mktemp("clear") / "data") as (port, _):
        yield port


def ask(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> HTTPResponse:
    """What is answered to a request as the proxy passes it on; read to its end."""
    sent = {"Host": "words.example.org", **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    answer.text = answer.read().decode()  # type: ignore[attr-defined]
    connection.close()
    return answer


LARGE = {"Content_Length": str(MEGABYTE)}
"""Announced, and refused before anything of it comes."""
ASKED: dict[str, tuple[str, str, dict[str, str]]] = {
    "a page": ("GET", "/sign-in", {}),
    "a page that is not there": ("GET", "/nothing-here", {}),
    "a file of style": ("GET", "/static/lastwords.css", {}),
    "the API": ("GET", "/api/health", {}),
    "a refusal of the API": ("GET", "/api/me", {}),
    "a refusal of the gate's own, as a page": ("POST", "/code", LARGE),
    "a refusal of the gate's own, to a program": ("POST", "/api/challenges", LARGE),
}


@pytest.mark.parametrize("what", ASKED)
def test_every_answer_keeps_browsers_to_tls_for_a_year_and_speaks_for_no_other_name(
    under_tls: int, what: str
) -> None:
    method, path, more = ASKED[what]
    assert ask(under_tls, method, path, **more).headers[HSTS] == "max-age=31536000"


@pytest.mark.parametrize("what", ASKED)
def test_a_host_that_is_reached_in_clear_says_nothing_of_tls(in_clear: int, what: str) -> None:
    method, path, more = ASKED[what]
    assert HSTS not in ask(in_clear, method, path, Host="127.0.0.1", **more).headers


@pytest.mark.parametrize("said", ["http", "https"])
def test_what_a_request_says_of_its_way_here_changes_nothing(
    under_tls: int, in_clear: int, said: str
) -> None:
    more = {"X_Forwarded_Proto": said, "Forwarded": f"proto={said}"}
    assert HSTS in ask(under_tls, "GET", "/sign-in", **more).headers
    assert HSTS not in ask(in_clear, "GET", "/sign-in", Host="127.0.0.1", **more).headers


@pytest.mark.parametrize(
    ("sender", "status"),
    [
        ({"Origin": ORIGIN}, 200),
        ({"Referer": f"{ORIGIN}/code"}, 200),
        ({"Origin": "http://words.example.org"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Referer": "https://elsewhere.example/code"}, 403),
        ({}, 403),
    ],
)
def test_a_form_is_taken_from_a_page_of_this_origin_alone(
    under_tls: int, sender: dict[str, str], status: int
) -> None:
    page = ask(under_tls, "GET", "/code")
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))  # type: ignore[attr-defined]
    form = (
        f"csrfmiddlewaretoken={hidden['csrfmiddlewaretoken']}&once={hidden['once']}&handle=kakashi&code=aaaa"
    )
    more = {"Cookie": cookie, "Content_Type": "application/x-www-form-urlencoded", **sender}
    assert cookie.startswith("__Host-form=")
    assert ask(under_tls, "POST", "/code", form.encode(), **more).status == status
