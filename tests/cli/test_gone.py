"""The author does not come back: keepers state, the last call runs out, a recipient is told and opens."""

from pathlib import Path

import pytest
from cli.conftest import Cave, breaks_at


def released(cave: Cave) -> None:
    """Three keepers have stated what they found, and the last call has run out."""
    place = cave.place
    place.fall_silent("iruka")
    for name in ("pakkun", "bisuke", "bull"):
        said = cave.keepers[name].does("case", "iruka", "state", "died", "--evidence", "own-sight")
        assert {one["part"] for one in said["given"]} == {"words", "wishes"}
    place.run_out("iruka")


def test_words_reach_their_recipient_and_open(cave: Cave) -> None:
    released(cave)
    told = cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    assert len(told["uncovered"]) == 6 and told["left_covered"] == []
    (waiting,) = cave.naruto.does("words", "waiting")["waiting"]
    assert (waiting["author"], waiting["words"]) == ("iruka", "told")
    first = cave.naruto.does("open", "iruka", "--to", cave.naruto.folder / "from-iruka", "--wishes-first")
    assert first["words"] is None and set(first["wishes"]["files"]) == {"note.txt", "wishes.txt"}
    assert cave.place.watch("iruka").tracks[0].words == "told"
    opened = cave.naruto.does("open", "iruka", "--to", cave.naruto.folder / "from-iruka")
    folder = Path(opened["words"]["folder"])
    assert (folder / "letter.txt").read_text() == "You will lead the village one day."
    assert (folder / "ramen.bin").read_bytes() == bytes(range(256)) * 1000
    assert cave.place.watch("iruka").tracks[0].words == "opened"
    assert opened["named_bad"] == []


def test_words_that_were_opened_are_read_again_when_the_folder_is_lost(cave: Cave) -> None:
    released(cave)
    cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    for name in ("from-iruka", "once-more"):
        cave.naruto.does("open", "iruka", "--to", cave.naruto.folder / name)
        assert (cave.naruto.folder / name / "words" / "letter.txt").exists()
    shown = cave.naruto.types("words", "waiting").stdout
    assert "can be read again" in shown and "not at all" not in shown


def test_words_whose_author_came_back_after_they_were_opened_are_not_called_an_older_version(
    cave: Cave,
) -> None:
    released(cave)
    cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    cave.naruto.does("open", "iruka", "--to", cave.naruto.folder / "from-iruka")
    cave.iruka.does("here")
    refused = cave.naruto.refused("open", "iruka", "--to", cave.naruto.folder / "once-more")
    assert refused["code"] == "shares_gone" and "keep those files" in refused["happened"]
    cave.place.hand_over("iruka")
    for name in ("pakkun", "bisuke", "bull"):
        cave.keepers[name].does("case", "iruka", "sign", "home")
    cave.iruka.does("words", "new-keys", "naruto")
    refused = cave.naruto.refused("open", "iruka", "--to", cave.naruto.folder / "once-more")
    assert refused["code"] == "which_words" and "shown to you before" in refused["happened"]
    assert not (cave.naruto.folder / "once-more").exists()


def test_nothing_waits_for_a_recipient_before_a_keeper_has_spoken_with_them(cave: Cave) -> None:
    released(cave)
    assert cave.naruto.does("words", "waiting")["waiting"] == []
    refused = cave.naruto.refused("open", "iruka", "--to", cave.naruto.folder / "x")
    assert refused["code"] == "which_words" and "A keeper speaks with you first." in refused["do"]
    assert "nothing from iruka that you have been told of" in refused["happened"]


def test_opening_sealed_words_is_refused_with_the_reason(cave: Cave) -> None:
    refused = cave.naruto.refused("open", "iruka", "died.naruto", "--to", cave.naruto.folder / "x")
    assert refused["code"] == "not_released"
    assert cave.naruto.refused("later", "iruka", "died.naruto")["code"] == "not_released"


def test_declining_sealed_words_is_written_down_and_binds_nothing(cave: Cave) -> None:
    assert cave.naruto.does("decline", "iruka", "died.naruto")["words"] == "not_now"


def test_telling_before_the_release_is_refused_with_the_reason(cave: Cave) -> None:
    cave.place.fall_silent("iruka")
    assert "released" in cave.keepers["pakkun"].refused("told", "iruka", "died.naruto")["code"]


def test_words_kept_for_later_can_be_opened_afterwards(cave: Cave) -> None:
    released(cave)
    cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    until = cave.place.house.now().wall + 86400
    assert cave.naruto.does("later", "iruka", "--until", str(until))["words"] == "later"
    assert cave.naruto.does("open", "iruka", "--to", cave.naruto.folder / "y")["words"]["files"]


