"""What an author does, from the first key to a plan in force."""

import pytest
from cli.conftest import CIRCLE, Place, breaks_at


def test_an_author_gets_from_nothing_to_a_plan_in_force(place: Place) -> None:
    iruka = place.author("iruka")
    card = iruka.folder / "naruto.card.txt"
    assert (
        iruka.does("recipient", "add", "Naruto", "--handle", "naruto", "--card", card)["handle"] == "naruto"
    )
    keepers = {name: place.keeper(iruka, name) for name in CIRCLE}
    letter = iruka.file("letter.txt", "You will lead the village one day.")
    sealed = iruka.does("words", "write", "naruto", "--text", letter, "--note", "A happy one")
    assert (sealed["track"], sealed["number"]) == ("died.naruto", 1)
    for keeper in keepers.values():
        assert keeper.does("shares", "prove", "iruka")["shares"][0]["opens"] is True
    iruka.does("codes", "new", "--out", iruka.folder / "codes.txt")
    sheet = iruka.folder / "sheet.txt"
    iruka.does("key", "sheet", sheet)
    iruka.does("key", "prove", "--sheet", sheet)
    assert iruka.does("plan", "show")["open"] == []
    armed = iruka.does("plan", "arm")
    assert armed["stage"] == "well"
    assert iruka.does("here")["stage"] == "well"


@pytest.mark.parametrize(("code", "stays"), [("prove_again", False), ("unreachable", True), ("fault", True)])
def test_a_list_of_codes_that_may_count_is_never_thrown_away(
    place: Place, monkeypatch: pytest.MonkeyPatch, code: str, stays: bool
) -> None:
    """The fault: the host may have taken the list, and its answer was no answer."""
    iruka = place.author("iruka")
    breaks_at(monkeypatch, "paper-codes", code)
    refused = iruka.refused("codes", "new", "--out", iruka.folder / "codes.txt")
    assert (iruka.folder / "codes.txt").exists() is stays
    assert ("codes.txt stays" in refused["happened"]) is stays and refused["code"] == code


def test_a_recipient_whose_card_cannot_be_printed_is_not_known_at_the_host(place: Place) -> None:
    """The fault: a name is taken for good by a key that nobody holds."""
    iruka = place.author("iruka")
    for card, code in (
        (iruka.file("naruto.card.txt", "here already"), "file_exists"),
        (iruka.folder / "nowhere" / "c.txt", "file"),
    ):
        assert (
            iruka.refused("recipient", "add", "Naruto", "--handle", "naruto", "--card", card)["code"] == code
        )
        assert iruka.refused("invite", "keeper", "Pakkun", "--out", card)["code"] == code
    assert iruka.does("recipient", "list")["recipients"] == []
    assert iruka.does("invite", "list")["invitations"] == []
