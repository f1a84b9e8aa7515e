"""What an author does, from the first key to a plan in force."""

from cli.conftest import CIRCLE, Place


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
