"""What keepers do together on pages: a form is done once, a second keeper's word is checked, and nobody learns more."""

from html import unescape

import pytest
from server.api.world import Circle, models
from server.pages.conftest import Visitor

from lastwords.protocol import events
from lastwords.protocol.watch import HOST

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


def test_a_keeper_who_receives_words_reads_why_they_cannot_stop_the_clocks_alone_before_a_case_is_open(
    circle: Circle,
) -> None:
    guy = circle.keeper("guy")
    roster = tuple(
        circle.seat(keeper, index)
        for index, keeper in enumerate((one for one in circle.keepers if one is not guy), 1)
    )
    assert circle.send(*circle.manifest(to=guy, roster=roster)).status == 201
    keeper = Visitor("guy")
    why = "while no case is open, they stop no clocks alone either"
    assert why in keeper.get(f"{CASE}/hold") and why in Visitor("sakura").get(f"{CASE}/hold")
    text = unescape(keeper.send(f"{CASE}/hold", **keeper.form(f"{CASE}/hold")).content.decode())
    assert "This hold needs a second keeper beside you" in text
    assert "<details open><summary>Somebody joins me" in text
    assert circle.watch.holds == ()
    second = circle.keeper("sakura").act("hold", "kakashi", subject="guy")
    sent = keeper.send(f"{CASE}/hold", **(keeper.form(f"{CASE}/hold") | {"second": second}))
    assert (sent.status_code, len(circle.watch.holds)) == (302, 1)


def test_nobody_lifts_a_hold_of_somebody_else_or_one_that_there_is_not(
    circle: Circle, sakura: Visitor
) -> None:
    sakura.send(f"{CASE}/hold", **sakura.form(f"{CASE}/hold"))
    other = next(one.handle for one in circle.keepers if one.handle != "sakura")
    visitor = Visitor(other)
    assert "Lift it" not in visitor.get(f"{CASE}/hold")
    answer = visitor.send(f"{CASE}/hold", **(visitor.form(f"{CASE}/alarm") | {"lift": "switch"}))
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


def test_a_keeper_lifts_their_own_hold_where_no_case_is_open_and_sees_nobody_elses(circle: Circle) -> None:
    sakura = Visitor("sakura")
    sakura.send(f"{CASE}/hold", **sakura.form(f"{CASE}/hold"))
    assert len(circle.watch.holds) == 1
    other = next(one.handle for one in circle.keepers if one.handle != "sakura")
    assert "All clocks of" not in Visitor(other).get(f"{CASE}/hold")
    form = sakura.form(f"{CASE}/hold")
    assert form["lift"] == "switch"
    sakura.send(f"{CASE}/hold", **form)
    assert circle.watch.holds == ()


def test_after_a_restore_keepers_are_led_to_their_signature_with_a_case_and_without(circle: Circle) -> None:
    from lastwords.server import store

    store.act("kakashi", events.Restore(HOST))
    for name in ("sakura", "yamato"):
        keeper = Visitor(name)
        text = keeper.get("/cases")
        assert "You are asked about Kakashi" in text and "Sign that it may go on" in text
        assert "nothing is asked of you" not in text
        form = keeper.form(f"{CASE}/hold")
        assert form["lift"] == "restore"
        assert keeper.send(f"{CASE}/hold", **form).status_code == 302
        assert "You have signed" in keeper.get(f"{CASE}/hold")
        assert "Sign that it may go on" not in keeper.get("/cases")
    store.act("kakashi", events.RaiseAlarm("sakura"))
    third = next(one.handle for one in circle.keepers if one.handle not in ("sakura", "yamato"))
    assert "sign that they may go on" in Visitor(third).get(CASE)
    assert "sign that they may go on" not in Visitor("sakura").get(CASE)
    keeper = Visitor(third)
    keeper.send(f"{CASE}/hold", **keeper.form(f"{CASE}/hold"))
    assert circle.watch.holds == ()


def test_whoever_can_say_no_to_an_asking_is_led_to_it_from_their_first_page(
    circle: Circle, kakashi: Visitor
) -> None:
    from lastwords.server import store

    store.act("kakashi", events.BreakGlass("sakura", card=False))
    circle.hand_over()
    yamato = Visitor("yamato").get("/cases")
    assert "<h1>Sakura asks for the emergency notes of Kakashi</h1>" in yamato
    assert "nothing is asked of you" not in yamato
    assert "The emergency notes: look, or say no</a>" in yamato
    assert "Sakura asks for your emergency notes" in kakashi.get("/home")
    mine = Visitor("sakura").get("/cases")
    assert "You asked, and everyone was alarmed." in mine and "or say no" not in mine
    circle.pass_time(circle.watch.plan.glass)
    assert "Sakura asks" not in Visitor("yamato").get("/cases"), "it is too late to say no"
    assert "The notes can be opened." in Visitor("sakura").get("/cases")


def test_a_practice_is_named_by_the_number_that_its_letter_names(circle: Circle) -> None:
    from lastwords.server import store

    store.act("kakashi", events.BeginPractice("kakashi"))
    text = Visitor("sakura").get("/cases")
    assert "<h1>A practice waits for you</h1>" in text
    assert "Practice 1 waits for your answer until" in text and "nothing is asked of you" not in text
    assert "Practice 1. Kakashi is well and asked for this." in Visitor("sakura").get(f"{CASE}/shares")


