"""Lies about what happened: the record, the entries of a case, and the terms of a plan."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from hostile.proxy import Answer, Request
from hostile.stage import Stage, me
from hostile.table import behaviour, each, in_base64, nothing_said, rows, shows

from lastwords.case.entries import Entry, Head, Note
from lastwords.case.moment import Moment
from lastwords.cli import signed_entry
from lastwords.sealing import age
from lastwords.signing import canonical

RECORD, ENTRIES, PLAN = "the record", "entries of a case", "terms of a plan"
CHECK = "log check"
LOG, CASE = "watches/iruka/log", "watches/iruka/case$"
Rows = list[dict[str, Any]]


def linked(found: Rows) -> Rows:
    """The rows with links of the host's own making, whole in themselves."""
    link = hashlib.sha256(b"lastwords/v1/log\x00" + b"author:iruka").digest()
    for number, row in enumerate(found, 1):
        link = hashlib.sha256(link + bytes.fromhex(row["commitment"]) + number.to_bytes(8, "big")).digest()
        row["number"], row["link"] = number, link.hex()
    return found


def rewritten(row: dict[str, Any]) -> dict[str, Any]:
    """A row that says something else, its commitment made anew."""
    body = {**row["body"], "by": "pakkun"}
    salted = bytes.fromhex(row["salt"]) + canonical.encode(body)
    return {**row, "body": body, "commitment": hashlib.sha256(salted).hexdigest()}


def record(name: str, change: Callable[[Rows], Rows], *refused: str) -> None:
    """A row of the table in which the whole record is another one."""

    @behaviour(name, RECORD, "armed", "iruka", CHECK, *refused)
    def _(stage: Stage) -> None:
        stage.liar.answer("POST", "watches/iruka/record-differs$", nothing_said({"told": True}))
        pages = [change(json.loads(json.dumps(stage.old["log"]))), []]
        stage.liar.answer("GET", LOG, lambda _: nothing_said({"rows": pages.pop(0) if pages else []})(_))


def with_body(found: Rows) -> int:
    """The place of a row that can be read, well before the end."""
    return next(at for at, row in enumerate(found) if at > 3 and "body" in row)


record("drops the end of the record", lambda found: found[:-3], "record_differs")
record("drops the whole record", lambda _: [], "record_differs")
record("drops a row and links the rest anew", lambda found: linked(found[:4] + found[5:]), "record_differs")
record(
    "drops a row and links nothing anew", lambda found: found[:4] + found[5:], "record_differs", "log_broken"
)
record("swaps two rows", lambda found: [*found[:4], found[5], found[4], *found[6:]], "log_broken")
record(
    "puts a row in and links all anew",
    lambda found: linked([*found[:4], dict(found[4]), *found[4:]]),
    "record_differs",
)
record(
    "changes what a row says",
    lambda found: [
        {**r, "body": {**r["body"], "by": "x"}} if at == with_body(found) else r for at, r in enumerate(found)
    ],
    "log_broken",
)
record(
    "changes what a row says, and links all anew",
    lambda found: linked([rewritten(r) if at == with_body(found) else r for at, r in enumerate(found)]),
    "record_differs",
)
record(
    "shows another author's record",
    lambda found: found[:-1] + [{**found[-1], "link": "0" * 64}],
    "record_differs",
    "log_broken",
)
record(
    "leaves out the links",
    lambda found: [{n: v for n, v in r.items() if n != "link"} for r in found],
    "no_sense",
)
record(
    "writes a commitment that is none",
    lambda found: [{**r, "commitment": "zz"} for r in found],
    "no_sense",
    "log_broken",
)


@behaviour("sends the same page of the record for ever", RECORD, "armed", "iruka", CHECK, "log_broken")
def _(stage: Stage) -> None:
    stage.liar.answer("GET", LOG, lambda _: nothing_said({"rows": stage.old["log"][:5]})(_))


# Entries.


