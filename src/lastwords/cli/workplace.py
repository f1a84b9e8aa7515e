"""The case as a keeper's place of work: who is there, what to try, what is to do, who watches, what nobody knows yet.

Everything but the head is read out of the entries on the keeper's own machine; the host cannot know it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lastwords.case import ladder, spoken
from lastwords.case.state import Logged, Now, fold
from lastwords.cli import show
from lastwords.cli.me import Me

OPENED_BY = {
    "alarm": "an alarm",
    "trip": "an overdue trip",
    "vigil": "a vigil",
    "hold": "a hold that ran out",
    "force": "a word under force",
}
SIGNED_BY = {
    "home": "`lastwords case {author} sign home` if it is really them, `lastwords case {author} sign not-them` if not.",
    "tried": "`lastwords case {author} sign tried`.",
    "restore": "`lastwords hold {author} --lift restore`.",
}
"""How that is signed which the host says a keeper is asked to sign."""
SHEETS = {"find_me": "find-me", "trip_notes": "trip-notes", "medical": "medical"}
"""The host's name of a sheet, and the command that reads it."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the entries come to. `looks` says whether the reader is called to look for the author: not once a sign of
    them has come, nor when keepers say that they have died."""

    author: str
    you: str
    names: Mapping[str, str]
    active: frozenset[str]
    """Handles of everyone who has answered, written or stated anything."""
    state: Now
    rungs: tuple[ladder.Climbed, ...]
    sheets: tuple[str, ...]
    looks: bool
    entries: int

    def plain(self) -> dict[str, Any]:
        """As it stands in the JSON answer."""
        return {
            "ladder": [
                {
                    "step": one.rung.step.value,
                    "what": one.rung.what,
                    "how": one.rung.how,
                    "tried": list(one.tried),
                }
                for one in self.rungs
            ],
            "tasks": [
                {
                    "number": one.number,
                    "what": one.task.what,
                    "for_whom": one.task.for_whom,
                    "taken_by": one.taken_by,
                    "reported": one.reported,
                    "done": one.done,
                }
                for one in self.state.tasks
            ],
            "on_watch": list(self.state.on_watch),
            "questions": [fact.number for fact in self.state.questions],
            "sheets": list(self.sheets),
        }

    def lines(self) -> list[str]:
        """For a terminal: the ladder and the tasks while there is work, then the entries' heading."""
        said: list[str] = []
        if self.looks:
            said += ["", f"What to try. {ladder.FIRST}"]
            said += [self._rung(number, one) for number, one in enumerate(self.rungs, 1)]
        if self.sheets:
            commands = ", ".join(f"`lastwords case {self.author} {one}`" for one in self.sheets)
            said += ["", f"The author left this for you: {commands}."]
        if self.state.tasks:
            said += ["", "To do", *map(self._task, self.state.tasks)]
        if self.state.on_watch:
            said += ["", f"On watch: {', '.join(self.names.get(one, one) for one in self.state.on_watch)}"]
        if self.state.questions:
            asked = [
                f"  [{fact.number}] {spoken.sentence(fact.entry, 'UTC')}" for fact in self.state.questions
            ]
            said += ["", "Not known yet", *asked]
        return [*map(show.fit_for_terminal, said), *(["", "Entries"] if self.entries else [])]

    def _rung(self, number: int, one: ladder.Climbed) -> str:
        tried = f" Tried: {', '.join(f'[{entry}]' for entry in one.tried)}." if one.tried else ""
        go_on = f" {ladder.GO_ON}" if number < len(self.rungs) else ""
        return f"  {number}. {one.rung.what}.{tried} {one.rung.how}{go_on}"

    def _task(self, one: Any) -> str:
        who = f" (for {one.task.for_whom})" if one.task.for_whom else ""
        if one.reported:
            end = f"{'done' if one.done else 'not done'}, see [{one.reported}]"
        elif one.taken_by:
            end = f"taken by {self.names.get(one.taken_by, one.taken_by)}"
        else:
            end = f"open: `lastwords case {self.author} task take {one.number}`"
        return f"  [{one.number}] {one.task.what}{who}: {end}"


