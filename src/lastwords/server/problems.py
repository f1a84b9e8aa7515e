"""Every refusal of the API itself, in one list: its status, what happened (and what is unharmed), and what to do.

Refusals of the machine keep their own code and travel as 409; refusals of a signature or document as 422. To anyone
without a part in a watch there is one answer, `not_found`, the same bytes whether the thing exists or not (T13).
Whoever brings a code need not be signed in, so to them it is `name_or_code` instead, whichever of the two was wrong.
Whoever has a part and looks for a case gets `no_case_for_you`, the same whether there is none or it did not call them.
"""


class Problem(Exception):
    """An answer other than what was asked for. Nothing was changed."""

    def __init__(self, code: str, status: int, happened: str, do: str) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.happened = happened
        self.do = do

    def body(self) -> dict[str, str]:
        """What travels: code, happened, do."""
        return {"code": self.code, "happened": self.happened, "do": self.do}


_TEXTS: dict[str, tuple[int, str, str]] = {
    # Towards anyone.
    "not_found": (
        404,
        "There is nothing under this name for you; nothing was changed.",
        "Check the name, and that you are signed in as yourself.",
    ),
    "no_case_for_you": (
        404,
        "There is no case of this watch that you are called into; nothing was changed.",
        "A letter about a case must name a number that stands here. If one does not, call another keeper before you "
        "believe it.",
    ),
    "name_or_code": (
        404,
        "This name and this code do not go together, so the code counted for nothing; nothing was changed.",
        "Compare both with your list letter by letter, or take the next code on it. Each works once.",
    ),
    "sign_in": (
        401,
        "This needs someone who is signed in, and this request is not, or no longer; nothing was changed.",
        "Sign in and send it again.",
    ),
    "sign_in_refused": (
        401,
        "This sign-in was not accepted; nothing was changed.",
        "Ask for a new challenge and sign it with the key of this account, for this host.",
    ),
    "form_refused": (
        403,
        "This request did not come from a page of this host, so it was not done; nothing was changed.",
        "Load the page again and press the button there. If it happens again, say so to whoever runs the host.",
    ),
    "prove_again": (
        403,
        "This needs to know that it is still you at this screen; nothing was changed.",
        "Show your passkey, passphrase or sheet again, then repeat it. That lasts for five minutes.",
    ),
    "passkey_refused": (
        401,
        "This passkey was not accepted here; nothing was changed.",
        "Try once more. If it fails again, use another passkey, your passphrase, or the words of your sheet.",
    ),
    "secret_sent": (
        422,
        "The request carried what a passkey gives out for your eyes only; it was thrown away and nothing was kept.",
        "Load the page again. If it happens again, do not use this browser, and tell whoever runs the host.",
    ),
    "malformed": (
        422,
        "The request could not be read; nothing was changed.",
        "Correct the fields named here and send it again.",
    ),
    "too_large": (
        413,
        "The request is larger than this host takes in one piece; nothing was changed.",
        "Send sealed files in pieces, with Upload-Offset.",
    ),
    # Joining.
    "code_refused": (
        403,
        "This code or invitation is not one that can be used; nothing was changed.",
        "Check it letter by letter. Each works once and for a time; ask for a new one if it was used.",
    ),
    "handle_taken": (
        409,
        "Someone here has this handle already; nothing was changed. A code or invitation that came with it still "
        "works.",
        "Choose another handle.",
    ),
    "key_unfit": (
        422,
        "One of the public keys is not of the kind used here; nothing was changed.",
        "Send an age1pq1 key for sealing and two different ML-DSA-65 keys for signing and for signing in.",
    ),
    "zone_unknown": (
        422,
        "There is no time zone of that name; nothing was changed.",
        "Use an IANA name such as Europe/Lisbon.",
    ),
    "channel_exists": (
        409,
        "You have this channel already; nothing was changed.",
        "Nothing to do, or prove it if it is not proven yet.",
    ),
    "quiet_name_unfit": (
        422,
        "This name cannot be used in quiet mode; nothing was changed.",
        "Use one line of at most 30 characters that nobody wonders about, without this service's own name in it.",
    ),
    "leave_to_unfit": (
        422,
        "This is not an address to leave to; nothing was changed.",
        "Use the whole address of a page elsewhere that nobody wonders about, such as https://www.wikipedia.org/.",
    ),
    "address_unfit": (
        422,
        "This is not an address that a letter can be sent to; nothing was changed.",
        "Write it as name@place, without spaces.",
    ),
    "too_often": (
        429,
        "This was asked for too often within an hour; nothing was changed and no letter was sent.",
        "Wait an hour, and look at the newest letter meanwhile.",
    ),
    "proof_refused": (
        403,
        "This is not the number that was sent to this channel; the channel is unchanged and not proven.",
        "Look at the newest letter there. After five wrong numbers, add the channel again for a new one.",
    ),
    # Keys and codes of the pages.
    "locked_key_unfit": (
        422,
        "This is not a key sealed as this host keeps them; nothing was kept.",
        "Load the page again and repeat it.",
    ),
    "too_many": (
        409,
        "You have as many of these as one person may have; nothing was changed.",
        "Take one out that you no longer use, then add the new one.",
    ),
    "last_way_in": (
        409,
        "Without this nothing kept here could open your key any more; it was not taken out.",
        "Add another passkey or a passphrase first. Your recovery sheet works in any case.",
    ),
    "typed_code_refused": (
        403,
        "This is not the number that your authenticator shows now, nor an unused recovery code; nothing was changed.",
        "Type the newest number. Each works once; if your phone's clock is wrong, set it first.",
    ),
    "authenticator_known": (
        409,
        "You have an authenticator already; nothing was changed.",
        "Take that one out first, if you want another in its place.",
    ),
    # Documents.
    "document_elsewhere": (
        422,
        "The document names another person, watch, act or subject than this request; nothing was changed.",
        "Make the document anew from what the host shows now, and send both together.",
    ),
    "stale_document": (
        409,
        "The signed document names another case or epoch than the one that runs, or none and was signed days ago; "
        "nothing was counted.",
        "Load the page again and sign anew.",
    ),
    "counter_low": (
        409,
        "A check-in with this counter or a higher one was received before, so this one was not counted.",
        "Check in again; your own program then signs a higher counter.",
    ),
    "paper_code_refused": (
        409,
        "This is not an unused code of your newest paper lists; nothing was changed.",
        "Check it letter by letter, or take the next code on the list.",
    ),
    "phone_unknown": (
        409,
        "This phone is not a way to check in any more; nothing was changed.",
        "Sign in on it and make it one again, or check in by another way.",
    ),
    "press_too_old": (
        409,
        "This was pressed more than a day before it arrived, so it says nothing of today; it was not counted.",
        "Press again now.",
    ),
    "phones_enough": (
        409,
        "Five phones can check in for you already; nothing was changed.",
        "Take one of them out first.",
    ),
    "phone_adds_none": (
        422,
        "A phone cannot make another phone a way to check in; nothing was changed.",
        "Use your own key, or the next code of your paper list.",
    ),
    "codes_unfit": (
        422,
        "A list must hold 1 to 50 different codes, each as a 16-byte salt and a SHA-256; nothing was changed.",
        "Make a new list and send it whole.",
    ),
    "second_not_signed": (
        422,
        "A second keeper must have signed the same act for you, anew each time; nothing was changed.",
        "Ask another keeper to sign it now, and send their document along.",
    ),
    # Invitations.
    "invitation_exists": (
        409,
        "There is an invitation with this identifier already; nothing was changed.",
        "Make a new invitation.",
    ),
    "watch_exists": (
        409,
        "You have a watch of your own already; nothing was changed and the code still works.",
        "Go on with the one you have.",
    ),
    "invitation_stage": (
        409,
        "This invitation was answered already; nothing was changed.",
        "Nothing to do.",
    ),
    "card_person": (
        409,
        "This person has a key that an author made for a card; nothing was changed.",
        "Ask that author for a new card. They seal the words again for it.",
    ),
    "card_answers_none": (
        409,
        "An author made the keys of this account for a card, and may know them and the addresses; nothing was changed "
        "and the invitation still works.",
        "Sign out, open the invitation again, and join with keys of your own.",
    ),
    "keys_differ": (
        409,
        "The document names other keys than the ones this host knows for that person; nothing was changed.",
        "Compare the eight words with them by voice. If they differ, do not go on.",
    ),
    "successor_unknown": (
        422,
        "This host knows nobody of that name who has a part in a watch of yours; your seat is still yours.",
        "Hand it to an alternate, or to somebody you share a watch with. Or ask the author to invite them.",
    ),
    "person_unknown": (
        422,
        "The recipient is not a person you have invited or made a card for; what is sealed is unharmed.",
        "Invite them or add them as a recipient first.",
    ),
    "adult_unknown": (
        422,
        "The adult who is to be with the child is not a person you have invited or made a card for; what is sealed is "
        "unharmed.",
        "Invite them as a keeper or add them as a recipient first, or name somebody else.",
    ),
    # Words and files.
    "manifest_elsewhere": (
        422,
        "The manifest names another person, condition or key than are kept here; the version in force is unharmed.",
        "Load keys and manifests again, then seal anew.",
    ),
    "roster_keys": (
        409,
        "The manifest names a keeper by other keys than the ones kept here; the version in force is unharmed.",
        "Verify that keeper again, then seal anew.",
    ),
    "file_missing": (
        409,
        "A sealed file named here has not been received whole; what is sealed is unharmed.",
        "Send the missing files, then this again.",
    ),
    "file_not_age": (
        422,
        "This is not a sealed file: it does not begin as one; nothing was kept.",
        "Seal it first. This host takes nothing that is not sealed.",
    ),
    "file_hash": (
        422,
        "What was received is not the file that was named; it was thrown away and nothing else changed.",
        "Send the file again from its beginning.",
    ),
    "file_offset": (
        409,
        "This piece does not continue what has been received; that is unharmed.",
        "Ask for the offset, and go on from there.",
    ),
    "file_size": (
        422,
        "The sizes given do not fit together: a piece goes past the file's end, or another size was announced before.",
        "Ask for the offset, and send the file with its one true size.",
    ),
    "over_quota": (
        413,
        "This would be more than an author may keep on this host; what is kept is unharmed.",
        "Make the words smaller, take others back, or ask the host for more room.",
    ),
    "entries_enough": (
        413,
        "You have written as much in this case as one person may, 20,000 entries or 512 MiB. This was not kept; "
        "all that was written before is unharmed.",
        "Let another keeper go on writing. Statements, holds and all else that you sign are taken as before.",
    ),
    "disk_full": (
        507,
        "The host has no room left, so this was not kept; what is kept is unharmed.",
        "Tell the host, and send it again later.",
    ),
    "range_unfit": (
        416,
        "The file does not reach as far as the range asked for; it is unharmed.",
        "Ask for a range within its size.",
    ),
    "body_not_age": (
        422,
        "What came with the document is not a sealed file; nothing was changed.",
        "Seal it to the audience first.",
    ),
    "body_hash": (
        422,
        "What came along is not what the document names by its hash; nothing was changed.",
        "Make document and sealed file anew, and send both together.",
    ),
    # Statements and shares.
    "share_covers": (
        422,
        "A share is sealed to, or covered for, other keys than it must be; nothing was counted.",
        "Load the case again: it lists the keys. Then give the share anew.",
    ),
    "share_unknown": (
        422,
        "A share given here is not one that this host waits for; nothing was changed.",
        "Load the track again, and send exactly the shares it lists.",
    ),
    "plan_differs": (
        422,
        "The signed terms are not the terms sent along; the plan in force is unharmed.",
        "Sign the terms again and send both together.",
    ),
    "not_released_yet": (
        409,
        "These words are not released, so no cover comes off; the shares are unharmed.",
        "Wait for the last call to run out. The case shows when.",
    ),
    # Emergency notes and tampering.
    "no_notes": (
        409,
        "The author has left no emergency notes here; nothing was asked, nobody was alarmed and your seat is unharmed.",
        "If you are worried, raise the alarm. If someone is in danger now, call the emergency number first.",
    ),
    "notes_not_for_you": (
        409,
        "The emergency notes are not sealed to your key, so asking would open nothing; your seat is unharmed.",
        "Ask another keeper, or the author to seal the notes anew for you as well.",
    ),
    "notes_not_next": (
        409,
        "These emergency notes do not follow the ones kept here; those are unharmed.",
        "Load the newest number and seal again.",
    ),
    "notes_readers": (
        409,
        "The notes name someone who is no verified keeper, or by another key than is kept; those here are unharmed.",
        "Verify that keeper again, then seal anew.",
    ),
    "channel_last": (
        409,
        "This is the only way by which letters reach you; it was not taken out.",
        "Add and prove another one first.",
    ),
    "record_agrees": (
        409,
        "That row and head stand in the record as it is kept here, so nothing was reported and nobody was alarmed.",
        "Check the record again. If your own program still sees a difference, tell the other keepers yourself.",
    ),
    # The service.
    "set_aside": (
        503,
        "This watch cannot be judged at the moment, so nothing in it moves; the host has been told.",
        "Speak with the host. Nothing is released meanwhile.",
    ),
    "fault": (
        500,
        "Something failed on the host. What was kept before is unharmed; whether this was kept is not certain.",
        "Load the state again to see. If it happens twice, tell the host.",
    ),
    "database_away": (
        503,
        "The host's database did not answer. What was kept before is unharmed; whether this was kept is not certain.",
        "Load the state again to see, and send it again if it is not there.",
    ),
    "too_slow": (
        408,
        "The rest of this request did not come in time; nothing was changed.",
        "Send it again over a better line.",
    ),
    "busy": (
        503,
        "Too many others wrote at the same moment; nothing was changed.",
        "Send it again.",
    ),
}


def problem(code: str) -> Problem:
    """The refusal of that code, from the list above."""
    status, happened, do = _TEXTS[code]
    return Problem(code, status, happened, do)


CODES = tuple(_TEXTS)
