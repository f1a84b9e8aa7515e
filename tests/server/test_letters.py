"""The letters: one text for each kind, filled in from what the machine gives, plain and calm."""

import ast
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

import lastwords.protocol.rules as rules
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.stages import Tamper
from lastwords.server import letters
from lastwords.server.letters import MOMENTS, CannotWrite, HostLetter, Role, Sheet
from lastwords.server.letters.forms import WIDTH

FOLDER = files("lastwords.server.letters")
KINDS = sorted(letters.kinds())
URGENT = r"\b(urgent|immediately|hurry|at once|act now|asap|final notice|warning|attention|important|click)\b"
TO = {
    **dict.fromkeys(("hold_placed", "restored", "glass_alarm", "tamper_alarm"), (Role.AUTHOR, Role.KEEPER)),
    "welcome_home": (Role.AUTHOR, Role.KEEPER, Role.RECIPIENT),
    "credit_stalled": (Role.HOST, Role.KEEPER),
    "first_letter": (Role.RECIPIENT,),
    "words_waiting": (Role.RECIPIENT,),
    "later_is_over": (Role.RECIPIENT,),
    "channel_proof": (Role.RECIPIENT,),
    "watch_set_aside": (Role.HOST,),
    "letter_undelivered": (Role.HOST,),
    "clock_doubted": (Role.HOST,),
    "log_not_whole": (Role.HOST,),
    "kept_not_whole": (Role.HOST,),
    "watch_waits": (Role.HOST,),
    "rounds_fail": (Role.HOST,),
    "keys_asked": (Role.KEEPER,),
    "keys_vouched": (Role.KEEPER,),
    "keys_refused": (Role.KEEPER,),
    "keys_carried": (Role.KEEPER,),
    "ways_ended": (Role.KEEPER,),
}
FOR_KEEPERS = {
    "alarm_raised",
    "keeper_called",
    "asked_again",
    "last_call_begun",
    "words_released",
    "shares_wanted",
    "home_question",
    "letter_task",
}
NAMING_SOMEBODY = {"letter_task", "letter_undelivered", "keys_vouched", "keys_refused", "keys_carried"}
HOST_FACTS = {
    "channel_proof": {"number": "12345678", "channel": "mail:a@example.org"},
    "credit_stalled": {"why": "gap", "author": "Iruka"},
    "watch_set_aside": {"author": "iruka"},
    "letter_undelivered": {
        "person": "Naruto",
        "letter": "check in due",
        "watches": "iruka",
        "many": 0,
        "unnamed": 0,
    },
    "clock_doubted": {"why": "wall backwards"},
    "keys_asked": {"own": 1},
    "keys_vouched": {"person": "Iruka", "voice": 1, "keeper": "Pakkun"},
    "keys_refused": {"person": "Iruka"},
    "keys_carried": {"person": "Iruka"},
    "ways_ended": {"ended": "sessions, phones"},
    "kept_not_whole": {
        "what": "the sealed file 4f2a",
        "fault": "it is not what its name says",
        "more": 2,
    },
    "rounds_fail": {"why": "database disk image is malformed", "damaged": 1},
    "watch_waits": {"watches": "iruka, kakashi", "many": 2, "unnamed": 0},
    "log_not_whole": {"log": "author:iruka", "fault": "row 5 is not what was committed to"},
}


def roles(kind):
    return TO.get(kind, (Role.KEEPER,) if kind in FOR_KEEPERS else (Role.AUTHOR,))


def text(kind):
    return FOLDER.joinpath(f"{kind}.txt").read_text(encoding="utf-8")


