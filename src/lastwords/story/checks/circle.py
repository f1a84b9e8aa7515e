"""What a record shows of the people around an author: called, new among them, watchful."""

from lastwords.story.record import Record

from .parts import AUTHOR, Missing, in_force, must, some

CALLS = ("alarm_raised", "keeper_called")
"""Letters that call someone into a case."""


def s10(record: Record) -> list[str]:
    """Every keeper but the one who raised the alarm, and every alternate, was called on every channel they have; the
    alternates answered."""
    alarm = some(record.happened(AUTHOR, "case_opened", "alarm"), "an alarm that opened a case")[0]
    invited = {
        str(row.given["keeper"]): int(row.given["alternate"]) for row in record.rows(AUTHOR, "invite_keeper")
    }
    alternates = some([handle for handle, order in invited.items() if order], "alternates")
    evidence = [alarm.name]
    for handle in sorted(set(invited) - {alarm.by}):
        letters = [letter for kind in CALLS for letter in record.letters_of(AUTHOR, kind, handle)]
        first = [letter for letter in letters if letter.ident == letters[0].ident]
        channels = {said.words[3] for said in record.said(handle, "channel", "add", "mail")}
        must(
            bool(first) and {letter.to for letter in first} == channels,
            f"{handle} was called on every channel",
        )
        if handle in alternates:
            answered = some(record.happened(AUTHOR, "answered", handle), f"an answer of {handle}")[0]
            evidence += [*(f"letter {letter.file}" for letter in first), answered.name]
    return evidence


def s14(record: Record) -> list[str]:
    """A keeper who was verified after the first arming counted only after thirty days of credit."""
    armed = some(record.rows(AUTHOR, "arm"), "a plan in force")[0]
    for verified in record.rows(AUTHOR, "verify_keeper"):
        if verified.number < armed.number:
            continue
        keeper = str(verified.given["keeper"])
        holders = {one for row in in_force(record).values() for one in row.given["roster"]}
        if keeper not in holders:
            continue
        seasoned = some(record.happened(AUTHOR, "seasoned", keeper), f"the season of {keeper}")[0]
        waited = seasoned.at[1] - verified.at[1]
        must(waited >= 30 * 86400, f"{keeper} was seasoned for thirty days")
        return [verified.name, seasoned.name]
    raise Missing("no keeper was verified after the first arming")
