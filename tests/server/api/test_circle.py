"""Keepers' seats and the plan over the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from server.api.world import MOMENT, Circle, a_circle, an_author, invited, models, plan_terms, verify
from server.conftest import House

from lastwords.signing import canonical
from lastwords.signing.act import Act


@pytest.mark.parametrize("field", ["sealing", "signing", "sign_in"])
def test_vouching_for_another_key_than_the_host_keeps_is_refused(house: House, field: str) -> None:
    """A host that swapped a key is found out here, as long as the author's program names what it saw itself."""
    author = an_author()
    keeper = invited(author, "sakura")
    got = verify(author, keeper, **{field: "0" * 64})
    assert (got.status, got.code) == (409, "keys_differ")
    assert verify(author, keeper)["stage"] == "verified"


@pytest.mark.parametrize("changed", [{"author": "obito"}, {"keeper": "yamato"}])
def test_vouching_for_someone_else_is_refused(house: House, changed: dict[str, Any]) -> None:
    author = an_author()
    keeper = invited(author, "sakura")
    assert verify(author, keeper, **changed).code == "document_elsewhere"


def test_a_plan_is_armed_by_a_signature_over_exactly_its_terms(circle: Circle) -> None:
    shown = circle.author.get(circle.path)
    assert shown["stage"] == "well"
    assert shown["earliest_release"] - shown["next_due"] == 13 * 86_400
    assert {seat["stage"] for seat in shown["state"]["seats"]} == {"seasoned"}


def test_terms_that_differ_from_the_signed_ones_are_refused(circle: Circle) -> None:
    signed = plan_terms(version=2)
    digest = canonical.digest(canonical.encode(signed))
    got = circle.arm(plan_terms(version=2, quorum=1), terms=digest)
    assert (got.status, got.code) == (422, "plan_differs")
    assert circle.watch.plan.version == 1


@pytest.mark.parametrize(
    "terms",
    [
        {**plan_terms(version=2), "unknown": 1},
        {name: value for name, value in plan_terms(version=2).items() if name != "late"},
        plan_terms(version=2, timer_only=1),
        plan_terms(version=2, late=True),
    ],
)
def test_terms_with_a_field_missing_unknown_or_of_another_type_are_refused(
    circle: Circle, terms: dict[str, Any]
) -> None:
    assert circle.arm(terms).code == "plan_differs"


@pytest.mark.parametrize("changed", [{"author": "obito"}, {"plan_version": 7}])
def test_a_signature_for_another_plan_is_refused(circle: Circle, changed: dict[str, Any]) -> None:
    assert circle.arm(plan_terms(version=2), **changed).code == "plan_differs"


def test_what_the_machine_refuses_keeps_its_own_code_and_both_parts(house: House) -> None:
    circle = a_circle(3)
    got = circle.arm()
    assert (got.status, got.code) == (409, "one_credential")
    assert "not armed" in got["happened"] and "paper" in got["do"]


def test_terms_are_frozen_while_a_case_is_open(circle: Circle) -> None:
    circle.fall_silent()
    assert circle.arm(plan_terms(version=2)).code == "terms_frozen"


def test_a_suspended_seat_is_brought_back_by_a_quorum_of_signatures(circle: Circle) -> None:
    path = f"{circle.path}/keepers/guy"
    assert circle.author.post(f"{path}/suspend")["stage"] == "suspended"
    for name in ("sakura", "yamato", "kurenai"):
        keeper = circle.keeper(name)
        document = keeper.act("restore seat", circle.author.handle, subject="guy")
        got = keeper.post(f"{path}/restore", document=document)
        assert got.status == 200, got.body
    assert circle.watch.seat("guy").stage == "seasoned"  # type: ignore[union-attr]


def test_a_signature_to_restore_another_seat_is_refused(circle: Circle) -> None:
    circle.author.post(f"{circle.path}/keepers/guy/suspend")
    keeper = circle.keeper("sakura")
    document = keeper.act("restore seat", circle.author.handle, subject="yamato")
    got = keeper.post(f"{circle.path}/keepers/guy/restore", document=document)
    assert got.code == "document_elsewhere"


def test_a_removed_keeper_is_a_stranger_from_then_on(circle: Circle) -> None:
    guy = circle.keeper("guy")
    assert guy.get(circle.path).status == 200
    assert circle.author.ask("DELETE", f"{circle.path}/keepers/guy")["stage"] == "removed"
    nobody = guy.get("/watches/nobody")
    assert guy.get(circle.path).raw == nobody.raw
    assert guy.get(f"{circle.path}/shares").raw == nobody.raw
    assert guy.post(f"{circle.path}/alarms").raw == nobody.raw


