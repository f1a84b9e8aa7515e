"""The log in words: one sentence for each row that an author would want to read back."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastwords.protocol.effects import LetterKind
from lastwords.server.models import LogRow
from lastwords.server.moments import short

SENTENCES = {
    # event               sentence; {who} acts, {whom} is whom or what it is about
    "begin": "{who} joined.",
    "check_in": "{who} checked in {way}.",
    "sign_free": "{who} signed that they have spoken with you, and that nobody makes you do things.",
    # These two stand in the record as what anybody may see in their place, and under their own names never.
    "speak_under_force": "",
    "step_back_unseen": "",
    "arm": "{who} made the plan active.",
    "seal_words": "{who} sealed words for {whom}.",
    "add_credential": "{who} added a way to check in: {credential}.",
    "prove_recovery": "{who} proved the recovery sheet.",
    "set_trip": "{who} set a trip, back by {back}.",
    "invite_keeper": "{who} asked {whom} to be a keeper.",
    "accept_seat": "{who} said “I will”.",
    "verify_keeper": "{who} verified {whom}.",
    "give_receipt": "{who} proved that their share opens.",
    "begin_practice": "{who} asked the keepers for a practice.",
    "suspend_seat": "{who} suspended {whom}.",
    "restore_seat": "{who} signed that {whom} may count again.",
    "remove_keeper": "{who} took the seat of {whom} back.",
    "pass_seat": "{who} handed their seat on to {whom}.",
    "change_keys": "{whom} has new keys.",
    "hear_of_silence": "{whom} {silence}.",
    "raise_alarm": "{who} raised an alarm.",
    "place_hold": "{who} put everything on hold.",
    "lift_hold": "{who} lifted a hold.",
    "note_in_case": "{who} wrote in the case.",
    "call_alternate": "{who} called {whom} into the case.",
    "seal_sheet": "{who} sealed a sheet for the keepers.",
    "keep_case": "{who} asked that a case is kept.",
    "forget_case": "What was written in a case was erased.",
    "answer_call": "{who} answered the call.",
    "make_statement": "{who} {finding}.",
    "retract_statement": "{who} took their statement back.",
    "sign_home": "{who} signed that they have seen or heard you.",
    "sign_not_them": "{who} signed that it was not you.",
    "sign_tried": "{who} signed that they tried to reach you in person.",
    "sign_recipient_died": "{who} signed that {whom} has died.",
    "retract_recipient_died": "{who} took back that {whom} has died.",
    "sign_end": "{who} signed that there is nothing more to do.",
    "break_glass": "{who} asked for your emergency notes.",
    "deny_glass": "{who} denied that to {whom}.",
    "seal_notes": "{who} put the emergency notes under a new cover.",
    "tell": "{who} told a recipient.",
    "give_share": "{who} gave their share.",
    "want_shares": "{who} asked for the shares of their words.",
    "open_words": "{who} opened their words.",
    "keep_for_later": "{who} kept their words for later.",
    "go_through_someone": "{who} wants their words through somebody else.",
    "decline_words": "{who} would rather not have their words now.",
    "letter_taken": "",
    "letter_failed": "A letter to {whom} was refused; it is tried again.",
    "letter_bounced": "A letter to {whom} came back.",
    "look": "",
    "report_tamper": "{tamper}",
    "restore": "This host was brought back from a backup.",
}
"""Empty for what is too common to be read, or is said by what happened (`LOOKS`)."""

LOOKS = {
    "reminded": "You were reminded of your check-in.",
    "check_in_missed": "Your check-in was missed, and you were asked.",
    "reminded_again": "You were reminded a second time.",
    "late_over": "Your keepers were asked to check on you.",
    "alarm": "You were overdue from your trip, and you were asked.",
    "author_unreached": "Every way to reach you had failed for two weeks.",
    "last_call": "You were asked one last time.",
    "released": "Words were given.",
    "first_letter": "A first letter without content went to a recipient.",
    "asked_again": "Your keepers were asked again; your words stay sealed.",
    "closing_lapsed": "Nobody confirmed that you are back.",
    "hold_ended": "A hold ended.",
    "alternate_called": "An alternate was called.",
    "seasoned": "A keeper counts from now on.",
    "practice_ended": "The practice ended.",
    "passed_on": "Words go to the alternate.",
    "glass_open": "Whoever asked for the emergency notes can open them now.",
}
OVERDUE = "You were overdue from your trip; you were asked, and your keepers called together."
NOBODY_ASKED = "Your last call began. Nobody was asked."
"""Of a plan that asks nobody: the last call begins where keepers would have been called."""

FINDINGS = {
    "spoken_with": "stated that they have spoken with you",
    "died": "stated that you have died",
    "cannot_act": "stated that you are alive and cannot act",
    "could_not_find_out": "stated that they could not find out",
}
TAMPERS = {
    "new_credential": "A new way to check in was added, and everybody was told.",
    "channel_changed": "A way to reach you was changed, and everybody was told.",
    "failed_sign_ins": "Several sign-ins failed, and everybody was told.",
    "record_differs": "Somebody keeps another record than stands here; everybody was told.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, at a UTC second."""

    at: int
    text: str


