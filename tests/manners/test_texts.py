"""The documents tell the truth: commands exist, links lead somewhere, the drawing is the table's."""

import importlib.machinery
import importlib.util
import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
from manners.house import ROOT, commands, rooms, tracked


def texts() -> dict[str, str]:
    return {
        name: text
        for name, text in tracked().items()
        if name.endswith(".md") and not name.startswith("vectors/")
    }


def shown_commands(text: str) -> Iterator[str]:
    """Lines of fenced code that a reader would type: ``lastwords …`` or ``$ lastwords …``."""
    for block in re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            match = re.match(r"^\s*(?:\$ )?(?:\.venv/bin/)?lastwords(?:\s+(.*))?$", line)
            if match:
                yield (match[1] or "").split(" | ")[0].strip()


def wrong_in(line: str, known: dict[str, click.Command]) -> str | None:
    """Why a shown command line would be refused as typed wrongly, or nothing. It is parsed, not run."""
    words = shlex.split(line, comments=True)
    command = known.get("")
    if command is None:
        return "there is no lastwords"
    path = ""
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        path = f"{path} {words.pop(0)}".strip()
        command = known.get(path)
        if command is None:
            return f"there is no {path}"
        if isinstance(command, click.Group):  # `case AUTHOR show`: the group's own arguments come first
            words = words[sum(isinstance(parameter, click.Argument) for parameter in command.params) :]
    if isinstance(command, click.Group) or "--help" in words:
        return None
    try:
        given, _, _ = command.make_parser(click.Context(command)).parse_args(words)
    except click.UsageError as error:
        return f"{path}: {error.format_message()}"
    said = {name for name, value in given.items() if "UNSET" not in repr(value)}
    missing = [
        parameter.name for parameter in command.params if parameter.required and parameter.name not in said
    ]
    return f"{path}: {missing[0]} is missing" if missing else None


def test_every_command_that_a_document_shows_could_be_typed_so():
    wrong = [
        f"{name}: lastwords {line}: {why}"
        for name, text in texts().items()
        for line in shown_commands(text)
        if (why := wrong_in(line, commands()))
    ]
    assert wrong == []


def test_a_shown_command_that_would_be_refused_is_found():
    here = click.Command("here", params=[click.Option(["--json"], is_flag=True)])
    show = click.Command("show", params=[click.Option(["--data"], required=True)])
    case = click.Group("case", params=[click.Argument(["author"])], commands={"show": show})
    top = click.Group("lastwords", commands={"here": here, "case": case})
    known: dict[str, click.Command] = {"": top, "here": here, "case": case, "case show": show}
    fenced = "$ lastwords here --json\nlastwords there\nlastwords here --loud\nlastwords case iruka show --data x\n"
    fenced += "lastwords case iruka show\nlastwords case iruka hide\n"
    shown = list(shown_commands(f"```\n{fenced}```\nlastwords in prose\n"))
    assert [wrong_in(line, known) for line in shown] == [
        None,
        "there is no there",
        "here: No such option '--loud'.",
        None,
        "case show: data is missing",
        "there is no case hide",
    ]
    assert wrong_in("here", {}) == "there is no lastwords"


def anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def broken_links(name: str, text: str) -> list[str]:
    broken = []
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        aim = (ROOT / name).parent / path if path else ROOT / name
        if not aim.exists() or (
            anchor and aim.suffix == ".md" and anchor not in anchors(aim.read_text("utf-8"))
        ):
            broken.append(f"{name}: {target}")
    return broken


def test_every_link_between_our_documents_leads_somewhere():
    assert len(texts()) >= 10
    assert [broken for name, text in texts().items() for broken in broken_links(name, text)] == []
    assert broken_links("README.md", "[a](nowhere.md) [b](README.md#no-such-head)")


