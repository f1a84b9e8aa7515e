"""The cave: poison, words, the alarm, the long days at the bed. It ends in the last call, where the endings part."""

from functools import partial

from lastwords.story.cast import (
    BISQUIT,
    BISUKE,
    BULL,
    IRUKA,
    KAKASHI,
    PACK,
    PAKKUN,
    SHIZUNE,
    TSUNADE,
    ULLY,
    Role,
)
from lastwords.story.errors import StoryStopped
from lastwords.story.stage import Stage
from lastwords.story.texts import (
    AT_THE_BED,
    COULD_NOT_TELL,
    DOSE,
    FIRST_CARE,
    HELP_REACHED,
    HOUND,
    KAKASHI_FIRST_WISHES,
    KAKASHI_LAST,
    KAKASHI_LAST_WISHES,
    KAKASHI_WISH_TO_BE_FORGOTTEN,
    KEPT_WATCH,
    LOOK_AFTER_HIM,
    NARUTO_LETTER,
    NARUTO_NOTE,
    NARUTO_SECOND_LETTER,
    ONLY_KEEPERS_NOTE,
    PLACES_OF_HELP,
    SENT_AWAY,
    TASK_HELP,
    TASK_STAY,
    WHAT_WE_SAW,
)

from . import act

FOR_TSUNADE = "cannot_act.tsunade"


def play(stage: Stage) -> None:
    """The whole chapter."""
    poisoned(stage)
    forgotten(stage)
    if "words_for_naruto" not in stage.without:
        letters_for_naruto(stage)
    better_words(stage)
    stage.wait_until(hours=1)
    alarm(stage)
    not_for_kakashi(stage)
    help_is_fetched(stage)
    stage.wait_until(hours=2)
    kakashi_wakes(stage)
    too_early(stage)
    pakkun_is_sent_away(stage)
    stage.wait_until(hours=15)
    the_window(stage)
    team(stage)
    stage.wait_until(days=7, hours=2)
    the_bed(stage)
    hound(stage)
    stage.wait_until(days=9, hours=12)
    kakashi_comes_back(stage)
    taken_home(stage)
    stage.wait_until(days=9, hours=18)
    statements(stage)
    stage.wait_until(days=11, hours=15)
    last_call(stage)


@act()
def poisoned(stage: Stage) -> None:
    """The ambush; one dose for two."""
    stage.poisoned = stage.now()
    stage.tell(IRUKA, "and Kakashi are both struck with P.19. There is one dose of A.19 between them.")
    stage.tell(IRUKA, "puts Kakashi to sleep, so that he cannot refuse, and gives him the dose.")


@act()
def forgotten(stage: Stage) -> None:
    """What he writes for Kakashi at first."""
    letter = stage.paper(IRUKA, "kakashi-2.txt", KAKASHI_WISH_TO_BE_FORGOTTEN)
    wishes = stage.paper(IRUKA, "kakashi-wishes-2.txt", KAKASHI_FIRST_WISHES)
    sealed = stage.does(IRUKA, "words", "replace", "died.kakashi", "--text", letter, "--wishes", wishes)
    stage.tell(
        IRUKA, "writes for Kakashi, and wishes to be forgotten.", f"Version {sealed['number']} is sealed."
    )


@act()
def letters_for_naruto(stage: Stage) -> None:
    """Two letters for Naruto, in place of the one at home."""
    letter = stage.paper(IRUKA, "naruto-2.txt", NARUTO_LETTER)
    second = stage.paper(IRUKA, "for-the-office.txt", NARUTO_SECOND_LETTER)
    sealed = stage.does(
        IRUKA, "words", "replace", "died.naruto", "--text", letter, "--file", second, "--note", NARUTO_NOTE
    )  # fmt: skip
    stage.tell(
        IRUKA,
        "entrusts two letters for Naruto to Pakkun.",
        f"“I will.” Version {sealed['number']} is sealed.",
    )


@act("S2")
def better_words(stage: Stage) -> None:
    """It was not good enough. He takes it back and finds simpler words; every keeper proves the new share."""
    stage.does(IRUKA, "words", "take-back", "died.kakashi")
    stage.tell(IRUKA, "takes the words for Kakashi back.", "The sealed files are gone from the host.")
    letter = stage.paper(IRUKA, "kakashi-3.txt", KAKASHI_LAST)
    wishes = stage.paper(IRUKA, "kakashi-wishes-3.txt", KAKASHI_LAST_WISHES)
    sealed = stage.does(
        IRUKA, "words", "write", "kakashi", "--quorum", "3", "--text", letter, "--wishes", wishes
    )  # fmt: skip
    keepers = [seat["handle"] for seat in stage.does(IRUKA, "keeper", "list")["keepers"]]
    holders = [keeper for keeper in PACK if keeper.handle in keepers]
    stage.together(*(partial(stage.does, keeper, "shares", "prove", "iruka") for keeper in holders))
    stage.tell(
        IRUKA,
        "writes simpler ones, the last.",
        f"Version {sealed['number']} is sealed; the pack prove their shares.",
    )


