"""An author answers a reminder with a code: the same strong sign as on a page, and nothing else in a mailbox is one."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from server.api.test_under_force import PLAIN as SHORT
from server.api.test_ways_in import a_page, an_authenticator
from server.api.world import Circle, Person, models
from server.reply_mail import AUTOMATIC, CODE, EARLIER, SAMPLES, SPACED, Sample, mail

from lastwords.protocol.moments import DAY, HOUR, MINUTE
from lastwords.protocol.watch import Watch
from lastwords.server import settings as server_settings

ANSWER = Sample("", "", CODE, mail(SPACED))
Reads = Callable[..., dict[str, Any]]


def number(secret: str, wall: int) -> str:
    from allauth.mfa.totp.internal import auth

    return str(auth.format_hotp_value(auth.hotp_value(secret, wall // 30)))


@pytest.fixture
def secret(circle: Circle) -> str:
    """The secret of the author's authenticator, as if none of its numbers had been used."""
    made = an_authenticator(a_page(circle.house, circle.author))
    models.Counter.objects.filter(credential="authenticator").delete()
    return made


@pytest.fixture
def late(circle: Circle, secret: str) -> Iterator[Circle]:
    """An author with an authenticator and a list of two codes who has missed a check-in, on a host that takes
    answers."""
    from lastwords.server import outbox

    outbox.use(None)
    chosen = server_settings.current()
    chosen = replace(chosen, mail=replace(chosen.mail, reply_to="answers@example.org"))
    (chosen.data / "settings.toml").write_text(server_settings.text(chosen))
    circle.house.settings = server_settings.configure(chosen.data)
    circle.house.settings.begun.write_text("real\n")
    assert circle.paper_codes(CODE, EARLIER).status == 201
    circle.pass_time(circle.watch.plan.check_in_every)
    assert circle.watch.stage == "late"
    yield circle
    outbox.use(None)


@pytest.fixture
def reads(late: Circle, tmp_path: Path) -> Reads:
    """Types `lastwords host mailbox` over a pipe and returns its JSON answer."""
    from lastwords.cli.main import cli

    def typed(data: bytes) -> dict[str, Any]:
        words = ["host", "mailbox", "--data", str(late.house.data), "-", "--json"]
        result = CliRunner().invoke(cli, words, input=data)
        assert result.exit_code == 0, result.output
        assert CODE not in result.output and SPACED not in result.output
        got: dict[str, Any] = json.loads(result.stdout)
        return got

    return typed


def letter(circle: Circle, kind: str = "check_in_missed", to: str = "kakashi") -> str:
    return str(models.Letter.objects.filter(kind=kind, to=to).latest("written").ident)


def moment(circle: Circle, ago: int = 0) -> str:
    from datetime import UTC, datetime

    return format_datetime(datetime.fromtimestamp(circle.house.now().wall - ago, UTC))


def said(report: dict[str, Any]) -> list[str]:
    return [one["said"] for one in report["answers"]]


def rows() -> tuple[int, int]:
    return models.LogRow.objects.count(), models.Letter.objects.count()


# A right code.


@pytest.mark.both_databases
@pytest.mark.parametrize("one", [s for s in SAMPLES if s.code == CODE][:12:6], ids=lambda s: s.program)
def test_an_answer_with_a_printed_code_is_a_strong_check_in_once(
    late: Circle, reads: Reads, one: Sample
) -> None:
    data = one.mail(letter(late), moment(late))
    got = reads(data)
    assert [(a["author"], a["kind"], a["said"]) for a in got["answers"]] == [
        ("kakashi", "check_in_missed", "sign_of_life")
    ]
    assert late.watch.stage == "well" and late.watch.last_sign == late.house.now()
    before = rows()
    assert said(reads(data)) == ["known"]
    assert rows() == before


def test_an_authenticator_s_number_counts_as_of_when_the_mail_was_written(
    late: Circle, secret: str, reads: Reads
) -> None:
    """A mailbox is read every few minutes, when the number has long passed."""
    wall = late.house.now().wall
    late.house.leap(20 * MINUTE)
    typed = number(secret, wall - 40)
    data = ANSWER.mail(letter(late), moment(late, 20 * MINUTE), typed)
    assert said(reads(data)) == ["sign_of_life"]
    assert said(reads(ANSWER.mail(letter(late), moment(late, 20 * MINUTE - 1), typed))) == ["no_sign"]


def test_a_number_of_an_hour_ago_or_of_another_minute_is_none(
    late: Circle, secret: str, reads: Reads
) -> None:
    wall = late.house.now().wall
    old = ANSWER.mail(letter(late), moment(late, HOUR + 60), number(secret, wall - HOUR - 60))
    assert said(reads(old)) == ["untimely"]
    for away in (-120, 60, 3600):
        other = ANSWER.mail(letter(late), moment(late), number(secret, wall + away))
        assert said(reads(other)) == ["no_sign"]
    assert late.watch.stage != "well"


