"""Returned mail: what came back is told once, what machines write counts for nothing, and so do kind words."""

import json
import random

import pytest
from click.testing import CliRunner
from server.returned_mail import ADDRESS, GONE, LATE, SAMPLES, postfix
from server.returned_mail import Sample as ASample

from lastwords.protocol.events import RaiseAlarm
from lastwords.server import replies
from lastwords.server.returned import (
    CAME_BACK,
    MOST_BLOCKS,
    MOST_LINES,
    MOST_NESTED,
    MOST_PARTS,
    MOST_SAID,
    Kind,
    opened,
    read,
)

IDENT = "0123456789abcdef" * 2


def test_at_least_sixty_samples_of_a_dozen_shapes_are_classed_as_a_person_would():
    right = [one for one in SAMPLES if {said.kind for said in read(one.mail(IDENT))} == {one.kind}]
    wrong = [(one.shape, one.about, read(one.mail(IDENT))) for one in SAMPLES if one not in right]
    assert len(SAMPLES) >= 60 and len({one.shape for one in SAMPLES}) >= 12
    assert len(right) >= 0.98 * len(SAMPLES), wrong


@pytest.mark.parametrize(
    "one",
    [one for one in SAMPLES if one.kind in (*CAME_BACK, LATE)],
    ids=lambda one: f"{one.shape}: {one.about}",
)
def test_every_shape_names_the_letter_and_where_it_had_gone(one):
    (said,) = read(one.mail(IDENT))
    assert said.letter == IDENT
    assert ADDRESS in said.addresses


@pytest.mark.parametrize(
    "head",
    [
        b"From: =?utf-8?b?a?=\n",
        b"Subject: =?utf-8?b?a?=\n",
        b"Subject: =?\xff?b?YQ==?=\n",
        b'Content-Type: text/plain; charset="\xe9"\n',
        b"Content-Type: multipart/report; boundary=\n",
        b"To: =?x\n\n",
    ],
)
def test_no_header_that_cannot_be_decoded_stops_the_reading(head):
    """The email package has errors of its own, which are none of Python's."""
    for data in (head + b"\nA text.", b"In-Reply-To: <%s@x>\n" % IDENT.encode() + head + b"\nA text."):
        assert read(data)
        replies.read(data)


def test_no_mail_however_broken_stops_the_reading():
    """A thousand samples with bytes cut, doubled and changed; from a fixed seed."""
    chance = random.Random(7)
    for _ in range(1_000):
        data = bytearray(chance.choice(SAMPLES).mail(IDENT))
        for _ in range(chance.randint(1, 30)):
            place = chance.randrange(len(data) + 1)
            data[place : place + chance.randint(0, 40)] = chance.randbytes(chance.randint(0, 8))
        assert read(bytes(data))
    for data in (b"", b"\0", b"\n\n", b"Content-Type: multipart/report; boundary=x\n\n--x"):
        assert read(data)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"", b"-" * 100_000),
        (b"", b"\n" * 100_000),
        (b"", b"<" + b"a@" * 50_000 + b"\n--- copy of"),
        (b"From: mailer-daemon@example.org\nSubject: failure notice\n", b"a" * 200_000),
        (b"Subject: " + b"=?x?q?" * 200_000 + b"\n", b""),
        (b"X-Failed-Recipients: " + b"a@b.c," * 5_000 + b"\n", b"user " * 50_000),
        (b"Content-Type: message/delivery-status\n", b"Action: failed\n\n" * 5_000),
        (b"Content-Type: message/delivery-status\n", b"Action: failed\nFinal-Recipient: " + b"a" * 200_000),
    ],
    ids=["hyphens", "lines", "addresses", "one word", "subject", "failed", "groups", "one group"],
)
def test_a_mail_made_to_be_slow_keeps_none_behind_it_waiting(head, body):
    """Each of these once made some rule look at every place again and again: hours for a mail of its size."""
    said = read(b"In-Reply-To: <%s@example.org>\n" % IDENT.encode() + head + b"\n" + body)
    assert 0 < len(said) <= MOST_SAID


@pytest.mark.parametrize("type", ["message/delivery-status", "Message/Delivery-Status; charset=ascii"])
@pytest.mark.parametrize("line", [b"a\n\n", b"a:\r\n\r\n", b"\r"])
def test_a_report_of_very_many_blocks_keeps_no_sign_of_life_behind_it_waiting(type, line):
    """A stranger's mail of two megabytes, of which the email package would make seven hundred thousand messages: a
    minute for each such mail, in which nobody's answer is read."""
    data = f"Content-Type: {type}\n\n".encode() + line * 50_000
    assert len(opened(data).get_payload()) <= 2 * MOST_BLOCKS