@cache
def facts_the_rules_give():
    """For every kind, the facts of each place in the rules that writes it."""
    given = {kind.value: [] for kind in LetterKind}
    asks = [{"keepers_asked", "released"}]
    for path in sorted(Path(rules.__file__).parent.glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            names = [
                a.attr
                for a in call.args
                if isinstance(a, ast.Attribute) and getattr(a.value, "id", "") == "LetterKind"
            ]
            verb = getattr(call.func, "attr", getattr(call.func, "id", ""))
            for name in names:
                kind = LetterKind[name].value
                if verb in ("letter", "to_keepers"):
                    keys = {k.arg for k in call.keywords} - {"but", "alternates", "round"}
                    given[kind].append(keys)
                elif verb in ("ask_author", "begin_late"):
                    given[kind] += asks
    return given


def sheet(kind, role, facts, *, case=27):
    return Sheet(
        kind,
        role,
        "Mira Costa",
        "Europe/Lisbon",
        "Jonas Lind",
        case,
        facts,
        "Last Words",
        "words.example.org",
    )


def values(keys):
    return {
        key: 1_800_000_000 if key in MOMENTS else 1 if key == "unreached" else "Paul Ferro" for key in keys
    }


def test_every_kind_of_letter_has_its_text_and_no_text_is_left_over():
    texts = {path.name.removesuffix(".txt") for path in FOLDER.iterdir() if path.name.endswith(".txt")}
    assert texts == {*KINDS, letters.IN_QUIET}


def test_the_rules_write_every_kind_of_letter_there_is():
    assert {kind for kind, places in facts_the_rules_give().items() if not places} == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_can_be_filled_in_from_what_its_letter_carries(kind):
    places = facts_the_rules_give().get(kind) or [set(HOST_FACTS[kind])]
    for keys in places:
        facts = HOST_FACTS.get(kind, values(keys))
        for role in roles(kind):
            written = letters.write(sheet(kind, role, facts))
            assert written.subject and written.body
            assert "$" not in written.subject + written.body
            assert not re.search(r"\?!?[a-z]", written.subject + written.body), "a flag is left in the text"


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_has_a_link_a_code_or_a_word_of_urgency(kind):
    words = text(kind)
    assert not re.search(r"https?:|://|www\.", words)
    assert not re.search(URGENT, words, re.IGNORECASE)
    assert "!" not in re.sub(r"\?!(?=[a-z])", "", words)
    assert not re.search(r"[A-Z]{4,}", words)
    if kind != HostLetter.CHANNEL_PROOF:
        assert not re.search(r"\$(number|code|token)", words)


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_says_what_happens_if_you_do_nothing(kind):
    assert re.search(
        r"if you do nothing|nothing to do|nothing more to do|if nobody|if nothing", text(kind), re.IGNORECASE
    )


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_names_a_recipient_to_anyone_else(kind):
    """What keepers and host read of a person by name is that a letter to them failed, and that their keys change."""
    named = set(re.findall(r"\$(child|recipient|person)\b", text(kind)))
    allowed = "child" if Role.RECIPIENT in roles(kind) else "person" if kind in NAMING_SOMEBODY else ""
    assert named <= {allowed}
    assert "pass away" not in text(kind) and "deceased" not in text(kind)


def test_dates_carry_weekday_time_and_the_name_of_the_place():
    assert letters.moment(1_800_000_000, "Europe/Lisbon") == "Friday 15 January 2027, 08:00 (Lisbon)"
    assert letters.moment(1_800_000_000, "America/New_York") == "Friday 15 January 2027, 03:00 (New York)"
    assert letters.moment(1_800_000_000, "No/Such_Place") == "Friday 15 January 2027, 08:00 (UTC)"
    assert letters.day(1_800_000_000, "Pacific/Auckland") == "Friday 15 January"


def test_what_is_due_in_the_night_is_named_in_a_subject_by_the_day_before():
    """1 800 000 000 is 08:00 in Lisbon. Who reads "due on Friday" means to do it in the course of Friday."""
    midnight = 1_800_000_000 + 16 * 3600
    assert letters.moment(midnight, "Europe/Lisbon") == "Saturday 16 January 2027, 00:00 (Lisbon)"
    assert letters.day(midnight, "Europe/Lisbon") == "Friday 15 January"
    assert letters.day(midnight + 4 * 3600 - 1, "Europe/Lisbon") == "Friday 15 January"
    assert letters.day(midnight + 4 * 3600, "Europe/Lisbon") == "Saturday 16 January"
    facts = {"due": midnight, "keepers_asked": midnight}
    assert letters.write(sheet("check_in_due", Role.AUTHOR, facts)).subject.endswith("Friday 15 January")


def test_keepers_read_the_head_of_the_record_and_authors_do_not_need_it():
    line = "Record of this watch: row 128, head 4f2a1b."
    called = Sheet(
        "keeper_called",
        Role.KEEPER,
        "Mira",
        "UTC",
        "Jonas",
        27,
        values({"released"}),
        "Last Words",
        "a",
        line,
    )
    assert line in letters.write(called).body
    assert "card" in letters.write(called).body.splitlines()[-1] + letters.write(called).body.splitlines()[-2]


def test_a_name_can_carry_nothing_into_a_letter_but_one_line_of_text():
    bad = "Mira\r\nBcc: all@example.org\x00\u2028Costa"
    written = letters.write(
        Sheet("keeper_called", Role.KEEPER, bad, "UTC", bad, 27, values({"released"}), "Last Words", "a")
    )
    assert "\n" not in written.subject and "\r" not in written.subject
    assert not any(line.startswith("Bcc:") for line in written.body.splitlines())


def test_a_letter_that_lacks_a_fact_is_not_written_with_a_hole_in_it():
    with pytest.raises(CannotWrite):
        letters.write(sheet("check_in_due", Role.AUTHOR, {}))


def test_lines_stay_within_the_width():
    for kind in KINDS:
        for keys in facts_the_rules_give().get(kind) or [set(HOST_FACTS.get(kind, ()))]:
            for role in roles(kind):
                body = letters.write(sheet(kind, role, HOST_FACTS.get(kind, values(keys)))).body
                assert max(len(line) for line in body.splitlines()) <= WIDTH


@pytest.mark.parametrize("kind", ["keys_vouched", "keys_refused", "keys_carried"])
def test_a_letter_about_new_keys_speaks_to_their_person_and_to_others_of_them(kind):
    mine = letters.write(sheet(kind, Role.KEEPER, {"own": 1}))
    theirs = letters.write(sheet(kind, Role.KEEPER, HOST_FACTS[kind]))
    assert "your account" in mine.subject.lower() and "Iruka" in theirs.subject
    assert "Iruka" not in mine.body and "your account" not in theirs.body.lower()


@pytest.mark.parametrize("sign", list(Tamper))
@pytest.mark.parametrize("role", [Role.AUTHOR, Role.KEEPER])
def test_a_tamper_alarm_says_exactly_what_was_seen(sign, role):
    flags = {str(known): int(known is sign) for known in Tamper}
    seen = {
        Tamper.NEW_CREDENTIAL: "A new credential",
        Tamper.CHANNEL_CHANGED: "A channel was changed",
        Tamper.FAILED_SIGN_INS: "Several sign-ins failed",
        Tamper.RECORD_DIFFERS: "do not agree",
    }
    body = letters.write(sheet("tamper_alarm", role, flags)).body.replace("\n", " ")
    assert [known for known, words in seen.items() if words in body] == [sign]


@pytest.mark.parametrize(("answered", "asked"), [(0, 1), (1, 1), (1, 2), (4, 5)])
def test_the_end_of_a_practice_is_said_in_words_that_fit_every_number(answered, asked):
    written = letters.write(
        sheet("practice_ended", Role.AUTHOR, {"practice": 9, "answered": answered, "asked": asked})
    )
    assert written.subject == f"Practice 9 has ended: {answered} of {asked} answered"
    body = " ".join(written.body.split())
    assert f"were asked: {asked}." in body and f"share opens: {answered}." in body
