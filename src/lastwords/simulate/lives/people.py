"""What people do: they read their letters, look at the page, and act on what they know to be true, or wrongly.

Everything here goes through `Life.ask`, the way a request comes in. What a person sees of a watch is what the page
shows; whether it is true is the script's to say.
"""

from typing import TYPE_CHECKING

from lastwords.protocol import events as e
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import DAY, HOUR
from lastwords.protocol.stages import (
    Evidence,
    Finding,
    GlassStage,
    HoldCause,
    Order,
    SeatStage,
    Stage,
    Strength,
    TrackStage,
    WordsStage,
)
from lastwords.protocol.watch import Track, Watch

from .cast import NEWCOMER, PAPER, PHONE
from .errands import stated
from .past import Sent

if TYPE_CHECKING:
    from .life import Life

TO_AUTHOR = (
    *(LetterKind.CHECK_IN_DUE, LetterKind.CHECK_IN_MISSED, LetterKind.ALARM_ASKS, LetterKind.SECOND_REMINDER),
    *(LetterKind.LAST_CALL, LetterKind.STATEMENT_MADE, LetterKind.HOME_BEGUN, LetterKind.RESTORED),
    *(LetterKind.HOLD_PLACED, LetterKind.GLASS_ALARM),
)
TO_KEEPERS = (
    *(LetterKind.ALARM_RAISED, LetterKind.KEEPER_CALLED, LetterKind.ASKED_AGAIN, LetterKind.LAST_CALL_BEGUN),
    *(LetterKind.WORDS_RELEASED, LetterKind.HOME_QUESTION, LetterKind.RESTORED, LetterKind.HOLD_PLACED),
    *(
        LetterKind.TRY_IN_PERSON,
        LetterKind.LETTER_TASK,
        LetterKind.SHARES_WANTED,
        LetterKind.GLASS_ALARM,
        LetterKind.PRACTICE,
    ),
    LetterKind.UNDER_FORCE,
)
TO_RECIPIENTS = (LetterKind.FIRST_LETTER, LetterKind.WORDS_WAITING, LetterKind.LATER_IS_OVER)
WAITING = (WordsStage.RELEASED, WordsStage.TOLD, WordsStage.SHARES_WANTED)
MOST_VISITS = 25
"""How often one keeper comes back to a case of their own accord."""


def read_letter(life: "Life", person: str, sent: Sent) -> None:
    """A letter lies in somebody's mailbox: they come, sooner or later, if they can."""
    kind = sent.kind
    if person == sent.author and kind in TO_AUTHOR:
        if not life.fate(person).lost(life.now) and not life.fate(person).careless:
            life.at(life.now + life.chance.between(HOUR, 40 * HOUR, f"{person} answers"), sign, person)
    elif kind in TO_RECIPIENTS:
        wait = life.chance.between(2 * HOUR, 20 * DAY, f"{person} opens")
        life.at(life.now + wait, receive, person, sent.author)
    elif kind in TO_KEEPERS:
        wait = life.chance.between(2 * HOUR, 5 * DAY, f"{person} comes")
        life.at(life.now + wait, visit, person, sent.author)


# The author.


def plan_next_sign(life: "Life", author: str) -> None:
    """The author has a rhythm of their own, and gives the next sign well before it is missed, or just in time."""
    every = life.every(author)
    share = 0.35 + 0.62 * life.chance.draw(f"{author}'s rhythm")
    life.at(life.now + int(every * share), rhythm, author)


def rhythm(life: "Life", author: str) -> None:
    fate = life.fate(author)
    if fate.careless and life.now >= life.script.silent_from - life.every(author):
        return
    if fate.lost(life.now):
        back = max((ends for begins, ends in fate.away if begins <= life.now < ends), default=None)
        if back is not None and not fate.lost(back):
            life.at(back, rhythm, author)
        return
    sign(life, author)
    plan_next_sign(life, author)


MADE_TO = 0.01
"""How often somebody is made to give a sign, and says so with the code for it."""


def sign(life: "Life", author: str, tries: int = 0, credential: str = PHONE) -> None:
    """A strong sign of life. Where it is not heard, it is tried again."""
    if life.fate(author).lost(life.now):
        return
    forced = life.chance.draw("is made to") < MADE_TO
    sign_of_life = e.CheckIn(author, Strength.STRONG, credential)
    answer = life.ask(author, e.SpeakUnderForce(author, credential) if forced else sign_of_life)
    if answer == "unheard" and tries < 30:
        life.at(life.now + (HOUR if tries < 6 else 2 * DAY), sign, author, tries + 1, credential)
    elif answer in ("credential_void", "credential_spent") and credential == PHONE:
        sign(life, author, tries, PAPER)
    elif not answer:
        after_sign(life, author, credential)


