"""What a record shows of coming home."""

from lastwords.story.record import Record

from .parts import AUTHOR, Missing, in_force, must, some, tracks


def s13(record: Record) -> list[str]:
    """Everybody who came home gave a strong sign, was seen by a quorum, and has a page signed by every keeper who holds
    a share, some of them after the case had closed. Of one of them, words that had been released went home before
    their recipient opened them. In the ending *home* the author is among them, and nothing of theirs was released."""
    back = [author for author in record.log if record.happened(author, "home_confirmed")]
    some(back, "anybody who came home")
    evidence = [one for author in sorted(back) for one in _came_home(record, author)]
    if record.ending == "home":
        must(AUTHOR in back, f"{AUTHOR} came home")
        must(not record.happened(AUTHOR, "released"), "nothing of theirs was ever released")
    return [*evidence, *_taken_back(record)]


def _came_home(record: Record, author: str) -> list[str]:
    sign = some(
        [row for row in record.happened(author, "checked_in", "strong") if row.after == "closing"],
        "a sign that led home",
    )[0]
    confirmed = record.happened(author, "home_confirmed")[0]
    closed = some(record.happened(author, "case_closed"), "a case that closed")[0]
    must(sign.number < confirmed.number == closed.number, "the closing came first")
    must(confirmed.after == "well", "the watch is well again")
    signed = {row.by: row for row in record.happened(author, "home_signed") if row.number > sign.number}
    holders = {keeper for row in in_force(record, author).values() for keeper in row.given["roster"]}
    must(holders <= set(signed), f"signatures of {', '.join(sorted(holders - set(signed)))}")
    some([row for row in signed.values() if row.number > closed.number], "a signature after the case closed")
    page = some(record.said(author, "case", author, "page"), f"{author} looking at the page")[-1]
    must({one["keeper"] for one in page.answer["signed"]} >= holders, "the page bears every one of them")
    printed = record.here(page.answer["file"]).read_text("utf-8")
    must(all(one["name"] in printed for one in page.answer["signed"]), "and so does the one on paper")
    letters = [
        some(record.letters_of(author, "welcome_home", to), f"a letter to {to}")[0]
        for to in (author, *sorted(holders))
    ]
    rows = {row.number: row.name for row in (sign, confirmed, *signed.values())}
    return [
        *(rows[number] for number in sorted(rows)),
        page.name,
        *(f"letter {letter.file}" for letter in letters),
    ]


def _taken_back(record: Record) -> list[str]:
    """Words that had been released, went home unopened, and were refused to the one who came for them too late."""
    for one in record.answers:
        if not one.exit or one.refused["code"] != "recalled":
            continue
        for row, key in tracks(record, "recalled"):
            if one.begins("open", row.author, key):
                must(not record.happened(row.author, "opened", key), "the words taken back were never opened")
                return [row.name, f"refusal recalled in {one.name}"]
    raise Missing("nobody came too late for words that had been taken back")
