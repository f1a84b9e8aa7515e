"""Who may do what at which stage: every person by every route of the API at every stage, against a written table.

The table is `who_may.txt` beside this file. A line says for one route and some people what they are answered from stage
to stage; `-` is the one answer for a watch that does not exist. The routes come from the API's own description, so a
route that is added has no lines and fails here. Each request is taken back again (a savepoint), so one world per stage
serves them all.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server.api.test_who_knows import AUTHORS, OWN_TRACK, ask, routes
from server.api.world import Circle, Person, an_author, invited, models, verify

TABLE = Path(__file__).parent / "who_may.txt"

STAGES = ("well", "late", "alarm", "vigil", "last call", "released", "told", "closing", "hold", "timer only")
OUTSIDE = ("nobody", "stranger", "another author", "host", "recipient")
"""People to whom the watch does not exist, whatever its stage; the recipient until a keeper has told them."""
UNSEEN, NOT_IN = ("nobody", "host"), "sign_in"
CHECKING_IN = "POST /watches/{author}/check-ins"
PEOPLE = (
    *OUTSIDE,
    *("author", "keeper", "keeper who receives words", "unseasoned keeper", "suspended keeper"),
    *("alternate who may be called", "alternate on the list"),
)


def people_of(circle: Circle) -> dict[str, Person]:
    """Everybody, each with keys; those who sign in are signed in last of all, when the stage is reached."""
    author = circle.author
    kurenai = circle.keeper("kurenai")
    others = [keeper for keeper in circle.keepers if keeper is not kurenai]
    roster = tuple(circle.seat(keeper, index) for index, keeper in enumerate(others, 1))
    assert circle.send(*circle.manifest(to=kurenai, roster=roster)).status == 201
    circle.give_receipts()
    found = {
        "nobody": Person("obito"),
        "another author": an_author("asuma"),
        "author": author,
        "keeper": circle.keeper("sakura"),
        "keeper who receives words": kurenai,
        "recipient": circle.recipient,
    }
    found["stranger"] = invited(found["another author"], "ebisu")
    found["host"] = an_author("hiruzen")
    models.Person.objects.filter(handle="hiruzen").update(is_host=True)
    for kind, name in (("unseasoned keeper", "shizune"), ("suspended keeper", "choza")):
        found[kind] = invited(author, name)
        assert verify(author, found[kind]).status == 200
    assert author.post(f"{circle.path}/keepers/choza/suspend").status == 200
    for kind, name in (("alternate who may be called", "anko"), ("alternate on the list", "izumo")):
        found[kind] = invited(author, name, role="alternate")
        assert verify(author, found[kind]).status == 200
    return found


def reach(circle: Circle, stage: str) -> None:
    """From *well* to a stage, by what people and time do."""
    plan = circle.watch.plan
    if stage == "late":
        circle.pass_time(plan.check_in_every)
    elif stage == "alarm":
        assert circle.keeper("sakura").post(f"{circle.path}/alarms").status == 201
        assert circle.keeper("sakura").post(f"{circle.path}/case/calls", keeper="anko").status == 200
    elif stage in ("vigil", "hold"):
        circle.fall_silent()
        if stage == "hold":
            assert circle.keeper("guy").post(f"{circle.path}/holds").status == 201
    elif stage == "closing":
        circle.fall_silent()
        assert circle.sign_of_life().status in (200, 201)
    elif stage == "timer only":
        from server.api.world import plan_terms

        assert circle.arm(plan_terms(version=2, timer_only=True)).status == 200
        circle.pass_time(plan.check_in_every)
        circle.pass_time(plan.late)
    elif stage != "well":
        circle.fall_silent()
        for keeper in circle.keepers[:3]:
            assert circle.state(keeper).status == 201
        circle.pass_time(plan.vigil)
        if stage != "last call":
            circle.pass_time(plan.last_call)
        if stage == "told":
            assert circle.tell(circle.keeper("sakura")).status == 200


def answer(person: Person, method: str, path: str, nothing: bytes) -> str:
    """What one person is answered, in a word; whatever it changed is taken back."""
    from django.db import transaction

    with transaction.atomic():
        got = ask(person, method, path, AUTHORS)
        transaction.set_rollback(True)
    if (got.status, got.raw) == (404, nothing):
        return "-"
    return got.code or str(got.status)


def cells(circle: Circle, people: dict[str, Person], stage: str) -> Iterator[tuple[tuple[str, str], str]]:
    """For each route and person of a watch at this stage, the answer."""
    nothing = people["stranger"].get("/watches/nobody").raw
    for method, path in sorted(routes()):
        if "{author}" in path:
            for kind in PEOPLE:
                yield (f"{method} {path}", kind), answer(people[kind], method, path, nothing)


def table() -> dict[tuple[str, str], dict[str, str]]:
    """The written table: for each route and person, the answer at each stage."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    route, kinds = "", [""]
    for line in TABLE.read_text().splitlines():
        if not line.startswith(" "):
            route = line
        elif not line.startswith("    "):
            kinds = line.strip().split(", ")
        else:
            answers = {}
            for run in line.strip().split("; "):
                stages, _, said = run.partition(": ")
                answers |= dict.fromkeys(STAGES if stages == "always" else stages.split(", "), said)
            found |= {(route, kind): answers for kind in kinds}
    return found


def test_the_table_has_every_route_every_person_and_every_stage(circle: Circle) -> None:
    written = table()
    of_watch = {f"{method} {path}" for method, path in routes() if "{author}" in path}
    assert set(written) == {(route, kind) for route in of_watch for kind in PEOPLE}
    assert all(set(answers) == set(STAGES) for answers in written.values())


def test_the_table_gives_nobody_outside_anything_but_their_own_words() -> None:
    leaks = [
        (cell, stage, said)
        for cell, answers in table().items()
        for stage, said in answers.items()
        if cell[1] in OUTSIDE and not _is_nothing(cell, stage, said)
    ]
    assert leaks == []


@pytest.mark.parametrize("stage", STAGES)
def test_everybody_is_answered_as_the_table_says(worlds: Any, stage: str, figure: Any) -> None:
    circle = worlds("data")
    people = people_of(circle)
    reach(circle, stage)
    for kind, person in people.items():
        if kind not in UNSEEN:
            assert person.sign_in().status == 201, kind
    assert people["host"].sign_in().status == 401, "a host has no way in but the machine itself"
    written, count = table(), 0
    for cell, said in cells(circle, people, stage):
        count += 1
        assert said == written[cell][stage], cell
    figure(f"who may do what, {stage}: {count} answers of {len(PEOPLE)} people, as written, 0 leaks")


def _is_nothing(cell: tuple[str, str], stage: str, said: str) -> bool:
    """Whoever is not signed in gets the one answer for that; the others that of a watch that does not exist."""
    route, kind = cell
    if kind in UNSEEN:
        return said in (NOT_IN, "-") or route == CHECKING_IN
    if kind == "recipient":
        told = stage == "told"
        return said == "-" or told or route.removeprefix("POST ") in OWN_TRACK
    return said == "-"
