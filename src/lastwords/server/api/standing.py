"""How things stand with an author, as their keepers read it: a sentence, what follows, and when.

It says what the API or a letter tells a keeper of a case and no more; never when the author was last heard of.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lastwords.protocol import clocks, counting
from lastwords.protocol.moments import Moment
from lastwords.protocol.stages import Condition, HoldCause, Stage, TrackStage
from lastwords.protocol.watch import Track, Watch
from lastwords.server import models
from lastwords.server.findings import agreed
from lastwords.server.moments import day

from . import parts, views

SAID = {
    Condition.DIED: "The keepers say that {author} has died",
    Condition.CANNOT_ACT: "The keepers say that {author} is alive and cannot act",
    None: "The keepers have signed what they found out about {author}",
}
"""Of words that are given; without a condition where the keepers do not say the same, or it stands no more."""
WHY_HELD = {
    HoldCause.SWITCH: "{who} pressed the hold switch",
    HoldCause.WEAK_SIGN: "a sign of life came that a machine could have given",
    HoldCause.SPOKEN_WITH: "{who} has spoken with {author}",
    HoldCause.CLOCK: "the host's clock is in doubt",
    HoldCause.RESTORE: "the host was brought back from a backup",
}
ENDS = {
    "late_is_over": "{author} has until {when} to answer. The vigil begins then.",
    "last_call_begins": "Enough of you have signed. The last call to {author} begins on {when}.",
    "track_released": "{author} is asked one last time, until {when}. Words are given after that and not before.",
    "alternate_follows": "Words for somebody who follows wait until {when}.",
    "recipient_untold": "If nobody has spoken with the recipient by {when}, a first letter without content goes.",
    "closing_lapses": "If too few of you sign by {when}, everything goes on as it was.",
    "hold_lapses": "The hold ends by itself on {when} at the earliest.",
    "restore_asks_again": "You are written to again on {when}.",
    "ask_again": "You are asked again on {when}.",
}
"""A sentence for each wait that concerns keepers; what runs beside it is nobody's matter here."""
UNHEARD = {
    Stage.LATE: "The time of {author} to answer begins when a letter has reached them.",
    Stage.VIGIL: (
        "Letters have not reached enough of you yet, and nothing can be given before they have. Call the other keepers "
        "yourself: whoever got no letter proves an address under “Account”."
    ),
}
"""What is said in the place of a date, while those whose letters must have arrived have not got them."""
TRY = "Go where {author} lives, or ask somebody who is near. If you do not find them, sign that you tried."


@dataclass(frozen=True, slots=True)
class End:
    """What follows when a wait ends, as a sentence, and when it does (UTC seconds): None while it does not run yet."""

    sentence: str
    at: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """`sentence` is the heading. `asked` is what this keeper is asked to do, one sentence; `ends` when what ends.
    `to_sign` is what of it they sign: `home`, `tried`, `restore`, or nothing. Where and how is said by whoever shows
    it. `died` is that the keepers have said so and words are given: nobody is looked for any more."""

    sentence: str
    detail: str
    asked: str
    to_sign: str = ""
    ends: tuple[End, ...] = ()
    died: bool = False


def names_of(handles: Iterable[str]) -> dict[str, str]:
    return {
        one.handle: one.name
        for one in models.Person.objects.filter(handle__in=[handle for handle in handles if handle])
    }


def of(watch: Watch, you: str, author: str, names: Mapping[str, str], now: Moment, zone: str) -> Standing:
    """The state of a case of this watch, for a keeper whom it has called."""
    case = watch.case
    assert case is not None
    if not parts.knows_stage(watch, you):
        came_home = (
            f"{author} is home" if views.seen_home(watch) else f"Case {case.number} of {author} is closed"
        )
        return Standing(came_home, "There is nothing more to do. Your keeper card stays valid.", "")
    sentence, detail, asked = _by_stage(watch, you, author)
    if watch.holds:
        why = "; ".join(held(one.cause, one.placed_by, author, names) for one in watch.holds)
        sentence, detail = "All clocks stand still", f"{why[0].upper()}{why[1:]}. {detail}"
        if views.has_to_sign(watch, you):
            asked = f"If you know how things are with {author}, sign that they may go on."
    died = watch.force is None and watch.stage is Stage.VIGIL and Condition.DIED in _given(watch, you)
    ends = tuple(_ends(watch, you, author, now, zone))
    return Standing(sentence, detail, asked, _to_sign(watch, you), ends, died)


def _to_sign(watch: Watch, you: str) -> str:
    """What this keeper is asked to sign beside statements; empty for whoever has signed it."""
    if views.has_to_sign(watch, you):
        return "restore"
    if watch.force is not None:
        return ""
    if watch.stage is Stage.CLOSING:
        return "" if you in views.seen_home(watch) else "home"
    return "" if _has_tried(watch, you) else "tried"


