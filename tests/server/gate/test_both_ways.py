"""Down the lane or through the API by itself: the same answers, the same record, the same log."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from server.api.test_phones import APhone, add
from server.api.world import MOMENT, Circle, an_author, models
from server.gate.knocking import Request, a_press, ask, by_itself

from lastwords.signing.check_in import CheckIn, heads_digest

pytestmark = pytest.mark.both_databases

Settle = Callable[[Any], list[Any]]

PRIVATE = {"id", "ident", "salt", "commitment", "link", "head_link", "token", "made", "begun"}
"""Columns that are drawn, or follow from what is drawn."""


class Told:
    """One world's way through a history: what was asked, what was answered, and what went down the lane."""

    def __init__(self, circle: Circle, phone: APhone, kept: dict[str, Request], settle: Settle) -> None:
        self.circle, self.phone, self.kept, self.settle = circle, phone, kept, settle
        self.answers: list[tuple[str, Any]] = []
        self.taken: list[str] = []

    def ask(self, name: str, make: Callable[[], Request], **headers: str) -> None:
        """Asks the very same bytes in both worlds. What has signed them signs no second time."""
        asked = self.kept.setdefault(name, make())
        asked = Request(asked.path, asked.body, asked.headers | headers, asked.method, asked.query)

        def settle(knocks: Any) -> list[Any]:
            answers = self.settle(knocks)
            self.taken += [name for answer in answers if isinstance(answer, dict)]
            return answers

        (answer,) = ask([asked], settle=settle)
        self.answers.append((name, answer))

    def press(self, name: str, author: str = "kakashi", **changed: Any) -> None:
        wall = self.circle.house.now().wall
        self.ask(name, lambda: a_press(author, self.phone.presses(wall, **changed)))

    def again(self, name: str, first: str) -> None:
        self.ask(name, lambda: self.kept[first])

    def raw(self, name: str, body: bytes, **more: Any) -> None:
        self.ask(name, lambda: Request("/api/watches/kakashi/check-ins", body, **more))

    def by_key(self, name: str, counter: int, token: str | None = None, **changed: Any) -> None:
        fields = {"host": "http://127.0.0.1:8443", "author": "kakashi", "moment": MOMENT, "counter": counter}
        fields |= {"heads": heads_digest(self.circle.heads())}

        def make() -> Request:
            document = self.circle.author.signed(CheckIn(**fields | changed))
            body = json.dumps({"document": document}).encode()
            return Request("/api/watches/kakashi/check-ins", body)

        token = self.circle.author.token if token is None else token
        self.ask(name, make, **({"authorization": f"Bearer {token}"} if token else {}))


def in_well(told: Told) -> None:
    """Everything that may knock at a watch that is well, and what is wrong with most of it."""
    told.press("the first press")
    told.circle.house.leap(60)
    told.press("a press")
    told.again("a press played again", "a press")
    told.press("a low counter", counter=1)
    told.press("another host", host="https://elsewhere.example")
    told.press("another author's document", author="kakashi", credential="phone-9")
    told.ask("another author's path", lambda: a_press("obito", told.phone.presses(1)))
    told.ask("an old press", lambda: a_press("kakashi", told.phone.presses(1)))
    stranger = APhone()
    stranger.credential = told.phone.credential
    told.ask("another key", lambda: a_press("kakashi", stranger.presses(told.circle.house.now().wall)))
    told.by_key("the first by key", 1)
    told.by_key("by key", 2)
    told.again("by key, without its token", "by key")
    told.by_key("by key, replayed", 2)
    told.by_key("by key, other heads", 3, heads="0" * 64)
    told.by_key("by key, another token", 4, token="nobody's")
    told.by_key("by key, a stranger's token", 4, token=told.circle.keepers[0].token)
    told.by_key("by key, of another host", 4, host="https://elsewhere.example")
    press = json.loads(told.kept["a press"].body)["phone"]
    for number, body in enumerate(misshapen(press)):
        told.raw(f"misshapen {number}", body)
    told.raw("a long body", json.dumps({"phone": press, "more": "x" * 20_000}).encode())
    told.raw("another method", b"", method="GET")
    told.raw("another type", json.dumps({"phone": press}).encode(), headers={"content-type": "text/plain"})
    told.raw("with a question", json.dumps({"phone": press}).encode(), query="a=b")
    told.raw("with a page's cookie", json.dumps({"phone": press}).encode(), headers={"cookie": "session=abc"})
    told.press("the last press")


def misshapen(press: dict[str, str]) -> list[bytes]:
    shapes: list[Any] = [
        {},
        [],
        None,
        {"phone": None},
        {"phone": {}},
        {"phone": press | {"more": 1}},
        {"phone": press, "code": "aaaa"},
        {"phone": press | {"signature": ""}},
        {"phone": press | {"signature": "not base64"}},
        {"phone": press | {"document": 5}},
        {"phone": press | {"document": "{}"}},
        {"phone": press | {"document": press["document"] + " "}},
        {"phone": press | {"document": "a\x00b"}},
        {"phone": press | {"document": "\ud800"}},
        {"document": ""},
        {"document": "{}"},
    ]
    return [b"", b"{", b"\xff", b"[" * 5_000, *(json.dumps(shape).encode() for shape in shapes)]


