"""What a record shows of doors: glass that is broken, signatures that one alone cannot give, strangers who try."""

from lastwords.story.record import Record, Row, Said

from .parts import AUTHOR, in_force, must, some

WAIT = 6 * 3600
"""Seconds between the alarms and the opening of the notes, by the plan's default."""
TAMPERS = ("failed_sign_ins", "channel_changed")
"""What the host reports to author and keepers; a new credential is told of in its own row."""


# Breaking glass.


def s8(record: Record) -> list[str]:
    """The card's own copy opened at once and everyone heard of it, at no cost. Without a card everyone was alarmed
    first, the wait ran, the seat did not count until three others restored it, and the notes have a new cover."""
    return [*_with_the_card(record), *_without_the_card(record)]


def _with_the_card(record: Record) -> list[str]:
    said = some(record.said(None, "glass", AUTHOR, "card"), "an opening with the card")[0]
    asked = some(record.happened(AUTHOR, "glass_asked", "card"), "the host hearing of the card")[0]
    must(asked.by == said.who, "it was told by whoever opened it")
    must(_notes(record) == _opened(record, said), "the card's copy is what the author wrote")
    must(not record.happened(AUTHOR, "suspended", said.who), "the card costs nothing")
    return [said.name, asked.name, *_alarms(record, asked)]


def _without_the_card(record: Record) -> list[str]:
    asked = some(record.happened(AUTHOR, "glass_asked", "no_card"), "an asking without the card")[0]
    keeper = asked.by
    must(asked.says("suspended", keeper), "the seat was suspended in the same step")
    begun = some(record.happened(AUTHOR, "wait_begins", f"glass.{keeper}"), "the wait after the alarms")[0]
    ready = some(record.happened(AUTHOR, "glass_open", keeper), "the end of the wait")[0]
    must(all(ready.at[clock] - begun.at[clock] >= WAIT for clock in (0, 1)), "the wait ran in full")
    early = some(
        [
            one
            for one in record.refused(keeper, "glass", AUTHOR, "open")
            if one.refused["code"] == "glass_waits"
        ],
        "a refusal to open before the wait had run",
    )[0]
    opened = some(record.said(keeper, "glass", AUTHOR, "open"), "the opening without the card")[0]
    must(early.order < opened.order and opened.at >= ready.at[0], "it opened only after the wait")
    must(_notes(record) == _opened(record, opened), "the notes opened are what the author wrote")
    turned = some(record.happened(AUTHOR, "notes_covered_anew"), "a new cover over the notes")[0]
    must(turned.by == keeper and turned.says("glass_spent", keeper), "the asking was good for one opening")
    price = some(
        [
            one
            for one in record.answers
            if one.who == keeper and one.exit and one.refused["code"] == "seat_does_not_count"
        ],
        "the price: a seat that is not heard",
    )[0]
    restored = some(record.happened(AUTHOR, "restored", keeper), "the seat being restored")[0]
    by = [row for row in record.rows(AUTHOR, "restore_seat") if row.given["keeper"] == keeper]
    must(len({row.by for row in by} - {keeper}) == 3 and by[-1] == restored, "three others restored the seat")
    must(opened.order < price.order, "the price was paid after the opening")
    return [
        asked.name,
        *_alarms(record, asked),
        begun.name,
        f"refusal {early.refused['code']} in {early.name}",
        ready.name,
        opened.name,
        turned.name,
        f"refusal {price.refused['code']} in {price.name}",
        *(row.name for row in by),
    ]


def _alarms(record: Record, asked: Row) -> list[str]:
    """The letters of an asking: to the author and every other keeper who holds a share, and each of them came."""
    written = {to: ident for ident, kind, to in asked.letters if kind == "glass_alarm"}
    others = {AUTHOR, *(keeper for row in in_force(record).values() for keeper in row.given["roster"])} - {
        asked.by
    }
    must(others <= set(written), f"{', '.join(sorted(others - set(written)))} were written to")
    came = [some(record.arrived.get(written[to], []), f"the alarm to {to}")[0] for to in sorted(others)]
    return [f"letter {letter.file}" for letter in came]


def _notes(record: Record) -> bytes:
    written = some(record.said(AUTHOR, "notes", "write"), "emergency notes")[-1]
    return record.here(written.after("--text")[0]).read_bytes()