def _has_tried(watch: Watch, you: str) -> bool:
    """Whether no last call waits for this keeper to try to reach the author in person."""
    return all(you in track.tried for track in _unheard(watch, you))


def _unheard(watch: Watch, you: str) -> list[Track]:
    """The tracks, as far as this keeper knows of them, whose last call no mailbox takes."""
    return [track for track in _heard_of(watch, you) if counting.waits_for_tries(watch, track)]


def held(cause: HoldCause | str, by: str, author: str, names: Mapping[str, str]) -> str:
    """Why all clocks stand, without a capital."""
    return WHY_HELD[HoldCause(cause)].format(who=names.get(by, by), author=author)


def _by_stage(watch: Watch, you: str, author: str) -> tuple[str, str, str]:
    if watch.force is not None:
        return (
            f"{author} may be made to do things",
            f"They said “I'm here” with the code they had kept for that. Nothing that {author} can look at shows it, "
            "and no words can be given while it stands.",
            f"Speak with the other keepers by telephone first. Find out how {author} is as anyone might. Raise no "
            "alarm, place no hold, and write nothing about it to them.",
        )
    if watch.stage is Stage.CLOSING:
        return (
            f"Somebody says that they are {author}",
            "Everything is on hold until keepers whose seats count have seen or heard them; it takes "
            f"{watch.plan.quorum}. Nothing that is unopened is given.",
            "You have signed that you have seen or heard them. The others are asked."
            if you in views.seen_home(watch)
            else f"Speak with {author}, and sign if it is really them.",
        )
    if watch.stage is Stage.LATE:
        return (
            f"{author} is being asked for a sign of life",
            "Nobody knows yet whether anything is wrong. Often there is a simple reason. Nothing is given.",
            f"Try to reach {author}, and write down what you find.",
        )
    tried = _has_tried(watch, you)
    found = _given(watch, you)
    if found:
        died = Condition.DIED in found
        untold = any(counting.waits_to_be_told(watch, track) for track in parts.kept_tracks(watch, you))
        asked = ["Speak with those for whom there are words, then say so here."] if untold else []
        if not died and any(track.condition is Condition.DIED for track in parts.kept_tracks(watch, you)):
            asked.append(f"If {author} has died since, state that: other words wait for it.")
        if not tried:
            asked.append(
                f"Other words wait for a last call that no mailbox takes. {TRY.format(author=author)}"
            )
        return (
            SAID[Condition.DIED if died else None if None in found else Condition.CANNOT_ACT].format(
                author=author
            ),
            "Words are given now, to nobody before a person has spoken with them.",
            " ".join(asked),
        )
    if _unheard(watch, you):
        return (
            f"No mailbox of {author} takes the last call",
            "Somebody may have closed their mailboxes, and that may mean nothing. Words stay sealed until keepers "
            f"whose seats count have tried to reach them in person; it takes {watch.plan.quorum}.",
            "You have signed that you tried. The others are asked." if tried else TRY.format(author=author),
        )
    if any(track.stage is TrackStage.LAST_CALL for track in _heard_of(watch, you)):
        return (
            f"{author} is asked one last time",
            "Enough of you have signed. If you learn something else, state it: it takes the place of what you stated.",
            f"If there is any doubt, go on looking for {author}.",
        )
    return (
        f"{author} has not answered",
        "We do not know why; often there is a simple reason. Nothing is given without enough of you agreeing.",
        f"Try to reach {author}, write down what you find, and say what you found out.",
    )


def _given(watch: Watch, you: str) -> set[Condition | None]:
    """What the keepers say of the words that are given, as far as this keeper had letters of them; empty while none
    are. What was opened before the author came home stays open, and says nothing of today."""
    return {agreed(watch, track) for track in _heard_of(watch, you) if track.released}


def _heard_of(watch: Watch, you: str) -> tuple[Track, ...]:
    """The tracks of whose last call and release every keeper had a letter but whoever receives those very words: an
    alternate holds no share, and is no worse told by the page than by the letter."""
    return tuple(track for track in watch.tracks if track.bears_words and not track.is_for(you))


def _ends(watch: Watch, you: str, author: str, now: Moment, zone: str) -> list[End]:
    """The waits that concern this keeper, each as a sentence; of tracks, those they had letters about."""
    kept = set(_heard_of(watch, you))
    tracks = set(watch.tracks)
    found: dict[str, int] = {}
    for name, subject, wait in clocks.running(watch):
        if name in ENDS and not (subject in tracks and subject not in kept):
            found[name] = min(found.get(name, wait.ends(now)), wait.ends(now))
    if "track_released" in found:
        found.pop("ask_again", None)
    if found.get("last_call_begins", now.wall + 1) <= now.wall:
        del found["last_call_begins"]
    dated = [End(ENDS[name].format(author=author, when=day(end, zone)), end) for name, end in found.items()]
    unheard = UNHEARD.get(watch.stage, "") if watch.wait is None and not watch.plan.timer_only else ""
    return [End(unheard.format(author=author), None), *dated] if unheard else dated
