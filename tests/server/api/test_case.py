"""The case over the API: who is in it, what is written, what is signed and bound to what."""

import base64
from dataclasses import replace
from typing import Any, get_args

import pytest
from server.api.world import MOMENT, Circle, Person, invited, models, sealed, sha256, text, verify

from lastwords.case import entries
from lastwords.signing.act import Act
from lastwords.signing.documents import read
from lastwords.signing.statement import Statement

TRACK = "died.naruto"


@pytest.fixture
def vigil(circle: Circle) -> Circle:
    """The keepers have just been called."""
    circle.fall_silent()
    return circle


# Who is in it.


def test_a_called_keeper_sees_the_case_and_whose_keys_to_seal_to(vigil: Circle) -> None:
    shown = vigil.keepers[0].get(f"{vigil.path}/case")
    assert (shown["number"], shown["cause"], shown["epoch"], shown["plan_version"]) == (1, "vigil", 1, 1)
    assert {one["handle"] for one in shown["audience"]["case"]} == {one.handle for one in vigil.keepers}
    (head,) = shown["heads"]
    assert (head["track"], head["recipient"]) == (TRACK, "naruto")
    assert set(head["cover"]) == {keeper.handle for keeper in vigil.keepers}
    assert all(one["vouching"] for one in shown["audience"]["case"])


def test_before_a_case_there_is_nothing_to_see(circle: Circle) -> None:
    assert circle.keepers[0].get(f"{circle.path}/case").status == 404
    assert circle.author.get(f"{circle.path}/case").status == 404


def test_answering_the_call_is_recorded_once(vigil: Circle) -> None:
    path = f"{vigil.path}/case/answers"
    assert vigil.keeper("guy").post(path)["answered"] == ["guy"]
    assert vigil.keeper("guy").post(path).code == "signed_already"


def test_a_keeper_who_receives_words_hears_of_no_track_of_their_own(circle: Circle) -> None:
    """Sakura keeps, and there are words for her too: nothing she can ask for tells her so."""
    sakura = circle.keeper("sakura")
    others = [keeper for keeper in circle.keepers if keeper is not sakura]
    roster = tuple(circle.seat(keeper, index) for index, keeper in enumerate(others, 1))
    assert circle.send(*circle.manifest(to=sakura, roster=roster)).status == 201
    circle.give_receipts_of(others)
    circle.fall_silent()
    assert circle.state(circle.keeper("guy")).status == 201
    for path in ("", "/case", "/words", "/shares", "/log", "/tracks/died.sakura/given"):
        got = sakura.get(f"{circle.path}{path}")
        assert b"died.sakura" not in got.raw, path
    for path in ("/case", "/log"):
        assert b"died.sakura" in circle.keeper("guy").get(f"{circle.path}{path}").raw, path


# Entries.


def entry(circle: Circle, keeper: Person, /, **changed: Any) -> Any:
    body = {"kind": "note", "audience": "case", "body": text(sealed())}
    return keeper.ask("POST", f"{circle.path}/case/entries", body | changed)


def test_an_entry_is_kept_sealed_in_order_and_its_hash_stands_in_the_log(vigil: Circle) -> None:
    first = entry(vigil, vigil.keepers[0])
    second = entry(vigil, vigil.keepers[1], about=first["number"], kind="task_taken")
    shown = vigil.keepers[2].get(f"{vigil.path}/case")["entries"]
    assert [(one["number"], one["by"], one["kind"], one["about"]) for one in shown] == [
        (first["number"], vigil.keepers[0].handle, "note", None),
        (second["number"], vigil.keepers[1].handle, "task_taken", first["number"]),
    ]
    row = models.LogRow.objects.get(number=first["number"])
    assert shown[0]["sha256"].encode() in bytes(row.body)
    assert sha256(base64.b64decode(shown[0]["body"])) == shown[0]["sha256"]


