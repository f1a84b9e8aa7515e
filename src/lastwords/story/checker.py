"""Which systems of the story a record shows. Apart from the acts: it is told nothing, it reads what lies there.

Each system has one question, a function that returns its evidence (rows, letters, refusals, answers) or raises
`Missing` with what it did not find. A system nobody asks about yet is *not yet*.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from .record import Record, Row, Said

T = TypeVar("T")

AUTHOR = "iruka"
PLAYED, NOT_YET = "played", "not yet"
TOO_EARLY = ("not_released", "not_released_yet")
"""Refusals that say of words that they are not released."""

SYSTEMS = {
    "S1": "words for several people, one by one; keepers accept, with a receipt",
    "S2": "words taken back and replaced; the last version holds",
    "S3": "notes that only keepers read",
    "S4": "refused while the author breathes; “not now”, “later”",
    "S5": "the alarm, one runs for help, one stays, one is replaced",
    "S6": "observations, treatments, places and the report on arrival",
    "S7": "two who chose each other, both silent; survivorship, alternates",
    "S8": "break glass, with the card and without",
    "S9": "layered access, the alarm button, the hold switch",
    "S10": "keepers and alternates are called, over every channel",
    "S11": "who is on watch, the trend of the observations",
    "S12": "wishes, shown before the words are opened",
    "S13": "home: recall, stand-down, closing, the page that everyone signs",
    "S14": "a new keeper counts only after a season",
}

EXPECTED = {
    "home": ("S1", "S2", "S3", "S4", "S5", "S13"),
    "gone": ("S1", "S2", "S3", "S4", "S5", "S12"),
}
"""What each ending has to show. S12 needs words that reach someone, S13 an author who comes back."""


STANDS_OUT = {
    "S6": "the story does not play the fields of care and the report yet",
    "S7": "one silent pair is played; survivorship and alternates are not",
    "S8": "the story does not break glass yet",
    "S9": "the story does not play guards and second factors yet",
    "S11": "the story does not play the page of the vigil yet",
}
"""Why a system has no question yet."""

CALLS = ("alarm_raised", "keeper_called")
"""Letters that call someone into a case."""


class Missing(Exception):
    """What the record does not show."""


@dataclass(slots=True)
class Verdict:
    """What one ending's record shows. The shapes are those of `lastwords demo --json`; `missing` says why a system is
    not yet, `wrong` names everything that must not be so."""

    ending: str
    systems: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, list[str]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    letters: dict[str, int] = field(default_factory=dict)
    refusals: list[dict[str, str]] = field(default_factory=list)
    released: list[dict[str, Any]] = field(default_factory=list)
    opened: list[dict[str, Any]] = field(default_factory=list)
    recalled: list[dict[str, Any]] = field(default_factory=list)
    log: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything this ending has to show was played, and nothing is wrong."""
        return not self.wrong and all(self.systems[one] == PLAYED for one in EXPECTED[self.ending])

    def plain(self) -> dict[str, Any]:
        """As `--json` shows it."""
        names = (
            "ending",
            "systems",
            "letters",
            "refusals",
            "released",
            "opened",
            "recalled",
            "evidence",
            "log",
        )
        return {name: getattr(self, name) for name in names}


