"""Emergency notes and breaking glass, typed as people would type it, against a real host over HTTP."""

from pathlib import Path
from typing import Any

import pytest
from cli.conftest import CIRCLE, Cave, Person
from server.conftest import everything_kept

from lastwords.sealing import age
from lastwords.sealing import notes as sealed_notes
from lastwords.sealing.container import Item, items

TEXT = "Allergic to A.12. The spare key lies under the third flower pot."


def write(cave: Cave, *more: str | Path) -> dict[str, Any]:
    """Iruka leaves emergency notes."""
    text = cave.iruka.file("notes.txt", TEXT)
    return cave.iruka.does("notes", "write", "--text", text, *more)


def wait(cave: Cave) -> None:
    """The alarms are handed over and the wait runs out."""
    cave.place.pass_time("iruka", cave.place.watch("iruka").plan.glass)


def opened(person: Person, name: str = "out") -> str:
    return (person.folder / name / "notes.txt").read_text()


@pytest.fixture
def noted(cave: Cave) -> Cave:
    write(cave)
    return cave


# The author.


def test_notes_are_sealed_for_every_verified_keeper_and_kept_from_the_host(cave: Cave) -> None:
    said = write(cave)
    assert (said["number"], said["keepers"]) == (1, sorted(CIRCLE))
    stored = everything_kept(cave.place.house.data)
    assert b"third flower pot" not in stored and b"AGE-SECRET-KEY-PQ-1" in stored


def test_new_notes_replace_the_ones_before(noted: Cave) -> None:
    assert write(noted)["number"] == 2
    assert noted.iruka.does("notes", "show")["number"] == 2


def test_the_author_sees_which_keepers_the_notes_leave_out(noted: Cave) -> None:
    noted.place.keeper(noted.iruka, "kakashi")
    assert noted.iruka.does("notes", "show")["left_out"] == ["kakashi"]
    write(noted)
    assert noted.iruka.does("notes", "show")["left_out"] == []


def test_a_removed_keeper_gets_nothing_and_the_author_sees_that_old_notes_name_them(noted: Cave) -> None:
    kakashi = noted.place.keeper(noted.iruka, "kakashi")
    write(noted)
    noted.iruka.does("keeper", "remove", "kakashi")
    assert kakashi.refused("glass", "iruka", "ask")["code"] == "not_found"
    assert noted.iruka.does("notes", "show")["gone"] == ["kakashi"]
    write(noted)
    assert noted.iruka.does("notes", "show")["gone"] == []


def test_a_cards_copy_is_written_for_a_verified_keeper_only_and_over_no_file(cave: Cave) -> None:
    target = cave.iruka.folder / "card.age"
    text = cave.iruka.file("notes.txt", TEXT)
    said = cave.iruka.refused("notes", "write", "--text", text, "--card-for", "naruto", target)
    assert said["code"] == "no_holder" and not target.exists()
    target.write_bytes(b"mine")
    said = cave.iruka.refused("notes", "write", "--text", text, "--card-for", "bull", target)
    assert (said["code"], target.read_bytes()) == ("file_exists", b"mine")
    assert cave.iruka.does("notes", "show")["number"] == 0


# Without the card.


def test_without_the_card_the_notes_open_after_the_alarms_and_the_wait(noted: Cave) -> None:
    pakkun = noted.keepers["pakkun"]
    pakkun.does("glass", "iruka", "ask")
    assert pakkun.refused("glass", "iruka", "open", "--to", pakkun.folder / "out")["code"] == "glass_waits"
    wait(noted)
    said = pakkun.does("glass", "iruka", "open", "--to", pakkun.folder / "out")
    assert (said["files"], said["turned"], said["bad_covers"]) == (["notes.txt"], True, [])
    assert opened(pakkun) == TEXT


def test_asking_costs_the_seat_and_the_others_restore_it(noted: Cave) -> None:
    pakkun = noted.keepers["pakkun"]
    pakkun.does("glass", "iruka", "ask")
    assert pakkun.refused("alarm", "iruka")["code"] == "seat_does_not_count"
    for name in ("bisuke", "bull", "ully"):
        noted.keepers[name].does("case", "iruka", "restore", "pakkun")
    pakkun.does("alarm", "iruka")


