"""Words: sealed for one person, replaced, read, taken back; and what happens when the line or the host fails."""

import re
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import CIRCLE, Cave, Person, breaks_at

from lastwords.cli.client import Host
from lastwords.cli.errors import Stopped
from lastwords.cli.home import Home

PARTIES = "Say what you like; the last version holds."


def replaced(cave: Cave, text: str = PARTIES) -> dict[str, object]:
    return cave.iruka.does("words", "replace", "died.naruto", "--text", cave.iruka.file("new.txt", text))


def read_back(cave: Cave, name: str) -> Path:
    folder = cave.iruka.folder / name
    cave.iruka.does("words", "read", "naruto", "--to", folder)
    return folder


def test_the_last_sealed_version_is_the_one_that_is_read(cave: Cave) -> None:
    assert replaced(cave)["number"] == 2
    folder = read_back(cave, "read")
    assert (folder / "words" / "letter.txt").read_text() == PARTIES
    assert not (folder / "words" / "ramen.bin").exists()
    assert (folder / "wishes" / "wishes.txt").read_text() == "Do not come looking for me."


def test_replacing_keeps_every_keeper_s_share_good(cave: Cave) -> None:
    before = cave.place.watch("iruka").tracks[0].share_set
    replaced(cave)
    assert cave.place.watch("iruka").tracks[0].share_set == before
    assert cave.keepers["pakkun"].does("shares", "prove", "iruka")["shares"][0]["number"] == 2


def test_the_note_alone_can_be_replaced_and_the_words_stay(cave: Cave) -> None:
    cave.iruka.does("words", "replace", "naruto", "--note", "About the house")
    folder = read_back(cave, "read")
    assert (folder / "wishes" / "note.txt").read_text() == "About the house"
    assert (folder / "words" / "letter.txt").read_text() == "You will lead the village one day."


def test_an_author_is_told_what_a_new_version_holds_and_that_nothing_else_of_the_one_before_is_kept(
    cave: Cave,
) -> None:
    letter = cave.iruka.file("new.txt", PARTIES)
    said = cave.iruka.types("words", "replace", "naruto", "--text", letter).stdout
    assert "It holds letter.txt. Nothing else that version 1 held as words is kept; name it again" in said
    assert "Shown before opening" not in said
    said = cave.iruka.types("words", "replace", "naruto", "--wishes", letter).stdout
    assert "Shown before opening: wishes.txt. Nothing else that version 2 held as wishes or note" in said
    assert "It holds" not in said
    folder = read_back(cave, "read")
    assert not (folder / "wishes" / "note.txt").exists()


def test_new_keys_keep_the_words_and_end_the_old_shares(cave: Cave) -> None:
    before = cave.place.watch("iruka").tracks[0].share_set
    assert cave.iruka.does("words", "new-keys", "naruto")["number"] == 2
    assert cave.place.watch("iruka").tracks[0].share_set != before
    folder = read_back(cave, "read")
    assert (folder / "words" / "ramen.bin").read_bytes() == bytes(range(256)) * 1000
    assert (folder / "wishes" / "note.txt").read_text() == "A happy one"


def test_words_taken_back_are_gone_from_the_host_and_can_be_written_anew(cave: Cave) -> None:
    files = [cave.place.house.settings.files / file["sha256"] for file in cave.naruto_files()]
    assert all(path.exists() for path in files)
    cave.iruka.does("words", "take-back", "naruto")
    assert not any(path.exists() for path in files)
    assert cave.iruka.does("words", "list")["words"] == []
    letter = cave.iruka.file("again.txt", "Better words.")
    assert cave.iruka.does("words", "write", "naruto", "--text", letter)["number"] == 2
    assert cave.iruka.does("here")["heads_match"] is True


def test_writing_over_words_that_are_there_is_refused(cave: Cave) -> None:
    letter = cave.iruka.file("again.txt", "Better words.")
    assert cave.iruka.refused("words", "write", "naruto", "--text", letter)["code"] == "sealed_already"


