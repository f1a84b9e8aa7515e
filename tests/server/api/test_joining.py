"""Joining the host, signing in to it, and being reached by it."""

import base64
import secrets

import pytest
from server.api.world import Circle, Person, an_author, invited, join_code, keys_of, models, sha256, text
from server.conftest import House, everything_kept

from lastwords.sealing.person import PersonKeys

pytestmark = pytest.mark.both_databases

# Joining.


def test_a_join_code_makes_an_author_with_a_draft_watch_and_their_key_as_a_credential(house: House) -> None:
    author = an_author()
    shown = author.get("/watches/kakashi")
    assert shown["stage"] == "draft"
    assert shown["state"]["credentials"] == [{"name": "key", "place": "device", "void": False}]
    assert author.get("/me")["watches"] == [{"author": "kakashi", "name": "Kakashi", "roles": ["author"]}]


def test_a_join_code_works_once_for_another_person(house: House) -> None:
    code = join_code()
    assert Person("kakashi").join(join_code=code).status == 201
    refused = Person("obito").join(join_code=code)
    assert (refused.status, refused.code) == (403, "code_refused")
    assert not models.Person.objects.filter(name="Obito").exists()


def test_joining_again_with_the_same_code_and_keys_answers_the_same_handle(house: House) -> None:
    code = join_code()
    first = Person("kakashi").join(join_code=code, handle="kakashi")
    second = Person("kakashi").join(join_code=code, handle="kakashi")
    assert (first.status, second.status) == (201, 200)
    assert second["handle"] == first["handle"] == "kakashi"


@pytest.mark.parametrize("code", ["", "wrong", "x" * 200])
def test_unknown_codes_and_codes_that_ran_out_get_the_same_answer(house: House, code: str) -> None:
    models.JoinCode.objects.create(hash=sha256(b"old"), made=0, expires=house.source.wall)
    ran_out = Person("kakashi").join(join_code="old")
    unknown = Person("kakashi").join(join_code=code or "w")
    assert ran_out.status == 403
    assert ran_out.raw == unknown.raw


def test_a_taken_handle_is_refused_and_the_code_still_works(house: House) -> None:
    an_author("kakashi")
    code = join_code()
    assert Person("obito").join(join_code=code, handle="kakashi").code == "handle_taken"
    assert Person("obito").join(join_code=code, handle="host").code == "handle_taken"
    assert Person("obito").join(join_code=code, handle="obito").status == 201


def test_a_handle_is_made_of_the_name_when_none_is_wished_for(house: House) -> None:
    person = Person("kakashi")
    body = {"name": "Kakashi Hátake", "zone": "Asia/Tokyo", "join_code": join_code(), **person.keys_sent()}
    assert person.ask("POST", "/people", body)["handle"] == "kakashi-hatake"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("public_key", "age1abc"),
        ("public_key", keys_of("kakashi").public.sealing + "q" * 100),
        ("signing_key", "not a key"),
        ("sign_in_key", keys_of("kakashi").public.signing),
    ],
)
def test_a_key_of_another_kind_or_used_twice_is_refused(house: House, field: str, value: str) -> None:
    person = Person("kakashi")
    keys = person.keys_sent() | {field: value}
    body = {"name": "Kakashi", "zone": "UTC", "join_code": join_code(), **keys}
    assert person.ask("POST", "/people", body).code == "key_unfit"


@pytest.mark.parametrize("extra", [{"is_host": True}, {"joined": 0}, {"proven_at": 1}])
def test_a_field_nobody_asked_for_is_refused_and_not_taken_over(
    house: House, extra: dict[str, object]
) -> None:
    got = Person("kakashi").join(join_code=join_code(), **extra)
    assert (got.status, got.code) == (422, "malformed")
    assert not models.Person.objects.filter(is_host=False).exists()


def test_whoever_types_a_handle_that_cannot_be_one_is_told_which_can(house: House) -> None:
    got = Person("kakashi").join(join_code=join_code(), handle="Kakashi H")
    (field,) = got["fields"]
    assert field["field"].endswith("handle")
    assert field["allowed"] == "1 to 40 small letters a to z, digits and hyphens"
    assert "Kakashi H" not in str(got.body)


def test_a_zone_that_does_not_exist_is_refused(house: House) -> None:
    person = Person("kakashi")
    body = {"name": "Kakashi", "zone": "Fire/Country", "join_code": join_code(), **person.keys_sent()}
    assert person.ask("POST", "/people", body).code == "zone_unknown"


def test_an_invitation_lets_one_person_join_and_no_second(house: House) -> None:
    author = an_author()
    ident = secrets.token_hex(16)
    author.post("/watches/kakashi/invitations", role="keeper", id=ident, name="Sakura")
    assert Person("sakura").join(invitation=ident).status == 201
    assert Person("yamato").join(invitation=ident).code == "code_refused"
    assert Person("yamato").join(invitation="x" * 32).code == "code_refused"


