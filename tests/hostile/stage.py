"""Four moments at which a host can lie, each on a real host with real people, and how one lie is met.

A lie changes nothing, so all lies of one moment are told on one host, one after another.
"""

import json
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cli.conftest import Cave, Person
from hostile.proxy import Liar, Request
from web.overheard import spellings

from lastwords.cli import client
from lastwords.cli.home import Home
from lastwords.cli.me import Me
from lastwords.sealing.age import bech32
from lastwords.sealing.person import PersonKeys
from lastwords.signing import canonical
from lastwords.signing.keys import SigningKey
from lastwords.signing.notes import EmergencyNotes

KEPT = ("key", "person.toml", "pins.json", "invitations.json")
"""What a person's machine knows; the counter of check-ins is a counter and may run on."""
SECRET = (
    "You will lead the village one day.",
    "Do not come looking for me.",
    "A happy one",
    "I looked for him",
)


def me(person: Person) -> Me:
    """The person as their own client sees them, for what a test prepares."""
    return Me(Home(person.home))


@dataclass
class Stage:
    """One moment: the people, the liar before their host, and what was honest once and may be replayed."""

    cave: Cave
    liar: Liar
    elsewhere: str
    """The origin of another server, which nobody was meant to reach."""
    reached: list[Any]
    old: dict[str, Any] = field(default_factory=dict)
    false: PersonKeys = field(default_factory=PersonKeys.new)
    """Keys of the host's own."""
    false_signing: SigningKey = field(default_factory=SigningKey.new)

    patience: float = client.PATIENCE

    def person(self, name: str) -> Person:
        return self.cave.place.person(name)

    def hurries(self, seconds: float) -> None:
        """What the next act waits for one answer at most."""
        self.patience = seconds

    @cached_property
    def secrets(self) -> dict[str, list[str]]:
        """What no request may carry, in every spelling: everyone's seed and secret key, and the words."""
        found = {text: [text, *spellings(text.encode())] for text in SECRET}
        for folder in self.cave.place.folder.iterdir():
            if (folder / "home" / "key").exists():
                keys = me(Person(folder / "home", folder)).keys
                seed = bytes(bech32.decode(keys.secret_key)[1])
                found[f"the key of {folder.name}"] = [keys.secret_key, *spellings(seed)]
        return found


@dataclass(frozen=True)
class Behaviour:
    """One row: what the host does, which act meets it, and what must come of it.

    `refused` is the code of the refusal; without it the act goes well, and `unharmed` looks at its answer and at what
    was sent, and says whether the lie was left unused. Where the client refuses without asking for what the host would
    lie about, it `asks` not."""

    name: str
    family: str
    moment: str
    who: str
    types: str
    tell: Callable[[Stage], None]
    refused: tuple[str, ...] = ()
    unharmed: Callable[[Stage, dict[str, Any]], bool] | None = None
    asks: bool = True


@dataclass(frozen=True)
class Verdict:
    """What came of it; `accepted` holds every reason why it must not have."""

    code: str
    happened: str
    accepted: tuple[str, ...]


def meet(stage: Stage, row: Behaviour) -> Verdict:
    """Tells the lie, lets the person type, and judges."""
    liar, person = stage.liar, stage.person(row.who)
    liar.forget()
    stage.reached.clear()
    shutil.rmtree(person.home / "incoming", ignore_errors=True)
    row.tell(stage)
    before = known(person)
    with tempfile.TemporaryDirectory(dir=person.folder) as folder:
        out = Path(folder) / "out"
        written = stage.cave.iruka.folder
        named = {"out": out, "letter": written / "letter.txt", "find_me": written / "find_me.toml"}
        words = [word.format_map(named) for word in shlex.split(row.types)]
        try:
            result = _typed(stage, person, words)
        except Exception as error:
            return Verdict(type(error).__name__, str(error), (f"no refusal in two parts: {error!r}",))
        wrong = list(_wrong(stage, row, result))
        if row.refused and (out / "words").exists():
            wrong.append("words were opened")
    wrong += _changed(stage, before, known(person))
    if bool(liar.told) is not row.asks:
        wrong.append("the lie was never told" if row.asks else "the host was asked")
    wrong += leaks(liar.heard, stage.secrets)
    wrong += ["another server was reached"] if stage.reached else []
    said = _said(result)
    return Verdict(said.get("code", ""), said.get("happened", ""), tuple(wrong))


def _typed(stage: Stage, person: Person, words: list[str]) -> Any:
    usual, client.PATIENCE = client.PATIENCE, stage.patience
    try:
        return person.types(*words, "--json")
    finally:
        client.PATIENCE = stage.patience = usual


def _wrong(stage: Stage, row: Behaviour, result: Any) -> Iterator[str]:
    said = _said(result)
    if row.refused:
        if result.exit_code != 1 or said.get("code") not in row.refused:
            yield f"wanted a refusal as {row.refused}: {result.exit_code} {result.stdout[:300]} {result.stderr[:600]}"
        elif not said["happened"] or not said["do"]:
            yield "the refusal has not two parts"
        elif any(len(part) > 2500 or not part.isprintable() for part in said.values()):
            yield "the refusal is not fit to be shown"
    elif result.exit_code != 0:
        yield f"wanted it left unused: {result.stderr[:600]}"
    else:
        assert row.unharmed is not None
        if not row.unharmed(stage, json.loads(result.stdout)):
            yield f"the lie was used: {result.stdout[:600]}"


def _said(result: Any) -> dict[str, str]:
    lines = result.stderr.splitlines()
    try:
        return dict(json.loads(lines[-1])["refused"])
    except (IndexError, ValueError, KeyError):
        return {}


def known(person: Person) -> dict[str, bytes]:
    """What this machine keeps of whom to believe."""
    return {name: (person.home / name).read_bytes() for name in KEPT if (person.home / name).exists()}