def test_nothing_is_sealed_to_a_key_that_only_the_host_has_shown(cave: Cave) -> None:
    sasuke = cave.place.invited(cave.iruka, "sasuke", "recipient")
    letter = cave.iruka.file("sasuke.txt", "For you.")
    assert cave.iruka.refused("words", "write", "sasuke", "--text", letter)["code"] == "not_pinned"
    cave.iruka.does("recipient", "verify", "sasuke")
    assert cave.iruka.does("words", "write", "sasuke", "--text", letter)["track"] == "died.sasuke"
    assert sasuke.does("watch", "list")["watches"] == []


def test_words_for_inability_are_a_track_of_their_own(cave: Cave) -> None:
    letter = cave.iruka.file("c.txt", "Where things are.")
    sealed = cave.iruka.does("words", "write", "naruto", "--condition", "cannot-act", "--text", letter)
    assert sealed["track"] == "cannot_act.naruto"
    refused = cave.iruka.refused("words", "read", "naruto", "--to", cave.iruka.folder / "x")
    assert refused["code"] == "which_words" and "cannot_act.naruto" in refused["do"]


def test_a_share_never_goes_to_the_recipient_of_the_words(cave: Cave) -> None:
    letter = cave.iruka.file("p.txt", "For Pakkun.")
    chosen = cave.iruka.refused(
        "words", "write", "pakkun", "--text", letter, "--shares-to", "pakkun,bisuke,bull"
    )
    assert chosen["code"] == "no_holder"
    sealed = cave.iruka.does("words", "write", "pakkun", "--text", letter)
    roster = next(t for t in cave.place.watch("iruka").tracks if t.key == sealed["track"]).roster
    assert set(roster) == set(CIRCLE) - {"pakkun"}


def for_konohamaru(cave: Cave, *more: str) -> tuple[str | Path, ...]:
    """What Iruka types to write for a child who is with Pakkun."""
    letter = cave.iruka.file("k.txt", "Grow up gently.")
    card = cave.iruka.folder / "konohamaru.card.txt"
    if not card.exists():
        cave.iruka.does("recipient", "add", "Konohamaru", "--handle", "konohamaru", "--card", card)
    return ("words", "write", "konohamaru", "--text", letter, "--adult", "pakkun", *more)


def holders(cave: Cave, track: str = "died.konohamaru") -> set[str]:
    found = cave.place.watch("iruka").track(track)
    assert found is not None
    return set(found.roster)


def test_a_share_never_goes_to_the_adult_who_reads_the_words_to_a_child(cave: Cave) -> None:
    named = cave.iruka.refused(*for_konohamaru(cave, "--shares-to", "pakkun,bisuke,bull"))
    assert named["code"] == "no_holder" and "pakkun" in named["happened"]
    cave.iruka.does(*for_konohamaru(cave))
    assert holders(cave) == set(CIRCLE) - {"pakkun"}
    letter = cave.iruka.file("again.txt", "Grow up as gently as you can.")
    cave.iruka.does("words", "replace", "konohamaru", "--text", letter)
    cave.iruka.does("words", "new-keys", "konohamaru")
    assert holders(cave) == set(CIRCLE) - {"pakkun"}
    assert cave.place.watch("iruka").track("died.konohamaru").adult == "pakkun"  # type: ignore[union-attr]


def test_who_is_left_without_enough_keepers_is_told_that_the_adult_holds_no_share(cave: Cave) -> None:
    refused = cave.iruka.refused(*for_konohamaru(cave, "--quorum", "4"))
    assert refused["code"] == "no_holder"
    assert "pakkun, who is with konohamaru, holds none" in refused["happened"]


