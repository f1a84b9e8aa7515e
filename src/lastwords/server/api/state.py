"""How things stand with an author, in the words of that state: a sentence for the title, and one for what follows.

The service knows a silence and what keepers say, never a death; so nothing here says more than that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lastwords.protocol.moments import Moment
from lastwords.protocol.stages import CaseCause, HoldCause, Stage, TrackStage
from lastwords.protocol.watch import HOST, Hold, Watch
from lastwords.server.moments import date_of, day, last_day, length_of, short, until

from . import door, standing, views
from .door import Seen


@dataclass(frozen=True, slots=True)
class State:
    """`sentence` is the heading and the page's title. `lamp` says how the lamp stands: lit, low, joined (keepers'
    lamps beside it) or door (the author is home). `calm` is False where the author had better press "I'm here"."""

    sentence: str
    detail: str
    lamp: str
    calm: bool = True


def of_author(seen: Seen) -> State:
    """The state of the author's own watch, with whoever has placed a hold by name."""
    names = standing.names_of(one.placed_by for one in seen.watch.holds)
    return of(seen.watch, door.now(), seen.person.zone, names)


def of(watch: Watch, now: Moment, zone: str, names: Mapping[str, str]) -> State:
    """The state of a watch as its author reads it."""
    if watch.holds:
        return _on_hold(watch, now, zone, names)
    return _BY_STAGE[watch.stage](watch, now, zone)


def _draft(watch: Watch, now: Moment, zone: str) -> State:
    return State(
        "Not active yet",
        "If you fell silent now, nobody would be asked and nothing would be given. What is still to do stands below.",
        "low",
    )


def _well(watch: Watch, now: Moment, zone: str) -> State:
    due = views.next_check_in(watch, now)
    if watch.trip:
        back = watch.trip.back
        asked = "You are asked" if watch.plan.timer_only else "Your keepers are called together"
        late = f"{asked} on {day(due, zone)}, unless you say that you are back before."
        if now.wall >= back:
            sentence = f"You wanted to be back on {date_of(back, zone)}"
            return State(sentence, late, "lit", calm=False)
        return State(f"You are away until {date_of(back, zone)}", late, "lit")
    if watch.reminded:
        then = "your last call begins" if watch.plan.timer_only else "any keeper is"
        return State(
            f"Your check-in is due by {last_day(due, zone)}",
            f"It is due by {day(due, zone)}. If you do nothing, you are asked again, for "
            f"{length_of(watch.plan.late)}, before {then}.",
            "lit",
            calm=False,
        )
    return State(
        f"All is well. Next check-in by {last_day(due, zone)}",
        f"You have until {until(due, zone)}, and may check in at any time before.",
        "lit",
    )


_ASKED_BY = {
    CaseCause.TRIP: "You are asked because of your trip",
    CaseCause.ALARM: "You are asked because of an alarm",
    CaseCause.HOLD: "You are asked because a hold has run out",
    CaseCause.VIGIL: "You are asked once more",
}


def _late(watch: Watch, now: Moment, zone: str) -> State:
    late = watch.plan.late
    when = (
        f"on {day(watch.wait.ends(now), zone)}"
        if watch.wait
        else f"{length_of(late)} after a letter to you was accepted"
    )
    if watch.plan.timer_only:
        then = f"If you do not, your last call begins {when}; nobody is asked whether you live."
    else:
        then = f"If you do not, your keepers are asked to check on you {when}."
    if not (watch.case_open and watch.case):
        silent = f"You have not checked in since {short(watch.last_sign.wall, zone)}"
        return State(silent, f"Press “I'm here” and everything stands down. {then}", "low", calm=False)
    if watch.plan.timer_only:
        follows = f"Press “I'm here” and everything stands down. {then}"
    else:
        follows = (
            "Press “I'm here” and all is on hold until your keepers have made sure that it is you. "
            f"{then} They know of it already."
        )
    return State(_ASKED_BY[watch.case.cause], follows, "low", calm=False)


def _vigil(watch: Watch, now: Moment, zone: str) -> State:
    last_calls = [track.wait for track in watch.tracks if track.stage is TrackStage.LAST_CALL]
    if any(track.released for track in watch.tracks):
        sentence = "Words of yours are given"
        detail = (
            "Your last call has run out, and those they are for can open them once they are told. Say “I'm here” and "
            "whatever nobody has opened is taken back."
        )
    elif last_calls:
        ends = [wait.ends(now) for wait in last_calls if wait]
        when = f"on {day(min(ends), zone)} at the earliest" if ends else "once its time has run in full"
        sentence = "This is your last call"
        detail = (
            "Say “I'm here” and everything holds at once: nothing is given to anybody. If you do not, words you wrote "
            f"are given {when}."
        )
    else:
        sentence = "Your keepers try to reach you"
        detail = (
            f"They were asked because {_silence(watch, zone)}. Say “I'm here” and everything holds at once: nothing "
            "that is unopened will be given."
        )
    return State(sentence, detail, "joined", calm=False)


