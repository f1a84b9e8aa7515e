"""Seats handed on, sheets for the keepers, and what is erased: what the host takes, what it refuses, what it shows."""

from typing import Any

import pytest
from server.api.world import Circle, Person, invited, models, sealed, sha256, text, verify

from lastwords.signing.act import handed_to

TRACK = "died.naruto"


@pytest.fixture
def alternate(circle: Circle) -> Person:
    """An alternate whose keys the author has vouched for."""
    person = invited(circle.author, "kotetsu", "alternate")
    assert verify(circle.author, person).status == 200
    return person


def handing(circle: Circle, successor: Person, /, **changed: Any) -> dict[str, Any]:
    """The body of a request by which the first keeper hands their seat on."""
    public = successor.keys.public
    keys = handed_to(public.sealing_fingerprint, public.signing_fingerprint, public.sign_in_fingerprint)
    act: dict[str, Any] = {"subject": successor.handle, "body": keys} | changed.pop("act", {})
    document = circle.keepers[0].act("leave seat", circle.author.handle, **act)
    shares = [{"track": TRACK, "words": text(sealed()), "wishes": text(sealed())}]
    return {"successor": successor.handle, "document": document, "shares": shares} | changed


def test_a_seat_and_its_share_pass_to_an_alternate(circle: Circle, alternate: Person) -> None:
    body = handing(circle, alternate)
    got = circle.keepers[0].post(f"{circle.path}/seat", **body)
    assert (got.status, got["successor"], got["tracks"]) == (200, "kotetsu", [TRACK])
    (share,) = alternate.get(f"{circle.path}/shares").body
    assert (share["words"], share["wishes"]) == (body["shares"][0]["words"], body["shares"][0]["wishes"])
    (word,) = share["passed"]
    assert (word["leaving"], word["successor"], word["document"]) == ("sakura", "kotetsu", body["document"])
    assert circle.keepers[0].get(f"{circle.path}/shares").status == 404


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"shares": []}, "share_unknown"),
        ({"shares": [{"track": "died.other", "words": text(sealed())}]}, "share_unknown"),
        ({"shares": [{"track": TRACK, "words": text(b"a share in the clear")}]}, "body_not_age"),
        ({"act": {"body": sha256(b"other keys")}}, "keys_differ"),
        ({"act": {"subject": "guy"}}, "document_elsewhere"),
        ({"successor": "danzo"}, "successor_unknown"),
    ],
)
def test_a_handing_on_that_does_not_fit_changes_nothing(
    circle: Circle, alternate: Person, changed: dict[str, Any], code: str
) -> None:
    before = circle.watch
    got = circle.keepers[0].post(f"{circle.path}/seat", **handing(circle, alternate, **changed))
    assert got.code == code
    assert circle.watch == before and not models.Paper.objects.filter(kind="passed_share").exists()


def test_a_seat_passes_to_the_adult_who_is_with_a_child_without_a_share_of_the_childs_words(
    circle: Circle, alternate: Person
) -> None:
    assert circle.send(*circle.manifest(), adult="kotetsu").status == 201
    got = circle.keepers[0].post(f"{circle.path}/seat", **handing(circle, alternate))
    assert (got.status, got["tracks"]) == (200, [])
    assert not models.Paper.objects.filter(kind="passed_share").exists()


def test_nobody_hands_on_a_seat_for_another(circle: Circle, alternate: Person) -> None:
    assert circle.keepers[1].post(f"{circle.path}/seat", **handing(circle, alternate)).code == "wrong_signer"


def test_a_successor_is_nobody_the_leaving_keeper_shares_no_watch_with(circle: Circle) -> None:
    from server.api.world import an_author

    stranger = an_author("danzo")
    assert (
        circle.keepers[0].post(f"{circle.path}/seat", **handing(circle, stranger)).code == "successor_unknown"
    )


# Sheets.


def leaving(circle: Circle, sheet: str = "find_me", /, **changed: Any) -> dict[str, Any]:
    body = sealed()
    act: dict[str, Any] = {"subject": sheet, "body": sha256(body)} | changed.pop("act", {})
    document = circle.author.act("seal sheet", circle.author.handle, role="author", **act)
    return {"sheet": sheet, "body": text(body), "document": document} | changed


def shown_to(circle: Circle, person: Person) -> list[str]:
    return [one["sheet"] for one in person.get(f"{circle.path}/sheets")["sheets"]]


def test_a_sheet_is_shown_to_called_keepers_while_a_case_is_open_and_never_else(
    circle: Circle, alternate: Person
) -> None:
    assert circle.author.post(f"{circle.path}/sheets", **leaving(circle)).status == 201
    keeper = circle.keepers[0]
    assert (shown_to(circle, circle.author), shown_to(circle, keeper)) == (["find_me"], [])
    keeper.post(f"{circle.path}/alarms")
    assert shown_to(circle, keeper) == ["find_me"]
    assert shown_to(circle, alternate) == []
    keeper.post(f"{circle.path}/case/calls", keeper="kotetsu")
    assert shown_to(circle, alternate) == ["find_me"]
    assert circle.recipient.get(f"{circle.path}/sheets").status in (401, 404)


