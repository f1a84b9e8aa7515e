"""What a browser comes in by: passkeys, locked keys, typed numbers; and that none of them tells a stranger anything."""

import base64
import json
import re
import time
from dataclasses import replace
from typing import Any

import pytest
from server.api.soft_passkey import SoftPasskey
from server.api.test_by_cookie import Page, a_page
from server.api.world import Circle, Person, an_author, join_code, models, sealed, text
from server.conftest import House, a_house

from lastwords.sealing.person import PersonKeys

ORIGIN = "http://localhost:8443"


def reached_by_name(house: House) -> House:
    """The host under a name that browsers make passkeys for. Whoever is served next is configured anew."""
    from django.conf import settings as django_settings

    from lastwords.server import settings

    house.settings = settings._current.settings = replace(house.settings, origin=ORIGIN)
    django_settings.CSRF_TRUSTED_ORIGINS = [ORIGIN]
    return house


@pytest.fixture
def house(house: House) -> House:
    return reached_by_name(house)


@pytest.fixture
def page(house: House) -> Page:
    return a_page(house, an_author())


def a_locked_key(keys: PersonKeys | None = None) -> bytes:
    """A key under a passphrase, as the browser makes it: of the one form that is taken."""
    from lastwords.sealing import age

    data = f"{(keys or PersonKeys.new()).secret_key}\n".encode()
    return age.seal_with_passphrase(data, "a passphrase", work_factor=10).replace(b" 10\n", b" 18\n", 1)


def add_passkey(page: Page, device: SoftPasskey, **more: Any) -> Any:
    asked = page.post("/me/passkeys/asked").body
    body = {
        "name": "A laptop",
        "place": "device",
        "ticket": asked["ticket"],
        "credential": device.made(asked),
    }
    return page.post("/me/passkeys", **body | more)


def sign_in(page: Page, device: SoftPasskey, **changed: Any) -> Any:
    asked = page.post("/passkeys/asked").body
    return page.post("/passkeys/answered", ticket=asked["ticket"], credential=device.used(asked, **changed))


# Passkeys.


def test_a_passkey_signs_in_and_brings_the_locked_key_that_it_opens(house: House, page: Page) -> None:
    device = SoftPasskey(ORIGIN)
    made = add_passkey(page, device)
    assert made.status == 201, made.body
    copy = sealed()
    body = {"kind": "passkey", "credential": made["credential"], "sealed": text(copy)}
    assert page.ask("PUT", "/me/locked-keys", body).status == 201
    other = Page(page.person, ORIGIN).load()
    got = sign_in(other, device)
    assert (got.status, got["handle"]) == (201, "kakashi")
    assert base64.b64decode(got["sealed"]) == copy
    other.form_token = got["form_token"]
    assert other.ask("GET", "/me")["handle"] == "kakashi"


def test_what_a_passkey_gives_out_for_its_person_is_thrown_away_unread(page: Page) -> None:
    device = SoftPasskey(ORIGIN)
    asked = page.post("/me/passkeys/asked").body
    results = {"credProps": {"rk": True}, "prf": {"results": {"first": "c2VjcmV0"}}}
    sent = device.made(asked, clientExtensionResults=results)
    got = page.post("/me/passkeys", name="A", place="device", ticket=asked["ticket"], credential=sent)
    assert (got.status, got.code) == (422, "secret_sent")
    assert add_passkey(page, device).status == 201
    assert sign_in(page, device, clientExtensionResults={"prf": {}}).code == "secret_sent"


@pytest.mark.parametrize("wrong", ["another origin", "nobody verified", "another key", "junk"])
def test_a_passkey_that_is_not_what_it_should_be_is_refused(house: House, page: Page, wrong: str) -> None:
    device = SoftPasskey(ORIGIN)
    assert add_passkey(page, device).status == 201
    other = Page(page.person, ORIGIN).load()
    changed: dict[str, Any] = {}
    if wrong == "another origin":
        device.origin = "http://sub.localhost:8443"
    elif wrong == "nobody verified":
        device.verified = False
    elif wrong == "another key":
        device.key = SoftPasskey(ORIGIN).key
    else:
        changed = {"response": {"clientDataJSON": 7}}
    got = sign_in(other, device, **changed)
    assert (got.status, got.code) == (401, "passkey_refused")
    assert other.ask("GET", "/me").status == 401


