"""One word per thing: names that people meet are compared with GLOSSARY.md, and both are read, not listed here."""

import enum
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from manners.house import ROOT, SOURCE, commands, inside, rooms


def split_words(name: str) -> list[str]:
    """``LastCall``, ``last_call``, ``last-call`` and ``last call`` are the same two words."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


@cache
def glossary() -> tuple[set[str], set[str]]:
    """The words of GLOSSARY.md's tables (first column, bold) and the words they stand in for (column headed *Not*)."""
    words: set[str] = set()
    instead: set[str] = set()
    heads: list[str] = []
    for line in (ROOT / "GLOSSARY.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            heads = []
        elif not heads:
            heads = cells
        elif not set(cells[0]) <= set("-: "):
            words |= {word.strip().lower() for word in re.findall(r"\*\*(.+?)\*\*", cells[0])}
            if "Not" in heads and len(cells) == len(heads):
                instead |= {
                    word.strip().lower() for word in cells[heads.index("Not")].split(",") if word.strip()
                }
    return words, instead


def modules_of(room: str) -> Iterator[ModuleType]:
    """Every module of a room, imported."""
    package = importlib.import_module(f"lastwords.{room}")
    yield package
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        yield importlib.import_module(found.name)


def enums_of(room: str) -> dict[str, type[enum.Enum]]:
    """Every enumeration that a room defines, by its full name."""
    return {
        f"{module.__name__}.{name}": value
        for module in modules_of(room)
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, enum.Enum) and value.__module__ == module.__name__
    }


def server_names() -> dict[str, str]:
    """Names of models, their fields, addresses and letters; none as long as there is no server."""
    if "server" not in rooms():
        return {}
    names: dict[str, str] = dict(inside("server")["names"])
    assert "a model" in names.values()
    letters = sorted((SOURCE / "server" / "letters").glob("*.txt"))
    assert letters
    return names | {path.stem: "a letter" for path in letters}


def names_on_show() -> dict[str, str]:
    """Every name a person meets in tables, addresses, letters and commands, with where it stands."""
    shown = server_names()
    for room in {"protocol", "case"} & set(rooms()):
        for place, kind in enums_of(room).items():
            shown |= {kind.__name__: place} | {member.name: place for member in kind}
    return shown | dict.fromkeys(commands(), "command")


# Words of the Not column that are also plain English in other places than ours: a field called so is no slip.
PLAIN_ENGLISH = {"message id", "home"}


def wrongly_named(names: dict[str, str], instead: set[str]) -> list[str]:
    offences = []
    for name, place in names.items():
        words = split_words(name)
        joined = " ".join(words)
        for wrong in instead - PLAIN_ENGLISH:
            if re.search(rf"\b{re.escape(wrong)}s?\b", joined) and joined not in PLAIN_ENGLISH:
                offences.append(f"{place}: {name} says {wrong!r}")
    return offences


def test_no_name_on_show_uses_a_word_that_the_glossary_replaces():
    words, instead = glossary()
    assert {"author", "keeper", "recipient", "words", "vigil", "last call"} <= words
    assert {"owner", "trustee", "heir"} <= instead
    assert wrongly_named(names_on_show(), instead) == []
    assert wrongly_named({"OwnerSeat": "x", "legal_heirs": "y"}, instead) == [
        "x: OwnerSeat says 'owner'",
        "y: legal_heirs says 'heir'",
    ]


def test_every_stage_and_finding_of_the_machine_is_explained_in_the_glossary():
    words, _ = glossary()
    stages = enums_of("protocol")
    assert any(name.endswith(".Stage") for name in stages)
    known = {" ".join(split_words(word)) for word in words}
    unexplained = [
        f"{place}.{member.name}"
        for place, kind in stages.items()
        if place.startswith("lastwords.protocol.stages.")
        for member in kind
        if " ".join(split_words(member.name)) not in known
    ]
    assert unexplained == []
