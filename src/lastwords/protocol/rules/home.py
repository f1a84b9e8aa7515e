"""Coming home: keepers say whether it is really the author."""

from dataclasses import replace

from lastwords.protocol.counting import is_quorum
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import Wait
from lastwords.protocol.refusals import refuse
from lastwords.protocol.turn import Turn

from .casework import seat_in_case
from .passage import begin_late, begin_vigil, come_home


def sign_home(t: Turn) -> None:
    """In *closing*: "I have seen or heard them myself". A quorum of these brings the watch back to *well*."""
    _sign_case(t)
    settle_home(t)


def sign_home_later(t: Turn) -> None:
    """In *well*: the welcome-home page can be signed for 90 days after a case has closed."""
    case = t.watch.case
    if case is None or case.closed is None:
        raise refuse("not_closing")
    if Wait(case.closed, t.watch.plan.home_signing).over(t.now):
        raise refuse("home_signing_over")
    _sign_case(t)


def _sign_case(t: Turn) -> None:
    keeper = seat_in_case(t).keeper
    case = t.watch.case
    assert case is not None
    if keeper in case.home:
        raise refuse("signed_already")
    t.set_case(home=tuple(sorted({*case.home, keeper})))
    t.note("home_signed", keeper)


def settle_home(t: Turn) -> None:
    """In *closing*: a quorum that has seen or heard the author brings them home; else a quorum of "it is not them"
    makes the credential void and the vigil begins anew, all waits in full. When the sign cut *late* short, the author
    is asked first: nothing comes earlier by a stranger's sign (I1, I11)."""
    closing, case = t.watch.closing, t.watch.case
    if closing is None or case is None:
        return
    if is_quorum(t.watch, case.home):
        t.note("home_confirmed")
        come_home(t)
    elif is_quorum(t.watch, closing.not_them):
        void = tuple(
            replace(one, void=True) if one.name == closing.credential else one for one in t.watch.credentials
        )
        t.set(credentials=void)
        t.note("credential_void", closing.credential)
        _go_on(t)


def sign_not_them(t: Turn) -> None:
    """In *closing*: "it is not them"."""
    keeper = seat_in_case(t).keeper
    closing = t.watch.closing
    assert closing is not None
    if keeper in closing.not_them:
        raise refuse("signed_already")
    signed = tuple(sorted({*closing.not_them, keeper}))
    t.set(closing=replace(closing, not_them=signed))
    t.note("not_them", keeper)
    settle_home(t)


def ask_again(t: Turn, _: None) -> None:
    """Too few keepers were reached for the asking to begin. They are written to once more: a letter that nobody took
    in its thirty days would otherwise leave the sign of a stranger standing for ever (L1)."""
    t.asks_again()
    t.note("asked_again")
    t.to_keepers(LetterKind.HOME_QUESTION, alternates=True, round=t.watch.asking)


def closing_lapses(t: Turn, _: None) -> None:
    """Nobody confirmed the sign: all waits begin anew. After two of these a credential opens no third."""
    closing, case = t.watch.closing, t.watch.case
    assert closing is not None
    assert case is not None
    lapsed = dict(case.lapsed)
    lapsed[closing.credential] = lapsed.get(closing.credential, 0) + 1
    t.set_case(lapsed=tuple(sorted(lapsed.items())))
    t.note("closing_lapsed", closing.credential)
    _go_on(t)


def _go_on(t: Turn) -> None:
    """Back to the vigil; or, when the sign had cut *late* short, back to *late* for the whole of it."""
    closing = t.watch.closing
    assert closing is not None
    t.set(closing=None)
    if closing.asked:
        begin_vigil(t)
    else:
        begin_late(t, LetterKind.ALARM_ASKS)