def test_words_whose_adult_held_a_share_in_an_older_version_get_new_keys_when_they_are_replaced(
    cave: Cave, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hosts took such words until it was said that whoever reads a child's words receives them."""
    from lastwords.server.api import words

    write = for_konohamaru(cave)
    cave.iruka.does(*write[: write.index("--adult")])
    assert holders(cave) == set(CIRCLE)
    listed = words._for_author
    monkeypatch.setattr(words, "_for_author", lambda *of: listed(*of) | {"adult": "pakkun"})
    letter = cave.iruka.file("again.txt", "Grow up as gently as you can.")
    cave.iruka.does("words", "replace", "konohamaru", "--text", letter)
    assert holders(cave) == set(CIRCLE) - {"pakkun"}


def adult(cave: Cave) -> str:
    found = cave.place.watch("iruka").track("died.konohamaru")
    assert found is not None
    return found.adult


def test_another_adult_can_be_named_and_gives_up_their_share(cave: Cave) -> None:
    cave.iruka.does(*for_konohamaru(cave))
    letter = cave.iruka.file("again.txt", "Grow up as gently as you can.")
    cave.iruka.does("words", "replace", "konohamaru", "--text", letter, "--adult", "bisuke")
    assert adult(cave) == "bisuke"
    assert holders(cave) == set(CIRCLE) - {"bisuke"}
    cave.iruka.does("words", "new-keys", "konohamaru", "--adult", "pakkun")
    assert adult(cave) == "pakkun"
    assert holders(cave) == set(CIRCLE) - {"pakkun"}


def test_a_child_who_has_grown_up_is_told_alone(cave: Cave) -> None:
    cave.iruka.does(*for_konohamaru(cave))
    letter = cave.iruka.file("again.txt", "You are grown up.")
    replace = ("words", "replace", "konohamaru", "--text", letter)
    assert cave.iruka.refused(*replace, "--no-adult", "--adult", "bisuke")["code"] == "which_adult"
    assert adult(cave) == "pakkun"
    cave.iruka.does(*replace, "--no-adult")
    assert adult(cave) == ""


def test_an_older_version_shown_by_the_host_is_refused(cave: Cave) -> None:
    """The fault: the host was set back, or lies, and shows the version before."""
    pakkun = cave.keepers["pakkun"]
    pakkun.does("shares", "prove", "iruka")
    replaced(cave)
    pakkun.does("shares", "prove", "iruka")
    older(cave)
    assert pakkun.refused("shares", "prove", "iruka")["code"] == "older_manifest"
    assert cave.iruka.refused("words", "list")["code"] == "older_manifest"


def older(cave: Cave) -> None:
    """Puts the first manifest back in place of the second, as an old backup would."""
    from lastwords.server.models import Paper

    Paper.objects.filter(watch_id="iruka", kind="manifest", name="died.naruto").order_by("-id")[
        :1
    ].get().delete()


def test_an_own_copy_that_the_host_put_there_is_not_read(cave: Cave) -> None:
    """The fault: anyone can seal a file to the author's public key, the host too."""
    from lastwords.server.models import FileUse

    use = FileUse.objects.get(watch_id="iruka", kind="own", name="died.naruto/words")
    FileUse.objects.filter(pk=use.pk).update(
        file=FileUse.objects.get(watch_id="iruka", kind="own", name="died.naruto/wishes").file
    )
    assert cave.iruka.refused("words", "new-keys", "naruto")["code"] == "another_own_copy"
    assert cave.place.watch("iruka").tracks[0].manifest[0] == 1


def test_an_own_copy_is_not_believed_because_the_host_showed_it_while_another_part_was_replaced(
    cave: Cave,
) -> None:
    """The fault: what the host listed beside a new note was noted as this machine's own, and sealed anew for Naruto."""
    from lastwords.cli.home import Home
    from lastwords.cli.pins import Pins
    from lastwords.server.models import FileUse

    pins = Pins(Home(cave.iruka.home))
    use = FileUse.objects.get(watch_id="iruka", kind="own", name="died.naruto/words")
    FileUse.objects.filter(pk=use.pk).update(
        file=FileUse.objects.get(watch_id="iruka", kind="own", name="died.naruto/wishes").file
    )
    note = ("words", "replace", "naruto", "--note", "About the house")
    assert cave.iruka.refused(*note)["code"] == "another_own_copy"
    pins.keep_own_copies("died.naruto", 0, {})  # as on a machine where these words were not sealed
    assert cave.iruka.does(*note)["number"] == 2
    assert list(pins.own_copies("died.naruto", 2)) == ["wishes"]
    assert cave.iruka.refused("words", "new-keys", "naruto")["code"] == "no_own_copy"


def test_a_version_that_was_sealed_elsewhere_is_no_lie_of_the_host(cave: Cave) -> None:
    from lastwords.cli.home import Home
    from lastwords.cli.pins import Pins

    pins = Pins(Home(cave.iruka.home))
    first = pins.own_copies("died.naruto", 1)
    replaced(cave)
    pins.keep_own_copies("died.naruto", 1, first)
    assert cave.iruka.refused("words", "new-keys", "naruto")["code"] == "no_own_copy"


@pytest.mark.parametrize("code", ["unreachable", "disk_full", "database_away", "no_sense"])
def test_a_line_that_breaks_while_sending_loses_nothing(
    cave: Cave, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """The fault: the line breaks before the host has put the words in force, or its disk is full, or its database is
    away, or what stands in front of it answers in its place."""
    breaks_at(monkeypatch, "words", code)
    letter = cave.iruka.file("new.txt", PARTIES)
    refused = cave.iruka.refused("words", "replace", "naruto", "--text", letter)
    assert refused["code"] == code and "words send" in refused["do"]
    monkeypatch.undo()
    letter.unlink()
    for words in (("new-keys", "naruto"), ("replace", "naruto", "--note", "A happy one")):
        assert cave.iruka.refused("words", *words)["code"] == "words_wait"
    assert cave.iruka.does("words", "send")["sent"] == ["died.naruto"]
    assert (read_back(cave, "read") / "words" / "letter.txt").read_text() == PARTIES
    assert cave.iruka.does("words", "send")["sent"] == []


def test_two_commands_never_seal_from_one_folder_at_once(cave: Cave) -> None:
    """The fault: the second throws away what the first has sealed and is sending."""
    letter = cave.iruka.file("new.txt", PARTIES)
    with Home(cave.iruka.home).sealing():
        for words in (("replace", "naruto", "--text", letter), ("new-keys", "naruto"), ("send",)):
            assert cave.iruka.refused("words", *words)["code"] == "sealing"
    assert replaced(cave)["number"] == 2


def test_words_arrive_though_sending_them_takes_longer_than_a_session_lasts(
    cave: Cave, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Host.upload

    def slowly(self: Host, *given: Any, **more: Any) -> None:
        cave.place.house.leap(20 * 60)
        honest(self, *given, **more)

    monkeypatch.setattr(Host, "upload", slowly)
    letter = cave.iruka.file("new.txt", PARTIES)
    assert cave.iruka.does("words", "replace", "naruto", "--text", letter)["number"] == 2


def test_an_answer_lost_on_the_way_is_not_sealed_twice(cave: Cave, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault: the host put the words in force, and its answer never came."""
    honest = Host.post

    def loses(self: Host, *path: str | int, **body: object) -> object:
        answer = honest(self, *path, **body)
        if path[-1] == "words":
            raise Stopped("The line is broken.", "Try again.", "unreachable")
        return answer

    monkeypatch.setattr(Host, "post", loses)
    cave.iruka.refused("words", "replace", "naruto", "--text", cave.iruka.file("new.txt", PARTIES))
    monkeypatch.undo()
    cave.iruka.does("words", "send")
    assert cave.place.watch("iruka").tracks[0].manifest[0] == 2


def test_a_refused_version_leaves_the_one_before_in_force_and_nothing_to_send(cave: Cave) -> None:
    cave.place.fall_silent("iruka")
    letter = cave.iruka.file("new.txt", PARTIES)
    assert cave.iruka.refused("words", "replace", "naruto", "--text", letter)["code"] == "sign_first"
    assert cave.iruka.does("words", "send")["sent"] == []
    assert cave.place.watch("iruka").tracks[0].manifest[0] == 1


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x80abc"])
def test_a_letter_that_is_no_text_is_refused_before_anything_is_sealed(cave: Cave, content: bytes) -> None:
    refused = cave.iruka.refused("words", "replace", "naruto", "--text", cave.iruka.file("bad", content))
    assert refused["code"] == "not_text"
    assert not (cave.iruka.home / "sealed" / "died.naruto").exists()


@pytest.mark.parametrize("content", ["", " \n\n"])
def test_an_empty_letter_never_takes_the_place_of_words(cave: Cave, content: str) -> None:
    """The fault: `pandoc letter.odt | lastwords words replace naruto --text -`, and the first command failed."""
    for option in ("--text", "--wishes"):
        refused = cave.iruka.refused("words", "replace", "naruto", option, "-", typing=content)
        assert refused["code"] == "nothing_given" and "holds not a single word" in refused["happened"]
    assert cave.place.watch("iruka").tracks[0].manifest[0] == 1


def test_two_files_of_one_name_are_refused(cave: Cave) -> None:
    (cave.iruka.folder / "a").mkdir()
    one, other = cave.iruka.file("photo.jpg", "1"), cave.iruka.file("a/photo.jpg", "2")
    assert cave.iruka.refused("words", "replace", "naruto", "--file", one, "--file", other)["do"]
    assert cave.place.watch("iruka").tracks[0].manifest[0] == 1


def test_replacing_with_nothing_is_refused(cave: Cave) -> None:
    assert cave.iruka.refused("words", "replace", "naruto")["code"] == "nothing_given"


def test_no_plaintext_stays_in_the_home_after_sealing(cave: Cave) -> None:
    replaced(cave)
    for person in (cave.iruka, *cave.keepers.values()):
        assert not plaintext(person)


def plaintext(person: Person) -> list[Path]:
    return [
        path for path in person.home.rglob("*") if path.is_file() and PARTIES.encode() in path.read_bytes()
    ]


# Once a year.


def live_on(cave: Cave, days: int) -> None:
    """The author checks in all the while."""
    whole, rest = divmod(days, 25)
    for some in (*[25] * whole, rest):
        cave.place.pass_time("iruka", some * 86400)
        cave.iruka.does("here")


def test_a_year_on_the_author_is_asked_whether_words_are_still_right_and_leaves_them(cave: Cave) -> None:
    assert cave.iruka.does("words", "list")["asked_again"] == []
    live_on(cave, 366)
    (one,) = cave.iruka.does("words", "list")["asked_again"]
    assert (one["track"], one["recipient"], one["left"]) == ("died.naruto", "naruto", None)
    for command in (("words", "list"), ("state",)):
        said = cave.iruka.types(*command).stdout
        assert re.search(
            r"You sealed this for naruto on \d+ \w+ \d{4}\. Is it still right\? \(died\.naruto\)", said
        )
        assert "Leave it as it is: `lastwords words leave TRACK`." in said
    left = cave.iruka.does("words", "leave", "naruto")
    assert (left["track"], left["left"]) == ("died.naruto", cave.place.house.now().wall)
    for command in (("words", "list"), ("state",)):
        assert "still right" not in cave.iruka.types(*command).stdout
    live_on(cave, 366)
    said = cave.iruka.types("words", "list").stdout
    assert re.search(r"on \d+ \w+ \d{4}, and left it as it is on \d+ \w+ \d{4}\. Is it still right\?", said)


def test_leaving_words_that_are_not_there_is_refused(cave: Cave) -> None:
    assert cave.iruka.refused("words", "leave", "sasuke")["code"] == "which_words"
    cave.iruka.does("words", "take-back", "naruto")
    assert cave.iruka.refused("words", "leave", "naruto")["code"] == "which_words"
