"""The page that is the machine: nothing missing, nothing unknown, nothing listed that is never said."""

import ast
import inspect
import pkgutil
from pathlib import Path

from protocol.cave import armed

import lastwords.protocol as protocol
from lastwords.protocol import clocks, events, small
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.events import Event, Look
from lastwords.protocol.refusals import REFUSALS
from lastwords.protocol.stages import GlassStage, LetterStage, SeatStage, Stage, TrackStage, WordsStage
from lastwords.protocol.table import LOOKS, TABLE
from lastwords.protocol.turn import event_name

ROOM = Path(inspect.getfile(protocol)).parent
SOURCES = {path.name: path.read_text("utf-8") for path in sorted(ROOM.rglob("*.py"))}
SMALL = {
    "SEATS": (small.SEATS, SeatStage),
    "TRACKS": (small.TRACKS, TrackStage),
    "WORDS": (small.WORDS, WordsStage),
    "GLASS": (small.GLASS, GlassStage),
    "LETTERS": (small.LETTERS, LetterStage),
}


# A record with slots is made anew from its class, so a class may stand here twice under its one name.
EVENTS = {kind.__name__: kind for kind in Event.__subclasses__()}


def strings_in(source: str) -> set[str]:
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def missing_cells(table: dict[type[Event], dict[Stage, object]]) -> list[str]:
    """Events and stages that stand in no cell, or in one that is neither a rule nor a known refusal."""
    gaps = []
    for kind in EVENTS.values():
        for stage in Stage if kind is not Look else ():
            cell = table.get(kind, {}).get(stage)
            if not callable(cell) and cell not in REFUSALS:
                gaps.append(f"{kind.__name__} in {stage}: {cell!r}")
    return gaps


def test_every_event_has_a_cell_in_every_stage() -> None:
    assert missing_cells(TABLE) == []  # type: ignore[arg-type]
    assert set(TABLE) == set(EVENTS.values()) - {Look}


def test_a_cell_that_is_missing_or_unknown_is_noticed() -> None:
    kind = events.CheckIn
    assert missing_cells({**TABLE, kind: {**TABLE[kind], Stage.LATE: "no such refusal"}}) == [  # type: ignore[dict-item]
        "CheckIn in late: 'no such refusal'"
    ]
    assert len(missing_cells({other: row for other, row in TABLE.items() if other is not kind})) == len(Stage)  # type: ignore[misc]


def test_every_refusal_that_is_listed_is_said_somewhere() -> None:
    said = {word for name, source in SOURCES.items() if name != "refusals.py" for word in strings_in(source)}
    assert set(REFUSALS) - said == set()


def test_every_refusal_that_is_said_is_listed() -> None:
    for name, source in SOURCES.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("refuse", "must_join_in"):
                codes = [one.value for one in node.args if isinstance(one, ast.Constant)]
                assert all(code in REFUSALS for code in codes), (name, codes)


def test_every_refusal_says_what_happened_and_what_to_do() -> None:
    for code, refusal in REFUSALS.items():
        assert refusal.code == code
        assert refusal.happened.endswith(".") and refusal.do.endswith("."), code
        assert "!" not in refusal.happened + refusal.do


def test_every_small_table_has_a_cell_for_every_stage() -> None:
    for name, (table, stages) in SMALL.items():
        for what, row in table.items():
            assert set(row) == set(stages), (name, what)


def test_every_cell_of_a_small_table_is_a_stage_a_refusal_or_stays() -> None:
    words = {small.STAYS, small.BACK, small.RESTS_WHEN_BACK}
    for name, (table, stages) in SMALL.items():
        for what, row in table.items():
            for cell in row.values():
                assert cell in set(stages) | words or cell in REFUSALS, (name, what, cell)


def test_looks_are_exactly_what_the_clocks_can_name() -> None:
    tree = ast.parse(inspect.getsource(clocks))
    names = {
        node.elts[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Tuple) and len(node.elts) == 3 and isinstance(node.elts[0], ast.Constant)
    }
    assert names == set(LOOKS)


def test_every_kind_of_letter_is_written_by_some_rule() -> None:
    rules = "".join(source for name, source in SOURCES.items() if name != "effects.py")
    assert [kind for kind in LetterKind if f"LetterKind.{kind.name}" not in rules] == []


def test_every_rule_module_is_used_by_the_table() -> None:
    from lastwords.protocol import rules

    used = {cell.__module__ for row in TABLE.values() for cell in row.values() if callable(cell)}
    used |= {look.__module__ for look in LOOKS.values()}
    found = {f"{rules.__name__}.{module.name}" for module in pkgutil.iter_modules(rules.__path__)}
    assert found - used == {f"{rules.__name__}.passage", f"{rules.__name__}.recounting"}


def test_a_row_names_its_event_in_small_words_and_a_letter_outside_a_case_has_no_number() -> None:
    for event, word in ((events.Look(), "look"), (events.RaiseAlarm("pakkun"), "raise_alarm")):
        assert event_name(event) == word
    reminded = armed().days(27).letters
    assert [(letter.kind, letter.case) for letter in reminded] == [("check_in_due", 0)]


def test_every_event_and_every_rule_says_in_words_what_it_is() -> None:
    assert [kind.__name__ for kind in EVENTS.values() if not (kind.__doc__ or "").strip()] == []
