"""A person's answer to a letter: the code that they wrote is read, and nothing that they only quoted."""

import random
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from server.reply_mail import AUTOMATIC, NONE, SAMPLES

from lastwords.cli import codes
from lastwords.server import replies
from lastwords.server.composing import Envelope, compose
from lastwords.server.letters import Text
from lastwords.server.replies import CODE as SHAPE
from lastwords.server.replies import read
from lastwords.server.returned import Kind
from lastwords.server.returned import read as read_returned
from lastwords.server.settings import Mail

IDENT = "0123456789abcdef" * 2


def wrong():
    """The samples that are read otherwise than a person would."""
    return [(one.program, one.about) for one in SAMPLES if code_of(one) != one.code]


def code_of(one):
    said = read(one.mail(IDENT))
    return said.code if said else NONE


def test_at_least_fifty_answers_are_read_as_a_person_would(figure):
    assert len(SAMPLES) >= 50 and len({one.about for one in SAMPLES if one.code == NONE}) >= 15
    assert wrong() == []
    figure(f"answers by mail read as a person would: {len(SAMPLES)} of {len(SAMPLES)}")


def test_every_answer_names_its_letter_and_when_it_was_written():
    for one in SAMPLES:
        if one.code:
            said = read(one.mail(IDENT))
            assert said and (said.letter, said.written) == (IDENT, 1_800_000_000)


def test_no_answer_of_a_person_is_taken_for_one_of_a_program_nor_the_other_way_round():
    for one in SAMPLES:
        assert [said.kind for said in read_returned(one.mail(IDENT))] == [Kind.OTHER], one
    for about, text in AUTOMATIC:
        data = text.replace("@LETTER@", f"<{IDENT}@example.net>").encode()
        assert Kind.OTHER not in {said.kind for said in read_returned(data)}, about


def test_an_answer_to_a_letter_as_it_leaves_goes_to_the_address_for_answers_and_names_the_letter():
    relay = Mail("127.0.0.1", 25, "words@example.org", reply_to="answers@example.org")
    envelope = Envelope(IDENT, "iruka@example.org", Text("Due", "Hello.\n"), 1_800_000_000)
    letter = message_from_bytes(compose(envelope, relay, "Words"), policy=default)
    assert letter["Reply-To"] == "answers@example.org"
    answer = EmailMessage()
    answer["In-Reply-To"] = answer["References"] = letter["Message-ID"]
    answer.set_content("kmnp qrst uvwx 2345\n\nSomebody wrote:\n> Hello.\n", cte="base64")
    said = read(answer.as_bytes())
    assert said and (said.letter, said.code) == (IDENT, "kmnpqrstuvwx2345")
    for none in ("", "words@example.org"):
        plain = Mail("127.0.0.1", 25, "words@example.org", reply_to=none)
        assert b"Reply-To" not in compose(envelope, plain, "Words")


def test_a_printed_code_has_the_form_that_is_read():
    chance = random.Random(3)
    for _ in range(200):
        code = "".join(chance.choice(codes.LETTERS) for _ in range(codes.LENGTH))
        assert SHAPE.fullmatch(code)
    assert {letter for letter in map(chr, range(33, 127)) if SHAPE.fullmatch(letter * 16)} == set(
        codes.LETTERS
    )


def test_an_answer_without_a_date_has_none_and_no_mail_however_broken_stops_the_reading():
    for date in ("", "yesterday", "Fri, 99 Jan 2027 08:00:00 +0000", "Fri, 15 Jan 99999 08:00:00 +0000"):
        said = read(SAMPLES[0].mail(IDENT, date))
        assert said and said.written is None
    chance = random.Random(7)
    for _ in range(500):
        data = bytearray(chance.choice(SAMPLES).mail(IDENT))
        for _ in range(chance.randint(1, 30)):
            place = chance.randrange(len(data) + 1)
            data[place : place + chance.randint(0, 40)] = chance.randbytes(chance.randint(0, 8))
        said = read(bytes(data))
        assert said is None or SHAPE.fullmatch(said.code)


def test_a_mail_made_to_be_slow_is_read_no_further_than_a_letter_is_long():
    """Each of these makes some rule look at every place of the text again and again, if the text is long."""
    for line in (" " * 10_000 + "x", "schrieb am " * 1_000, "<a@" * 5_000, "— " * 5_000, "-" * 10_000):
        assert max(map(len, replies.own_text(message(line))), default=0) <= replies.LONGEST
    assert len(replies.own_text(message("x\n" * 9_000))) == replies.MOST_LINES
    assert read(SAMPLES[0].mail(IDENT), lambda letter: letter == IDENT)
    assert read(SAMPLES[0].mail(IDENT), lambda letter: False) is None
    assert len(replies.own_text(message("Somebody wrote:\n>\n" * 9_000))) == 0


def message(body):
    made = EmailMessage()
    made.set_content(body, cte="base64")
    return made


# Planted faults.


@pytest.mark.parametrize("blind", ["QUOTED", "SIGNATURE", "REST", "ATTRIBUTION"])
def test_a_reader_that_takes_what_is_quoted_for_the_person_s_own_is_caught(monkeypatch, blind):
    assert wrong() == []
    monkeypatch.setattr(replies, blind, re.compile(r"(?!)"))
    assert wrong(), f"nothing in the samples needs {blind}"


def test_a_reader_of_pages_that_knows_no_quotation_is_caught(monkeypatch):
    monkeypatch.setattr(replies, "text_in", lambda page: page.replace("<", "\n<").replace(">", ">\n"))
    assert len(wrong()) >= 3


def test_a_reader_that_takes_the_first_of_two_codes_is_caught(monkeypatch):
    monkeypatch.setattr(
        replies, "code_in", lambda own: next((c for line in own if (c := replies._code(line))), "")
    )
    assert ("any", "two codes") in wrong()
