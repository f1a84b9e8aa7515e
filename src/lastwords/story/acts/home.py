"""The ending *home*: he wakes in time. Everything comes down, and nothing was ever given to anyone."""

from lastwords.story.cast import BISQUIT, BISUKE, BULL, IRUKA, PACK, PAKKUN, ULLY
from lastwords.story.errors import StoryStopped
from lastwords.story.stage import Stage

from . import act


def play(stage: Stage) -> None:
    """The whole chapter."""
    stage.wait_until(days=13)
    iruka_wakes(stage)
    three_sign(stage)
    paw_prints(stage)
    stage.wait_until(days=26)
    back_at_school(stage)


@act()
def iruka_wakes(stage: Stage) -> None:
    """In the last call, Iruka answers."""
    said = stage.does(IRUKA, "here")
    if said["stage"] != "closing":
        raise StoryStopped(f"Iruka's watch is {said['stage']}, where it should be closing.")
    stage.tell(
        IRUKA,
        "wakes in the last call and says “I'm here”.",
        "Every statement is void, every given share is deleted, every track is taken down.",
    )


@act()
def three_sign(stage: Stage) -> None:
    """Three of the pack have seen him awake."""
    asked = stage.letter(BULL, "Have you seen or heard Iruka")
    stage.tell(BULL, "is asked whether it is really him.", f"“{asked.subject}”")
    for keeper in (PAKKUN, BULL, BISUKE):
        said = stage.does(keeper, "case", "iruka", "sign", "home")
    stage.tell(
        "Pakkun, Bull, Bisuke",
        "sign that they have seen him awake.",
        f"The watch is {said.get('stage', 'well')}.",
    )
    arrived = stage.letter(IRUKA, "Welcome home")
    stage.tell(IRUKA, "has a letter.", f"“{arrived.subject}”")


@act("S13")
def paw_prints(stage: Stage) -> None:
    """The case is closed; the page is signed until every paw is on it."""
    for keeper in (BISQUIT, ULLY):
        if keeper is not ULLY or "ully_accepts" not in stage.without:
            stage.does(keeper, "case", "iruka", "sign", "home")
    page = stage.someone(IRUKA).desk / "welcome-home.html"
    seen = stage.does(IRUKA, "case", "iruka", "page", "--html", str(page))
    stage.tell(
        "The pack",
        "put every paw print on the welcome-home page.",
        ", ".join(one["name"] for one in seen["signed"]) + ".",
    )


@act()
def back_at_school(stage: Stage) -> None:
    """Weeks later: new keys for what had been given, and an ordinary check-in."""
    seated = {seat["handle"] for seat in stage.does(IRUKA, "keeper", "list")["keepers"]}
    # Kakashi's sixth seat stays without a share: three of six would be no majority.
    pack = ",".join(keeper.handle for keeper in PACK if keeper.handle in seated)
    for row in stage.does(IRUKA, "words", "list")["words"]:
        if row["keys_due"]:
            stage.does(IRUKA, "words", "new-keys", row["track"], "--shares-to", pack)
    said = stage.does(IRUKA, "here")
    stage.does(IRUKA, "words", "list")
    stage.does(IRUKA, "state")
    stage.tell(
        IRUKA,
        "is back at school, seals his words anew, and says “I'm here”.",
        f"His watch is {said['stage']}.",
    )
