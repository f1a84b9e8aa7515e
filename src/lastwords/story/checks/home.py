"""What a record shows of coming home."""

from lastwords.story.record import Record

from .parts import AUTHOR, in_force, must, some, tracks


def s13(record: Record) -> list[str]:
    """A strong sign, closing, a quorum that has seen the author, the case closed, everyone written to, the page signed
    by every keeper who holds a share, some of them after the closing; nothing of theirs was ever released. And words
    that had been released went home with another author who came back, before their recipient opened them."""
    sign = some(
        [row for row in record.happened(AUTHOR, "checked_in", "strong") if row.after == "closing"],
        "a sign that led home",
    )[0]
    confirmed = some(record.happened(AUTHOR, "home_confirmed"), "a quorum that has seen the author")[0]
    closed = some(record.happened(AUTHOR, "case_closed"), "a case that closed")[0]
    must(sign.number < confirmed.number == closed.number, "the closing came first")
    must(confirmed.after == "well", "the watch is well again")
    must(not record.happened(AUTHOR, "released"), "nothing of theirs was ever released")
    recalled, key = some(tracks(record, "recalled"), "words that were taken back unopened")[0]
    late_comer = [
        one for one in record.answers if one.exit and one.refused["code"] == "recalled" and key in one.words
    ]
    refused = some(late_comer, f"a refusal of {key} after it was taken back")[0]
    must(not record.happened(recalled.author, "opened", key), "the words taken back were never opened")
    signed = {row.by: row for row in record.happened(AUTHOR, "home_signed") if row.number > sign.number}
    holders = {keeper for row in in_force(record).values() for keeper in row.given["roster"]}
    must(holders <= set(signed), f"signatures of {', '.join(sorted(holders - set(signed)))}")
    late = [row for row in signed.values() if row.number > closed.number]
    some(late, "a signature after the case closed")
    letters = [
        some(record.letters_of(AUTHOR, "welcome_home", to), f"a letter to {to}")[0]
        for to in (AUTHOR, *sorted(holders))
    ]
    rows = {row.number: row.name for row in (sign, confirmed, *signed.values())}
    stood_down = [
        *(rows[number] for number in sorted(rows)),
        recalled.name,
        f"refusal recalled in {refused.name}",
    ]
    return [*stood_down, *(f"letter {letter.file}" for letter in letters)]
