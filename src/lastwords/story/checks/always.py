"""What must hold in every ending, whatever was played: letters, the log, the clock, and who keeps which words."""

from collections import Counter
from pathlib import Path
from typing import Any

from lastwords.story.record import Record, Row

from .pair import is_silent
from .parts import AUTHOR, tracks, writings

HOUR = 3600
THIRTEEN_DAYS = 13 * 86400
"""Seconds of late, vigil and last call by the default terms, which are the author's."""


def count_letters(record: Record, wrong: list[str]) -> dict[str, int]:
    """Letters that arrived, by kind. Every letter that a log wrote must have come, to each address once, but for a
    question that was answered before it could leave."""
    kinds: Counter[str] = Counter()
    known: set[str] = set()
    for author in record.log:
        rows = record.rows(author)
        for row in rows:
            for ident, kind, to in row.letters:
                known.add(ident)
                came = record.arrived.get(ident, [])
                kinds[kind] += len(came)
                if not came and not (kind == "home_question" and _is_home_soon(rows, row)):
                    wrong.append(f"the letter {kind} to {to} from {row.name} never came")
    for ident, came in record.arrived.items():
        if len({letter.to for letter in came}) < len(came):
            wrong.append(f"letter {came[0].file} came twice to one address")
        if ident not in known:
            kinds["from the host"] += len(came)
    return dict(sorted(kinds.items()))


def _is_home_soon(rows: list[Row], asked: Row) -> bool:
    """Whether it was known within the hour that it is really them: nobody is asked any more who has not been yet."""
    return any(
        row.after == "well" and row.number > asked.number and row.at[0] - asked.at[0] <= HOUR for row in rows
    )


def faults(record: Record) -> list[str]:
    return [f"{log['name']}: {fault}" for log in record.verified["logs"] for fault in log["faults"]]


def reached_others(record: Record) -> list[str]:
    """Whatever an author gave to `words` is in the open nowhere but with the author, and with a recipient who opened
    that very version."""
    wrong = []
    for said in record.answers:
        if not said.begins("words", "write") and not said.begins("words", "replace"):
            continue
        key = str(said.answer["track"])
        may = {said.who} | {row.by for row in record.happened(said.who, "opened", key)}
        newest = said is writings(record, said.who, key)[-1]
        for option in ("--text", "--file", "--wishes"):
            for path in said.after(option):
                content = record.here(path).read_bytes()
                others = record.holders_of(content) - (may if newest or option == "--wishes" else {said.who})
                if others and not (option == "--wishes" and others <= _told(record, said.who, key)):
                    wrong.append(
                        f"{Path(path).name} of {said.who} is in the keeping of {', '.join(sorted(others))}"
                    )
    return wrong


def _told(record: Record, author: str, key: str) -> set[str]:
    """The recipient of a track, once they were told: wishes may be read from then on."""
    told = record.happened(author, "told", key)
    return {key.rpartition(".")[2] if key.count(".") == 1 else key.split(".")[1]} if told else set()


def clock_faults(record: Record, evidence: dict[str, list[str]]) -> list[str]:
    """A clock that jumps must earn nothing and move nobody; that it was tried at all belongs to the play."""
    jumps = [moved for moved in record.clock if "jump" in moved]
    far = [moved for moved in jumps if moved["jump"] >= 40 * 86400]
    if not far:
        return ["the clock was never set ahead by forty days"]
    evidence["clock"] = [
        f"clock set by {moved['jump'] // 86400} days: credit {moved['earned']}, watches moved {moved['moved']}"
        for moved in jumps
    ]
    return [
        f"a jump of {moved['jump']} s earned or moved something"
        for moved in jumps
        if moved["earned"] or moved["moved"]
    ]


def silent_faults(record: Record) -> list[str]:
    """Nothing is handed to somebody who is silent themselves: not told, not opened."""
    return [
        f"{key} was {what} while its recipient was silent ({row.name})"
        for what in ("told", "opened")
        for row, key in tracks(record, what)
        if is_silent(record, row, key.split(".")[1])
    ]


def gone_faults(
    record: Record, all_released: list[dict[str, Any]], all_opened: list[dict[str, Any]]
) -> list[str]:
    """Exactly the last sealed versions reach exactly their recipients, once, and not before their time."""
    released = Counter((one["author"], one["track"]) for one in all_released)
    wrong = [f"{track} was released {count} times" for (_, track), count in released.items() if count > 1]
    opened = {(one["author"], one["track"]) for one in all_opened}
    wrong += [
        f"{track} was released and never opened"
        for author, track in released
        if (author, track) not in opened
    ]
    wrong += [f"{one['track']} was opened in another version" for one in all_opened if not one["last"]]
    wrong += _too_soon(record)
    return wrong if released else ["nothing was released, and the author never came back"]


def _too_soon(record: Record) -> list[str]:
    """Releases of the author's less than thirteen days, by wall or by credit, after the alarm that opened the case."""
    alarm = record.happened(AUTHOR, "case_opened", "alarm")
    if not alarm:
        return ["there was no alarm"]
    return [
        f"{row.name} is a release less than thirteen days after the alarm"
        for row in record.happened(AUTHOR, "released")
        if min(row.at[clock] - alarm[0].at[clock] for clock in (0, 1)) < THIRTEEN_DAYS
    ]
