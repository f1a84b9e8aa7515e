"""The mail channel against a real mail server on loopback that answers as a test says."""

import email
import socket
from email.policy import default

import pytest
from aiosmtpd.controller import Controller

from lastwords.server.letters import Text
from lastwords.server.settings import Mail


class Mailbox:
    """What arrives, and what the far side answers next to RCPT and DATA."""

    def __init__(self):
        self.arrived, self.rcpt, self.data, self.sender = [], [], [], []

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.sender:
            return self.sender.pop(0)
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        if self.data:
            return self.data.pop(0)
        self.arrived.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=default)))
        return "250 kept"


@pytest.fixture(scope="module")
def server():
    mailbox = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, port
    controller.stop()


@pytest.fixture
def mailbox(server):
    mailbox, _ = server
    mailbox.__init__()
    return mailbox


@pytest.fixture
def way(server):
    from lastwords.server.channels import SmtpWay

    way = SmtpWay(Mail("127.0.0.1", server[1], "words@example.org"), "Last Words")
    yield way
    way.close()


def envelope(
    address="mira@example.org", subject="Please check on Jonas Lind (case 27)", body="Hello Mira.\n"
):
    from lastwords.server.channels import Envelope

    return Envelope("a" * 32, address, Text(subject, body), 1_800_000_000)


def test_a_letter_arrives_as_plain_text_marked_as_sent_by_a_machine(mailbox, way):
    assert way.send(envelope(body="Hello Mira. Jürgen wrote.\n")).state == "accepted"
    ((to, message),) = mailbox.arrived
    assert to == ["mira@example.org"]
    assert message["Subject"] == "Please check on Jonas Lind (case 27)"
    assert message["Message-ID"] == f"<{'a' * 32}@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Fri, 15 Jan 2027 08:00:00 +0000"
    assert message.get_content_type() == "text/plain" and not message.is_multipart()
    assert message.get_content().strip() == "Hello Mira. Jürgen wrote."


def test_a_letter_sent_twice_is_the_same_letter_to_the_byte(mailbox, way):
    way.send(envelope())
    way.send(envelope())
    (_, first), (_, second) = mailbox.arrived
    assert {key: first[key] for key in ("Message-ID", "Date", "Subject")} == {
        key: second[key] for key in ("Message-ID", "Date", "Subject")
    }
    assert first.get_content() == second.get_content()


ANSWERS = [
    ("rcpt", "450 mailbox busy", "later"),
    ("rcpt", "451 try again", "later"),
    ("rcpt", "550 no such mailbox", "refused"),
    ("rcpt", "552 mailbox full", "refused"),
    ("data", "452 no space", "later"),
    ("data", "554 not wanted", "refused"),
]


@pytest.mark.parametrize(("verb", "reply", "state"), ANSWERS)
def test_what_the_far_side_answers_is_kept_and_the_next_letter_still_goes(mailbox, way, verb, reply, state):
    getattr(mailbox, verb).append(reply)
    answer = way.send(envelope())
    assert (answer.state, answer.reply) == (state, reply)
    assert way.send(envelope("paul@example.org")).state == "accepted"
    assert [to for to, _ in mailbox.arrived] == [["paul@example.org"]]


@pytest.mark.parametrize("reply", ["421 going away", "530 sign in first", "550 you are blocked"])
def test_a_relay_that_takes_nothing_from_us_says_nothing_about_the_people_behind_it(mailbox, way, reply):
    from lastwords.server.channels import NoWayOut

    mailbox.sender.append(reply)
    with pytest.raises(NoWayOut):
        way.send(envelope())
    mailbox.sender.append(reply)
    with pytest.raises(NoWayOut):
        way.probe()
    assert way.send(envelope()).state == "accepted"


def test_a_relay_that_cannot_be_reached_is_no_way_out():
    from lastwords.server.channels import NoWayOut, SmtpWay

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        way = SmtpWay(Mail("127.0.0.1", probe.getsockname()[1], "words@example.org"), "Last Words")
        with pytest.raises(NoWayOut):
            way.probe()
        with pytest.raises(NoWayOut):
            way.send(envelope())


