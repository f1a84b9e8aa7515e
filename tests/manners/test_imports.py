"""The arrows between the rooms: what the server must never be able to do is a rule about imports that one can read.

Each rule is a function from code to a list of offences, so that every rule is also shown an offender it must catch.
"""

import ast
from collections.abc import Iterator
from functools import cache

import pytest
from manners.house import ROOT, SOURCE, inside, rooms, tracked

# Which rooms a room may reach, itself apart. Through how many modules it goes makes no difference.
MAY_REACH: dict[str, set[str]] = {
    "protocol": set(),
    "case": set(),
    "signing": set(),
    "sealing": {"signing"},
    "server": {"protocol", "signing"},
    "cli": {"protocol", "case", "signing", "sealing", "server", "simulate", "story"},
    "simulate": {"protocol", "server", "signing"},
    "story": set(),
}

# A pure room reads no clock, draws no chance and touches no file, process or network: it is given what it needs.
PURE = {"protocol", "case", "signing"}
CLOCKLESS = {"protocol", "case"}
IMPURE_MODULES = {
    *(
        "time",
        "random",
        "secrets",
        "os",
        "io",
        "pathlib",
        "tempfile",
        "shutil",
        "subprocess",
        "socket",
        "ssl",
    ),
    *("urllib", "http", "smtplib", "sqlite3", "threading", "multiprocessing", "asyncio", "logging"),
    *("django", "ninja", "granian", "structlog", "click", "rich", "requests", "httpx", "pysqlite3"),
}
CLOCK_CALLS = {"now", "utcnow", "today", "fromtimestamp"}


def imported_by(tree: ast.AST, module: str, is_package: bool) -> Iterator[str]:
    """Every dotted name a module imports, wherever in it, relative ones made whole; also imports by a constant name."""
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func)
            if called.split(".")[-1] in {"import_module", "__import__", "find_spec"}:
                yield str(node.args[0].value)


