"""A letter's bytes beside those that the library makes of the same letter when it is asked for all of it at once."""

from datetime import UTC, datetime
from email.generator import BytesGenerator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lastwords.server.composing import Envelope, compose
from lastwords.server.letters import Text
from lastwords.server.settings import Mail

IDENT = "0f" * 16
LOCAL = Mail("127.0.0.1", 25, "words@example.org")


def by_the_library(envelope, mail, name):
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=envelope.text.sender or name, addr_spec=mail.sender)
    message["To"] = Address(addr_spec=envelope.address)
    if mail.reply_to and mail.reply_to != mail.sender:
        message["Reply-To"] = Address(addr_spec=mail.reply_to)
    message["Subject"] = envelope.text.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(envelope.written, UTC))
    message["Message-ID"] = f"<{envelope.ident}@{mail.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    body = envelope.text.body
    message.set_content(body, cte="7bit" if body.isascii() else "quoted-printable")
    made = BytesIO()
    wide = not (envelope.address + mail.sender).isascii()
    BytesGenerator(made, policy=SMTPUTF8 if wide else SMTP).flatten(message, linesep="\r\n")
    return made.getvalue()


def outcome(write, *letter):
    try:
        return write(*letter)
    except Exception as error:
        return type(error)


names = st.text(max_size=90) | st.sampled_from(
    ["Last Words", "Lützow, Häuser & Söhne", 'a "b" <c@d.e>', "x" * 200]
)
local = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=80)
addresses = st.one_of(
    st.emails(),
    st.builds(
        lambda name, domain: f"{name}@{domain}", local, st.sampled_from(["example.org", "bücher.example"])
    ),
    st.from_regex(r"\A[a-z0-9._+-]{1,70}@[a-z0-9.-]{1,70}\Z"),
    st.sampled_from(
        ["", "mira", "mira@", "@x", "a@b.c\r\nBcc: all@b.c", "two@b.c, three@b.c", "M <m@b.c>", '"a b"@c.d']
    ),
)
bodies = st.text(max_size=300) | st.lists(st.text("ab .=\tä\r\n", max_size=90), max_size=6).map("\n".join)
relays = st.builds(
    lambda sender, reply: Mail("127.0.0.1", 25, sender, reply_to=reply),
    st.sampled_from(["words@example.org", "wörter@bücher.example", f"words@{'long.' * 14}example.org"]),
    st.sampled_from(["", "words@example.org", "answers@example.org"]),
)
letters = st.builds(
    lambda ident, address, subject, body, sender, written: Envelope(
        ident, address, Text(subject, body, sender), written
    ),
    st.sampled_from([IDENT, "0" * 32, "f" * 32]),
    addresses,
    names,
    bodies,
    st.just("") | names,
    st.integers(0, 4_000_000_000),
)


@settings(max_examples=400, deadline=None)
@given(letters, relays, names)
def test_every_letter_has_the_bytes_that_the_library_gives_it(letter, mail, name):
    assert outcome(compose, letter, mail, name) == outcome(by_the_library, letter, mail, name)


@pytest.mark.parametrize("subject", ["Hello\r\nBcc: all@example.org", "Hello\nBcc: all@example.org"])
def test_a_line_break_in_a_subject_is_refused(subject):
    with pytest.raises(ValueError, match="linefeed"):
        compose(Envelope(IDENT, "mira@example.org", Text(subject, "Hello.\n"), 0), LOCAL, "Words")


def test_no_letter_has_a_line_that_ends_otherwise_than_with_cr_and_lf():
    letter = Envelope(IDENT, "mira@example.org", Text("Hello", "a\rb\n.\nc\r\n\n.\r\n"), 0)
    sent = compose(letter, LOCAL, "Words")
    assert b"\r" not in sent.replace(b"\r\n", b"") and b"\n" not in sent.replace(b"\r\n", b"")
