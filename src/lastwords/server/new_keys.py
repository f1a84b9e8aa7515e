"""New keys for a person who has lost every copy of theirs, or who holds the old one and wants another.

What may follow what is `protocol.new_keys`; here stand the rows, the letters, and what ends when new keys take the old
ones' place. Every move is a row of the host's log with its letters, in one transaction; the change itself is a row in
the log of every watch in which the person has a part, with the signed word it rests on.

Nothing sealed is touched. What was sealed to the old key stays closed.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q

from lastwords.protocol import new_keys as machine
from lastwords.protocol.events import ChangeKeys
from lastwords.protocol.moments import DAY, Moment, Wait
from lastwords.protocol.new_keys import OPEN, Asking, KeysStage
from lastwords.protocol.refusals import Refused
from lastwords.protocol.watch import HOST, Watch
from lastwords.signing.documents import Signed, peek, read
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.keys import PublicKey
from lastwords.signing.new_keys import BY_OLD_KEY, BY_VOICE, NewKeys
from lastwords.signing.refusals import Refused as BadDocument

from . import accounts, lost, store
from .letters import HostLetter
from .models import Delivery, Invitation, KeyAsking, Part, PastKey, Person
from .models import Watch as WatchRow
from .port import Outgoing, Paper
from .problems import Problem, problem
from .refusals import ServerRefused

MOST_OPEN = 120
"""Askings of one person that nobody has vouched for yet; a newer one takes the oldest one's place, so that whoever asks
is heard, however many strangers have asked before. By `MOST_AN_HOUR` an asking keeps its place for hours whoever asks
after it: somebody who has asked calls a keeper next, and must not be pushed out before the two have spoken."""
FORGOTTEN = 30 * DAY
"""After how long the row of an asking that lapsed is deleted."""
MOST_AN_HOUR = 20
"""Askings for one name within an hour, whether there is such a person or not."""
OLD_ADDRESS = 14 * DAY
"""For how long an address must have been proven, before an asking, to count as one of the person's old ones: a
stranger who added their own today is not told of what they do."""
KIND = "new_keys"
"""Paper: the signed word for a person's new keys, named by the person."""


# Asking.


def ask_from_outside(account: str, keys: accounts.Keys) -> KeyAsking | None:
    """The same for whoever is not signed in; sent again, what has become of it. Whatever a name that is not here is
    answered has to be answered here too (T13): so every asking counts, the same one again as well, and one that was
    forgotten before anybody vouched is asked anew."""
    known = Person.objects.filter(handle=account, is_host=False).exists()
    _count(f"keys_asked:{account if known else accounts.nobody(account)}")
    row = standing(account, keys)
    forgotten = row is not None and row.stage == KeysStage.LAPSED and not row.by
    return ask(account, keys) if row is None or forgotten else row


def ask_for_oneself(person: Person, keys: accounts.Keys) -> KeyAsking | None:
    """For whoever is signed in. Counted by itself: anybody may ask in a name that they know, and would keep its owner
    from asking."""
    _count(f"own_keys_asked:{person.handle}")
    return ask(person.handle, keys)


def _count(key: str) -> None:
    """Counts an asking; refuses the twenty-first within an hour."""
    if accounts.attempt(key, 3600) > MOST_AN_HOUR:
        raise problem("too_often")


def ask(account: str, keys: accounts.Keys) -> KeyAsking | None:
    """Puts keys into waiting for this person; None for somebody who is not here, towards whom the answer is the same.

    Whoever has only a card that an author made gets a new card from that author, and is not written to."""
    known = Person.objects.filter(handle=account, is_host=False).first()
    keys.check()
    if known is None or Invitation.objects.filter(person=known, stage="card").exists():
        return None
    now = store.here().now()
    with transaction.atomic():
        rows = _locked(known)
        same = [row for row in rows if _keys(row) == keys]
        if same:
            return same[0]
        if accounts.keys_of(known) == keys or any(_keys(past) == keys for past in known.past_keys.all()):
            raise problem("key_unfit")
        unvouched = [row for row in rows if row.stage == KeysStage.ASKED]
        for row in unvouched[: max(0, len(unvouched) - MOST_OPEN + 1)]:
            row.delete()  # nothing rests on it yet, and sent again it is asked anew
        row = KeyAsking.objects.create(
            person=known,
            public_key=keys.public_key,
            signing_key=keys.signing_key,
            sign_in_key=keys.sign_in_key,
            asked=now.wall,
            asked_credit=now.credit,
        )
        if accounts.attempt(f"keys_letter:{known.handle}", DAY) == 1:
            # Once a day: anybody may ask, and neither a mailbox nor the log may be filled by it.
            _log("keys_asked", row, now, [_letter(HostLetter.KEYS_ASKED, known.handle, now)])
    return row


