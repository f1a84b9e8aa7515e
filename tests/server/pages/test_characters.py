"""A character that no text may hold (NUL) is refused calmly wherever it is sent, and the same on both databases."""

import re
from urllib.parse import quote

import pytest
from server.api.world import Circle, models
from server.pages.conftest import Visitor
from server.pages.test_safe import PARTS, addresses

pytestmark = pytest.mark.both_databases

NUL = "\0"
EVERYBODY = ["kakashi", "sakura", "naruto", "host", ""]


def forms_of(text: str) -> list[list[str]]:
    """The names of the fields of each form on a page that posts."""
    forms = re.findall(r'<form method="post"[^>]*>(.*?)</form>', text, re.DOTALL)
    return [re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', form) for form in forms]


@pytest.mark.parametrize("who", EVERYBODY)
def test_no_page_breaks_on_it_in_an_address_or_a_question(circle: Circle, who: str) -> None:
    circle.release()
    visitor = Visitor(who)
    for address in addresses():
        for part in set(PARTS.values()) & set(address.split("/")):
            twisted = address.replace(f"/{part}", f"/{quote(part + NUL)}")
            assert visitor.client.get(twisted).status_code in (302, 404), twisted
        assert visitor.client.get(f"{address}?next=/%00&{quote(NUL)}=1").status_code in (200, 302, 404, 405)


@pytest.mark.parametrize("who", EVERYBODY)
def test_no_form_breaks_on_it_and_none_does_what_it_asked(circle: Circle, who: str) -> None:
    circle.release()
    visitor, sent = Visitor(who), 0
    for address in addresses():
        got = visitor.client.get(address)
        for names in forms_of(got.content.decode()) if got.status_code == 200 else []:
            page = dict(
                re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', got.content.decode())
            )
            fields = {name: page.get(name, f"a{NUL}b") for name in names}
            answer = visitor.client.post(
                address, fields | {"once": f"a{NUL}b"} if "once" in fields else fields
            )
            assert answer.status_code in (200, 302, 400, 403, 404, 405, 409), (address, answer.status_code)
            sent += 1
    assert sent >= {"kakashi": 9, "sakura": 1}.get(who, 0)


def test_the_field_says_so_in_the_summary_and_at_its_place(kakashi: Visitor) -> None:
    sent = kakashi.send("/check-in", **(kakashi.form("/check-in") | {"code": f"aaaa{NUL}1111"}))
    asked = kakashi.client.get(
        "/trip/check", {"date": "2030-01-01", "time": "18:00", "zone": f"Europe/{NUL}Lima"}
    )
    for text in (sent.content.decode(), asked.content.decode()):
        assert "There is a problem" in text
        assert len(re.findall("holds a character that cannot be kept: type it again by hand", text)) == 2
        assert "ull characters" not in text


def test_an_address_that_holds_it_is_no_page(kakashi: Visitor) -> None:
    answer = kakashi.client.get("/write/a%00b")
    assert answer.status_code == 404
    assert "This could not be done" in answer.content.decode()


def test_a_cookie_that_holds_it_is_nobodys_session(kakashi: Visitor) -> None:
    kakashi.client.cookies["session"] = f"a{NUL}b"
    assert kakashi.client.get("/home").status_code == 302


def test_what_reaches_the_database_all_the_same_is_refused_there_and_changes_nothing(
    kakashi: Visitor, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault, a form that lets it through: PostgreSQL cannot keep it, SQLite would."""
    from lastwords.server.pages import forms

    monkeypatch.setattr(forms, "fitting", lambda field: setattr(field, "validators", []))
    before = models.Watch.objects.get(author="kakashi").revision
    form = kakashi.form("/check-in")
    answer = kakashi.send("/check-in", **(form | {"once": f"a{NUL}b", "code": "aaaa-1111"}))
    if database == "sqlite":
        assert answer.status_code == 302
        return
    assert answer.status_code == 400
    assert "This could not be done" in answer.content.decode()
    assert models.Watch.objects.get(author="kakashi").revision == before
