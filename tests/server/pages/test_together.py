"""What keepers do together on pages: a form is done once, a second keeper's word is checked, and nobody learns more."""

import pytest
from server.api.world import Circle
from server.pages.conftest import Visitor

CASE = "/cases/kakashi"


@pytest.fixture
def sakura(circle: Circle) -> Visitor:
    assert circle.keeper("sakura").post("/watches/kakashi/alarms").status == 201
    return Visitor("sakura")


def test_a_hold_that_is_sent_twice_is_placed_once_and_lifted_by_whoever_placed_it(
    circle: Circle, sakura: Visitor
) -> None:
    form = sakura.form(f"{CASE}/hold")
    assert sakura.send(f"{CASE}/hold", **form).status_code == 302
    assert sakura.send(f"{CASE}/hold", **form).status_code == 302
    assert len(circle.watch.holds) == 1
    assert "pressed the hold switch" in sakura.get(f"{CASE}/hold")
    lifted = sakura.send(f"{CASE}/hold", **(sakura.form(f"{CASE}/hold") | {"lift": "switch"}))
    assert lifted.status_code == 302
    assert circle.watch.holds == ()


def test_a_second_hold_alone_is_refused_at_the_field_for_the_second_keeper(sakura: Visitor) -> None:
    for lift in ("", "switch"):
        sakura.send(f"{CASE}/hold", **(sakura.form(f"{CASE}/hold") | {"lift": lift}))
    for said in ("", "no document", '{"document": {"actor": "sakura"}}', "[" * 9000):
        form = sakura.form(f"{CASE}/hold") | {"lift": "", "second": said}
        answer = sakura.send(f"{CASE}/hold", **form)
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "There is a problem" in text
        assert "<details open><summary>Somebody joins me" in text


def test_nobody_lifts_a_hold_of_somebody_else_or_one_that_there_is_not(
    circle: Circle, sakura: Visitor
) -> None:
    sakura.send(f"{CASE}/hold", **sakura.form(f"{CASE}/hold"))
    other = next(one.handle for one in circle.keepers if one.handle != "sakura")
    visitor = Visitor(other)
    assert "Lift it" not in visitor.get(f"{CASE}/hold")
    answer = visitor.send(f"{CASE}/hold", **(visitor.form(f"{CASE}/hold") | {"lift": "switch"}))
    assert "There is a problem" in answer.content.decode()
    assert "All clocks of" in sakura.get(f"{CASE}/hold")


def test_the_pages_of_a_keeper_are_for_keepers_and_those_of_a_case_for_the_called(circle: Circle) -> None:
    for who in ("naruto", ""):
        for page in ("hold", "alarm", "second", "seat", "keys", "call", "sign", "sheets", "now", "report"):
            assert Visitor(who).client.get(f"{CASE}/{page}").status_code in (302, 404), (who, page)
        assert Visitor(who).client.get("/glass/kakashi").status_code in (302, 404)
    quiet = Visitor("sakura")
    for page in ("call", "sign", "sheets", "now", "report"):
        assert quiet.client.get(f"{CASE}/{page}").status_code == 404, page
    for page in ("hold", "alarm", "second", "seat", "keys"):
        assert quiet.client.get(f"{CASE}/{page}").status_code == 200, page


def test_a_keeper_without_a_case_is_told_of_no_other_keeper_and_nothing_of_a_hold(circle: Circle) -> None:
    kakashi = Visitor("kakashi")
    assert kakashi.client.get("/glass/kakashi").status_code == 200
    quiet = Visitor("sakura")
    others = [one.handle for one in circle.keepers if one.handle != "sakura"]
    for page in (f"{CASE}/second", f"{CASE}/hold", "/glass/kakashi", f"{CASE}/keys"):
        text = quiet.get(page)
        assert not any(f'value="{name}"' in text for name in others), page


def test_the_page_of_a_case_carries_the_proof_of_its_origin_before_and_after_i_am_here(
    sakura: Visitor,
) -> None:
    """What its script sends is refused without it, and the keeper would read of a problem instead of the entries."""
    for _ in range(2):
        form = sakura.form(CASE)
        sakura.send(f"{CASE}/here", csrfmiddlewaretoken=form["csrfmiddlewaretoken"])
