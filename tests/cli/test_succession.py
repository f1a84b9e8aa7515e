"""A keeper leaves without the author: the seat passes on, and the words still reach the one they are for."""

import pytest
from cli.conftest import Cave, Person

from lastwords.cli.errors import Stopped
from lastwords.cli.places import places
from lastwords.sealing.person import PersonKeys
from lastwords.signing.documents import read
from lastwords.signing.keys import PublicKey
from lastwords.signing.manifest import Manifest


def an_alternate(cave: Cave, name: str = "tsunade") -> Person:
    """An alternate whose keys the author has vouched for."""
    person = cave.place.invited(cave.iruka, name, "alternate")
    cave.iruka.does("keeper", "verify", name)
    return person


def passed_to(cave: Cave, successor: str = "tsunade") -> Person:
    """Bull hands his seat to an alternate, who proves the shares."""
    person = an_alternate(cave, successor)
    cave.keepers["bull"].does("seat", "iruka", "pass", successor)
    person.does("shares", "prove", "iruka")
    return person


def test_a_seat_passes_to_an_alternate_with_its_share_and_new_keys_are_due(cave: Cave) -> None:
    an_alternate(cave)
    assert cave.keepers["bull"].does("seat", "iruka", "show")["alternates"] == ["tsunade"]
    said = cave.keepers["bull"].does("seat", "iruka", "pass", "tsunade")
    assert (said["successor"], said["shares"]) == ("tsunade", ["died.naruto"])
    watch = cave.place.watch("iruka")
    assert watch.seat("bull").stage == "succeeded"  # type: ignore[union-attr]
    assert watch.seat("tsunade").alternate == 0  # type: ignore[union-attr]
    assert watch.track("died.naruto").roster == ("bisuke", "pakkun", "tsunade", "ully")  # type: ignore[union-attr]
    assert watch.keys_due == ("died.naruto",)
    assert cave.keepers["bull"].refused("shares", "list", "iruka")["code"] == "not_found"


def test_a_successor_proves_the_share_that_was_sealed_again_to_them(cave: Cave) -> None:
    tsunade = passed_to(cave)
    (share,) = tsunade.does("shares", "list", "iruka")["shares"]
    assert (share["track"], share["wishes"]) == ("died.naruto", True)
    seat = cave.place.watch("iruka").seat("tsunade")
    assert seat is not None and [track for track, _ in seat.receipts] == ["died.naruto"]


def test_words_are_opened_with_the_share_of_a_successor(cave: Cave) -> None:
    """Two of the others are silent, so the successor's share is one of the three that open the words."""
    tsunade = passed_to(cave)
    cave.place.pass_time("iruka", cave.place.watch("iruka").plan.seasoning)
    cave.iruka.does("here")
    cave.place.fall_silent("iruka")
    for person in (cave.keepers["pakkun"], cave.keepers["bisuke"], tsunade):
        given = person.does("case", "iruka", "state", "died", "--evidence", "own-sight")["given"]
        assert {one["part"] for one in given} == {"words", "wishes"}
    cave.place.run_out("iruka")
    assert tsunade.does("told", "iruka", "naruto")["left_covered"] == []
    opened = cave.naruto.does("open", "iruka", "--to", cave.naruto.folder / "words")
    assert opened["named_bad"] == []
    assert (
        cave.naruto.folder / "words" / "words" / "letter.txt"
    ).read_text() == "You will lead the village one day."


def test_in_a_case_a_seat_passes_after_thirty_credited_days_to_somebody_who_then_states(cave: Cave) -> None:
    """All the others have answered, so that the case had called no alternate."""
    tsunade = an_alternate(cave)
    cave.place.fall_silent("iruka")
    for name in ("pakkun", "bisuke", "ully"):
        cave.keepers[name].does("case", "iruka", "answer")
    bull = cave.keepers["bull"]
    assert bull.refused("seat", "iruka", "pass", "tsunade")["code"] == "too_soon_to_pass"
    cave.place.pass_time("iruka", cave.place.watch("iruka").plan.succession)
    assert (
        tsunade.refused("case", "iruka", "state", "died", "--evidence", "own-sight")["code"]
        == "no_case_for_you"
    )
    bull.does("seat", "iruka", "pass", "tsunade")
    assert cave.place.watch("iruka").seat("tsunade").stage == "seasoned"  # type: ignore[union-attr]
    tsunade.does("shares", "prove", "iruka")
    assert tsunade.does("case", "iruka", "state", "died", "--evidence", "own-sight")["given"]


