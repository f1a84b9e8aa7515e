"""What may happen once happens once, also when many ask for it at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from server.api.world import Answer, Circle, Person, an_author, join_code, models, sealed, sha256
from server.conftest import House

pytestmark = pytest.mark.both_databases

MANY = 6


def at_once(asking: Callable[[Person], Answer], *people: Person) -> list[Answer]:
    """The answers to as many requests as there are people, all let go at the same moment, each on its own thread."""
    from django.db import connections

    together = Barrier(len(people))

    def run(person: Person) -> Answer:
        together.wait()
        try:
            return asking(person)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(run, people))


def twins(person: Person) -> list[Person]:
    """The same person in several places, signed in as they are."""
    found = [Person(person.name, person.handle) for _ in range(MANY)]
    for twin in found:
        twin.token = person.token
    return found


def taken(answers: list[Answer]) -> int:
    return sum(answer.status in (200, 201) for answer in answers)


def take_out(places: list[Person], paths: list[str]) -> list[Answer]:
    """The answers to as many requests that take something out, a path from each place."""
    which = dict(zip(map(id, places), paths, strict=True))
    return at_once(lambda one: one.ask("DELETE", which[id(one)]), *places)


def test_one_check_in_is_counted_once(circle: Circle) -> None:
    from lastwords.signing.check_in import CheckIn

    document = circle.author.signed(
        CheckIn(
            host="http://127.0.0.1:8443",
            author="kakashi",
            moment="2027-01-15T08:00:00Z",
            counter=1,
            heads="0" * 64,
        )
    )
    answers = at_once(
        lambda person: person.post(f"{circle.path}/check-ins", document=document), *twins(circle.author)
    )
    assert taken(answers) == 1
    assert {answer.code for answer in answers if answer.status != 200} == {"counter_low"}
    assert models.Paper.objects.filter(kind="check_in").count() == 1


def test_one_paper_code_is_used_once(circle: Circle) -> None:
    answers = at_once(
        lambda person: person.post(f"{circle.path}/check-ins", code="aaaa1111"), *twins(circle.author)
    )
    assert taken(answers) == 1


def test_the_last_locked_key_stays_when_all_are_taken_out_at_once(circle: Circle) -> None:
    """Whoever clears up in two windows would otherwise have their key on paper alone, or nowhere."""
    places = twins(circle.author)
    for kept in range(20):
        rows = [
            models.LockedKey.objects.create(
                person_id="kakashi", kind="passkey", credential=f"{kept}.{number}", made=1, sealed=b"x"
            ).pk
            for number in range(MANY)
        ]
        answers = take_out(places, [f"/me/locked-keys/{row}" for row in rows])
        assert [answer.code for answer in answers if answer.status != 200] == ["last_way_in"]
        assert models.LockedKey.objects.filter(person="kakashi").count() == 1
        models.LockedKey.objects.all().delete()


def test_the_last_address_stays_when_all_are_taken_out_at_once(circle: Circle) -> None:
    """Without one nobody is asked whether they live."""
    places = twins(circle.author)
    models.Channel.objects.filter(person="kakashi").delete()
    rows = [
        models.Channel.objects.create(
            person_id="kakashi", kind="mail", address=f"{number}@example.org", proven_at=1
        ).pk
        for number in range(MANY)
    ]
    for _ in range(10):
        answers = take_out(places, [f"/me/channels/{row}" for row in rows])
        assert [answer.code for answer in answers if answer.status != 200] == ["channel_last"]
        staying = models.Channel.objects.filter(person="kakashi", leaves__isnull=True)
        assert staying.count() == 1
        models.Channel.objects.filter(person="kakashi").update(leaves=None, leaves_credit=None)


def test_one_challenge_opens_one_session(house: House) -> None:
    author = an_author()
    asked = author.post("/challenges", account="kakashi")
    answer = author.answer_for(asked["challenge"], asked["origin"])
    before = models.Session.objects.count()
    answers = at_once(
        lambda person: person.post("/sessions", account="kakashi", answer=answer), *twins(author)
    )
    assert taken(answers) == 1
    assert models.Session.objects.count() == before + 1


def test_one_join_code_makes_one_author(house: House) -> None:
    code = join_code()
    people = [Person(name) for name in ("sakura", "yamato", "guy", "kurenai")]
    answers = at_once(lambda person: person.join(join_code=code), *people)
    assert taken(answers) == 1
    assert models.Watch.objects.count() == 1


def test_a_file_sent_from_two_places_at_once_is_one_whole_file(house: House) -> None:
    author, data = an_author(), sealed(200_000)
    answers = at_once(lambda person: person.piece(data, sha256(data), len(data), 0), *twins(author))
    assert taken(answers) >= 1
    assert {answer.code for answer in answers} <= {"", "busy", "file_offset"}
    assert author.get(f"/files/{sha256(data)}").raw == data


def test_a_quorum_that_signs_at_the_same_moment_is_counted_whole(circle: Circle) -> None:
    circle.fall_silent()
    made = {keeper.handle: circle.statement(keeper) for keeper in circle.keepers}
    for keeper in circle.keepers:
        keeper.sign_in()
    path = f"{circle.path}/case/statements"
    answers = at_once(lambda keeper: keeper.post(path, **made[keeper.handle]), *circle.keepers)
    assert taken(answers) == len(circle.keepers)
    assert len(circle.watch.statements) == len(circle.keepers)
    assert models.Paper.objects.filter(kind="given").count() == 2 * len(circle.keepers)
