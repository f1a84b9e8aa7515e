"""People for the tests of the API, each with real keys and nothing but the API to act with.

The host cannot see into sealed files, so here they are any bytes that begin as one; everything that is signed is
really signed. `Circle` is the smallest real plan: an author, five keepers, one recipient with a card.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.test import Client

from lastwords.protocol.watch import Plan, Watch
from lastwords.sealing.person import PersonKeys
from lastwords.signing import canonical
from lastwords.signing.act import Act
from lastwords.signing.check_in import CheckIn, heads_digest
from lastwords.signing.documents import Document, sign
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.manifest import Manifest, ManifestFile, ManifestHead, RosterSeat
from lastwords.signing.plan_terms import PlanTerms
from lastwords.signing.receipt import Receipt
from lastwords.signing.session_answer import SessionAnswer
from lastwords.signing.statement import GivenShare, Statement
from lastwords.signing.vouching import Vouching

MOMENT = "2027-01-15T08:00:00Z"
KEEPERS = ("sakura", "yamato", "guy", "kurenai", "shizune")


class _Tables:
    """The server's models, reached only once a test's house has told Django where it lives."""

    def __getattr__(self, name: str) -> Any:
        from lastwords.server import models

        return getattr(models, name)


models = _Tables()


@dataclass
class Answer:
    """A status and the decoded body."""

    status: int
    body: Any
    raw: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.body[key]

    @property
    def code(self) -> str:
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""


@cache
def keys_of(name: str) -> PersonKeys:
    """The same keys for the same name all through the run: making them is not what is tested."""
    return PersonKeys.new()


def sealed(size: int = 200) -> bytes:
    """Bytes that begin as a sealed file does."""
    return b"age-encryption.org/v1\n" + secrets.token_bytes(size)


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Person:
    """Someone with keys, a handle and perhaps a session."""

    def __init__(self, name: str, handle: str = "") -> None:
        self.name, self.handle, self.keys = name, handle or name, keys_of(name)
        self.token = ""
        self.away = False
        self.client = Client(raise_request_exception=True)

    def __deepcopy__(self, _: Any) -> "Person":
        """The same person in a copy of the house; keys are shared, since they never change."""
        twin = Person(self.name, self.handle)
        twin.token = self.token
        return twin

    # Talking to the host.

    def ask(self, method: str, path: str, body: Any = None, /, **headers: str) -> Answer:
        """One request; `body` travels as JSON, or as it is when it is bytes."""
        if self.away and self.token:
            self.away = False
            self.sign_in()
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        got = self.client.generic(method, f"/api{path}", data, content_type=kind, headers=headers)
        raw = b"".join(got.streaming_content) if got.streaming else got.content
        is_json = got.headers.get("Content-Type", "").startswith("application/json")
        return Answer(got.status_code, json.loads(raw) if is_json else None, raw, dict(got.headers))

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, **headers)

    def post(self, path: str, /, **body: Any) -> Answer:
        return self.ask("POST", path, body)

    # Signing.

    def signed(self, document: Document) -> str:
        return sign(document, self.keys.signing).data.decode()

    def act(self, act: str, author: str, role: str = "keeper", **fields: Any) -> str:
        base: dict[str, Any] = {"case": None, "epoch": None, "subject": None, "body": None, "moment": MOMENT}
        return self.signed(Act(actor=self.handle, role=role, author=author, act=act, **base | fields))

    # Joining and signing in.

    def keys_sent(self) -> dict[str, str]:
        public = self.keys.public
        return {
            "public_key": public.sealing,
            "signing_key": public.signing,
            "sign_in_key": public.sign_in,
        }

    def join(self, **how: Any) -> Answer:
        got = self.post(
            "/people", name=self.name.capitalize(), zone="Europe/Lisbon", **self.keys_sent(), **how
        )
        if got.status in (200, 201):
            self.handle = got["handle"]
        return got

    def answer_for(self, challenge: str, origin: str, account: str | None = None) -> str:
        document = SessionAnswer(origin=origin, account=account or self.handle, challenge=challenge)
        return sign(document, self.keys.sign_in).data.decode()

    def sign_in(self) -> Answer:
        self.token, self.away = "", False
        asked = self.post("/challenges", account=self.handle)
        answer = self.answer_for(asked["challenge"], asked["origin"])
        got = self.post("/sessions", account=self.handle, answer=answer)
        self.token = got["token"] if got.status == 201 else ""
        return got

    # Files.

    def upload(self, data: bytes) -> str:
        got = self.piece(data, sha256(data), len(data), 0)
        assert got.status == 200 and got["complete"], got.body
        return sha256(data)

    def piece(self, data: bytes, name: str, size: int, offset: int) -> Answer:
        return self.ask(
            "PUT", f"/files/{name}", data, **{"Upload-Size": str(size), "Upload-Offset": str(offset)}
        )


def join_code() -> str:
    """A code the host has given out."""
    code = secrets.token_urlsafe(16)
    models.JoinCode.objects.create(hash=sha256(code.encode()), made=0, expires=2**40)
    return code


def an_author(name: str = "kakashi") -> Person:
    """Someone who joined with a code and is signed in."""
    author = Person(name)
    assert author.join(join_code=join_code(), handle=name).status == 201
    assert author.sign_in().status == 201
    return author


def invited(author: Person, name: str, role: str = "keeper") -> Person:
    """Someone who joined by invitation, answered it, and is signed in."""
    ident = secrets.token_hex(16)
    assert author.post(f"/watches/{author.handle}/invitations", role=role, id=ident, name=name).status == 201
    person = Person(name)
    assert person.join(invitation=ident, author=author.handle, handle=name).status == 201
    assert person.sign_in().status == 201
    answered = person.post(
        f"/watches/{author.handle}/invitations/{ident}/answer",
        answer=text(b"an answer only the author can check"),
    )
    assert answered.status == 200, answered.body
    return person


def verify(author: Person, keeper: Person, /, **changed: Any) -> Answer:
    """The author vouches for a keeper by the three keys the keeper has."""
    public = keeper.keys.public
    fields: dict[str, Any] = {
        "author": author.handle,
        "keeper": keeper.handle,
        "sealing": public.sealing_fingerprint,
        "signing": public.signing_fingerprint,
        "sign_in": public.sign_in_fingerprint,
        "by": "voice",
        "moment": MOMENT,
    }
    document = author.signed(Vouching(**fields | changed))
    path = f"/watches/{author.handle}/keepers/{keeper.handle}/verification"
    return author.post(path, document=document, vouched=True)


@dataclass
class Circle:
    """An author, keepers, a recipient, and what the author has sealed so far."""

    author: Person
    keepers: list[Person]
    recipient: Person
    manifests: dict[str, Any] = field(default_factory=dict)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    counter: int = 0
    house: Any = None

    def keeper(self, name: str) -> Person:
        return next(keeper for keeper in self.keepers if keeper.handle == name)

    @property
    def watch(self) -> Watch:
        """The record as it is kept."""
        from lastwords.server import store

        return store.read(self.author.handle)

    # Time, and the letters it depends on.

    def hand_over(self) -> None:
        """See `House.hand_over`."""
        self.house.hand_over(self.author.handle)

    def pass_time(self, seconds: int) -> None:
        """See `House.pass_time`. Sessions are over meanwhile: whoever acts next signs in again."""
        self.house.pass_time(self.author.handle, seconds)
        for person in (self.author, self.recipient, *self.keepers):
            person.away = True

    def fall_silent(self) -> None:
        """The author misses a check-in and answers nothing until the keepers are called."""
        plan = self.watch.plan
        self.pass_time(plan.check_in_every)
        self.pass_time(plan.late)
        assert self.watch.stage == "vigil"

    def release(self) -> None:
        """From *well* to released: three keepers state what they found, and the last call runs out."""
        self.fall_silent()
        for keeper in self.keepers[:3]:
            got = self.state(keeper)
            assert got.status == 201, got.body
        plan = self.watch.plan
        self.pass_time(plan.vigil)
        self.pass_time(plan.last_call)
        assert all(track.stage == "released" for track in self.watch.tracks)

    def tell(
        self, keeper: Person, track: str = "died.naruto", closed: Callable[[Any], bool] = lambda one: False
    ) -> Answer:
        """A keeper has told the recipient: every covered share comes back without its outer cover, but for those that
        stay closed to them."""
        path = f"{self.path}/tracks/{track}"
        given = keeper.get(f"{path}/given")
        uncovered = [
            {"keeper": one["keeper"], "part": one["part"], "body": text(sealed())}
            for one in given["given"]
            if not closed(one)
        ]
        document = keeper.act("told", self.author.handle, subject=track, **self.in_case())
        return keeper.post(f"{path}/told", document=document, uncovered=uncovered)

    def recipient_does(self, verb: str, act: str, track: str = "died.naruto", **more: Any) -> Answer:
        """The recipient signs one of their acts."""
        if not self.recipient.token:
            self.recipient.sign_in()
        document = self.recipient.act(act, self.author.handle, role="recipient", subject=track)
        return self.recipient.post(f"{self.path}/tracks/{track}/{verb}", document=document, **more)

    @property
    def path(self) -> str:
        return f"/watches/{self.author.handle}"

    # The author's acts.

    def manifest(self, condition: str = "died", **changed: Any) -> tuple[Manifest, dict[str, bytes]]:
        """The next manifest of a track, with the bytes of its files."""
        recipient = changed.pop("to", self.recipient)
        track = f"{condition.replace(' ', '_')}.{recipient.handle}"
        before = self.manifests.get(track)
        names = ("words.age", "release.key.age", "wishes.age", "wishes.release.key.age")
        files = {name: sealed() for name in changed.pop("names", names)}
        fields: dict[str, Any] = {
            "author": self.author.handle,
            "author_signing": fingerprint(self.author.keys.public.signing),
            "track": track,
            "number": before.document.number + 1 if before else 1,
            "before": before.digest if before else None,
            "made": MOMENT,
            "condition": condition,
            "mode": "two locks",
            "recipient": recipient.handle,
            "recipient_key": fingerprint(recipient.keys.public.sealing),
            "alternate_of": None,
            "release_key": "age1pq1words",
            "wishes_release_key": "age1pq1wishes",
            "words_split": sha256(b"words"),
            "wishes_split": sha256(b"wishes"),
            "k": 3,
            "roster": tuple(self.seat(keeper, index) for index, keeper in enumerate(self.keepers, 1)),
            "files": tuple(
                ManifestFile(name=name, sha256=sha256(data), size=len(data)) for name, data in files.items()
            ),
        }
        return Manifest(**fields | changed), files

    def seat(self, keeper: Person, index: int) -> RosterSeat:
        public = keeper.keys.public
        return RosterSeat(
            keeper=keeper.handle,
            index=index,
            sealing=public.sealing_fingerprint,
            signing=public.signing_fingerprint,
            words_share=sha256(f"words of {keeper.handle}".encode()),
            wishes_share=sha256(f"wishes of {keeper.handle}".encode()),
        )

    def send(self, manifest: Manifest, files: dict[str, bytes], **more: Any) -> Answer:
        """Uploads everything a manifest calls for and seals."""
        for data in files.values():
            self.author.upload(data)
        shares = {
            seat.keeper: {"words": self.author.upload(sealed()), "wishes": self.author.upload(sealed())}
            for seat in manifest.roster
        }
        signed = sign(manifest, self.author.keys.signing)
        got = self.author.post(f"{self.path}/words", manifest=signed.data.decode(), shares=shares, **more)
        if got.status == 201:
            self.manifests[manifest.track] = signed
            self.files[manifest.track] = files
        return got

    def seal(self, condition: str = "died") -> Answer:
        return self.send(*self.manifest(condition))

    def paper_codes(self, *codes: str) -> Answer:
        rows = []
        for code in codes:
            salt = secrets.token_bytes(16)
            rows.append({"salt": salt.hex(), "hash": sha256(salt + code.encode())})
        return self.author.post(f"{self.path}/paper-codes", codes=rows)

    def receipt(self, keeper: Person, track: str, /, **changed: Any) -> str:
        signed = self.manifests[track]
        seat = signed.document.seat(keeper.handle)
        fields: dict[str, Any] = {
            "keeper": keeper.handle,
            "author": self.author.handle,
            "track": track,
            "number": signed.document.number,
            "manifest": signed.digest,
            "purpose": "arming",
            "words_share": seat.words_share,
            "wishes_share": seat.wishes_share,
            "moment": MOMENT,
        }
        return keeper.signed(Receipt(**fields | changed))

    def give_receipts(self) -> None:
        self.give_receipts_of(self.keepers)

    def give_receipts_of(self, keepers: list[Person]) -> None:
        for keeper in keepers:
            documents = [self.receipt(keeper, track) for track, _ in self.held_by(keeper)]
            got = keeper.post(f"{self.path}/receipts", documents=documents)
            assert got.status == 200, got.body

    def arm(self, terms: dict[str, Any] | None = None, /, **changed: Any) -> Answer:
        terms = terms or plan_terms()
        fields: dict[str, Any] = {
            "author": self.author.handle,
            "plan_version": terms["version"],
            "terms": canonical.digest(canonical.encode(terms)),
            "moment": MOMENT,
        }
        document = self.author.signed(PlanTerms(**fields | changed))
        return self.author.post(f"{self.path}/plan", terms=terms, document=document)

    def sign_of_life(self, **changed: Any) -> Answer:
        self.counter += 1
        fields: dict[str, Any] = {
            "host": "http://127.0.0.1:8443",
            "author": self.author.handle,
            "moment": MOMENT,
            "counter": self.counter,
            "heads": heads_digest(self.heads()),
        }
        document = self.author.signed(CheckIn(**fields | changed))
        return self.author.post(f"{self.path}/check-ins", document=document)

    def trip(self, back: int, extra: int, **signed: Any) -> Answer:
        """A dated absence, signed by the author."""
        document = self.author.act(
            "trip", self.author.handle, role="author", subject=f"{back}:{extra}", **signed
        )
        return self.author.post(f"{self.path}/trip", back=back, extra=extra, document=document)

    def heads(self) -> list[ManifestHead]:
        return [signed.document.head for signed in self.manifests.values()]

    # The keepers' acts.

    def held_by(self, keeper: Person) -> list[tuple[str, Any]]:
        """The tracks of which this keeper holds a share, with their manifests."""
        return [
            (track, signed)
            for track, signed in self.manifests.items()
            if keeper.handle in [seat.keeper for seat in signed.document.roster]
        ]

    def in_case(self) -> dict[str, Any]:
        """Case and epoch as documents name them."""
        watch = self.watch
        assert watch.case is not None
        return {"case": str(watch.case.number), "epoch": watch.epoch}

    def statement(self, keeper: Person, finding: str = "died", /, **changed: Any) -> dict[str, Any]:
        """The body of a statement's request, a share of the words and one of the wishes given with it."""
        gives = finding in ("died", "cannot act")
        given, shares = [], []
        for track, signed in self.held_by(keeper) if gives else ():
            head = keeper.act(
                "give share", self.author.handle, subject=track, body=signed.digest, **self.in_case()
            )
            for part in ("words", "wishes"):
                body = sealed()
                given.append({"track": track, "part": part, "body": text(body), "head": head})
                shares.append(
                    GivenShare(
                        track=track,
                        part=part,
                        sha256=sha256(body),
                        sealed_to=signed.document.recipient_key,
                        covered_to=tuple(seat.sealing for seat in signed.document.roster),
                    )
                )
        fields: dict[str, Any] = {
            "keeper": keeper.handle,
            "author": self.author.handle,
            **self.in_case(),
            "plan_version": 1,
            "finding": finding,
            "evidence": "own sight",
            "manifests": tuple(signed.document.head for _, signed in self.held_by(keeper)) if gives else (),
            "given": tuple(shares),
            "moment": MOMENT,
            "free_text": None,
        }
        return {"document": keeper.signed(Statement(**fields | changed)), "given": given}

    def state(self, keeper: Person, finding: str = "died") -> Answer:
        return keeper.post(f"{self.path}/case/statements", **self.statement(keeper, finding))


