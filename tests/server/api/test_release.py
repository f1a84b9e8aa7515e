"""From released to opened over the API, and back home again: who may take which step, and what each step shows."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models.signals import post_init
from server.api.world import Circle, models, sealed, text

pytestmark = pytest.mark.both_databases

TRACK = "died.naruto"
WORDS = f"/tracks/{TRACK}"


@pytest.fixture
def released(circle: Circle) -> Circle:
    """Three keepers have stated, the last call has run out."""
    circle.release()
    return circle


@pytest.fixture
def told(released: Circle) -> Circle:
    """A keeper has told the recipient."""
    assert released.tell(released.keeper("guy")).status == 200
    return released


def words(circle: Circle) -> Any:
    """What the recipient finds."""
    if not circle.recipient.token:
        circle.recipient.sign_in()
    return circle.recipient.get(f"{circle.path}/words")


# Before the release.


def test_covers_stay_on_until_the_release(circle: Circle) -> None:
    """Recipient and host together could otherwise read during the last call."""
    circle.fall_silent()
    for keeper in circle.keepers[:3]:
        circle.state(keeper)
    circle.pass_time(circle.watch.plan.vigil)
    assert circle.watch.track(TRACK).stage == "last_call"  # type: ignore[union-attr]
    refused = circle.keeper("guy").get(f"{circle.path}{WORDS}/given")
    assert (refused.status, refused.code) == (409, "not_released_yet")


@pytest.mark.parametrize(
    ("verb", "act", "more"),
    [
        ("opened", "open", {}),
        ("later", "later", {"until": 0}),
        ("shares-wanted", "shares wanted", {"bad": []}),
        ("through", "through someone else", {"someone": "Sakura"}),
    ],
)
def test_an_early_attempt_is_refused_with_its_reason(
    circle: Circle, verb: str, act: str, more: dict[str, Any]
) -> None:
    got = circle.recipient_does(verb, act, **more)
    assert (got.status, got.code) == (409, "not_released")
    assert "keepers have not signed" in got["happened"]


def test_declining_words_that_are_still_sealed_is_written_down_and_binds_nothing(circle: Circle) -> None:
    """ "Don't give me his last words.\""""
    assert circle.recipient_does("decline", "decline")["words"] == "not_now"
    assert circle.watch.track(TRACK).words == "sealed"  # type: ignore[union-attr]


def test_the_recipient_is_a_stranger_until_someone_has_told_them(released: Circle) -> None:
    nobody = words(released)
    assert nobody.status == 404
    assert released.recipient.get(released.path).raw == nobody.raw
    assert released.recipient.get(f"{released.path}{WORDS}/given").raw == nobody.raw
    assert released.recipient.get("/me")["watches"] == []


# Told.


def test_told_uncovers_the_wishes_and_keeps_the_words_shares_until_they_are_asked_for(told: Circle) -> None:
    (row,) = words(told).body
    assert (row["track"], row["words"], row["told_by"]) == (TRACK, "told", "guy")
    assert {share["part"] for share in row["shares"]} == {"wishes"}
    assert {share["keeper"] for share in row["shares"]} == {"sakura", "yamato", "guy"}
    assert told.recipient_does("shares-wanted", "shares wanted", bad=[]).status == 200
    (row,) = words(told).body
    assert {share["part"] for share in row["shares"]} == {"words", "wishes"}
    assert set(row["roster_keys"]) == {keeper.handle for keeper in told.keepers}
    assert all(share["head"] for share in row["shares"])


