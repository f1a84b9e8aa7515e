"""Two on one trip: one who can be reached says “I'm here” and whom they have with them."""

from cli.conftest import Cave, Person


def companion(cave: Cave) -> Person:
    """Kakashi, an author whose own plan is in force, and who keeps for Iruka too."""
    kakashi = cave.place.author("kakashi")
    ana = ("--handle", "ana", "--mail", "ana@example.org", "--card", kakashi.folder / "ana.card")
    kakashi.does("recipient", "add", "Ana", *ana)
    kakashi.does("words", "write", "ana", "--timer-only", "--text", kakashi.file("letter.txt", "Be well."))
    kakashi.does("codes", "new", "--out", kakashi.folder / "codes.txt")
    kakashi.does("key", "sheet", kakashi.folder / "sheet.txt")
    kakashi.does("key", "prove", "--sheet", kakashi.folder / "sheet.txt")
    kakashi.does("plan", "arm", "--timer-only")
    link = cave.iruka.folder / "kakashi.link"
    cave.iruka.does("invite", "keeper", "Kakashi", "--out", link)
    kakashi.does("accept", link, "--name", "Kakashi", "--handle", "kakashi", "--no-passphrase")
    cave.iruka.does("keeper", "verify", "kakashi", "--vouch")
    return kakashi


def test_a_companions_check_in_carries_that_another_was_seen_and_never_the_others_own_sign(
    cave: Cave,
) -> None:
    kakashi = companion(cave)
    cave.keepers["pakkun"].does("alarm", "iruka")
    before = cave.place.watch("iruka")
    said = kakashi.does("here", "--seen", "iruka", "--where", "the pass above Suna")
    read = cave.keepers["bull"].does("case", "iruka", "show")["entries"][-1]
    assert (read["number"], read["kind"], read["by"]) == (said["seen"]["iruka"], "sighting", "kakashi")
    assert "the pass above Suna" in read["text"]
    after = cave.place.watch("iruka")
    assert (after.stage, after.last_sign, after.wait) == (before.stage, before.last_sign, before.wait)


def test_without_an_open_case_ones_own_check_in_stands_and_the_rest_is_refused(cave: Cave) -> None:
    kakashi = companion(cave)
    before = cave.place.watch("kakashi").last_sign
    cave.place.house.leap(3600)
    refused = kakashi.refused("here", "--seen", "iruka", "--where", "the pass")
    assert refused["happened"].startswith("Your own check-in stands. Nothing was written about iruka")
    assert cave.place.watch("kakashi").last_sign != before
    assert kakashi.refused("here", "--seen", "iruka")["code"] == "where"