def _changed(stage: Stage, before: dict[str, bytes], after: dict[str, bytes]) -> Iterator[str]:
    """Why what a machine knows was harmed. It may learn something true on the way to a refusal, or fill
    in what it did not know, and unlearn nothing."""
    for name, text in before.items():
        if name == "pins.json":
            if not _within(json.loads(text), json.loads(after[name])):
                yield "a pin was changed"
        elif after[name] != text:
            yield f"{name} was changed"
    public = stage.false.public
    of_the_host = (
        *(public.sealing, public.signing, public.sealing_fingerprint, public.signing_fingerprint),
        *(stage.false_signing.public.text, stage.false_signing.public.fingerprint),
    )
    if any(key in after["pins.json"].decode() for key in of_the_host):
        yield "a key of the host's own was pinned"


def _within(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return all(name in other and _within(value, other[name]) for name, value in one.items())
    return one == other or one == ""


def leaks(heard: list[Request], secrets: dict[str, list[str]]) -> list[str]:
    """The names of secrets that stand in anything the host was sent."""
    sent = "\n".join(
        f"{one.path} {one.query} {one.headers} {one.body.decode('utf-8', 'replace')}" for one in heard
    )
    return [f"{name} was sent" for name, ways in secrets.items() if any(way in sent for way in ways)]


# The four moments.


def armed(stage: Stage) -> None:
    """A plan in force; words sealed anew since; people invited who are not verified, and one whose seat is gone."""
    cave, place = stage.cave, stage.cave.place
    pakkun = cave.keepers["pakkun"]
    stage.old = {
        "shares": me(pakkun).host.get("watches", "iruka", "shares"),
        "words": me(cave.iruka).host.get("watches", "iruka", "words"),
    }
    cave.iruka.does("words", "new-keys", "naruto")
    for name in ("pakkun", "bisuke", "bull", "ully"):
        cave.keepers[name].does("shares", "prove", "iruka")
    place.invited(cave.iruka, "kiba")
    place.invited(cave.iruka, "sasuke", "recipient")
    place.invited(cave.iruka, "shino", "recipient")
    cave.iruka.does("recipient", "verify", "shino")
    place.keeper(cave.iruka, "hana")
    cave.iruka.does("keeper", "remove", "hana")
    place.person("again").does("key", "from-card", str(cave.iruka.folder / "sheet.txt"), "--no-passphrase")
    place.author("kakashi")
    stage.old["log"] = me(cave.iruka).host.get("watches", "iruka", "log", after=0)["rows"]
    cave.iruka.does("log", "check")
    stage.old["plan"] = me(cave.iruka).host.get("watches", "iruka")
    cave.iruka.does("plan", "arm", "--check-in-every", "31d")
    cave.iruka.does("here")


def called(stage: Stage) -> None:
    """Iruka has fallen silent; Pakkun and Bull have written."""
    cave = stage.cave
    cave.place.fall_silent("iruka")
    pakkun, bull = cave.keepers["pakkun"], cave.keepers["bull"]
    pakkun.does("case", "iruka", "entry", "--text", pakkun.file("a.txt", "I looked for him at the bridge."))
    pakkun.does(
        "case",
        "iruka",
        "entry",
        "--only-keepers",
        "--text",
        pakkun.file("b.txt", "I looked for him at home."),
    )
    bull.does("case", "iruka", "entry", "--text", bull.file("c.txt", "I looked for him in the wood."))
    for name in ("bull", "bisuke"):
        cave.keepers[name].does("case", "iruka", "show")
        cave.keepers[name].does("shares", "list", "iruka")


def told(stage: Stage) -> None:
    """Three keepers have stated that he died, and Naruto has been told."""
    cave = stage.cave
    cave.place.fall_silent("iruka")
    for name in ("pakkun", "bisuke", "bull"):
        cave.keepers[name].does("case", "iruka", "state", "died", "--evidence", "own-sight")
    cave.place.run_out("iruka")
    stage.old["told"] = me(cave.keepers["pakkun"]).host.get(
        "watches", "iruka", "tracks", "died.naruto", "given"
    )
    cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    cave.naruto.does("open", "iruka", "--to", cave.naruto.folder / "wishes", "--wishes-first")
    naruto = me(cave.naruto)
    document = naruto.sign_act("shares wanted", "iruka", "recipient", subject="died.naruto")
    naruto.host.post("watches", "iruka", "tracks", "died.naruto", "shares-wanted", document=document, bad=[])


def asked(stage: Stage) -> None:
    """Iruka has left emergency notes, twice; Pakkun has seen the newest, has asked for them, and may open them."""
    cave, place = stage.cave, stage.cave.place
    iruka, pakkun = cave.iruka, cave.keepers["pakkun"]
    place.keeper(iruka, "hana")
    iruka.does("keeper", "remove", "hana")
    for name, text in (("older notes", "The key lies at Anko's."), ("notes", "The key lies at Genma's.")):
        iruka.does("notes", "write", "--text", iruka.file("notes.txt", text))
        stage.old[name] = me(iruka).host.get("watches", "iruka", "glass", "notes")
    stage.old["act"] = me(iruka).sign_act("trip", "iruka", "author", subject="1:2")
    newest = canonical.decode(stage.old["notes"]["document"].encode())["document"]
    stage.old["digest"] = EmergencyNotes.from_value(newest).digest
    me(pakkun).pins.see_notes("iruka", newest["number"], stage.old["digest"])
    pakkun.does("glass", "iruka", "ask")
    place.pass_time("iruka", place.watch("iruka").plan.glass)


MOMENTS: dict[str, Callable[[Stage], None]] = {"armed": armed, "asked": asked, "called": called, "told": told}