def test_entries_come_a_few_at_a_time_in_order_and_each_once(
    vigil: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much somebody has written, no answer is larger than a host can hold for everybody who asks."""
    from lastwords.server.api import case

    one, two = vigil.keepers[:2]
    written = [entry(vigil, who)["number"] for who in (one, one, two, one, one)]
    size = case.OUTSIDE + len(models.Paper.objects.get(row=written[0]).body)
    monkeypatch.setattr(case, "ENTRIES_SHOWN", size + 1)
    pages = [vigil.keepers[2].get(f"{vigil.path}/case")]
    while pages[-1]["more"]:
        after = pages[-1]["entries"][-1]["number"]
        pages.append(vigil.keepers[2].get(f"{vigil.path}/case?after={after}"))
    assert [[row["number"] for row in page["entries"]] for page in pages] == [
        written[:2],
        written[2:4],
        written[4:],
    ]
    assert {tuple(page["wrote"]) for page in pages} == {tuple(sorted((one.handle, two.handle)))}


def test_an_entry_among_keepers_is_never_shown_to_one_who_receives_words(circle: Circle) -> None:
    """ "Don't tell him I cried.\""""
    sakura = circle.keeper("sakura")
    others = [keeper for keeper in circle.keepers if keeper is not sakura]
    roster = tuple(circle.seat(keeper, index) for index, keeper in enumerate(others, 1))
    circle.send(*circle.manifest(to=sakura, roster=roster))
    circle.give_receipts_of(others)
    circle.fall_silent()
    entry(circle, circle.keeper("guy"), audience="keepers")
    entry(circle, circle.keeper("guy"), audience="case")
    audiences = {
        keeper.handle: [one["audience"] for one in keeper.get(f"{circle.path}/case")["entries"]]
        for keeper in (sakura, circle.keeper("yamato"))
    }
    assert audiences == {"sakura": ["case"], "yamato": ["keepers", "case"]}
    audience = circle.keeper("guy").get(f"{circle.path}/case")["audience"]
    assert "sakura" not in [one["handle"] for one in audience["keepers"]]


def test_the_record_does_not_tell_of_what_is_said_among_keepers_to_one_who_is_left_out(
    circle: Circle,
) -> None:
    """A row about an entry that the case does not show her would tell Sakura that there are words for her."""
    sakura, guy = circle.keeper("sakura"), circle.keeper("guy")
    others = [keeper for keeper in circle.keepers if keeper is not sakura]
    roster = tuple(circle.seat(keeper, index) for index, keeper in enumerate(others, 1))
    circle.send(*circle.manifest(to=sakura, roster=roster))
    circle.give_receipts_of(others)
    circle.fall_silent()
    among, own, all_of_us = (
        entry(circle, who, audience=audience)["number"]
        for who, audience in ((guy, "keepers"), (sakura, "keepers"), (guy, "case"))
    )
    sentence = sealed()
    said = circle.statement(guy, "could not find out", free_text=sha256(sentence))
    assert guy.post(f"{circle.path}/case/statements", **said, text=text(sentence)).status == 201
    stated = models.Paper.objects.get(kind="statement_text").row

    def read_by(reader: Person) -> set[int]:
        rows = reader.get(f"{circle.path}/log?after={among - 1}")["rows"]
        return {row["number"] for row in rows if "body" in row}

    assert {among, own, all_of_us, stated} <= read_by(circle.keeper("yamato"))
    assert {among, own, all_of_us, stated} & read_by(sakura) == {own, all_of_us}
    assert entry(circle, sakura, about=among).code == entry(circle, sakura, about=10_000).code == "malformed"
    assert entry(circle, guy, about=among).status == entry(circle, sakura, about=all_of_us).status == 201


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"body": text(b"He is in the cave")}, "body_not_age"),
        ({"body": "not base64!"}, "malformed"),
        ({"kind": "verdict"}, "malformed"),
        ({"audience": "everyone"}, "malformed"),
        ({"about": 10_000}, "malformed"),
        ({"by": "guy"}, "malformed"),
    ],
)
def test_an_entry_that_is_not_sealed_or_not_known_is_refused(
    vigil: Circle, changed: dict[str, Any], code: str
) -> None:
    assert entry(vigil, vigil.keepers[0], **changed).code == code
    assert vigil.keepers[0].get(f"{vigil.path}/case")["entries"] == []


def test_the_kinds_of_entries_are_those_that_programs_can_read(circle: Circle) -> None:
    from lastwords.server.api import case

    assert set(get_args(case.Kind)) == set(entries.KINDS)


def test_an_entry_outside_a_case_is_refused(circle: Circle) -> None:
    assert entry(circle, circle.keepers[0]).code == "no_case"


# Statements.


