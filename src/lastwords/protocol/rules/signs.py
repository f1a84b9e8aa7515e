"""Signs of life. A strong one stops everything not yet opened; weak ones are few, and never close a vigil (I2)."""

from lastwords.protocol.effects import LetterKind
from lastwords.protocol.refusals import refuse
from lastwords.protocol.stages import HoldCause, Strength, Tamper
from lastwords.protocol.turn import Turn
from lastwords.protocol.watch import HOST, Credential, Hold

from .holds import end_restore, lift_for_author
from .passage import begin_closing, come_home, start_well


def add_credential(t: Turn) -> None:
    t.must_be_author()
    if any(c.name == t.event.credential for c in t.watch.credentials):
        raise refuse("credential_exists")
    new = Credential(t.event.credential, t.event.place)
    t.set(credentials=(*t.watch.credentials, new))
    if t.watch.armed:
        _tell_of_tamper(t, Tamper.NEW_CREDENTIAL)


def tamper(t: Turn) -> None:
    """Author and keepers hear of what may be a stranger's doing; nothing moves by it."""
    if t.event.by != HOST:
        raise refuse("only_the_host")
    t.note("tamper", t.event.sign)
    _tell_of_tamper(t, t.event.sign)


def _tell_of_tamper(t: Turn, sign: Tamper) -> None:
    """The sign travels as a flag of its own name, so that the letter says exactly what was seen."""
    flags = {str(known): int(known is sign) for known in Tamper}
    t.letter(LetterKind.TAMPER_ALARM, t.watch.author, **flags)
    for keeper in t.reachable_keepers():
        t.letter(LetterKind.TAMPER_ALARM, keeper, **flags)


def prove_recovery(t: Turn) -> None:
    t.must_be_author()
    if t.watch.recovery_proven:
        raise refuse("recovery_known")
    t.set(recovery_proven=True)


def in_well(t: Turn) -> None:
    """Renews the check-in wait; a strong sign also ends a trip and lifts what the author may lift."""
    if _strength(t) is Strength.STRONG:
        lift_for_author(t)
        start_well(t)
    else:
        _spend_weak(t)
        t.set(last_sign=t.now, reminded=False)
    t.note("checked_in", t.event.strength)


def in_late(t: Turn) -> None:
    """Back to *well* while only the author knows; to *closing* once a case is open, so that a stranger with the
    phone cannot answer every alarm for ever. A weak sign is written down and leaves the asking alone."""
    if _strength(t) is Strength.WEAK:
        _spend_weak(t)
        t.note("checked_in", Strength.WEAK)
    elif t.watch.case_open:
        _strong_with_case(t)
    else:
        t.note("checked_in", Strength.STRONG)
        come_home(t)


def in_vigil(t: Turn) -> None:
    """Strong: everything comes down and keepers are asked whether it is really the author. Weak: a hold, once."""
    if _strength(t) is Strength.STRONG:
        _strong_with_case(t)
        return
    _spend_weak(t)
    t.note("checked_in", Strength.WEAK)
    if t.watch.author not in t.watch.held:
        hold = Hold(HoldCause.WEAK_SIGN, t.watch.author, t.wait(t.watch.plan.spoken_hold))
        t.set(holds=(*t.watch.holds, hold), held=tuple(sorted((*t.watch.held, t.watch.author))))
        t.note("hold_placed", HoldCause.WEAK_SIGN)
        t.to_keepers(LetterKind.HOLD_PLACED, alternates=True)


def in_closing(t: Turn) -> None:
    """A second strong credential, kept apart from the first, proves the author alone; the same one adds nothing, but
    that a restore's hold ends by any strong sign."""
    if _strength(t) is Strength.WEAK:
        _spend_weak(t)
        t.note("checked_in", Strength.WEAK)
        return
    t.note("checked_in", Strength.STRONG)
    closing = t.watch.closing
    assert closing is not None
    signed = (closing.credential, t.event.credential)
    places = {one.place for one in t.watch.credentials if one.name in signed and not one.void}
    if len(places) > 1:
        t.note("second_credential", t.event.credential)
        come_home(t)
    else:
        end_restore(t)


def _strength(t: Turn) -> Strength:
    """The sign's strength, after checking that the credential is the author's and not void."""
    t.must_be_author()
    if t.event.strength is Strength.WEAK:
        return Strength.WEAK
    credential = _credential(t, t.event.credential)
    if credential is None:
        raise refuse("credential_unknown")
    if credential.void:
        raise refuse("credential_void")
    return Strength.STRONG


def _credential(t: Turn, name: str) -> Credential | None:
    return next((c for c in t.watch.credentials if c.name == name), None)


def _spend_weak(t: Turn) -> None:
    if t.watch.weak_in_row >= t.watch.plan.weak_in_row:
        raise refuse("weak_spent")
    t.set(weak_in_row=t.watch.weak_in_row + 1)


def _strong_with_case(t: Turn) -> None:
    """To *closing*; a timer-only plan has nobody to confirm it and goes straight home."""
    case = t.watch.case
    if case is not None and dict(case.lapsed).get(t.event.credential, 0) >= 2:
        raise refuse("credential_spent")
    t.note("checked_in", Strength.STRONG)
    if t.watch.plan.timer_only:
        come_home(t)
    else:
        begin_closing(t, t.event.credential)
