"""Before: two men and the pack. Seats are offered and accepted, first words sealed, plans armed; a month passes."""

from functools import partial

from lastwords.story.cast import (
    ALTERNATES,
    FIRST_CIRCLE,
    IRUKA,
    KAKASHI,
    NARUTO,
    PACK,
    TSUNADE,
    ULLY,
    ZONE,
    Role,
)
from lastwords.story.errors import StoryStopped
from lastwords.story.stage import DAY, Stage
from lastwords.story.texts import (
    CANNOT_ACT_WORDS,
    IN_IRUKAS_PLACE,
    IRUKA_WORDS,
    KAKASHI_FIRST,
    KAKASHI_FIRST_WISHES,
    NARUTO_FIRST,
    NARUTO_NOTE,
    TSUNADE_WISHES,
    TSUNADE_WORDS,
)

from . import accept, act, invite, prove_address
from .ahead import for_a_case, new_ways_in, they_set_out

BEFORE_THE_POISON = 33 * DAY
"""From the beginning of the play to the ambush."""
KAKASHIS_TERMS = ("--vigil", "1d", "--last-call", "12h")
"""He wants it over sooner: what he wrote for Tsunade is of use at once or not at all."""


def play(stage: Stage) -> None:
    """The whole chapter."""
    stage.poisoned = stage.now() + BEFORE_THE_POISON
    authors_join(stage)
    seats_are_offered(stage)
    first_words(stage)
    words_for_naruto(stage)
    plans_are_armed(stage)
    clock_jumps(stage)
    ully_accepts(stage)
    sixth_seat(stage)
    for_a_case(stage)
    new_ways_in(stage)
    a_month_passes(stage)
    they_set_out(stage)


@act()
def authors_join(stage: Stage) -> None:
    """Both become authors: a key, a printed sheet and its proof, a list of paper codes, an address that was proven."""

    def join(author: Role) -> None:
        code = stage.paper(author, "join-code.txt", stage.house.join_code())
        stage.does(author, "key", "new", "--no-passphrase")
        stage.does(
            author, "join", stage.house.origin,
            *("--name", author.name, "--handle", author.handle, "--zone", ZONE, "--code", code),
        )  # fmt: skip
        _can_be_reached(stage, author)
        sheet = str(stage.someone(author).desk / "sheet.txt")
        stage.does(author, "key", "sheet", sheet)
        stage.does(author, "key", "prove", "--sheet", sheet)
        stage.is_refused(author, "plan", "arm", "--quorum", "3")
        stage.does(author, "codes", "new", "--out", str(stage.someone(author).desk / "codes.txt"))

    stage.together(partial(join, IRUKA), partial(join, KAKASHI))
    stage.tell(
        IRUKA,
        "joins a host with Kakashi; each makes a key, prints it, and proves the print.",
        "No plan can be armed with one way to answer alone: paper codes are the second, kept apart from the key.",
    )


@act()
def seats_are_offered(stage: Stage) -> None:
    """Keepers, alternates and recipients are invited, answer "I will", and are verified by what they answered."""
    stage.together(
        partial(invite, stage, IRUKA, "keeper", FIRST_CIRCLE),
        partial(invite, stage, KAKASHI, "keeper", PACK),
    )
    stage.together(
        partial(invite, stage, IRUKA, "alternate", ALTERNATES),
        partial(invite, stage, KAKASHI, "recipient", (IRUKA, TSUNADE)),
    )
    invite(stage, IRUKA, "recipient", (NARUTO, KAKASHI))

    def arrive(role: Role) -> None:
        for author in (IRUKA, KAKASHI):
            if (stage.someone(author).desk / f"to-{role.handle}.txt").exists():
                accept(stage, role, author)
        _can_be_reached(stage, role)

    stage.together(*(partial(arrive, role) for role in (*PACK, *ALTERNATES, NARUTO)))
    accept(stage, KAKASHI, IRUKA)
    accept(stage, IRUKA, KAKASHI)

    def verify(author: Role, keepers: tuple[Role, ...], recipients: tuple[Role, ...]) -> None:
        for keeper in keepers:
            stage.does(author, "keeper", "verify", keeper.handle, "--vouch")
        for recipient in recipients:
            stage.does(author, "recipient", "verify", recipient.handle)

    stage.together(
        partial(verify, IRUKA, (*FIRST_CIRCLE, *ALTERNATES), (NARUTO, KAKASHI)),
        partial(verify, KAKASHI, PACK, (IRUKA, TSUNADE)),
    )
    stage.tell(
        IRUKA,
        "asks four of the pack to be his keepers, Tsunade and Shizune to stand by. Kakashi asks all five.",
        "Each answers “I will”, with a key that only the right person could have answered with.",
    )


