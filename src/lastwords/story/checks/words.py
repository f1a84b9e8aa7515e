"""What a record shows of the words themselves: written, replaced, refused too early, wished for."""

from lastwords.story.record import Record

from .parts import (
    AUTHOR,
    Missing,
    at_least,
    files_of,
    in_force,
    key_of,
    last_given,
    must,
    sealings,
    some,
    tracks,
)

TOO_EARLY = ("not_released", "not_released_yet")
"""Refusals that say of words that they are not released."""


def s1(record: Record) -> list[str]:
    """Words stand sealed for two people at least, each version in a row of its own; everyone who holds a share has said
    "I will" and has proven that it opens."""
    standing = in_force(record)
    at_least(2, standing, "words for a second person")
    evidence = [row.name for row in standing.values()]
    for keeper in {keeper for row in standing.values() for keeper in row.given["roster"]}:
        accepted = some(record.rows(AUTHOR, "accept_seat", keeper), f"{keeper} said “I will”")
        evidence.append(accepted[0].name)
        for key, row in standing.items():
            if keeper in row.given["roster"]:
                pair = [key, row.given["share_set"]]
                receipts = [
                    r for r in record.rows(AUTHOR, "give_receipt", keeper) if pair in r.given["proven"]
                ]
                evidence.append(some(receipts, f"a receipt of {keeper} for {key}")[0].name)
    return sorted(set(evidence))


def s2(record: Record) -> list[str]:
    """Words were taken back and sealed anew afterwards; the newest manifest is the one that stands, or was opened."""
    for back in record.rows(AUTHOR, "seal_words"):
        if back.given["items"]:
            continue
        key = key_of(back)
        newer = [row for row in sealings(record, key) if row.number > back.number]
        last = some(newer, f"words for {key} after they were taken back")[-1]
        evidence = [back.name, newer[0].name]
        for opened in record.happened(AUTHOR, "opened", key):
            answers = [
                s
                for s in record.said(opened.by, "open")
                if s.answer.get("track") == key and s.answer["words"]
            ]
            said = some(answers, f"the opening of {key}")[-1]
            must(
                said.answer["number"] == last.given["number"], f"the last version of {key} was the one opened"
            )
            evidence.append(said.name)
        return evidence
    raise Missing("no words were taken back")


def s4(record: Record) -> list[str]:
    """Before any release a keeper could not pass words on, nor the recipient open them, each with the reason; "not now"
    is on record. Where words were released, the recipient chose a date and opened them after it."""
    early = [one for one in record.answers if one.exit and one.refused["code"] in TOO_EARLY]
    keeper = some([one for one in early if one.begins("told")], "a keeper who was refused to pass words on")[
        0
    ]
    recipient = some([one for one in early if one.begins("open")], "a recipient who was refused to open")[0]
    not_now = some(record.happened(AUTHOR, "not_now"), "“not now”")[0]
    released = record.happened(AUTHOR, "released")
    must(all(row.at > not_now.at for row in released), "all of it was before the release")
    evidence = [
        *(f"refusal {one.refused['code']} in {one.name}" for one in (keeper, recipient)),
        not_now.name,
    ]
    if released:
        later = some(record.happened(AUTHOR, "later"), "“later”")[0]
        key = str(later.given["track"])
        opened = some(record.happened(AUTHOR, "opened", key), f"the opening of {key}")[0]
        must(
            opened.at[0] >= int(later.given["until"]) > later.at[0],
            "the words were opened on the date chosen",
        )
        evidence += [later.name, opened.name]
    return evidence


def s12(record: Record) -> list[str]:
    """Every recipient who was told of words with wishes saw the author's last wishes, word for word, while the words
    were still sealed; afterwards they opened the words, or the words went home."""
    evidence = []
    for told, key in tracks(record, "told"):
        written = last_given(record, told.author, key, "--wishes")
        if not written:
            continue
        shown = [
            one
            for one in record.said(None, "open", told.author)
            if "--wishes-first" in one.words and one.answer["track"] == key and one.answer["wishes"]
        ]
        seen = some(shown, f"somebody who saw the wishes for {key} first")[0]
        spoken = some(record.said(told.by, "told", told.author, key), f"the word that was given of {key}")[0]
        must(not seen.answer["words"] and seen.order > spoken.order, "the words stayed sealed meanwhile")
        opens = [one for one in record.said(seen.who, "open", told.author) if one.answer["track"] == key]
        must(all(one.order > seen.order for one in opens if one.answer["words"]), "the wishes came first")
        after = [*record.happened(told.author, "opened", key), *record.happened(told.author, "recalled", key)]
        ended = some(after, f"{key} opened, or gone home")[0]
        must(seen.at <= ended.at[0], "the wishes were seen before that")
        must(
            written[-1].read_bytes() in [path.read_bytes() for path in files_of(record, seen, "wishes")],
            "the wishes shown are the last that were written",
        )
        evidence += [told.name, seen.name, ended.name]
    return some(evidence, "anybody who was told of words with wishes")
