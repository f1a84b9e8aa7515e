"""Break glass over HTTP: alarms before anything opens, the cost, the denial, and notes that only the right one gets."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from server.api.world import MOMENT, Answer, Circle, Person, an_author, models, sealed, sha256, text
from server.conftest import Way

from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.notes import EmergencyNotes, NotesReader

COVER = "AGE-SECRET-KEY-PQ-1" + "Q" * 58
NEW_COVER = "AGE-SECRET-KEY-PQ-1" + "P" * 58
KEEPERS = ("sakura", "yamato", "guy", "kurenai")


def readers(*people: Person) -> tuple[NotesReader, ...]:
    return tuple(NotesReader(keeper=p.handle, sealing=fingerprint(p.keys.public_key)) for p in people)


def keep_notes(
    circle: Circle, number: int = 1, covered: bytes | None = None, cover: str = COVER, **changed: Any
) -> Answer:
    """The author seals notes to every keeper."""
    fields: dict[str, Any] = {
        "author": circle.author.handle,
        "number": number,
        "sha256": sha256(b"the notes beneath the cover"),
        "readers": readers(*circle.keepers),
        "moment": MOMENT,
    }
    document = circle.author.signed(EmergencyNotes(**fields | changed))
    body = {"document": document, "covered": text(covered or sealed()), "cover": cover}
    return circle.author.ask("PUT", f"{circle.path}/glass/notes", body)


def cover_anew(circle: Circle, keeper: Person, number: int = 1, **changed: Any) -> Answer:
    """A keeper who has opened the notes covers them anew."""
    covered = sealed()
    fields = {"subject": str(number), "body": sha256(covered)} | changed
    document = keeper.act("cover notes anew", circle.author.handle, **fields)
    body = {"document": document, "covered": text(covered), "cover": NEW_COVER}
    return keeper.ask("PUT", f"{circle.path}/glass/notes", body)


def ask(circle: Circle, keeper: Person, card: bool = False) -> Answer:
    document = keeper.act("break glass", circle.author.handle, subject="card" if card else None)
    return keeper.post(f"{circle.path}/glass", card=card, document=document)


def deny(circle: Circle, by: Person, keeper: str) -> Answer:
    role = "author" if by is circle.author else "keeper"
    document = by.act("deny", circle.author.handle, role=role, subject=keeper)
    return by.post(f"{circle.path}/glass/{keeper}/deny", document=document)


def take(circle: Circle, keeper: Person) -> Answer:
    return keeper.get(f"{circle.path}/glass/notes")


def restore(circle: Circle, handle: str, *by: str) -> None:
    for name in by:
        keeper = circle.keeper(name)
        document = keeper.act("restore seat", circle.author.handle, subject=handle)
        got = keeper.post(f"{circle.path}/keepers/{handle}/restore", document=document)
        assert got.status == 200, got.body


@pytest.fixture
def guy(circle: Circle) -> Person:
    """A keeper of a circle whose author has left notes."""
    assert keep_notes(circle).status == 200
    return circle.keeper("guy")


def open_for(circle: Circle, keeper: Person) -> None:
    """Asked, alarmed, waited: the notes are open to this keeper."""
    assert ask(circle, keeper).status == 201
    circle.pass_time(circle.watch.plan.glass)
    assert circle.watch.glass[0].stage == "open"


# Alarms first.


def test_author_and_all_other_keepers_are_written_to_when_a_keeper_asks(circle: Circle, guy: Person) -> None:
    got = ask(circle, guy)
    assert (got.status, got["glass"][0]["stage"]) == (201, "asked")
    told = models.Letter.objects.filter(kind="glass_alarm").values_list("to", flat=True)
    assert sorted(told) == ["kakashi", "kurenai", "sakura", "yamato"]


def test_the_notes_open_once_everyone_was_alarmed_and_the_wait_has_run(circle: Circle, guy: Person) -> None:
    ask(circle, guy)
    assert take(circle, guy).code == "glass_waits"
    circle.hand_over()
    shown = guy.get(f"{circle.path}/glass")["glass"][0]
    assert (shown["stage"], shown["alarmed"]) == ("waiting", ["kakashi", "kurenai", "sakura", "yamato"])
    assert shown["opens"] == circle.house.now().wall + circle.watch.plan.glass
    assert take(circle, guy).code == "glass_waits"
    circle.pass_time(circle.watch.plan.glass)
    got = take(circle, guy)
    assert (got.status, [one["cover"] for one in got["covers"]]) == (200, [COVER])


@pytest.fixture
def relay(circle: Circle) -> Iterator[tuple[Way, Any]]:
    """The outbox over a mail server that a test tells what to refuse, and a mailbox for everyone."""
    from lastwords.server import outbox, store

    for handle in ("kakashi", *KEEPERS):
        models.Channel.objects.create(person_id=handle, address=f"{handle}@example.org", proven_at=1)
    way = Way()
    yield way, outbox.Outbox(store.here(), {"mail": way}, "Last Words", "https://words.example.org")


def days(circle: Circle, box: Any, count: int) -> None:
    """So many days go by with the outbox trying and every look taken."""
    from lastwords.server import store

    for _ in range(count * 4):
        now = circle.house.leap(6 * 3600)
        box.run(now)
        store.here().look(circle.author.handle, now)
    for person in (circle.author, *circle.keepers):
        person.away = True


def test_nothing_opens_while_the_mail_server_takes_no_alarm(
    circle: Circle, guy: Person, relay: tuple[Way, Any]
) -> None:
    way, box = relay
    way.broken = "the relay cannot be reached"
    ask(circle, guy)
    days(circle, box, 20)
    assert way.sent == []
    assert take(circle, guy).code == "glass_waits"


def test_nothing_opens_while_mail_to_everyone_is_refused(
    circle: Circle, guy: Person, relay: tuple[Way, Any]
) -> None:
    way, box = relay
    way.script = {f"{name}@example.org": ["refused"] for name in ("kakashi", *KEEPERS)}
    ask(circle, guy)
    days(circle, box, 20)
    assert len(way.sent) >= 4
    assert take(circle, guy).code == "glass_waits"


def test_a_dead_mailbox_is_excused_once_a_quorum_of_others_was_alarmed(
    circle: Circle, guy: Person, relay: tuple[Way, Any]
) -> None:
    way, box = relay
    way.script = {"kakashi@example.org": ["refused"]}
    ask(circle, guy)
    days(circle, box, 1)
    assert take(circle, guy).status == 200


class Refusing:
    """A mail server that takes nothing for anyone until a test lets it."""

    def __init__(self) -> None:
        self.takes, self.refused, self.arrived = False, 0, []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if not self.takes:
            self.refused += 1
            return "451 not now"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.arrived += envelope.rcpt_tos
        return "250 kept"


def test_over_real_mail_nothing_opens_until_the_server_has_taken_the_alarms(
    circle: Circle, guy: Person, relay: tuple[Way, Any]
) -> None:
    from lastwords.server import outbox, store
    from lastwords.server.channels import SmtpWay
    from lastwords.server.settings import Mail

    mailboxes = Refusing()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(mailboxes, hostname="127.0.0.1", port=port)
    controller.start()
    way = SmtpWay(Mail("127.0.0.1", port, "words@example.org"), "Last Words")
    box = outbox.Outbox(store.here(), {"mail": way}, "Last Words", "https://words.example.org")
    try:
        ask(circle, guy)
        days(circle, box, 3)
        assert mailboxes.refused > 4 and take(circle, guy).code == "glass_waits"
        mailboxes.takes = True
        days(circle, box, 1)
        assert {f"{name}@example.org" for name in ("kakashi", "sakura", "yamato", "kurenai")} <= set(
            mailboxes.arrived
        )
        assert take(circle, guy).status == 200
    finally:
        way.close()
        controller.stop()


def test_handing_out_at_asked_would_be_seen(
    circle: Circle, guy: Person, relay: tuple[Way, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: the table hands out as soon as somebody has asked."""
    from lastwords.protocol import small
    from lastwords.protocol.stages import GlassStage

    way, _ = relay
    way.broken = "the relay cannot be reached"
    monkeypatch.setitem(small.GLASS["take"], GlassStage.ASKED, small.STAYS)
    ask(circle, guy)
    assert take(circle, guy).status == 200


