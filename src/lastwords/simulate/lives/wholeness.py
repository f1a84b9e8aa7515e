"""A write is whole, and so is a record: state, row and letters belong together (I8)."""

import re

from lastwords.protocol.effects import LetterKind
from lastwords.protocol.quiet import unmarked
from lastwords.server.log import Row, author_log, beginning, commitment, link, verify
from lastwords.server.port import Outgoing, Write
from lastwords.server.rows import state_hash
from lastwords.server.store import as_rows_name_it
from lastwords.simulate.broken import Broken

from .door import Steps

Rows = list[tuple[int, bytes, bytes, bytes, bytes]]
_NAMED = re.compile(rb'"id":"([0-9a-f]{32})"')


def one_transaction(write: Write, steps: Steps, before: str | None, number: int) -> int:
    """One write: rows that follow each other, that name the state and the letters written with them. `before` is the
    state that stood, `number` the newest row. Returns the newest row afterwards."""
    telling = [step for _, _, step in steps if step.row is not None or step.letters]
    if not (telling or write.entries or write.letters) and write.state == before:
        return number
    for entry in write.entries:
        number += 1
        if entry.number != number:
            raise Broken(
                "I8", f"row {entry.number} was written after row {number - 1}: two pasts in one record"
            )
    if write.state != before and not _is_quiet(write, steps):
        if not write.entries:
            raise Broken("I8", "a watch changed without a row")
        named = as_rows_name_it(steps[-1][2].watch, write.state) if steps else write.state
        if f'"state":"{state_hash(named)}"'.encode() not in write.entries[-1].body:
            raise Broken("I8", "the newest row does not name the state that was written with it")
    rows = sum(step.row is not None for step in telling)
    if rows != len(write.entries):
        raise Broken("I8", f"{rows} things happened and {len(write.entries)} rows were written")
    if sum(len(step.letters) for step in telling) != len(write.letters) and steps:
        raise Broken("I8", "a step and its letters were not written together")
    bodies = b"".join([entry.body for entry in write.entries])
    idents = [one.ident for one in write.letters if write.entries or one.kind != LetterKind.UNDER_FORCE]
    if bodies.count(b'"id":"') != len(idents) or not all(ident.encode() in bodies for ident in idents):
        raise Broken("I8", "the rows do not name the letters that were written with them")
    return number


def audit(author: str, rows: Rows, letters: list[Outgoing], newest: int, thorough: bool) -> None:
    """At a life's end: the record is whole, ends where it was seen to end, and names every letter once. `thorough`
    also lets the service's own verifier read every row."""
    head = beginning(author_log(author))
    number, last = head.number, head.link
    for row, body, salt, committed, linked in rows:
        number += 1
        if row != number or commitment(salt, body) != committed or link(last, committed, row) != linked:
            raise Broken("I8", f"row {row} does not follow the one before it")
        last = linked
    if number != newest:
        raise Broken("I8", "the record ends elsewhere than the last write that was acknowledged")
    if thorough and (faults := verify(author_log(author), (Row(*row) for row in rows), {}).faults):
        raise Broken("I8", f"the record is not whole: {faults[0]}")
    named = [ident.decode() for row in rows for ident in _NAMED.findall(row[1])]
    kept = {letter.ident for letter in letters if letter.author == author}
    quiet = {one.ident for one in letters if one.kind == LetterKind.UNDER_FORCE}
    if not kept - quiet <= set(named) <= kept or len(named) != len(set(named)):
        raise Broken("I8", "letters and rows do not name each other")


def _is_quiet(write: Write, steps: Steps) -> bool:
    """A mark alone has moved, of which there is nothing to read."""
    return bool(steps) and not write.entries and unmarked(steps[0][1]) == unmarked(steps[-1][2].watch)
