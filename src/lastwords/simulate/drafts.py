"""Every draft of a small household, breadth first: what may be done before a plan is armed, in any order.

Asked of every step: it writes no letter. And no search of an armed watch has ever come to a draft again (its test asks
that of every world). So no letter can be reported of a draft, and three cells of the machine's table are met by nobody.
"""

from dataclasses import dataclass

from lastwords.protocol import events as e
from lastwords.protocol.changed import changed
from lastwords.protocol.effects import Step
from lastwords.protocol.machine import step
from lastwords.protocol.moments import Moment
from lastwords.protocol.stages import Condition, Evidence, Finding, Order, Sheet, Stage, Strength, Tamper
from lastwords.protocol.watch import HOST, Plan, Watch, track_key

from .world import AUTHOR, BISUKE, NARUTO, PAKKUN, PAPER, PHONE

PROVES = "unreachable, proven by python -m lastwords.simulate.drafts: no step of any draft writes a letter"
NOW = Moment(0, 0)
KEY = track_key(Condition.DIED, NARUTO)
KEEPERS = (BISUKE, PAKKUN)


@dataclass(slots=True)
class Drafts:
    """What the search found. `letters` counts those that were written by a step that leaves a draft a draft, `armed`
    the steps that end one."""

    states: int = 0
    moves: int = 0
    armed: int = 0
    letters: int = 0
    frontier: int = 0


def moves() -> list[e.Event]:
    """One of every kind of event, by everybody whose doing it could be."""
    words = e.SealWords(
        AUTHOR, Condition.DIED, NARUTO, "", 1, "m", "", "s", tuple(sorted(KEEPERS)), (("words", "h"),)
    )
    made: list[e.Event] = [e.AddCredential(AUTHOR, PHONE, "pocket"), e.AddCredential(AUTHOR, PAPER, "drawer")]
    made += [e.ProveRecovery(AUTHOR), words, e.Arm(AUTHOR, Plan(quorum=1, timer_only=True))]
    made += [e.CheckIn(AUTHOR, Strength.STRONG, PHONE), e.SealNotes(AUTHOR), e.DeclineWords(NARUTO, KEY)]
    made += [e.Restore(HOST), e.Look(), e.BeginPractice(AUTHOR), e.RaiseAlarm(AUTHOR), e.PlaceHold(AUTHOR)]
    made += [e.ReportTamper(HOST, next(iter(Tamper))), e.SetTrip(AUTHOR, 10, 1)]
    made += [e.KeepCase(AUTHOR, 1), e.ForgetCase(HOST, 1, NOW)]
    made += [e.SealSheet(AUTHOR, sheet) for sheet in Sheet]
    made += [e.HearOfSilence("", person, silent) for person in (BISUKE, NARUTO) for silent in (True, False)]
    for keeper in KEEPERS:
        made += [e.InviteKeeper(AUTHOR, keeper), e.AcceptSeat(keeper), e.RemoveKeeper(AUTHOR, keeper)]
        made += [e.VerifyKeeper(AUTHOR, keeper, vouched) for vouched in (True, False)]
        made += [e.GiveReceipt(keeper, ((KEY, "s"),)), e.SuspendSeat(AUTHOR, keeper)]
        made += [e.RestoreSeat(keeper, BISUKE), e.PassSeat(keeper, PAKKUN), e.Tell(keeper, KEY)]
        made += [e.MakeStatement(keeper, Finding.DIED, Evidence.OWN_SIGHT, 1, 1, 1, ()), e.SignHome(keeper)]
        made += [e.SignNotThem(keeper), e.SignTried(keeper), e.SignEnd(keeper), e.BreakGlass(keeper, False)]
        made += [
            e.SignRecipientDied(keeper, NARUTO, Order.UNKNOWN),
            e.RetractRecipientDied(keeper, NARUTO),
            e.AnswerCall(keeper),
            e.CallAlternate(keeper, PAKKUN),
        ]
    return made


def search() -> Drafts:
    """Every draft that can be reached. Which of several backups a draft came from is left out of it."""
    found, all_moves = Drafts(), moves()
    known, level = {Watch(AUTHOR)}, [Watch(AUTHOR)]
    while level:
        after = []
        for here in level:
            for event in all_moves:
                outcome = step(here, event, NOW)
                if not isinstance(outcome, Step) or outcome.row is None:
                    continue
                found.moves += 1
                if outcome.watch.stage is not Stage.DRAFT:
                    found.armed += 1
                    continue
                found.letters += len(outcome.letters)
                there = changed(outcome.watch, epoch=1, round=0, asking=0)
                if there not in known:
                    known.add(there)
                    after.append(there)
        level = after
    found.states, found.frontier = len(known), len(level)
    return found


if __name__ == "__main__":
    print(search())
