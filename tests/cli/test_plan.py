"""The plan: its terms are signed as a whole, and what is still open is said in sentences."""

import json

from cli.conftest import Cave, Person, Place

from lastwords.cli.sealing import none_to_spare


def test_a_new_author_is_told_what_is_open(place: Place) -> None:
    iruka = place.author("iruka")
    shown = iruka.does("plan", "show")
    assert shown["armed"] is False and len(shown["open"]) == 3
    assert "not active yet" in iruka.types("plan", "show").stdout


def test_a_plan_that_lacks_something_is_refused_with_the_reason(place: Place) -> None:
    assert place.author("iruka").refused("plan", "arm")["code"] == "one_credential"


def three_keepers(place: Place, *not_vouched: str) -> Person:
    """An author with three keepers and a card for Naruto, and nothing sealed."""
    iruka = place.author("iruka")
    for name in ("pakkun", "bisuke", "bull"):
        place.invited(iruka, name)
        said = iruka.types("keeper", "verify", name, *([] if name in not_vouched else ["--vouch"])).stdout
        assert ("count only 30 days from now" in said) is (name in not_vouched)
    iruka.does("recipient", "add", "Naruto", "--handle", "naruto", "--card", iruka.folder / "card.txt")
    return iruka


def test_whoever_needs_all_of_three_keepers_is_told_so_when_sealing_and_in_the_plan_and_what_to_do(
    place: Place,
) -> None:
    iruka = three_keepers(place)
    letter = iruka.file("letter.txt", "You will lead the village one day.")
    said = iruka.types("words", "write", "naruto", "--text", letter).stdout
    told = "3 keepers are needed to open died.naruto and 3 hold a share. None could be missed"
    assert told in said and "`lastwords words new-keys died.naruto --quorum 2`" in said
    assert told in " ".join(iruka.does("plan", "show")["open"])
    said = iruka.types("words", "new-keys", "naruto", "--quorum", "2").stdout
    assert "Any 2 of 3 keepers" in said and "prove iruka`, also who has proven one before" in said
    assert told not in " ".join(iruka.does("plan", "show")["open"])


def test_of_two_keepers_no_fewer_can_be_needed_so_another_keeper_is_asked_for() -> None:
    assert none_to_spare("died.naruto", 2, 3) == []
    (said,) = none_to_spare("died.naruto", 2, 2)
    assert said.endswith(
        "Verify one more keeper, then run `lastwords words new-keys died.naruto --quorum 2`."
    )
    (said,) = none_to_spare("died.naruto", 1, 1)
    assert "Verify 2 more keepers, then run `lastwords words new-keys died.naruto --quorum 2`." in said
    (said,) = none_to_spare("died.naruto", 4, 4)
    assert "--quorum 3`, then `lastwords plan arm --quorum 3`. Or: verify one more keeper" in said


def test_keepers_who_would_not_count_from_the_first_day_are_named_before_the_plan_is_armed(
    place: Place,
) -> None:
    iruka = three_keepers(place, "pakkun", "bull")
    letter = iruka.file("letter.txt", "You will lead the village one day.")
    iruka.does("words", "write", "naruto", "--text", letter, "--quorum", "2")
    shown = " ".join(iruka.does("plan", "show")["open"])
    assert "2 keepers of died.naruto must count at once, and bull, pakkun would not" in shown


def test_terms_not_named_stay_and_the_version_rises(cave: Cave) -> None:
    armed = cave.iruka.does("plan", "arm", "--check-in-every", "14d", "--term", "last_call=3d")
    assert armed["version"] == 2
    plan = cave.place.watch("iruka").plan
    assert (plan.check_in_every, plan.last_call, plan.late) == (14 * 86400, 3 * 86400, 7 * 86400)


def test_after_a_restore_that_forgot_plans_the_author_says_so_once_and_goes_on(cave: Cave) -> None:
    """What is signed then comes after every plan that was ever signed here, so nothing takes it for an older one."""
    pins = cave.iruka.home / "pins.json"
    pins.write_text(json.dumps({**json.loads(pins.read_text()), "plan": {"version": 5}}))
    assert cave.iruka.refused("plan", "arm")["code"] == "older_plan"
    assert cave.iruka.refused("plan", "show")["code"] == "older_plan"
    assert cave.iruka.does("plan", "arm", "--from-older")["version"] == 6
    assert cave.iruka.does("plan", "show")["armed"] is True
    assert cave.place.watch("iruka").plan.version == 6