def latest(author: str, zone: str, names: Mapping[str, str], count: int = 5) -> list[Line]:
    """The newest lines of an author's log that can be read, newest first. Erased rows say nothing any more."""
    found: list[Line] = []
    bodies = LogRow.objects.filter(watch_id=author, body__isnull=False).order_by("-number")
    for body in bodies.values_list("body", flat=True).iterator(chunk_size=50):
        row = json.loads(bytes(body or b""))
        for text in _said(row, author, zone, names):
            found.append(Line(row["at"][0], text))
        if len(found) >= count:
            break
    return found[:count]


def _said(row: dict[str, Any], author: str, zone: str, names: Mapping[str, str]) -> Iterator[str]:
    """A row in words. What time alone did is said by what happened; the rest by who did it."""
    if row["event"] == "look":
        alone = any(letter["kind"] == LetterKind.LAST_CALL for letter in row["letters"])
        looks = LOOKS | {"late_over": NOBODY_ASKED} if alone else LOOKS
        if any(letter["kind"] == LetterKind.ALARM_RAISED for letter in row["letters"]):
            looks = looks | {"alarm": OVERDUE}
        yield from (looks[what] for what, _ in row["happened"] if what in looks)
        return
    sentence = SENTENCES[row["event"]]
    if sentence:
        given = row.get("given", {})
        yield sentence.format(
            who=_name(row["by"], author, names, "You"),
            whom=_whom(given, author, names),
            way=way(given.get("credential", "")),
            credential=credential(given.get("credential", "")),
            back=short(given.get("back", 0), zone),
            silence="is silent towards their own keepers" if given.get("silent") else "is heard of again",
            finding=FINDINGS.get(given.get("finding", ""), ""),
            tamper=TAMPERS.get(given.get("sign", ""), ""),
        )


def _name(handle: str, author: str, names: Mapping[str, str], author_is: str) -> str:
    if handle == author:
        return author_is
    return "The host" if handle == "host" else names.get(handle, handle)


def _whom(given: Mapping[str, Any], author: str, names: Mapping[str, str]) -> str:
    handle = next(
        (given[key] for key in ("recipient", "keeper", "successor", "person", "to") if given.get(key)), ""
    )
    return _name(str(handle), author, names, "you")


def credential(name: str) -> str:
    """A way to check in, by the name the machine knows it by."""
    kind = name.partition("-")[0].partition(":")[0]
    return {
        "key": "your own key",
        "paper": "a list of paper codes",
        "phone": "a phone",
        "passkey": "a passkey",
        "authenticator": "an authenticator",
    }.get(kind, name)


def way(name: str) -> str:
    """The same, as one says it of a check-in."""
    kind = name.partition("-")[0].partition(":")[0]
    return {
        "key": "with your key",
        "paper": "with a paper code",
        "phone": "from your phone",
        "passkey": "with a passkey",
        "authenticator": "with a number of your authenticator",
    }.get(kind, "from a machine")