def test_a_recipient_learns_of_nobody_elses_words(circle: Circle) -> None:
    sakura = circle.keeper("sakura")
    others = [keeper for keeper in circle.keepers if keeper is not sakura]
    roster = tuple(circle.seat(keeper, index) for index, keeper in enumerate(others, 1))
    circle.send(*circle.manifest(to=sakura, roster=roster))
    circle.give_receipts_of(others)
    circle.fall_silent()
    for keeper in others:
        assert circle.state(keeper).status == 201
    circle.pass_time(circle.watch.plan.vigil)
    circle.pass_time(circle.watch.plan.last_call)
    assert circle.tell(circle.keeper("guy")).status == 200
    circle.recipient_does("shares-wanted", "shares wanted", bad=[])
    assert words(circle).status == 200
    for path in (f"{circle.path}/words", circle.path, "/me"):
        assert b"died.sakura" not in circle.recipient.get(path).raw, path
    assert b"died.sakura" in circle.keeper("guy").get(f"{circle.path}/words").raw


def test_told_hands_in_only_shares_that_wait(released: Circle) -> None:
    guy = released.keeper("guy")
    document = guy.act("told", "kakashi", subject=TRACK, **released.in_case())
    stray = [{"keeper": "kurenai", "part": "words", "body": text(sealed())}]
    got = guy.post(f"{released.path}{WORDS}/told", document=document, uncovered=stray)
    assert (got.status, got.code) == (422, "share_unknown")
    assert released.watch.track(TRACK).words == "released"  # type: ignore[union-attr]


def test_told_needs_a_keepers_signature_for_this_track_and_case(released: Circle) -> None:
    guy = released.keeper("guy")
    for changed in ({"subject": "died.sakura"}, {"case": None, "epoch": None}, {"epoch": 9}):
        fields = {"subject": TRACK, **released.in_case()} | changed
        document = guy.act("told", "kakashi", **fields)
        assert guy.post(f"{released.path}{WORDS}/told", document=document).status in (409, 422)
    assert released.watch.track(TRACK).words == "released"  # type: ignore[union-attr]


def test_telling_twice_is_refused(told: Circle) -> None:
    assert told.tell(told.keeper("sakura")).code == "told_already"


# Shares wanted.


@pytest.mark.parametrize(
    ("closed", "asked"),
    [
        (lambda one: True, True),
        (lambda one: one["keeper"] == "guy" and one["part"] == "words", True),
        (lambda one: one["part"] == "wishes", False),
        (lambda one: False, False),
    ],
)
def test_where_too_few_covers_came_off_the_keepers_are_written_to_once_the_recipient_wants_the_shares(
    released: Circle, closed: Callable[[Any], bool], asked: bool
) -> None:
    """A keeper who was not there for the statements has told the recipient: their key opens no cover."""
    assert released.tell(released.keeper("kurenai"), closed=closed).status == 200
    letters = models.Letter.objects.filter(kind="shares_wanted")
    assert not letters.exists()
    assert released.recipient_does("shares-wanted", "shares wanted", bad=[]).status == 200
    written_to = set(letters.values_list("to", flat=True))
    assert written_to == ({keeper.handle for keeper in released.keepers} if asked else set())


def test_a_false_share_is_named_and_can_be_given_again(told: Circle) -> None:
    told.recipient_does("shares-wanted", "shares wanted", bad=[])
    assert told.recipient_does("shares-wanted", "shares wanted", bad=["guy"]).status == 200
    assert told.watch.track(TRACK).words == "shares_wanted"  # type: ignore[union-attr]
    guy, body = told.keeper("guy"), sealed()
    head = guy.act(
        "give share", "kakashi", subject=TRACK, body=told.manifests[TRACK].digest, **told.in_case()
    )
    got = guy.post(f"{told.path}{WORDS}/shares", document=head, part="words", body=text(body))
    assert got.status == 200, got.body
    (row,) = words(told).body
    (again,) = [one for one in row["shares"] if (one["keeper"], one["part"]) == ("guy", "words")]
    assert base64.b64decode(again["body"]) == body
    assert again["state"] == "given_again"


