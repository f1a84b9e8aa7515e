"""A host full of authors in *well*, each with a whole circle and a phone, as the machine would have left them."""

import base64
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lastwords.protocol import events as e
from lastwords.protocol import machine
from lastwords.protocol.changed import changed
from lastwords.protocol.effects import Step
from lastwords.protocol.moments import DAY, Moment
from lastwords.protocol.stages import Condition
from lastwords.protocol.watch import Plan, Watch, track_key
from lastwords.signing.keys import to_base64url
from lastwords.signing.phone import PhoneCheckIn

KEEPERS = ("anko", "gai", "kurenai", "asuma", "ibiki")
PHONE = "phone-1"
AT_ONCE = 1_000
"""Authors written in one transaction."""


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
    """An author's phone, and the counter it has come to."""

    handle: str
    key: ec.EllipticCurvePrivateKey
    counter: int = 1

    @property
    def public_key(self) -> str:
        return to_base64url(self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def press(self, origin: str, wall: int, header: str = "") -> bytes:
        """A whole request in which the phone says "I'm here"."""
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


def fill(count: int, now: Moment) -> list[Author]:
    """Writes `count` authors into the database Django is pointed at."""
    from django.db import transaction

    watch, made = an_armed_watch(now), []
    numbers = iter(range(count))
    while some := list(islice(numbers, AT_ONCE)):
        people = [Author(f"author-{number:07}", ec.generate_private_key(ec.SECP256R1())) for number in some]
        with transaction.atomic():
            _write(people, watch, now)
        made += people
    return made


def _write(people: list[Author], pattern: Watch, now: Moment) -> None:
    from lastwords.protocol import spelling
    from lastwords.server import log, models

    rows, watches, persons, phones, counters = [], [], [], [], []
    for one in people:
        state = spelling.spell(changed(pattern, author=one.handle))
        entry = log.follow(log.beginning(log.author_log(one.handle)), {"event": "begin"}, bytes(16))
        persons.append(models.Person(handle=one.handle, name=one.handle))
        watches.append(
            models.Watch(
                author=one.handle,
                state=state,
                look_at=now.wall + 27 * DAY,
                head_number=1,
                head_link=entry.link,
                begun=now.wall,
            )
        )
        rows.append(
            models.LogRow(
                watch_id=one.handle,
                number=1,
                body=entry.body,
                salt=entry.salt,
                commitment=entry.commitment,
                link=entry.link,
            )
        )
        phones.append(
            models.Phone(person_id=one.handle, credential=PHONE, public_key=one.public_key, name="p", made=0)
        )
        counters.append(models.Counter(person_id=one.handle, credential=PHONE, last=1))
    parts = [models.Part(watch_id=one.handle, person=who) for one in people for who in (*KEEPERS, "naruto")]
    for kind, many in (
        (models.Person, persons),
        (models.Watch, watches),
        (models.LogRow, rows),
        (models.Phone, phones),
        (models.Counter, counters),
        (models.Part, parts),
    ):
        kind._default_manager.bulk_create(many, batch_size=500)  # type: ignore[attr-defined]


def lanes(
    people: list[Author], count: int, each: int, origin: str, wall: int, header: str = ""
) -> list[list[str]]:
    """Presses for `count` connections, `each` of them: no author stands in two lanes, so that counters only rise, and
    the authors of a lane come in an order that has nothing to do with how they lie in the database."""
    made = []
    for lane in range(count):
        own = people[lane::count]
        random.Random(lane).shuffle(own)
        turns = islice(cycle(own), each)
        made.append([base64.b64encode(one.press(origin, wall, header)).decode() for one in turns])
    return made


def write_lanes(place: Path, port: int, lanes: list[list[str]], warm: float, seconds: float) -> None:
    """What `load` reads."""
    place.write_text(json.dumps({"port": port, "lanes": lanes, "warm": warm, "seconds": seconds}))