def standing(account: str, keys: accounts.Keys) -> KeyAsking | None:
    """The newest asking of these keys for this person, as whoever holds the new keys may see it."""
    rows = KeyAsking.objects.filter(person=account, sign_in_key=keys.sign_in_key, public_key=keys.public_key)
    return rows.filter(signing_key=keys.signing_key).order_by("-pk").first()


# Vouching, and saying no.


def vouch(voucher: Person, row_id: int, text: str) -> KeyAsking:
    """Takes a signed word for keys that wait: of a keeper after a call, or of the person with their old key."""
    with transaction.atomic():
        row = _open_row(row_id)
        person = row.person
        if voucher != person and not _stands(voucher.handle, person.handle):
            raise problem("not_found")
        signed = read(text.encode(), NewKeys, PublicKey.read(voucher.signing_key))
        _check(signed, row, voucher)
        with _as_refused():
            _move(row, machine.vouch(_asking(row), voucher.handle))
        now = store.here().now()
        voice: dict[str, int | str] = {} if voucher == person else {"voice": 1, "keeper": voucher.handle}
        own = _letter(HostLetter.KEYS_VOUCHED, person.handle, now, own=1, **voice)
        others = [
            _letter(HostLetter.KEYS_VOUCHED, one, now, person=person.handle, **voice)
            for one in sorted(_circle(person.handle) - {voucher.handle})
        ]
        row.document, row.letter = text, own.ident
        row.save()
        _log("keys_vouched", row, now, [own, *others], sha256=signed.digest)
    return row


def _check(signed: Signed[NewKeys], row: KeyAsking, voucher: Person) -> None:
    """Refuses a word that is about other keys than these, or that somebody else should have given."""
    said, person = signed.document, row.person
    by = BY_OLD_KEY if voucher == person else BY_VOICE
    wanted = (person.handle, fingerprint(person.signing_key), voucher.handle, by)
    if (said.person, said.before, said.voucher, said.by) != wanted:
        raise problem("document_elsewhere")
    new = tuple(fingerprint(key) for key in (row.public_key, row.signing_key, row.sign_in_key))
    if (said.sealing, said.signing, said.sign_in) != new:
        raise problem("keys_differ")


def say_no(by: Person, row_id: int, *, older: bool = False) -> int:
    """The person themselves by an old way, or a keeper who knows them, says no. With `older` to this one and to all
    that were asked before it in the same name, as far as nobody has vouched for them by now. Gives how many ended."""
    with transaction.atomic():
        row = _open_row(row_id)
        if by != row.person and not _stands(by.handle, row.person_id):
            raise problem("not_found")
        unvouched = [one for one in _locked(row.person) if one.pk <= row_id and one.stage == KeysStage.ASKED]
        rows = unvouched if older else [row]
        _refuse(rows, by.handle)
    return len(rows)


def say_no_by_code(account: str, code: str) -> int:
    """Whoever holds a paper code says no to everything that waits for this person. The code is used up."""
    with transaction.atomic():
        person = Person.objects.filter(handle=account, is_host=False).first()
        if person is None:
            raise problem("name_or_code")
        try:
            accounts.use_paper_code(person, code)
        except Problem as error:
            raise problem("name_or_code") from error
        rows = _locked(person)
        _refuse(rows, person.handle)
    return len(rows)


def _refuse(rows: list[KeyAsking], by: str) -> None:
    """Ends these askings of one person: with one row and, to everybody whom it concerns, one letter for all of them."""
    if not rows:
        return
    for row in rows:
        with _as_refused():
            _move(row, machine.say_no(_asking(row), by))
        row.save()
    now, person = store.here().now(), rows[0].person_id
    vouchers = {row.by for row in rows} - {"", person}
    letters = [_letter(HostLetter.KEYS_REFUSED, person, now, own=1)]
    letters += [_letter(HostLetter.KEYS_REFUSED, one, now, person=person) for one in sorted(vouchers)]
    askings = {fingerprint(row.signing_key): row.by for row in rows}
    store.here().host_row("keys_refused", now, letters, person=person, by=by, askings=askings)