def test_a_keeper_who_gives_share_after_share_makes_the_host_read_no_more_than_the_newest(
    told: Circle,
) -> None:
    """Each is up to a megabyte, and a keeper may give as often as they like: an answer that read all of them would
    one day be larger than the host's memory, and nobody would get their words."""
    told.recipient_does("shares-wanted", "shares wanted", bad=["guy"])
    guy = told.keeper("guy")
    for body in (sealed(), sealed(), sealed()):
        head = guy.act(
            "give share", "kakashi", subject=TRACK, body=told.manifests[TRACK].digest, **told.in_case()
        )
        got = guy.post(f"{told.path}{WORDS}/shares", document=head, part="words", body=text(body))
        assert got.status == 200, got.body
    given = models.Paper.objects.filter(kind="given_again")
    assert [bytes(row.body) for row in given] == [body]
    # What an older version let pile up is left unread as well.
    newest = given.get()
    newest.pk = None
    newest.body = b"d"
    newest.save(force_insert=True)
    read: list[bytes] = []

    def note(instance: models.Paper, **_: Any) -> None:
        if instance.kind == "given_again":
            read.append(bytes(instance.body))

    post_init.connect(note, sender=models.Paper)
    try:
        (row,) = words(told).body
    finally:
        post_init.disconnect(note, sender=models.Paper)
    assert read == [b"d"]
    (again,) = [one for one in row["shares"] if (one["keeper"], one["part"]) == ("guy", "words")]
    assert base64.b64decode(again["body"]) == b"d"


def test_nobody_gives_a_share_of_words_that_are_not_released(circle: Circle) -> None:
    circle.fall_silent()
    guy = circle.keeper("guy")
    head = guy.act(
        "give share", "kakashi", subject=TRACK, body=circle.manifests[TRACK].digest, **circle.in_case()
    )
    got = guy.post(f"{circle.path}{WORDS}/shares", document=head, part="words", body=text(sealed()))
    assert got.status == 409
    assert not models.Paper.objects.filter(kind="given_again").exists()


# Opened, later, through someone, declined.


def test_opened_words_are_recorded_once(told: Circle) -> None:
    told.recipient_does("shares-wanted", "shares wanted", bad=[])
    assert told.recipient_does("opened", "open")["words"] == "opened"
    assert told.recipient_does("opened", "open").code == "opened_already"


@pytest.mark.parametrize(
    ("verb", "act", "more", "stage"),
    [
        ("later", "later", {"until": 0}, "later"),
        ("through", "through someone else", {"someone": "Sakura"}, "through_someone"),
        ("decline", "decline", {}, "declined"),
    ],
)
def test_a_recipient_may_put_it_off_and_change_their_mind(
    told: Circle, verb: str, act: str, more: dict[str, Any], stage: str
) -> None:
    assert told.recipient_does(verb, act, **more)["words"] == stage
    assert words(told).status == 200
    assert told.recipient_does("shares-wanted", "shares wanted", bad=[])["words"] == "shares_wanted"


def test_a_recipients_act_signed_for_another_act_or_track_is_refused(told: Circle) -> None:
    naruto = told.recipient
    naruto.sign_in()
    for act, subject in (("decline", TRACK), ("open", "died.sakura")):
        document = naruto.act(act, "kakashi", role="recipient", subject=subject)
        assert naruto.post(f"{told.path}{WORDS}/opened", document=document).code == "document_elsewhere"


def test_another_persons_track_does_not_exist(told: Circle) -> None:
    guy = told.keeper("guy")
    document = guy.act("open", "kakashi", role="recipient", subject=TRACK)
    assert guy.post(f"{told.path}{WORDS}/opened", document=document).status == 404


# Home.


def test_a_strong_sign_takes_everything_unopened_home(told: Circle) -> None:
    assert models.Paper.objects.filter(kind="uncovered").exists()
    assert told.sign_of_life()["stage"] == "closing"
    assert words(told).status == 404
    assert not models.Paper.objects.filter(kind__in=("given", "uncovered", "given_again")).exists()
    assert told.recipient_does("shares-wanted", "shares wanted", bad=[]).code == "recalled"
    assert told.author.get(told.path)["keys_due"] == [TRACK]