def judge(folder: Path, ending: str) -> Verdict:
    """Reads the record of one ending and says what it shows."""
    record = Record(folder, ending)
    verdict = Verdict(ending)
    for system in SYSTEMS:
        question = QUESTIONS.get(system)
        try:
            if question is None:
                raise Missing(STANDS_OUT[system])
            verdict.evidence[system] = question(record)
            verdict.systems[system] = PLAYED
        except Missing as missing:
            verdict.missing[system] = str(missing)
            verdict.systems[system] = NOT_YET
    verdict.letters = count_letters(record, verdict.wrong)
    verdict.refusals = [
        {"who": one.who, "did": _plain(one.words), "code": one.refused["code"], "happened": one.refused["happened"]}
        for one in record.answers
        if one.exit
    ]  # fmt: skip
    recalled = _tracks(record, "recalled")
    verdict.recalled = [_track(row, key) for row, key in recalled]
    verdict.released = [
        _track(row, key)
        for row, key in _tracks(record, "released")
        if not any(
            back.author == row.author and back.number > row.number and key == of for back, of in recalled
        )
    ]
    verdict.opened = [_opened(record, row, key) for row, key in _tracks(record, "opened")]
    verdict.log = {"rows": record.verified["rows"], "verified": bool(record.verified["whole"])}
    verdict.wrong += [*_faults(record), *_reached_others(record), *_clock_faults(record, verdict)]
    if ending == "home" and (verdict.released or record.happened(AUTHOR, "released")):
        verdict.wrong.append("words were released, and the author came home")
    if ending == "gone":
        verdict.wrong += _gone_faults(verdict)
    return verdict


# The systems.


def s1(record: Record) -> list[str]:
    """Words stand sealed for two people at least, each version in a row of its own; everyone who holds a share has said
    "I will" and has proven that it opens."""
    in_force = _in_force(record)
    _at_least(2, in_force, "words for a second person")
    evidence = [row.name for row in in_force.values()]
    for keeper in {keeper for row in in_force.values() for keeper in row.given["roster"]}:
        accepted = _some(record.rows(AUTHOR, "accept_seat", keeper), f"{keeper} said “I will”")
        evidence.append(accepted[0].name)
        for key, row in in_force.items():
            if keeper in row.given["roster"]:
                pair = [key, row.given["share_set"]]
                receipts = [
                    r for r in record.rows(AUTHOR, "give_receipt", keeper) if pair in r.given["proven"]
                ]
                evidence.append(_some(receipts, f"a receipt of {keeper} for {key}")[0].name)
    return sorted(set(evidence))


def s2(record: Record) -> list[str]:
    """Words were taken back and sealed anew afterwards; the newest manifest is the one that stands, or was opened."""
    for back in record.rows(AUTHOR, "seal_words"):
        if back.given["items"]:
            continue
        key = _key(back)
        newer = [row for row in _sealings(record, key) if row.number > back.number]
        last = _some(newer, f"words for {key} after they were taken back")[-1]
        evidence = [back.name, newer[0].name]
        for opened in record.happened(AUTHOR, "opened", key):
            answers = [
                s
                for s in record.said(opened.by, "open")
                if s.answer.get("track") == key and s.answer["words"]
            ]
            said = _some(answers, f"the opening of {key}")[-1]
            _must(
                said.answer["number"] == last.given["number"], f"the last version of {key} was the one opened"
            )
            evidence.append(said.name)
        return evidence
    raise Missing("no words were taken back")


def s3(record: Record) -> list[str]:
    """An entry for the keepers alone: another keeper reads it in the case, the recipient who has a seat does not, and
    it is in nobody's keeping but that of the keeper who wrote it."""
    for written in record.said(None, "case", AUTHOR, "entry"):
        if "--only-keepers" not in written.words:
            continue
        number = written.answer["entry"]
        text = record.here(written.after("--text")[0]).read_bytes()
        views = [seen for seen in record.said(None, "case", AUTHOR, "show") if seen.order > written.order]
        others = [seen for seen in views if seen.who not in (written.who, *_recipients(record))]
        others = [seen for seen in others if _reads(seen, number) == text.decode()]
        kept_out = [seen for seen in views if seen.who in _recipients(record)]
        _must(all(_reads(seen, number) is None for seen in kept_out), "no recipient could read the note")
        row = _some(
            [r for r in record.rows(AUTHOR, "note_in_case", written.who) if r.number == number],
            "the entry's row",
        )[0]
        _some(others, "another keeper who read it")
        _some(kept_out, "a recipient who looked into the case and could not read it")
        _must(not record.holders_of(text) - {written.who}, "nobody else keeps the note in the open")
        return [row.name, others[0].name, kept_out[0].name]
    raise Missing("nothing was written for the keepers alone")