PART = {
    "empty": b"",
    "plain": b"\nx",
    "an answer": b"Content-Type: message/disposition-notification\n\nDisposition: automatic-action; deleted\n",
    "a letter": b"Content-Type: message/rfc822\n\nx: y\n",
}


@pytest.mark.parametrize("part", PART.values(), ids=PART)
def test_a_mail_of_very_many_parts_keeps_none_behind_it_waiting(part):
    mail = opened(b"Content-Type: multipart/mixed; boundary=b\n\n" + (b"--b\n" + part + b"\n") * 20_000)
    assert sum(1 for _ in mail.walk()) <= 3 * MOST_PARTS


def test_a_mail_of_parts_within_parts_keeps_none_behind_it_waiting():
    """Every line is compared with the end of each part that it may stand in."""
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(490))
    mail = opened(nested + b"\n" * 200_000)
    assert sum(1 for _ in mail.walk()) <= MOST_NESTED + 1
    assert max(str(part.get_payload()).count("\n") for part in mail.walk()) <= MOST_LINES


def test_a_report_of_many_addresses_is_read_whole():
    data = b"Content-Type: message/delivery-status\n\n" + b"Action: failed\r\n\r\n" * 1_500
    assert len(opened(data).get_payload()) >= 1_500


# Over a real store.


@pytest.fixture
def asked(circle, house, way, box):
    """Iruka's keepers were called by Anko's alarm, and every letter was accepted."""
    circle.act("iruka", RaiseAlarm("anko"))
    box.run_all(house.now())
    return circle


@pytest.fixture
def ident(asked):
    from lastwords.server.models import Letter

    return Letter.objects.get(kind="alarm_asks").ident


@pytest.fixture
def reads(asked, house):
    """Types `lastwords host mailbox` and returns its JSON answer."""
    from lastwords.cli.main import cli

    house.settings.begun.write_text("real\n")

    def typed(*words, typing=None):
        arguments = ["host", "mailbox", "--data", str(house.data), *map(str, words), "--json"]
        result = CliRunner().invoke(cli, arguments, input=typing)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return typed


def maildir(tmp_path, *mails):
    """A Maildir with these mails, not yet seen."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(mails):
        (tmp_path / "Maildir" / "new" / f"180000000{number}.M1P1.host").write_bytes(data)
    return tmp_path / "Maildir"


def a_sample(shape, about):
    return next(one for one in SAMPLES if (one.shape, one.about) == (shape, about))


def test_a_letter_that_came_back_begins_the_wait_anew_and_is_told_once(reads, asked, ident, tmp_path):
    mail = a_sample("postfix", "user unknown").mail(ident)
    assert asked.read("iruka").wait is not None
    said = reads("--maildir", maildir(tmp_path, mail, mail))
    assert [(one["said"], one["told"], one["to"]) for one in said["letters"]] == [
        ("gone", True, "iruka"),
        ("gone", False, "iruka"),
    ]
    watch = asked.read("iruka")
    assert watch.wait is None and watch.bounces == 1
    assert reads("--maildir", tmp_path / "Maildir")["read"] == 0


def test_a_letter_that_came_back_from_where_it_was_forwarded_is_known_by_its_name(reads, ident, tmp_path):
    mail = a_sample("exchange", "not found").mail(ident).replace(b"To: iruka@example.org", b"To: undisclosed")
    mail = mail.replace(b"iruka@example.org", b"old-iruka@elsewhere.example")
    (one,) = reads("--maildir", maildir(tmp_path, mail))["letters"]
    assert one["told"] and one["address"] == ADDRESS


def test_a_late_letter_a_receipt_and_a_stranger_s_letter_change_nothing(reads, asked, ident, tmp_path):
    before = asked.read("iruka")
    mails = [a_sample("postfix", "still trying").mail(ident), a_sample("postfix", "delivered").mail(ident)]
    said = reads("--maildir", maildir(tmp_path, *mails, a_sample("postfix", "user unknown").mail("f" * 32)))
    assert [one["told"] for one in said["letters"]] == [False, False] and said["strangers"] == 1
    assert asked.read("iruka") == before


def test_no_answer_without_a_code_is_a_sign_of_life(reads, asked, ident, tmp_path):
    """Every answer there is, with “I'm here” in it; a person's own too. Each quotes the letter's name."""
    from lastwords.server.models import LogRow

    before, rows = asked.read("iruka"), LogRow.objects.count()
    answers = [one for one in SAMPLES if one.kind in (Kind.AUTOMATIC, Kind.OTHER)]
    said = reads("--maildir", maildir(tmp_path, *(one.mail(ident) for one in answers)))
    assert (said["automatic"], said["other"], said["letters"]) == (7, 2, [])
    assert asked.read("iruka") == before and LogRow.objects.count() == rows


