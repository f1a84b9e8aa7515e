"""New keys over the API: asked for by whoever lost every copy, vouched for after a call, heard of, waited for (T39)."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, combinations
from typing import Any

import pytest
from server.api.world import MOMENT, Answer, Circle, Person, an_author, keys_of, models, verify
from server.conftest import Way

from lastwords.signing.documents import sign
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.new_keys import NewKeys

DAY = 86_400
OLD = ("kakashi@example.org", "copy@example.net", "icha@example.com")
"""Addresses of the author, proven long before anything is lost."""


def reachable(circle: Circle, person: str = "kakashi", *addresses: str) -> None:
    for address in addresses or OLD:
        models.Channel.objects.create(
            person_id=person, kind="mail", address=address, proven_at=circle.house.now().wall - 30 * DAY
        )


def anew(person: Person) -> Person:
    """The same person with new keys, not signed in: every copy of the old ones is lost."""
    other = Person(person.name, person.handle)
    other.keys = keys_of(f"{person.name} anew")
    return other


def ask(new: Person, account: str = "", **changed: Any) -> Answer:
    account = account or new.handle
    asked = new.post("/challenges", account=account)
    answer = new.answer_for(asked["challenge"], asked["origin"], account)
    return new.post("/new-keys", **{"account": account, "answer": answer} | new.keys_sent() | changed)


def word(voucher: Person, new: Person, old: Person, /, **changed: Any) -> str:
    """The word of a voucher for somebody's new keys."""
    public = new.keys.public
    own = voucher.handle == new.handle
    fields: dict[str, Any] = {
        "person": new.handle,
        "before": fingerprint(old.keys.public.signing),
        "sealing": public.sealing_fingerprint,
        "signing": public.signing_fingerprint,
        "sign_in": public.sign_in_fingerprint,
        "voucher": voucher.handle,
        "by": "old key" if own else "voice",
        "moment": MOMENT,
    }
    return sign(NewKeys(**fields | changed), voucher.keys.signing).data.decode()


def seen_by(person: Person) -> list[Any]:
    if person.away:
        person.sign_in()
    return list(person.get("/new-keys")["others"])


def vouch(keeper: Person, new: Person, old: Person, /, **changed: Any) -> Answer:
    row = next(one for one in seen_by(keeper) if one["sign_in_key"] == new.keys.public.sign_in)
    return keeper.post(f"/new-keys/{row['id']}/vouching", document=word(keeper, new, old, **changed))


class Mail:
    """The far side: takes every letter but those to addresses that are muted."""

    def __init__(self, circle: Circle, *muted: str) -> None:
        from lastwords.server import outbox, store

        self.circle, self.way = circle, Way({one: ["refused"] for one in muted})
        self.box = outbox.Outbox(store.here(), {"mail": self.way}, "Last Words", "https://words.example.org")

    def day(self, days: float = 1) -> None:
        """Time goes on, letters are tried, and what is due is done."""
        from lastwords.server import new_keys, store

        now = self.circle.house.leap(round(days * DAY))
        for person in (self.circle.author, self.circle.recipient, *self.circle.keepers):
            person.away = True
        self.box.run_all(now)
        new_keys.look(store.here(), now)

    def wait(self) -> None:
        """Three weeks, looked at now and then."""
        for days in (1, 6, 7.5, 0, 7, 0):
            self.day(days)


def key_of(handle: str) -> str:
    return str(models.Person.objects.get(handle=handle).signing_key)


def stage() -> str:
    return str(models.KeyAsking.objects.order_by("-pk").first().stage)


def asked_and_vouched(circle: Circle, *muted: str) -> tuple[Person, Mail]:
    reachable(circle)
    new = anew(circle.author)
    assert ask(new).status == 202
    assert vouch(circle.keeper("sakura"), new, circle.author).status == 200
    return new, Mail(circle, *muted)


# The whole way.