def s4(record: Record) -> list[str]:
    """Before any release a keeper could not pass words on, nor the recipient open them, each with the reason; "not now"
    is on record. Where words were released, the recipient chose a date and opened them after it."""
    early = [one for one in record.answers if one.exit and one.refused["code"] in TOO_EARLY]
    keeper = _some([one for one in early if one.begins("told")], "a keeper who was refused to pass words on")[
        0
    ]
    recipient = _some([one for one in early if one.begins("open")], "a recipient who was refused to open")[0]
    not_now = _some(record.happened(AUTHOR, "not_now"), "“not now”")[0]
    released = record.happened(AUTHOR, "released")
    _must(all(row.at > not_now.at for row in released), "all of it was before the release")
    evidence = [
        *(f"refusal {one.refused['code']} in {one.name}" for one in (keeper, recipient)),
        not_now.name,
    ]
    if released:
        later = _some(record.happened(AUTHOR, "later"), "“later”")[0]
        key = str(later.given["track"])
        opened = _some(record.happened(AUTHOR, "opened", key), f"the opening of {key}")[0]
        _must(
            opened.at[0] >= int(later.given["until"]) > later.at[0],
            "the words were opened on the date chosen",
        )
        evidence += [later.name, opened.name]
    return evidence


def s5(record: Record) -> list[str]:
    """An alarm opened the case and called the keepers, one of them on two channels; somebody took a task and reported;
    another task passed from one keeper to the next."""
    alarm = _some(record.happened(AUTHOR, "case_opened", "alarm"), "an alarm that opened a case")[0]
    called = {to for _, kind, to in alarm.letters if kind == "alarm_raised"}
    arrived = {to: record.letters_of(AUTHOR, "alarm_raised", to) for to in sorted(called)}
    twice = [to for to, came in arrived.items() if len({letter.to for letter in came}) > 1]
    _some(twice, "a letter that came by several channels")
    tasks: dict[int, list[tuple[str, str, Row]]] = {}
    for said in record.said(None, "case", AUTHOR, "task"):
        row = _some(
            [r for r in record.rows(AUTHOR, "note_in_case") if r.number == said.answer["entry"]],
            "a task's row",
        )[0]
        tasks.setdefault(int(said.words[4]), []).append((said.words[3], said.who, row))
    done = [steps for steps in tasks.values() if [what for what, _, _ in steps] == ["take", "report"]]
    passed = [steps for steps in tasks.values() if len({who for what, who, _ in steps if what == "take"}) > 1]
    help_fetched = _some(done, "a task that was taken and reported")[0]
    replaced = _some(passed, "a task that passed to another keeper")[0]
    rows = [row.name for _, _, row in (*help_fetched, *replaced)]
    return [alarm.name, *(f"letter {letter.file}" for letter in arrived[twice[0]]), *rows]


def s10(record: Record) -> list[str]:
    """Every keeper but the one who raised the alarm, and every alternate, was called on every channel they have; the
    alternates answered."""
    alarm = _some(record.happened(AUTHOR, "case_opened", "alarm"), "an alarm that opened a case")[0]
    invited = {
        str(row.given["keeper"]): int(row.given["alternate"]) for row in record.rows(AUTHOR, "invite_keeper")
    }
    alternates = _some([handle for handle, order in invited.items() if order], "alternates")
    evidence = [alarm.name]
    for handle in sorted(set(invited) - {alarm.by}):
        letters = [letter for kind in CALLS for letter in record.letters_of(AUTHOR, kind, handle)]
        first = [letter for letter in letters if letter.ident == letters[0].ident]
        channels = {said.words[3] for said in record.said(handle, "channel", "add", "mail")}
        _must(
            bool(first) and {letter.to for letter in first} == channels,
            f"{handle} was called on every channel",
        )
        if handle in alternates:
            answered = _some(record.happened(AUTHOR, "answered", handle), f"an answer of {handle}")[0]
            evidence += [*(f"letter {letter.file}" for letter in first), answered.name]
    return evidence