def test_an_opening_is_good_for_once_and_turns_the_cover(noted: Cave) -> None:
    from lastwords.server.models import Notes

    pakkun, ully = noted.keepers["pakkun"], noted.keepers["ully"]
    before = set(Notes.objects.values_list("cover", flat=True))
    pakkun.does("glass", "iruka", "ask")
    wait(noted)
    pakkun.does("glass", "iruka", "open", "--to", pakkun.folder / "out")
    newest = Notes.objects.order_by("-id").values_list("cover", flat=True)[0]
    assert newest not in before
    assert pakkun.refused("glass", "iruka", "open", "--to", pakkun.folder / "b")["code"] == "glass_not_open"
    ully.does("glass", "iruka", "ask")
    wait(noted)
    ully.does("glass", "iruka", "open", "--to", ully.folder / "out")
    assert opened(ully) == TEXT


@pytest.mark.parametrize("who", ["iruka", "bull"])
def test_author_or_another_keeper_says_no(noted: Cave, who: str) -> None:
    pakkun = noted.keepers["pakkun"]
    pakkun.does("glass", "iruka", "ask")
    by = noted.iruka if who == "iruka" else noted.keepers[who]
    by.does("glass", "iruka", "deny", "pakkun")
    wait(noted)
    assert pakkun.refused("glass", "iruka", "open", "--to", pakkun.folder / "out")["code"] == "glass_denied"
    assert not (pakkun.folder / "out").exists()
    assert by.does("glass", "iruka", "show")["glass"][0]["denied_by"] == who


def test_asking_twice_opening_unasked_and_asking_as_nobody_are_refused(noted: Cave) -> None:
    pakkun, bull, naruto = noted.keepers["pakkun"], noted.keepers["bull"], noted.naruto
    pakkun.does("glass", "iruka", "ask")
    assert pakkun.refused("glass", "iruka", "ask")["code"] == "glass_asked"
    assert bull.refused("glass", "iruka", "open", "--to", bull.folder / "out")["code"] == "glass_not_open"
    assert naruto.refused("glass", "iruka", "ask")["code"] == "not_found"


def test_a_person_reads_what_asking_costs_and_who_was_alarmed(noted: Cave) -> None:
    pakkun = noted.keepers["pakkun"]
    said = pakkun.types("glass", "iruka", "ask").stdout
    assert "Your seat does not count until the other keepers restore it." in said and "6 hours" in said
    noted.place.hand_over("iruka")
    assert "everyone was alarmed" in noted.keepers["bull"].types("glass", "iruka", "show").stdout


# False notes.


def test_notes_that_the_host_made_up_are_refused(noted: Cave) -> None:
    from lastwords.server.models import Notes

    pakkun = noted.keepers["pakkun"]
    key = str(pakkun.does("key", "show")["public_key"])
    false = sealed_notes.cover(sealed_notes.seal(items([Item("notes.txt", b"Bring money.")]), [key]))
    pakkun.does("glass", "iruka", "ask")
    wait(noted)
    Notes.objects.update(covered=false.data, cover=false.secret_key)
    said = pakkun.refused("glass", "iruka", "open", "--to", pakkun.folder / "out")
    assert said["code"] == "notes_refused" and not (pakkun.folder / "out").exists()


def test_a_keeper_who_covers_the_notes_badly_is_named_and_harms_nobody(noted: Cave) -> None:
    from lastwords.server.models import Notes

    pakkun, ully = noted.keepers["pakkun"], noted.keepers["ully"]
    pakkun.does("glass", "iruka", "ask")
    wait(noted)
    pakkun.does("glass", "iruka", "open", "--to", pakkun.folder / "out")
    key = str(pakkun.does("key", "show")["public_key"])
    Notes.objects.filter(by="pakkun").update(covered=age.seal_bytes(b"nothing", [key]))
    ully.does("glass", "iruka", "ask")
    wait(noted)
    assert ully.does("glass", "iruka", "open", "--to", ully.folder / "out")["bad_covers"] == ["pakkun"]
    assert opened(ully) == TEXT