def test_the_author_sees_it_and_seals_with_new_keys_for_the_successor(cave: Cave) -> None:
    passed_to(cave)
    assert cave.iruka.does("state")["state"]["keys_due"] == ["died.naruto"]
    better = cave.iruka.file("better.txt", "Be happy.")
    assert cave.iruka.does("words", "replace", "naruto", "--text", better)["number"] == 2
    watch = cave.place.watch("iruka")
    assert watch.keys_due == () and "tsunade" in watch.tracks[0].roster


def test_a_seat_is_not_handed_to_keys_for_which_only_the_host_stands(cave: Cave) -> None:
    """The fault: the host shows a key of its own making for the successor."""
    from lastwords.server.models import Person as Row

    an_alternate(cave)
    Row.objects.filter(handle="tsunade").update(public_key=PersonKeys.new().public_key)
    assert cave.keepers["bull"].refused("seat", "iruka", "pass", "tsunade")["code"] == "not_pinned"
    assert cave.place.watch("iruka").seat("bull").stage == "seasoned"  # type: ignore[union-attr]


def test_eight_words_read_aloud_stand_for_a_successor_and_wrong_ones_do_not(cave: Cave) -> None:
    tsunade = an_alternate(cave)
    bull = cave.keepers["bull"]
    wrong = bull.refused(
        "seat", "iruka", "pass", "tsunade", "--eight-words", "one two three four five six seven eight"
    )
    assert wrong["code"] == "another_key"
    words = " ".join(tsunade.does("key", "show")["eight_words"]).title()
    assert bull.does("seat", "iruka", "pass", "tsunade", "--eight-words", words)["successor"] == "tsunade"


def test_a_handing_on_that_the_leaving_keeper_did_not_sign_is_refused(cave: Cave) -> None:
    """The fault: the host makes a successor up, or swaps the keys of a real one."""
    passed_to(cave)
    found = signed_manifest(cave)
    (word,) = cave_words(cave)
    held = places(found, [word])
    assert held["tsunade"].keeper == "bull" and held["tsunade"].index == found.seat("bull").index
    for fault in (
        {"public_key": PersonKeys.new().public_key},
        {"successor": "danzo"},
        {"leaving": "ully"},
        {"leaving_key": cave_key(cave, "ully")},
    ):
        with pytest.raises(Stopped) as stopped:
            places(found, [word | fault])
        assert stopped.value.code == "another_key"


def signed_manifest(cave: Cave) -> Manifest:
    from lastwords.server.models import Paper
    from lastwords.server.models import Person as Row

    paper = Paper.objects.filter(watch_id="iruka", kind="manifest").order_by("-id").first()
    assert paper is not None
    key = PublicKey.read(Row.objects.get(handle="iruka").signing_key)
    return read(bytes(paper.body), Manifest, key).document


def cave_words(cave: Cave) -> list[dict[str, str]]:
    from lastwords.server.api import succession

    track = cave.place.watch("iruka").track("died.naruto")
    assert track is not None
    return succession.words_of("iruka", track)


def cave_key(cave: Cave, name: str) -> str:
    from lastwords.server.models import Person as Row

    return Row.objects.get(handle=name).signing_key


def test_what_the_host_keeps_of_a_passed_share_opens_with_the_successor_s_key_alone(cave: Cave) -> None:
    from lastwords.sealing import age
    from lastwords.sealing.refusals import SealedFileRefused
    from lastwords.server.models import Paper

    passed_to(cave)
    kept = [bytes(paper.body) for paper in Paper.objects.filter(watch_id="iruka", kind="passed_share")]
    assert len(kept) == 2 and all(one.startswith(b"age-encryption.org/v1") for one in kept)
    other = PersonKeys.new()
    for one in kept:
        with pytest.raises(SealedFileRefused):
            age.open_bytes(one, [other.secret_key])