def after_sign(life: "Life", author: str, credential: str) -> None:
    """Whoever is back proves it a second way, or waits for the keepers; and seals anew what has to be."""
    watch = life.look(author)
    if watch is None:
        return
    if watch.stage is Stage.CLOSING and credential == PHONE and life.chance.draw("a second way") < 0.35:
        life.at(life.now + life.chance.between(60, 2 * DAY, "second way"), sign, author, 0, PAPER)
    if watch.stage is Stage.WELL and watch.keys_due and life.chance.draw("new keys") < 0.7:
        for track in watch.tracks:
            seal_anew(life, author, track)
    if watch.stage is Stage.WELL and not watch.practice and life.chance.draw("asks for a practice") < 0.05:
        life.ask(author, e.BeginPractice(author))


def seal_anew(life: "Life", author: str, track: Track) -> None:
    """Words under new keys, and a receipt of every keeper who holds a share."""
    number = track.manifest[0] + 1
    made = (f"manifest-{number}", track.manifest[1], f"set-{number}", track.roster, track.items)
    parts = (author, track.condition, track.recipient, track.instead_of, number)
    if track.items and not life.ask(author, e.SealWords(*parts, *made)):
        for keeper in track.roster:
            life.ask(author, e.GiveReceipt(keeper, ((track.key, f"set-{number}"),)))


def stranger(life: "Life", author: str) -> None:
    """Somebody else has the author's phone."""
    life.ask(author, e.CheckIn(author, Strength.STRONG, PHONE))


def machine(life: "Life", author: str, every: int, refused: int = 0) -> None:
    """A machine that goes on signing for somebody who is gone, until it has been refused a few times."""
    answer = life.ask(author, e.CheckIn(author, Strength.WEAK, "machine"))
    refused += bool(answer)
    if refused < 4:
        life.at(life.now + every, machine, author, every, refused)


# Keepers.


def belief(life: "Life", keeper: str, author: str) -> Finding | None:
    """What a keeper would sign today; None while they know nothing yet."""
    fate, mine, now = life.fate(author), life.fate(keeper), life.now
    if mine.lies or life.chance.draw(f"{keeper} errs") < mine.errs:
        return Finding.DIED
    if fate.dies is not None and now >= fate.dies:
        return Finding.DIED if now >= fate.dies + fate.knows_after else None
    if fate.ill is not None and now >= fate.ill:
        return Finding.CANNOT_ACT if now >= fate.ill + fate.knows_after else None
    if fate.lost(now):
        return Finding.COULD_NOT_FIND_OUT if life.chance.draw("could not find out") < 0.5 else None
    return Finding.SPOKEN_WITH if life.chance.draw("spoken with") < 0.5 else None


def visit(life: "Life", keeper: str, author: str) -> None:
    """A keeper looks at the page and does what is asked of them there."""
    if life.fate(keeper).lost(life.now):
        return
    watch = life.look(author)
    if watch is None:
        if life.backing.port.load(author) is None:
            return  # a host put back to before they came knows nobody of that name
        come_again(life, keeper, author, DAY)  # once, however many letters have brought them
        return
    if watch.seat(keeper) is None:
        return
    if watch.hold(HoldCause.RESTORE) and life.chance.draw("lifts") < 0.8:
        life.ask(author, e.LiftHold(keeper, HoldCause.RESTORE))
    called = watch.force is not None and keeper in watch.force.called
    if called and not life.fate(author).lost(life.now) and life.chance.draw("has spoken with them") < 0.5:
        life.ask(author, e.SignFree(keeper, "f" * 64))
    prove_shares(life, keeper, author, watch)
    if watch.stage is Stage.CLOSING:
        answer_sign(life, keeper, author)
    elif watch.case_open and watch.stage in (Stage.LATE, Stage.VIGIL):
        work(life, keeper, author, watch)
    elif watch.stage is Stage.WELL:
        in_peace(life, keeper, author, watch)
    if watch.glass:
        answer_asking(life, keeper, author, watch)
    if watch.case is not None and watch.case_open and not watch.case.ended:
        life.visits[keeper, author] += 1
        if life.visits[keeper, author] <= MOST_VISITS:
            come_again(life, keeper, author, life.chance.between(4 * DAY, 25 * DAY, f"{keeper} again"))


def come_again(life: "Life", keeper: str, author: str, after: int) -> None:
    """Who is to come of their own accord already comes then."""
    if (keeper, author) not in life.coming:
        life.coming.add((keeper, author))
        life.at(life.now + after, by_own, keeper, author)


def by_own(life: "Life", keeper: str, author: str) -> None:
    life.coming.discard((keeper, author))
    visit(life, keeper, author)


def in_peace(life: "Life", keeper: str, author: str, watch: Watch) -> None:
    if watch.case and watch.case.closed and life.chance.draw("welcomes") < 0.2:
        life.ask(author, e.SignHome(keeper))


