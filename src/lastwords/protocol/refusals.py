"""Every refusal of the machine, in one list: what happened (and what is unharmed), and what to do next.

These texts go to the rightful person. Strangers get one uniform answer from the edge and never see them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """A step not taken. Nothing was written."""

    code: str
    happened: str
    do: str


class Refused(Exception):
    """Raised inside a rule; `step` turns it into its value."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


_TEXTS: dict[str, tuple[str, str]] = {
    # Who may.
    "not_the_author": (
        "Only the author can do this; nothing was changed.",
        "Sign in as the author, or ask them to do it.",
    ),
    "not_a_keeper": (
        "You hold no keeper's seat in this watch; nothing was changed.",
        "Ask the author for an invitation.",
    ),
    "seat_does_not_count": (
        "Your seat does not count at the moment; nothing was changed, and you can still read and write entries.",
        "Ask the other keepers to restore your seat, or finish verification first.",
    ),
    "not_the_recipient": (
        "These words are not addressed to you; nothing was changed.",
        "Check which words you were told about, and sign in as yourself.",
    ),
    "recipient_cannot": (
        "Nobody can do this for themselves, nor for a child they are with; nothing was changed.",
        "Ask another keeper to do it.",
    ),
    "only_the_host": (
        "Only the service itself reports this; nothing was changed.",
        "Nothing to do.",
    ),
    # Stages.
    "not_armed": (
        "The plan is not active yet, so there is nothing to ask of anyone; what is prepared is unharmed.",
        "Finish the open tasks and arm the plan.",
    ),
    "already_armed": (
        "This belongs to a plan that is not active yet, and yours is; nothing was changed.",
        "Nothing to do.",
    ),
    "terms_frozen": (
        "A case is open or you are being asked, so the terms stand as they were signed; nothing was changed.",
        "Give a strong sign of life first; terms can change again when you are home.",
    ),
    "sign_first": (
        "Words cannot change while you are being asked; what is sealed is unharmed.",
        "Press “I'm here” first, then seal again.",
    ),
    "no_case": (
        "No case is open, so there is nothing to write down or state; nothing was changed.",
        "If you are worried, raise the alarm: it asks the author and opens a case.",
    ),
    "not_in_vigil": (
        "This belongs to a vigil, and there is none now; nothing was changed.",
        "Wait until one begins. Meanwhile you can write down what you know where a case is open, and raise the alarm "
        "where none is.",
    ),
    "not_closing": (
        "The author has not given a sign that waits for you; nothing was changed.",
        "If you have spoken with the author, make the statement “spoken with”.",
    ),
    "words_not_home": (
        "The author has given a sign of life; statements rest until the keepers have confirmed it.",
        "Sign whether you have seen or heard the author yourself.",
    ),
    "author_is_back": (
        "There is a sign that the author lives, so nothing is handed out; what is sealed is unharmed.",
        "Nothing to do.",
    ),
    # Check-ins.
    "credential_unknown": (
        "This way of checking in is not one of the author's; nothing was changed.",
        "Use your own device or a code from your paper list.",
    ),
    "credential_void": (
        "Keepers have signed that this credential is not in the author's hands; nothing was changed.",
        "Use another credential that is kept apart from it.",
    ),
    "credential_spent": (
        "Two returns with this credential were never confirmed in this case; it cannot open a third.",
        "Use a credential kept apart from it, or speak with a keeper.",
    ),
    "weak_spent": (
        "Machine signs have counted as often in a row as they may; this one was not counted.",
        "Give a strong sign: your device, or a code from your paper list.",
    ),
    "credential_exists": (
        "A credential of that name exists; nothing was changed.",
        "Choose another name.",
    ),
    "recovery_known": (
        "The recovery sheet has been proven already; nothing was changed.",
        "Nothing to do.",
    ),
    # Arming.
    "plan_version": (
        "This plan is no later than the one in force; nothing was changed.",
        "Load the newest plan, change it, and arm again.",
    ),
    "plan_terms": (
        "These terms are outside what can be kept: a wait is not positive, or the quorum is not a majority.",
        "Correct the terms and arm again; the plan in force is unharmed.",
    ),
    "shares_differ": (
        "Some words need another number of keepers to be opened than this plan asks; the plan was not armed.",
        "Seal those words again for as many as the plan asks, or arm a plan that asks as many as they need.",
    ),
    "too_few_keepers": (
        "Too few keepers count, or none of them could be missed; the plan was not armed.",
        "Have one more keeper than must agree, each verified, vouched for and with a share of the words. Or seal the "
        "words again for fewer, more than half of those who hold a share, and arm with that number.",
    ),
    "too_few_shares": (
        "For some of the words too few keepers hold a share that opens; the plan was not armed.",
        "Ask each keeper to prove their share, on their own page or with lastwords shares prove, then arm again.",
    ),
    "one_credential": (
        "There is only one place from which you could say “I'm here”; the plan was not armed.",
        "Add a second credential kept apart from the first: print a list of paper codes.",
    ),
    "recovery_not_proven": (
        "The recovery sheet has not been proven; the plan was not armed.",
        "Print it and prove it by typing it back.",
    ),
    "no_words": (
        "There are no sealed words yet; the plan was not armed.",
        "Write and seal words for one person first.",
    ),
    # Words.
    "manifest_not_next": (
        "This manifest does not follow the newest one; the sealed version in force is unharmed.",
        "Load the newest manifest, and seal again.",
    ),
    "nothing_sealed": (
        "There are no sealed words under that name; nothing was changed.",
        "Check the condition and the person.",
    ),
    "roster_unknown": (
        "A share was sealed to someone who holds no verified seat, or who receives these words; nothing was changed.",
        "Verify the keeper first, then seal again.",
    ),
    "too_many_shares": (
        "So many keepers would hold a share that the number who must agree is no majority of them; "
        "the sealed version in force is unharmed.",
        "Let more of them be needed to open these words, or seal to fewer; then arm a plan with that number.",
    ),
    # Seats.
    "seat_taken": (
        "This person has a seat already; nothing was changed.",
        "Nothing to do.",
    ),
    "seat_passed_on": (
        "Somebody who has passed on their seat in this circle cannot take one again; nothing was changed.",
        "Invite somebody else. If it must be them, they join under a new name.",
    ),
    "seat_stage": (
        "This seat is not at the point where that can happen; nothing was changed.",
        "Look at the list of keepers for its state. A seat that was verified and not vouched for counts by itself, "
        "30 days after that or after the plan became active.",
    ),
    "own_keeper": (
        "An author cannot be their own keeper; nothing was changed.",
        "Choose someone else.",
    ),
    "too_few_left": (
        "Fewer keepers than the quorum would be left; the seat was not changed.",
        "Add and verify another keeper first.",
    ),
    "own_seat": (
        "A keeper cannot restore their own seat; nothing was changed.",
        "Ask the other keepers.",
    ),
    "not_to_be_called": (
        "This person is not an alternate who waits to be called; nothing was changed.",
        "Look at the case for who has been called and who could be.",
    ),
    "case_remembered": (
        "What was written in this case stays for 90 days after it closed; nothing was erased.",
        "Nothing to do: it is erased when they have run, unless the author keeps it.",
    ),
    "signed_already": (
        "You have signed this already; nothing was changed.",
        "Nothing to do.",
    ),
    "too_soon_to_pass": (
        "In a case a seat can pass on only after 30 days of service; nothing was changed.",
        "Hand tasks over in the case until then.",
    ),
    "practice_runs": (
        "A practice is running already; nothing was changed.",
        "Wait for its end; keepers who have not answered are shown on its page.",
    ),
    "receipt_unknown": (
        "This receipt is for a share that is not in force; nothing was changed.",
        "Load the newest shares and prove them again.",
    ),
    # Alarm and hold.
    "alarm_again": (
        "This alarm needs a second keeper beside you; nothing was changed.",
        "Ask another keeper to join in or to raise it, or write an entry where a case is open.",
    ),
    "alarm_stands": (
        "Your alarm stands already: a case is open and the author is being asked; nothing was changed.",
        "Write what you know as an entry in the case.",
    ),
    "second_unfit": (
        "The second keeper named is not one who can join in; nothing was changed.",
        "Name another keeper whose seat counts.",
    ),
    "hold_stands": (
        "Such a hold stands already; nothing was changed.",
        "Nothing to do: all clocks stand.",
    ),
    "hold_again": (
        "This hold needs a second keeper beside you; nothing was changed.",
        "Ask another keeper to place it, or to join in. Whoever has stopped the clocks once, in this case or since the "
        "author was last heard, needs one the next time. An author who is well can give a strong sign first.",
    ),
    "no_such_hold": (
        "There is no such hold; nothing was changed.",
        "Look at the state for the holds that stand.",
    ),
    "not_yours_to_lift": (
        "This hold is not yours to lift; it stands.",
        "The state names who can lift it.",
    ),
    "not_under_force": (
        "Nothing of that kind waits for your signature; nothing was changed.",
        "If you have spoken with the author, and a case is open, make the statement “spoken with”.",
    ),
    "trip_terms": (
        "The return must lie ahead, at most 400 days away; no trip was set.",
        "Choose a return time within 400 days.",
    ),
    # Statements.
    "stale_statement": (
        "This statement was signed for another case, plan, record or version of the words; nothing was counted.",
        "Load the case again and sign anew.",
    ),
    "rumour": (
        "A rumour is not a finding; nothing was counted.",
        "Write it down as an entry, and state “could not find out” until someone knows.",
    ),
    "spoken_already": (
        "You have stated “spoken with” in this case already; a second one needs a second keeper.",
        "Ask another keeper who has spoken with the author to state it.",
    ),
    "no_statement": (
        "There is no statement of yours to take back; nothing was changed.",
        "Nothing to do.",
    ),
    "already_released": (
        "Words were released on this statement; it can no longer be taken back.",
        "If the author has died since, state “died” in its place. If the author lives, state “spoken with”: "
        "everything stands still, and two of you take back what is not opened.",
    ),
    "not_in_last_call": (
        "No last call is waiting for that; nothing was changed.",
        "Look at the case for what is asked of you.",
    ),
    "mail_reaches": (
        "The author's channels still accept letters, so no stand-in is needed; nothing was changed.",
        "Nothing to do.",
    ),
    "not_ended": (
        "Some words still wait to be opened, kept for later, passed on or declined; the case stays open.",
        "Look at the case for what is open.",
    ),
    "home_signing_over": (
        "The 90 days in which the welcome-home page can be signed are over.",
        "Nothing to do.",
    ),
    # Break glass.
    "glass_asked": (
        "You have asked for the emergency notes already; nothing was changed.",
        "Wait for the alarms and the waiting time to run.",
    ),
    "no_glass": (
        "There is no such asking that could be denied; nothing was changed.",
        "Look at the state for who has asked.",
    ),
    "glass_not_open": (
        "The emergency notes are not open to you; nothing was changed.",
        "Ask for them by breaking glass.",
    ),
    "glass_waits": (
        "You have asked, and the alarms or the waiting time have not run in full; the notes stay closed until then.",
        "Wait. Author and keepers can still say no. If someone is in danger now, call the emergency number.",
    ),
    "glass_denied": (
        "The author or another keeper has said no to your asking; the notes stay closed.",
        "Speak with whoever denied it. You can ask again once the other keepers have restored your seat.",
    ),
    # Words for a recipient.
    "not_released": (
        "These words are not released: the keepers have not signed, or the author may still answer.",
        "Wait. Once they are released, a keeper first speaks with the person they are for.",
    ),
    "not_told": (
        "A keeper has not spoken with you about these words yet; they are safe.",
        "Call a keeper, at a number that you have yourself or wrote on your card.",
    ),
    "recalled": (
        "There is a sign that the author lives, so these words are not given now; they are safe.",
        "It does not mean yet that the author is back. Speak with the keeper who told you.",
    ),
    "passed_on": (
        "These words went to the person named in your place.",
        "Speak with a keeper.",
    ),
    "told_already": (
        "Someone has told this recipient already; nothing was changed.",
        "Nothing to do.",
    ),
    "opened_already": (
        "These words are open; nothing was changed.",
        "Nothing to do.",
    ),
    "clocks_stand": (
        "Everything stands still at the moment, so nothing is handed over; the words are safe.",
        "Look at the state for the hold that stands and who can lift it.",
    ),
    "recipient_silent": (
        "This recipient's own keepers are looking for them at this moment, so nothing is handed over; it is safe.",
        "Wait until their watch is well again, or sign that they died if that is known.",
    ),
    "recipient_died": (
        "Keepers have signed that this recipient died; their words are not handed over.",
        "If that is wrong, each keeper who signed it takes it back. Otherwise there is nothing to do.",
    ),
    "said_to_have_died": (
        "Keepers have signed, perhaps by mistake, that you died. So nothing is given now; the words for you are safe.",
        "Speak with a keeper: each who signed it can take it back.",
    ),
    "death_not_signed": (
        "You have not signed that this recipient died; nothing was changed.",
        "Look at the case for who has.",
    ),
    "alternate_follows": (
        "Whoever follows in this recipient's place was given their own words already, so this can no longer be taken "
        "back; nothing was changed.",
        "Speak with both of them.",
    ),
    # New keys.
    "keys_vouched": (
        "Somebody has vouched for these keys already; nothing was changed, and the wait runs as it did.",
        "Wait for it to end, or say no if you know better.",
    ),
    "keys_asking_over": (
        "This asking for new keys has ended; nothing was changed.",
        "Look at how it ended. If new keys are still needed, they are asked for again.",
    ),
    # Time.
    "later_date": (
        "That date is not ahead; nothing was changed.",
        "Choose a date ahead, or none.",
    ),
}

REFUSALS: dict[str, Refusal] = {code: Refusal(code, *text) for code, text in _TEXTS.items()}


def refuse(code: str) -> Refused:
    """The exception for a refusal of the list above."""
    return Refused(REFUSALS[code])