# What may be seen.


def about(person: Person) -> list[KeyAsking]:
    """The open askings for this person, newest first: whoever is on the telephone has just asked."""
    return list(KeyAsking.objects.filter(person=person, stage__in=OPEN).order_by("-pk"))


def to_judge(person: Person) -> list[KeyAsking]:
    """The open askings for people whom this person may vouch for, or refuse."""
    rows = KeyAsking.objects.filter(stage__in=OPEN).exclude(person=person).select_related("person")
    known = {one: _stands(person.handle, one) for one in {row.person_id for row in rows}}
    return [row for row in rows.order_by("-pk") if known[row.person_id]]


def ends(row: KeyAsking) -> int | None:
    """When the wait can be over at the earliest, UTC seconds; None while none runs."""
    wait = _asking(row).wait
    return wait.ends(store.here().now()) if wait else None


def words_of(person: Person) -> list[Signed[NewKeys]]:
    """The signed words by which this person's keys followed one another, oldest first, each checked."""
    rows = PastKey.objects.filter(person=person).order_by("pk")
    return [read(row.document.encode(), NewKeys, PublicKey.read(row.voucher_key)) for row in rows]


def key_named(person: Person, signer: str) -> PublicKey:
    """The signing key of this fingerprint, if it is or was this person's; else the one they have now."""
    texts = [person.signing_key, *PastKey.objects.filter(person=person).values_list("signing_key", flat=True)]
    return PublicKey.read(next((text for text in texts if fingerprint(text) == signer), person.signing_key))


# Time.


def look(door: store.Store, now: Moment) -> None:
    """Lets time pass for every open asking, and forgets those that lapsed long ago."""
    KeyAsking.objects.filter(stage=KeysStage.LAPSED, asked__lt=now.wall - FORGOTTEN).delete()
    # Nobody has vouched and credit alone says that its time is not over: nothing is due, and there can be many.
    early = Q(stage=KeysStage.ASKED, asked_credit__gt=now.credit - machine.UNVOUCHED)
    due = KeyAsking.objects.filter(stage__in=OPEN).exclude(early)
    for ident in due.order_by("pk").values_list("pk", flat=True):
        try:
            with transaction.atomic():
                _look(door, _open_row(ident), now)
        except (ServerRefused, Problem, BadDocument):
            # Somebody is writing to one of the watches at this moment, say, or what was signed is damaged: nothing was
            # changed, and the next round looks again. One asking must not keep the others, or the letters, waiting.
            continue


def _look(door: store.Store, row: KeyAsking, now: Moment) -> None:
    before = _asking(row)
    counts = row.by in ("", row.person_id) or _stands(row.by, row.person_id)
    after = machine.look(before, now, told=_is_told(row), voucher_counts=counts)
    if after == before:
        return
    _move(row, after)
    row.save()
    if after.stage is KeysStage.CARRIED:
        _carry(door, row, now)
    else:
        _log(f"keys_{after.stage}", row, now, [], was=before.stage)


def _is_told(row: KeyAsking) -> bool:
    """Whether an address that was the person's own long before this asking has taken the letter about it."""
    old = row.person.channels.filter(proven_at__lte=row.asked - OLD_ADDRESS)
    addresses = [f"{one.kind}:{one.address}" for one in old]
    taken = Delivery.objects.filter(letter_id=row.letter, state="accepted", channel__in=addresses)
    return bool(row.letter) and taken.exists()