def test_the_word_under_force_is_reported_and_shown_like_any_code(late: Circle, reads: Reads) -> None:
    reports = []
    for code in (CODE, EARLIER):
        chosen = models.PaperCode.objects.filter(used=None).order_by("id")
        models.PaperCode.objects.filter(pk=chosen.last().pk).update(under_force=code == EARLIER)
        reports.append(reads(ANSWER.mail(letter(late), moment(late), code)))
        late.house.leap(MINUTE)
    assert reports[0] == reports[1] and said(reports[0]) == ["sign_of_life"]
    assert late.watch.force is not None


def test_the_sender_is_not_asked_and_a_keeper_s_letter_takes_no_code(late: Circle, reads: Reads) -> None:
    data = ANSWER.mail(letter(late), moment(late)).replace(
        b"iruka@example.org", b"somebody@elsewhere.example"
    )
    late.pass_time(late.watch.plan.late)
    keepers = ANSWER.mail(letter(late, "keeper_called", "sakura"), moment(late))
    assert said(reads(keepers)) == []
    fresh = data.replace(parsed(data).encode(), moment(late).encode())
    assert said(reads(fresh)) == ["sign_of_life"]


def parsed(data: bytes) -> str:
    line = next(line for line in data.decode().splitlines() if line.startswith("Date: "))
    assert parsedate_to_datetime(line.removeprefix("Date: "))
    return line.removeprefix("Date: ")


# Everything else.


@pytest.mark.both_databases
def test_what_a_program_wrote_is_never_a_sign_even_with_a_right_code_in_it(
    late: Circle, reads: Reads
) -> None:
    before = rows()
    for about, text in AUTOMATIC:
        got = reads(Sample("", "", "", text).mail(letter(late), moment(late)))
        assert said(got) == [], about
    assert late.watch.stage == "late" and rows() == before
    assert said(reads(ANSWER.mail(letter(late), moment(late)))) == ["sign_of_life"]  # none was used up


def test_an_answer_that_only_quotes_a_code_is_left_for_a_human(late: Circle, reads: Reads) -> None:
    before = rows()
    for one in SAMPLES:
        if not one.code:
            got = reads(one.mail(letter(late), moment(late)))
            assert said(got) == [] and got["other"] == 1, one
    assert late.watch.stage == "late" and rows() == before


