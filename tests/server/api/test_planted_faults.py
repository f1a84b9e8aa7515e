"""The promises of the edge, each with a fault that breaks it: a promise whose fault goes unnoticed is not tested.

A probe tries what must not work and returns what did. On the API as it is, every probe comes back empty-handed; with
its fault planted, it must not.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from server.api.world import Circle, sealed, sha256, text

from lastwords.signing.documents import read
from lastwords.signing.statement import Statement

Probe = Callable[[Circle], list[str]]


def replayed(circle: Circle) -> list[str]:
    """A check-in is counted a second time."""
    circle.sign_of_life(counter=3)
    return ["replay"] if circle.sign_of_life(counter=3).status == 200 else []


def code_used_twice(circle: Circle) -> list[str]:
    """A paper code works again."""
    answers = [circle.author.post(f"{circle.path}/check-ins", code="aaaa1111").status for _ in range(2)]
    return ["code"] if answers == [200, 200] else []


def signed_in_with_a_home_made_challenge(circle: Circle) -> list[str]:
    """A challenge that the host never gave is taken."""
    author = circle.author
    answer = author.answer_for("A" * 75, "http://127.0.0.1:8443")
    return ["challenge"] if author.post("/sessions", account="kakashi", answer=answer).status == 201 else []


def share_for_a_stranger(circle: Circle) -> list[str]:
    """A share sealed to another key than the recipient's is taken."""
    circle.fall_silent()
    sakura = circle.keeper("sakura")
    made = circle.statement(sakura)
    document = read(made["document"].encode(), Statement, sakura.keys.signing.public).document
    given = tuple(replace(share, sealed_to="0" * 64) for share in document.given)
    made["document"] = sakura.signed(replace(document, given=given))
    return ["share"] if sakura.post(f"{circle.path}/case/statements", **made).status == 201 else []


def plain_file_kept(circle: Circle) -> list[str]:
    """Something that is not sealed is kept."""
    data = b"Dear Naruto, nobody has sealed this."
    return ["file"] if circle.author.piece(data, sha256(data), len(data), 0).status == 200 else []


def words_seen_untold(circle: Circle) -> list[str]:
    """A recipient whom nobody has told finds their words."""
    circle.recipient.sign_in()
    return ["words"] if circle.recipient.get(f"{circle.path}/words").status == 200 else []


def covers_off_early(circle: Circle) -> list[str]:
    """Covered shares are handed out before the release."""
    circle.fall_silent()
    circle.state(circle.keeper("sakura"))
    got = circle.keeper("guy").get(f"{circle.path}/tracks/died.naruto/given")
    return ["covers"] if got.status == 200 and got["given"] else []


def signature_of_another_case(circle: Circle) -> list[str]:
    """A home signature bound to another epoch is counted."""
    circle.fall_silent()
    circle.sign_of_life()
    guy = circle.keeper("guy")
    document = guy.act("seen or heard", "kakashi", **circle.in_case() | {"epoch": 7})
    got = guy.post(f"{circle.path}/case/signatures", document=document, act="seen or heard")
    return ["signature"] if got.status == 201 else []


def stray_share_handed_in(circle: Circle) -> list[str]:
    """A teller hands in a share nobody gave."""
    circle.release()
    guy = circle.keeper("guy")
    document = guy.act("told", "kakashi", subject="died.naruto", **circle.in_case())
    stray = [{"keeper": "kurenai", "part": "words", "body": text(sealed())}]
    got = guy.post(f"{circle.path}/tracks/died.naruto/told", document=document, uncovered=stray)
    return ["stray"] if got.status == 200 else []


def accept(*_: Any, **__: Any) -> None:
    """A check that checks nothing."""


def forgetful(person: Any, code: str) -> tuple[str, bool]:
    """Paper codes that are never used up."""
    return "paper", False


FAULTS: dict[str, tuple[Probe, str, Any]] = {
    "counters are not kept": (replayed, "lastwords.server.accounts.raise_counter", accept),
    "codes are not used up": (code_used_twice, "lastwords.server.accounts.use_paper_code", forgetful),
    "challenges carry no seal": (
        signed_in_with_a_home_made_challenge,
        "lastwords.server.accounts._challenge_expiry",
        lambda account, challenge: 2**40,
    ),
    "covers are not compared": (
        share_for_a_stranger,
        "lastwords.server.api.statements._check_covers",
        accept,
    ),
    "beginnings are not looked at": (
        plain_file_kept,
        "lastwords.server.api.uploads._check_beginning",
        accept,
    ),
    "everyone counts as told": (words_seen_untold, "lastwords.server.api.parts.told", lambda track: True),
    "every track counts as released": (
        covers_off_early,
        "lastwords.server.api.tracks.is_released",
        lambda track: True,
    ),
    "bindings are not checked": (signature_of_another_case, "lastwords.server.api.door.check_act", accept),
    "given shares are not compared": (stray_share_handed_in, "lastwords.server.api.door.must", accept),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_probe_sees_its_fault(circle: Circle, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    probe, place, broken = FAULTS[fault]
    monkeypatch.setattr(place, broken)
    assert probe(circle), f"the probe does not notice that {fault}"


@pytest.mark.parametrize("fault", FAULTS)
def test_without_the_fault_the_probe_comes_back_empty_handed(circle: Circle, fault: str) -> None:
    assert FAULTS[fault][0](circle) == []