def test_a_question_is_answered_once_and_in_its_time(page: Page) -> None:
    device = SoftPasskey(ORIGIN)
    add_passkey(page, device)
    asked = page.post("/passkeys/asked").body
    body = {"ticket": asked["ticket"], "credential": device.used(asked)}
    assert page.post("/passkeys/answered", **body).status == 201
    again = Page(page.person, ORIGIN).load()
    assert again.post("/passkeys/answered", **body).code == "passkey_refused"
    for spelled in ("=", "=="):
        other = body | {"ticket": body["ticket"] + spelled}
        assert again.post("/passkeys/answered", **other).code == "passkey_refused", "the same question"
    made_up = body | {"ticket": "gAAAAAB" + "A" * 100}
    assert again.post("/passkeys/answered", **made_up).code == "passkey_refused"


def test_a_passkey_is_made_only_by_a_person_who_was_just_proven(house: House, page: Page) -> None:
    device = SoftPasskey(ORIGIN)
    assert add_passkey(page, device).status == 201
    house.source.move(301)
    assert page.post("/me/passkeys/asked").code == "prove_again"
    assert sign_in(page, device).status == 201
    assert page.post("/me/passkeys/asked").status == 200


def test_a_passkey_says_i_am_here_without_an_open_key(page: Page) -> None:
    device = SoftPasskey(ORIGIN)
    assert add_passkey(page, device)["counts_as"] == "passkey"
    asked = page.post("/passkeys/asked").body
    passkey = {"ticket": asked["ticket"], "credential": device.used(asked)}
    got = page.post("/watches/kakashi/check-ins", passkey=passkey)
    assert got.code == "not_armed", got.body  # it came as far as the machine, which waits for the plan
    assert page.post("/watches/kakashi/check-ins", passkey=passkey).code == "passkey_refused"


def test_what_somebody_has_before_becoming_an_author_counts_afterwards(circle: Circle) -> None:
    reached_by_name(circle.house)
    keeper = circle.keepers[0]
    page = a_page(circle.house, keeper)
    assert add_passkey(page, SoftPasskey(ORIGIN))["counts_as"] is None
    assert page.post("/watches", join_code=join_code()).status == 201
    assert page.ask("GET", "/me/passkeys").body[0]["counts_as"] == "passkey"
    credentials = page.ask("GET", f"/watches/{keeper.handle}")["state"]["credentials"]
    assert [one["name"] for one in credentials] == ["key", "passkey"]


# Locked keys.


def test_a_locked_key_is_given_to_anyone_and_its_absence_looks_the_same(house: House, page: Page) -> None:
    keys = page.person.keys
    put = {"kind": "passphrase", "credential": "", "sealed": text(a_locked_key(keys))}
    assert page.ask("PUT", "/me/locked-keys", put).status == 201
    an_author("obito")
    nobody = Person("rin")
    given = {
        name: nobody.post("/locked-keys", account=name) for name in ("kakashi", "obito", "rin", "zabuza")
    }
    raw = {name: base64.b64decode(got["sealed"]) for name, got in given.items()}
    assert text(raw["kakashi"]) == put["sealed"]
    assert {got.status for got in given.values()} == {200}
    assert len({len(got.raw) for got in given.values()}) == 1
    assert len({frozenset(got.headers) for got in given.values()}) == 1
    form = re.compile(
        rb"age-encryption\.org/v1\n-> scrypt [\w+/]{22} 18\n[\w+/]{43}\n--- [\w+/]{43}\n.{110}", re.DOTALL
    )
    assert all(form.fullmatch(one) for one in raw.values())
    assert len(set(raw.values())) == 4
    again = {name: base64.b64decode(nobody.post("/locked-keys", account=name)["sealed"]) for name in raw}
    assert again == raw, "the same each time, whoever is meant"