def prove_shares(life: "Life", keeper: str, author: str, watch: Watch) -> None:
    """Answers a practice, or ends the rest of a seat whose keeper has missed one."""
    seat = watch.seat(keeper)
    asked = watch.practice is not None and keeper in watch.practice.asked
    rests = seat is not None and seat.owes_proof
    if (asked and life.chance.draw("practises") < 0.85) or (
        rests and life.chance.draw("proves at last") < 0.2
    ):
        held = tuple((track.key, track.share_set) for track in watch.tracks if keeper in track.roster)
        life.ask(author, e.GiveReceipt(keeper, held))


def answer_sign(life: "Life", keeper: str, author: str) -> None:
    """In closing: was it really them?"""
    fate = life.fate(author)
    gone = fate.dead(life.now) or (fate.ill is not None and life.now >= fate.ill)
    if life.fate(keeper).lies:
        gone = not gone
    if life.chance.draw("answers the question") < 0.75:
        life.ask(author, e.SignNotThem(keeper) if gone else e.SignHome(keeper))


def work(life: "Life", keeper: str, author: str, watch: Watch) -> None:
    """In a case: says what they know, tells recipients, and closes what is done."""
    if watch.case and keeper not in watch.case.answered and life.chance.draw("answers") < 0.3:
        life.ask(author, e.AnswerCall(keeper))
    found = belief(life, keeper, author)
    mine = next((made for made in watch.statements if made.keeper == keeper), None)
    if found is not None and (mine is None or mine.finding is not found):
        if mine is not None and life.chance.draw("retracts first") < 0.3:
            life.ask(author, e.RetractStatement(keeper))
        life.ask(author, stated(watch, keeper, found, Evidence.OWN_SIGHT))
    if watch.stage is not Stage.VIGIL:
        return
    if watch.unreached and any(one.stage is TrackStage.LAST_CALL and not one.wait for one in watch.tracks):
        life.ask(author, e.SignTried(keeper))
    for track in watch.tracks:
        if track.stage is TrackStage.RELEASED:
            tell(life, keeper, author, track)
    if any(one.stage is TrackStage.RELEASED for one in watch.tracks):
        waits = any(one.words in (WordsStage.SEALED, *WAITING) for one in watch.tracks if not one.instead_of)
        if life.chance.draw("signs the end") < (0.02 if waits else 0.7):
            life.ask(author, e.SignEnd(keeper))


def tell(life: "Life", keeper: str, author: str, track: Track) -> None:
    if track.words is WordsStage.RELEASED:
        if life.fate(track.recipient).dead(life.now):
            if keeper not in track.deaths:
                life.ask(author, e.SignRecipientDied(keeper, track.recipient, Order.UNKNOWN))
        elif life.chance.draw("tells") < 0.45:
            life.ask(author, e.Tell(keeper, track.key))
    elif track.words is WordsStage.SHARES_WANTED and keeper in track.roster:
        life.ask(author, e.GiveShare(keeper, track.key))


def answer_asking(life: "Life", keeper: str, author: str, watch: Watch) -> None:
    """Somebody has asked for the emergency notes: others may say no, or give them their seat back."""
    for asking in watch.glass:
        if asking.keeper == keeper:
            if asking.stage is GlassStage.OPEN and life.chance.draw("covers anew") < 0.7:
                life.ask(author, e.SealNotes(keeper))
        elif asking.stage in (GlassStage.ASKED, GlassStage.WAITING) and life.chance.draw("says no") < 0.15:
            life.ask(author, e.DenyGlass(keeper, asking.keeper))
    for seat in watch.seats:
        suspended = seat.stage is SeatStage.SUSPENDED and seat.keeper not in (keeper, NEWCOMER)
        if suspended and keeper not in seat.restored_by and life.chance.draw("gives the seat back") < 0.5:
            life.ask(author, e.RestoreSeat(keeper, seat.keeper))


# Recipients.


def receive(life: "Life", person: str, author: str) -> None:
    """A recipient has heard of words: opens them, or one of the other answers."""
    if life.fate(person).lost(life.now):
        return
    watch = life.look(author)
    if watch is None:
        life.at(life.now + 2 * DAY, receive, person, author)
        return
    for track in watch.tracks:
        if track.recipient != person or track.stage is not TrackStage.RELEASED:
            continue
        choice = life.chance.draw(f"{person} chooses")
        if choice < 0.7:
            life.ask(author, e.WantShares(person, track.key))
            life.at(
                life.now + life.chance.between(60, 3 * DAY, "opening"), open_words, person, author, track.key
            )
        elif choice < 0.8:
            life.ask(author, e.KeepForLater(person, track.key, 0))
        elif choice < 0.9:
            life.ask(author, e.DeclineWords(person, track.key))
        else:
            life.ask(author, e.GoThroughSomeone(person, track.key, "hinata"))


def open_words(life: "Life", person: str, author: str, key: str) -> None:
    if not life.fate(person).lost(life.now):
        life.ask(author, e.OpenWords(person, key))