@act()
def alarm(stage: Stage) -> None:
    """Iruka is unconscious. Pakkun raises the alarm for both men: cases open at once, and no wait is shortened."""
    mine = stage.does(PAKKUN, "alarm", "iruka")
    other = stage.does(PAKKUN, "alarm", "kakashi")
    stage.tell(
        PAKKUN,
        "raises the alarm for both men, for Iruka no longer answers.",
        f"Case {mine['case']} of Iruka and case {other['case']} of Kakashi are open; both are being asked. "
        "Every wait still runs in full.",
    )
    arrived = stage.letter(BISUKE, "Iruka may need help")
    stage.does(BISUKE, "case", "iruka", "answer")
    stage.does(PAKKUN, "case", "iruka", "answer")
    stage.tell(BISUKE, "has a letter and answers the call.", f"“{arrived.subject}”")
    _entry(stage, PAKKUN, "places", PLACES_OF_HELP)
    _entry(stage, PAKKUN, "dose", DOSE)
    _entry(stage, BISUKE, "care", FIRST_CARE)
    stage.tell(
        BISUKE,
        "and Pakkun put on a patch of A.12 and give adrenaline, 1.5 mg.",
        "It stands in the case, sealed.",
    )


@act("S3")
def not_for_kakashi(stage: Stage) -> None:
    """What only the keepers may know."""
    _entry(stage, PAKKUN, "not-for-kakashi", ONLY_KEEPERS_NOTE, "--only-keepers")
    _entry(stage, PAKKUN, "look-after-him", LOOK_AFTER_HIM, "--only-keepers")
    stage.tell(
        PAKKUN,
        "writes down two things for the keepers alone.",
        "They are sealed to nobody who receives words.",
    )


@act("S5")
def help_is_fetched(stage: Stage) -> None:
    """One stays, one runs for help."""
    run = _entry(stage, PAKKUN, "task-help", TASK_HELP)
    stay = _entry(stage, PAKKUN, "task-stay", TASK_STAY)
    stage.does(BISUKE, "case", "iruka", "task", "take", str(run))
    stage.does(PAKKUN, "case", "iruka", "task", "take", str(stay))
    stage.tell(
        BISUKE, f"takes task {run} and runs for help; Pakkun takes task {stay} and stays, with a hurt paw."
    )


@act()
def kakashi_wakes(stage: Stage) -> None:
    """Kakashi wakes, and reads what the case shows him."""
    seen = stage.does(KAKASHI, "case", "iruka", "show")
    read = sum(entry["text"] is not None for entry in seen["entries"])
    stage.tell(
        KAKASHI,
        "wakes. Pulse rapid and thready, breathing quiet and laboured.",
        f"Of {len(seen['entries'])} entries he can read {read}.",
    )


@act("S4")
def too_early(stage: Stage) -> None:
    """Pakkun begins to pass the last words on, and is refused; so is Kakashi, who does not want them."""
    told = stage.is_refused(PAKKUN, "told", "iruka", "died.kakashi")
    to = str(stage.someone(KAKASHI).desk / "too-early")
    opened = stage.is_refused(KAKASHI, "open", "iruka", "died.kakashi", "--to", to)
    stage.does(KAKASHI, "decline", "iruka", "died.kakashi")
    stage.tell(PAKKUN, "begins to pass on the last words.", f"Refused: {told['happened']}")
    stage.tell(KAKASHI, "cannot open them either.", f"Refused: {opened['happened']}")
    stage.tell(KAKASHI, "says: not now, he is breathing.", "It is written down and binds nothing.")


def pakkun_is_sent_away(stage: Stage) -> None:
    """Kakashi sends him away; another takes his place, and his task passes to them."""
    if "help_is_fetched" in stage.without:
        return
    stay = _task_taken_by(stage, PAKKUN)
    _entry(stage, PAKKUN, "sent-away", SENT_AWAY)
    stage.does(BULL, "case", "iruka", "task", "take", str(stay))
    stage.tell(KAKASHI, "sends Pakkun away and carries Iruka himself.", f"Task {stay} passes to Bull.")


@act()
def the_window(stage: Stage) -> None:
    """Fifteen hours: through the window at Tsunade's desk."""
    if "help_is_fetched" not in stage.without:
        reached = stage.paper(BISUKE, "reached.txt", HELP_REACHED)
        stage.does(
            BISUKE, "case", "iruka", "task", "report", str(_task_taken_by(stage, BISUKE)), "--text", reached
        )
        kept = stage.paper(BULL, "kept-watch.txt", KEPT_WATCH)
        stage.does(BULL, "case", "iruka", "task", "report", str(_task_taken_by(stage, BULL)), "--text", kept)
        stage.tell(BISUKE, "has reached the tower and reports; so does Bull, who never left them.")
    stage.tell(KAKASHI, "comes through the window at Tsunade's desk with Iruka on his back.")