def test_a_trip_moves_the_next_date(circle: Circle) -> None:
    back = circle.house.source.wall + 40 * 86_400
    got = circle.trip(back, 3600)
    assert (got.status, got["next_due"]) == (200, back + 3600)
    assert circle.trip(1, 0).code == "trip_terms"


def test_a_stolen_session_sets_no_trip(circle: Circle) -> None:
    """A trip puts the check-in off for up to 400 days, so it is signed like the strong sign it stands for."""
    back = circle.house.source.wall + 40 * 86_400
    terms = {"back": back, "extra": 3600}
    assert circle.author.post(f"{circle.path}/trip", **terms).code == "malformed"
    thief = circle.keeper("guy").act("trip", "kakashi", role="author", subject=f"{back}:3600")
    other = circle.author.act("trip", "kakashi", role="author", subject=f"{back}:7200")
    for document in (thief, other):
        assert circle.author.post(f"{circle.path}/trip", **terms, document=document).status == 422
    assert circle.watch.trip is None


def test_a_practice_asks_the_keepers_and_ends_for_each_with_a_receipt(circle: Circle) -> None:
    begun = circle.author.post(f"{circle.path}/practices")
    assert (begun.status, set(begun["asked"])) == (201, {keeper.handle for keeper in circle.keepers})
    guy = circle.keeper("guy")
    assert guy.get(circle.path)["practice"]["answered"] is False
    documents = [circle.receipt(guy, "died.naruto", purpose="practice")]
    assert guy.post(f"{circle.path}/receipts", documents=documents).status == 200
    assert guy.get(circle.path)["practice"]["answered"] is True
    assert circle.author.post(f"{circle.path}/practices").code == "practice_runs"
    assert guy.post(f"{circle.path}/practices").status == 404


# Alarm and hold.


def test_a_keepers_alarm_opens_a_case_and_asks_the_author(circle: Circle) -> None:
    got = circle.keeper("sakura").post(f"{circle.path}/alarms")
    assert (got.status, got["stage"], got["case"]) == (201, "late", 1)
    assert models.Letter.objects.filter(to="kakashi", kind="alarm_asks").exists()


def second_alarm(circle: Circle, signer: str, **changed: Any) -> Any:
    """Sakura raises a second alarm within 30 days, with a document that `signer` made."""
    fields: dict[str, Any] = {"subject": "sakura", **circle.in_case()} | changed
    document = circle.keeper(signer).act("alarm", circle.author.handle, **fields)
    return circle.keeper("sakura").post(f"{circle.path}/alarms", second=document)


def after_a_first_alarm(circle: Circle) -> None:
    """Sakura has raised the alarm, and the author is home again by two credentials."""
    circle.keeper("sakura").post(f"{circle.path}/alarms")
    circle.sign_of_life()
    circle.author.post(f"{circle.path}/check-ins", code="aaaa1111")
    assert circle.watch.stage == "well"


def test_a_second_alarm_within_thirty_days_needs_a_second_keepers_signature(circle: Circle) -> None:
    after_a_first_alarm(circle)
    assert circle.keeper("sakura").post(f"{circle.path}/alarms").code == "alarm_again"
    assert second_alarm(circle, "yamato").status == 201


@pytest.mark.parametrize(
    ("signer", "changed", "code"),
    [
        ("sakura", {}, "second_not_signed"),
        ("yamato", {"subject": "guy"}, "document_elsewhere"),
        ("yamato", {"act": "hold"}, "document_elsewhere"),
        ("yamato", {"case": None, "epoch": None}, "stale_document"),
        ("yamato", {"case": "7"}, "stale_document"),
        ("yamato", {"author": "obito"}, "document_elsewhere"),
        ("yamato", {"actor": "guy"}, "wrong_signer"),
    ],
)
def test_naming_a_second_keeper_is_not_enough(
    circle: Circle, signer: str, changed: dict[str, Any], code: str
) -> None:
    after_a_first_alarm(circle)
    keeper = circle.keeper(signer)
    fields: dict[str, Any] = {
        "actor": signer,
        "role": "keeper",
        "author": "kakashi",
        "act": "alarm",
        "subject": "sakura",
        "body": None,
        "moment": MOMENT,
        **circle.in_case(),
    }
    document = keeper.signed(Act(**fields | changed))
    got = circle.keeper("sakura").post(f"{circle.path}/alarms", second=document)
    assert got.code == code
    assert circle.watch.stage == "well"