def test_a_statement_is_kept_with_its_shares_and_shown_to_the_others(vigil: Circle) -> None:
    got = vigil.state(vigil.keeper("sakura"))
    assert (got.status, got["finding"]) == (201, "died")
    assert {paper.name for paper in models.Paper.objects.filter(kind="given")} == {
        f"{TRACK}/words/sakura",
        f"{TRACK}/wishes/sakura",
    }
    (made,) = vigil.keeper("guy").get(f"{vigil.path}/case")["statements"]
    assert (made["keeper"], made["finding"], made["evidence"]) == ("sakura", "died", "own_sight")
    assert "document" not in made
    (made,) = vigil.author.get(f"{vigil.path}/case")["statements"]
    assert made["document"] is not None


def test_a_statements_text_comes_sealed_and_is_shown_with_it(vigil: Circle) -> None:
    body = sealed()
    made = vigil.statement(vigil.keeper("sakura"), "could not find out", free_text=sha256(body))
    path = f"{vigil.path}/case/statements"
    sakura = vigil.keeper("sakura")
    assert sakura.post(path, **made).code == "body_hash"
    assert sakura.post(path, **made, text=text(sealed())).code == "body_hash"
    assert sakura.post(path, **made, text=text(body)).status == 201
    (shown,) = vigil.keeper("guy").get(f"{vigil.path}/case")["statements"]
    assert base64.b64decode(shown["text"]) == body


BOUND = {
    "another keeper": ({"keeper": "guy"}, "document_elsewhere"),
    "another author": ({"author": "obito"}, "document_elsewhere"),
    "another case": ({"case": "2"}, "stale_document"),
    "another epoch": ({"epoch": 2}, "stale_statement"),
    "another plan": ({"plan_version": 2}, "stale_statement"),
    "no manifest": ({"manifests": (), "given": ()}, "share_unknown"),
}


@pytest.mark.parametrize("what", BOUND)
def test_a_statement_signed_for_something_else_is_not_counted(vigil: Circle, what: str) -> None:
    changed, code = BOUND[what]
    made = vigil.statement(vigil.keeper("sakura"), "died", **changed)
    assert vigil.keeper("sakura").post(f"{vigil.path}/case/statements", **made).code == code
    assert vigil.watch.statements == ()
    assert not models.Paper.objects.filter(kind="given").exists()


def test_a_statement_about_an_older_version_of_the_words_is_not_counted(circle: Circle) -> None:
    old = dict(circle.manifests)
    circle.seal()
    circle.give_receipts()
    circle.fall_silent()
    circle.manifests = old
    got = circle.state(circle.keeper("sakura"))
    assert got.status == 409
    assert circle.watch.statements == ()


def test_a_statement_of_another_keeper_cannot_be_handed_in(vigil: Circle) -> None:
    made = vigil.statement(vigil.keeper("sakura"))
    got = vigil.keeper("guy").post(f"{vigil.path}/case/statements", **made)
    assert (got.status, got.code) == (422, "wrong_signer")


def test_a_share_sealed_to_another_key_than_the_recipients_is_refused(vigil: Circle) -> None:
    """A keeper's program that was told a swapped key would otherwise hand the share to a stranger."""
    made = _with_share(vigil, sealed_to="0" * 64)
    assert vigil.keeper("sakura").post(f"{vigil.path}/case/statements", **made).code == "share_covers"


@pytest.mark.parametrize("keys", ["fewer", "more", "none but a stranger"])
def test_a_share_covered_for_others_than_its_keepers_is_refused(vigil: Circle, keys: str) -> None:
    right = tuple(keeper.keys.public.sealing_fingerprint for keeper in vigil.keepers)
    covered = {"fewer": right[1:], "more": (*right, "0" * 64), "none but a stranger": ("0" * 64,)}[keys]
    made = _with_share(vigil, covered_to=covered)
    assert vigil.keeper("sakura").post(f"{vigil.path}/case/statements", **made).code == "share_covers"
    assert vigil.watch.statements == ()


def _with_share(circle: Circle, **changed: Any) -> dict[str, Any]:
    """A statement whose first share is another one than it should be."""
    sakura = circle.keeper("sakura")
    made = circle.statement(sakura)
    document = read(made["document"].encode(), Statement, sakura.keys.signing.public).document
    first, *rest = document.given
    made["document"] = sakura.signed(replace(document, given=(replace(first, **changed), *rest)))
    return made