def test_an_author_who_lost_everything_comes_back_with_new_keys(circle: Circle) -> None:
    new, mail = asked_and_vouched(circle)
    for days in (0, 7, 6.9, 0.2, 0):
        assert key_of("kakashi") == circle.author.keys.public.signing or days == 0
        mail.day(days)
    assert key_of("kakashi") == new.keys.public.signing
    assert new.sign_in().status == 201
    assert circle.author.sign_in().code == "sign_in_refused"
    first, second, last = mail.way.to("kakashi@example.org")
    assert ({first, second}, last) == (
        {"Somebody asks for new keys in your name", "New keys for your account are waiting"},
        "Your account has new keys",
    )


def test_everybody_who_knows_them_hears_of_it_twice_and_no_recipient_does(circle: Circle) -> None:
    reachable(circle, "guy", "guy@example.org")
    _, mail = asked_and_vouched(circle)
    mail.wait()
    assert mail.way.to("guy@example.org") == [
        "New keys for Kakashi are waiting",
        "Kakashi has new keys",
    ]
    assert mail.way.to("naruto@example.org") == []


def test_the_change_stands_in_the_record_with_the_word_it_rests_on(circle: Circle) -> None:
    new, mail = asked_and_vouched(circle)
    mail.wait()
    paper = models.Paper.objects.get(watch_id="kakashi", kind="new_keys")
    assert paper.name == "kakashi" and b'"by":"voice"' in bytes(paper.body)
    rows = [bytes(row.body) for row in models.LogRow.objects.filter(watch_id="kakashi") if row.body]
    assert any(b'"change_keys"' in row and paper.sha256.encode() in row for row in rows)
    host = [bytes(row.body) for row in models.HostRow.objects.order_by("number")]
    kinds = [
        kind
        for kind in ("keys_asked", "keys_vouched", "keys_waiting", "keys_carried")
        if any(kind.encode() in row for row in host)
    ]
    assert kinds == ["keys_asked", "keys_vouched", "keys_waiting", "keys_carried"]
    assert new.sign_in().status == 201


def test_new_keys_continue_the_authors_tracks_with_the_word_and_not_without(circle: Circle) -> None:
    from lastwords.server import new_keys

    before = circle.author
    new, mail = asked_and_vouched(circle)
    mail.wait()
    assert new.sign_in().status == 201
    assert set(circle.watch.keys_due) == {track.key for track in circle.watch.tracks}
    circle.author = new
    manifest, files = circle.manifest()
    assert circle.send(manifest, files).code == "not_linked"
    said = new_keys.words_of(models.Person.objects.get(handle="kakashi"))
    manifest, files = circle.manifest(succession=said[-1].digest)
    assert circle.send(manifest, files).status == 201
    assert "died.naruto" not in circle.watch.keys_due
    assert before.keys is not new.keys


def test_a_keeper_with_new_keys_counts_once_the_author_verified_them_anew(circle: Circle) -> None:
    keeper = circle.keeper("guy")
    reachable(circle, "guy", "guy@example.org")
    new = anew(keeper)
    ask(new)
    assert vouch(circle.author, new, keeper).status == 200
    mail = Mail(circle)
    mail.wait()
    assert circle.watch.seat("guy").stage == "accepted"  # type: ignore[union-attr]
    assert new.sign_in().status == 201
    circle.author.sign_in()
    assert verify(circle.author, keeper).code == "keys_differ"
    assert verify(circle.author, new).status == 200


def test_whoever_holds_the_old_key_asks_and_vouches_in_one(circle: Circle) -> None:
    reachable(circle)
    new, old = anew(circle.author), circle.author
    asked = old.post("/challenges", account="kakashi")
    body = new.keys_sent() | {"account": "kakashi", "document": word(old, new, old)}
    answer = new.answer_for(asked["challenge"], asked["origin"])
    got = old.post("/me/new-keys", answer=answer, **body)
    assert (got.status, got["stage"], got["by"]) == (201, "vouched", "kakashi")
    mail = Mail(circle)
    mail.wait()
    assert key_of("kakashi") == new.keys.public.signing
    shown = circle.keeper("sakura")
    shown.sign_in()
    (followed,) = shown.get("/people/kakashi/new-keys")["followed"]
    assert followed["signing_key"] == followed["voucher_key"] == old.keys.public.signing