def test_planted_a_host_that_forgets_to_ask_for_an_open_case_is_caught(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault: every case counts as open. The probe above must see it."""
    from lastwords.protocol.watch import Watch

    circle.author.post(f"{circle.path}/sheets", **leaving(circle))
    assert shown_to(circle, circle.keepers[0]) == []
    monkeypatch.setattr(Watch, "case_open", property(lambda watch: True))
    assert shown_to(circle, circle.keepers[0]) == ["find_me"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"act": {"body": sha256(b"another sheet")}}, "body_hash"),
        ({"act": {"subject": "medical"}}, "document_elsewhere"),
        ({"body": text(b"look in the river")}, "body_not_age"),
        ({"sheet": "diary"}, "malformed"),
    ],
)
def test_a_sheet_that_is_not_the_one_signed_is_refused(
    circle: Circle, changed: dict[str, Any], code: str
) -> None:
    assert circle.author.post(f"{circle.path}/sheets", **leaving(circle, **changed)).code == code
    assert not models.Paper.objects.filter(kind="sheet").exists()


# Health, and what is kept.


def test_once_a_closing_lapsed_nobody_is_shown_as_having_seen_the_author() -> None:
    """The case may end with their death, and nobody is to read Welcome home then."""
    from protocol.cave import PACK, in_closing

    from lastwords.protocol.events import SignHome
    from lastwords.server.api import views

    play = in_closing().do(SignHome(PACK[0]))
    assert views.seen_home(play.watch) == (PACK[0],)
    assert views.seen_home(play.days(14).watch) == ()
    home = in_closing().do(*[SignHome(keeper) for keeper in PACK[:3]])
    assert set(views.seen_home(home.watch)) == set(PACK[:3])


def test_health_names_whom_no_letter_can_reach(circle: Circle) -> None:
    def unreached() -> list[str]:
        found = circle.author.get(f"{circle.path}/health")["warnings"]
        return [one["sentence"] for one in found if one["code"] == "out_of_reach"]

    for person in circle.keepers[1:]:
        models.Channel.objects.create(person_id=person.handle, address="any@example.org", proven_at=1)
    (sentence,) = unreached()
    assert sentence.startswith("No letter can reach sakura: no address of theirs is proven.")
    models.Channel.objects.create(person_id="sakura", address="sakura@example.org", proven_at=1)
    assert unreached() == []


def test_health_is_the_authors_alone_and_names_why_a_seat_does_not_count(circle: Circle) -> None:
    found = circle.author.get(f"{circle.path}/health")
    assert (found["spare"], found["sentence"]) == (1, "Works if 1 cannot be reached: any 3 of 4.")
    circle.author.post(f"{circle.path}/keepers/guy/suspend")
    assert circle.author.get(f"{circle.path}/health")["tracks"][0]["missing"] == {"guy": "is suspended"}
    assert circle.keepers[0].get(f"{circle.path}/health").status == 404


def test_keeping_a_case_is_signed_for_exactly_that_case(circle: Circle) -> None:
    circle.keepers[0].post(f"{circle.path}/alarms")
    for number, subject, code in ((1, "2", "document_elsewhere"), (2, "2", "no_case"), (1, "1", "")):
        document = circle.author.act("keep case", circle.author.handle, role="author", subject=subject)
        assert circle.author.post(f"{circle.path}/cases/{number}/keep", document=document).code == code


def test_planted_a_retention_that_asks_nobody_is_stopped_by_the_machine(circle: Circle) -> None:
    """The fault: the host's daily round claims that an old case closed long ago. The step refuses, and every body
    stays, because both stand in one transaction."""
    from lastwords.protocol.moments import Moment
    from lastwords.server import clock, retention, store

    keeper = circle.keepers[0]
    keeper.post(f"{circle.path}/alarms")
    written = keeper.post(f"{circle.path}/case/entries", kind="note", audience="case", body=text(sealed()))
    assert written.status == 201
    span = retention.Span(Moment(0, 0), Moment(0, 0))
    with pytest.raises(store.RefusedStep):
        retention._forget(store.here(), circle.author.handle, 1, span, clock.now())
    assert all(bytes(row.body) for row in models.Paper.objects.filter(kind="entry"))


def test_an_erasure_whose_reason_cannot_be_written_down_erases_nothing(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault: the host's log fails at the last moment, when the bodies have gone already. They are there again."""
    from lastwords.protocol.moments import DAY
    from lastwords.server import clock, retention, store

    keeper, door = circle.keepers[0], store.here()
    keeper.post(f"{circle.path}/alarms")
    keeper.post(f"{circle.path}/case/entries", kind="note", audience="case", body=text(sealed()))
    circle.sign_of_life()
    assert circle.author.post(f"{circle.path}/check-ins", code="aaaa1111").status == 200
    circle.house.leap(91 * DAY)

    def fails(*_: Any, **__: Any) -> None:
        raise OSError("the disk is full")

    def bodies() -> list[bytes]:
        return [bytes(row.body) for row in models.Paper.objects.filter(kind="entry")]

    with monkeypatch.context() as patch, pytest.raises(OSError, match="disk is full"):
        patch.setattr(store.Store, "host_row", fails)
        retention.run(door, clock.now())
    assert len(bodies()) == 1 and all(bodies())
    assert retention.run(door, clock.now()) == 1
    assert bodies() == [b""]
