"""After a whole case, the host's own database: each document is what SECURITY.md says it is, and no text is in it."""

import json
from typing import Any

from cli.conftest import CIRCLE, Cave
from server.test_what_it_can_read import papers

AGE = (b"age-encryption.org/v1", b"-----BEGIN AGE ENCRYPTED FILE-----")
TEXTS = {
    "entry": "He wept at the cave.",
    "statement": "Seen by me at the cave's mouth.",
    "sheet": "a scar across the nose",
    "notes": "the spare key is with the neighbour",
}


def a_whole_case(cave: Cave) -> None:
    """Sheets and notes ahead, an alarm, entries, statements with a text, a release that was told, a return home."""
    iruka, pakkun = cave.iruka, cave.keepers["pakkun"]
    iruka.does("find-me", "write", iruka.file("find.toml", f'looks = "{TEXTS["sheet"]}"'))
    iruka.does("notes", "write", "--text", iruka.file("notes.txt", TEXTS["notes"]))
    cave.place.fall_silent("iruka")
    pakkun.does("case", "iruka", "entry", "--text", pakkun.file("e.txt", TEXTS["entry"]))
    for name in CIRCLE:
        text = cave.keepers[name].file("s.txt", TEXTS["statement"])
        cave.keepers[name].does("case", "iruka", "state", "died", "--evidence", "own-sight", "--text", text)
    cave.place.run_out("iruka")
    pakkun.does("told", "iruka", "naruto")
    iruka.does("here")
    for name in CIRCLE[:3]:
        cave.keepers[name].does("case", "iruka", "sign", "home")
    iruka.does("case", "iruka", "keep", "1")


def kept() -> list[Any]:
    from lastwords.server.models import Paper

    return list(Paper.objects.all())


def test_each_document_is_sealed_or_signed_as_the_list_says(cave: Cave) -> None:
    from lastwords.server.models import Notes, SealedFile

    a_whole_case(cave)
    said = papers()
    found = {row.kind for row in kept()}
    assert {"entry", "statement_text", "sheet", "statement", "act", "keep_case"} <= found
    for row in kept():
        body = bytes(row.body)
        if said[row.kind] == "sealed":
            assert body.startswith(AGE), row.kind
        elif "read" in said[row.kind]:
            assert isinstance(json.loads(body), dict), row.kind
    assert all(bytes(row.covered).startswith(AGE) for row in Notes.objects.all())
    files = cave.place.house.settings.files
    for sealed in SealedFile.objects.all():
        (path,) = list(files.rglob(sealed.hash))
        assert path.read_bytes().startswith(AGE)


def test_no_text_that_anybody_wrote_stands_anywhere_in_the_data_folder(cave: Cave) -> None:
    a_whole_case(cave)
    stored = b"".join(path.read_bytes() for path in cave.place.house.data.rglob("*") if path.is_file())
    for text in (*TEXTS.values(), "You will lead the village", "A happy one", "Do not come looking for me"):
        assert text.encode() not in stored
    assert b"own_sight" in stored and b"iruka" in stored  # what can be read is found by the same search
