"""The ending *gone*: the antidote came too late. The words reach exactly those they were written for."""

from functools import partial

from lastwords.story.cast import BISUKE, BULL, KAKASHI, NARUTO, PAKKUN, Role
from lastwords.story.errors import StoryStopped
from lastwords.story.stage import DAY, Stage

from . import act, part_of

LATER = 40
"""The day, after the poison, on which Kakashi wishes to be asked again."""


def play(stage: Stage) -> None:
    """The whole chapter."""
    stage.wait_until(days=15, hours=6)
    released(stage)
    naruto_is_told(stage)
    kakashi_is_told(stage)
    naruto_opens(stage)
    wishes_first(stage)
    not_yet(stage)
    case_is_closed(stage)
    stage.wait_until(days=30)
    stage.does(KAKASHI, "here")
    stage.wait_until(days=LATER, hours=3)
    kakashi_opens(stage)


@act()
def released(stage: Stage) -> None:
    """The last call has run out without an answer."""
    arrived = stage.letter(PAKKUN, "Words of Iruka can be given now")
    stage.tell(PAKKUN, "has a letter: a person speaks first.", f"“{arrived.subject}”")


@part_of("words_for_naruto")
def naruto_is_told(stage: Stage) -> None:
    """A person tells him, before any letter does."""
    stage.does(BULL, "told", "iruka", "died.naruto")
    stage.tell(BULL, "goes to Naruto and tells him.", stage.letter(NARUTO, "Iruka wrote words").subject)


@act()
def kakashi_is_told(stage: Stage) -> None:
    """And him as well."""
    stage.does(PAKKUN, "told", "iruka", "died.kakashi")
    stage.tell(
        PAKKUN,
        "goes to Kakashi, who lets him speak this time.",
        stage.letter(KAKASHI, "Iruka wrote words").subject,
    )


@part_of("words_for_naruto")
def naruto_opens(stage: Stage) -> None:
    """Naruto opens two letters."""
    stage.does(NARUTO, "words", "waiting")
    to = str(stage.someone(NARUTO).desk / "opened")
    opened = stage.does(NARUTO, "open", "iruka", "died.naruto", "--to", to)
    stage.tell(NARUTO, "opens his words.", f"Two letters: {', '.join(opened['words']['files'])}.")


@act("S12")
def wishes_first(stage: Stage) -> None:
    """Kakashi reads what Iruka wished, and opens nothing yet."""
    to = str(stage.someone(KAKASHI).desk / "wishes")
    shown = stage.does(KAKASHI, "open", "iruka", "died.kakashi", "--wishes-first", "--to", to)
    stage.tell(
        KAKASHI, "reads the wishes alone.", f"{', '.join(shown['wishes']['files'])}; the letter stays sealed."
    )


@part_of("too_early")
def not_yet(stage: Stage) -> None:
    """Later, on a day he chooses. The same act as the refusal in the cave, at its other end."""
    until = str(stage.poisoned + LATER * DAY)
    stage.does(KAKASHI, "later", "iruka", "died.kakashi", "--until", until)
    stage.tell(KAKASHI, f"says: later, on day {LATER}.", "The words wait; nobody asks him before.")


@part_of("too_early")
def case_is_closed(stage: Stage) -> None:
    """There is nothing more to do; three keepers close the case."""

    def end(keeper: Role) -> None:
        stage.does(keeper, "case", "iruka", "sign", "end")

    stage.together(*(partial(end, keeper) for keeper in (PAKKUN, BULL, BISUKE)))
    stage.tell("Pakkun, Bull, Bisuke", "close the case.")


@act()
def kakashi_opens(stage: Stage) -> None:
    """On the day he chose."""
    to = str(stage.someone(KAKASHI).desk / "opened")
    opened = stage.does(KAKASHI, "open", "iruka", "died.kakashi", "--to", to)
    if not opened["words"]:
        raise StoryStopped("Kakashi's words did not open.")
    stage.tell(KAKASHI, "opens the last version, on the day he chose.", ", ".join(opened["words"]["files"]))
