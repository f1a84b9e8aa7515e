"""The watches that are lived while the cluster is hurt, and the hosts that serve them.

One real circle is brought through its life over the API, by people with real keys, to an open case and then to the end
of its last call; its record at either moment is given to as many authors as are wanted. Authors with an open case give
signs of life, or their keepers make statements; the others' words are due for release, one after the other.
"""

import json
import pickle
import secrets
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.conftest import HandMoved, House

from lastwords.server.settings import Mail, Settings

from .network import MACHINES
from .nodes import PASSWORD

ORIGIN, BIND, SMTP = "http://127.0.0.1:8443", "127.0.0.1:8443", 2525
"""The same on every machine: each has a loopback of its own."""


@dataclass
class Watches:
    """Who lives: authors who give signs, watches with an open case, and watches whose words are due, by their handles;
    `tokens` are everybody's sessions, `seeds` everybody's keys."""

    authors: list[str]
    cases: list[str]
    due: list[str]
    case: dict[str, Any] = field(default_factory=dict)
    manifests: dict[str, Any] = field(default_factory=dict)
    keepers: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    seeds: dict[str, bytes] = field(default_factory=dict)

    def keep(self, path: Path) -> None:
        path.touch(mode=0o600)
        path.write_bytes(pickle.dumps(self))


def kept(path: Path) -> Watches:
    """Read back by the people of each machine; written by this very run."""
    found = pickle.loads(path.read_bytes())
    assert isinstance(found, Watches)
    return found


def found_hosts(folder: Path, database: str) -> list[Path]:
    """A data folder for each machine, as docs/guide/host.md says it: one founded, the others with the same settings,
    secret and mark, and one folder of sealed files for all."""
    from lastwords.server import founding

    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD + "\n")
    first, *others = [folder / machine.name for machine in MACHINES]
    founding.found(
        Settings(
            data=first,
            origin=ORIGIN,
            mail=Mail("127.0.0.1", SMTP, "words@example.org"),
            host_mail="host@example.org",
            bind=BIND,
            pulse=20,
            database=database,
            database_password_file=str(secret),
        )
    )
    for other in others:
        other.mkdir(mode=0o700)
        for name in ("settings.toml", "secret", "begun"):
            shutil.copy2(first / name, other / name)
        (other / "files").symlink_to(first / "files")
    return [first, *others]


def made(first: Path, authors: int, cases: int, due: int, over: float) -> Watches:
    """Fills the database that the folder names. Words fall due one after the other over `over` seconds from now."""
    from server.api import world

    from lastwords.protocol.watch import Plan
    from lastwords.server import clock, models, settings

    chosen, plan = settings.current(), Plan()
    silence = plan.check_in_every + plan.late
    source = HandMoved(int(time.time()) - silence - plan.vigil - plan.last_call, 1_000, secrets.token_hex(8))
    clock.use(clock.Clock(source, chosen.pulse))
    clock.here().pulse(way_out=True, heard=True)
    circle = world.an_armed_circle()
    circle.house = House(first, chosen, source)
    circle.fall_silent()
    here = Watches(_names("author", authors), _names("case", cases), _names("due", due))
    here.case, here.manifests = circle.in_case(), circle.manifests
    here.keepers = [keeper.handle for keeper in circle.keepers]
    kakashi = models.Watch.objects.get(author=circle.author.handle)
    now = source.wall + plan.vigil + plan.last_call
    _copies(kakashi, [(name, now + 600) for name in (*here.authors, *here.cases)])
    for keeper in circle.keepers[:3]:
        assert circle.state(keeper).status == 201
    circle.pass_time(plan.vigil)
    kakashi.refresh_from_db()
    circle.house.leap(plan.last_call)
    _copies(kakashi, [(name, now + int(over * n / due)) for n, name in enumerate(here.due)])
    models.Watch.objects.filter(author=kakashi.author).update(look_at=None)
    models.Letter.objects.update(next_try=None)
    _everybody(here, circle)
    clock.use(None)
    return here


def _names(kind: str, count: int) -> list[str]:
    return [f"{kind}-{number:03}" for number in range(count)]


def _copies(first: Any, wanted: list[tuple[str, int]]) -> None:
    """The record of one watch as the record of each of these authors, to be looked at from that second on."""
    from lastwords.server import models
    from lastwords.server.log import author_log, beginning

    models.Watch.objects.bulk_create(
        models.Watch(
            author=author,
            state=json.dumps(
                json.loads(first.state) | {"author": author},
                ensure_ascii=False,
                sort_keys=True,
                separators=(",", ":"),
            ),
            look_at=look_at,
            head_link=beginning(author_log(author)).link,
        )
        for author, look_at in wanted
    )


def _everybody(here: Watches, circle: Any) -> None:
    """The authors as people with the circle's author's keys; a mailbox and a session for everyone."""
    from lastwords.server import accounts, models

    author = models.Person.objects.get(handle=circle.author.handle)
    for name in (*here.authors, *here.cases, *here.due):
        author.pk = name
        author.handle = name
        author._state.adding = True
        author.save(force_insert=True)
        here.seeds[name] = circle.author.keys._seed
    for keeper in circle.keepers:
        here.seeds[keeper.handle] = keeper.keys._seed
    for person in models.Person.objects.all():
        address = f"{person.handle}@example.org"
        models.Channel.objects.get_or_create(
            person=person, address=address, defaults={"proven_at": person.joined or 1}
        )
        if person.handle in (*here.authors, *here.keepers):
            here.tokens[person.handle] = accounts.begin_session(person)[0]