def test_a_keeper_whom_no_letter_can_reach_is_told_so_and_where_to_mend_it(circle: Circle) -> None:
    sakura = Visitor("sakura")
    assert "No letter can reach you yet" in sakura.get("/cases")
    address = models.Channel.objects.create(person_id="sakura", address="sakura@example.org")
    assert "No letter can reach you yet" in sakura.get("/cases"), "it waits for its number"
    models.Channel.objects.filter(pk=address.pk).update(proven_at=1)
    assert "No letter can reach you yet" not in sakura.get("/cases")


def test_a_seat_that_rests_is_led_back_and_a_suspended_one_is_told_of(circle: Circle) -> None:
    from lastwords.server import store

    store.act("kakashi", events.BeginPractice("kakashi"))
    circle.pass_time(circle.watch.plan.practice)
    sakura = Visitor("sakura")
    assert "Your seat rests since a practice was missed" in sakura.get("/cases")
    assert "There is nothing to prove" not in sakura.get(f"{CASE}/shares")
    circle.give_receipts_of(circle.keepers)
    assert "Your seat rests" not in sakura.get("/cases")
    store.act("kakashi", events.BreakGlass("sakura", card=False))
    assert circle.watch.seat("sakura").stage == "suspended"  # type: ignore[union-attr]
    assert "Your seat is suspended. You read" in sakura.get("/cases")


def test_a_seat_that_is_suspended_while_it_rests_is_told_of_both(circle: Circle) -> None:
    from lastwords.server import store

    store.act("kakashi", events.BeginPractice("kakashi"))
    circle.pass_time(circle.watch.plan.practice)
    store.act("kakashi", events.BreakGlass("sakura", card=False))
    sakura = Visitor("sakura")
    assert "Your seat is suspended, and a practice was missed." in sakura.get("/cases")
    assert "Your seat is suspended, and a practice was missed." in sakura.get(f"{CASE}/shares")
    circle.give_receipts_of(circle.keepers)
    assert "a practice was missed" not in sakura.get("/cases") + sakura.get(f"{CASE}/shares")


def test_whose_watch_cannot_be_read_is_not_told_that_they_keep_for_nobody(circle: Circle) -> None:
    models.Watch.objects.filter(author="kakashi").update(set_aside="its record is damaged")
    models.Channel.objects.create(person_id="sakura", address="sakura@example.org", proven_at=1)
    keeper, nobody = (
        Visitor(name).get("/cases").partition("<h1>")[2].partition("</main>")[0]
        for name in ("sakura", "naruto")
    )
    assert "No seat of yours can be shown here." in keeper and "cannot be read at the moment" in keeper
    assert "Kakashi" not in keeper
    assert nobody == keeper, "the same page for everybody: it tells of nothing"


def test_who_has_found_the_author_in_a_vigil_is_led_to_the_statement(circle: Circle) -> None:
    circle.fall_silent()
    sakura = Visitor("sakura")
    text = sakura.get(f"{CASE}/home")
    assert 'data-form="home"' not in text and f'href="{CASE}/statement"' in text
    assert "csrfmiddlewaretoken" in text, "the case can still be signed as ended from here"
    circle.sign_of_life()
    text = sakura.get(f"{CASE}/home")
    assert 'data-form="home"' in text and 'data-form="not-them"' in text


def test_the_page_of_a_case_carries_the_proof_of_its_origin_before_and_after_i_am_here(
    sakura: Visitor,
) -> None:
    """What its script sends is refused without it, and the keeper would read of a problem instead of the entries."""
    for _ in range(2):
        form = sakura.form(CASE)
        sakura.send(f"{CASE}/here", csrfmiddlewaretoken=form["csrfmiddlewaretoken"])


def test_every_keeper_who_holds_a_share_is_led_to_their_kit_and_told_how_large_it_is(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lastwords.server.pages.keeper import shares

    sakura = Visitor("sakura")
    assert f'<a href="{CASE}/shares#kit">Save my kit</a>' in sakura.get("/cases")
    text = sakura.get(f"{CASE}/shares")
    assert text.count('data-form="kit"') == len(circle.watch.tracks) and "Version 1, about 1" in text
    monkeypatch.setattr(shares, "LARGEST_KIT", 1)
    text = sakura.get(f"{CASE}/shares")
    assert 'data-form="kit"' not in text and "larger than a page can save" in text
    assert '<code class="code">lastwords kit kakashi --out kit</code>' in text


def test_a_keeper_whose_words_were_taken_back_is_shown_no_kit(circle: Circle) -> None:
    for track in circle.watch.tracks:
        signed = circle.author.act("take back", "kakashi", role="author", subject=track.key)
        assert circle.author.post(f"{circle.path}/words", take_back=track.key, document=signed).status < 300
    sakura = Visitor("sakura")
    assert "Save my kit" not in sakura.get("/cases")
    assert "Save my kit" not in sakura.get(f"{CASE}/shares")
