"""A hostile mail relay: every kind of answer at every stage. A letter is handed over when a 250 follows its end; else
it waits for its next try and keeps nobody else's back."""

import socket

import pytest
from server.faults.mail import VICTIM, a_post
from server.faults.relay import KINDS, ONE_LETTER, STAGES, Relay, Talk

pytestmark = pytest.mark.both_databases

TOGETHER = ("mail", *ONE_LETTER)
"""Stages that a relay which offers it is led through in one breath."""


@pytest.fixture
def post(house, tmp_path):
    with a_post(house, tmp_path) as post:
        yield post


@pytest.mark.parametrize(
    ("stage", "pipelining"), [*((stage, False) for stage in STAGES), *((stage, True) for stage in TOGETHER)]
)
def test_whatever_the_relay_answers_at_a_stage_every_letter_is_accounted_for(
    post, stage, pipelining, figure, database
):
    post.relay.pipelining = pipelining
    for kind in (*KINDS, *(["250 taken already"] if stage == "data" else [])):
        post.meets(stage, kind)
    assert post.faults == []
    assert post.relay.outlasted == [], "the client was still waiting when the relay gave up"
    if stage == STAGES[-1] and not pipelining:
        figure(
            f"hostile relay: {len(KINDS)} kinds of answer at {len(STAGES)} stages, 0 letters lost ({database})"
        )


@pytest.mark.parametrize("wrong", [None, ("end", "several lines")])
def test_the_relay_itself_has_written_down_what_it_promises_when_it_says_it(wrong):
    ours, theirs = socket.socketpair()
    relay, noted = Relay(VICTIM), []
    relay.wrong = wrong
    try:
        talk = Talk(relay, ours)
        talk.to, talk.whole = VICTIM, "letter"
        talk.say = lambda data: noted.append(list(relay.promised))
        assert talk.answer("end")
        assert noted == [["letter"]]
    finally:
        relay.close()
        ours.close()
        theirs.close()


def test_a_letter_that_the_relay_cannot_stand_is_put_off_and_the_next_one_too(post):
    """Two such letters at once: others leave all the same, in this pass or in one of the next."""
    first, second = post.letters(), post.letters()
    post.relay.wrong = ("end", "close")
    for _ in range(3):
        post.box.run_all(post.house.now())
        post.house.leap(60)
    assert {*first[1:], *second[1:]} <= set(post.relay.promised)
    assert post.believed([first[0], second[0]]) == set()


def test_a_relay_that_never_ends_its_greeting_earns_no_credit(post):
    post.relay.wrong = ("connect", "drip")
    assert "cannot be reached" in post.box.probe() or "broke off" in post.box.probe()
    assert post.relay.outlasted == []


def test_what_is_refused_for_good_is_known_as_failing_and_tried_again(post):
    from lastwords.server.models import Channel, Letter

    names = post.letters()
    post.relay.wrong = ("rcpt", "550 never")
    post.box.run(post.house.now())
    letter = Letter.objects.get(ident=names[0])
    assert (letter.stage, letter.attempts) == ("failed", 1)
    assert Channel.objects.get(address=VICTIM).failing_since is not None


# The same with a fault planted: each must be found.


class Hasty:
    """A client that takes it for granted that a letter was taken once it has sent it."""

    def __init__(self, *made):
        from lastwords.server.channels import SmtpWay

        self.real = SmtpWay(*made)

    def __getattr__(self, name):
        return getattr(self.real, name)

    def send(self, envelope):
        from lastwords.server.channels import NoWayOut
        from lastwords.server.port import Answer

        try:
            return self.real.send(envelope)
        except NoWayOut:
            return Answer(f"mail:{envelope.address}", "accepted", "sent")


def test_a_client_that_does_not_wait_for_the_promise_is_found_out(house, tmp_path):
    with a_post(house, tmp_path, Hasty) as post:
        post.meets("end", "close")
        assert any("was not promised" in fault for fault in post.faults)


def test_an_outbox_that_stops_at_the_first_letter_that_breaks_off_is_found_out(post, monkeypatch):
    monkeypatch.setattr(type(post.box), "probe", lambda self: "the relay cannot be reached")
    for stage in ONE_LETTER:
        post.meets(stage, "close")
    assert any("kept back the others" in fault for fault in post.faults)


def test_a_client_that_counts_only_the_time_between_two_bytes_is_found_out(post, monkeypatch):
    import smtplib

    from lastwords.server import relay

    monkeypatch.setattr(relay.Relay, "getreply", smtplib.SMTP.getreply)
    monkeypatch.setattr("server.faults.relay.PATIENCE", 1.0)
    post.relay.wrong = ("connect", "drip")
    post.box.probe()
    assert post.relay.outlasted == [("connect", "drip")]
