"""What may be a stranger's doing reaches author and keepers: by letter, bounded, and over the old channel too."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import NoReturn

import pytest
from server.api.world import Answer, Circle, Person, an_author, models, sha256
from server.conftest import Way

DAY = 86_400


def tampers(circle: Circle, sign: str) -> list[str]:
    """Whom letters about this sign were written to, in order."""
    rows = models.Letter.objects.filter(kind="tamper_alarm", facts__contains=f'"{sign}": 1')
    return sorted(rows.values_list("to", flat=True))


EVERYONE = ["guy", "kakashi", "kurenai", "sakura", "yamato"]


# Channels.


def add_channel(person: Person, address: str) -> int:
    """A channel added and proven by the number that was sent there."""
    added = person.post("/me/channels", kind="mail", address=address)
    assert added.status == 201, added.body
    models.Channel.objects.filter(pk=added["id"]).update(proof=sha256(b"12345678"))
    proven = person.post(f"/me/channels/{added['id']}/proof", code="12345678")
    assert proven["proven"], proven.body
    return int(added["id"])


def remove(person: Person, channel: int) -> Answer:
    return person.ask("DELETE", f"/me/channels/{channel}")


def subjects_to(circle: Circle, address: str) -> list[str]:
    """What this address accepts in one pass of the outbox."""
    from lastwords.server import outbox, store

    way = Way()
    box = outbox.Outbox(store.here(), {"mail": way}, "Last Words", "https://words.example.org")
    box.run(circle.house.now())
    return way.to(address)


def test_a_new_channel_of_the_author_is_told_to_everyone_and_on_the_old_channel_too(circle: Circle) -> None:
    add_channel(circle.author, "kakashi@example.org")
    models.Letter.objects.all().delete()
    add_channel(circle.author, "stranger@example.org")
    assert tampers(circle, "channel_changed") == EVERYONE
    assert "Something about your watch has changed" in subjects_to(circle, "kakashi@example.org")


def test_a_channel_that_was_taken_out_is_told_of_it_and_written_to_for_fourteen_days_more(
    circle: Circle,
) -> None:
    from lastwords.server import store, tamper

    old = add_channel(circle.author, "kakashi@example.org")
    add_channel(circle.author, "stranger@example.org")
    models.Letter.objects.all().delete()
    assert remove(circle.author, old)["leaves"] == circle.house.now().wall + 14 * DAY
    assert tampers(circle, "channel_changed") == EVERYONE
    assert "Something about your watch has changed" in subjects_to(circle, "kakashi@example.org")
    tamper.tell(store.here(), circle.house.leap(14 * DAY - 1))
    assert models.Channel.objects.filter(pk=old).exists()
    tamper.tell(store.here(), circle.house.leap(1))
    assert not models.Channel.objects.filter(pk=old).exists()
    assert models.Channel.objects.filter(address="stranger@example.org").exists()


def test_a_clock_set_on_does_not_end_a_cool_off(circle: Circle) -> None:
    from lastwords.server import clock, store, tamper

    old = add_channel(circle.author, "kakashi@example.org")
    add_channel(circle.author, "stranger@example.org")
    remove(circle.author, old)
    circle.house.source.wall += 20 * DAY
    clock.here().pulse(way_out=True, heard=True)
    tamper.tell(store.here(), circle.house.now())
    assert models.Channel.objects.filter(pk=old).exists()


def test_a_channel_deleted_at_once_would_hear_of_nothing(circle: Circle) -> None:
    """The planted fault: without the cool-off the letter finds nobody at the old address."""
    old = add_channel(circle.author, "kakashi@example.org")
    add_channel(circle.author, "stranger@example.org")
    remove(circle.author, old)
    models.Channel.objects.filter(pk=old).delete()
    assert "Something about your watch has changed" not in subjects_to(circle, "kakashi@example.org")


def test_the_last_channel_is_not_taken_out_and_one_on_its_way_out_does_not_count(circle: Circle) -> None:
    first = add_channel(circle.author, "kakashi@example.org")
    assert remove(circle.author, first).code == "channel_last"
    second = add_channel(circle.author, "second@example.org")
    assert remove(circle.author, first).status == 200
    assert remove(circle.author, second).code == "channel_last"
    assert [one["leaves"] is None for one in circle.author.get("/me")["channels"]] == [False, True]


def test_a_channel_added_again_within_the_cool_off_stays(circle: Circle) -> None:
    first = add_channel(circle.author, "kakashi@example.org")
    add_channel(circle.author, "second@example.org")
    remove(circle.author, first)
    again = circle.author.post("/me/channels", kind="mail", address="kakashi@example.org")
    assert (again.status, again["id"], again["proven"], again["leaves"]) == (201, first, True, None)


def test_a_channel_that_never_was_proven_is_gone_at_once_and_told_to_nobody(circle: Circle) -> None:
    added = circle.author.post("/me/channels", kind="mail", address="typo@example.org")
    assert remove(circle.author, added["id"])["leaves"] is None
    assert not models.Channel.objects.filter(pk=added["id"]).exists()
    assert tampers(circle, "channel_changed") == []


def test_nobody_takes_out_a_channel_of_somebody_else(circle: Circle) -> None:
    first = add_channel(circle.author, "kakashi@example.org")
    assert remove(circle.keeper("guy"), first).code == "not_found"


def test_a_keepers_own_channel_and_one_before_the_plan_is_armed_are_told_to_nobody(circle: Circle) -> None:
    add_channel(circle.keeper("guy"), "guy@example.org")
    add_channel(an_author("obito"), "obito@example.org")
    assert not models.Letter.objects.filter(kind="tamper_alarm").exists()


# Sign-ins.


def fail_to_sign_in(circle: Circle, account: str, times: int) -> None:
    stranger = Person("zetsu")
    for _ in range(times):
        asked = stranger.post("/challenges", account=account)
        answer = stranger.answer_for(asked["challenge"], asked["origin"], account)
        assert stranger.post("/sessions", account=account, answer=answer).code == "sign_in_refused"


def next_round(circle: Circle, seconds: int = 0) -> None:
    from lastwords.server import store, tamper

    tamper.tell(store.here(), circle.house.leap(seconds))


@pytest.mark.parametrize("account", ["kakashi", "guy"])
def test_five_failed_sign_ins_of_author_or_keeper_are_told_to_everyone(circle: Circle, account: str) -> None:
    fail_to_sign_in(circle, account, 4)
    next_round(circle)
    assert tampers(circle, "failed_sign_ins") == []
    fail_to_sign_in(circle, account, 1)
    next_round(circle)
    assert tampers(circle, "failed_sign_ins") == EVERYONE


def test_failed_sign_ins_are_told_once_a_day_however_many_there_are(circle: Circle) -> None:
    for _ in range(3):
        fail_to_sign_in(circle, "kakashi", 6)
        next_round(circle)
    assert tampers(circle, "failed_sign_ins") == EVERYONE
    next_round(circle, DAY)
    assert len(tampers(circle, "failed_sign_ins")) == 2 * len(EVERYONE)


@pytest.mark.parametrize("planted", [False, True])
def test_a_round_that_breaks_off_before_failed_sign_ins_are_told_leaves_them_to_the_next(
    circle: Circle, monkeypatch: pytest.MonkeyPatch, planted: bool
) -> None:
    """The planted fault writes down that they were told in a transaction of its own."""
    from lastwords.server import store, tamper

    class Crash(Exception):
        pass

    class Crashing(store.Store):
        def act(self, *args: object, **kwargs: object) -> NoReturn:
            raise Crash

    if planted:
        monkeypatch.setattr(tamper, "transaction", SimpleNamespace(atomic=nullcontext))
    fail_to_sign_in(circle, "kakashi", 5)
    door = store.here()
    with pytest.raises(Crash):
        tamper.tell(Crashing(door.port, door.now), circle.house.now())
    monkeypatch.undo()
    next_round(circle)
    assert (tampers(circle, "failed_sign_ins") == EVERYONE) is not planted


def test_a_good_sign_in_between_begins_the_count_again(circle: Circle) -> None:
    fail_to_sign_in(circle, "kakashi", 4)
    circle.author.sign_in()
    fail_to_sign_in(circle, "kakashi", 4)
    next_round(circle)
    assert tampers(circle, "failed_sign_ins") == []


def test_failed_sign_ins_of_a_recipient_or_of_nobody_are_told_to_nobody(circle: Circle) -> None:
    for account in ("naruto", "nobody", "host"):
        fail_to_sign_in(circle, account, 6)
    next_round(circle)
    assert not models.Letter.objects.filter(kind="tamper_alarm").exists()


def test_strangers_fill_a_bounded_number_of_rows_whatever_they_call_themselves(circle: Circle) -> None:
    from lastwords.server import tamper

    for number in range(300):
        tamper.sign_in_failed(f"nobody-{number}" * 3)
    keys = models.Attempts.objects.filter(key__startswith="sign_in_failed:?").values_list("key", flat=True)
    assert 0 < len(keys) <= 300 and {len(key) for key in keys} == {len("sign_in_failed:?") + 3}


def test_a_refused_sign_in_costs_the_database_the_same_whether_the_account_exists(circle: Circle) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from lastwords.server import tamper

    counts = []
    for account in ("kakashi", "nobody"):
        tamper.sign_in_failed(account)
        with CaptureQueriesContext(connection) as seen:
            tamper.sign_in_failed(account)
        counts.append([query["sql"].split()[0] for query in seen.captured_queries])
    assert counts[0] == counts[1]


# The record.


def differs(circle: Circle, person: Person, row: int | str, head: str | None) -> Answer:
    role = "author" if person is circle.author else "keeper"
    document = person.act("record differs", circle.author.handle, role=role, subject=str(row), body=head)
    return person.post(f"{circle.path}/record-differs", document=document)


@pytest.mark.parametrize("who", ["kakashi", "guy"])
def test_a_head_that_is_not_in_the_record_is_told_to_everyone_and_kept_signed(
    circle: Circle, who: str
) -> None:
    person = circle.author if who == "kakashi" else circle.keeper(who)
    got = differs(circle, person, 3, "0" * 64)
    assert (got.status, got["told"]) == (200, True)
    assert tampers(circle, "record_differs") == EVERYONE
    kept = models.Paper.objects.get(name="record differs")
    assert b'"subject":"3"' in bytes(kept.body)


def test_a_row_beyond_the_records_end_is_told_too(circle: Circle) -> None:
    assert differs(circle, circle.author, 10_000, "1" * 64)["told"] is True


def test_a_head_that_stands_in_the_record_alarms_nobody(circle: Circle) -> None:
    row = circle.author.get(f"{circle.path}/log")["rows"][2]
    assert differs(circle, circle.keeper("guy"), row["number"], row["link"]).code == "record_agrees"
    assert tampers(circle, "record_differs") == []


def test_one_reader_is_heard_once_a_day_and_another_at_once(circle: Circle) -> None:
    guy, sakura = circle.keeper("guy"), circle.keeper("sakura")
    told = [differs(circle, who, 3, "0" * 64)["told"] for who in (guy, guy, sakura)]
    assert told == [True, False, True]


def test_a_report_that_is_not_about_a_row_is_refused(circle: Circle) -> None:
    guy = circle.keeper("guy")
    for row, head in (("three", "0" * 64), ("3", None), ("3" * 20, "0" * 64)):
        assert differs(circle, guy, row, head).code == "document_elsewhere"


def test_a_stranger_reports_nothing(circle: Circle) -> None:
    obito = an_author("obito")
    document = obito.act("record differs", "kakashi", role="author", subject="3", body="0" * 64)
    assert obito.post(f"{circle.path}/record-differs", document=document).status == 404
