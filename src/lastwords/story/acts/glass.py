"""Breaking glass: with the card at once, and without it at a cost."""

from lastwords.story.cast import BISUKE, BULL, KAKASHI, PAKKUN
from lastwords.story.stage import Stage

from . import act, part_of
from .ahead import CARD


@act("S8")
def the_card(stage: Stage) -> None:
    """Pakkun's own copy opens at once, where no host can be reached; everyone is told as soon as one can."""
    card = str(stage.someone(PAKKUN).desk / CARD)
    with stage.out_of_reach():
        to = _folder(stage, PAKKUN.handle, "notes")
        said = stage.does(PAKKUN, "glass", "iruka", "card", card, "--to", to)
    stage.does(PAKKUN, "glass", "iruka", "show")
    arrived = stage.letter(BULL, "Pakkun has opened the emergency notes")
    stage.tell(
        PAKKUN,
        "opens his copy of the emergency notes with the card, out of reach of any host.",
        ("It says what to do about P.19. " if said["files"] else "")
        + f"He is told that everyone will hear of it, and everyone does: “{arrived.subject}”",
    )


@act("S8")
def the_cage(stage: Stage) -> None:
    """Kakashi has no card with him. Everyone is alarmed first, a wait runs, and his seat does not count any more."""
    stage.does(KAKASHI, "glass", "iruka", "ask")
    arrived = stage.letter(BULL, "Kakashi asks for the emergency notes")
    stage.letter(BISUKE, "Kakashi asks for the emergency notes", BISUKE.addresses[1])
    to = _folder(stage, KAKASHI.handle, "too-soon")
    refused = stage.is_refused(KAKASHI, "glass", "iruka", "open", "--to", to)
    stage.tell(
        KAKASHI,
        "opens the cage without the mask: he asks for the emergency notes without a card.",
        f"“{arrived.subject}” Refused for now: {refused['happened']}",
    )


@part_of("the_cage")
def the_cage_opens(stage: Stage) -> None:
    """The wait has run, and nobody has said no."""
    said = stage.does(KAKASHI, "glass", "iruka", "open", "--to", _folder(stage, KAKASHI.handle, "notes"))
    stage.tell(
        KAKASHI,
        "has the notes, six hours after everyone was alarmed. Nobody had said no.",
        "They have a new cover now." if said["turned"] else "",
    )


@part_of("the_cage")
def the_price(stage: Stage) -> None:
    """His seat is heard no longer: not at the alarm button, and nowhere else."""
    refused = stage.is_refused(KAKASHI, "hold", "iruka")
    stage.tell(KAKASHI, "reaches for the hold switch at the tower.", f"Refused: {refused['happened']}")


@part_of("the_cage")
def three_restore_him(stage: Stage) -> None:
    """The suspended seat comes back by three others, and only then."""
    for keeper in (BULL, PAKKUN, BISUKE):
        said = stage.does(keeper, "case", "iruka", "restore", "kakashi")
    stage.tell(
        "Bull, Pakkun, Bisuke",
        "sign that his seat may count again.",
        f"His seat is {said['stage']} once more.",
    )


def _folder(stage: Stage, who: str, name: str) -> str:
    return str(stage.folder / "homes" / who / "desk" / name)