def entry_of(stage: Stage, text: str, by: str, signed_by: str, **case: Any) -> str:
    """An entry sealed to Bull, base64."""
    now = me(stage.cave.keepers["bull"]).host.get("watches", "iruka", "case")
    made = Entry(Head(Moment(1_772_582_400, "UTC"), by), Note(text))
    data = signed_entry.wrap(me(stage.person(signed_by)), "iruka", {**now, **case}, made)
    return in_base64(age.seal_bytes(data, [me(stage.cave.keepers["bull"]).keys.public_key]))


def first_is(body: str) -> Callable[[Rows], Rows]:
    return lambda found: [{**found[0], "body": body}, *found[1:]]


def not_told(_: Stage, answer: dict[str, Any]) -> bool:
    return not answer["entries"][0]["readable"] and "with me" not in json.dumps(answer)


SHOW = "case iruka show"


@behaviour("makes an entry up in a keeper's name", ENTRIES, "called", "bull", SHOW, unharmed=not_told)
def _(stage: Stage) -> None:
    body = entry_of(stage, "He is with me.", "pakkun", "ully")
    stage.liar.change("GET", CASE, rows(first_is(body), "entries"))


@behaviour("gives out one keeper's entry as another's", ENTRIES, "called", "bull", SHOW, unharmed=not_told)
def _(stage: Stage) -> None:
    body = entry_of(stage, "He is with me.", "ully", "ully")
    stage.liar.change("GET", CASE, rows(first_is(body), "entries"))


@behaviour("carries an entry over from another case", ENTRIES, "called", "bull", SHOW, unharmed=not_told)
def _(stage: Stage) -> None:
    body = entry_of(stage, "He is with me.", "pakkun", "pakkun", number=7)
    stage.liar.change("GET", CASE, rows(first_is(body), "entries"))


@behaviour("gives an entry out as one of another kind", ENTRIES, "called", "bull", SHOW, unharmed=not_told)
def _(stage: Stage) -> None:
    stage.liar.change("GET", CASE, each(lambda _: {"kind": "decision"}, "entries"))


@behaviour("gives an entry out as one of another writer", ENTRIES, "called", "bull", SHOW, unharmed=not_told)
def _(stage: Stage) -> None:
    stage.liar.change("GET", CASE, each(lambda row: {"by": "ully"}, "entries"))


@behaviour("swaps the key of an entry's writer", ENTRIES, "called", "bull", SHOW, unharmed=not_told)
def _(stage: Stage) -> None:
    def swap(row: dict[str, Any]) -> dict[str, Any]:
        return {"signing_key": stage.false_signing.public.text} if row["handle"] == "pakkun" else {}

    stage.liar.change("GET", CASE, each(swap, "audience", "case"))
    stage.liar.change("GET", "people/pakkun$", shows(signing_key=stage.false_signing.public.text))


def a_share(stage: Stage) -> str:
    """Bull's own share, sealed to Bull: what a host would like to be told."""
    (held,) = me(stage.cave.keepers["bull"]).host.get("watches", "iruka", "shares")
    return str(held["words"])


@behaviour("slips a keeper's own share among the entries", ENTRIES, "called", "bull", SHOW, unharmed=not_told)
def _(stage: Stage) -> None:
    body = a_share(stage)
    stage.liar.change("GET", CASE, rows(first_is(body), "entries"))


def nothing_of_the_first(stage: Stage, answer: dict[str, Any]) -> bool:
    return stage.old["first"] not in answer["sealed_again"] and all(
        one.plain["about"] != stage.old["first"]
        for one in stage.liar.heard
        if one.path.endswith("case/entries")
    )


@behaviour(
    "slips a keeper's own share among what is sealed again for others",
    ENTRIES,
    "called",
    "bull",
    "case iruka seal-again",
    unharmed=nothing_of_the_first,
)
def _(stage: Stage) -> None:
    body = a_share(stage)
    stage.old["first"] = me(stage.cave.keepers["bull"]).host.get("watches", "iruka", "case")["entries"][0][
        "number"
    ]
    stage.liar.answer("POST", "watches/iruka/case/entries$", nothing_said({"number": 99}))
    stage.liar.change("GET", CASE, rows(first_is(body), "entries"))