def gathered(person: Me, author: str, case: Mapping[str, Any], rows: Sequence[Logged]) -> Work:
    """The work of a case, from its rows as this person can read them."""
    state = fold(rows, int(datetime.now(UTC).timestamp()))
    works = person.handle != author and not case.get("closed")
    shown = person.host.get("watches", author, "sheets")["sheets"] if works else []
    wrote = {row.by for row in rows} | {made["keeper"] for made in case.get("statements", [])}
    return Work(
        author=author,
        you=person.handle,
        names={one["handle"]: one["name"] for one in case["people"]},
        active=frozenset({*case["answered"], *wrote}),
        state=state,
        rungs=ladder.climbed((fact.number, fact.entry) for fact in state.standing),
        sheets=tuple(SHEETS[one["sheet"]] for one in shown),
        looks=works and case.get("stage") != "closing" and not case["standing"]["died"],
        entries=len(rows),
    )


def head(case: Mapping[str, Any], work: Work, zone: str) -> list[str]:
    """Number, cause, how things stand and until when, what is asked, who was called and is there, what stands still,
    where the words are, what was stated."""
    names = work.names
    state = f"closed on {show.day(case['closed'], zone)}" if case.get("closed") else "open"
    lines = [
        f"Case {case['number']} of {case['name']}, {state}. Opened by {OPENED_BY.get(case['cause'], case['cause'])} on "
        f"{show.day(case['opened'], zone)}.",
        *standing(case, work.author),
        *_people(case, work),
    ]
    lines += show.holds(case.get("holds", []), zone, names, work.you)
    for track in case.get("tracks", []):
        lines.append(_track(track, case["quorum"], names))
    for made in case.get("statements", []):
        said = f" “{made['text'].strip()}”" if made.get("text") else ""
        who = names.get(made["keeper"], made["keeper"])
        lines.append(f"{who} states: {show.spoken(made['finding'])} ({show.spoken(made['evidence'])}).{said}")
    if case.get("home"):
        lines.append(f"Seen or heard the author: {', '.join(names.get(one, one) for one in case['home'])}.")
    return [show.fit_for_terminal(line) for line in lines]


def standing(case: Mapping[str, Any], author: str) -> list[str]:
    """How things stand, as the host says it on the reader's page too, and the commands for what it asks."""
    stands = case["standing"]
    untold = [track["track"] for track in case.get("tracks", []) if track["untold"]]
    how = [SIGNED_BY[stands["to_sign"]].format(author=author)] if stands["to_sign"] else []
    how += [f"`lastwords told {author} {track}`." for track in untold if stands["asked"]]
    return [
        f"{stands['sentence']}. {stands['detail']}",
        *(end["sentence"] for end in stands["ends"]),
        *([" ".join([stands["asked"], *how])] if stands["asked"] else []),
    ]


def _people(case: Mapping[str, Any], work: Work) -> list[str]:
    """Who is there, and who has not been heard of; alternates are named as such."""

    def said(one: Mapping[str, Any]) -> str:
        return f"{one['name']} (alternate)" if one["alternate"] else str(one["name"])

    there = [said(one) for one in case["people"] if one["handle"] in work.active]
    silent = [said(one) for one in case["people"] if one["handle"] not in work.active]
    return [
        f"There: {', '.join(there) or 'nobody yet'}.",
        *(
            [f"Called, and not heard of yet: {', '.join(silent)}."]
            if silent and not case.get("closed")
            else []
        ),
    ]


def _track(track: Mapping[str, Any], quorum: int, names: Mapping[str, str]) -> str:
    text = f"{track['track']}: {show.spoken(track['stage'])}, words {show.spoken(track['words'])}"
    if track["stage"] != "released":
        yours = ", yours among them" if track["yours"] else ""
        text += f"; {track['counted']} of {quorum} statements count for it{yours}"
    if track["died"]:
        text += "; a quorum has signed that they died"
    if track["adult"]:
        text += f"; speak with {names.get(track['adult'], track['adult'])} first, who is with them"
    if track["someone"]:
        text += f"; wanted through {track['someone']}"
    return text + "."