def test_a_good_relay_answers_the_probe_and_gets_no_letter_by_it(mailbox, way):
    way.probe()
    way.probe()
    assert mailbox.arrived == []


BAD = ["mira@example.org\r\nBcc: all@example.org", "mira", "", "mira@", "two@example.org, three@example.org"]


@pytest.mark.parametrize("address", BAD)
def test_an_address_that_is_none_is_refused_before_anything_leaves(mailbox, way, address):
    assert way.send(envelope(address)).state == "refused"
    assert mailbox.arrived == []


def test_a_line_break_in_a_subject_can_never_become_a_header(mailbox, way):
    assert way.send(envelope(subject="Hello\r\nBcc: all@example.org")).state == "refused"
    assert mailbox.arrived == []


def test_between_two_letters_on_one_connection_nothing_is_asked_that_need_not_be(mailbox, way, monkeypatch):
    asked = []
    from lastwords.server.relay import Relay

    send = Relay.send
    monkeypatch.setattr(Relay, "send", lambda self, said: (asked.append(said), send(self, said))[1])
    for _ in range(3):
        way.send(envelope())
    words = [str(said).split()[0] for said in asked if isinstance(said, str)]
    assert words == ["ehlo", *["mail", "rcpt", "data"] * 3]


def test_a_relay_that_offers_it_is_asked_in_one_breath_and_the_letter_follows(mailbox, way, monkeypatch):
    asked = []
    from lastwords.server.relay import Relay

    send = Relay.send
    monkeypatch.setattr(Relay, "send", lambda self, said: (asked.append(said), send(self, said))[1])
    monkeypatch.setattr(mailbox, "handle_EHLO", offers_pipelining, raising=False)
    for _ in range(2):
        assert way.send(envelope()).state == "accepted"
    together = [said for said in asked if isinstance(said, str) and said.startswith("mail")]
    assert len(together) == 2 and all(said.count("\r\n") == 3 for said in together)
    assert len(mailbox.arrived) == 2


async def offers_pipelining(server, session, envelope, hostname, responses):
    session.host_name = hostname
    return [*responses[:-1], "250-PIPELINING", *responses[-1:]]


def refuses_the_password(server, session, envelope, mechanism, auth_data):
    from aiosmtpd.smtp import AuthResult

    return AuthResult(success=False, handled=False)


@pytest.fixture(scope="module")
def strict():
    """A relay that offers sign-in and takes no password, and no TLS."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(
        Mailbox(),
        hostname="127.0.0.1",
        port=port,
        authenticator=refuses_the_password,
        auth_require_tls=False,
    )
    controller.start()
    yield port
    controller.stop()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"user": "me"}, "the relay does not take this name and password (535)"),
        (
            {"tls": "starttls"},
            "the relay does not offer what the settings ask for (STARTTLS extension not supported by server)",
        ),
        ({"tls": "tls"}, "the relay speaks no TLS here, or another kind: "),
        ({"user": "me", "gone": True}, "The mail password file cannot be read (No such file or directory)"),
        ({"user": "me", "binary": True}, "The mail password file cannot be read (it is no text)"),
    ],
    ids=["password", "starttls", "tls", "no file", "no text"],
)
def test_what_is_wrong_with_the_way_out_is_said_so_that_a_host_knows_where_to_look(
    strict, tmp_path, more, says
):
    from lastwords.server.channels import NoWayOut, SmtpWay

    file = tmp_path / "password"
    if not more.pop("gone", False):
        file.write_bytes(b"\xff\xfe" if more.pop("binary", False) else b"wrong\n")
    if "user" in more:
        more["password_file"] = str(file)
    way = SmtpWay(Mail("127.0.0.1", strict, "words@example.org", **more), "Last Words")
    with pytest.raises(NoWayOut) as refused:
        way.probe()
    assert str(refused.value).startswith(says)
    assert not str(refused.value).endswith(".")
