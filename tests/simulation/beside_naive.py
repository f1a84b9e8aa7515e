"""The shipped machine and the naive one, side by side: the same acts, in whatever order Hypothesis thinks of."""

import sys
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from simulation.naive import AUTHOR, FRIEND, KEEPERS, QUORUM, WAITS, Naive

from lastwords.protocol import events as e
from lastwords.protocol.effects import LetterKind, Step
from lastwords.protocol.machine import step
from lastwords.protocol.moments import Moment
from lastwords.protocol.stages import Condition, Evidence, Finding, HoldCause, SeatStage, Stage, Strength
from lastwords.protocol.watch import HOST, Credential, Plan, Seat, Track, Watch

WRITES = {
    LetterKind.CHECK_IN_MISSED: "asking",
    LetterKind.ALARM_ASKS: "asking",
    LetterKind.SECOND_REMINDER: "asking",
    LetterKind.LAST_CALL: "last call",
    LetterKind.KEEPER_CALLED: "call",
    LetterKind.ASKED_AGAIN: "call",
    LetterKind.HOME_QUESTION: "home",
}
"""What the letters are for that a wait stands still for."""
MOST_LETTERS = 40
STEPS = 100
"""Rule steps in one run of the two machines side by side."""

FOR_BEA = (Condition.CANNOT_ACT, "bea")
FOR_FRIEND = (Condition.DIED, FRIEND)


def household() -> Watch:
    """The small household that the naive machine knows, armed and well."""
    tracks = tuple(
        Track(
            condition,
            recipient,
            manifest=(1, "m"),
            share_set="s",
            roster=tuple(keeper for keeper in KEEPERS if keeper != recipient),
            items=(("words", "h"),),
        )
        for condition, recipient in (FOR_BEA, FOR_FRIEND)
    )
    seats = tuple(
        Seat(
            keeper, SeatStage.SEASONED, receipts=tuple((t.key, "s") for t in tracks if t.recipient != keeper)
        )
        for keeper in KEEPERS
    )
    never = 10**9
    plan = Plan(
        quorum=QUORUM,
        check_in_every=WAITS["check in"],
        remind_before=WAITS["check in"] - WAITS["remind"],
        remind_again=WAITS["remind again"],
        late=WAITS["late"],
        vigil=WAITS["vigil"],
        last_call=WAITS["last call"],
        ask_again=WAITS["ask again"],
        closing=WAITS["closing"],
        spoken_hold=WAITS["spoken"],
        longest_hold=WAITS["hold"],
        unreached=WAITS["unreached"],
        untold=WAITS["untold"],
        alarm_rest=WAITS["alarm again"],
        home_signing=WAITS["home"],
        seasoning=never,
        succession=never,
    )
    credentials = (Credential("phone", "pocket"), Credential("paper", "drawer"))
    return Watch(
        AUTHOR,
        Stage.WELL,
        plan,
        True,
        seats,
        tracks,
        credentials,
        True,
        reminded=False,
        last_sign=Moment(0, 0),
    )


people = some.sampled_from([AUTHOR, *KEEPERS, FRIEND, HOST])
keepers = some.sampled_from([*KEEPERS, FRIEND])
seconds = some.sampled_from(["", *KEEPERS])
places = some.sampled_from([0, 1])
now_and_then = some.sampled_from([False] * 7 + [True])
"""What puts an end to everything else happens seldom, or nothing would ever come to its end."""