def test_the_shares_must_be_exactly_those_the_statement_names(vigil: Circle) -> None:
    sakura, path = vigil.keeper("sakura"), f"{vigil.path}/case/statements"
    made = vigil.statement(sakura)
    assert sakura.post(path, document=made["document"], given=[]).code == "share_unknown"
    assert sakura.post(path, document=made["document"], given=made["given"][:1]).code == "share_unknown"
    other = [made["given"][0] | {"body": text(sealed())}, made["given"][1]]
    assert sakura.post(path, document=made["document"], given=other).code == "body_hash"
    plain = [made["given"][0] | {"body": text(b"words words")}, made["given"][1]]
    assert sakura.post(path, document=made["document"], given=plain).code == "body_not_age"
    assert sakura.post(path, **made).status == 201


def test_a_head_for_another_version_or_case_is_refused(vigil: Circle) -> None:
    sakura, path = vigil.keeper("sakura"), f"{vigil.path}/case/statements"
    made = vigil.statement(sakura)
    good: dict[str, Any] = {"subject": TRACK, "body": vigil.manifests[TRACK].digest, **vigil.in_case()}
    for changed, code in (
        ({"body": "0" * 64}, "stale_document"),
        ({"epoch": 9}, "stale_document"),
        ({"subject": "died.sakura"}, "document_elsewhere"),
    ):
        head = sakura.act("give share", "kakashi", **good | changed)
        given = [one | {"head": head} for one in made["given"]]
        assert sakura.post(path, document=made["document"], given=given).code == code


def test_a_retracted_statement_takes_its_shares_with_it(vigil: Circle) -> None:
    sakura = vigil.keeper("sakura")
    vigil.state(sakura)
    vigil.state(vigil.keeper("guy"))
    document = sakura.act("withdraw statement", "kakashi", **vigil.in_case())
    assert sakura.post(f"{vigil.path}/case/statements/retract", document=document).status == 200
    assert {paper.name for paper in models.Paper.objects.filter(kind="given")} == {
        f"{TRACK}/words/guy",
        f"{TRACK}/wishes/guy",
    }
    assert [made.keeper for made in vigil.watch.statements] == ["guy"]


def test_a_withdrawal_from_another_case_or_epoch_is_refused(vigil: Circle) -> None:
    sakura = vigil.keeper("sakura")
    vigil.state(sakura)
    for changed in ({"case": "9"}, {"epoch": 9}, {"case": None, "epoch": None}):
        document = sakura.act("withdraw statement", "kakashi", **vigil.in_case() | changed)
        got = sakura.post(f"{vigil.path}/case/statements/retract", document=document)
        assert got.code == "stale_document"
    assert len(vigil.watch.statements) == 1


# Other signatures.


def sign(circle: Circle, keeper: Person, act: str, /, subject: str | None = None, **more: Any) -> Any:
    signed_subject = more.pop("signed_subject", subject)
    document = keeper.act(act, "kakashi", subject=signed_subject, **circle.in_case())
    body = {"document": document, "act": act, "subject": subject}
    return keeper.ask("POST", f"{circle.path}/case/signatures", body | more)


def test_a_quorum_that_has_seen_the_author_brings_them_home(vigil: Circle) -> None:
    vigil.sign_of_life()
    stages = [sign(vigil, keeper, "seen or heard")["stage"] for keeper in vigil.keepers[:3]]
    assert stages == ["closing", "closing", "well"]
    late = sign(vigil, vigil.keepers[3], "seen or heard")
    assert (late.status, len(late["home"])) == (201, 4)


def test_the_page_of_a_case_that_is_closed_stays_readable_for_those_it_called(vigil: Circle) -> None:
    entry(vigil, vigil.keepers[0])
    vigil.sign_of_life()
    for keeper in vigil.keepers[:3]:
        sign(vigil, keeper, "seen or heard")
    shown = vigil.keepers[3].get(f"{vigil.path}/case")
    assert shown["home"] == sorted(keeper.handle for keeper in vigil.keepers[:3])
    assert "stage" not in shown.body and "statements" not in shown.body
    assert len(shown["entries"]) == 1


def test_a_quorum_of_not_them_makes_the_credential_void(vigil: Circle) -> None:
    vigil.sign_of_life()
    for keeper in vigil.keepers[:3]:
        assert sign(vigil, keeper, "not them").status == 201
    assert vigil.watch.stage == "vigil"
    assert vigil.sign_of_life().code == "credential_void"