def test_letters_about_a_card_never_count_as_the_alarms_of_an_asking(circle: Circle, guy: Person) -> None:
    from lastwords.protocol.events import LetterTaken
    from lastwords.server import store

    ask(circle, guy)
    sakura = circle.keeper("sakura")
    ask(circle, sakura, card=True)
    newest = max(row.round for row in models.Letter.objects.filter(kind="glass_alarm"))
    for to in ("kakashi", "yamato", "kurenai", "sakura"):
        store.act("kakashi", LetterTaken("host", "glass_alarm", to, newest))
    assert circle.watch.glass[0].taken == ()


# The cost, and who may say no.


def test_who_asks_without_the_card_is_suspended_until_a_quorum_of_others_restores_the_seat(
    circle: Circle, guy: Person
) -> None:
    ask(circle, guy)
    assert circle.watch.seat("guy").stage == "suspended"
    restore(circle, "guy", "sakura", "yamato")
    assert circle.watch.seat("guy").stage == "suspended"
    restore(circle, "guy", "kurenai")
    assert circle.watch.seat("guy").stage == "seasoned"


def test_a_suspended_asker_neither_states_nor_raises_the_alarm_and_still_reads(
    circle: Circle, guy: Person
) -> None:
    ask(circle, guy)
    assert guy.post(f"{circle.path}/alarms").code == "seat_does_not_count"
    assert deny(circle, guy, "guy").code == "seat_does_not_count"
    assert guy.get(f"{circle.path}/glass").status == 200


