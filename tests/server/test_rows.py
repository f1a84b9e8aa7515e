"""What a row says is spelled in the one way there is, whatever a step brings with it."""

import json

import pytest

from lastwords.protocol import events as e
from lastwords.protocol import record
from lastwords.protocol.effects import Ripple, Row, Shred, Step
from lastwords.protocol.moments import Moment
from lastwords.protocol.stages import Stage, Strength
from lastwords.protocol.watch import Watch
from lastwords.server import rows
from lastwords.server.port import Outgoing, Paper
from lastwords.signing import canonical
from lastwords.signing.refusals import NotCanonical

NOW = Moment(1_800_000_000, 77)
SIGN = e.CheckIn("iruka", Strength.STRONG, 'the "phone"')
HAPPENED = (("stage", "late"), ("said", "söng \\ \n"))


def letter(to: str) -> Outgoing:
    return Outgoing("0" * 32, "iruka", 3, "check_in_due", to, 1, 0, (), NOW, NOW.wall)


def body(
    step: Step, event: e.Event | None, papers: tuple[Paper, ...] = (), to: tuple[str, ...] = ()
) -> bytes:
    assert step.row is not None
    return rows.body(step, "{}", step.row, event, NOW, papers, [letter(person) for person in to], 3)


def step(**more: tuple[object, ...]) -> Step:
    row = Row("check_in", "iruka", Stage.WELL, Stage.LATE, HAPPENED)
    return Step(Watch("iruka"), row, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "spelled",
    [
        body(step(), None),
        body(step(), SIGN),
        body(
            step(), SIGN, (Paper("given", "kakashi/söng", b"body"), Paper("plan", "1", b"")), ("ann", 'b"b')
        ),
        body(step(ripples=(Ripple("iruka", True),)), e.Look()),
        body(step(shreds=(Shred(), Shred("kakashi")), ripples=(Ripple("gai", False),)), SIGN),
    ],
)
def test_every_row_is_canonical(spelled: bytes) -> None:
    assert canonical.encode(canonical.decode(spelled)) == spelled


def test_a_row_says_everything_that_came_of_the_step() -> None:
    brought = step(ripples=(Ripple("iruka", True),), shreds=(Shred("gai"),))
    said = json.loads(body(brought, SIGN, (Paper("plan", "1", b""),), ("kakashi",)))
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert said == {
        "at": [1_800_000_000, 77],
        "event": "check_in",
        "by": "iruka",
        "before": "well",
        "after": "late",
        "happened": [list(one) for one in HAPPENED],
        "state": rows.state_hash("{}"),
        "letters": [{"id": "0" * 32, "kind": "check_in_due", "to": "kakashi"}],
        "papers": [{"kind": "plan", "name": "1", "sha256": digest}],
        "given": record.event_to_plain(SIGN),
        "ripples": [{"person": "iruka", "silent": True}],
        "shreds": [{"keeper": "gai"}],
        "number": 3,
    }


@pytest.mark.parametrize("credential", ["half \ud800", 2**53])
def test_what_has_no_canonical_spelling_is_refused(credential: object) -> None:
    with pytest.raises(NotCanonical):
        body(step(), e.CheckIn("iruka", Strength.STRONG, credential))  # type: ignore[arg-type]


def test_what_is_sealed_beside_a_row_names_the_event_as_it_was_and_the_row() -> None:
    said = canonical.decode(rows.beside(e.SpeakUnderForce("iruka", "phone"), NOW, 4))
    assert said["event"] == "speak_under_force"
    assert said["given"] == {"event": "SpeakUnderForce", "by": "iruka", "credential": "phone"}
    assert (said["at"], said["by"], said["number"]) == ([1_800_000_000, 77], "iruka", 4)