def test_what_looks_like_a_locked_key_can_be_read_as_one_up_to_its_passphrase(house: House) -> None:
    """A stranger's program must not be able to tell it by a malformed head."""
    from lastwords.sealing import age
    from lastwords.sealing.refusals import NoKeyFits

    for name in ("rin", "zabuza", "haku"):
        given = base64.b64decode(Person("rin").post("/locked-keys", account=name)["sealed"])
        with pytest.raises(NoKeyFits):
            age.open_with_passphrase(given, "a passphrase")


def test_the_decoys_are_of_this_host_alone(house: House, migrated: Any, tmp_path: Any) -> None:
    one = Person("rin").post("/locked-keys", account="rin")["sealed"]
    with a_house(migrated, tmp_path / "another"):
        assert Person("rin").post("/locked-keys", account="rin")["sealed"] != one


UNFIT = {
    "open": b"AGE-SECRET-KEY-PQ-1" + b"Q" * 58 + b"\n",
    "longer": a_locked_key() + b"x",
    "easier to try": a_locked_key().replace(b" 18\n", b" 10\n"),
    "armoured": b"-----BEGIN AGE ENCRYPTED FILE-----\n",
}


@pytest.mark.parametrize("how", UNFIT)
def test_a_locked_key_of_another_form_is_not_taken(page: Page, how: str) -> None:
    put = {"kind": "passphrase", "credential": "", "sealed": text(UNFIT[how])}
    assert page.ask("PUT", "/me/locked-keys", put).code == "locked_key_unfit"
    assert not models.LockedKey.objects.exists()


def test_a_locked_key_belongs_to_a_passkey_that_is_there(page: Page) -> None:
    put = {"kind": "passkey", "credential": "AAAA", "sealed": text(sealed())}
    assert page.ask("PUT", "/me/locked-keys", put).code == "locked_key_unfit"


def test_the_last_locked_key_stays_and_a_new_passphrase_takes_the_old_ones_place(page: Page) -> None:
    for _ in range(2):
        put = {"kind": "passphrase", "credential": "", "sealed": text(a_locked_key())}
        assert page.ask("PUT", "/me/locked-keys", put).status == 201
    (only,) = page.ask("GET", "/me/locked-keys").body
    assert only["sealed"] == put["sealed"]
    assert page.ask("DELETE", f"/me/locked-keys/{only['id']}").code == "last_way_in"


def test_author_and_keepers_are_told_of_a_new_way_to_the_authors_key(circle: Circle) -> None:
    page = a_page(circle.house, circle.author)
    put = {"kind": "passphrase", "credential": "", "sealed": text(a_locked_key())}
    assert page.ask("PUT", "/me/locked-keys", put).status == 201
    told = models.Letter.objects.filter(kind="tamper_alarm")
    assert {letter.to for letter in told} == {"kakashi", *(keeper.handle for keeper in circle.keepers)}
    assert all(json.loads(letter.facts)["new_credential"] == 1 for letter in told)


# Numbers and recovery codes.


def number(secret: str, step: int = 0) -> str:
    from allauth.mfa.totp.internal import auth

    return str(auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30 + step)))


def an_authenticator(page: Page) -> str:
    asked = page.post("/me/authenticator/asked").body
    got = page.post("/me/authenticator", ticket=asked["ticket"], code=number(asked["secret"]), place="phone")
    assert got.status == 201, got.body
    return str(asked["secret"])


def test_a_number_is_a_strong_check_in_once_from_anywhere(circle: Circle) -> None:
    secret = an_authenticator(a_page(circle.house, circle.author))
    anyone = Person("kakashi")
    got = anyone.post(f"{circle.path}/check-ins", code=number(secret))
    assert (got.status, got["stage"]) == (200, "well")
    for code in (number(secret), number(secret, -1), "000000"):
        assert anyone.post(f"{circle.path}/check-ins", code=code).code == "name_or_code"
    spaced = number(secret, 1)
    assert anyone.post(f"{circle.path}/check-ins", code=f"{spaced[:3]} {spaced[3:]}").status == 200