def test_a_false_share_is_named_to_the_keepers_and_the_rest_still_open(
    cave: Cave, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault: one keeper takes part with a share of another split."""
    place = cave.place
    place.fall_silent("iruka")
    for name in ("pakkun", "bisuke", "bull", "ully"):
        if name == "bull":
            give_something_else(monkeypatch)
        cave.keepers[name].does("case", "iruka", "state", "died", "--evidence", "own-sight")
        monkeypatch.undo()
    place.run_out("iruka")
    cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    opened = cave.naruto.does("open", "iruka", "--to", cave.naruto.folder / "z")
    assert opened["named_bad"] == ["bull"]
    assert "letter.txt" in opened["words"]["files"]


def give_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from lastwords.cli import statement

    honest = statement.open_share

    def false_share(*arguments: object, **named: object) -> object:
        return replace(honest(*arguments, **named), salt=bytes(32))

    monkeypatch.setattr(statement, "open_share", false_share)


def test_a_manifest_that_keepers_do_not_name_is_refused(cave: Cave) -> None:
    """The fault: the host keeps the keepers' signed words about the manifest to itself."""
    from lastwords.server import models

    released(cave)
    cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    assert models.Paper.objects.filter(watch_id="iruka", kind="head").delete()[0] == 6
    refused = cave.naruto.refused("open", "iruka", "--to", cave.naruto.folder / "v")
    assert refused["code"] == "not_the_newest"
    assert not (cave.naruto.folder / "v").exists()


def test_a_sealed_file_that_was_swapped_is_thrown_away(cave: Cave) -> None:
    """The fault: the host puts another file of the same size in place of the author's."""
    released(cave)
    cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    file = next(f for f in cave.naruto_files() if f["name"] == "words.age")
    path = cave.place.house.settings.files / file["sha256"]
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert cave.naruto.refused("open", "iruka", "--to", cave.naruto.folder / "w")["code"] == "wrong_file"


def test_a_share_can_be_given_again_when_shares_are_wanted(cave: Cave) -> None:
    released(cave)
    cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    assert cave.keepers["ully"].does("give", "iruka", "died.naruto")["given"] == ["words", "wishes"]


def test_that_a_recipient_died_can_be_taken_back_by_whoever_signed_it(cave: Cave) -> None:
    cave.place.fall_silent("iruka")
    pakkun = cave.keepers["pakkun"]
    pakkun.does("case", "iruka", "sign", "recipient-died", "naruto", "--order", "unknown")
    signed = pakkun.does("case", "iruka", "sign", "recipient-lives", "naruto")
    assert signed["signed"] == "recipient lives"
    assert pakkun.refused("case", "iruka", "sign", "recipient-lives", "naruto")["code"] == "death_not_signed"


def test_a_statement_can_be_taken_back_before_the_release(cave: Cave) -> None:
    cave.place.fall_silent("iruka")
    pakkun = cave.keepers["pakkun"]
    pakkun.does("case", "iruka", "state", "died", "--evidence", "own-sight")
    assert pakkun.does("case", "iruka", "retract")["retracted"] is True
    assert cave.place.watch("iruka").statements == ()


def test_a_rumour_is_not_a_finding(cave: Cave) -> None:
    cave.place.fall_silent("iruka")
    said = cave.keepers["pakkun"].refused("case", "iruka", "state", "died", "--evidence", "rumour")
    assert said["code"] == "rumour"


def test_a_keeper_s_own_share_is_not_handed_over_in_place_of_a_cover(cave: Cave) -> None:
    """The fault: the host puts the teller's own sealed share where a covered one should be."""
    from lastwords.server import models

    released(cave)
    share = models.FileUse.objects.get(
        watch_id="iruka", kind="share", name="died.naruto/words/pakkun"
    ).file_id
    own = (cave.place.house.settings.files / share).read_bytes()
    models.Paper.objects.filter(watch_id="iruka", kind="given", name="died.naruto/words/bull").update(
        body=own
    )
    told = cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    assert told["left_covered"] == ["bull (words)"]
    assert {"keeper": "bull", "part": "words"} not in told["uncovered"]


def test_a_share_that_was_given_for_something_else_stays_covered(cave: Cave) -> None:
    """The fault: the host puts a share that it holds for something else where the one for these words should be."""
    from lastwords.server import models

    released(cave)
    shares = models.Paper.objects.filter(watch_id="iruka", kind="given")
    other = shares.get(name="died.naruto/wishes/bull").body
    shares.filter(name="died.naruto/words/bull").update(body=other)
    told = cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    assert told["left_covered"] == ["bull (words)"]
    assert {"keeper": "bull", "part": "words"} not in told["uncovered"]


def test_words_stay_open_when_the_host_cannot_be_told(cave: Cave, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault: the line breaks between opening and saying so."""
    released(cave)
    cave.keepers["pakkun"].does("told", "iruka", "died.naruto")
    breaks_at(monkeypatch, "opened", "unreachable")
    to = cave.naruto.folder / "from-iruka"
    refused = cave.naruto.refused("open", "iruka", "--to", to)
    assert refused["code"] == "unreachable" and "--say-opened" in refused["do"]
    monkeypatch.undo()
    assert (to / "words" / "letter.txt").exists()
    assert cave.naruto.refused("open", "iruka", "--to", to)["code"] == "folder_exists"
    cave.naruto.does("open", "iruka", "--to", to, "--say-opened")
    assert cave.place.watch("iruka").tracks[0].words == "opened"
    assert cave.naruto.refused("open", "iruka", "--to", to / "x", "--say-opened")["code"] == "not_open"