def test_the_second_keepers_signature_is_good_for_one_case_only(circle: Circle) -> None:
    after_a_first_alarm(circle)
    old = circle.keeper("yamato").act("alarm", "kakashi", subject="sakura", **circle.in_case())
    assert circle.keeper("sakura").post(f"{circle.path}/alarms", second=old).status == 201
    circle.sign_of_life()
    circle.author.post(f"{circle.path}/check-ins", code="bbbb2222")
    assert circle.watch.stage == "well"
    assert circle.keeper("sakura").post(f"{circle.path}/alarms", second=old).code == "stale_document"


def test_the_second_keepers_signature_is_good_once(circle: Circle) -> None:
    circle.fall_silent()
    sakura, yamato = circle.keeper("sakura"), circle.keeper("yamato")
    path = f"{circle.path}/holds"
    assert sakura.post(path).status == 201
    sakura.post(f"{path}/switch/lift")
    assert sakura.post(path).code == "hold_again"
    once = yamato.act("hold", "kakashi", subject="sakura", **circle.in_case())
    assert sakura.post(path, second=once).status == 201
    sakura.post(f"{path}/switch/lift")
    assert sakura.post(path, second=once).code == "second_not_signed"
    anew = yamato.act(
        "hold", "kakashi", subject="sakura", **circle.in_case() | {"moment": "2027-01-15T09:00:00Z"}
    )
    assert sakura.post(path, second=anew).status == 201


@pytest.mark.parametrize(("days", "status"), [(-3, 409), (-2, 201), (0, 201), (2, 201), (3, 409)])
def test_a_second_keepers_signature_that_names_no_case_is_good_for_two_days(
    circle: Circle, days: int, status: int
) -> None:
    """There is no case that it could be bound to, and no clock of a client's is quite right."""
    sakura, path = circle.keeper("sakura"), f"{circle.path}/holds"
    assert sakura.post(path).status == 201
    sakura.post(f"{path}/switch/lift")
    now = datetime.fromtimestamp(circle.house.now().wall, UTC)
    dated = f"{now - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    document = circle.keeper("yamato").act("hold", "kakashi", subject="sakura", moment=dated)
    got = sakura.post(path, second=document)
    assert (got.status, got.code) == (status, "stale_document" if status == 409 else "")


def test_a_hold_says_who_placed_it_and_is_lifted_by_whoever_may(circle: Circle) -> None:
    placed = circle.keeper("sakura").post(f"{circle.path}/holds")
    assert [(one["cause"], one["placed_by"]) for one in placed["holds"]] == [("switch", "sakura")]
    lift = f"{circle.path}/holds/switch/lift"
    assert circle.keeper("yamato").post(lift).code == "not_yours_to_lift"
    assert circle.keeper("sakura").post(lift)["holds"] == []
    assert circle.keeper("sakura").post(f"{circle.path}/holds/forever/lift").code == "malformed"


# Looking ahead and back.


def test_the_rehearsal_gives_dated_rows_and_changes_nothing(circle: Circle) -> None:
    before = circle.watch
    rows = circle.author.get(f"{circle.path}/vanish?return_day=40")["rows"]
    assert [row["wall"] for row in rows] == sorted(row["wall"] for row in rows)
    assert {"what", "sentence", "learns", "stops"} <= set(rows[0])
    assert circle.watch == before
    assert circle.keepers[0].get(f"{circle.path}/vanish").status == 404


def test_the_author_reads_the_whole_log_and_can_check_its_chain(circle: Circle) -> None:
    from lastwords.server import log

    rows = circle.author.get(f"{circle.path}/log")["rows"]
    head = log.beginning(log.author_log("kakashi"))
    link = head.link
    for row in rows:
        committed = log.commitment(bytes.fromhex(row["salt"]), canonical.encode(row["body"]))
        assert committed.hex() == row["commitment"]
        link = log.link(link, committed, row["number"])
        assert link.hex() == row["link"]
    tail = circle.author.get(f"{circle.path}/log?after={rows[-2]['number']}")["rows"]
    assert tail == rows[-1:]


def test_keepers_read_the_chain_always_and_bodies_only_of_an_open_case(circle: Circle) -> None:
    keeper = circle.keepers[0]
    assert all("body" not in row for row in keeper.get(f"{circle.path}/log")["rows"])
    circle.sign_of_life()
    circle.fall_silent()
    rows = keeper.get(f"{circle.path}/log")["rows"]
    opened = circle.watch.case.opened.wall  # type: ignore[union-attr]
    seen = [row["body"] for row in rows if "body" in row]
    assert seen and all(body["at"][0] >= opened for body in seen)
    assert not any(body["event"] == "check_in" for body in seen)