@behaviour("sends the same entries of a case for ever", ENTRIES, "called", "bull", SHOW, "case_not_whole")
def _(stage: Stage) -> None:
    stage.liar.change("GET", CASE, shows(more=True))


def not_for_everyone(stage: Stage, answer: dict[str, Any]) -> bool:
    return stage.old["confidential"] not in answer["sealed_again"]


@behaviour(
    "gives out what was for keepers alone as being for everyone, to have it sealed again",
    ENTRIES,
    "called",
    "bull",
    "case iruka seal-again",
    unharmed=not_for_everyone,
)
def _(stage: Stage) -> None:
    found = me(stage.cave.keepers["bull"]).host.get("watches", "iruka", "case")["entries"]
    (stage.old["confidential"],) = [row["number"] for row in found if row["audience"] == "keepers"]
    stage.liar.answer("POST", "watches/iruka/case/entries$", nothing_said({"number": 99}))
    stage.liar.change("GET", CASE, each(lambda _: {"audience": "case"}, "entries"))


def stays_covered(stage: Stage, answer: dict[str, Any]) -> bool:
    (sent,) = [one.plain for one in stage.liar.heard if one.path.endswith("/told")]
    return answer["uncovered"] == [] and sent["uncovered"] == []


@behaviour(
    "puts a keeper's own share in the place of a cover",
    ENTRIES,
    "called",
    "bull",
    "told iruka died.naruto",
    unharmed=stays_covered,
)
def _(stage: Stage) -> None:
    given = [{"keeper": "pakkun", "part": "words", "body": a_share(stage)}]
    stage.liar.answer("GET", "watches/iruka/tracks/died.naruto/given$", nothing_said({"given": given}))
    stage.liar.answer("POST", "watches/iruka/tracks/died.naruto/told$", nothing_said())


# The plan.


def terms(**changes: Any) -> Callable[[Request, Answer], Answer]:
    def lie(_: Request, answer: Answer) -> Answer:
        plain = answer.plain
        plain["state"]["plan"] |= changes
        return answer.with_json(plain)

    return lie


NEW_KEYS, ARM = "words new-keys died.naruto", "plan arm --late 8d"


def plan_row(name: str, who: str, types: str, **changes: Any) -> None:
    @behaviour(name, PLAN, "armed", who, types, "another_plan")
    def _(stage: Stage) -> None:
        stage.liar.answer("POST", f"watches/{who}/words$", nothing_said())
        stage.liar.answer("POST", f"watches/{who}/plan$", nothing_said({"stage": "well", "next_due": 1}))
        stage.liar.change("GET", f"watches/{who}$", terms(**changes))


plan_row("lowers how many keepers the plan asks for before words are sealed", "iruka", NEW_KEYS, quorum=2)
plan_row("raises how many keepers the plan asks for before words are sealed", "iruka", NEW_KEYS, quorum=4)
plan_row("shows a later plan that the author never signed", "iruka", NEW_KEYS, quorum=2, version=3)
plan_row("shortens a wait before the author signs the terms again", "iruka", ARM, vigil=3600)
plan_row("lowers the quorum before the author signs the terms again", "iruka", ARM, quorum=1)
plan_row("makes the plan one of the timer alone before the author signs again", "iruka", ARM, timer_only=True)
plan_row("shows the author other terms than they signed", "iruka", "plan show", last_call=3600)
plan_row("lowers the quorum before a first plan is signed", "kakashi", "plan arm", quorum=1)
plan_row("leaves out a term of the plan", "iruka", ARM, vigil=None)


def older_plan_row(name: str, types: str) -> None:
    @behaviour(name, PLAN, "armed", "iruka", types, "older_plan")
    def _(stage: Stage) -> None:
        old = {name: value for name, value in stage.old["plan"].items() if name in ("state", "signed_plan")}
        stage.liar.answer("POST", "watches/iruka/plan$", nothing_said({"stage": "well", "next_due": 1}))
        stage.liar.change("GET", "watches/iruka$", shows(**old))


older_plan_row("shows an older plan, which the author signed too", "plan show")
older_plan_row("shows an older plan before the author signs the terms again", ARM)