def s12(record: Record) -> list[str]:
    """A recipient saw the author's last wishes, word for word, while the words were still sealed."""
    for seen in record.said(None, "open"):
        if "--wishes-first" not in seen.words or seen.answer["words"] or not seen.answer["wishes"]:
            continue
        key = seen.answer["track"]
        opened = _some(record.happened(AUTHOR, "opened", key), f"the opening of {key}")[0]
        _must(seen.at <= opened.at[0], "the wishes were seen before the words were opened")
        written = _some(_last_given(record, key, "--wishes"), f"wishes for {key}")[-1].read_bytes()
        shown = [path.read_bytes() for path in _files(record, seen, "wishes")]
        _must(written in shown, "the wishes shown are the last that were written")
        return [seen.name, opened.name]
    raise Missing("nobody was shown wishes before the words")


def s13(record: Record) -> list[str]:
    """A strong sign, closing, a quorum that has seen the author, the case closed, everyone written to, the page signed
    by every keeper who holds a share, some of them after the closing; nothing of theirs was ever released. And words
    that had been released went home with another author who came back, before their recipient opened them."""
    sign = _some(
        [row for row in record.happened(AUTHOR, "checked_in", "strong") if row.after == "closing"],
        "a sign that led home",
    )[0]
    confirmed = _some(record.happened(AUTHOR, "home_confirmed"), "a quorum that has seen the author")[0]
    closed = _some(record.happened(AUTHOR, "case_closed"), "a case that closed")[0]
    _must(sign.number < confirmed.number == closed.number, "the closing came first")
    _must(confirmed.after == "well", "the watch is well again")
    _must(not record.happened(AUTHOR, "released"), "nothing of theirs was ever released")
    recalled, key = _some(_tracks(record, "recalled"), "words that were taken back unopened")[0]
    late_comer = [
        one for one in record.answers if one.exit and one.refused["code"] == "recalled" and key in one.words
    ]
    refused = _some(late_comer, f"a refusal of {key} after it was taken back")[0]
    _must(not record.happened(recalled.author, "opened", key), "the words taken back were never opened")
    signed = {row.by: row for row in record.happened(AUTHOR, "home_signed") if row.number > sign.number}
    holders = {keeper for row in _in_force(record).values() for keeper in row.given["roster"]}
    _must(holders <= set(signed), f"signatures of {', '.join(sorted(holders - set(signed)))}")
    late = [row for row in signed.values() if row.number > closed.number]
    _some(late, "a signature after the case closed")
    letters = [
        _some(record.letters_of(AUTHOR, "welcome_home", to), f"a letter to {to}")[0]
        for to in (AUTHOR, *sorted(holders))
    ]
    rows = {row.number: row.name for row in (sign, confirmed, *signed.values())}
    stood_down = [
        *(rows[number] for number in sorted(rows)),
        recalled.name,
        f"refusal recalled in {refused.name}",
    ]
    return [*stood_down, *(f"letter {letter.file}" for letter in letters)]


def s14(record: Record) -> list[str]:
    """A keeper who was verified after the first arming counted only after thirty days of credit."""
    armed = _some(record.rows(AUTHOR, "arm"), "a plan in force")[0]
    for verified in record.rows(AUTHOR, "verify_keeper"):
        if verified.number < armed.number:
            continue
        keeper = str(verified.given["keeper"])
        holders = {one for row in _in_force(record).values() for one in row.given["roster"]}
        if keeper not in holders:
            continue
        seasoned = _some(record.happened(AUTHOR, "seasoned", keeper), f"the season of {keeper}")[0]
        waited = seasoned.at[1] - verified.at[1]
        _must(waited >= 30 * 86400, f"{keeper} was seasoned for thirty days")
        return [verified.name, seasoned.name]
    raise Missing("no keeper was verified after the first arming")