@act()
def first_words(stage: Stage) -> None:
    """The first words that the two write for each other."""

    def iruka() -> None:
        letter = stage.paper(IRUKA, "kakashi-1.txt", KAKASHI_FIRST)
        wishes = stage.paper(IRUKA, "kakashi-wishes-1.txt", KAKASHI_FIRST_WISHES)
        stage.does(IRUKA, "words", "write", "kakashi", "--quorum", "3", "--text", letter, "--wishes", wishes)

    def kakashi() -> None:
        letter = stage.paper(KAKASHI, "iruka-1.txt", IRUKA_WORDS)
        stage.does(KAKASHI, "words", "write", "iruka", "--quorum", "3", "--text", letter)
        wishes = stage.paper(KAKASHI, "tsunade-wishes-1.txt", TSUNADE_WISHES)
        for_whom = {
            "tsunade-1.txt": (TSUNADE_WORDS, "tsunade", "--wishes", wishes),
            "iruka-cannot-act.txt": (CANNOT_ACT_WORDS, "iruka"),
            "in-irukas-place.txt": (IN_IRUKAS_PLACE, "tsunade", "--instead-of", "iruka"),
        }
        for name, (text, *whom) in for_whom.items():
            paper = stage.paper(KAKASHI, name, text)
            how = ("--condition", "cannot-act", "--quorum", "3", "--text", paper)
            stage.does(KAKASHI, "words", "write", *whom, *how)

    stage.together(iruka, kakashi)
    stage.tell(
        IRUKA,
        "seals first words for Kakashi, and Kakashi for him.",
        "Should he live and not be himself, there are some for Tsunade and for Iruka too, and some for her in Iruka's "
        "place.",
    )


@act("S1")
def words_for_naruto(stage: Stage) -> None:
    """Words for a second person, sealed apart from the first."""
    letter = stage.paper(IRUKA, "naruto-1.txt", NARUTO_FIRST)
    stage.does(IRUKA, "words", "write", "naruto", "--quorum", "3", "--text", letter, "--note", NARUTO_NOTE)
    stage.tell(IRUKA, "seals words for Naruto, apart from the others, with shares of their own.")


@act()
def plans_are_armed(stage: Stage) -> None:
    """Every keeper proves that their shares open; then both plans are armed."""

    def prove(keeper: Role) -> None:
        if keeper is not ULLY:
            stage.does(keeper, "shares", "prove", "iruka")
        stage.does(keeper, "shares", "prove", "kakashi")

    stage.together(*(partial(prove, keeper) for keeper in PACK))
    stage.together(
        partial(stage.does, IRUKA, "plan", "arm", "--quorum", "3"),
        partial(stage.does, KAKASHI, "plan", "arm", "--quorum", "3", *KAKASHIS_TERMS),
    )
    stage.tell(
        "The pack",
        "open their shares and send receipts; both plans are armed.",
        "Three of them make a quorum.",
    )


@act()
def clock_jumps(stage: Stage) -> None:
    """The host's clock is set forty days ahead by mistake: nothing is earned, nothing moves, and it is set right."""
    said = stage.clock_is_set(days=40)
    if said["earned"] or said["moved"]:
        raise StoryStopped(
            f"A clock that jumped earned {said['earned']} s and moved {said['moved']} watches."
        )
    back = stage.clock_is_set(days=-40)
    stage.tell(
        "The host",
        "has its clock set forty days ahead by mistake, and set right again.",
        f"Credit earned: {said['earned'] + back['earned']} s. Watches that moved: {said['moved'] + back['moved']}. "
        "Nobody was asked, nobody was called.",
    )


@act("S14")
def ully_accepts(stage: Stage) -> None:
    """The last of the pack accepts Iruka; the seat is verified now and counts only after its season."""
    invite(stage, IRUKA, "keeper", (ULLY,))
    accept(stage, ULLY, IRUKA)
    stage.does(IRUKA, "keeper", "verify", "ully")
    for track in _tracks(stage):
        stage.does(IRUKA, "words", "new-keys", track)
    stage.together(*(partial(stage.does, keeper, "shares", "prove", "iruka") for keeper in PACK))
    stage.tell(
        ULLY,
        "is the last of the pack to accept Iruka, and becomes his fifth keeper.",
        "The seat is verified. It counts after thirty days of service.",
    )


@act()
def sixth_seat(stage: Stage) -> None:
    """Kakashi takes a seat without a share: he can write in a case, and never counts for his own words."""
    invite(stage, IRUKA, "keeper", (KAKASHI,))
    accept(stage, KAKASHI, IRUKA)
    stage.does(IRUKA, "keeper", "verify", "kakashi")
    stage.tell(KAKASHI, "takes a sixth seat beside the pack, without a share.")


@act()
def a_month_passes(stage: Stage) -> None:
    """Four weeks of ordinary days, and a check-in each."""
    stage.time_passes(days=28)
    stage.together(partial(stage.does, IRUKA, "here"), partial(stage.does, KAKASHI, "here"))
    stage.tell(
        IRUKA,
        "and Kakashi each say “I'm here”.",
        "Four weeks have passed. Their next check-in is in thirty days.",
    )
    stage.time_passes(days=3, hours=12)


# What happens to everyone.


def _can_be_reached(stage: Stage, person: Role) -> None:
    """Every address of theirs is added, and proven."""
    for address in person.addresses:
        prove_address(stage, person, address)


def _tracks(stage: Stage) -> list[str]:
    return [str(row["track"]) for row in stage.does(IRUKA, "words", "list")["words"]]