def test_after_a_restore_that_forgot_every_plan_the_author_says_so_too(place: Place) -> None:
    iruka = place.author("iruka")
    iruka.does("plan", "show")
    pins = iruka.home / "pins.json"
    kept = json.loads(pins.read_text()) if pins.exists() else {}
    pins.write_text(json.dumps({**kept, "plan": {"version": 3}}))
    refused = iruka.refused("plan", "arm")
    assert refused["code"] == "older_plan" and "no plan of yours" in str(refused)
    assert iruka.refused("plan", "arm", "--from-older")["code"] == "one_credential"


def test_a_term_nobody_knows_is_refused(cave: Cave) -> None:
    for name in ("patience", "version", "timer_only"):
        assert cave.iruka.refused("plan", "arm", "--term", f"{name}=3d")["code"] == "term_unknown"
    assert cave.place.watch("iruka").plan.version == 1


def test_terms_are_shown_as_lengths(cave: Cave) -> None:
    shown = cave.iruka.types("plan", "show").stdout
    assert "check in every: 30 days" in shown and "quorum: 3" in shown


def test_a_timer_only_plan_tells_its_price(place: Place) -> None:
    author = place.author("sai")
    card = author.folder / "card.txt"
    author.does("recipient", "add", "Ino", "--handle", "ino", "--card", card)
    letter = author.file("letter.txt", "A drawing.")
    author.does("words", "write", "ino", "--text", letter, "--timer-only")
    author.does("codes", "new", "--out", author.folder / "codes.txt")
    author.does("key", "sheet", author.folder / "sheet.txt")
    author.does("key", "prove", "--sheet", author.folder / "sheet.txt")
    result = author.types("plan", "arm", "--timer-only")
    assert result.exit_code == 0, result.stderr
    assert "this host alone enforces the wait" in result.stderr
    assert place.watch("sai").plan.timer_only is True
    ino = place.person("ino")
    ino.does("key", "from-card", card, "--no-passphrase")
    plan = place.watch("sai").plan
    place.pass_time("sai", plan.check_in_every)
    place.pass_time("sai", plan.late)
    place.run_out("sai")
    assert place.watch("sai").tracks[0].stage == "released"
    opened = ino.does("open", "sai", "died.ino", "--to", ino.folder / "from-sai")
    assert opened["words"]["files"] == ["letter.txt"]


def test_the_channels_are_listed_and_proven_by_the_number_that_was_sent(cave: Cave) -> None:
    from lastwords.server import models

    iruka = cave.iruka
    number = iruka.does("channel", "add", "mail", "iruka@example.org")["channel"]
    assert iruka.does("channel", "list")["channels"][0]["proven"] is False
    assert (
        iruka.refused("channel", "prove", str(number), "--code", iruka.file("n", "00000000"))["code"]
        == "proof_refused"
    )
    letter = models.Letter.objects.filter(to="iruka", kind="channel_proof").latest("written")
    sent = json.loads(letter.facts)["number"]
    assert iruka.does("channel", "prove", "--code", iruka.file("n", sent))["proven"] == number
    assert iruka.refused("channel", "prove")["code"] == "which_channel"


def test_seats_are_listed_with_what_they_have_proven(cave: Cave) -> None:
    keepers = cave.iruka.does("keeper", "list")["keepers"]
    assert [(one["stage"], one["proven"]) for one in keepers] == [("seasoned", ["died.naruto"])] * 4
    assert "1 of 1 proven" in cave.iruka.types("keeper", "list").stdout


def test_a_keeper_without_whom_too_few_would_be_left_is_not_removed(cave: Cave) -> None:
    cave.iruka.does("keeper", "remove", "bull")
    assert cave.iruka.refused("keeper", "remove", "ully")["code"] == "too_few_left"
    assert cave.keepers["bull"].refused("shares", "list", "iruka")["code"] == "not_found"


def test_recipients_and_invitations_are_listed(cave: Cave) -> None:
    (naruto,) = cave.iruka.does("recipient", "list")["recipients"]
    assert naruto == {"handle": "naruto", "name": "Naruto", "how": "card", "pinned": True}
    stages = {one["name"]: one["stage"] for one in cave.iruka.does("invite", "list")["invitations"]}
    assert set(stages) >= {"pakkun", "bisuke", "bull", "ully"}


def test_a_practice_is_answered_by_proving_one_s_share_again(cave: Cave) -> None:
    begun = cave.iruka.does("practice", "begin")
    assert begun["asked"] == ["bisuke", "bull", "pakkun", "ully"]
    cave.place.hand_over("iruka")
    proven = cave.keepers["pakkun"].does("shares", "prove", "iruka", "--practice")
    assert proven["shares"][0]["opens"] is True