def test_a_refusal_never_repeats_what_was_typed(house: House) -> None:
    secret = "the-code-that-was-mistyped"
    got = Person("kakashi").post("/people", join_code=secret, name=7)
    assert got.status == 422
    assert secret.encode() not in got.raw


# Signing in.


def test_a_challenge_answered_with_the_sign_in_key_opens_a_session(house: House) -> None:
    author = an_author()
    assert author.get("/me")["handle"] == "kakashi"


def test_the_token_is_kept_as_a_hash_alone(house: House) -> None:
    author = an_author()
    assert models.Session.objects.get().token == sha256(author.token.encode())
    kept = everything_kept(house.data)
    assert author.token.encode() not in kept and sha256(author.token.encode()).encode() in kept


def test_a_challenge_is_answered_once(house: House) -> None:
    author = an_author()
    asked = author.post("/challenges", account="kakashi")
    answer = author.answer_for(asked["challenge"], asked["origin"])
    assert author.post("/sessions", account="kakashi", answer=answer).status == 201
    again = author.post("/sessions", account="kakashi", answer=answer)
    assert (again.status, again.code) == (401, "sign_in_refused")


def test_a_challenge_runs_out_after_two_minutes_of_the_hosts_time(house: House) -> None:
    author = an_author()
    asked = author.post("/challenges", account="kakashi")
    answer = author.answer_for(asked["challenge"], asked["origin"])
    house.source.move(120)
    assert author.post("/sessions", account="kakashi", answer=answer).code == "sign_in_refused"


def test_a_session_ends_after_a_quarter_of_an_hour_or_when_it_is_ended(house: House) -> None:
    author = an_author()
    house.source.move(15 * 60 - 1)
    assert author.get("/me").status == 200
    house.source.move(1)
    assert (author.get("/me").status, author.get("/me").code) == (401, "sign_in")
    author.sign_in()
    assert author.ask("DELETE", "/sessions/current").status == 200
    assert author.get("/me").status == 401


def test_an_account_that_does_not_exist_gets_a_challenge_of_the_same_shape(house: House) -> None:
    an_author()
    stranger = Person("stranger")
    known = stranger.post("/challenges", account="kakashi")
    unknown = stranger.post("/challenges", account="nobody")
    assert (known.status, set(known.body)) == (unknown.status, set(unknown.body))
    assert len(known["challenge"]) == len(unknown["challenge"])
    assert not models.UsedChallenge.objects.filter(expires__gt=house.source.wall + 120).exists()


def test_every_failed_sign_in_gets_the_same_bytes(house: House) -> None:
    author, thief = an_author(), Person("obito")
    asked = thief.post("/challenges", account="kakashi")
    nobody = thief.post("/challenges", account="nobody")
    right = author.answer_for(asked["challenge"], asked["origin"])
    attempts = {
        "another's key": thief.answer_for(asked["challenge"], asked["origin"], "kakashi"),
        "another host": author.answer_for(asked["challenge"], "https://elsewhere.example", "kakashi"),
        "another account named": author.answer_for(asked["challenge"], asked["origin"], "obito"),
        "another account's challenge": author.answer_for(nobody["challenge"], asked["origin"]),
        "a challenge of one's own": author.answer_for("A" * 96, asked["origin"]),
        "a torn answer": right[:-20],
        "nothing like one": "{}",
    }
    answers = {
        name: thief.post("/sessions", account="kakashi", answer=text) for name, text in attempts.items()
    }
    unknown = thief.post(
        "/sessions",
        account="nobody",
        answer=thief.answer_for(nobody["challenge"], nobody["origin"], "nobody"),
    )
    assert {answer.raw for answer in answers.values()} == {unknown.raw}
    assert {answer.status for answer in answers.values()} == {401}
    assert models.Session.objects.count() == 1


def test_a_challenge_with_any_byte_changed_is_refused(house: House) -> None:
    author = an_author()
    asked = author.post("/challenges", account="kakashi")
    raw = base64.urlsafe_b64decode(asked["challenge"] + "=" * (-len(asked["challenge"]) % 4))
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1 << place % 8
        challenge = base64.urlsafe_b64encode(bytes(changed)).decode().rstrip("=")
        answer = author.answer_for(challenge, asked["origin"])
        assert author.post("/sessions", account="kakashi", answer=answer).code == "sign_in_refused", place
    answer = author.answer_for(asked["challenge"], asked["origin"])
    assert author.post("/sessions", account="kakashi", answer=answer).status == 201