def test_asking_twice_is_refused_with_the_reason(circle: Circle, guy: Person) -> None:
    ask(circle, guy)
    assert ask(circle, guy).code == "glass_asked"


@pytest.mark.parametrize("who", ["kakashi", "sakura"])
def test_author_or_another_keeper_denies_and_nothing_opens(circle: Circle, guy: Person, who: str) -> None:
    ask(circle, guy)
    by = circle.author if who == "kakashi" else circle.keeper(who)
    got = deny(circle, by, "guy")
    assert (got["glass"][0]["stage"], got["glass"][0]["denied_by"]) == ("denied", who)
    circle.pass_time(circle.watch.plan.glass * 4)
    assert take(circle, guy).code == "glass_denied"


def test_who_was_denied_asks_again_only_with_a_restored_seat(circle: Circle, guy: Person) -> None:
    ask(circle, guy)
    deny(circle, circle.author, "guy")
    assert ask(circle, guy).code == "seat_does_not_count"
    restore(circle, "guy", "sakura", "yamato", "kurenai")
    assert ask(circle, guy).status == 201


def test_a_keeper_does_not_deny_themselves_and_nobody_denies_what_is_open(
    circle: Circle, guy: Person
) -> None:
    open_for(circle, guy)
    assert deny(circle, circle.author, "guy").code == "no_glass"
    assert deny(circle, circle.keeper("sakura"), "yamato").code == "no_glass"


def test_a_hold_keeps_the_notes_closed_for_as_long_as_it_stands(circle: Circle, guy: Person) -> None:
    ask(circle, guy)
    circle.hand_over()
    circle.keeper("sakura").post(f"{circle.path}/holds")
    circle.pass_time(circle.watch.plan.glass * 2)
    assert take(circle, guy).code == "glass_waits"


# The card.


def test_with_the_card_everyone_is_told_and_the_seat_is_unharmed(circle: Circle) -> None:
    guy = circle.keeper("guy")
    got = ask(circle, guy, card=True)
    assert (got.status, got["glass"]) == (201, [])
    told = models.Letter.objects.filter(kind="glass_alarm").values_list("to", "facts")
    assert sorted(to for to, _ in told) == ["kakashi", "kurenai", "sakura", "yamato"]
    assert all('"card": 1' in facts for _, facts in told)
    assert circle.watch.seat("guy").stage == "seasoned"


