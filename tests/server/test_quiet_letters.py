"""Letters to somebody in quiet mode: that there is something and by when, and nothing that tells what this is."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from server.test_letters import HOST_FACTS, KINDS, facts_the_rules_give, roles, sheet, text, values

from lastwords.server import letters
from lastwords.server.composing import Envelope, compose
from lastwords.server.letters import HostLetter, Role
from lastwords.server.settings import Mail

TELLING = re.compile(
    r"last words|keeper|\bwords\b|check-in|i'm here|case|vigil|seal|release|watch|jonas|lind|died|dead|death|alive"
    r"|record",
    re.IGNORECASE,
)
"""What would tell whoever looks over a shoulder."""
PROOF = HostLetter.CHANNEL_PROOF.value


def every_letter():
    """Every kind of letter to everybody it goes to, with the facts that it carries."""
    for kind in KINDS:
        for keys in facts_the_rules_give().get(kind) or [set(HOST_FACTS[kind])]:
            facts = HOST_FACTS.get(kind, values(keys))
            for role in roles(kind):
                if role is not Role.HOST:
                    yield sheet(kind, role, {**facts, "answers": 1})


def quiet(one):
    return letters.write(replace(one, quiet="Notes"))


def test_no_letter_in_quiet_mode_tells_what_it_is_about_but_the_number_that_proves_an_address():
    told = [
        one for one in every_letter() if one.kind != PROOF and TELLING.search("\n".join(map(str, said(one))))
    ]
    assert told == []
    assert len({(one.kind, one.role) for one in every_letter()}) > 40
    assert TELLING.search(letters.write(sheet("keeper_called", Role.KEEPER, values({"released"}))).body)


def said(one):
    written = quiet(one)
    return written.subject, written.sender, written.body


def as_it_arrives(text):
    sent = compose(Envelope("a" * 32, "m@example.org", text, 1_800_000_000), MAIL, "Last Words")
    return message_from_bytes(sent, policy=default)


def test_a_letter_in_quiet_mode_comes_from_the_name_that_was_chosen_and_from_no_other():
    for one in every_letter():
        written = quiet(one)
        message = as_it_arrives(written)
        assert message["From"].addresses[0].display_name == "Notes"
        assert "Last Words" not in message.as_string()
        assert written.subject.startswith("Notes: ") or one.kind == PROOF
    loud = letters.write(sheet("practice_ended", Role.AUTHOR, {"practice": 9, "answered": 4, "asked": 5}))
    message = as_it_arrives(loud)
    assert message["From"].addresses[0].display_name == "Last Words"


MAIL = Mail("127.0.0.1", 25, "post@example.org")


def test_an_author_reads_by_when_they_are_wanted_and_how_to_answer():
    one = sheet(
        "check_in_due", Role.AUTHOR, {"due": 1_800_000_000, "keepers_asked": 1_900_000_000, "answers": 1}
    )
    written = quiet(replace(one, case=0))
    assert written.subject == "Notes: something is due by Friday 15 January"
    body = " ".join(written.body.split())
    assert "Something of yours is due by Friday 15 January 2027, 08:00 (Lisbon)." in body
    assert "answer this mail with one of your printed codes" in body
    assert "If you do nothing, it goes on without you." in body


def test_a_keeper_reads_the_number_to_look_for_and_never_takes_a_practice_for_the_real_thing():
    called = quiet(sheet("keeper_called", Role.KEEPER, {"released": 1_800_000_000}))
    assert "Look for number 27." in called.body and "Look in today if you can." in " ".join(
        called.body.split()
    )
    assert "January" not in called.body, (
        "nothing is due from a keeper on the day on which words could be given"
    )
    practice = quiet(sheet("practice", Role.KEEPER, {"practice": 9, "ends": 1_800_000_000}))
    assert practice.subject == "Notes: a practice, nothing has happened"
    assert (
        "nothing has happened to anybody" in practice.body and "Somebody counts on you" not in practice.body
    )


def test_a_number_to_look_for_is_one_that_the_letter_itself_names():
    """A watch keeps the number of its last case for ever, and not everybody whom it writes to finds it anywhere."""
    due = {"due": 1_800_000_000, "keepers_asked": 1_900_000_000}
    assert "Look for number" not in quiet(sheet("check_in_due", Role.AUTHOR, due)).body
    assert "Look for number" not in quiet(sheet("welcome_home", Role.RECIPIENT, {})).body
    assert "Look for number 27." in quiet(sheet("statement_made", Role.AUTHOR, {})).body


def test_a_recipient_is_not_hurried():
    written = quiet(sheet("words_waiting", Role.RECIPIENT, {"died": 1}))
    assert "There is no hurry" in written.body and "goes on without you" not in written.body


@pytest.mark.parametrize("kind", KINDS)
def test_letters_that_are_not_quiet_call_the_service_by_the_name_its_host_gave_it(kind):
    assert "Last Words" not in text(kind)
    for one in every_letter():
        if one.kind == kind:
            assert "Last Words" not in letters.write(replace(one, service="Harbour")).body