QUESTIONS: dict[str, Callable[[Record], list[str]]] = {
    "S1": s1,
    "S2": s2,
    "S3": s3,
    "S4": s4,
    "S5": s5,
    "S10": s10,
    "S12": s12,
    "S13": s13,
    "S14": s14,
}


# What must hold in every ending.


def count_letters(record: Record, wrong: list[str]) -> dict[str, int]:
    """Letters that arrived, by kind. Every letter that a log wrote must have come, to each address once."""
    kinds: Counter[str] = Counter()
    known: set[str] = set()
    for author in record.log:
        for row in record.rows(author):
            for ident, kind, to in row.letters:
                known.add(ident)
                came = record.arrived.get(ident, [])
                kinds[kind] += len(came)
                if not came:
                    wrong.append(f"the letter {kind} to {to} from {row.name} never came")
    for ident, came in record.arrived.items():
        if len({letter.to for letter in came}) < len(came):
            wrong.append(f"letter {came[0].file} came twice to one address")
        if ident not in known:
            kinds["from the host"] += len(came)
    return dict(sorted(kinds.items()))


def _faults(record: Record) -> list[str]:
    return [f"{log['name']}: {fault}" for log in record.verified["logs"] for fault in log["faults"]]


def _reached_others(record: Record) -> list[str]:
    """Whatever an author gave to `words` is in the open nowhere but with the author, and with a recipient who opened
    that very version."""
    wrong = []
    for said in record.answers:
        if not said.begins("words", "write") and not said.begins("words", "replace"):
            continue
        key = str(said.answer["track"])
        may = {said.who} | {row.by for row in record.happened(said.who, "opened", key)}
        newest = said is _writings(record, said.who, key)[-1]
        for option in ("--text", "--file", "--wishes"):
            for path in said.after(option):
                content = record.here(path).read_bytes()
                others = record.holders_of(content) - (may if newest or option == "--wishes" else {said.who})
                if others and not (option == "--wishes" and others <= _told(record, said.who, key)):
                    wrong.append(
                        f"{Path(path).name} of {said.who} is in the keeping of {', '.join(sorted(others))}"
                    )
    return wrong


def _told(record: Record, author: str, key: str) -> set[str]:
    """The recipient of a track, once they were told: wishes may be read from then on."""
    told = record.happened(author, "told", key)
    return {key.rpartition(".")[2] if key.count(".") == 1 else key.split(".")[1]} if told else set()


def _clock_faults(record: Record, verdict: Verdict) -> list[str]:
    """A clock that jumps must earn nothing and move nobody; that it was tried at all belongs to the play."""
    jumps = [moved for moved in record.clock if "jump" in moved]
    far = [moved for moved in jumps if moved["jump"] >= 40 * 86400]
    if not far:
        return ["the clock was never set ahead by forty days"]
    verdict.evidence["clock"] = [
        f"clock set by {moved['jump'] // 86400} days: credit {moved['earned']}, watches moved {moved['moved']}"
        for moved in jumps
    ]
    return [
        f"a jump of {moved['jump']} s earned or moved something"
        for moved in jumps
        if moved["earned"] or moved["moved"]
    ]


def _gone_faults(verdict: Verdict) -> list[str]:
    """Exactly the last sealed versions reach exactly their recipients, once."""
    released = Counter((one["author"], one["track"]) for one in verdict.released)
    wrong = [f"{track} was released {count} times" for (_, track), count in released.items() if count > 1]
    opened = {(one["author"], one["track"]) for one in verdict.opened}
    wrong += [
        f"{track} was released and never opened"
        for author, track in released
        if (author, track) not in opened
    ]
    wrong += [f"{one['track']} was opened in another version" for one in verdict.opened if not one["last"]]
    return wrong if released else ["nothing was released, and the author never came back"]


