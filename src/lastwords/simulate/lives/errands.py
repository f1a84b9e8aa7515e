"""What somebody might send at any time: every kind of act there is, filled in from what the page shows, fitting or not.

Most of it is refused, and that is the point: each cell of the table is met by somebody who means it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from lastwords.protocol import events as e
from lastwords.protocol.changed import changed
from lastwords.protocol.moments import DAY
from lastwords.protocol.stages import Condition, Evidence, Finding, HoldCause, Order, Sheet, Strength, Tamper
from lastwords.protocol.watch import HOST, Watch

from .cast import ALTERNATE, CIRCLE, NEWCOMER, PAPER, PHONE, RECIPIENT, SECOND
from .chance import Chance

Draw = Callable[[str, tuple[Any, ...]], Any]

UNSEEN = 0.06
"""How often somebody does what nobody is to see. Drawn apart, so that every other errand stays what it was."""


def errand(watch: Watch, who: str, wall: int, chance: Chance) -> e.Event:
    """One act of `who` on this watch as it stands. `wall` is now, in UTC seconds."""

    def pick(question: str, among: tuple[Any, ...]) -> Any:
        return among[int(chance.draw(f"errand {question}") * len(among))]

    if who == "host":
        return _of_host(watch, pick)
    if chance.draw("errand unseen") < UNSEEN:
        return _unseen(watch, who, pick)
    acts = _of_author(watch, who, wall, pick) if who == watch.author else []
    acts += _of_anybody(watch, who, wall, pick)
    make: Callable[[], e.Event] = pick("kind", tuple(acts))
    return make()


def _of_host(watch: Watch, pick: Draw) -> e.Event:
    case = watch.case
    closed = case.closed if case and case.closed else watch.last_sign
    acts: tuple[Callable[[], e.Event], ...] = (
        lambda: e.PlaceHold(HOST, pick("cause", (HoldCause.CLOCK, HoldCause.SWITCH))),
        lambda: e.LiftHold(HOST, pick("lift", (HoldCause.CLOCK, HoldCause.SWITCH, HoldCause.RESTORE))),
        lambda: e.ReportTamper(HOST, pick("sign", tuple(Tamper))),
        lambda: e.ForgetCase(HOST, case.number if case else 1, closed),
    )
    made: e.Event = pick("host", acts)()
    return made


def _unseen(watch: Watch, who: str, pick: Draw) -> e.Event:
    """An author says that they are made to; a keeper steps back; a keeper signs that the author is free again."""
    made = stated(watch, who, Finding.COULD_NOT_FIND_OUT, pick("unseen grade", tuple(Evidence)))
    bound = (made.case, made.epoch, made.plan_version, made.heads)
    credential = pick("unseen credential", (PHONE, PAPER, "stray"))
    acts: tuple[e.Event, ...] = (
        e.SpeakUnderForce(who, credential),
        e.StepBackUnseen(who, made.evidence, *bound),
        e.SignFree(who, "f" * 64),
    )
    event: e.Event = pick("unseen", acts)
    return event


def _of_author(watch: Watch, who: str, wall: int, pick: Draw) -> list[Callable[[], e.Event]]:
    keeper = partial(pick, "keeper", (*CIRCLE[:4], ALTERNATE, NEWCOMER))
    return [
        lambda: e.CheckIn(who, Strength.STRONG, pick("credential", (PHONE, PAPER, "stray"))),
        lambda: e.CheckIn(who, Strength.WEAK, "machine"),
        lambda: e.Arm(who, changed(watch.plan, version=watch.plan.version + (1 if watch.armed else 0))),
        lambda: _seals(watch, who, pick),
        lambda: _seals(watch, who, pick),
        lambda: e.AddCredential(who, pick("name", ("watch", "card")), "desk"),
        lambda: e.ProveRecovery(who),
        lambda: e.SetTrip(who, wall + pick("trip", (DAY, 30 * DAY, 500 * DAY)), DAY),
        lambda: e.InviteKeeper(who, keeper()),
        lambda: e.VerifyKeeper(who, keeper(), pick("vouch", (True, False))),
        lambda: e.BeginPractice(who),
        lambda: e.SuspendSeat(who, keeper()),
        lambda: e.RemoveKeeper(who, keeper()),
        lambda: e.SealSheet(who, pick("sheet", tuple(Sheet))),
        lambda: e.KeepCase(who, watch.case.number if watch.case else 1),
        lambda: e.SealNotes(who),
    ]


def _of_anybody(watch: Watch, who: str, wall: int, pick: Draw) -> list[Callable[[], e.Event]]:
    keeper = partial(pick, "keeper", (*CIRCLE[:4], ALTERNATE, NEWCOMER))
    track = partial(pick, "track", tuple(one.key for one in watch.tracks) or ("died.naruto",))
    second = partial(pick, "second", ("", *CIRCLE[:3]))
    return [
        lambda: e.AcceptSeat(who),
        lambda: e.GiveReceipt(
            who, tuple((one.key, one.share_set) for one in watch.tracks if who in one.roster)
        ),
        lambda: e.RestoreSeat(who, keeper()),
        lambda: e.PassSeat(who, pick("successor", (NEWCOMER, ALTERNATE))),
        lambda: e.RaiseAlarm(who, second()),
        lambda: e.PlaceHold(who, HoldCause.SWITCH, second()),
        lambda: e.LiftHold(who, pick("lift", tuple(HoldCause))),
        lambda: e.NoteInCase(who, "note", "a" * 64),
        lambda: e.CallAlternate(who, ALTERNATE),
        lambda: e.AnswerCall(who),
        lambda: stated(watch, who, pick("finding", tuple(Finding)), pick("grade", tuple(Evidence))),
        lambda: stated(
            watch, who, pick("finding", tuple(Finding)), pick("grade", tuple(Evidence)), stale=True
        ),
        lambda: e.RetractStatement(who),
        lambda: e.SignHome(who),
        lambda: e.SignNotThem(who),
        lambda: e.SignTried(who),
        lambda: e.SignRecipientDied(who, pick("dead", (RECIPIENT, SECOND)), pick("order", tuple(Order))),
        lambda: e.RetractRecipientDied(who, pick("alive", (RECIPIENT, SECOND))),
        lambda: e.SignEnd(who),
        lambda: e.BreakGlass(who, pick("card", (True, False, False))),
        lambda: e.DenyGlass(who, keeper()),
        lambda: e.SealNotes(who),
        lambda: e.Tell(who, track()),
        lambda: e.GiveShare(who, track()),
        lambda: e.WantShares(who, track(), pick("bad", ((), (CIRCLE[0],)))),
        lambda: e.OpenWords(who, track()),
        lambda: e.KeepForLater(who, track(), pick("until", (0, wall + 40 * DAY, wall - DAY))),
        lambda: e.GoThroughSomeone(who, track(), SECOND),
        lambda: e.DeclineWords(who, track()),
    ]


def _seals(watch: Watch, who: str, pick: Draw) -> e.Event:
    """Newer words for one of the tracks, under the same keys or new ones; or words taken back."""
    if not watch.tracks:
        return e.SealWords(
            who, Condition.DIED, RECIPIENT, "", 1, "manifest-1", "", "set-1", (), (("a", "b"),)
        )
    track = pick("track", watch.tracks)
    number, made = track.manifest
    how = pick("seal", ("same keys", "same keys", "new keys", "take back"))
    parts = (who, track.condition, track.recipient, track.instead_of)
    if how == "take back":
        return e.SealWords(*parts, number, made, made, track.share_set, track.roster, ())
    share_set = f"set-{number + 1}" if how == "new keys" else track.share_set
    roster = track.roster or tuple(sorted(CIRCLE[:3]))
    items = (("words.age", f"{number + 1:x}" * 8),)
    return e.SealWords(*parts, number + 1, f"manifest-{number + 1}", made, share_set, roster, items)


def stated(
    watch: Watch, who: str, finding: Finding, grade: Evidence, *, stale: bool = False
) -> e.MakeStatement:
    """A statement signed on what the case's page shows; `stale` for one signed before the newest backup or plan."""
    heads = tuple((track.key, *track.manifest) for track in watch.tracks if track.bears_words)
    number = watch.case.number if watch.case else 1
    epoch = watch.epoch - 1 if stale else watch.epoch
    return e.MakeStatement(who, finding, grade, number, epoch, watch.plan.version, heads)