# No way through it is silent.


def subsets(of: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(of, size) for size in range(len(of) + 1))


PATHS = (
    "a keeper vouches",
    "the old key vouches",
    "nobody vouches",
    "refused by the person",
    "refused by a keeper",
)


def walk(circle: Circle, path: str, muted: tuple[str, ...]) -> Mail:
    """One way of somebody who wants the author's account, with some of the author's addresses muted."""
    reachable(circle)
    thief, author, mail = anew(circle.author), circle.author, Mail(circle, *muted)
    ask(thief)
    row = models.KeyAsking.objects.get()
    if path == "the old key vouches":
        author.post(f"/new-keys/{row.pk}/vouching", document=word(author, thief, author))
    elif path != "nobody vouches":
        vouch(circle.keeper("sakura"), thief, author)
    mail.day(2)
    if path.startswith("refused"):
        who = author if path.endswith("person") else circle.keeper("guy")
        who.sign_in()
        assert who.post(f"/new-keys/{row.pk}/no")["stage"] == "refused"
    mail.wait()
    return mail


def silent(mail: Mail, path: str) -> bool:
    """Whether the keys are others now though no old address took a letter, or nobody vouched, or somebody said no."""
    if key_of("kakashi") == mail.circle.author.keys.public.signing:
        return False
    heard = any("New keys for your account are waiting" in mail.way.to(address) for address in OLD)
    return not heard or path not in PATHS[:2]


@pytest.mark.parametrize("path", PATHS)
def test_no_way_to_new_keys_is_silent_whatever_addresses_are_muted(
    worlds: Callable[[str], Circle], figure: Callable[[str], None], path: str
) -> None:
    taken = 0
    for number, muted in enumerate(subsets(OLD)):
        mail = walk(worlds(str(number)), path, muted)
        assert not silent(mail, path), muted
        changed = key_of("kakashi") != mail.circle.author.keys.public.signing
        assert changed == (path in PATHS[:2] and set(muted) != set(OLD))
        taken += changed
    figure(f"new keys, {path}: 8 sets of muted addresses, {taken} carried through, 0 silent")


@contextmanager
def careless() -> Iterator[None]:
    """The planted fault: any address counts as told, the stranger's own and those that refuse."""
    from lastwords.server import new_keys

    right, new_keys._is_told = new_keys._is_told, lambda row: True
    try:
        yield
    finally:
        new_keys._is_told = right


def test_a_service_that_takes_the_letter_for_granted_is_caught(circle: Circle) -> None:
    with careless():
        assert silent(walk(circle, PATHS[0], OLD), PATHS[0])


def test_an_address_that_was_added_lately_is_not_an_old_one(circle: Circle) -> None:
    now = circle.house.now().wall
    models.Channel.objects.create(person_id="kakashi", address="thief@example.org", proven_at=now - 13 * DAY)
    new, mail = asked_and_vouched(circle, *OLD)
    mail.wait()
    assert "New keys for your account are waiting" in mail.way.to("thief@example.org")
    assert stage() == "vouched" and key_of("kakashi") != new.keys.public.signing


def test_a_letter_that_comes_back_begins_the_wait_anew(circle: Circle) -> None:
    _, mail = asked_and_vouched(circle, *OLD[1:])
    for _ in range(10):
        mail.day()
    assert stage() == "waiting"
    row = models.KeyAsking.objects.get()
    mail.way.script["kakashi@example.org"] = ["refused"]
    mail.box.bounced(row.letter, "mail:kakashi@example.org", circle.house.now())
    mail.day(10)
    assert stage() == "vouched"


# Who may, and what may not.


def test_a_no_by_a_paper_code_ends_it_and_uses_the_code_up(circle: Circle) -> None:
    circle.paper_codes("abcd")
    new, mail = asked_and_vouched(circle)
    stranger = Person("obito")
    assert stranger.post("/new-keys/no", account="kakashi", code="abce").code == "name_or_code"
    assert stranger.post("/new-keys/no", account="nobody", code="abcd").code == "name_or_code"
    assert stranger.post("/new-keys/no", account="kakashi", code="abcd")["refused"] == 1
    assert stranger.post("/new-keys/no", account="kakashi", code="abcd").code == "name_or_code"
    mail.wait()
    assert key_of("kakashi") == circle.author.keys.public.signing