def not_plain(told: Told) -> None:
    """A watch that is more than well, then less, then no watch that can be judged."""
    from lastwords.protocol.events import LiftHold, PlaceHold
    from lastwords.protocol.stages import HoldCause
    from lastwords.server import store

    told.press("the first press")
    store.act("kakashi", PlaceHold("host", HoldCause.SWITCH))
    told.press("under a hold")
    store.act("kakashi", LiftHold("host", HoldCause.SWITCH))
    models.Inbox.objects.create(watch_id="kakashi", person="sakura", silent=True)
    told.press("with word not yet heard")
    told.circle.pass_time(told.circle.watch.plan.check_in_every)
    told.press("in late")
    told.circle.fall_silent()
    told.press("in a vigil")
    told.press("in closing")
    models.Phone.objects.all().delete()
    told.press("of a phone that was taken out")
    models.Watch.objects.update(set_aside="a test sets it aside")
    told.press("set aside")


@pytest.mark.parametrize(
    ("history", "lane"),
    [(in_well, {"a press", "by key", "by key, other heads", "the last press"}), (not_plain, set())],
)
def test_the_same_history_either_way_gives_the_same_answers_record_and_log(worlds, history, lane):
    from lastwords.server.gate import group

    taken, differing = both_ways(worlds, history, group.settle)
    assert differing == []
    assert taken >= lane, "the lane was to take these, or nothing was compared"
    if not lane:
        assert taken <= {"under a hold"}, "only a watch that is well is for the lane"


def judges_by_itself(knocks: Any) -> list[Any]:
    """A gate that finds a sound signature enough, and answers before the machine has said what follows from it."""
    from lastwords.server import clock, store
    from lastwords.server.gate import knocks as read

    proven = read.prove(knocks, read.phone_keys(knocks)(), clock.now().wall)
    return [one and one.answer(store.read(one.author), clock.now()) for one in proven]


def counts_no_replay(knocks: Any) -> list[Any]:
    """A gate that lets the store step, and never looks at the counter."""
    from lastwords.protocol.effects import Step
    from lastwords.server import clock, store
    from lastwords.server.gate import knocks as read

    proven = read.prove(knocks, read.phone_keys(knocks)(), clock.now().wall)
    if None in proven:
        return by_itself(knocks)
    now, door = clock.now(), store.here()
    acts = [store.Act(one.author, one.event, (one.paper,)) for one in proven]
    steps = door.act_all(acts, door.port.load_all([one.author for one in proven]), now)
    return [
        one.answer(step.watch, now) if isinstance(step, Step) else None
        for one, step in zip(proven, steps, strict=True)
    ]


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(("history", "fault"), [(not_plain, judges_by_itself), (in_well, counts_no_replay)])
def test_a_gate_with_a_rule_of_its_own_is_found_out(worlds, history, fault):
    _, differing = both_ways(worlds, history, fault)
    assert differing


def both_ways(
    worlds: Any, history: Callable[[Told], None], settle: Settle
) -> tuple[set[str], list[tuple[str, Any, Any]]]:
    """Plays a history once by the API alone, once with this lane. Returns what the lane took, and what differs."""
    phone, kept = APhone(), {}
    found = []
    for name, way in (("alone", by_itself), ("lane", settle)):
        circle = worlds(name)
        phone.counter = 0
        add(circle, phone, code="aaaa1111")
        an_author("obito")
        for person in (circle.author, circle.keepers[0]):
            person.sign_in()
        told = Told(circle, phone, kept, way)
        history(told)
        found.append((told, everything()))
    (alone, record), (lane, other) = found
    assert not alone.taken and len(alone.answers) == len(lane.answers)
    differing = [(what, one, two) for (what, one), (_, two) in zip(alone.answers, lane.answers, strict=True)]
    differing += [(table, record[table], other[table]) for table in record]
    return set(lane.taken), [(what, one, two) for what, one, two in differing if one != two]


def everything() -> dict[str, Any]:
    """Every row of what a check-in may touch, without what is drawn; and whether the chains hold."""
    from lastwords.server import audit, settings

    found: dict[str, Any] = {}
    for model in (models.Watch, models.LogRow, models.Paper, models.Counter, models.Letter, models.Part):
        names = [field.attname for field in model._meta.fields if field.attname not in PRIVATE]
        rows = [dict(zip(names, row, strict=True)) for row in model.objects.values_list(*names)]
        found[model.__name__] = sorted(map(repr, map(_plain, rows)))
    found["whole"] = [verdict.whole for verdict in audit.verify_all(settings.current().heads)]
    assert all(found["whole"])
    return found


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    if "body" in row and isinstance(row["body"], bytes | memoryview):
        row["body"] = bytes(row["body"])
        if row["body"].startswith(b'{"'):
            body = json.loads(row["body"])
            for letter in body.get("letters", []) if isinstance(body, dict) else []:
                letter.pop("id", None)
            row["body"] = body
    return row
