"""Work in a case: entries, answered calls. Everything here is written down and moves nothing."""

from lastwords.protocol.refusals import refuse
from lastwords.protocol.turn import Turn


def note_in_case(t: Turn) -> None:
    """An entry by a keeper, or by the author who has come back. Bodies are sealed; only their hash is known here."""
    if not t.watch.case_open:
        raise refuse("no_case")
    if t.event.by != t.watch.author:
        t.seat_of_actor()
    t.note(t.event.kind, t.event.entry)


def answer_call(t: Turn) -> None:
    if not t.watch.case_open:
        raise refuse("no_case")
    keeper = t.seat_of_actor().keeper
    case = t.watch.case
    assert case is not None
    if keeper in case.answered:
        raise refuse("signed_already")
    t.set_case(answered=tuple(sorted({*case.answered, keeper})))
    t.note("answered", keeper)
