"""A key that is lost, replaced, or wanted somewhere else: what people type, over a real host."""

import shutil
from pathlib import Path

import pytest
from cli.conftest import Cave, Person, Place
from server.conftest import Way

from lastwords.cli.home import Home
from lastwords.protocol.moments import DAY
from lastwords.sealing.person import PersonKeys

GUESS = "abacus abdomen abdominal abide abiding ability ablaze able"


def reachable(cave: Cave, *people: str) -> None:
    """Addresses that were theirs long before anything was lost."""
    from lastwords.server import models

    since = cave.place.house.now().wall - 30 * DAY
    for person in people:
        models.Channel.objects.create(
            person_id=person, kind="mail", address=f"{person}@example.org", proven_at=since
        )


def wait(cave: Cave) -> None:
    """Letters leave, and three weeks go by with somebody looking now and then."""
    from lastwords.server import new_keys, outbox, store

    box = outbox.Outbox(store.here(), {"mail": Way()}, "Last Words", cave.place.origin)
    for days in (0, 7, 7.5, 0):
        now = cave.place.house.leap(round(days * DAY))
        box.run_all(now)
        new_keys.look(store.here(), now)


def words(answer: dict[str, list[str]]) -> str:
    return " ".join(answer["eight_words"])


def key_in(person: Person) -> str:
    return PersonKeys.from_card(Home(person.home).read_key().decode()).secret_key


@pytest.fixture
def lost(cave: Cave) -> Person:
    """Iruka after the fire: another folder, another machine, nothing in it."""
    reachable(cave, "iruka")
    return cave.place.person("iruka-anew")


def test_somebody_who_lost_every_copy_comes_back_after_a_call_and_a_wait(cave: Cave, lost: Person) -> None:
    pakkun, origin = cave.keepers["pakkun"], cave.place.origin
    asked = lost.does("key", "recover", origin, "iruka", "--no-passphrase")
    assert asked["stage"] == "asked" and key_in(lost) != key_in(cave.iruka)
    assert lost.refused("state")["code"] == "sign_in_refused"
    pakkun.does("key", "vouch", "iruka", "--eight-words", words(asked))
    assert lost.does("key", "recover", origin, "iruka")["stage"] == "vouched"
    wait(cave)
    assert lost.does("key", "recover", origin, "iruka")["stage"] == "carried"
    assert lost.does("state", "iruka")
    assert cave.iruka.refused("state")["code"] == "sign_in_refused"


def test_a_keeper_vouches_by_the_words_they_hear_and_by_no_others(cave: Cave, lost: Person) -> None:
    pakkun = cave.keepers["pakkun"]
    lost.does("key", "recover", cave.place.origin, "iruka", "--no-passphrase")
    thief = cave.place.person("thief")
    stolen = thief.does("key", "recover", cave.place.origin, "iruka", "--no-passphrase")
    assert len(pakkun.does("key", "waiting")["others"]) == 2
    assert pakkun.refused("key", "vouch", "iruka", "--eight-words", GUESS)["code"] == "another_key"
    # The right words vouch for exactly one of the two; the other is refused by its number.
    row = next(
        one for one in pakkun.does("key", "waiting")["others"] if one["signing_key"] == key_text(thief)
    )
    assert stolen["stage"] == "asked"
    said = cave.keepers["bull"].does("key", "refuse", str(row["id"]))
    assert (said["person"], said["refused"]) == ("iruka", 1)
    assert thief.does("key", "recover", cave.place.origin, "iruka")["stage"] == "refused"


def test_one_no_can_be_to_all_that_nobody_has_vouched_for(cave: Cave) -> None:
    for name in ("thief", "another"):
        cave.place.person(name).does("key", "recover", cave.place.origin, "iruka", "--no-passphrase")
    bull = cave.keepers["bull"]
    newest = str(bull.does("key", "waiting")["others"][0]["id"])
    assert bull.does("key", "refuse", newest, "--older")["refused"] == 2
    assert bull.does("key", "waiting")["others"] == []


def key_text(person: Person) -> str:
    return PersonKeys.from_card(key_in(person)).public.signing


def test_a_paper_code_says_no_without_signing_in(cave: Cave, lost: Person) -> None:
    asked = lost.does("key", "recover", cave.place.origin, "iruka", "--no-passphrase")
    cave.keepers["pakkun"].does("key", "vouch", "iruka", "--eight-words", words(asked))
    text = (cave.iruka.folder / "codes.txt").read_text()
    code = next(line.split()[-1] for line in text.splitlines() if line.count("-") >= 3)
    anybody = cave.place.person("anybody")
    given = anybody.file("code", code)
    said = anybody.does("key", "refuse", "--origin", cave.place.origin, "--handle", "iruka", "--code", given)
    assert said["refused"] == 1
    wait(cave)
    assert cave.iruka.does("state", "iruka")