def test_older_notes_than_those_seen_here_are_refused(noted: Cave) -> None:
    from lastwords.server.models import Notes

    pakkun = noted.keepers["pakkun"]
    old = list(Notes.objects.values("number", "document", "covered", "cover"))[0]
    write(noted)
    pakkun.does("glass", "iruka", "ask")
    wait(noted)
    pakkun.does("glass", "iruka", "open", "--to", pakkun.folder / "new")
    for name in ("bisuke", "bull", "ully"):
        noted.keepers[name].does("case", "iruka", "restore", "pakkun")
    Notes.objects.filter(by="pakkun").delete()
    Notes.objects.update(**old)
    pakkun.does("glass", "iruka", "ask")
    wait(noted)
    said = pakkun.refused("glass", "iruka", "open", "--to", pakkun.folder / "old")
    assert said["code"] == "older_notes" and not (pakkun.folder / "old").exists()


# With the card.


def away(person: Person) -> str:
    """No host answers from now on; returns what brings it back."""
    path = person.home / "person.toml"
    kept = path.read_text()
    origin = next(line for line in kept.splitlines() if line.startswith("origin"))
    path.write_text(kept.replace(origin, 'origin = "http://127.0.0.1:9"'))
    return kept


def test_with_the_card_the_notes_open_at_once_and_everyone_is_told(cave: Cave) -> None:
    from lastwords.server.models import Letter

    copy = cave.iruka.folder / "bull.age"
    write(cave, "--card-for", "bull", copy)
    bull = cave.keepers["bull"]
    said = bull.does("glass", "iruka", "card", copy, "--to", bull.folder / "out")
    assert (said["reported"], opened(bull)) == (True, TEXT)
    told = Letter.objects.filter(kind="glass_alarm").values_list("to", flat=True)
    assert sorted(told) == ["bisuke", "iruka", "pakkun", "ully"]
    assert cave.place.watch("iruka").seat("bull").stage == "seasoned"


def test_the_card_opens_where_no_host_answers_and_the_telling_follows(cave: Cave) -> None:
    from lastwords.server.models import Letter

    copy = cave.iruka.folder / "bull.age"
    write(cave, "--card-for", "bull", copy)
    bull = cave.keepers["bull"]
    kept = away(bull)
    said = bull.types("glass", "iruka", "card", copy, "--to", bull.folder / "out")
    assert said.exit_code == 0 and "nobody has been told yet" in said.stdout
    assert opened(bull) == TEXT
    assert not Letter.objects.filter(kind="glass_alarm").exists()
    (bull.home / "person.toml").write_text(kept)
    bull.does("glass", "iruka", "show")
    assert Letter.objects.filter(kind="glass_alarm").count() == 4
    bull.does("glass", "iruka", "show")
    assert Letter.objects.filter(kind="glass_alarm").count() == 4


def test_a_cards_copy_opens_for_nobody_else(cave: Cave) -> None:
    copy = cave.iruka.folder / "bull.age"
    write(cave, "--card-for", "bull", copy)
    for person in (cave.keepers["ully"], cave.naruto, cave.iruka):
        said = person.refused("glass", "iruka", "card", copy, "--to", person.folder / "out")
        assert said["code"] == "no_key_fits" and not (person.folder / "out").exists()


def test_a_folder_that_exists_is_left_alone_and_nothing_is_told(cave: Cave) -> None:
    from lastwords.server.models import Letter

    copy = cave.iruka.folder / "bull.age"
    write(cave, "--card-for", "bull", copy)
    bull = cave.keepers["bull"]
    (bull.folder / "out").mkdir()
    said = bull.refused("glass", "iruka", "card", copy, "--to", bull.folder / "out")
    assert said["code"] == "folder_exists"
    assert not Letter.objects.filter(kind="glass_alarm").exists()