class Beside(RuleBasedStateMachine):
    """Every rule does one thing to both, and both must answer alike."""

    steps = 0
    """Rule steps of all runs in this process."""

    def __init__(self) -> None:
        super().__init__()
        self.watch, self.naive = household(), Naive()
        self.letters: list[tuple[str, str, int, int]] = []

    def both(self, event: e.Event, taken: bool) -> None:
        outcome = step(self.watch, event, Moment(*self.naive.now()))
        assert isinstance(outcome, Step) is taken, (event, outcome)
        if isinstance(outcome, Step):
            self.keep(outcome)

    def keep(self, done: Step) -> None:
        self.watch = done.watch
        for letter in done.letters:
            if letter.kind in WRITES:
                writing = self.writing_of(letter.kind)
                self.letters.append((letter.kind, letter.to, letter.round, writing))
        del self.letters[:-MOST_LETTERS]

    def writing_of(self, kind: LetterKind) -> int:
        return self.naive.newest if kind is LetterKind.LAST_CALL else self.naive.writing

    def look(self) -> None:
        """Time does what is due: in the naive machine all of it, here look by look."""
        for _ in range(50):
            outcome = step(self.watch, e.Look(), Moment(*self.naive.now()))
            assert isinstance(outcome, Step)
            if outcome.row is None:
                return
            before = self.naive.newest
            acted = self.naive.one_thing()
            assert acted, outcome.row
            assert self.naive.newest - before <= 1
            self.keep(outcome)
        raise AssertionError("the machine never comes to rest")

    # Time.

    @rule(wall=some.integers(0, 9), late_by=some.sampled_from([0, 0, 0, 0, 1, 4]))
    def time_passes(self, wall: int, late_by: int) -> None:
        self.naive.pass_time(wall, max(0, wall - late_by))
        self.look()
        assert not self.naive.one_thing()

    # Letters: the post takes most of them, of whatever age.

    @rule(place=some.integers(0, MOST_LETTERS), refused=some.sampled_from([False, False, False, True]))
    def a_letter(self, place: int, refused: bool) -> None:
        if self.letters:
            kind, to, number, writing = self.letters[-1 - place % len(self.letters)]
            (self.naive.failed if refused else self.naive.taken)(WRITES[LetterKind(kind)], to, writing)
            event = e.LetterFailed if refused else e.LetterTaken
            self.both(event("", kind, to, number), True)

    @rule(wall=some.integers(0, 9))
    def an_honest_post(self, wall: int) -> None:
        for kind, to, number, writing in self.letters[-6:]:
            self.naive.taken(WRITES[LetterKind(kind)], to, writing)
            self.both(e.LetterTaken("", kind, to, number), True)
        self.time_passes(wall, 0)

    @rule(wall=some.integers(0, 9))
    def a_dead_mailbox(self, wall: int) -> None:
        for kind, to, number, writing in self.letters[-6:]:
            if to == AUTHOR:
                self.naive.failed(WRITES[LetterKind(kind)], to, writing)
                self.both(e.LetterFailed("", kind, to, number), True)
            else:
                self.naive.taken(WRITES[LetterKind(kind)], to, writing)
                self.both(e.LetterTaken("", kind, to, number), True)
        self.time_passes(wall, 0)

    @rule(which=some.sampled_from([("cem", "dov"), ("dov", "eli"), ("bea", "cem")]), ago=some.integers(0, 9))
    def two_agree(self, which: tuple[str, str], ago: int) -> None:
        """The commonest end of a story: two keepers find the same, and time goes on."""
        for keeper in which:
            self.statement(keeper, Finding.DIED, Evidence.OWN_SIGHT)
        self.an_honest_post(ago)

    # People.

    @rule(credential=some.sampled_from(["phone", "phone", "paper"]), really=now_and_then)
    def strong_sign(self, credential: str, really: bool) -> None:
        if really:
            self.both(e.CheckIn(AUTHOR, Strength.STRONG, credential), self.naive.strong(credential))

    @rule(really=now_and_then)
    def weak_sign(self, really: bool) -> None:
        if really:
            self.both(e.CheckIn(AUTHOR, Strength.WEAK, "machine"), self.naive.weakly())

    @rule(by=people, second=seconds)
    def alarm(self, by: str, second: str) -> None:
        self.both(e.RaiseAlarm(by, second), self.naive.alarm(by, second))

    @rule(
        by=keepers,
        finding=some.sampled_from([*Finding, *[Finding.DIED] * 8]),
        evidence=some.sampled_from(
            [Evidence.OWN_SIGHT, Evidence.REGISTER, Evidence.OWN_SIGHT, Evidence.RUMOUR]
        ),
    )
    def statement(self, by: str, finding: Finding, evidence: Evidence) -> None:
        heads = tuple((track.key, *track.manifest) for track in self.watch.tracks)
        case = self.watch.case.number if self.watch.case else 0
        event = e.MakeStatement(by, finding, evidence, case, self.naive.epoch, 1, heads)
        self.both(event, self.naive.state(by, finding.value, evidence is Evidence.RUMOUR))

    @rule(by=keepers)
    def retraction(self, by: str) -> None:
        self.both(e.RetractStatement(by), self.naive.retract(by))

    @rule(by=keepers, true=some.booleans())
    def about_a_sign(self, by: str, true: bool) -> None:
        if true:
            self.both(e.SignHome(by), self.naive.home(by))
        else:
            self.both(e.SignNotThem(by), self.naive.not_them(by))

    @rule(by=keepers)
    def tried_in_person(self, by: str) -> None:
        self.both(e.SignTried(by), self.naive.tried(by))

    @rule(by=people, second=seconds, really=now_and_then)
    def hold(self, by: str, second: str, really: bool) -> None:
        if really:
            self.both(e.PlaceHold(by, HoldCause.SWITCH, second), self.naive.hold(by, second))

    @rule(by=people, cause=some.sampled_from([HoldCause.SWITCH, HoldCause.RESTORE, HoldCause.RESTORE]))
    def lifting(self, by: str, cause: HoldCause) -> None:
        self.both(e.LiftHold(by, cause), self.naive.lift(by, cause.value))

    @rule(really=now_and_then)
    def restore(self, really: bool) -> None:
        if really:
            self.naive.restored()
            self.both(e.Restore(HOST), True)

    @rule(person=some.sampled_from(["bea", "cem", FRIEND]), silent=now_and_then)
    def silence(self, person: str, silent: bool) -> None:
        self.naive.hear_of_silence(person, silent)
        self.both(e.HearOfSilence(HOST, person, silent), True)

    @rule(by=keepers, place=places)
    def telling(self, by: str, place: int) -> None:
        self.both(e.Tell(by, self.watch.tracks[place].key), self.naive.tell(by, self.naive.tracks[place]))

    @rule(
        by=some.sampled_from(["bea", FRIEND]),
        place=places,
        answer=some.sampled_from(["shares", "open", "decline"]),
    )
    def answering(self, by: str, place: int, answer: str) -> None:
        event = {"shares": e.WantShares, "open": e.OpenWords, "decline": e.DeclineWords}[answer]
        taken = self.naive.answer(by, self.naive.tracks[place], answer)
        self.both(event(by, self.watch.tracks[place].key), taken)

    # What both must have in common, after every step.

    @invariant()
    def both_tell_the_same_story(self) -> None:
        Beside.steps += 1
        watch, naive = self.watch, self.naive
        assert shown(watch) == told(naive)