def test_an_author_who_replaces_their_key_seals_on_and_is_believed_by_voice(cave: Cave) -> None:
    reachable(cave, "iruka")
    iruka, pakkun = cave.iruka, cave.keepers["pakkun"]
    pakkun.does("shares", "list", "iruka")
    old = key_in(iruka)
    asked = iruka.does("key", "replace", "--no-passphrase")
    assert asked["stage"] == "vouched"
    assert iruka.refused("key", "finish")["code"] == "sign_in_refused"
    wait(cave)
    iruka.does("key", "finish")
    assert key_in(iruka) != old
    # What was sealed before is still theirs to read, and to seal anew with the word for the new key.
    iruka.does("words", "read", "died.naruto", "--to", iruka.folder / "read")
    pakkun.does("key", "confirm", "iruka", "--eight-words", words(asked))
    assert pakkun.does("shares", "list", "iruka")["shares"][0]["number"] == 1
    iruka.does("words", "new-keys", "died.naruto")
    assert pakkun.does("shares", "prove", "iruka")["shares"][0]["number"] == 2
    # Whoever has not heard the words believes the new key as little as a stranger's.
    bull = cave.keepers["bull"]
    assert bull.refused("shares", "list", "iruka")["code"] == "wrong_signer"
    assert bull.refused("key", "confirm", "iruka", "--eight-words", GUESS)["code"] == "another_key"


def test_a_keeper_with_new_keys_is_verified_by_words_and_proves_new_shares(cave: Cave) -> None:
    reachable(cave, "bull")
    bull = cave.keepers["bull"]
    asked = bull.does("key", "replace", "--no-passphrase")
    wait(cave)
    bull.does("key", "finish")
    assert cave.iruka.refused("keeper", "verify", "bull")["code"] == "another_key"
    cave.iruka.does("keeper", "verify", "bull", "--eight-words", words(asked))
    cave.iruka.does("words", "new-keys", "died.naruto")
    assert bull.does("shares", "prove", "iruka")["shares"][0]["opens"] is True


def test_a_version_that_a_given_up_key_signs_later_is_not_believed(cave: Cave, tmp_path: Path) -> None:
    """Whoever found the old key, and has the host on their side, seals one more version with it."""
    from lastwords.cli.errors import Stopped
    from lastwords.cli.me import Me
    from lastwords.cli.pins import Pin
    from lastwords.signing.documents import read, sign
    from lastwords.signing.manifest import Manifest

    pakkun = cave.keepers["pakkun"]
    pakkun.does("shares", "list", "iruka")
    from lastwords.server import models

    old = PersonKeys.from_card(key_in(cave.iruka))
    paper = models.Paper.objects.filter(watch_id="iruka", kind="manifest").first()
    first = read(bytes(paper.body), Manifest, old.signing.public)
    from dataclasses import replace

    later = replace(first.document, number=2, before=first.digest)
    person = Me(Home(pakkun.home))
    person.pins.replace("iruka", Pin("0" * 64, "eight words"))
    person.see(first)
    with pytest.raises(Stopped, match="given up"):
        person.see(sign(later, old.signing))


# From a browser to a command line, and back.


def test_a_passphrase_drawn_on_the_command_line_opens_the_key_elsewhere(place: Place, tmp_path: Path) -> None:
    ana = place.author("ana")
    drawn = ana.does("key", "passphrase")["passphrase"]
    assert len(drawn.split()) == 8
    other = place.person("ana-elsewhere")
    given = other.file("words", drawn)
    other.does("key", "from-passphrase", place.origin, "ana", "--words", given, "--no-passphrase")
    assert key_in(other) == key_in(ana)
    assert other.does("key", "show")["name"] == "Ana"
    wrong = place.person("ana-again")
    wrong.file("words", "not these at all")
    said = wrong.refused(
        "key", "from-passphrase", place.origin, "ana", "--words", wrong.folder / "words", "--no-passphrase"
    )
    assert said["code"] == "no_key_fits"
    nobody = wrong.refused(
        "key", "from-passphrase", place.origin, "obito", "--words", wrong.folder / "words", "--no-passphrase"
    )
    assert nobody == said


def test_a_drawn_word_with_a_hyphen_of_its_own_opens_the_key_like_any_other(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lastwords.cli import key_ways

    monkeypatch.setattr(key_ways, "drawn", lambda: ["t-shirt", "drop-down", "felt-tip", "yo-yo"] * 2)
    ana = place.author("ana")
    drawn = ana.does("key", "passphrase")["passphrase"]
    other = place.person("ana-elsewhere")
    given = other.file("words", drawn)
    other.does("key", "from-passphrase", place.origin, "ana", "--words", given, "--no-passphrase")
    assert key_in(other) == key_in(ana)


def test_lost_things_end_at_once_and_what_comes_next_is_said(cave: Cave) -> None:
    said = cave.iruka.does("key", "lost", "sheet")
    assert "sessions" in said["ended"] and "key replace" in said["next"]
    assert cave.iruka.does("key", "lost", "paper-codes")["ended"] == ["paper codes"]
    text = (cave.iruka.folder / "codes.txt").read_text()
    assert text and cave.iruka.does("state", "iruka")


def test_a_folder_that_is_somebody_elses_is_not_used_to_recover(cave: Cave) -> None:
    said = cave.keepers["bull"].refused("key", "recover", cave.place.origin, "iruka")
    assert said["code"] == "key_exists"
    shutil.rmtree(cave.keepers["bull"].home)
