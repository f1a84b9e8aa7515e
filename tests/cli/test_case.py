"""The case: entries that only the right people can read, tasks, and keys that only the author can vouch for."""

from typing import Any

import pytest
from cli.conftest import CIRCLE, Cave

from lastwords.sealing.person import PersonKeys


def entries(cave: Cave, name: str) -> dict[int, str | None]:
    """The texts of the case's entries as this keeper can read them, by number."""
    person = cave.iruka if name == "iruka" else cave.keepers[name]
    return {entry["number"]: entry["text"] for entry in person.does("case", "iruka", "show")["entries"]}


def test_an_entry_is_read_by_every_keeper_and_kept_from_the_host(cave: Cave) -> None:
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    text = pakkun.file("entry.txt", "He wept. Nobody tell Kakashi.")
    number = pakkun.does("case", "iruka", "entry", "--text", text)["entry"]
    for name in CIRCLE:
        assert entries(cave, name)[number] == "He wept. Nobody tell Kakashi."
    stored = b"".join(path.read_bytes() for path in cave.place.house.data.rglob("*") if path.is_file())
    assert b"He wept" not in stored and b"age-encryption.org" in stored


def test_entries_that_come_a_few_at_a_time_are_read_whole(
    cave: Cave, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lastwords.server.api import case

    monkeypatch.setattr(case, "ENTRIES_SHOWN", 1)
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    for text in ("One.", "Two.", "Three."):
        pakkun.does("case", "iruka", "entry", "--text", pakkun.file("entry.txt", text))
    assert list(entries(cave, "bull").values()) == ["One.", "Two.", "Three."]


def test_a_keepers_only_entry_is_not_read_by_a_keeper_who_receives_words(cave: Cave) -> None:
    iruka, place = cave.iruka, cave.place
    kakashi = place.keeper(iruka, "kakashi")
    iruka.does(
        "words",
        "write",
        "kakashi",
        "--text",
        iruka.file("k.txt", "Be happy."),
        "--shares-to",
        ",".join(CIRCLE),
    )
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    text = pakkun.file("entry.txt", "He wept.")
    only = pakkun.does("case", "iruka", "entry", "--text", text, "--only-keepers")["entry"]
    open_to_all = pakkun.does("case", "iruka", "entry", "--text", text)["entry"]
    read = {entry["number"]: entry["text"] for entry in kakashi.does("case", "iruka", "show")["entries"]}
    assert read == {open_to_all: "He wept."}
    assert entries(cave, "bull")[only] == "He wept."


def test_a_correction_is_a_new_entry_about_the_old_one(cave: Cave) -> None:
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    old = pakkun.does("case", "iruka", "entry", "--text", pakkun.file("a", "A patch of P.12."))["entry"]
    right = pakkun.file("b", "It was A.12.")
    correction = ("--corrects", str(old), "--why", "misheard in the hurry")
    new = pakkun.does("case", "iruka", "entry", "--text", right, *correction)["entry"]
    shown = pakkun.does("case", "iruka", "show")["entries"]
    assert [(entry["number"], entry["about"]) for entry in shown] == [(old, None), (new, old)]
    assert shown[1]["record"]["head"]["corrects"] == old
    assert (
        pakkun.refused("case", "iruka", "entry", "--text", right, "--corrects", str(old))["code"]
        == "not_writable"
    )


def test_an_observation_is_a_record_with_units_and_a_slip_of_the_finger_is_refused(cave: Cave) -> None:
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    seen = pakkun.file("seen.json", '{"pulse_per_minute": 76, "breaths_per_minute": 5, "consciousness": "U"}')
    pakkun.does(
        "case", "iruka", "write", "observation", "--what", seen, "--at", "2026-11-23 07:00", "--roughly"
    )
    (entry,) = pakkun.does("case", "iruka", "show")["entries"]
    assert "pulse 76/min" in entry["text"] and entry["record"]["what"]["breaths_per_minute"] == 5
    assert entry["record"]["head"]["when"]["about"] is True
    slip = pakkun.file("slip.json", '{"pulse_per_minute": 760}')
    assert pakkun.refused("case", "iruka", "write", "observation", "--what", slip)["code"] == "implausible"
    unknown = pakkun.file("unknown.json", '{"puls": 76}')
    assert (
        pakkun.refused("case", "iruka", "write", "observation", "--what", unknown)["code"] == "not_writable"
    )


def typed_in(cave: Cave, kind: str, typed: str) -> dict[str, Any]:
    """The first entry of a new case, as Pakkun types it field by field and reads it again."""
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    pakkun.does("case", "iruka", "write", kind, typing=typed)
    (entry,) = pakkun.does("case", "iruka", "show")["entries"]
    what: dict[str, Any] = entry["record"]["what"]
    return what


def test_who_knocks_at_a_door_needs_no_number_to_name(cave: Cave) -> None:
    what = typed_in(cave, "contact_attempt", "at the door\n\nno answer\n\nvisit\n")
    assert what["label"] is None and what["step"] == "visit"


def test_a_treatment_is_asked_for_field_by_field(cave: Cave) -> None:
    pakkun = cave.keepers["pakkun"]
    assert typed_in(cave, "treatment", "adrenaline\n1.5\nmg\ninto a muscle\nBisuke\n\n") == {
        "what": "adrenaline",
        "amount": "1.5",
        "unit": "mg",
        "route": "into a muscle",
        "given_by": "Bisuke",
        "effect": None,
    }
    assert "adrenaline" in pakkun.types("case", "iruka", "show").stdout


def test_nothing_but_records_of_the_case_is_ever_sealed_again(cave: Cave) -> None:
    """The fault: the host slips a keeper's own share among the entries, to have it sealed to somebody else."""
    from lastwords.server import models

    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    pakkun.does("case", "iruka", "entry", "--text", pakkun.file("a.txt", "He is unconscious."))
    share = models.FileUse.objects.get(
        watch_id="iruka", kind="share", name="died.naruto/words/pakkun"
    ).file_id
    entry = models.Paper.objects.get(watch_id="iruka", kind="entry")
    models.Paper.objects.filter(pk=entry.pk).update(
        body=(cave.place.house.settings.files / share).read_bytes()
    )
    assert pakkun.does("case", "iruka", "seal-again")["sealed_again"] == []


def test_a_task_is_taken_and_reported(cave: Cave) -> None:
    pakkun, bisuke = cave.keepers["pakkun"], cave.keepers["bisuke"]
    pakkun.does("alarm", "iruka")
    what = pakkun.file("task.json", '{"what": "Someone has to run for help."}')
    task = pakkun.does("case", "iruka", "write", "task", "--what", what)["entry"]
    bisuke.does("case", "iruka", "task", "take", str(task), "--text", bisuke.file("t", "I run."))
    bisuke.does("case", "iruka", "task", "report", str(task), "--text", bisuke.file("r", "Help is coming."))
    kinds = [entry["kind"] for entry in pakkun.does("case", "iruka", "show")["entries"]]
    assert kinds == ["task", "task_taken", "task_reported"]
    bisuke.does("case", "iruka", "task", "take", str(task))
    assert "Help is coming." in pakkun.types("case", "iruka", "show").stdout


def test_what_is_no_task_is_neither_taken_nor_reported(cave: Cave) -> None:
    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    note = str(pakkun.does("case", "iruka", "entry", "--text", pakkun.file("t", "It snows."))["entry"])
    for words in (("take", note), ("report", note, "--text", pakkun.file("r", "Done."))):
        refused = pakkun.refused("case", "iruka", "task", *words)
        assert refused["code"] == "no_entry" and f"Entry {note} is a note and no task" in refused["happened"]
    assert [entry["kind"] for entry in pakkun.does("case", "iruka", "show")["entries"]] == ["note"]


def test_a_task_can_be_taken_and_reported_of_an_hour_that_is_past(cave: Cave) -> None:
    pakkun, bisuke = cave.keepers["pakkun"], cave.keepers["bisuke"]
    pakkun.does("alarm", "iruka")
    what = pakkun.file("task.json", '{"what": "Someone has to run for help."}')
    task = str(pakkun.does("case", "iruka", "write", "task", "--what", what)["entry"])
    bisuke.does("case", "iruka", "task", "take", task, "--at", "1772586000", "--roughly")
    said = bisuke.file("r", "Help is coming.")
    bisuke.does("case", "iruka", "task", "report", task, "--text", said, "--at", "1772589600")
    entries = pakkun.does("case", "iruka", "show")["entries"][1:]
    assert [entry["when"] for entry in entries] == [1772586000, 1772589600]
    assert [entry["record"]["head"]["when"]["about"] for entry in entries] == [True, False]


def test_an_entry_is_not_sealed_to_a_key_the_author_never_vouched_for(cave: Cave) -> None:
    """The fault: the host shows a key of its own making for one keeper."""
    from lastwords.server.models import Person

    cave.keepers["pakkun"].does("alarm", "iruka")
    Person.objects.filter(handle="bull").update(public_key=PersonKeys.new().public_key)
    text = cave.keepers["pakkun"].file("entry.txt", "He wept.")
    assert cave.keepers["pakkun"].does("case", "iruka", "entry", "--text", text)["left_out"] == ["bull"]


def test_an_alternate_is_called_reads_the_case_by_the_author_s_vouching_and_holds_no_share(
    cave: Cave,
) -> None:
    tsunade = cave.place.invited(cave.iruka, "tsunade", "alternate")
    cave.iruka.does("keeper", "verify", "tsunade")
    cave.keepers["pakkun"].does("alarm", "iruka")
    pakkun = cave.keepers["pakkun"]
    before = pakkun.does("case", "iruka", "entry", "--text", pakkun.file("a.txt", "He is unconscious."))[
        "entry"
    ]
    assert tsunade.refused("case", "iruka", "show")["code"] == "no_case_for_you"
    bisuke = cave.keepers["bisuke"]
    assert bisuke.does("case", "iruka", "call", "tsunade")["sealed_again"] == [before]
    wrote = pakkun.does("case", "iruka", "entry", "--text", pakkun.file("b.txt", "He breathes."))
    assert wrote["left_out"] == []
    shown = tsunade.does("case", "iruka", "show")["entries"]
    assert [(entry["text"], entry["passed_on_by"]) for entry in shown] == [
        ("He is unconscious.", "bisuke"),
        ("He breathes.", None),
    ]
    assert pakkun.does("case", "iruka", "seal-again")["sealed_again"] == [before, wrote["entry"]]
    assert tsunade.does("shares", "list", "iruka")["shares"] == []


def test_a_share_is_not_covered_for_a_key_the_author_did_not_sign_for(cave: Cave) -> None:
    """The fault: the host shows another key for the recipient, to read what the keepers give."""
    from lastwords.server.models import Person

    cave.place.fall_silent("iruka")
    Person.objects.filter(handle="naruto").update(public_key=PersonKeys.new().public_key)
    refused = cave.keepers["pakkun"].refused("case", "iruka", "state", "died", "--evidence", "own-sight")
    assert refused["code"] == "another_key"
    assert cave.place.watch("iruka").statements == ()


def test_a_keeper_may_know_nothing_of_a_watch_in_well(cave: Cave) -> None:
    seen = cave.keepers["pakkun"].does("state", "iruka")
    assert "stage" not in seen and "state" not in seen
    assert "Nobody is being asked" in cave.keepers["pakkun"].types("state", "iruka").stdout


def test_a_keeper_who_looks_for_the_case_of_a_letter_reads_that_none_has_called_them(cave: Cave) -> None:
    said = cave.keepers["pakkun"].refused("case", "iruka", "show")
    assert said["happened"].startswith("There is no case of this watch that you are called into")
    assert "call another keeper before you believe it" in said["do"]
    cave.place.author("mizuki")
    assert cave.place.person("mizuki").refused("case", "iruka", "show")["code"] == "not_found"


def test_could_not_find_out_helps_too_and_gives_no_share(cave: Cave) -> None:
    cave.place.fall_silent("iruka")
    bull = cave.keepers["bull"]
    said = bull.does("case", "iruka", "state", "could-not-find-out", "--evidence", "rumour")
    assert said["given"] == []


def test_a_statement_carries_a_text_that_the_other_keepers_read(cave: Cave) -> None:
    cave.place.fall_silent("iruka")
    pakkun = cave.keepers["pakkun"]
    text = pakkun.file("how.txt", "I sat beside him.")
    pakkun.does("case", "iruka", "state", "died", "--evidence", "own-sight", "--text", text)
    (made,) = cave.keepers["bull"].does("case", "iruka", "show")["case"]["statements"]
    assert made["text"] == "I sat beside him."


def test_a_suspended_seat_is_restored_by_the_others(cave: Cave) -> None:
    spare = cave.place.keeper(cave.iruka, "urushi")
    assert spare.does("state", "iruka")["seat"]
    cave.iruka.does("keeper", "suspend", "urushi")
    for name in ("pakkun", "bisuke", "bull"):
        cave.keepers[name].does("case", "iruka", "restore", "urushi")
    assert cave.place.watch("iruka").seat("urushi").stage != "suspended"  # type: ignore[union-attr]


def test_every_kit_holds_what_opens_the_words_without_the_host(cave: Cave) -> None:
    import zipfile

    (kit,) = cave.keepers["pakkun"].does("kit", "iruka", "--out", cave.keepers["pakkun"].folder / "kits")[
        "kits"
    ]
    with zipfile.ZipFile(kit) as saved:
        names = set(saved.namelist())
    assert {"README.txt", "manifest.json", "words.age", "release.key.age"} < names
    assert any(name.startswith("share-") for name in names)


def test_a_keeper_who_has_written_as_much_as_one_person_may_states_all_the_same_and_is_told_what_was_left_out(
    cave: Cave, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lastwords.server.api import allowance

    pakkun = cave.keepers["pakkun"]
    pakkun.does("alarm", "iruka")
    text = pakkun.file("text.txt", "I stood in the empty house.")
    monkeypatch.setattr(allowance, "MOST_BYTES", 0)
    assert pakkun.refused("case", "iruka", "entry", "--text", text)["code"] == "entries_enough"
    stating = ("case", "iruka", "state", "could-not-find-out", "--evidence", "own-sight", "--text", text)
    said = pakkun.types(*stating)
    assert "Signed: could not find out" in said.stdout
    assert "Your text was not kept" in said.stdout and "counts all the same" in said.stdout
    monkeypatch.undo()
    assert "was not kept" not in pakkun.types(*stating).stdout
