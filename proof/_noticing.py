"""Which test notices a mistake: by reading everything anew, or by swapping the code of a function.

Most mistakes lie inside a function. For those nothing has to be read anew: a process collects the tests once, and for
each mistake a child of it gives the function its changed code, forgets what was worked out and remembered before, and
runs the tests until one fails. What a module does while it is read is not done again there, so whatever a swap does not
show, and every mistake outside of functions, is tried in a process that has read nothing yet.
"""

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import CodeType, FunctionType, ModuleType
from typing import Any, TextIO

from _mistakes import SOURCE, Mutant, code_of, code_without

PATIENCE = 60
"""Seconds of CPU after which a mutant is taken to run for ever; that is noticed too."""
LEAST_OF_ONE, TIMES = 3, 10
"""The same of one test, when it is known how long it takes: so many seconds, and so many times as long."""
OPTIMIZED, NEWLOCALS = 1, 2
"""Flags of the code of a function; that of a class has neither, or not both."""
MOST_LATELY = 200


def module_of(mutant: Mutant) -> str:
    return mutant.file.removesuffix(".py").replace("/", ".")


# In a process that has read nothing yet.


class _Mutated(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Gives one module from changed code, and every other as ever."""

    def __init__(self, mutant: Mutant) -> None:
        self.module = module_of(mutant)
        super().__init__(self.module, str(SOURCE / mutant.file))
        self.code = code_of(mutant)

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        del path, target
        if name != self.module:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        return self.code

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)


class _First:
    """Runs those tests first that have noticed something lately, and remembers which one failed."""

    def __init__(self, lately: Sequence[str] = ()) -> None:
        self.lately = {name: place for place, name in enumerate(lately)}
        self.failed = ""

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items.sort(key=lambda item: self.lately.get(item.nodeid, len(self.lately)))

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid


def anew(mutant: Mutant, tests: Sequence[str], lately: Sequence[str]) -> str:
    """The test that fails on a mutant, tried in a process that reads everything; empty when none does."""
    return _told_by_child(lambda: _anew(mutant, tests, lately))


def _anew(mutant: Mutant, tests: Sequence[str], lately: Sequence[str]) -> str:
    first = _First(lately)
    try:
        sys.meta_path.insert(0, _Mutated(mutant))
        status = _pytest([*tests, "-x"], first)
    except BaseException as error:
        return f"the import: {type(error).__name__}"
    return first.failed or ("" if status == 0 else f"status {status}")


def _pytest(arguments: Sequence[str], plugin: object) -> int:
    import pytest

    sys.dont_write_bytecode = True
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    return int(pytest.main([*quiet, *arguments], plugins=[plugin]))


def _told_by_child(work: Callable[[], str]) -> str:
    """What a child process comes to within its patience."""

    def patiently(out: TextIO) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, resource.RLIM_INFINITY))
        out.write(work() or "-")

    with _child(patiently) as told:
        said = told.read()
    return {"": "the process ended", "-": ""}.get(said, said)


@contextlib.contextmanager
def _child(work: Callable[[TextIO], object]) -> Iterator[TextIO]:
    """Gives what a child process writes down, to be read as it comes; all else that it says is not heard."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with contextlib.suppress(BaseException):
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            with os.fdopen(writing, "w", buffering=1) as out:
                work(out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        yield told
    os.waitpid(child, 0)


# By swapping the code of a function.


def swapped(mutants: Sequence[Mutant], tests: Sequence[str]) -> Iterator[tuple[Mutant, str]]:
    """Each of these mutants with the test that fails on it, empty when none does; nothing for those that are no swap.
    Raises SystemExit when a test fails without any mistake."""
    with _child(
        lambda out: _pytest(tests, _Swapping(mutants, lambda at, by: print(json.dumps([at, by]), file=out)))
    ) as told:
        for line in told:
            at, by = json.loads(line)
            if at < 0:
                raise SystemExit(f"Without any mistake {by} fails. Nothing was tried; mend that first.")
            yield mutants[at], by


class _Swapping(_First):
    """In the place of pytest's own loop: all tests once, which must pass, and then each mutant in a child. Those tests
    come first that have noticed something lately, then those that take the least."""

    def __init__(self, mutants: Sequence[Mutant], tell: Callable[[int, str], None]) -> None:
        super().__init__()
        self.mutants, self.tell = mutants, tell
        self.memories: list[dict[Any, Any]] = []
        self.usual: dict[str, float] = {}
        """Seconds of CPU of each test."""

    def pytest_runtestloop(self, session: Any) -> bool:
        self.memories = list(_memories())
        self._run(session.items)
        if self.failed:
            self.tell(-1, self.failed)
            return True
        lately: list[str] = []
        for at, mutant in enumerate(self.mutants):
            changed = functions_changed(mutant)
            if changed is None:
                continue
            first = {name: place - len(lately) for place, name in enumerate(lately)}
            cost = self.usual | first
            items = sorted(session.items, key=lambda item, cost=cost: cost[item.nodeid])
            by = _told_by_child(partial(self._tried, items, mutant, changed))
            if "::" in by:
                lately[:] = [by, *(other for other in lately if other != by)][:MOST_LATELY]
            self.tell(at, by)
        return True

    def _tried(self, items: list[Any], mutant: Mutant, changed: dict[str, CodeType]) -> str:
        try:
            for name, code in changed.items():
                _function(importlib.import_module(module_of(mutant)), name).__code__ = code
        except (LookupError, ValueError):
            return ""  # it cannot be swapped, so it does not show here
        _forget(self.memories)
        self._run(items)
        return self.failed

    def _run(self, items: Sequence[Any]) -> None:
        for item, following in zip(items, [*items[1:], None], strict=True):
            began = time.process_time()
            if item.nodeid in self.usual:
                limit = int(began + LEAST_OF_ONE + TIMES * self.usual[item.nodeid]) + 1
                resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return
            self.usual.setdefault(item.nodeid, time.process_time() - began)


def _function(module: ModuleType, name: str) -> FunctionType:
    """The function itself, behind whatever decorates it. Raises LookupError."""
    found: Any = module
    for part in name.split("."):
        found = vars(found)[part]
    found = getattr(found, "fget", None) or getattr(found, "__func__", found)
    found = getattr(found, "__wrapped__", found)
    if not isinstance(found, FunctionType):
        raise LookupError(name)
    return found


def _named() -> Iterator[Any]:
    """Whatever the modules of ours name."""
    for name, module in list(sys.modules.items()):
        if name.startswith("lastwords."):
            yield from list(vars(module).values())


def _memories() -> Iterator[dict[Any, Any]]:
    """What is empty before anything has run, and may remember what was."""
    yield from (value for value in _named() if isinstance(value, dict) and not value)


def _forget(memories: Sequence[dict[Any, Any]]) -> None:
    """Nothing that functions have worked out before is remembered."""
    for memory in memories:
        memory.clear()
    for value in _named():
        if hasattr(value, "cache_clear"):
            value.cache_clear()


def functions_changed(mutant: Mutant) -> dict[str, CodeType] | None:
    """The functions that a mutant changes, by name; None when it changes what the module does as it is read, or a
    function that has no name of its own."""
    was, functions = _parts(code_without(mutant.file))
    now, others = _parts(code_of(mutant))
    if was != now:
        return None
    changed = {name: codes for name, codes in others.items() if codes != functions[name]}
    alone = all(len(codes) == 1 for codes in changed.values())
    return {name: codes[0] for name, codes in changed.items()} if changed and alone else None


def _parts(code: CodeType) -> tuple[object, dict[str, list[CodeType]]]:
    """What a module does as it is read, without the bodies of its functions; and those by name."""
    functions: dict[str, list[CodeType]] = {}

    def outside(one: CodeType) -> object:
        return one.co_code, one.co_names, tuple(map(constant, one.co_consts))

    def constant(value: object) -> object:
        if not isinstance(value, CodeType):
            return type(value), repr(value)
        if value.co_flags & (OPTIMIZED | NEWLOCALS) != OPTIMIZED | NEWLOCALS:
            return outside(value)
        if value.co_name.startswith("<"):
            return value
        functions.setdefault(value.co_qualname, []).append(value)
        return value.co_qualname

    return outside(code), functions