def _silence(watch: Watch, zone: str) -> str:
    """Why there is a vigil. After a sign of life that keepers did not confirm it is not that there was none."""
    if watch.case and watch.case.lapsed:
        return "too few of them have confirmed your last sign of life"
    return f"you have not checked in since {short(watch.last_sign.wall, zone)}"


def _closing(watch: Watch, now: Moment, zone: str) -> State:
    signed = len(watch.case.home) if watch.case else 0
    wait = watch.closing.wait if watch.closing else None
    lapses = (
        f" If neither happens by {day(wait.ends(now), zone)}, everything goes on as it was." if wait else ""
    )
    return State(
        "Welcome. Nothing is given now",
        f"Your keepers are asked whether it is really you: {signed} of {watch.plan.quorum} have signed. "
        f"You can also say “I'm here” a second way that is kept apart from the first, and be done.{lapses}",
        "door",
    )


_BY_STAGE = {
    Stage.DRAFT: _draft,
    Stage.WELL: _well,
    Stage.LATE: _late,
    Stage.VIGIL: _vigil,
    Stage.CLOSING: _closing,
}


# Holds.

_WHY = {
    HoldCause.WEAK_SIGN: "A weak sign of life came from you: a machine's, or one that was passed on.",
    HoldCause.SPOKEN_WITH: "{who} has spoken with you.",
    HoldCause.SWITCH: "{who} pressed the hold switch.",
    HoldCause.CLOCK: "The clocks of this host disagree, so none of them is believed.",
    HoldCause.RESTORE: "This host was brought back from a backup, and may not know what you did since.",
}
_GOES_ON = {
    HoldCause.WEAK_SIGN: "Say “I'm here” and it ends.",
    HoldCause.SPOKEN_WITH: "Say “I'm here” and it ends.",
    HoldCause.SWITCH: "Say “I'm here” and it ends; {who} can lift it too.",
    HoldCause.CLOCK: "Whoever runs the host has been told; there is nothing for you to do.",
    HoldCause.RESTORE: "Say “I'm here” and it goes on.",
}
_IN_CLOSING = (
    "Say “I'm here” a second way that is kept apart from the first and it ends; {who} can lift it too."
)
"""Of the hold switch, once a sign of life has come: the same way says nothing new."""


def _on_hold(watch: Watch, now: Moment, zone: str, names: Mapping[str, str]) -> State:
    said = " ".join(of_hold(watch, one, now, zone, names) for one in watch.holds)
    mine = any(one.cause is not HoldCause.CLOCK for one in watch.holds)
    return State("Everything stands still", said, "low", calm=not mine)


def of_hold(watch: Watch, one: Hold, now: Moment, zone: str, names: Mapping[str, str]) -> str:
    """Why a hold stands, who ends it, and what comes if nobody does."""
    who = {watch.author: "You", HOST: "The host"}.get(one.placed_by, names.get(one.placed_by, one.placed_by))
    why = _WHY[one.cause].format(who=who).replace("You has", "You have")
    by_host = one.cause is HoldCause.SWITCH and one.placed_by == HOST
    goes_on = "Only whoever runs the host can lift it." if by_host else _GOES_ON[one.cause]
    if watch.stage is Stage.CLOSING and one.cause is HoldCause.SWITCH and not by_host:
        goes_on = _IN_CLOSING
    said = f"{why} {goes_on.format(who='you' if one.placed_by == watch.author else who)}"
    if not one.wait:
        return said
    then = after_hold(watch, one.cause, beside=len(watch.holds) > 1)
    return f"{said} If nobody lifts it, it ends on {day(one.wait.ends(now), zone)}. {then}"


def after_hold(watch: Watch, cause: HoldCause, *, beside: bool) -> str:
    """What follows if nobody lifts a hold of this cause: no new quiet wait, where nobody looks yet. `beside` is that
    another one stands."""
    looked_for = watch.case_open or watch.stage not in (Stage.WELL, Stage.LATE)
    if cause in (HoldCause.SWITCH, HoldCause.CLOCK) and not looked_for:
        if watch.plan.timer_only:
            return "You are then asked at once."
        return "Your keepers are then called together, and you are asked at once."
    return f"What it stopped then begins again in full{', once no other hold stands' if beside else ''}."


def alarm_helps(watch: Watch) -> bool:
    """Whether an alarm does anything but stand in the record: it asks the author, or calls keepers together."""
    if watch.stage is Stage.WELL:
        return True
    return watch.stage is Stage.LATE and not watch.case_open and not watch.plan.timer_only
