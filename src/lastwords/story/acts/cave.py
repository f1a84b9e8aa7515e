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
    HELP_REACHED,
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
    SENT_AWAY,
    TASK_HELP,
    TASK_STAY,
    WHAT_WE_SAW,
)

from . import act, entry, part_of, writes
from .bed import hound_leaves, the_monitor, they_treat_him
from .care import first_care, notes_stay_sealed, on_the_way, second_dose, second_look, the_report
from .glass import the_cage, the_cage_opens, the_card, the_price, three_restore_him
from .guards import at_the_gate, second_pair_of_hands, the_alarm_button
from .pair import (
    hound,
    kakashi_comes_back,
    nothing_for_the_silent,
    paws_for_kakashi,
    taken_home,
    wishes_of_kakashi,
)


def play(stage: Stage) -> None:
    """The whole chapter."""
    poisoned(stage)
    forgotten(stage)
    letters_for_naruto(stage)
    better_words(stage)
    stage.wait_until(hours=1)
    the_card(stage)
    notes_stay_sealed(stage)
    alarm(stage)
    first_care(stage)
    not_for_kakashi(stage)
    help_is_fetched(stage)
    stage.wait_until(hours=2)
    kakashi_wakes(stage)
    second_pair_of_hands(stage)
    too_early(stage)
    pakkun_is_sent_away(stage)
    the_cage(stage)
    on_the_way(stage)
    stage.wait_until(hours=10)
    the_cage_opens(stage)
    second_dose(stage)
    stage.wait_until(hours=15)
    they_report(stage)
    the_window(stage)
    the_price(stage)
    the_report(stage)
    the_alarm_button(stage)
    team(stage)
    at_the_gate(stage)
    stage.wait_until(hours=16)
    they_treat_him(stage)
    the_monitor(stage)
    stage.wait_until(days=7, hours=2)
    the_bed(stage)
    hound(stage)
    nothing_for_the_silent(stage)
    wishes_of_kakashi(stage)
    stage.wait_until(days=9, hours=12)
    kakashi_comes_back(stage)
    hound_leaves(stage)
    taken_home(stage)
    three_restore_him(stage)
    paws_for_kakashi(stage)
    stage.wait_until(days=9, hours=18)
    statements(stage)
    stage.wait_until(days=12, hours=12)
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


@part_of("words_for_naruto")
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


@act("S3")
def not_for_kakashi(stage: Stage) -> None:
    """What only the keepers may know."""
    entry(stage, PAKKUN, "not-for-kakashi", ONLY_KEEPERS_NOTE, "--only-keepers")
    entry(stage, PAKKUN, "look-after-him", LOOK_AFTER_HIM, "--only-keepers")
    stage.tell(
        PAKKUN,
        "writes down two things for the keepers alone.",
        "They are sealed to nobody who receives words.",
    )


@act("S5")
def help_is_fetched(stage: Stage) -> None:
    """One stays, one runs for help."""
    run = writes(stage, PAKKUN, "task", "task-help", {"what": TASK_HELP}, 1)
    stay = writes(stage, PAKKUN, "task", "task-stay", {"what": TASK_STAY}, 1)
    _task(stage, BISUKE, "take", run)
    _task(stage, PAKKUN, "take", stay)
    stage.tell(
        BISUKE, f"takes task {run} and runs for help; Pakkun takes task {stay} and stays, with a hurt paw."
    )


@act()
def kakashi_wakes(stage: Stage) -> None:
    """Kakashi wakes, and reads what the case shows him."""
    seen = stage.does(KAKASHI, "case", "iruka", "show")
    read = sum(entry["text"] is not None for entry in seen["entries"])
    second_look(stage)
    stage.tell(
        KAKASHI,
        "wakes and looks at him. Pulse rapid and thready, breathing quiet and laboured.",
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


@part_of("help_is_fetched")
def pakkun_is_sent_away(stage: Stage) -> None:
    """Kakashi sends him away; another takes his place, and his task passes to them."""
    stay = _task_taken_by(stage, PAKKUN)
    entry(stage, PAKKUN, "sent-away", SENT_AWAY)
    _task(stage, BULL, "take", stay)
    stage.tell(KAKASHI, "sends Pakkun away and carries Iruka himself.", f"Task {stay} passes to Bull.")


@part_of("help_is_fetched")
def they_report(stage: Stage) -> None:
    """What came of the two tasks."""
    reached = stage.paper(BISUKE, "reached.txt", HELP_REACHED)
    _task(stage, BISUKE, "report", _task_taken_by(stage, BISUKE), "--text", reached)
    kept = stage.paper(BULL, "kept-watch.txt", KEPT_WATCH)
    _task(stage, BULL, "report", _task_taken_by(stage, BULL), "--text", kept)
    stage.tell(BISUKE, "has reached the tower and reports; so does Bull, who never left them.")


@act()
def the_window(stage: Stage) -> None:
    """Fifteen hours: through the window at Tsunade's desk."""
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
    entry(stage, BISQUIT, "at-the-bed", AT_THE_BED)
    called = stage.letter(BULL, "Please check on Kakashi")
    stage.tell(BULL, "is asked about Kakashi too, for Hound gives no sign of his own.", f"“{called.subject}”")


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


def _task(stage: Stage, who: Role, step: str, number: int, *more: str) -> None:
    """Someone takes a task, or says what came of it."""
    stage.does(who, "case", "iruka", "task", step, str(number), "--at", str(stage.about_now()), *more)


def _task_taken_by(stage: Stage, who: Role) -> int:
    """The number of the task that this person took last."""
    entries = stage.does(who, "case", "iruka", "show")["entries"]
    taken = [
        entry["about"] for entry in entries if entry["kind"] == "task_taken" and entry["by"] == who.handle
    ]
    if not taken:
        raise StoryStopped(f"{who.name} has taken no task.")
    return int(taken[-1])
