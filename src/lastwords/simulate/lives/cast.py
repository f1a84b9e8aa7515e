"""Who plays: a small choice of circles, terms and words, and the childhood that arms each of them."""

from dataclasses import dataclass
from functools import cache

from lastwords.protocol import events as e
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Condition
from lastwords.protocol.watch import Plan, track_key

AUTHOR, OTHER = "iruka", "kakashi"
"""The author of the life, and the other half of a mutual pair."""
CIRCLE = ("anko", "gai", "kurenai", "asuma", "ibiki")
ALTERNATE, NEWCOMER = "shizune", "aoba"
RECIPIENT, SECOND, STANDS_IN = "naruto", "sakura", "konohamaru"
PHONE, PAPER = "phone", "paper"
EVERYONE = (AUTHOR, OTHER, *CIRCLE, ALTERNATE, NEWCOMER, RECIPIENT, SECOND, STANDS_IN)

Words = tuple[Condition, str, str, tuple[str, ...]]
"""A track: condition, recipient, in whose place, and who holds a share."""


@dataclass(frozen=True, slots=True)
class Cast:
    """One author's circle and terms. `unvouched` has still to be seasoned when the plan is armed."""

    author: str
    plan: Plan
    keepers: tuple[str, ...]
    words: tuple[Words, ...]
    alternate: str = ""
    unvouched: str = ""


RHYTHMS = ((30, 7, 4, 2), (90, 7, 4, 2), (180, 7, 4, 2), (365, 14, 7, 3), (180, 10, 5, 3), (365, 7, 4, 2))
"""Days: between check-ins, and of late, vigil and last call."""


def plan_of(number: int, quorum: int, **more: object) -> Plan:
    """One of six rhythms, from a month to a year; most authors here are asked seldom, so that lives go on quickly."""
    every, late, vigil, last = RHYTHMS[number % len(RHYTHMS)]
    return Plan(
        quorum=quorum,
        check_in_every=every * DAY,
        late=late * DAY,
        vigil=vigil * DAY,
        last_call=last * DAY,
        **more,  # type: ignore[arg-type]
    )


@cache
def casts() -> tuple[tuple[Cast, ...], ...]:
    """Every set of watches that a life may be about: the author's alone, or a mutual pair."""
    died, ill = Condition.DIED, Condition.CANNOT_ACT
    three, four, five = CIRCLE[:3], CIRCLE[:4], CIRCLE
    naruto = (died, RECIPIENT, "", three)
    sakura = (ill, SECOND, "", three)
    anko = (died, "anko", "", CIRCLE[1:4])
    heir = (died, STANDS_IN, RECIPIENT, three)
    found: list[tuple[Cast, ...]] = []
    for rhythm in range(len(RHYTHMS)):
        found += [
            (Cast(AUTHOR, plan_of(rhythm, 2), three, (naruto,)),),
            (Cast(AUTHOR, plan_of(rhythm + 1, 2), three, (naruto, sakura), alternate=ALTERNATE),),
            (Cast(AUTHOR, plan_of(rhythm, 2), four, (naruto, anko)),),
            (Cast(AUTHOR, plan_of(rhythm + 2, 2), three, (naruto, heir)),),
            (Cast(AUTHOR, plan_of(rhythm, 2, channels=2), three, (naruto,)),),
            (Cast(AUTHOR, plan_of(rhythm + 1, 3), five, ((died, RECIPIENT, "", five),)),),
            (Cast(AUTHOR, plan_of(rhythm, 2), four, (naruto,), unvouched="kurenai"),),
            (Cast(AUTHOR, plan_of(rhythm, 1, timer_only=True), (), ((died, RECIPIENT, "", ()),)),),
        ]
        found.append((Cast(AUTHOR, plan_of(rhythm, 2), three, (naruto, heir)),))
        half = plan_of(rhythm, 2)
        found.append(
            (
                Cast(AUTHOR, half, (*CIRCLE[:2], OTHER), ((died, RECIPIENT, "", (*CIRCLE[:2], OTHER)),)),
                Cast(OTHER, half, (*CIRCLE[:2], AUTHOR), ((died, RECIPIENT, "", (*CIRCLE[:2], AUTHOR)),)),
            )
        )
        found.append(
            (
                Cast(AUTHOR, half, (*CIRCLE[:3], OTHER), ((died, OTHER, "", CIRCLE[:3]),)),
                Cast(OTHER, half, (*CIRCLE[:3], AUTHOR), ((died, AUTHOR, "", CIRCLE[:3]),)),
            )
        )
    return tuple(found)


def childhood(cast: Cast) -> list[e.Event]:
    """Everything that makes an armed plan of a draft, in the order people do it."""
    author = cast.author
    acts: list[e.Event] = [
        e.AddCredential(author, PHONE, "pocket"),
        e.AddCredential(author, PAPER, "drawer"),
        e.ProveRecovery(author),
    ]
    for keeper in cast.keepers:
        acts += [e.InviteKeeper(author, keeper), e.AcceptSeat(keeper)]
        acts.append(e.VerifyKeeper(author, keeper, keeper != cast.unvouched))
    if cast.alternate:
        acts += [e.InviteKeeper(author, cast.alternate, 1), e.AcceptSeat(cast.alternate)]
        acts.append(e.VerifyKeeper(author, cast.alternate, True))
    acts += [seal(author, words, 1, "", "set-1") for words in cast.words]
    for keeper in sorted({keeper for words in cast.words for keeper in words[3]}):
        proven = tuple((key(words), "set-1") for words in cast.words if keeper in words[3])
        acts.append(e.GiveReceipt(keeper, proven))
    return [*acts, e.Arm(author, cast.plan)]


def key(words: Words) -> str:
    return track_key(words[0], words[1], words[2])


def seal(author: str, words: Words, number: int, before: str, share_set: str) -> e.SealWords:
    """Words sealed anew: version `number`, whose hash is made of it."""
    condition, recipient, instead_of, roster = words
    items = (("words.age", f"{number:x}" * 64),)
    made = f"manifest-{number}"
    return e.SealWords(
        author,
        condition,
        recipient,
        instead_of,
        number,
        made,
        before,
        share_set,
        tuple(sorted(roster)),
        items,
    )