def test_a_token_with_any_character_changed_opens_nothing(house: House) -> None:
    author = an_author()
    token = author.token
    for place in range(len(token)):
        author.token = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert author.get("/me").status == 401, place
    author.token = token
    assert author.get("/me").status == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic a2FrYXNoaTp4", "Bearer " + "A" * 5000])
def test_a_request_without_a_good_token_is_told_to_sign_in(house: House, header: str) -> None:
    got = Person("obito").get("/me", Authorization=header)
    assert (got.status, got.code) == (401, "sign_in")
    assert got.headers["Cache-Control"] == "no-store"


def test_a_lost_devices_sessions_can_all_be_ended(house: House) -> None:
    author = an_author()
    lost = author.token
    author.sign_in()
    assert author.ask("DELETE", "/sessions")["ended"] == 2
    author.token = lost
    assert author.get("/me").status == 401


def test_a_keeper_becomes_an_author_too_with_a_join_code(house: House) -> None:
    keeper = invited(an_author(), "sakura")
    code = join_code()
    assert keeper.post("/watches", join_code="wrong").code == "code_refused"
    assert keeper.post("/watches", join_code=code).body == {"author": "sakura"}
    assert keeper.get("/me")["watches"] == [
        {"author": "kakashi", "name": "Kakashi", "roles": ["keeper"]},
        {"author": "sakura", "name": "Sakura", "roles": ["author"]},
    ]
    second = join_code()
    assert keeper.post("/watches", join_code=second).code == "watch_exists"
    assert models.JoinCode.objects.get(hash=sha256(second.encode())).used is None