def test_a_name_that_is_not_here_is_answered_alike(circle: Circle) -> None:
    known, unknown = ask(anew(circle.author)), ask(Person("obito"), "nobody-here")
    assert (known.status, known.raw) == (unknown.status, unknown.raw)
    assert models.KeyAsking.objects.count() == 1


def test_a_recipient_who_has_only_a_card_is_never_written_to(circle: Circle) -> None:
    got = ask(anew(circle.recipient))
    assert (got.status, got["stage"]) == (202, "asked")
    assert not models.KeyAsking.objects.exists() and not models.Letter.objects.filter(to="naruto").exists()


def test_whoever_asks_has_the_new_keys(circle: Circle) -> None:
    new = anew(circle.author)
    assert ask(new, answer=circle.author.answer_for("x", "http://127.0.0.1:8443")).code == "sign_in_refused"
    assert ask(new, public_key="age1pq1short").code == "key_unfit"
    assert ask(circle.author).code == "key_unfit"


def test_a_name_that_is_not_here_is_answered_alike_the_second_time_and_the_twentieth(circle: Circle) -> None:
    """An asking that newer ones pushed out, and the same one sent again and again."""
    answers: dict[str, list[Any]] = {"kakashi": [], "zabuza": []}
    for name, got in answers.items():
        others = [Person(name) for _ in range(5)]
        for number, one in enumerate(others):
            one.keys = keys_of(f"a stranger's {number}")
        for one in (*others, others[0], *[others[4]] * 15):
            said = ask(one)
            got.append((said.status, said.body))
    assert answers["kakashi"] == answers["zabuza"]
    assert {status for status, _ in answers["kakashi"]} == {202, 429}


def test_only_whoever_knows_them_sees_an_asking_vouches_for_it_or_refuses_it(circle: Circle) -> None:
    new = anew(circle.author)
    ask(new)
    row = models.KeyAsking.objects.get().pk
    circle.recipient.sign_in()
    for other in (an_author("asuma"), circle.recipient):
        assert seen_by(other) == []
        assert other.post(f"/new-keys/{row}/no").code == "not_found"
        document = word(other, new, circle.author)
        assert other.post(f"/new-keys/{row}/vouching", document=document).code == "not_found"
    assert [one["id"] for one in circle.author.get("/new-keys")["own"]] == [row]


def test_a_word_about_other_keys_is_refused(circle: Circle) -> None:
    reachable(circle)
    new, sakura = anew(circle.author), circle.keeper("sakura")
    ask(new)
    for changes, code in (
        ({"signing": "a" * 64}, "keys_differ"),
        ({"before": "a" * 64}, "document_elsewhere"),
        ({"person": "guy"}, "document_elsewhere"),
        ({"voucher": "guy"}, "document_elsewhere"),
    ):
        assert vouch(sakura, new, circle.author, **changes).code == code
    assert vouch(sakura, new, circle.author).status == 200
    assert vouch(circle.keeper("guy"), new, circle.author).code == "keys_vouched"


def test_a_voucher_whose_seat_was_suspended_takes_their_word_with_them(circle: Circle) -> None:
    _, mail = asked_and_vouched(circle)
    mail.day(2)
    assert stage() == "waiting"
    circle.author.sign_in()
    assert circle.author.post(f"{circle.path}/keepers/sakura/suspend").status == 200
    mail.day()
    assert stage() in ("asked", "lapsed")
    mail.wait()
    assert key_of("kakashi") == circle.author.keys.public.signing


def strangers(first: int, count: int) -> None:
    """So many people ask in Kakashi's name whom he does not know."""
    for number in range(first, first + count):
        assert ask(Person(f"stranger-{number}", "kakashi")).status == 202


