"""The handover report as plain text: 78 columns, a form feed between its three pages. Any printer takes it."""

import textwrap
from collections.abc import Iterable, Sequence

from lastwords.case.handover import Event, Line, Report, StateRow, Trend

WIDTH = 78
LABEL = 19
PAGE_BREAK = "\f"


def as_text(report: Report) -> str:
    """The whole report, ending with a line break."""
    pages = (
        [*_first(report), ""],
        [f"{report.title}, page 2", "", *_second(report), ""],
        [f"{report.title}, page 3", "", *_third(report)],
    )
    return f"\n{PAGE_BREAK}\n".join("\n".join(page) for page in pages) + "\n"


def at_the_bed(report: Report, on_watch: Sequence[str]) -> list[str]:
    """What somebody at the author's side wants to see: who is on watch, the newest signs, the score, the trend."""
    watch = f"On watch: {', '.join(on_watch)}." if on_watch else "Nobody is on watch."
    signs = [*_heading("Newest signs"), *_state(report.state), *_wrapped(report.not_measured)]
    return [watch, "", *signs, "", *_score(report), "", *_heading("Trend"), *_trend(report.trend)]


def _first(report: Report) -> list[str]:
    lines = [report.title, "=" * len(report.title), report.about]
    for sentence in report.preface:
        lines += _wrapped(sentence)
    lines += ["", *_labelled(report.atmist)]
    lines += ["", *_heading("Current state"), *_state(report.state), *_wrapped(report.not_measured)]
    lines += ["", *_score(report), ""]
    return [*lines, *_heading("What the author wrote ahead"), *_labelled(report.ahead)]


def _score(report: Report) -> list[str]:
    lines = _wrapped(report.score.sentence)
    lines += [f"  {name + ':':<{LABEL + 7}}{shown:<26}{points}" for name, shown, points in report.score.parts]
    for note in report.score.notes:
        lines += _wrapped(note)
    return lines


def _labelled(lines: Iterable[Line]) -> list[str]:
    found = []
    for line in lines:
        label = f"{line.letter}  {line.label}" if line.letter else line.label
        for remark in line.said:
            found += _wrapped(str(remark), f"{label:<{LABEL}} ", " " * (LABEL + 1))
            label = ""
    return found


def _state(rows: Sequence[StateRow]) -> list[str]:
    lines = []
    for row in rows:
        said = f"{row.value}, {row.ago} ({row.when}), {row.known} [{row.number}]"
        lines += _wrapped(said, f"{row.sign:<{LABEL}} ", " " * (LABEL + 1))
    return lines or ["Nothing was observed."]


def _second(report: Report) -> list[str]:
    lines = _heading("Timeline")
    for event in report.events:
        lines += _event(event)
    return [*lines, "", *_heading("Trend"), *_trend(report.trend)]


def _event(event: Event) -> list[str]:
    text = f"{event.kind}: {event.text} ({event.known})"
    if event.struck:
        text = f"Struck out, {event.struck}: {text}"
    return _wrapped(text, f"[{event.number}]".ljust(6) + f"{event.when:<14}", " " * 20)


def _trend(trend: Trend) -> list[str]:
    if not trend.rows:
        return ["Nothing was measured."]
    lines = _wrapped(trend.note) if trend.note else []
    for row in trend.rows:
        values = [f"{name} {value}" for name, value in zip(trend.head[1:-1], row[1:-1], strict=True) if value]
        lines += _wrapped(f"{', '.join(values)} [{row[-1]}]", f"{row[0]:<14}", " " * 14)
    lines += [f"{mark.when:<14}({mark.letter}) {mark.text}" for mark in trend.marks]
    return lines


def _third(report: Report) -> list[str]:
    lines = _heading("Open questions")
    for remark in report.questions:
        lines += _wrapped(str(remark), "- ", "  ")
    lines += [] if report.questions else ["None."]
    lines += ["", *_heading("People")]
    for name, part, reach in report.people:
        lines += _wrapped(f"{name}: {part}" + (f"; {reach}" if reach else ""))
    lines += [] if report.people else ["Nobody is named."]
    lines += ["", *_heading("The log")]
    for sentence in report.verify:
        lines += _wrapped(sentence)
    return lines


def _heading(text: str) -> list[str]:
    return [text, "-" * len(text)]


def _wrapped(text: str, begin: str = "", indent: str = "") -> list[str]:
    """Lines of at most WIDTH characters, broken at white space alone: no word and no number is ever cut."""
    return textwrap.wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=begin,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