def test_the_order_of_a_recipients_death_is_signed_too(vigil: Circle) -> None:
    guy = vigil.keeper("guy")
    right = "naruto:unknown"
    got = sign(vigil, guy, "recipient died", "naruto", order="unknown", signed_subject="naruto:before")
    assert got.code == "document_elsewhere"
    assert sign(vigil, guy, "recipient died", "naruto", signed_subject=right).code == "malformed"
    got = sign(vigil, guy, "recipient died", "naruto", order="unknown", signed_subject=right)
    assert got.status == 201
    assert vigil.watch.track(TRACK).deaths == ("guy",)  # type: ignore[union-attr]


def test_a_keeper_takes_back_that_a_recipient_died_and_signs_for_whom(vigil: Circle) -> None:
    guy = vigil.keeper("guy")
    assert sign(vigil, guy, "recipient lives", "naruto").code == "death_not_signed"
    sign(vigil, guy, "recipient died", "naruto", order="unknown", signed_subject="naruto:unknown")
    wrong = sign(vigil, guy, "recipient lives", "naruto", signed_subject="sakura")
    assert (wrong.code, sign(vigil, guy, "recipient lives").code) == ("document_elsewhere", "malformed")
    assert vigil.watch.track(TRACK).deaths == ("guy",)  # type: ignore[union-attr]
    assert sign(vigil, guy, "recipient lives", "naruto").status == 201
    assert vigil.watch.track(TRACK).deaths == ()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"actor": "yamato"}, "document_elsewhere"),
        ({"role": "recipient"}, "document_elsewhere"),
        ({"author": "obito"}, "document_elsewhere"),
        ({"act": "not them"}, "document_elsewhere"),
        ({"subject": "naruto"}, "document_elsewhere"),
        ({"case": None, "epoch": None}, "stale_document"),
        ({"epoch": 2}, "stale_document"),
    ],
)
def test_a_signature_for_another_act_case_or_person_is_refused(
    vigil: Circle, changed: dict[str, Any], code: str
) -> None:
    vigil.sign_of_life()
    guy = vigil.keeper("guy")
    fields: dict[str, Any] = {
        "actor": "guy",
        "role": "keeper",
        "author": "kakashi",
        "act": "seen or heard",
        "subject": None,
        "body": None,
        "moment": MOMENT,
        **vigil.in_case(),
    }
    document = guy.signed(Act(**fields | changed))
    got = guy.post(f"{vigil.path}/case/signatures", document=document, act="seen or heard")
    assert got.code == code
    assert vigil.watch.case.home == ()  # type: ignore[union-attr]


def test_a_signature_can_be_played_again_in_no_later_case(vigil: Circle) -> None:
    vigil.sign_of_life()
    guy = vigil.keeper("guy")
    old = guy.act("seen or heard", "kakashi", **vigil.in_case())
    vigil.author.post(f"{vigil.path}/check-ins", code="aaaa1111")
    vigil.fall_silent()
    vigil.sign_of_life()
    got = guy.post(f"{vigil.path}/case/signatures", document=old, act="seen or heard")
    assert got.code == "stale_document"


# Alternates and glass.


def with_an_alternate(circle: Circle) -> Person:
    """Shizune is an alternate whose turn has not come."""
    shizune = invited(circle.author, "shizune", "alternate")
    assert verify(circle.author, shizune).status == 200
    return shizune


def test_an_alternate_knows_of_no_case_until_one_calls_them(circle: Circle) -> None:
    shizune = with_an_alternate(circle)
    before = shizune.get(f"{circle.path}/case")
    assert (before.status, before.code) == (404, "no_case_for_you")
    circle.keeper("guy").post(f"{circle.path}/alarms")
    assert "stage" not in shizune.get(circle.path).body
    assert shizune.get(f"{circle.path}/case").raw == before.raw
    assert all("body" not in row for row in shizune.get(f"{circle.path}/log")["rows"])


def test_a_keeper_calls_an_alternate_who_then_joins_the_audience(circle: Circle) -> None:
    shizune = with_an_alternate(circle)
    guy = circle.keeper("guy")
    guy.post(f"{circle.path}/alarms")
    path = f"{circle.path}/case/calls"
    assert "shizune" in guy.post(path, keeper="shizune")["called"]
    assert guy.post(path, keeper="shizune").code == "not_to_be_called"
    shown = shizune.get(f"{circle.path}/case")
    assert (shown.status, shown["heads"]) == (200, [])
    people = guy.get(f"{circle.path}/case")["audience"]["case"]
    assert "shizune" in [one["handle"] for one in people]
