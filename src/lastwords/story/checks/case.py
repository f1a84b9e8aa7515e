"""What a record shows of the work in a case: notes for the keepers alone, and tasks."""

from lastwords.story.record import Record, Row

from .parts import AUTHOR, Missing, must, reads, recipients, some


def s3(record: Record) -> list[str]:
    """An entry for the keepers alone: another keeper reads it in the case, the recipient who has a seat does not, and
    it is in nobody's keeping but that of the keeper who wrote it."""
    for written in record.said(None, "case", AUTHOR, "entry"):
        if "--only-keepers" not in written.words:
            continue
        number = written.answer["entry"]
        text = record.here(written.after("--text")[0]).read_bytes()
        views = [seen for seen in record.said(None, "case", AUTHOR, "show") if seen.order > written.order]
        others = [seen for seen in views if seen.who not in (written.who, *recipients(record))]
        others = [seen for seen in others if reads(seen, number) == text.decode()]
        kept_out = [seen for seen in views if seen.who in recipients(record)]
        must(all(reads(seen, number) is None for seen in kept_out), "no recipient could read the note")
        row = some(
            [r for r in record.rows(AUTHOR, "note_in_case", written.who) if r.number == number],
            "the entry's row",
        )[0]
        some(others, "another keeper who read it")
        some(kept_out, "a recipient who looked into the case and could not read it")
        must(not record.holders_of(text) - {written.who}, "nobody else keeps the note in the open")
        return [row.name, others[0].name, kept_out[0].name]
    raise Missing("nothing was written for the keepers alone")


def s5(record: Record) -> list[str]:
    """An alarm opened the case and called the keepers, one of them on two channels; somebody took a task and reported;
    another task passed from one keeper to the next."""
    alarm = some(record.happened(AUTHOR, "case_opened", "alarm"), "an alarm that opened a case")[0]
    called = {to for _, kind, to in alarm.letters if kind == "alarm_raised"}
    arrived = {to: record.letters_of(AUTHOR, "alarm_raised", to) for to in sorted(called)}
    twice = [to for to, came in arrived.items() if len({letter.to for letter in came}) > 1]
    some(twice, "a letter that came by several channels")
    tasks: dict[int, list[tuple[str, str, Row]]] = {}
    for said in record.said(None, "case", AUTHOR, "task"):
        row = some(
            [r for r in record.rows(AUTHOR, "note_in_case") if r.number == said.answer["entry"]],
            "a task's row",
        )[0]
        tasks.setdefault(int(said.words[4]), []).append((said.words[3], said.who, row))
    done = [steps for steps in tasks.values() if [what for what, _, _ in steps] == ["take", "report"]]
    passed = [steps for steps in tasks.values() if len({who for what, who, _ in steps if what == "take"}) > 1]
    help_fetched = some(done, "a task that was taken and reported")[0]
    replaced = some(passed, "a task that passed to another keeper")[0]
    rows = [row.name for _, _, row in (*help_fetched, *replaced)]
    return [alarm.name, *(f"letter {letter.file}" for letter in arrived[twice[0]]), *rows]