def test_saying_that_there_is_a_card_opens_nothing_at_the_host(circle: Circle, guy: Person) -> None:
    """Otherwise the cost of asking could be had for a word."""
    ask(circle, guy, card=True)
    circle.pass_time(circle.watch.plan.glass * 4)
    assert take(circle, guy).code == "glass_not_open"


def test_a_suspended_keeper_still_reports_an_opened_card(circle: Circle, guy: Person) -> None:
    ask(circle, guy)
    assert ask(circle, guy, card=True).status == 201


def test_nobodys_mailbox_is_filled_with_reports_of_cards(circle: Circle) -> None:
    answers = [ask(circle, circle.keeper("guy"), card=True).status for _ in range(11)]
    assert answers == [201] * 10 + [429]


# Who is nobody here.


def test_neither_a_stranger_nor_a_recipient_can_ask_or_take(circle: Circle, guy: Person) -> None:
    obito, naruto = an_author("obito"), circle.recipient
    naruto.sign_in()
    for nobody in (obito, naruto):
        assert ask(circle, nobody).status == 404
        assert take(circle, nobody).status == 404
        assert nobody.get(f"{circle.path}/glass").status == 404


def test_the_author_cannot_break_their_own_glass(circle: Circle, guy: Person) -> None:
    assert ask(circle, circle.author).status == 404


def test_an_asking_open_to_one_keeper_is_open_to_no_other(circle: Circle, guy: Person) -> None:
    open_for(circle, guy)
    assert take(circle, circle.keeper("sakura")).code == "glass_not_open"
    assert "cover" not in take(circle, circle.author).body


@pytest.mark.parametrize(
    "wrong", [{"act": "deny"}, {"subject": "card"}, {"author": "obito"}, {"role": "author"}], ids=str
)
def test_an_asking_whose_document_says_something_else_is_refused(
    circle: Circle, guy: Person, wrong: dict[str, str]
) -> None:
    fields = {"act": "break glass", "author": "kakashi"} | wrong
    document = guy.act(fields.pop("act"), fields.pop("author"), **fields)
    got = guy.post(f"{circle.path}/glass", card=False, document=document)
    assert (got.status, got.code) == (422, "document_elsewhere")
    assert circle.watch.glass == ()


# The notes.


def test_asking_where_there_are_no_notes_costs_nobody_a_seat(circle: Circle) -> None:
    guy = circle.keeper("guy")
    assert ask(circle, guy).code == "no_notes"
    assert circle.watch.seat("guy").stage == "seasoned"
    assert not models.Letter.objects.filter(kind="glass_alarm").exists()


def test_asking_for_notes_that_are_sealed_to_others_costs_nobody_a_seat(circle: Circle) -> None:
    keep_notes(circle, readers=readers(circle.keeper("sakura")))
    guy = circle.keeper("guy")
    assert ask(circle, guy).code == "notes_not_for_you"
    assert circle.watch.seat("guy").stage == "seasoned"
    assert guy.get(f"{circle.path}/glass")["for_you"] is False


def test_new_notes_follow_the_old_ones_and_delete_them(circle: Circle, guy: Person) -> None:
    assert keep_notes(circle, 1).code == "notes_not_next"
    covered = sealed()
    assert keep_notes(circle, 2, covered)["number"] == 2
    assert [bytes(row.covered) for row in models.Notes.objects.all()] == [covered]
    assert take(circle, circle.author)["number"] == 2


def test_new_notes_may_count_on_from_a_number_that_a_restored_host_does_not_know(
    circle: Circle, guy: Person
) -> None:
    assert keep_notes(circle, 7)["number"] == 7
    assert keep_notes(circle, 2).code == "notes_not_next"