def plan_terms(**changed: Any) -> dict[str, Any]:
    plan = Plan()
    return {name: getattr(plan, name) for name in Plan.__dataclass_fields__} | changed


def a_circle(keepers: int = 4) -> Circle:
    """An author with verified keepers and a recipient by card; nothing sealed yet."""
    author = an_author()
    people = [invited(author, name) for name in KEEPERS[:keepers]]
    for keeper in people:
        assert verify(author, keeper).status == 200
    recipient = Person("naruto")
    made = author.post(
        f"/watches/{author.handle}/recipients",
        name="Naruto",
        zone="Asia/Tokyo",
        handle="naruto",
        channels=[{"kind": "mail", "address": "naruto@example.org"}],
        **recipient.keys_sent(),
    )
    assert made.status == 201, made.body
    return Circle(author, people, recipient)


def an_armed_circle() -> Circle:
    """The plan in force: words sealed for one recipient, every share proven."""
    circle = a_circle()
    assert circle.seal().status == 201
    circle.give_receipts()
    assert circle.paper_codes("aaaa1111", "bbbb2222").status == 201
    proof = circle.author.act("recovery proven", circle.author.handle, role="author")
    assert circle.author.post(f"{circle.path}/recovery-proof", document=proof).status == 200
    armed = circle.arm()
    assert armed.status == 200, armed.body
    return circle
