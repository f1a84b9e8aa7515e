"""What a record shows of two who chose each other and are silent at the same time."""

from lastwords.story.record import Record, Row

from .parts import AUTHOR, must, some, tracks

OTHER = "kakashi"
SURVIVORSHIP = 120 * 3600
"""Seconds of credit after a release before words can pass to whoever stands in a recipient's place."""


def silences(record: Record, author: str, person: str) -> list[tuple[Row, Row | None]]:
    """When this person was silent themselves, as an author's log heard of it: from which row to which."""
    found: list[tuple[Row, Row | None]] = []
    for row in record.rows(author, "hear_of_silence"):
        if row.given["person"] != person:
            continue
        if row.given["silent"]:
            found.append((row, None))
        elif found:
            found[-1] = (found[-1][0], row)
    return found


def is_silent(record: Record, row: Row, person: str) -> bool:
    """Whether this person was silent themselves when this row was written."""
    return any(
        begins.number < row.number and (ends is None or row.number < ends.number)
        for begins, ends in silences(record, row.author, person)
    )


def s7(record: Record) -> list[str]:
    """Each watch heard that the other had fallen silent. Words released to the one who is silent were refused to
    everybody who would hand them on, did not pass to whoever stands in his place on fewer words than a quorum's and
    before their hours, and went home. The other watch went its way all the same, and his seat counts again."""
    heard = some(silences(record, OTHER, AUTHOR), f"{OTHER}'s watch hearing that {AUTHOR} is silent")[0][0]
    hears = some(silences(record, AUTHOR, OTHER), f"{AUTHOR}'s watch hearing that {OTHER} is silent")
    back = some([ends for _, ends in hears if ends is not None], f"{OTHER}'s seat counting again")[0]
    sign = some(record.rows(AUTHOR, "make_statement"), "statements after both had been silent")[0]
    must(back.number < sign.number, "the other watch was not held up")
    return [
        heard.name,
        hears[0][0].name,
        *_nothing_handed_over(record),
        *_nothing_passes_on(record),
        back.name,
        sign.name,
    ]


def _nothing_handed_over(record: Record) -> list[str]:
    key = f"cannot_act.{AUTHOR}"
    released = some(record.happened(OTHER, "released", key), f"the release of {key}")[0]
    must(is_silent(record, released, AUTHOR), "the words came to one who was silent himself")
    refused = some(
        [
            one
            for one in record.refused(None, "told", OTHER, key)
            if one.refused["code"] == "recipient_silent"
        ],
        f"a refusal to hand {key} to one who is silent",
    )[0]
    must(
        not record.happened(OTHER, "told", key) and not record.happened(OTHER, "opened", key),
        "nobody was handed it",
    )
    home = some([row for row, of in tracks(record, "recalled") if of == key], f"{key} going home")[0]
    must(is_silent(record, home, AUTHOR), "that watch came home while the other was still silent")
    return [released.name, f"refusal {refused.refused['code']} in {refused.name}", home.name]


def _nothing_passes_on(record: Record) -> list[str]:
    sealed = some(
        [row for row in record.rows(OTHER, "seal_words") if row.given["instead_of"] == AUTHOR],
        f"words for somebody in {AUTHOR}'s place",
    )[0]
    key = f"{sealed.given['condition']}.{sealed.given['recipient']}.{AUTHOR}"
    plan = some(record.rows(OTHER, "arm"), "a plan in force")[-1].given["plan"]
    signed = some(record.happened(OTHER, "recipient_died", AUTHOR), "a keeper who signed that he had died")
    must(len({row.by for row in signed}) < plan["quorum"], "fewer than a quorum signed it")
    must(plan["survivorship"] == SURVIVORSHIP, "the hours of survivorship are 120")
    released = record.happened(OTHER, "released", f"cannot_act.{AUTHOR}")[0]
    must(signed[-1].at[1] - released.at[1] < SURVIVORSHIP, "it was signed before those hours had run")
    refused = [one for one in record.answers if one.exit and one.order and key in one.words]
    some([one for one in refused if one.begins("told")], f"a keeper refused to hand on {key}")
    some([one for one in refused if one.begins("open")], f"whoever would follow, refused to open {key}")
    must(not record.happened(OTHER, "released", key), "nothing passed to whoever would follow")
    return [
        sealed.name,
        *(row.name for row in signed),
        *(f"refusal {one.refused['code']} in {one.name}" for one in refused),
    ]
