"""A host full of authors in *well*, each with a whole circle and a phone, as the machine would have left them."""

import base64
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lastwords.protocol import events as e
from lastwords.protocol import machine
from lastwords.protocol.effects import Step
from lastwords.protocol.moments import DAY, Moment
from lastwords.protocol.stages import Condition
from lastwords.protocol.watch import Plan, Watch, track_key
from lastwords.signing.keys import to_base64url
from lastwords.signing.phone import PhoneCheckIn

KEEPERS = ("anko", "gai", "kurenai", "asuma", "ibiki")
PHONE = "phone-1"
AT_ONCE = 10_000
"""Authors written in one transaction."""
MOST_KNOCK = 50_000
"""Authors who have a key to knock with: more than are reached while anybody measures."""
NO_KEY = "A" * 87
"""What stands in the place of a key that nobody holds."""


def an_armed_watch(now: Moment) -> Watch:
    """Five keepers, words for one recipient, the plan in force: played through the machine, event by event."""
    author = "author-0000000"
    track, roster = track_key(Condition.DIED, "naruto", ""), tuple(sorted(KEEPERS))
    acts: list[e.Event] = [
        e.AddCredential(author, "key", "device"),
        e.AddCredential(author, "paper", "paper"),
        e.AddCredential(author, PHONE, "device"),
        e.ProveRecovery(author),
    ]
    for keeper in KEEPERS:
        acts += [e.InviteKeeper(author, keeper), e.AcceptSeat(keeper), e.VerifyKeeper(author, keeper, True)]
    items = (("words.age", "a" * 64),)
    acts.append(e.SealWords(author, Condition.DIED, "naruto", "", 1, "b" * 64, "", "set-1", roster, items))
    acts += [e.GiveReceipt(keeper, ((track, "set-1"),)) for keeper in KEEPERS]
    watch = Watch(author, last_sign=now)
    for event in (*acts, e.Arm(author, Plan())):
        step = machine.step(watch, event, now)
        assert isinstance(step, Step), step
        watch = step.watch
    return watch


@dataclass
class Author:
    """An author's phone, and the counter it has come to. Without a key they do not knock."""

    handle: str
    key: ec.EllipticCurvePrivateKey | None
    counter: int = 1

    @property
    def public_key(self) -> str:
        if self.key is None:
            return NO_KEY
        return to_base64url(self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def press(self, origin: str, wall: int, header: str = "") -> bytes:
        """A whole request in which the phone says "I'm here"."""
        assert self.key is not None
        self.counter += 1
        document = PhoneCheckIn(
            host=origin,
            author=self.handle,
            credential=PHONE,
            moment=datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            counter=self.counter,
        )
        text = document.encode()
        r, s = decode_dss_signature(
            self.key.sign(document.label().encode() + b"\0" + text, ec.ECDSA(SHA256()))
        )
        signature = to_base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        body = json.dumps({"phone": {"document": text.decode(), "signature": signature}}).encode()
        return (
            f"POST /api/watches/{self.handle}/check-ins HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/json\r\n{header}Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body


def handle(number: int) -> str:
    return f"author-{number:07}"


def fill(count: int, now: Moment, first: int = 0) -> list[Author]:
    """Writes `count` authors into the database Django is pointed at, with names from that number on, all heard of last
    at `now`. Gives those who will knock, drawn by chance: the
    phones of the others have keys that nobody holds, since a million keys take longer than all else."""
    from django.db import transaction

    watch, made = an_armed_watch(now), []
    will_knock = set(random.Random(count).sample(range(count), min(count, MOST_KNOCK)))
    for start in range(0, count, AT_ONCE):
        people = [
            Author(handle(first + number), _new_key() if number in will_knock else None)
            for number in range(start, min(count, start + AT_ONCE))
        ]
        with transaction.atomic():
            _write(people, watch, now)
        made += [one for one in people if one.key]
    return made


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _write(people: list[Author], pattern: Watch, now: Moment) -> None:
    """One table after the other: a row as its model makes it, and for every author what is another's in it."""
    from lastwords.protocol import spelling
    from lastwords.server import log, models
    from lastwords.server.rows import state_hash

    text, nobody = spelling.spell(pattern), f'"author":"{pattern.author}"'
    states = [text.replace(nobody, f'"author":"{one.handle}"', 1) for one in people]
    heads = [
        log.follow(
            log.beginning(log.author_log(one.handle)),
            {"event": "begin", "state": state_hash(state)},
            bytes(16),
        )
        for one, state in zip(people, states, strict=True)
    ]
    away = people[0].handle
    add(models.Person(handle=away, name="An author"), ("handle",), ((one.handle,) for one in people))
    add(
        models.Watch(author=away, state="", look_at=now.wall + 27 * DAY, head_number=1, begun=now.wall),
        ("author", "state", "head_link"),
        ((one.handle, state, head.link) for one, state, head in zip(people, states, heads, strict=True)),
    )
    add(
        models.LogRow(watch_id=away, number=1, salt=bytes(16)),
        ("watch_id", "body", "commitment", "link"),
        (
            (one.handle, head.body, head.commitment, head.link)
            for one, head in zip(people, heads, strict=True)
        ),
    )
    add(
        models.Phone(person_id=away, credential=PHONE, name="p", made=0),
        ("person_id", "public_key"),
        ((one.handle, one.public_key) for one in people),
    )
    add(
        models.Counter(person_id=away, credential=PHONE, last=1),
        ("person_id",),
        ((one.handle,) for one in people),
    )
    add(
        models.Part(watch_id=away),
        ("watch_id", "person"),
        ((one.handle, who) for one in people for who in (*KEEPERS, "naruto")),
    )


def add(pattern: Any, own: tuple[str, ...], each: Iterator[tuple[Any, ...]]) -> None:
    """Adds a row for each of these values, which stand in the columns `own`; all else is as in the pattern."""
    from django.db import connection

    fields = [field for field in pattern._meta.concrete_fields if field.attname != "id"]
    alike = [field for field in fields if field.attname not in own]
    rest = tuple(field.get_db_prep_save(getattr(pattern, field.attname), connection) for field in alike)
    columns = ", ".join([*own, *(f'"{field.column}"' for field in alike)])
    table = pattern._meta.db_table
    rows = ((*values, *rest) for values in each)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)
        else:
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def lanes(
    people: list[Author], count: int, each: int, origin: str, wall: int, header: str = "", turn: int = 0
) -> list[list[str]]:
    """Presses for `count` connections, `each` of them: no author stands in two lanes, so that counters only rise, and
    the authors of a lane come in an order that has nothing to do with how they lie in the database, and in another one
    in every turn: a host with many authors must not be asked for the same few again."""
    made = []
    for lane in range(count):
        own = people[lane::count]
        random.Random(1_000 * turn + lane).shuffle(own)
        turns = islice(cycle(own), each)
        made.append([base64.b64encode(one.press(origin, wall, header)).decode() for one in turns])
    return made


def write_lanes(place: Path, port: int, lanes: list[list[str]], warm: float, seconds: float) -> None:
    """What `load` reads."""
    place.write_text(json.dumps({"port": port, "lanes": lanes, "warm": warm, "seconds": seconds}))