@act("S10")
def team(stage: Stage) -> None:
    """Two had answered, and two are no quorum: the head of the village and her assistant are called, and answer."""
    arrived = stage.letter(TSUNADE, "Iruka may need help", TSUNADE.addresses[1])
    for role in (TSUNADE, SHIZUNE, BULL, BISQUIT, ULLY):
        if role is not ULLY or "ully_accepts" not in stage.without:
            stage.does(role, "case", "iruka", "answer")
    stage.tell(
        TSUNADE,
        "was called at the tower too when too few had answered; she and her people are there.",
        f"“{arrived.subject}”",
    )


@act()
def the_bed(stage: Stage) -> None:
    """Hound keeps watch and gives no sign of his own. Both watches are in vigil."""
    stage.does(BISQUIT, "case", "iruka", "show")
    _entry(stage, BISQUIT, "at-the-bed", AT_THE_BED)
    called = stage.letter(BULL, "Please check on Kakashi")
    stage.tell(BULL, "is asked about Kakashi too, for Hound gives no sign of his own.", f"“{called.subject}”")


@act("S13")
def hound(stage: Stage) -> None:
    """Three of the pack state that Kakashi cannot act. His own last call runs out, and Tsunade is told."""

    def state(keeper: Role) -> None:
        text = stage.paper(keeper, "hound.txt", HOUND)
        stage.does(
            keeper, "case", "kakashi", "state", "cannot-act", "--evidence", "own-sight", "--text", text
        )

    stage.together(*(partial(state, keeper) for keeper in (BULL, BISUKE, PAKKUN)))
    stage.tell("Bull, Bisuke, Pakkun", "state that Kakashi cannot act: it is Hound who keeps watch.")
    stage.wait_until(days=8, hours=4)
    stage.wait_until(days=9)
    arrived = stage.letter(BULL, "Words of Kakashi can be given now")
    stage.does(BULL, "told", "kakashi", FOR_TSUNADE)
    stage.tell(
        BULL, "tells Tsunade that Kakashi wrote words for her. She has no time yet.", f"“{arrived.subject}”"
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
        "His watch is well again; his case closes.",
    )


def taken_home(stage: Stage) -> None:
    """What was given of his and not opened is his again. The other end of the act with Hound."""
    if "hound" in stage.without:
        return
    to = str(stage.someone(TSUNADE).desk / "too-late")
    refused = stage.is_refused(TSUNADE, "open", "kakashi", FOR_TSUNADE, "--to", to)
    stage.tell(
        TSUNADE,
        "looks for her words now, and they have gone home with him.",
        f"Refused: {refused['happened']}",
    )


@act()
def statements(stage: Stage) -> None:
    """Three keepers state what they saw, with their shares under two covers; a fourth cannot say."""

    def died(keeper: Role) -> None:
        text = stage.paper(keeper, "what-we-saw.txt", WHAT_WE_SAW)
        stage.does(keeper, "case", "iruka", "state", "died", "--evidence", "own-sight", "--text", text)

    stage.together(*(partial(died, keeper) for keeper in (BULL, BISUKE, PAKKUN)))
    text = stage.paper(BISQUIT, "could-not-tell.txt", COULD_NOT_TELL)
    stage.does(
        BISQUIT, "case", "iruka", "state", "could-not-find-out", "--evidence", "rumour", "--text", text
    )
    stage.tell(
        "Bull, Bisuke, Pakkun",
        "state that Iruka died: there was no pulse for an hour.",
        "Bisquit cannot say.",
    )


@act()
def last_call(stage: Stage) -> None:
    """The quorum stands and the vigil's least time is over: Iruka is asked one last time."""
    arrived = stage.letter(IRUKA, "Last call to you")
    stage.tell(IRUKA, "is asked one last time, on every channel there is.", f"“{arrived.subject}”")


# Parts.


def _entry(stage: Stage, who: Role, name: str, text: str, *more: str) -> int:
    """Someone writes an entry into Iruka's case; returns its number."""
    source = stage.paper(who, f"{name}.txt", text)
    return int(stage.does(who, "case", "iruka", "entry", "--text", source, *more)["entry"])


def _task_taken_by(stage: Stage, who: Role) -> int:
    """The number of the task that this person took last."""
    entries = stage.does(who, "case", "iruka", "show")["entries"]
    taken = [
        entry["about"] for entry in entries if entry["kind"] == "task_taken" and entry["by"] == who.handle
    ]
    if not taken:
        raise StoryStopped(f"{who.name} has taken no task.")
    return int(taken[-1])
