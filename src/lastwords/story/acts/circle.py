"""Before: two men and the pack. Seats are offered and accepted, first words sealed, plans armed; a month passes."""

import re
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
from lastwords.story.stage import DAY, HOUR, Stage
from lastwords.story.texts import (
    IRUKA_WORDS,
    KAKASHI_FIRST,
    KAKASHI_FIRST_WISHES,
    NARUTO_FIRST,
    NARUTO_NOTE,
    TSUNADE_WORDS,
)

from . import act

BEFORE_THE_POISON = 33 * DAY
"""From the beginning of the play to the ambush."""
KAKASHIS_TERMS = ("--vigil", "1d", "--last-call", "12h")
"""He wants it over sooner: what he wrote for Tsunade is of use at once or not at all."""
NUMBER = re.compile(r"\b\d{6,10}\b")


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
        stage.does(author, "codes", "new", "--out", str(stage.someone(author).desk / "codes.txt"))

    stage.together(partial(join, IRUKA), partial(join, KAKASHI))
    stage.tell(IRUKA, "joins a host with Kakashi; each makes a key, prints it, and proves the print.")


@act()
def seats_are_offered(stage: Stage) -> None:
    """Keepers, alternates and recipients are invited, answer "I will", and are verified by what they answered."""
    stage.together(
        partial(_invite, stage, IRUKA, "keeper", FIRST_CIRCLE),
        partial(_invite, stage, KAKASHI, "keeper", PACK),
    )
    stage.together(
        partial(_invite, stage, IRUKA, "alternate", ALTERNATES),
        partial(_invite, stage, KAKASHI, "recipient", (IRUKA, TSUNADE)),
    )
    _invite(stage, IRUKA, "recipient", (NARUTO, KAKASHI))

    def arrive(role: Role) -> None:
        for author in (IRUKA, KAKASHI):
            if (stage.someone(author).desk / f"to-{role.handle}.txt").exists():
                _accept(stage, role, author)
        _can_be_reached(stage, role)

    stage.together(*(partial(arrive, role) for role in (*PACK, *ALTERNATES, NARUTO)))
    _accept(stage, KAKASHI, IRUKA)
    _accept(stage, IRUKA, KAKASHI)

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
        other = stage.paper(KAKASHI, "tsunade-1.txt", TSUNADE_WORDS)
        stage.does(
            KAKASHI,
            "words",
            "write",
            "tsunade",
            "--condition",
            "cannot-act",
            "--quorum",
            "3",
            "--text",
            other,
        )

    stage.together(iruka, kakashi)
    stage.tell(
        IRUKA,
        "seals first words for Kakashi, and Kakashi for him.",
        "Kakashi seals some for Tsunade too, should he live and not be himself.",
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
    _invite(stage, IRUKA, "keeper", (ULLY,))
    _accept(stage, ULLY, IRUKA)
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
    _invite(stage, IRUKA, "keeper", (KAKASHI,))
    _accept(stage, KAKASHI, IRUKA)
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


@act()
def they_set_out(stage: Stage) -> None:
    """Two in the party, on an errand to Suna; home is eighteen hours away when it goes wrong."""
    back = str(stage.now() + 5 * DAY)
    stage.together(
        *(
            partial(stage.does, author, "trip", "--back", back, "--extra", "24h")
            for author in (IRUKA, KAKASHI)
        )
    )
    stage.tell(
        IRUKA,
        "and Kakashi set out for Suna, back in five days.",
        "Overdue would mean an alarm, not a release.",
    )
    ahead = stage.poisoned - stage.now()
    if ahead < HOUR:
        raise StoryStopped("They set out later than the story has it.")
    stage.time_passes(hours=ahead / HOUR)


# What happens to everyone.


def _invite(stage: Stage, author: Role, role: str, people: tuple[Role, ...]) -> None:
    """The author makes the invitation, and gives its link to the person by hand: it is laid on their own desk too."""
    for person in people:
        link = stage.someone(author).desk / f"to-{person.handle}.txt"
        link.unlink(missing_ok=True)
        stage.does(author, "invite", role, person.name, "--out", str(link))


def _accept(stage: Stage, person: Role, author: Role) -> None:
    link = (stage.someone(author).desk / f"to-{person.handle}.txt").read_text("utf-8")
    given = stage.paper(person, f"from-{author.handle}.txt", link)
    stage.does(
        person, "accept", given, "--name", person.name, "--handle", person.handle, "--zone", ZONE, "--no-passphrase"
    )  # fmt: skip


def _can_be_reached(stage: Stage, person: Role) -> None:
    """Every address of theirs is added, and proven by the number that came there."""
    for place, address in enumerate(person.addresses):
        channel = stage.does(person, "channel", "add", "mail", address)["channel"]
        arrived = stage.letter(person, "A number for your address", address)
        number = NUMBER.search(arrived.text)
        if number is None:
            raise StoryStopped(f"The letter to {address} holds no number.")
        code = stage.paper(person, f"number-{place + 1}.txt", number.group())
        stage.does(person, "channel", "prove", str(channel), "--code", code)


def _tracks(stage: Stage) -> list[str]:
    return [str(row["track"]) for row in stage.does(IRUKA, "words", "list")["words"]]
