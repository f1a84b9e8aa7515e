"""Phones over the API: a key that can say "I'm here" for one author, and nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from server.api.world import Answer, Circle, Person, an_author, models

from lastwords.signing.keys import to_base64url
from lastwords.signing.phone import PhoneCheckIn

HOST = "http://127.0.0.1:8443"


class APhone:
    """What a browser does with its own key."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public_key, self.credential, self.counter = to_base64url(point), "", 0

    def presses(self, wall: int, **changed: Any) -> dict[str, str]:
        """Signs "I'm here" at this second of the host's clock."""
        self.counter += 1
        moment = datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        fields: dict[str, Any] = {"host": HOST, "author": "kakashi", "credential": self.credential}
        fields |= {"moment": moment, "counter": self.counter}
        document = PhoneCheckIn(**fields | changed)
        signed = document.label().encode() + b"\0" + document.encode()
        r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(SHA256())))
        raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return {"document": document.encode().decode(), "signature": to_base64url(raw)}


def add(circle: Circle, phone: APhone, /, **sign: Any) -> Answer:
    got = circle.author.post(
        f"{circle.path}/phones", public_key=phone.public_key, name="Old phone", sign=sign
    )
    phone.credential = got["credential"] if got.status == 201 else ""
    return got


@pytest.fixture
def phone(circle: Circle) -> APhone:
    """A phone that the author has made a way to check in, with a paper code."""
    circle.paper_codes("aaaa1111", "bbbb2222")
    made = APhone()
    assert add(circle, made, code="aaaa1111").status == 201
    return made


def press(circle: Circle, phone: APhone, by: Person | None = None, **changed: Any) -> Answer:
    sign = phone.presses(circle.house.now().wall, **changed)
    return (by or Person("anyone")).post(f"{circle.path}/check-ins", phone=sign)


def test_a_press_on_the_phone_is_a_strong_sign_and_needs_nobody_who_is_signed_in(
    circle: Circle, phone: APhone
) -> None:
    circle.pass_time(3600)
    got = press(circle, phone)
    assert (got.status, got["stage"], got["counter"]) == (200, "well", 1)
    assert circle.watch.last_sign == circle.house.now()


def test_a_phone_is_added_only_with_a_strong_sign_and_everybody_is_told(
    circle: Circle, phone: APhone
) -> None:
    second = APhone()
    assert add(circle, second, code="aaaa1111").code == "paper_code_refused"
    assert add(circle, second, phone=phone.presses(circle.house.now().wall)).code == "phone_adds_none"
    assert models.Phone.objects.count() == 1
    told = models.Letter.objects.filter(kind="tamper_alarm").values_list("to", flat=True)
    assert set(told) == {"kakashi", *(keeper.handle for keeper in circle.keepers)}


def test_a_phone_is_kept_at_the_place_of_the_authors_own_key(circle: Circle, phone: APhone) -> None:
    places = {one.name: one.place for one in circle.watch.credentials}
    assert places[phone.credential] == places["key"] != places["paper"]


def test_adding_the_same_phone_twice_uses_one_code(circle: Circle, phone: APhone) -> None:
    again = add(circle, phone, code="bbbb2222")
    assert (again.status, again["credential"]) == (201, "phone-1")
    assert models.PaperCode.objects.filter(used__isnull=True).count() == 1


def test_a_press_played_again_is_refused(circle: Circle, phone: APhone) -> None:
    sign = phone.presses(circle.house.now().wall)
    assert circle.author.post(f"{circle.path}/check-ins", phone=sign).status == 200
    assert circle.author.post(f"{circle.path}/check-ins", phone=sign).code == "counter_low"


def test_a_press_that_was_kept_for_hours_counts_and_one_of_yesterday_does_not(
    circle: Circle, phone: APhone
) -> None:
    """Who pressed on Monday may be dead on Friday: a phone that finds signal then must not speak for them."""
    kept, old = phone.presses(circle.house.now().wall), phone.presses(circle.house.now().wall)
    circle.pass_time(20 * 3600)
    assert circle.author.post(f"{circle.path}/check-ins", phone=kept).status == 200
    last = circle.watch.last_sign
    circle.pass_time(5 * 3600)
    for by in (circle.author, Person("anyone")):
        if by.handle == "kakashi":
            by.sign_in()
        assert by.post(f"{circle.path}/check-ins", phone=old).code == "press_too_old"
    assert circle.watch.last_sign == last


@pytest.mark.parametrize("changed", [{"host": "https://elsewhere.example"}, {"author": "obito"}])
def test_a_press_made_for_something_else_is_refused(
    circle: Circle, phone: APhone, changed: dict[str, str]
) -> None:
    assert press(circle, phone, circle.author, **changed).code == "phone_unknown"


def test_a_press_signed_by_another_key_is_refused(circle: Circle, phone: APhone) -> None:
    other = APhone()
    other.credential = phone.credential
    assert press(circle, other, circle.author).code == "bad_signature"


def test_a_phone_that_was_taken_out_speaks_no_more_and_its_name_is_not_used_again(
    circle: Circle, phone: APhone
) -> None:
    for _ in range(2):
        assert circle.author.ask("DELETE", f"{circle.path}/phones/phone-1").status == 200
    assert press(circle, phone, circle.author).code == "phone_unknown"
    again = APhone()
    assert add(circle, again, code="bbbb2222")["credential"] == "phone-2"


def test_to_a_stranger_a_wrong_phone_and_an_author_who_does_not_exist_look_alike(
    circle: Circle, phone: APhone
) -> None:
    wrong, stranger = APhone(), an_author("obito")
    wrong.credential = phone.credential
    sign = wrong.presses(circle.house.now().wall)
    answers = {
        (got.status, got.raw)
        for person in (stranger, Person("anyone"))
        for got in (
            person.post(f"{circle.path}/check-ins", phone=sign),
            person.post("/watches/nobody/check-ins", phone=sign),
        )
    }
    assert len(answers) == 1 and answers.pop()[0] == 409


def test_a_phones_key_opens_no_session_and_adds_nothing(circle: Circle, phone: APhone) -> None:
    """It is no key of a person: no route but the check-in takes what it signs."""
    anyone, sign = Person("anyone"), phone.presses(circle.house.now().wall)
    assert anyone.post("/sessions", account="kakashi", answer=sign["document"]).status == 401
    assert anyone.post(f"{circle.path}/trip", back=2**31, extra=0).status == 401
    assert (
        anyone.post(
            f"{circle.path}/phones", public_key=phone.public_key, name="x", sign={"phone": sign}
        ).status
        == 401
    )


def test_a_key_that_is_no_point_of_the_curve_is_refused(circle: Circle) -> None:
    circle.paper_codes("aaaa1111")
    broken = APhone()
    broken.public_key = to_base64url(bytes(65))
    assert add(circle, broken, code="aaaa1111").code == "bad_key"
    assert models.PaperCode.objects.get().used is None