# Parts.


def _some(found: Iterable[T], what: str) -> list[T]:
    """The things found, one at least."""
    listed = list(found)
    if not listed:
        raise Missing(f"there is no sign of {what}")
    return listed


def _at_least(count: int, found: Iterable[object], what: str) -> None:
    if len(list(found)) < count:
        raise Missing(f"there is no sign of {what}")


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise Missing(f"it does not show that {what}")


def _key(row: Row) -> str:
    """The track of a sealing."""
    return ".".join(
        part for part in (row.given["condition"], row.given["recipient"], row.given["instead_of"]) if part
    )


def _sealings(record: Record, key: str) -> list[Row]:
    """Rows in which words of this track were sealed (not taken back)."""
    return [row for row in record.rows(AUTHOR, "seal_words") if row.given["items"] and _key(row) == key]


def _in_force(record: Record) -> dict[str, Row]:
    """The row of the version that stood when the case opened, for each track with words."""
    case = record.happened(AUTHOR, "case_opened")
    until = case[0].number if case else len(record.rows(AUTHOR))
    found: dict[str, Row] = {}
    for row in record.rows(AUTHOR, "seal_words"):
        if row.number < until:
            found[_key(row)] = row
    return {key: row for key, row in found.items() if row.given["items"]}


def _recipients(record: Record) -> set[str]:
    return {str(row.given["recipient"]) for row in record.rows(AUTHOR, "seal_words")}


def _reads(seen: Said, number: int) -> str | None:
    """What someone who looked into the case could read of this entry; None when it was hidden or sealed to others."""
    return next((entry["text"] for entry in seen.answer["entries"] if entry["number"] == number), None)


def _writings(record: Record, author: str, key: str) -> list[Said]:
    """Commands by which this author sealed words of this track."""
    sealed = [*record.said(author, "words", "write"), *record.said(author, "words", "replace")]
    return sorted((one for one in sealed if one.answer["track"] == key), key=lambda one: one.order)


def _last_given(record: Record, key: str, option: str) -> list[Path]:
    """The files that the newest sealing with this option was made of."""
    given = [one for one in _writings(record, AUTHOR, key) if one.after(option)]
    return [record.here(path) for path in given[-1].after(option)] if given else []


def _files(record: Record, said: Said, part: str) -> list[Path]:
    """The files that an opening left in the recipient's folder."""
    folder = record.here(str(said.answer[part]["folder"]))
    return [folder / name for name in said.answer[part]["files"]]


def _tracks(record: Record, what: str) -> list[tuple[Row, str]]:
    return [
        (row, about)
        for author in record.log
        for row in record.happened(author, what)
        for one, about in row.happened
        if one == what
    ]


def _track(row: Row, key: str) -> dict[str, Any]:
    return {"author": row.author, "track": key, "recipient": key.split(".")[1], "row": row.number}


def _opened(record: Record, row: Row, key: str) -> dict[str, Any]:
    """What was opened, by whom; `last` says that it is, byte for byte, what the author sealed last."""
    answers = [
        one for one in record.said(row.by, "open") if one.answer["track"] == key and one.answer["words"]
    ]
    files = _files(record, answers[-1], "words") if answers else []
    newest = _writings(record, row.author, key)
    wanted = [
        record.here(path).read_bytes() for option in ("--text", "--file") for path in newest[-1].after(option)
    ]
    found = [path.read_bytes() for path in files]
    return _track(row, key) | {
        "number": answers[-1].answer["number"] if answers else None,
        "files": [path.name for path in files],
        "last": bool(newest) and sorted(found) == sorted(wanted),
    }


def _plain(words: tuple[str, ...]) -> str:
    """A command without the folders of this machine."""
    return " ".join(Path(word).name if "/" in word else word for word in words)
