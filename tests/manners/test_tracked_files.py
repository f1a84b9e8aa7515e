"""What may stand in a tracked file. The patterns are written in pieces, since this file is tracked as well."""

import json
import re
import subprocess

import pytest
from manners.house import ROOT, found_in, tracked


def pieces(*texts: str) -> str:
    """One pattern for all of these texts, each written with a bar somewhere inside."""
    return "|".join(re.escape(text.replace("|", "")) for text in texts)


REGISTRY_HOST = re.compile(
    pieces("py|pi.org", "python|hosted.org", "npm|js.org", "npm|js.com", "yarn|pkg.com", "crates|.io")
    + "|"
    + pieces("deb.|debian.org", "proxy.|golang.org", "ghcr|.io", "docker|.io"),
    re.IGNORECASE,
)
MACHINE_PATH = re.compile(rf"(?<![\w.>$}}~-])(?:{pieces('/ro|ot/', '/wo|rk/', '/ho|me/', '/tm|p/')})")
UNFINISHED = re.compile(rf"\b(?:{pieces('TO|DO', 'FIX|ME', 'XX|X', 'HA|CK', 'NotImplemented|Error')})\b")
HOW_IT_WAS_MADE = re.compile(
    r"\b(?:"
    + pieces("clau|de", "chat|gpt", "copi|lot", "anthro|pic", "open|ai", "language| model", "ai |agent")
    + "|"
    + pieces("sub|agent", "sub-|agent", "co-authored|-by", "generated| with", "shared/|design")
    + r")\b",
    re.IGNORECASE,
)
# Seven thousand English words, from which eight are read out; some of them are names of things elsewhere.
WORD_LISTS = {"src/lastwords/signing/eff_large.txt", "src/lastwords/server/static/eff_large.txt"}
UNSURE_TEST = re.compile(pieces("pytest.|skip", "mark.|skip", "x|fail", "unittest.|skip", "time.|sleep("))


def test_no_tracked_file_names_a_package_registry():
    assert found_in(tracked(), REGISTRY_HOST) == []


def test_no_tracked_file_holds_a_path_of_one_machine():
    assert found_in(tracked(), MACHINE_PATH) == []


def test_nothing_in_the_tree_is_marked_as_unfinished():
    assert found_in(tracked(), UNFINISHED) == []


def test_no_tracked_file_and_no_commit_tells_with_what_the_project_was_made():
    assert (
        found_in({name: text for name, text in tracked().items() if name not in WORD_LISTS}, HOW_IT_WAS_MADE)
        == []
    )
    told = subprocess.run(
        ["git", "log", "--format=%B"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert found_in({"git log": told}, HOW_IT_WAS_MADE) == []


def test_no_test_is_left_out_marked_as_failing_or_waits_by_the_clock():
    assert (
        found_in({name: text for name, text in tracked().items() if name.startswith("tests/")}, UNSURE_TEST)
        == []
    )


@pytest.mark.parametrize(
    ("rule", "offender"),
    [
        (REGISTRY_HOST, "resolved: https://registry." + "npm" + "js.org/x"),
        (MACHINE_PATH, "open('" + "/ro" + "ot/.cache')"),
        (MACHINE_PATH, "see " + "/wo" + "rk/main"),
        (UNFINISHED, "# TO" + "DO later"),
        (UNFINISHED, "raise NotImpl" + "ementedError"),
        (HOW_IT_WAS_MADE, "written by Clau" + "de"),
        (UNSURE_TEST, "@pytest.mark.sk" + "ip"),
        (UNSURE_TEST, "time.sl" + "eep(1)"),
    ],
)
def test_each_rule_about_tracked_files_catches_its_offender(rule: re.Pattern[str], offender: str):
    assert found_in({"a": offender}, rule)


def unhashed(requirements: str) -> list[str]:
    """Pins without a hash, and lines that are neither pin, hash nor comment."""
    whole = requirements.replace("\\\n", " ")
    return [
        line
        for line in whole.splitlines()
        if line.strip()
        and not line.strip().startswith("#")
        and not re.match(r"^[a-z0-9.\[\]-]+==.*--hash=sha256:", line)
    ]


@pytest.mark.parametrize("name", ["requirements/bootstrap.txt", "requirements/all.txt"])
def test_every_requirement_is_pinned_and_hashed(name: str):
    assert unhashed(tracked()[name]) == []
    assert unhashed("django==5.2.19\n") and unhashed("--index-url x\n")


def test_every_locked_npm_package_has_a_hash_and_no_address():
    packages = json.loads(tracked()["package-lock.json"])["packages"]
    locked = {name: entry for name, entry in packages.items() if name}
    assert locked
    assert [name for name, entry in locked.items() if "integrity" not in entry or "resolved" in entry] == []
