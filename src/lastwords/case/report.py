"""The handover report: what a clinician should have in hand when a person arrives.

Three pages. The first is in ATMIST order (age, time, mechanism, injuries or illness, signs, treatment), with the
current state and what the author wrote ahead about allergies, medicines, devices and wishes documents. The second is
the timeline with the trend; the third open questions, people, and how to verify the log. No words and no shares are
in it: it is composed from entries and the medical sheet alone, and takes nothing else.

`compose` gives every sentence once; `text`, `page` and `fhir` lay them out.
"""

from lastwords.case import first_page, second_page
from lastwords.case.entries import Treatment
from lastwords.case.handover import Handover, Involved, Remark, Report, goes_in, person_of, state_of
from lastwords.case.moment import offset, shown
from lastwords.case.sheets import Said
from lastwords.case.spoken import sentence
from lastwords.case.state import Now, fold


def compose(given: Handover) -> Report:
    """Compose the report. Refuses nothing: what cannot be read or is missing is said in it."""
    now = state_of(given)
    person = person_of(given)
    names = {one.handle: one.name for one in given.people}
    zone = given.made.zone
    shown_rows = [row for row in given.rows if goes_in(given, row)]
    return Report(
        title=f"Handover report: {given.author}",
        about=f"Case {given.case}, opened {shown(given.opened, zone)}.",
        preface=_preface(given),
        atmist=first_page.atmist(given, now, person),
        state=first_page.state(now, zone, names),
        not_measured=first_page.not_measured(now),
        score=first_page.score(now, person, zone),
        ahead=first_page.ahead(given),
        events=tuple(
            second_page.event(row, given.rows, now, zone, names) for row in second_page.by_time(shown_rows)
        ),
        trend=second_page.trend(now, person, zone),
        questions=_questions(given, now, names),
        people=tuple(
            (one.name, one.part + (", on watch now" if _watches(one, now) else ""), one.reach or "")
            for one in given.people
        ),
        verify=_verify(given),
    )


def _preface(given: Handover) -> tuple[str, ...]:
    zone = given.made.zone
    return (
        f"Made {shown(given.made, zone)}, by {given.made_by}. All times are {zone} ({offset(given.made.at, zone)}).",
        "Written by the people who were there, who need not be clinicians. Numbers in brackets are entries of the "
        "timeline. It holds no words of the author for anybody.",
    )


def _questions(given: Handover, now: Now, names: dict[str, str]) -> tuple[Remark, ...]:
    whole = fold(
        given.rows, given.made.at
    )  # what only keepers may read is not told, but it does answer and report
    still_open = {fact.number for fact in whole.questions}
    found = [
        Remark(sentence(fact.entry, given.made.zone), (fact.number,))
        for fact in now.questions
        if fact.number in still_open
    ]
    ends = {task.number: task for task in whole.tasks}
    for task in now.tasks:
        end = ends[task.number]
        if end.reported is None:
            who = f"taken by {names.get(task.taken_by, task.taken_by)}" if task.taken_by else "taken"
            who = who if end.taken_by else "nobody has taken it"
            found.append(Remark(f"Task not reported yet ({who}): {task.task.what}", (task.number,)))
        elif not end.done:
            found.append(Remark(f"Task reported as not done: {task.task.what}", (task.number,)))
    for fact in now.treatments:
        what = fact.entry.what
        if isinstance(what, Treatment) and (what.dose is None or what.route is None):
            missing = " and ".join(
                name for name, value in (("dose", what.dose), ("route", what.route)) if value is None
            )
            found.append(Remark(f"No {missing} is written down for {what.what}", (fact.number,)))
    if given.sheet is None:
        found.append(Remark("Allergies, medicines, conditions and devices: nobody has stated them."))
    else:
        for name in ("allergies", "medicines", "conditions", "devices"):
            if getattr(given.sheet, name).said is Said.NOT_STATED:
                found.append(Remark(f"The medical sheet states no {name}, not even that there are none."))
    return (*found, *(Remark(trouble) for trouble in now.troubles))


def _watches(one: Involved, now: Now) -> bool:
    return bool({one.handle, one.name} & set(now.on_watch))


def _verify(given: Handover) -> tuple[str, ...]:
    gaps = (
        "Numbers that are missing in the timeline belong to entries that are no part of a handover. "
        "Nothing was changed: a correction is an entry of its own."
    )
    if given.log is None:
        return (
            gaps,
            "The log's head was not known when this report was made, so it cannot be checked against it.",
        )
    grouped = " ".join(given.log.link[start : start + 8] for start in range(0, 64, 8))
    return (
        gaps,
        f"When this was made, the log of {given.handle} at {given.host} ended with row {given.log.row}:",
        grouped,
        f"To verify, any keeper runs “lastwords log show {given.handle} --json”: it checks every link, and row "
        f"{given.log.row} must show this value. If it does not, the log was changed: tell every keeper.",
    )