@cache
def house() -> dict[str, set[str]]:
    """Every module of ours with the dotted names it imports."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        module = ".".join(parts[:-1] if is_package else parts)
        found[module] = set(imported_by(ast.parse(path.read_text("utf-8")), module, is_package))
    return found


def reached_from(modules: dict[str, set[str]], starts: set[str]) -> dict[str, str]:
    """Modules of ours that are reached from ``starts`` through any number of imports, each with who asked for it."""
    reached = dict.fromkeys(starts, "")
    waiting = list(starts)
    while waiting:
        asking = waiting.pop()
        for name in modules[asking]:
            # Importing a.b.c also runs a and a.b, so every prefix that is a module of ours is reached as well.
            pieces = name.split(".")
            for length in range(1, len(pieces) + 1):
                found = ".".join(pieces[:length])
                if found in modules and found not in reached:
                    reached[found] = asking
                    waiting.append(found)
    return reached


def room_of(module: str) -> str:
    """The room a module lives in; the empty name for the root of the package."""
    return module.split(".")[1] if "." in module else ""


def strangers(modules: dict[str, set[str]], room: str, may_reach: set[str]) -> list[str]:
    """Modules a room reaches and may not, each with the importer."""
    starts = {module for module in modules if room_of(module) == room}
    return [
        f"{asking} imports {module}"
        for module, asking in reached_from(modules, starts).items()
        if room_of(module) not in {"", room, *may_reach}
    ]


def test_every_room_in_the_house_has_a_rule_about_what_it_may_reach():
    assert {"protocol", "signing", "sealing"} <= set(rooms())
    assert set(rooms()) <= set(MAY_REACH)


@pytest.mark.parametrize("room", rooms())
def test_a_room_reaches_only_the_rooms_it_may(room: str):
    assert strangers(house(), room, MAY_REACH[room]) == []


def test_only_the_hosts_commands_reach_for_the_server():
    reaching = {
        module
        for module, names in house().items()
        if any(name.startswith("lastwords.server") for name in names)
    }
    beyond = {
        module
        for module in reaching
        if room_of(module) == "cli" and not f"{module}.".startswith("lastwords.cli.host.")
    }
    assert beyond == set()
    assert "lastwords.cli.host.serve" in reaching


def test_a_forbidden_import_is_found_however_it_is_written_and_however_far_away():
    def importing(code: str, module: str = "lastwords.server.views") -> dict[str, set[str]]:
        return {
            "lastwords": set(),
            "lastwords.server": set(),
            module: set(imported_by(ast.parse(code), module, False)),
            "lastwords.server.deep": {"lastwords.sealing"},
            "lastwords.sealing": set(),
            "lastwords.signing": set(),
        }

    ways = [
        "import lastwords.sealing",
        "from lastwords import sealing",
        "from ..sealing import age",
        "from .. import sealing",
        "def late():\n    from lastwords.sealing import age",
        "import importlib\nimportlib.import_module('lastwords.sealing')",
        "from . import deep",
    ]
    for code in ways:
        modules = importing(code)
        if "deep" not in code:
            del modules["lastwords.server.deep"]
        assert strangers(modules, "server", {"signing"}), code
    clean = importing("from ..signing import keys")
    del clean["lastwords.server.deep"]
    assert strangers(clean, "server", {"signing"}) == []


def impurities(code: str, module: str, *, clockless: bool) -> list[str]:
    tree = ast.parse(code)
    found = [name for name in imported_by(tree, module, False) if name.split(".")[0] in IMPURE_MODULES]
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    used_of_os = {node.attr for node in attributes if ast.unparse(node.value) == "os"}
    if not clockless and used_of_os == {"urandom"}:  # a new key has to come from somewhere
        found.remove("os")
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"open", "print", "input"}
        ):
            found.append(node.func.id)
        if clockless and isinstance(node, ast.Attribute) and node.attr in CLOCK_CALLS:
            owner = ast.unparse(node.value)
            found += [f"{owner}.{node.attr}"] if owner.split(".")[-1] in {"datetime", "date"} else []
    return found


@pytest.mark.parametrize("room", sorted(PURE & set(rooms())))
def test_a_pure_room_touches_no_clock_no_chance_and_nothing_outside_itself(room: str):
    offences = []
    for path in sorted((SOURCE / room).rglob("*.py")):
        for offence in impurities(
            path.read_text("utf-8"), f"lastwords.{room}.x", clockless=room in CLOCKLESS
        ):
            offences.append(f"{path.relative_to(ROOT)}: {offence}")
    assert offences == []


def test_a_reading_of_the_clock_in_a_pure_room_is_found():
    for code in (
        "import time",
        "from os import urandom",
        "from datetime import datetime\ndatetime.now()",
        "open('x')",
    ):
        assert impurities(code, "lastwords.protocol.x", clockless=True), code
    assert impurities("from datetime import timedelta", "lastwords.protocol.x", clockless=True) == []
    assert impurities("import os\nos.urandom(32)\nos.environ", "lastwords.signing.x", clockless=False) == [
        "os"
    ]


@pytest.mark.parametrize("room", sorted({"protocol", "case", "signing", "sealing", "server"} & set(rooms())))
def test_importing_a_whole_room_loads_no_room_it_may_not_reach(room: str):
    """The same rule at run time, in a process of its own, so that an import no reader can see is caught as well."""
    loaded = {room_of(module) for module in inside(room)["loaded"]}
    assert room in loaded
    assert loaded <= {room, *MAY_REACH[room]}


# What lives outside of the package asks it for modules too, and no type checker reads most of that.


def asked_for(code: str) -> set[str]:
    """The modules of the package that this code names whole."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.partition(".")[0] == "lastwords"}


def is_python(name: str, text: str) -> bool:
    return name.endswith(".py") or text.startswith("#!/usr/bin/env python3")


def test_scripts_benches_proofs_and_tests_ask_for_no_module_that_there_is_not() -> None:
    outside = {name: text for name, text in tracked().items() if not name.startswith("src/")}
    asked = {name: asked_for(text) for name, text in outside.items() if is_python(name, text)}
    assert {"scripts/pictures", "bench/due.py", "proof/lives.py"} <= {name for name in asked if asked[name]}
    assert {name: sorted(asked[name] - set(house())) for name in asked if asked[name] - set(house())} == {}


def test_a_module_that_moved_is_found_missing_wherever_it_is_asked_for() -> None:
    code = "def late():\n    from lastwords.server.pages.moved import local\n    import lastwords.gone"
    assert asked_for(code) - set(house()) == {"lastwords.server.pages.moved", "lastwords.gone"}
