"""A real host at each of four moments, with a liar before it."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cli.conftest import CIRCLE, Cave, HandMoved, Listening, armed, copy_folder, listening, serving
from hostile.proxy import lying
from hostile.stage import MOMENTS, Stage
from server.conftest import migrated, no_cluster_is_left, no_database_is_left

__all__ = ["armed", "listening", "migrated", "no_cluster_is_left", "no_database_is_left"]


@pytest.fixture(scope="module")
def at(
    listening: Listening, armed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Stage]]:
    """Gives the moment that a row names. One stands at a time, and it stands for all rows that follow each other."""
    standing: dict[str, Stage] = {}
    with ExitStack() as open_now:

        def give(moment: str) -> Stage:
            if moment not in standing:
                open_now.close()
                standing.clear()
                folder = tmp_path_factory.mktemp(moment)
                standing[moment] = open_now.enter_context(_stage(moment, listening, armed, folder))
            return standing[moment]

        yield give


@contextmanager
def _stage(moment: str, listening: Listening, armed: Path, folder: Path) -> Iterator[Stage]:
    shutil.copytree(armed, folder, ignore=shutil.ignore_patterns("data"), dirs_exist_ok=True)
    copy_folder(armed / "data", folder / "data")
    reached: list[object] = []
    with (
        serving(listening, folder / "data", HandMoved()) as place,
        lying(listening.server) as liar,
        elsewhere(reached) as other,
    ):
        people = {name: place.person(name) for name in (*CIRCLE, "iruka", "naruto")}
        cave = Cave(place, people["iruka"], people["naruto"], {name: people[name] for name in CIRCLE})
        found = Stage(cave, liar, other, reached)
        MOMENTS[moment](found)
        yield found


@contextmanager
def elsewhere(reached: list[object]) -> Iterator[str]:
    """A server that nobody was meant to reach; whoever does is written down."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reached.append(dict(self.headers))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