def test_a_reader_that_takes_quoted_text_would_check_somebody_in(
    late: Circle, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: without the rule, a mail that only quotes an unused code counts."""
    from lastwords.server import replies

    (quoted,) = [s for s in SAMPLES if s.about == "in the quoted part alone" and s.program == "gmail"]
    data = quoted.mail(letter(late), moment(late))
    assert said(reads(data)) == []
    monkeypatch.setattr(
        replies,
        "own_text",
        lambda message: [line.strip("> ") for line in replies._text(message).splitlines()],
    )
    monkeypatch.setattr(replies, "HEAD", 99)
    assert said(reads(data)) == ["sign_of_life"]


def test_wrong_numbers_by_mail_end_after_ten_a_day_with_those_of_the_page_and_write_to_nobody(
    late: Circle, secret: str, reads: Reads
) -> None:
    written = models.Letter.objects.count()
    for guess in range(4):
        assert Person("kakashi").post(f"{late.path}/check-ins", code=f"{guess:06d}").code == "name_or_code"
    for guess in range(6):
        data = ANSWER.mail(letter(late), moment(late), f"{guess + 10:06d}")
        assert [said(reads(data)), said(reads(data))] == [["no_sign"], ["known"]]
    right = ANSWER.mail(letter(late), moment(late), number(secret, late.house.now().wall))
    assert said(reads(right)) == ["no_sign"]
    assert models.Letter.objects.count() == written
    assert models.Attempts.objects.get(key="typed_code:anyone:kakashi").count == 11
    assert models.Attempts.objects.get(key="sign_in_failed:kakashi").count >= 11
    assert said(reads(ANSWER.mail(letter(late), moment(late)))) == ["sign_of_life"]  # paper is not guessed


@pytest.mark.parametrize("ago", [3 * DAY + 60, -11 * MINUTE, None])
def test_an_answer_not_written_lately_changes_nothing_and_is_left(
    late: Circle, reads: Reads, ago: int | None
) -> None:
    before = rows()
    got = reads(ANSWER.mail(letter(late), "" if ago is None else moment(late, ago)))
    assert said(got) == ["untimely"] and rows() == before


def test_a_code_that_cannot_be_taken_now_is_not_used_up(late: Circle, reads: Reads) -> None:
    data = ANSWER.mail(letter(late), moment(late))
    models.Watch.objects.update(set_aside="a test sets it aside")
    got = reads(data)
    assert said(got) == [] and got["other"] == 1
    models.Watch.objects.update(set_aside="")
    assert said(reads(data)) == ["sign_of_life"]


def test_a_number_of_an_authenticator_that_a_restore_left_closed_is_wrong_and_stops_no_reading(
    late: Circle, secret: str, reads: Reads
) -> None:
    from allauth.mfa.models import Authenticator

    row = Authenticator.objects.get(user_id="kakashi", type=Authenticator.Type.TOTP)
    row.data["secret"] = "closed under another secret"
    row.save()
    typed = number(secret, late.house.now().wall)
    assert said(reads(ANSWER.mail(letter(late), moment(late), typed))) == ["no_sign"]
    assert Person("kakashi").post(f"{late.path}/check-ins", code=typed).code == "name_or_code"


def test_mails_that_nobody_marks_as_seen_keep_no_new_one_back(
    late: Circle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lastwords.server import clock, mailbox, outbox

    for name in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    for place in range(3):
        (tmp_path / "Maildir" / "new" / f"{place}.kind-words").write_bytes(mail("I am well.").encode())
    (tmp_path / "Maildir" / "new" / "9.right").write_bytes(ANSWER.mail(letter(late), moment(late)))
    monkeypatch.setattr(mailbox, "MOST_MAILS", 2)
    report = mailbox.take_folder(outbox.here(), tmp_path / "Maildir", clock.now())
    assert [one.kind.value for one in report.found] == ["other", "sign of life"]


def test_in_a_folder_a_taken_answer_is_marked_and_an_untimely_one_stays_unseen(
    late: Circle, tmp_path: Path
) -> None:
    from lastwords.server import clock, mailbox, outbox

    for name in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    new = tmp_path / "Maildir" / "new"
    (new / "1.right").write_bytes(ANSWER.mail(letter(late), moment(late)))
    (new / "2.wrong").write_bytes(ANSWER.mail(letter(late), moment(late), SHORT * 2))
    (new / "3.old").write_bytes(ANSWER.mail(letter(late), moment(late, 9 * DAY)))
    report = mailbox.take_folder(outbox.here(), tmp_path / "Maildir", clock.now())
    assert [path.name for path in new.iterdir()] == ["3.old"]
    assert len(list((tmp_path / "Maildir" / "cur").iterdir())) == 2
    lines = "\n".join(report.lines())
    assert "kakashi: an answer to a letter of the kind check in missed, with a code that was right" in lines
    assert "wrong or was used before: nothing was changed" in lines and "left for you to read" in lines


# The letters.


def test_a_reminder_says_so_only_where_a_mailbox_is_read_and_the_author_has_codes(late: Circle) -> None:
    from lastwords.server import outbox

    def void(*names: str) -> Watch:
        """The watch as it would be without these credentials."""
        ways = tuple(replace(one, void=one.void or one.name in names) for one in late.watch.credentials)
        return replace(late.watch, credentials=ways)

    box = outbox.here()
    assert sentence(box, letter(late), void())
    assert sentence(box, letter(late), void("paper", "paper-2"))
    assert sentence(box, letter(late), void("authenticator"))
    assert not sentence(box, letter(late), void("paper", "paper-2", "authenticator"))
    assert not sentence(replace(box, answers=False), letter(late), void())
    late.pass_time(late.watch.plan.late)
    assert not sentence(box, letter(late, "keeper_called", "sakura"), void())


def sentence(box: Any, ident: str, watch: Watch) -> bool:
    from lastwords.server import letters
    from lastwords.server.sheets import sheet_for

    outgoing = box.port.letter(ident)
    reader = box.port.reader(outgoing.to)
    sheet = sheet_for(box.port, outgoing, reader, watch, box.service, box.origin, answers=box.answers)
    body = letters.write(sheet).body.replace("\n", " ")
    wanted = (
        "You can also answer this letter with one of your printed codes or with the number your authenticator "
        "shows, and nothing else."
    )
    return wanted in body


def test_where_no_address_for_answers_is_named_no_code_in_a_mail_counts(late: Circle, reads: Reads) -> None:
    from lastwords.server import outbox

    chosen = server_settings.current()
    plain = replace(chosen, mail=replace(chosen.mail, reply_to=""))
    (chosen.data / "settings.toml").write_text(server_settings.text(plain))
    outbox.use(None)
    got = reads(ANSWER.mail(letter(late), moment(late)))
    assert said(got) == [] and got["other"] == 1 and late.watch.stage == "late"