def _opened(record: Record, said: Said) -> bytes:
    folder = record.here(said.after("--to")[0])
    return b"".join((folder / name).read_bytes() for name in said.answer["files"])


# Wards and guards.


def s9(record: Record) -> list[str]:
    """No plan with one way to answer; no alarm alone by one who receives words; the alarm button; a hold that only its
    placer lifts, after which the wait begins anew; and whatever may be a stranger's doing, told to everyone."""
    return [*_two_ways(record), *_second_hands(record), *_strangers(record), *_hold(record)]


def _two_ways(record: Record) -> list[str]:
    early = [one for one in record.refused(AUTHOR, "plan", "arm") if one.refused["code"] == "one_credential"]
    refused = some(early, "a plan that was refused with one way to answer")[0]
    armed = some(record.rows(AUTHOR, "arm"), "a plan in force")[0]
    before = [row for row in record.rows(AUTHOR, "add_credential") if row.number < armed.number]
    must(len({row.given["place"] for row in before}) >= 2, "two ways to answer are kept apart")
    shut_out = some(
        [one for one in record.refused(None, "case", AUTHOR, "show") if one.refused["code"] == "not_found"],
        "somebody without a part, kept out of the case",
    )[0]
    return [*(f"refusal {one.refused['code']} in {one.name}" for one in (refused, shut_out)), armed.name]


def _second_hands(record: Record) -> list[str]:
    alone = some(
        [one for one in record.refused(None, "alarm", AUTHOR) if one.refused["code"] == "alarm_again"],
        "an alarm that one alone could not raise",
    )[0]
    raised = record.rows(AUTHOR, "raise_alarm")
    joined = some(
        [row for row in raised if row.by == alone.who and row.given["second"]], "a second keeper joining in"
    )[0]
    must(joined.given["second"] != joined.by, "the second is another")
    pressed = [row for row in raised if row.number > joined.number and not row.given["second"]]
    button = some(pressed, "the alarm button at the desk")[0]
    must(
        all(row.before == row.after for row in (joined, button)), "an alarm in the middle of it moves nothing"
    )
    return [f"refusal {alone.refused['code']} in {alone.name}", joined.name, button.name]


def _strangers(record: Record) -> list[str]:
    told = [some(record.happened(AUTHOR, "tamper", sign), f"“{sign}” told")[0] for sign in TAMPERS]
    armed = record.rows(AUTHOR, "arm")[0]
    ways = [row for row in record.rows(AUTHOR, "add_credential") if row.number > armed.number]
    told.append(some(ways, "a new way to answer, told")[0])
    holders = {keeper for row in in_force(record).values() for keeper in row.given["roster"]}
    letters = []
    for row in told:
        must(row.before == row.after, "nothing moved by it")
        written = {to: ident for ident, kind, to in row.letters if kind == "tamper_alarm"}
        must({AUTHOR, *holders} <= set(written), "author and keepers were told")
        letters += [
            some(record.arrived.get(written[to], []), f"the letter to {to}")[0] for to in (AUTHOR, *holders)
        ]
    tries = [one for one in record.answers if one.exit and one.refused["code"] == "sign_in_refused"]
    must(len(tries) >= 5, "somebody tried five times")
    return [*(row.name for row in told), *(f"letter {letter.file}" for letter in letters)]


def _hold(record: Record) -> list[str]:
    placed = some(record.happened(AUTHOR, "hold_placed", "switch"), "a hold")[0]
    lifted = some(record.happened(AUTHOR, "hold_ended", "switch"), "the end of the hold")[0]
    must(lifted.by == placed.by, "whoever placed it lifted it")
    tamper = record.happened(AUTHOR, "tamper", "failed_sign_ins")[0]
    must(tamper.number < placed.number, "it was placed by somebody who had been told")
    other = [
        one for one in record.refused(None, "hold", AUTHOR) if one.refused["code"] == "not_yours_to_lift"
    ]
    refused = some(other, "another who could not lift it")[0]
    moved = [
        row
        for row in record.rows(AUTHOR)
        if placed.number < row.number < lifted.number and row.before != row.after
    ]
    must(not moved, "nothing moved while the clocks stood")
    anew = [row for row in record.happened(AUTHOR, "wait_begins", "late") if row.number > lifted.number]
    again = some(anew, "the wait beginning again")[0]
    return [placed.name, f"refusal {refused.refused['code']} in {refused.name}", lifted.name, again.name]