def test_notes_name_only_verified_keepers_by_the_keys_kept_for_them(circle: Circle) -> None:
    stranger = Person("obito")
    sakura = circle.keeper("sakura")
    swapped = (NotesReader(keeper="sakura", sealing=fingerprint(stranger.keys.public_key)),)
    assert keep_notes(circle, readers=swapped).code == "notes_readers"
    assert keep_notes(circle, readers=readers(circle.recipient)).code == "notes_readers"
    assert keep_notes(circle, readers=readers(sakura)).status == 200


def test_a_keeper_who_has_opened_the_notes_covers_them_anew_and_the_asking_is_spent(
    circle: Circle, guy: Person
) -> None:
    open_for(circle, guy)
    assert cover_anew(circle, guy).status == 200
    assert circle.watch.glass == ()
    assert take(circle, guy).code == "glass_not_open"
    assert cover_anew(circle, guy).code == "glass_not_open"


def test_the_next_asker_gets_the_new_cover_first_and_the_authors_own_behind_it(
    circle: Circle, guy: Person
) -> None:
    open_for(circle, guy)
    cover_anew(circle, guy)
    sakura = circle.keeper("sakura")
    open_for(circle, sakura)
    got = take(circle, sakura)
    assert [(one["by"], one["cover"]) for one in got["covers"]] == [("guy", NEW_COVER), ("kakashi", COVER)]


def test_covering_anew_without_an_open_asking_is_refused(circle: Circle, guy: Person) -> None:
    assert cover_anew(circle, guy).code == "glass_not_open"
    ask(circle, guy)
    assert cover_anew(circle, guy).code == "glass_waits"
    assert models.Notes.objects.count() == 1


def test_a_cover_that_is_not_the_one_signed_for_is_refused(circle: Circle, guy: Person) -> None:
    open_for(circle, guy)
    assert cover_anew(circle, guy, body=sha256(b"another")).code == "body_hash"
    assert take(circle, guy).status == 200


def test_new_notes_by_the_author_are_open_to_nobody(circle: Circle, guy: Person) -> None:
    open_for(circle, guy)
    assert keep_notes(circle, 2).status == 200
    assert take(circle, guy).code == "glass_not_open"


def test_notes_that_are_not_sealed_are_not_kept(circle: Circle) -> None:
    assert keep_notes(circle, covered=b"Dear keepers, nobody has sealed this.").code == "body_not_age"
    assert models.Notes.objects.count() == 0


def test_every_step_of_breaking_glass_stands_in_the_record(circle: Circle, guy: Person) -> None:
    open_for(circle, guy)
    cover_anew(circle, guy)
    rows = circle.author.get(f"{circle.path}/log?after=0")["rows"]
    happened = [what for row in rows for what, _ in row["body"]["happened"]]
    wanted = ["notes_sealed", "glass_asked", "suspended", "wait_begins", "glass_open", "notes_covered_anew"]
    assert [what for what in happened if what in wanted] == wanted


def test_a_cover_key_is_in_no_letter_no_log_row_and_no_answer_but_the_one(
    circle: Circle, guy: Person
) -> None:
    open_for(circle, guy)
    assert models.Notes.objects.get().cover == COVER
    for table, field in ((models.LogRow, "body"), (models.Letter, "facts"), (models.Paper, "body")):
        assert not any(COVER in str(value) for value in table.objects.values_list(field, flat=True))
    for path in ("", "/glass", "/log", "/words"):
        for person in (circle.author, circle.keeper("sakura"), guy):
            assert COVER.encode() not in person.get(f"{circle.path}{path}").raw


@pytest.mark.only_on("sqlite")  # SECURITY.md says what PostgreSQL leaves behind
def test_a_cover_key_that_was_replaced_is_nowhere_in_the_data_folder(circle: Circle) -> None:
    from django.db import connection

    def found(key: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return any(
            key.encode() in path.read_bytes() for path in circle.house.data.rglob("*") if path.is_file()
        )

    # Large at first, so that the new row does not just happen to lie over the old one.
    assert keep_notes(circle, covered=sealed(100_000)).status == 200
    assert found(COVER)
    assert keep_notes(circle, 2, cover=NEW_COVER).status == 200
    assert (found(COVER), found(NEW_COVER)) == (False, True)
