"""A record from which the traces of one act are taken: as if everybody had forgotten to do it, and gone on.

The stage keeps which commands belong to which act. Their answers go, the log's rows that they made, and the letters
that those rows wrote. What follows from an act by itself (a wait that begins, a letter that is taken) stays: a
question that is content with that alone asks too little, and is found out.
"""

import json
from pathlib import Path
from typing import Any

EVENTS = {
    "alarm": {"raise_alarm"},
    "hold": {"place_hold", "lift_hold"},
    "told": {"tell"},
    "decline": {"decline_words"},
    "later": {"keep_for_later"},
    "glass": {"break_glass", "seal_notes"},
    "codes": {"add_credential"},
    "channel": set(),
    "open": set(),
    "words": set(),
    "key": set(),
    "case": {"restore_seat", "sign_home", "sign_end", "sign_recipient_died", "answer_call"},
}
"""The events by which a command stands in a log; entries are known by their number."""


def taken_out(folder: Path, act: str) -> int:
    """Takes an act's traces out of a record; returns how many answers and rows went."""
    spans = [span for span in _lines(folder / "acts.jsonl") if span["act"] == act]
    answers = _lines(folder / "answers.jsonl")
    gone = {place for span in spans for place in range(span["from"], span["to"] + 1)}
    rows = 0
    for log in sorted(folder.glob("log-*.json")):
        author = log.stem.removeprefix("log-")
        known = json.loads(log.read_text("utf-8"))
        kept = [row for row in known["rows"] if not _made(row, author, answers, spans)]
        _forget_letters(folder, known["rows"], kept)
        rows += len(known["rows"]) - len(kept)
        log.write_text(json.dumps(known | {"rows": kept}), "utf-8")
    kept_answers = [line for place, line in enumerate(answers, 1) if place not in gone]
    (folder / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in kept_answers), "utf-8")
    return len(gone) + rows


def _made(
    row: dict[str, Any], author: str, answers: list[dict[str, Any]], spans: list[dict[str, Any]]
) -> bool:
    """Whether a command of these spans made this row."""
    body = row.get("body", {})
    for span in spans:
        for line in answers[span["from"] - 1 : span["to"]]:
            words, answer = line["said"], line.get("answer", {})
            if author not in (line["who"], *words[1:2]) or line["exit"]:
                continue
            if words[0] == "case" and "entry" in answer:
                if row["number"] == answer["entry"]:
                    return True
            # An act is measured in whole seconds, and its last row may be written in the one that follows.
            elif (body.get("by"), body.get("event") in EVENTS[words[0]]) == (line["who"], True) and (
                span["begins"] <= body["at"][0] <= span["ends"] + 1
            ):
                return True
    return False


def _forget_letters(folder: Path, rows: list[dict[str, Any]], kept: list[dict[str, Any]]) -> None:
    stay = {letter["id"] for row in kept for letter in row.get("body", {}).get("letters", [])}
    went = {letter["id"] for row in rows for letter in row.get("body", {}).get("letters", [])} - stay
    for path in (folder / "mail").glob("*.eml"):
        if any(ident in path.read_text("utf-8", "replace") for ident in went):
            path.unlink()


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