# Channels.


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The numbers that were sent, with their addresses, instead of letters."""
    from lastwords.server import outbox

    numbers: list[tuple[str, str]] = []
    monkeypatch.setattr(
        outbox, "write_channel_proof", lambda channel, number: numbers.append((channel.address, number))
    )
    return numbers


def test_a_channel_is_proven_by_the_number_sent_to_it(house: House, sent: list[tuple[str, str]]) -> None:
    author = an_author()
    added = author.post("/me/channels", kind="mail", address="kakashi@example.org")
    assert (added.status, added["proven"]) == (201, False)
    ((address, number),) = sent
    assert address == "kakashi@example.org"
    proven = author.post(f"/me/channels/{added['id']}/proof", code=number)
    assert (proven.status, proven["proven"]) == (200, True)
    assert number not in models.Channel.objects.get(address="kakashi@example.org").proof


def test_a_number_works_only_within_the_session_of_the_person_it_was_sent_to(
    house: House, sent: list[tuple[str, str]]
) -> None:
    author, other = an_author(), an_author("obito")
    added = author.post("/me/channels", kind="mail", address="kakashi@example.org")
    number = sent[0][1]
    assert other.post(f"/me/channels/{added['id']}/proof", code=number).status == 404
    author.token = ""
    assert author.post(f"/me/channels/{added['id']}/proof", code=number).status == 401
    assert models.Channel.objects.get(pk=added["id"]).proven_at is None


def test_five_wrong_numbers_end_the_right_one_and_a_new_one_can_be_sent(
    house: House, sent: list[tuple[str, str]]
) -> None:
    author = an_author()
    added = author.post("/me/channels", kind="mail", address="kakashi@example.org")
    for _ in range(5):
        wrong = f"{(int(sent[0][1]) + 1) % 10**8:08d}"
        assert author.post(f"/me/channels/{added['id']}/proof", code=wrong).code == "proof_refused"
    assert author.post(f"/me/channels/{added['id']}/proof", code=sent[0][1]).code == "proof_refused"
    author.post("/me/channels", kind="mail", address="kakashi@example.org")
    assert author.post(f"/me/channels/{added['id']}/proof", code=sent[1][1]).status == 200


@pytest.mark.parametrize("address", ["kakashi", "a@b\r\nBcc: c@d", "a b@c", "<a@b>", "a@b,c@d"])
def test_an_address_that_could_break_a_letter_is_refused(
    house: House, sent: list[tuple[str, str]], address: str
) -> None:
    assert an_author().post("/me/channels", kind="mail", address=address).code == "address_unfit"
    assert not sent


def test_a_proven_channel_is_not_added_again(house: House, sent: list[tuple[str, str]]) -> None:
    author = an_author()
    added = author.post("/me/channels", kind="mail", address="kakashi@example.org")
    author.post(f"/me/channels/{added['id']}/proof", code=sent[0][1])
    assert author.post("/me/channels", kind="mail", address="kakashi@example.org").code == "channel_exists"


# Others.


def test_people_of_one_watch_find_each_others_keys_and_nobody_else_does(circle: Circle) -> None:
    keeper, stranger = circle.keepers[0], an_author("obito")
    assert keeper.get("/people/kakashi")["signing_key"] == keys_of("kakashi").public.signing
    assert circle.author.get(f"/people/{keeper.handle}")["public_key"] == keeper.keys.public.sealing
    assert keeper.get("/people/naruto").status == 200
    unknown = stranger.get("/people/nobody-at-all")
    assert unknown.status == 404
    for handle in ("kakashi", "naruto", keeper.handle, "host"):
        assert stranger.get(f"/people/{handle}").raw == unknown.raw


def test_a_recipient_finds_nobody_before_they_are_told(circle: Circle) -> None:
    circle.recipient.sign_in()
    assert circle.recipient.get("/people/kakashi").status == 404
    assert circle.recipient.get("/me")["watches"] == []


# Invitations.


def test_the_answer_to_an_invitation_gives_a_keeper_a_seat_and_the_author_the_answer(house: House) -> None:
    author = an_author()
    invited(author, "sakura")
    (shown,) = author.get("/watches/kakashi/invitations")["invitations"]
    assert (shown["stage"], shown["handle"]) == ("answered", "sakura")
    assert base64.b64decode(shown["answer"]) == b"an answer only the author can check"
    (seat,) = author.get("/watches/kakashi/keepers")["keepers"]
    assert (seat["handle"], seat["stage"]) == ("sakura", "accepted")


def test_an_alternate_gets_a_place_in_the_calling_order(house: House) -> None:
    author = an_author()
    invited(author, "sakura", "alternate")
    invited(author, "yamato", "alternate")
    seats = author.get("/watches/kakashi/keepers")["keepers"]
    assert {seat["handle"]: seat["alternate"] for seat in seats} == {"sakura": 1, "yamato": 2}


def test_an_invitation_is_answered_once_and_by_nobody_else(house: House) -> None:
    author = an_author()
    sakura = invited(author, "sakura")
    other = an_author("obito")
    ident = author.get("/watches/kakashi/invitations")["invitations"][0]["id"]
    path = f"/watches/kakashi/invitations/{ident}/answer"
    assert sakura.post(path, answer=text(b"again")).code == "invitation_stage"
    assert other.post(path, answer=text(b"me instead")).status == 404
    assert author.post(path, answer=text(b"myself")).status == 404


def test_an_invitation_taken_back_works_no_more(house: House) -> None:
    author, ident = an_author(), secrets.token_hex(16)
    path = "/watches/kakashi/invitations"
    author.post(path, role="keeper", id=ident, name="Sakura")
    assert author.ask("DELETE", f"{path}/{ident}")["stage"] == "taken_back"
    assert Person("sakura").join(invitation=ident).code == "code_refused"
    assert an_author("obito").post(f"{path}/{ident}/answer", answer=text(b"I will")).code == "code_refused"
    assert author.ask("DELETE", f"{path}/{ident}").code == "invitation_stage"


def test_a_recipient_who_was_invited_can_be_written_to_without_a_seat(house: House) -> None:
    author = an_author()
    invited(author, "naruto", "recipient")
    (shown,) = author.get("/watches/kakashi/recipients")["recipients"]
    assert (shown["handle"], shown["how"]) == ("naruto", "invitation")
    assert author.get("/watches/kakashi/keepers")["keepers"] == []


def test_nobody_takes_a_seat_with_the_account_of_a_card(circle: Circle) -> None:
    """The author knows its keys and typed its addresses: a stranger's mailbox would get every letter of a circle."""
    ident, path = secrets.token_hex(16), "/watches/obito/invitations"
    an_author("obito").post(path, role="keeper", id=ident, name="Naruto")
    circle.recipient.sign_in()
    got = circle.recipient.post(f"{path}/{ident}/answer", answer=text(b"I will"))
    assert (got.status, got.code) == (409, "card_answers_none")
    assert Person("tenten").join(invitation=ident).status == 201


def test_only_the_author_sees_invitations(circle: Circle) -> None:
    assert circle.keepers[0].get(f"{circle.path}/invitations").status == 404
    assert circle.keepers[0].get(f"{circle.path}/recipients").status == 404


def test_a_lost_answer_to_a_new_recipient_is_given_again(circle: Circle) -> None:
    body = {"name": "Naruto", "zone": "Asia/Tokyo", "handle": "naruto", **circle.recipient.keys_sent()}
    again = circle.author.ask("POST", f"{circle.path}/recipients", body)
    assert (again.status, again["handle"]) == (201, "naruto")
    other = body | {
        "public_key": PersonKeys.new().public.sealing,
        "handle": "naruto",
    }
    assert circle.author.ask("POST", f"{circle.path}/recipients", other).code == "handle_taken"