def test_numbers_that_are_guessed_end_after_ten_a_day_and_are_told(circle: Circle) -> None:
    secret = an_authenticator(a_page(circle.house, circle.author))
    anyone = Person("kakashi")
    for guess in range(10):
        anyone.post(f"{circle.path}/check-ins", code=f"{guess:06d}")
    assert anyone.post(f"{circle.path}/check-ins", code=number(secret)).code == "name_or_code"
    assert models.Attempts.objects.get(key="sign_in_failed:kakashi").count >= 10
    own = circle.author.post(f"{circle.path}/check-ins", code=number(secret))
    assert own.status == 200, "the author's own tries are counted apart"


def test_a_number_for_an_author_who_does_not_exist_is_answered_like_a_wrong_one(circle: Circle) -> None:
    real = Person("x").post(f"{circle.path}/check-ins", code="123456")
    none = Person("x").post("/watches/zabuza/check-ins", code="123456")
    assert (real.status, real.raw) == (none.status, none.raw) == (404, none.raw)


def test_a_number_for_somebody_who_is_not_here_costs_the_host_the_same_work(circle: Circle) -> None:
    """What is written is what takes time, so an answer that comes sooner tells nobody who is here."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    written = {}
    for name in ("kakashi", "zabuza") * 2:
        with CaptureQueriesContext(connection) as asked:
            Person("x").post(f"/watches/{name}/check-ins", code="123456")
        verbs = [one["sql"].split()[0] for one in asked.captured_queries]
        written[name] = [verb for verb in verbs if verb in ("INSERT", "UPDATE", "DELETE")]
    assert written["kakashi"] == written["zabuza"] != []


@pytest.mark.both_databases
def test_a_number_proves_the_person_once(circle: Circle) -> None:
    page = a_page(circle.house, circle.author)
    secret = an_authenticator(page)
    circle.house.source.move(301)
    assert page.post("/me/recovery-codes").code == "prove_again"
    assert page.post("/me/proof", code=number(secret)).status == 200
    assert page.post("/me/recovery-codes").status == 201
    assert page.post("/me/proof", code=number(secret)).code == "typed_code_refused"


def test_a_recovery_code_proves_the_person_once_and_is_no_check_in(house: House, page: Page) -> None:
    an_authenticator(page)
    codes = page.post("/me/recovery-codes")["codes"]
    assert page.post("/watches/kakashi/check-ins", code=codes[0]).code == "paper_code_refused"
    house.source.move(301)
    assert page.ask("DELETE", "/me/authenticator").code == "prove_again"
    assert page.post("/me/proof", code=codes[0]).status == 200
    assert page.post("/me/proof", code=codes[0]).code == "typed_code_refused"
    assert page.ask("GET", "/me/second-factors")["recovery_codes"] == 9
    assert page.ask("DELETE", "/me/authenticator").status == 200
    assert page.ask("GET", "/me/second-factors")["authenticator"] is False


def test_no_secret_of_a_second_factor_lies_open_in_the_database(house: House, page: Page) -> None:
    secret = an_authenticator(page)
    codes = page.post("/me/recovery-codes")["codes"]
    raw = (house.data / "lastwords.sqlite3").read_bytes()
    log = house.data / "lastwords.sqlite3-wal"
    raw += log.read_bytes() if log.exists() else b""
    assert b"totp" in raw and b"recovery_codes" in raw
    for one in (
        secret,
        *codes,
        base64.b32decode(secret).hex(),
        base64.b64encode(base64.b32decode(secret)).decode(),
    ):
        assert one.encode() not in raw
    from allauth.mfa.models import Authenticator

    seed = Authenticator.objects.get(type="recovery_codes").data["seed"]
    from lastwords.server import adapters

    assert adapters.opened(seed) != seed
    assert adapters.opened(seed).encode() not in raw