def reachable(start: str, documents: dict[str, str]) -> set[str]:
    """Documents that a reader comes to by links from one of them."""
    found, waiting = {start}, [start]
    while waiting:
        name = waiting.pop()
        for target in re.findall(r"\]\(([^)\s#:]+)[^)\s]*\)", documents[name]):
            aim = os.path.normpath((Path(name).parent / target).as_posix())
            if aim in documents and aim not in found:
                found.add(aim)
                waiting.append(aim)
    return found


def test_every_document_can_be_reached_from_the_readme():
    ours = {name for name in texts() if "/" not in name or name.startswith("docs/")}
    assert ours - reachable("README.md", texts()) == set()
    assert reachable("a.md", {"a.md": "[b](b.md)", "b.md": "", "c.md": "[a](a.md)"}) == {"a.md", "b.md"}


def test_every_decision_is_listed_under_its_own_title():
    records = {name: text for name, text in texts().items() if name.startswith("docs/decisions/0")}
    listed = tracked()["docs/decisions/README.md"]
    entries = [
        f"- [{text.splitlines()[0].lstrip('# ')}]({name.rpartition('/')[2]})"
        for name, text in records.items()
    ]
    assert len(entries) >= 4
    assert [entry for entry in entries if entry not in listed] == []


def test_the_readme_shows_the_two_commands_pictures_of_our_own_and_no_badge():
    readme = tracked()["README.md"]
    assert "make demo" in readme and "make test" in readme
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme)
    assert len(shown) == readme.count("![")
    assert [one for one in shown if not (one.startswith("docs/pictures/") and (ROOT / one).is_file())] == []


def test_the_makefile_has_every_target_that_a_document_names():
    makefile = tracked()["Makefile"]
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {
        target
        for text in texts().values()
        for block in re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        + re.findall(r"`([^`\n]+)`", text)
        for target in re.findall(r"(?:^|\$ )make ([a-z]+)", block, re.MULTILINE)
    }
    assert {"demo", "test"} <= named
    assert named - targets == set()


def test_the_architecture_page_lists_exactly_the_rooms_that_stand():
    page = tracked()["docs/architecture.md"]
    table = page.split("## Rooms that stand")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `([a-z]+)/?` \|", table, re.MULTILINE)
    assert sorted(listed) == rooms()


def test_the_diagram_of_the_stages_is_the_one_drawn_from_the_table():
    diagram = importlib.import_module("lastwords.protocol.diagram")
    page = tracked()["docs/architecture.md"]
    shown = re.search(r"^```mermaid\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert shown is not None
    assert shown[1].strip() == diagram.mermaid().strip()


def prose_of(text: str) -> str:
    """A document without what is quoted from programs."""
    return re.sub(r"^```.*?^```|`[^`\n]*`|\]\([^)]*\)", "", text, flags=re.MULTILINE | re.DOTALL)


SHOUTING = re.compile(r"!(?!\[)")
NOT_BRITISH = re.compile(
    r"\b(?:color|behavior|center|favorite|honor|organiz|recogniz|authoriz|canceled|catalog\b)\w*"
)


def test_no_document_shouts_and_all_spell_the_same_way():
    for rule in (SHOUTING, NOT_BRITISH):
        assert {
            name: found[0] for name, text in texts().items() if (found := rule.search(prose_of(text)))
        } == {}
    assert (
        SHOUTING.search("Act now!")
        and NOT_BRITISH.search("its behavior")
        and not SHOUTING.search(prose_of("`!x`"))
    )


def script(name: str, path: str) -> ModuleType:
    loaded = importlib.machinery.SourceFileLoader(name, str(ROOT / path))
    spec = importlib.util.spec_from_loader(name, loaded)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loaded.exec_module(module)
    return module


def test_the_page_of_the_wrongs_is_what_the_lives_came_to():
    wrongs = script("wrongs", "bench/wrongs.py")
    assert wrongs.PAGE.read_text("utf-8") == wrongs.written()


def test_the_page_of_the_proof_is_what_its_parts_found():
    prove = script("prove", "scripts/prove")
    assert prove.PAGE.read_text(encoding="utf-8") == prove.page(prove.kept())
