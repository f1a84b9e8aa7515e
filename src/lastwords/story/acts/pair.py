"""Kakashi's own watch: silent at the same time, each chosen by the other, and his way back on the ninth day."""

from functools import partial

from lastwords.story.cast import BISQUIT, BISUKE, BULL, KAKASHI, PAKKUN, TSUNADE, ULLY, Role
from lastwords.story.errors import StoryStopped
from lastwords.story.stage import Stage
from lastwords.story.texts import HOUND

from . import act

FOR_TSUNADE = "cannot_act.tsunade"
FOR_IRUKA = "cannot_act.iruka"
IN_HIS_PLACE = "cannot_act.tsunade.iruka"


@act()
def hound(stage: Stage) -> None:
    """Three of the pack state that Kakashi cannot act. His own last call runs out, and Tsunade is told."""

    def state(keeper: Role) -> None:
        text = stage.paper(keeper, "hound.txt", HOUND)
        how = ("--evidence", "own-sight", "--text", text)
        stage.does(keeper, "case", "kakashi", "state", "cannot-act", *how)

    stage.together(*(partial(state, keeper) for keeper in (BULL, BISUKE, PAKKUN)))
    stage.tell("Bull, Bisuke, Pakkun", "state that Kakashi cannot act: it is Hound who keeps watch.")
    stage.wait_until(days=8, hours=4)
    stage.wait_until(days=9)
    arrived = stage.letter(BULL, "Words of Kakashi can be given now")
    stage.does(BULL, "told", "kakashi", FOR_TSUNADE)
    stage.tell(BULL, "tells Tsunade that Kakashi wrote words for her.", f"“{arrived.subject}”")


@act("S7")
def nothing_for_the_silent(stage: Stage) -> None:
    """Words of Kakashi's for Iruka are released, and Iruka is silent himself: nobody can hand them to him, and they do
    not pass to the one who would follow either, on the word of one keeper and before their time."""
    silent = stage.is_refused(BULL, "told", "kakashi", FOR_IRUKA)
    stage.tell(BULL, "would tell Iruka of Kakashi's words for him.", f"Refused: {silent['happened']}")
    stage.does(BISUKE, "case", "kakashi", "sign", "recipient-died", "iruka", "--order", "before-told")
    early = stage.is_refused(BULL, "told", "kakashi", IN_HIS_PLACE)
    to = str(stage.someone(TSUNADE).desk / "in-his-place")
    stage.is_refused(TSUNADE, "open", "kakashi", IN_HIS_PLACE, "--to", to)
    stage.tell(
        BISUKE,
        "has heard at the door that Iruka is dead, and signs it. Nobody else does: he breathes.",
        f"One signature of three, 12 hours of 120. The words in his place stay sealed: {early['happened']}",
    )


@act("S12")
def wishes_of_kakashi(stage: Stage) -> None:
    """Tsunade reads what he wished, and keeps the letter for the evening."""
    to = str(stage.someone(TSUNADE).desk / "wishes")
    shown = stage.does(TSUNADE, "open", "kakashi", FOR_TSUNADE, "--wishes-first", "--to", to)
    stage.tell(
        TSUNADE,
        "reads his wishes alone, and keeps the letter for the evening.",
        f"{', '.join(shown['wishes']['files'])}; the letter stays sealed.",
    )


@act()
def kakashi_comes_back(stage: Stage) -> None:
    """Hound steps back. Kakashi says "I'm here"; three of the pack have seen it is him."""
    said = stage.does(KAKASHI, "here")
    if said["stage"] != "closing":
        raise StoryStopped(f"Kakashi's watch is {said['stage']}, where it should be closing.")
    stage.tell(KAKASHI, "steps out from behind Hound and says “I'm here”.", "Everything of his stands still.")
    for keeper in (BULL, PAKKUN, BISUKE):
        stage.does(keeper, "case", "kakashi", "sign", "home")
    stage.tell(
        "The pack",
        "have seen that it is him; three of them sign.",
        "His watch is well again, his case closes, and what he counts for in Iruka's watch is up to the others again.",
    )


@act()
def taken_home(stage: Stage) -> None:
    """What was given of his and not opened is his again. The other end of the act with Hound."""
    to = str(stage.someone(TSUNADE).desk / "too-late")
    refused = stage.is_refused(TSUNADE, "open", "kakashi", FOR_TSUNADE, "--to", to)
    stage.tell(
        TSUNADE,
        "opens the letter in the evening, and it has gone home with him.",
        f"Refused: {refused['happened']}",
    )


@act("S13")
def paws_for_kakashi(stage: Stage) -> None:
    """The others of the pack sign too, after his case has closed, and he looks at the page."""
    for keeper in (BISQUIT, ULLY):
        stage.does(keeper, "case", "kakashi", "sign", "home")
    page = stage.someone(KAKASHI).desk / "welcome-home.html"
    seen = stage.does(KAKASHI, "case", "kakashi", "page", "--html", str(page))
    stage.tell(
        KAKASHI,
        "has a page, “Welcome home”, with a paw print of every one of them.",
        ", ".join(one["name"] for one in seen["signed"]) + ".",
    )