def shown(watch: Watch) -> dict[str, Any]:
    """What can be seen of the shipped machine's watch."""
    closing, case = watch.closing, watch.case
    return {
        "stage": watch.stage.value,
        "sign": tuple(watch.last_sign) if watch.stage is Stage.WELL else None,
        "reminded": watch.reminded if watch.stage in (Stage.WELL, Stage.LATE) else None,
        "weak": watch.weak_in_row,
        "wait": tuple(watch.wait.since) if watch.wait else None,
        "heard": sorted(watch.heard),
        "failing": tuple(watch.failing) if watch.failing else None,
        "unreached": watch.unreached,
        "holds": [
            (h.cause.value, h.placed_by, tuple(h.wait.since) if h.wait else None, sorted(h.signed))
            for h in watch.holds
        ],
        "statements": {made.keeper: made.finding.value for made in watch.statements},
        "case": (case.closed is None, sorted(case.home), dict(case.lapsed)) if case else None,
        "closing": (closing.credential, bool(closing.wait), sorted(closing.not_them)) if closing else None,
        "void": sorted(one.name for one in watch.credentials if one.void),
        "silent": sorted(watch.silent),
        "tracks": [
            (
                *(track.stage.value, track.words.value),
                tuple(track.wait.since) if track.wait and track.stage.value == "last_call" else None,
                *(sorted(track.tried), tuple(track.released) if track.released else None),
                *(bool(track.told_by), track.handed, track.first_letter),
            )
            for track in watch.tracks
        ],
    }


def told(naive: Naive) -> dict[str, Any]:
    """The same of the naive one."""
    closing, case, asked = naive.closing, naive.case, naive.stage in ("well", "late")
    return {
        "stage": naive.stage,
        "sign": naive.sign if naive.stage == "well" else None,
        "reminded": naive.reminded if asked else None,
        "weak": naive.weak,
        "wait": naive.wait,
        "heard": sorted(naive.heard),
        "failing": naive.failing,
        "unreached": naive.unreached,
        "holds": [(h["cause"], h["by"], h["since"], sorted(h["signed"])) for h in naive.holds],
        "statements": dict(sorted(naive.statements.items())),
        "case": (case["open"], sorted(case["home"]), case["lapsed"]) if case else None,
        "closing": (
            closing and (closing["credential"], bool(closing["wait"]), sorted(closing["not them"])) or None
        ),
        "void": sorted(naive.void),
        "silent": sorted(naive.silent),
        "tracks": [
            (
                *(track["stage"], track["words"]),
                track["wait"] if track["stage"] == "last_call" else None,
                *(sorted(track["tried"]), track["out"], track["told"], track["handed"], track["first"]),
            )
            for track in naive.tracks
        ],
    }


def play(runs: int, number: int, *, shorten: bool = True) -> int:
    """So many runs of `STEPS` rule steps side by side, drawn from this seed. Returns the rule steps that were made;
    raises what Hypothesis raises, with a short way to the first difference if it is to be looked for."""
    before = Beside.steps
    machine = type("Beside", (Beside,), {})
    chosen = settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink) if shorten else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(number)(machine), settings=chosen)
    return Beside.steps - before


if __name__ == "__main__":
    print(play(int(sys.argv[1]), int(sys.argv[2])))