def test_a_mail_that_a_person_may_have_written_stays_unseen(reads, ident, tmp_path):
    folder = maildir(
        tmp_path, a_sample("answers", "a person").mail(ident), a_sample("gmail", "no such user").mail(ident)
    )
    reads("--maildir", folder)
    assert [path.name[-1] for path in (folder / "cur").iterdir()] == ["S"]
    assert len(list((folder / "new").iterdir())) == 1


def test_a_mail_can_come_through_a_pipe_or_as_a_file(reads, ident, tmp_path):
    mail = a_sample("qmail", "full").mail(ident)
    assert reads("-", typing=mail)["letters"][0]["said"] == "not_now"
    path = tmp_path / "returned.eml"
    path.write_bytes(mail)
    assert reads(path)["letters"][0]["told"] is False


def test_a_keeper_s_dead_address_becomes_a_task_for_the_other_keepers(
    reads, asked, box, house, way, tmp_path
):
    from lastwords.server.models import Letter

    letter = Letter.objects.get(kind="alarm_raised", to="gai")
    reads(
        "--maildir",
        maildir(
            tmp_path,
            ASample("", "", GONE, postfix("5.1.1", "550 5.1.1 User unknown")).mail(
                letter.ident, "gai@example.org"
            ),
        ),
    )
    told = {row.to for row in Letter.objects.filter(kind="letter_task")}
    assert "gai" not in told and {"kurenai", "asuma", "ibiki"} <= told


def test_an_address_where_nobody_lives_is_tried_again_seldom_and_at_last_given_up(asked, box, house, way):
    from lastwords.protocol.moments import DAY
    from lastwords.server.models import Letter

    letter = Letter.objects.get(kind="alarm_raised", to="gai")
    sent = 1
    for _ in range(10):
        box.bounced(letter.ident, "mail:gai@example.org", house.now(), "gone: 5.1.1", gone=True)
        if Letter.objects.get(pk=letter.ident).next_try is None:
            break
        house.leap(4 * DAY)
        box.run_all(house.now())
        assert sum(1 for envelope, _ in way.sent if envelope.ident == letter.ident) == sent
        house.leap(1 * DAY)
        box.run_all(house.now())
        sent += 1
    assert 7 <= sent <= 8  # in thirty days
    box.run_all(house.leap(10 * 60))
    assert "A letter to Gai was given up" in way.to("host@example.org")


def test_whoever_runs_the_host_reads_in_sentences_what_came_back_and_why(asked, house, ident, tmp_path):
    from lastwords.cli.main import cli

    house.settings.begun.write_text("real\n")
    mails = [one.mail(ident) for one in SAMPLES if one.about in ("mailbox full", "a person")]
    data = ["host", "mailbox", "--data", str(house.data), "--maildir", str(maildir(tmp_path, *mails))]
    output = CliRunner().invoke(cli, data).output
    assert "a letter of the kind alarm asks to iruka came back for now. 5.2.2" in output
    assert "Left alone, since a person may have written them: 1." in output


def test_a_forged_report_can_only_make_things_later(reads, asked, box, house, ident, tmp_path):
    """Who reads an author's mail knows its Message-IDs. Reports about all of them begin a wait anew, twice at most."""
    from lastwords.server.models import Letter

    for _ in range(6):
        names = Letter.objects.filter(to="iruka").values_list("ident", flat=True)
        mails = [a_sample("exchange", "not found").mail(name) for name in names]
        before = asked.read("iruka")
        reads("--maildir", maildir(tmp_path, *mails))
        after = asked.read("iruka")
        assert (after.stage, after.statements, after.last_sign) == (
            before.stage,
            before.statements,
            before.last_sign,
        )
        house.leap(86_400)
        box.run_all(house.now())
    assert asked.read("iruka").bounces == 2


def test_what_is_no_maildir_is_refused_and_exactly_one_place_is_named(asked, house, tmp_path):
    from lastwords.cli.main import cli

    house.settings.begun.write_text("real\n")
    data = ["host", "mailbox", "--data", str(house.data)]
    assert CliRunner().invoke(cli, [*data, "--maildir", str(tmp_path)]).exit_code == 1
    assert CliRunner().invoke(cli, data).exit_code == 2
    assert CliRunner().invoke(cli, [*data, "--maildir", str(tmp_path), "-"]).exit_code == 2
