"""How the whole suite closes: every suite by name, the figures that tests measured, and what could not run.

A suite is a folder of ``tests``, or a single file beside this one. A test that means something only with a tool
that is not ours says so: ``@pytest.mark.needs("command:age or npm:age-encryption")``. Without the tool it is left out
and its suite is named *not run* in the closing lines; with ``CI=true`` that fails, so that green means everything ran.
"""

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from ctypes.util import find_library
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent

# Cheap and central first: whoever breaks the machine should hear of it before the story has played.
ORDER = ["manners", "protocol", "case", "signing", "sealing", "cli", "server", "simulation", "web", "story"]

BESIDE = Path("/usr/lib/postgresql")

LEFT_OUT = pytest.StashKey[list[tuple[str, str]]]()


def suite_of(nodeid: str) -> str:
    """The suite a test belongs to: its folder under ``tests``, or its file's name without ``test_``."""
    parts = Path(nodeid.split("::")[0]).parts
    parts = parts[1:] if parts[0] == TESTS.name else parts
    return parts[0] if len(parts) > 1 else Path(parts[0]).stem.removeprefix("test_")


def is_here(tool: str) -> bool:
    """Whether one tool (``command:NAME``, ``npm:PACKAGE`` or ``library:NAME``) is on this machine.

    A command may also lie where Debian keeps PostgreSQL's, which are not on the search path."""
    kind, _, name = tool.partition(":")
    if kind == "command":
        return shutil.which(name) is not None or any(BESIDE.glob(f"*/bin/{name}"))
    if kind == "npm":
        return shutil.which("node") is not None and (ROOT / "node_modules" / name / "package.json").is_file()
    if kind == "library":
        return find_library(name) is not None
    raise pytest.UsageError(f"needs({tool!r}): say command:NAME, npm:PACKAGE or library:NAME")


def missing_tool(item: pytest.Item) -> str | None:
    """The first thing this test needs that is not here; alternatives are joined by ' or '."""
    for mark in item.iter_markers("needs"):
        for wanted in mark.args:
            if not any(is_here(tool) for tool in wanted.split(" or ")):
                return str(wanted)
    return None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("some", "sqlite", "postgresql"),
        default="some",
        help="which database the server's tests run on: SQLite, and marked ones on PostgreSQL too; or all on one",
    )


POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.needs("command:postgres"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that have a database run on SQLite; marked ones on PostgreSQL as well, and on demand all of them."""
    if "database" not in metafunc.fixturenames:
        return
    asked = metafunc.config.getoption("database")
    only = metafunc.definition.get_closest_marker("only_on")
    if only is not None:
        kinds = [POSTGRESQL] if only.args == ("postgresql",) else ["sqlite"]
    elif asked == "postgresql":
        kinds = [POSTGRESQL]
    elif asked == "some" and metafunc.definition.get_closest_marker("both_databases"):
        kinds = ["sqlite", POSTGRESQL]
    else:
        return
    metafunc.parametrize("database", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> str:
    """Which database the test's host keeps its tables in: sqlite or postgresql."""
    return str(getattr(request, "param", "sqlite"))


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_OUT] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> tuple[bool, float, int]:
        """Slow files come last, the longest of them first: one that ran for minutes at the very end would leave the
        other worker with nothing to do."""
        suite, slow = suite_of(item.nodeid), item.get_closest_marker("slow")
        return (
            slow is not None,
            -slow.kwargs.get("minutes", 0) if slow else 0,
            ORDER.index(suite) if suite in ORDER else len(ORDER),
        )

    chosen, left_out = [], []
    for item in sorted(items, key=rank):
        missing = missing_tool(item)
        if missing is None:
            chosen.append(item)
        else:
            left_out.append(item)
            config.stash[LEFT_OUT].append((suite_of(item.nodeid), missing))
    if left_out:
        config.hook.pytest_deselected(items=left_out)
    items[:] = chosen


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Iterator[Callable[[str], None]]:
    """``figure("age kit 143/143")`` prints a measured figure in the closing lines, from any worker."""

    def note(text: str) -> None:
        request.node.user_properties.append(("figure", text))

    yield note


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if hasattr(config, "workeroutput"):  # a worker tells the one process that closes the run
        config.workeroutput["left_out"] = json.dumps(config.stash[LEFT_OUT])
    elif os.environ.get("CI") == "true" and not_run(config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    config = node.config  # type: ignore[attr-defined]
    told = json.loads(getattr(node, "workeroutput", {}).get("left_out", "[]"))
    # Every worker collects everything, so one of them is enough.
    config.stash[LEFT_OUT] = config.stash[LEFT_OUT] or [tuple(entry) for entry in told]


def not_run(config: pytest.Config) -> dict[str, str]:
    """Suites, or parts of one, that could not run here, with the reason."""
    reasons: dict[str, str] = {}
    for (suite, missing), count in Counter(config.stash[LEFT_OUT]).items():
        reasons[suite] = f"{count} not run: {missing} is not on this machine"
    return reasons


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    outcomes: dict[str, Counter[str]] = {}
    figures: list[str] = []
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            outcomes.setdefault(suite_of(report.nodeid), Counter())[outcome] += 1
            figures += [text for name, text in getattr(report, "user_properties", []) if name == "figure"]
    reasons = not_run(config)
    terminalreporter.section("suites")
    for suite in sorted(
        {*outcomes, *reasons}, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER)
    ):
        counts = [f"{count} {outcome}" for outcome, count in outcomes.get(suite, Counter()).items()]
        terminalreporter.write_line(f"{suite}: " + ", ".join([*counts, *filter(None, [reasons.get(suite)])]))
    for text in figures:
        terminalreporter.write_line(f"figure: {text}")
    if reasons and os.environ.get("CI") == "true":
        terminalreporter.write_line(
            "With CI=true a suite that cannot run counts as failed. Install what it needs."
        )