def test_many_askings_fill_neither_the_table_nor_a_mailbox_nor_the_log(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lastwords.server import new_keys

    reachable(circle)
    monkeypatch.setattr(new_keys, "MOST_OPEN", 4)
    strangers(0, 8)
    assert models.KeyAsking.objects.count() == 4
    assert models.Letter.objects.filter(kind="keys_asked").count() == 1
    assert len(host_rows("keys_asked")) == 1
    circle.house.leap(DAY)
    strangers(8, 2)
    assert len(host_rows("keys_asked")) == 2


def host_rows(kind: str) -> list[dict[str, Any]]:
    """The rows of this kind in the host's own log."""
    bodies = [json.loads(bytes(row.body)) for row in models.HostRow.objects.order_by("number")]
    return [body for body in bodies if body["kind"] == kind]


def refused_by_code(circle: Circle) -> None:
    assert Person("obito").post("/new-keys/no", account="kakashi", code="abcd")["refused"] == 4


def refused_by_a_keeper(circle: Circle) -> None:
    sakura = circle.keeper("sakura")
    newest = seen_by(sakura)[0]["id"]
    got = sakura.post(f"/new-keys/{newest}/no", older=True)
    assert (got["stage"], got["refused"]) == ("refused", 4)


@pytest.mark.parametrize("refuse", [refused_by_code, refused_by_a_keeper])
def test_one_no_to_many_askings_is_one_letter_and_one_row_that_names_them_all(
    circle: Circle, refuse: Callable[[Circle], None]
) -> None:
    circle.paper_codes("abcd")
    strangers(0, 4)
    refuse(circle)
    assert not models.KeyAsking.objects.exclude(stage="refused").exists()
    assert models.Letter.objects.filter(kind="keys_refused").count() == 1
    (row,) = host_rows("keys_refused")
    assert row["askings"] == {fingerprint(one.signing_key): "" for one in models.KeyAsking.objects.all()}


def test_a_no_to_all_leaves_what_somebody_vouched_for_and_what_was_asked_since(circle: Circle) -> None:
    """Between the look at a page and the press on its button the person may have asked, or been vouched for."""
    reachable(circle)
    strangers(0, 2)
    new, late = anew(circle.author), Person("late", "kakashi")
    ask(new)
    guy = circle.keeper("guy")
    newest = seen_by(guy)[0]["id"]
    assert vouch(circle.keeper("sakura"), new, circle.author).status == 200
    ask(late)
    got = guy.post(f"/new-keys/{newest}/no", older=True)
    assert (got["stage"], got["refused"]) == ("vouched", 2)
    stages = list(models.KeyAsking.objects.order_by("pk").values_list("stage", flat=True))
    assert stages == ["refused", "refused", "vouched", "asked"]


def statements_of(work: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        work()
    return len(asked)


def test_askings_of_strangers_cost_a_round_nothing_until_they_are_over(circle: Circle) -> None:
    from lastwords.server import new_keys, store

    def look() -> None:
        new_keys.look(store.here(), circle.house.now())

    none = statements_of(look)
    strangers(0, 5)
    assert statements_of(look) == none
    circle.house.leap(8 * DAY)
    assert statements_of(look) > none
    assert not models.KeyAsking.objects.exclude(stage="lapsed").exists()


def test_an_asking_of_a_time_when_the_clock_was_years_ahead_is_forgotten_all_the_same(circle: Circle) -> None:
    from lastwords.server import new_keys, store

    strangers(0, 1)
    models.KeyAsking.objects.update(asked=circle.house.now().wall + 3650 * DAY)
    new_keys.look(store.here(), circle.house.leap(8 * DAY))
    assert stage() == "lapsed"


def with_the_old_key(author: Person, new: Person) -> Answer:
    """Whoever is signed in and holds the old key asks, and vouches with it."""
    asked = new.post("/challenges", account="kakashi")
    answer = new.answer_for(asked["challenge"], asked["origin"], "kakashi")
    sent = {"account": "kakashi", "answer": answer, "document": word(author, new, author)}
    return author.post("/me/new-keys", **sent, **new.keys_sent())


def test_strangers_who_ask_in_somebodys_name_do_not_keep_them_from_asking_with_the_old_key(
    circle: Circle,
) -> None:
    """Twenty requests an hour by anybody who knows a handle, and its owner would never get other keys."""
    for number in range(21):
        stranger = ask(Person(f"stranger-{number}", "kakashi"))
    assert stranger.code == "too_often"
    circle.author.sign_in()
    new = anew(circle.author)
    assert with_the_old_key(circle.author, new)["stage"] == "vouched"
    assert [with_the_old_key(circle.author, new).code for _ in range(20)][-1] == "too_often"


def keeper_sees(circle: Circle, new: Person) -> bool:
    return new.keys.public.sign_in in [row["sign_in_key"] for row in seen_by(circle.keeper("sakura"))]


def test_however_many_strangers_asked_before_the_person_is_heard(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four requests a day by anybody who knows a handle, and its owner would have asked in vain, unknowing."""
    from lastwords.server import new_keys

    reachable(circle)
    new = anew(circle.author)
    strangers(0, 8)
    assert ask(new).status == 202
    assert keeper_sees(circle, new)
    monkeypatch.setattr(new_keys, "MOST_OPEN", 9)
    late = Person("late", "kakashi")
    assert ask(late).raw == ask(Person("obito"), "nobody-here").raw
    assert keeper_sees(circle, late), "the oldest makes place"
    assert keeper_sees(circle, new)
    assert vouch(circle.keeper("sakura"), new, circle.author).status == 200


def kept_for_hours(circle: Circle) -> int:
    """How many whole hours an asking keeps its place, while strangers ask as often as they are let."""
    from lastwords.server import new_keys

    new = anew(circle.author)
    assert ask(new).status == 202
    strangers(0, new_keys.MOST_AN_HOUR - 1)
    for hour in range(24):
        circle.house.leap(3600)
        circle.keeper("sakura").away = True
        if not keeper_sees(circle, new):
            return hour
        strangers((hour + 1) * new_keys.MOST_AN_HOUR, new_keys.MOST_AN_HOUR)
    return 24


def test_an_asking_keeps_its_place_for_hours_whoever_asks_after_it(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time to reach a keeper. Both bounds are a fifth here of what they are."""
    from lastwords.server import new_keys

    monkeypatch.setattr(new_keys, "MOST_AN_HOUR", new_keys.MOST_AN_HOUR // 5)
    monkeypatch.setattr(new_keys, "MOST_OPEN", new_keys.MOST_OPEN // 5)
    assert kept_for_hours(circle) == 6


def test_few_places_would_be_found(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: strangers push an asking out before anybody has been called."""
    from lastwords.server import new_keys

    monkeypatch.setattr(new_keys, "MOST_OPEN", 4)
    assert kept_for_hours(circle) == 0


def test_an_asking_that_was_pushed_out_is_asked_anew_when_it_is_sent_again(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lastwords.server import new_keys

    monkeypatch.setattr(new_keys, "MOST_OPEN", 4)
    new = anew(circle.author)
    ask(new)
    strangers(0, 4)
    assert not keeper_sees(circle, new)
    assert ask(new)["stage"] == "asked"
    assert keeper_sees(circle, new)


def test_what_somebody_has_vouched_for_makes_place_for_nobody(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lastwords.server import new_keys

    monkeypatch.setattr(new_keys, "MOST_OPEN", 4)
    new, mail = asked_and_vouched(circle)
    strangers(0, 8)
    assert ask(new)["stage"] == "vouched"
    mail.wait()
    assert key_of("kakashi") == new.keys.public.signing


def test_askings_that_lapsed_are_forgotten_after_a_month(circle: Circle) -> None:
    """Anybody can make them for each name that they know, for ever."""
    mail = Mail(circle)
    strangers(0, 4)
    mail.day(8)
    assert models.KeyAsking.objects.filter(stage="lapsed").count() == 4
    mail.day(31)
    mail.day(31)
    assert not models.KeyAsking.objects.exists()


def test_an_asking_in_a_vigil_is_no_sign_of_life_before_or_after(circle: Circle) -> None:
    reachable(circle)
    circle.fall_silent()
    new = anew(circle.author)
    ask(new)
    assert vouch(circle.keeper("sakura"), new, circle.author).status == 200
    before = circle.watch
    mail = Mail(circle)
    mail.wait()
    assert key_of("kakashi") == new.keys.public.signing
    after = circle.watch
    assert (after.stage, after.last_sign, after.wait) == (before.stage, before.last_sign, before.wait)
    # Carried through, the key is the author's own: a check-in with it counts as any other.
    circle.author = new
    new.sign_in()
    assert circle.sign_of_life()["stage"] == "closing"


# What ends.


def test_everything_that_let_somebody_in_with_the_old_keys_ends(circle: Circle) -> None:
    circle.paper_codes("abcd")
    author = models.Person.objects.get(handle="kakashi")
    models.Phone.objects.create(person=author, credential="phone-1", public_key="x", name="x", made=0)
    models.LockedKey.objects.create(person=author, kind="passphrase", sealed=b"x", made=0)
    models.SealedPins.objects.create(person=author, body=b"x")
    models.Feed.objects.create(person=author, token="x", made=0)
    _, mail = asked_and_vouched(circle)
    mail.wait()
    for gone in (models.Phone, models.LockedKey, models.SealedPins, models.Feed, models.Session):
        assert not gone.objects.filter(person=author).exists(), gone
    assert models.PaperCode.objects.filter(person=author).exists()


@pytest.mark.parametrize(
    ("what", "ended"),
    [
        ("phone", ["sessions", "calendar", "phones"]),
        ("computer", ["sessions", "calendar"]),
        ("passphrase", ["sessions", "calendar", "passphrase"]),
        ("paper-codes", ["paper codes"]),
        ("mailbox", ["sessions", "calendar"]),
        ("sheet", ["sessions", "calendar", "phones", "what your browsers had made sure of"]),
        (
            "everything",
            [
                "sessions",
                "phones",
                "passphrase",
                "calendar",
                "paper codes",
                "what your browsers had made sure of",
            ],
        ),
    ],
)
def test_what_is_lost_ends_at_once_and_every_address_is_told(
    circle: Circle, what: str, ended: list[str]
) -> None:
    circle.paper_codes("abcd")
    author = models.Person.objects.get(handle="kakashi")
    models.Phone.objects.create(person=author, credential="phone-1", public_key="x", name="x", made=0)
    models.LockedKey.objects.create(person=author, kind="passphrase", sealed=b"x", made=0)
    models.SealedPins.objects.create(person=author, body=b"x")
    models.Feed.objects.create(person=author, token="x", made=0)
    reachable(circle)
    assert circle.author.post("/me/lost", what=what)["ended"] == ended
    assert circle.author.get("/me").code == ("sign_in" if "sessions" in ended else "")
    mail = Mail(circle)
    mail.day(0)
    for address in OLD:
        assert "You have ended ways into your account" in mail.way.to(address)


@pytest.mark.parametrize(
    ("place", "what", "ended"),
    [
        ("phone", "computer", ["sessions"]),
        ("phone", "phone", ["sessions", "authenticator"]),
        ("device", "passkey", ["sessions"]),
        ("device", "computer", ["sessions", "authenticator on a computer"]),
        ("security-key", "passkey", ["sessions", "authenticator on a security key"]),
        ("device", "everything", ["sessions", "authenticator", "paper codes"]),
    ],
)
def test_an_authenticator_ends_with_the_thing_that_it_is_kept_on(
    circle: Circle, place: str, what: str, ended: list[str]
) -> None:
    from allauth.mfa.totp.internal.auth import TOTP

    row = TOTP.activate(models.Person.objects.get(handle="kakashi"), "JBSWY3DPEHPK3PXP").instance
    row.data |= {"place": place, "counts_as": "authenticator"}
    row.save()
    assert circle.author.post("/me/lost", what=what)["ended"] == ended


def test_a_thing_that_nobody_can_lose_is_refused(circle: Circle) -> None:
    assert circle.author.post("/me/lost", what="hope").status == 422