def _carry(door: store.Store, row: KeyAsking, now: Moment) -> None:
    """Puts the new keys in the old ones' place. Everything that let somebody in with the old ones ends."""
    person = row.person
    voucher = Person.objects.get(handle=row.by)
    PastKey.objects.create(
        person=person,
        public_key=person.public_key,
        signing_key=person.signing_key,
        sign_in_key=person.sign_in_key,
        until=now.wall,
        voucher=row.by,
        voucher_key=key_named(voucher, peek(row.document.encode()).signer).text,
        document=row.document,
    )
    ended = _credentials(person)
    lost.end_everything(person)
    person.public_key, person.signing_key, person.sign_in_key = (
        row.public_key,
        row.signing_key,
        row.sign_in_key,
    )
    person.save(update_fields=["public_key", "signing_key", "sign_in_key"])
    for other in _locked(person):
        _end(other)
    circle = _circle(person.handle)
    for watch in _watches(person.handle):
        event = ChangeKeys(HOST, person.handle, ended if watch.author == person.handle else ())
        door.act(watch.author, event, [Paper(KIND, person.handle, row.document.encode())], now=now)
    letters = [_letter(HostLetter.KEYS_CARRIED, person.handle, now, own=1)]
    letters += [_letter(HostLetter.KEYS_CARRIED, one, now, person=person.handle) for one in sorted(circle)]
    _log("keys_carried", row, now, letters)


def _credentials(person: Person) -> tuple[str, ...]:
    """The names under which this person's phones, passkeys and authenticator count in their own watch."""
    rows = Authenticator.objects.filter(user_id=person.handle)
    made = {str(row.data.get("counts_as", "")) for row in rows if isinstance(row.data, dict)}
    return tuple(sorted((made | set(person.phones.values_list("credential", flat=True))) - {""}))


# Beneath.


@contextmanager
def _as_refused() -> Iterator[None]:
    """The machine's refusals leave as those of a watch do."""
    try:
        yield
    except Refused as error:
        raise store.RefusedStep(error.refusal) from error


def _locked(person: Person) -> list[KeyAsking]:
    open_rows = KeyAsking.objects.select_for_update().filter(person=person, stage__in=OPEN)
    return list(open_rows.order_by("pk"))


def _open_row(ident: int) -> KeyAsking:
    row = KeyAsking.objects.select_for_update().select_related("person").filter(pk=ident).first()
    if row is None:
        raise problem("not_found")
    return row


def _asking(row: KeyAsking) -> Asking:
    """The machine's value of a row."""
    wait = None
    if row.since is not None and row.since_credit is not None:
        wait = Wait(Moment(row.since, row.since_credit), machine.WAIT)
    asked = Moment(row.asked, row.asked_credit)
    return Asking(row.person_id, asked, KeysStage(row.stage), row.by, wait, row.refused_by)


def _move(row: KeyAsking, after: Asking) -> None:
    row.stage, row.by, row.refused_by = after.stage.value, after.by, after.refused_by
    row.since = after.wait.since.wall if after.wait else None
    row.since_credit = after.wait.since.credit if after.wait else None
    if not after.by:
        row.document = row.letter = ""


def _end(row: KeyAsking) -> None:
    """Ends an asking that another one has overtaken."""
    row.stage, row.since, row.since_credit = KeysStage.LAPSED.value, None, None
    row.save()


def _keys(row: KeyAsking | PastKey) -> accounts.Keys:
    return accounts.Keys(row.public_key, row.signing_key, row.sign_in_key)


def _watches(person: str) -> Iterator[Watch]:
    """The watches in which somebody has a part. What cannot be judged is left out: the host has been told of it."""
    authors = {person, *Part.objects.filter(person=person).values_list("watch_id", flat=True)}
    for author in WatchRow.objects.filter(author__in=authors, set_aside="").order_by("author"):
        try:
            yield store.read(author.author)
        except ServerRefused:
            continue


def _stands(voucher: str, person: str) -> bool:
    """Whether one person may vouch for, or refuse, the other in any watch."""
    return any(machine.may_vouch(watch, voucher, person) for watch in _watches(person))


def _circle(person: str) -> frozenset[str]:
    return frozenset(one for watch in _watches(person) for one in machine.to_be_told(watch, person))


def _letter(kind: HostLetter, to: str, now: Moment, **facts: int | str) -> Outgoing:
    return store.here().host_letter(kind, to, now, **facts)


def _log(kind: str, row: KeyAsking, now: Moment, letters: list[Outgoing], **facts: object) -> None:
    """Writes what happened, with its letters, into the host's own log: fingerprints, and no key."""
    signing = fingerprint(row.signing_key)
    store.here().host_row(
        kind, now, letters, person=row.person_id, signing=signing, vouched_by=row.by, **facts
    )
