"""Who someone is: joining, signing in, channels' proof, paper codes, check-in counters.

Nothing here opens or wraps a key. Whoever signs in answers a challenge with a key that can do nothing else; the host
keeps public keys, and hashes of everything that would let someone in. A challenge is not stored: it carries its own
end and is sealed by the host's secret, so strangers cannot fill a table, and the answer for an account that does not
exist looks the same (T13). All times are the host's own (`clock`); what a client says of time is never trusted.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from lastwords.signing.documents import peek, read
from lastwords.signing.keys import PublicKey, SigningKey, from_base64url, to_base64url
from lastwords.signing.refusals import Refused as SigningRefused
from lastwords.signing.session_answer import SessionAnswer

from . import settings, store
from .models import Attempts, Channel, Counter, JoinCode, PaperCode, Person, Session, UsedChallenge
from .problems import problem

CHALLENGE_SECONDS = 120
SESSION_SECONDS = 15 * 60
PROOF_TRIES = 5
PROOF_WINDOW = 24 * 3600
PROOF_LETTERS = 10
"""Most numbers sent for one person within an hour: an account is no way to fill somebody's mailbox."""

HANDLE = re.compile(r"[a-z0-9-]{1,40}")
RESERVED = ("host",)
"""Handles with a meaning of their own in the machine."""
PUBLIC_KEY = re.compile(r"age1pq1[02-9ac-hj-np-z]{1900,2000}")
"""The text of an age post-quantum public key: bech32 of 1216 bytes. What it opens to is for the sealing side."""

_NOBODY = SigningKey.from_seed(hashlib.sha256(b"lastwords: the key of nobody").digest()).public
"""Checked in place of the key of an account that does not exist, so that both take the same work."""


def wall() -> int:
    """The host's own time, UTC seconds."""
    return store.here().now().wall


def hashed(secret: str) -> str:
    """SHA-256 (hex) of a secret text: all that is kept of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


NOBODY = "?"
"""Begins what stands in the place of an account that does not exist; no handle holds it."""


def nobody(account: str) -> str:
    """What stands in its place in the key of a count. All such names share 4096 rows."""
    return NOBODY + hashed(account)[:3]


# Joining.


@dataclass(frozen=True, slots=True)
class Keys:
    """The three public keys of a person, as texts."""

    public_key: str
    signing_key: str
    sign_in_key: str

    def check(self) -> "Keys":
        """The same keys, or the refusal `key_unfit`."""
        try:
            signing, sign_in = PublicKey.read(self.signing_key), PublicKey.read(self.sign_in_key)
        except SigningRefused as error:
            raise problem("key_unfit") from error
        if signing == sign_in or not PUBLIC_KEY.fullmatch(self.public_key):
            raise problem("key_unfit")
        return self


def keys_of(person: Person) -> Keys:
    return Keys(person.public_key, person.signing_key, person.sign_in_key)


def add_person(name: str, zone: str, keys: Keys, handle: str | None = None) -> Person:
    """Makes a person, with the wished handle or one made of the name. Refuses unfit keys, zones and handles."""
    keys.check()
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise problem("zone_unknown") from error
    if handle is not None:
        if handle in RESERVED or Person.objects.filter(handle=handle).exists():
            raise problem("handle_taken")
    else:
        handle = free_handle(name)
    return Person.objects.create(
        handle=handle,
        name=name,
        zone=zone,
        public_key=keys.public_key,
        signing_key=keys.signing_key,
        sign_in_key=keys.sign_in_key,
        joined=wall(),
    )


def free_handle(name: str) -> str:
    """A handle nobody has, as close to the name as its letters allow."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:30].strip("-") or "person"
    wanted = base
    while wanted in RESERVED or Person.objects.filter(handle=wanted).exists():
        wanted = f"{base}-{secrets.token_hex(3)}"
    return wanted


def use_join_code(code: str) -> JoinCode:
    """The row of an unused code, locked to the end of the transaction. Unknown, used and old ones look alike."""
    row = JoinCode.objects.select_for_update().filter(hash=hashed(code)).first()
    if row is None or row.used is not None or row.expires <= wall():
        raise problem("code_refused")
    return row


# Challenges: `expires (8 bytes) || nonce (16) || MAC over host, account, expires, nonce (32)`, base64url.


def challenge_for(account: str) -> str:
    """A challenge for an account, whether it exists or not."""
    head = (wall() + CHALLENGE_SECONDS).to_bytes(8, "big") + secrets.token_bytes(16)
    return to_base64url(head + _mac(account, head))


def _mac(account: str, head: bytes) -> bytes:
    message = "\n".join((settings.current().origin, account, head.hex()))
    return salted_hmac("lastwords.challenge", message, algorithm="sha256").digest()


def _challenge_expiry(account: str, challenge: str) -> int | None:
    """When a challenge of ours for this account runs out; None for anything else. The seal is checked first."""
    try:
        raw = from_base64url(challenge)
    except ValueError:
        return None
    head, mac = raw[:24], raw[24:]
    if len(head) != 24 or not hmac.compare_digest(mac, _mac(account, head)):
        return None
    return int.from_bytes(head[:8], "big")


# Sessions.


def answered(account: str, answer: str) -> Person:
    """Who has signed this answer to a challenge; the challenge is used up by it. Every failure is the one refusal
    `sign_in_refused`."""
    person = Person.objects.filter(handle=account, is_host=False).first()
    key = PublicKey.read(person.sign_in_key) if person else _NOBODY
    data = answer.encode()
    try:
        # Whatever key the envelope claims, the signature is checked: a known account must not answer sooner.
        data = data.replace(peek(data).signer.encode(), key.fingerprint.encode())
        signed = read(data, SessionAnswer, key).document
    except SigningRefused as error:
        raise problem("sign_in_refused") from error
    if person is None:
        raise problem("sign_in_refused")
    must_answer(account, signed)
    return person


def must_answer(account: str, signed: SessionAnswer) -> None:
    """Uses up the challenge of an answer whose signature was checked; refuses one that is not this host's, for this
    account, and still running."""
    expires = _challenge_expiry(account, signed.challenge)
    bound = (signed.origin, signed.account) == (settings.current().origin, account)
    if not bound or expires is None or expires <= wall():
        raise problem("sign_in_refused")
    use_up(signed.challenge, expires, "sign_in_refused")


def use_up(challenge: str, expires: int, refusal: str) -> None:
    """Lets a challenge count once, until it would have run out by itself; the second time is the refusal named."""
    UsedChallenge.objects.filter(expires__lte=wall()).delete()
    _, fresh = UsedChallenge.objects.get_or_create(challenge=hashed(challenge), defaults={"expires": expires})
    if not fresh:
        raise problem(refusal)


def begin_session(person: Person) -> tuple[str, int]:
    """Opens a session of a program: (token, seconds)."""
    token, now = secrets.token_urlsafe(32), wall()
    with transaction.atomic():
        Session.objects.filter(expires__lte=now).delete()
        Session.objects.create(token=hashed(token), person=person, begun=now, expires=now + SESSION_SECONDS)
    return token, SESSION_SECONDS


def person_of(token: str) -> Person | None:
    """Whose session this token is, while it lasts."""
    session = Session.objects.select_related("person").filter(token=hashed(token)).first()
    if session is None or session.expires <= wall():
        return None
    return session.person


def sign_out(token: str) -> None:
    """Ends a session at once."""
    Session.objects.filter(token=hashed(token)).delete()


def sign_out_everywhere(person: Person) -> int:
    """Ends all of a person's sessions; says how many there were."""
    ended, _ = Session.objects.filter(person=person).delete()
    return ended


def alone(person: Person) -> None:
    """Until the transaction is over nobody else takes one of this person's ways in out, or the last two would go at
    the same moment, each for the other's sake."""
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)


# Channels.


def new_proof() -> str:
    """The number that proves a channel: eight digits, of use only within the person's own session."""
    return f"{secrets.randbelow(10**8):08d}"


def may_send_proof(person: Person) -> None:
    """Counts one more letter with a number; refuses the eleventh within an hour."""
    if attempt(f"proof_letter:{person.handle}", 3600) > PROOF_LETTERS:
        raise problem("too_often")


def check_proof(channel: Channel, number: str) -> None:
    """Refuses a number that is not the one sent there. Five wrong numbers end that number for good."""
    tries = attempt(f"proof:{channel.pk}:{channel.proof[:16]}", PROOF_WINDOW)
    fits = bool(channel.proof) and constant_time_compare(hashed(number), channel.proof)
    if not fits or tries > PROOF_TRIES:
        raise problem("proof_refused")


def mark_proven(channel: Channel) -> None:
    """Marks a channel as proven: from now on it is written to."""
    Channel.objects.filter(pk=channel.pk).update(proven_at=wall(), proof="")


def attempt(key: str, window: int) -> int:
    """Counts one more try of `key` and returns how many there were within the running window (seconds)."""
    now = wall()
    with transaction.atomic():
        row, made = Attempts.objects.select_for_update().get_or_create(
            key=key, defaults={"window": now, "count": 1}
        )
        if made:
            return 1
        if not 0 <= now - row.window < window:
            row.window, row.count = now, 0
        row.count += 1
        row.save(update_fields=["window", "count"])
        return row.count


# Check-ins.


def raise_counter(person: Person, credential: str, counter: int) -> None:
    """Accepts a counter that is higher than any before it for this credential; refuses a replay (T11)."""
    row, made = Counter.objects.select_for_update().get_or_create(
        person=person, credential=credential, defaults={"last": counter}
    )
    if made:
        return
    if counter <= row.last:
        raise problem("counter_low")
    Counter.objects.filter(pk=row.pk).update(last=counter)


def last_counter(person: Person, credential: str) -> int:
    """The highest counter seen, 0 before the first."""
    row = Counter.objects.filter(person=person, credential=credential).first()
    return row.last if row else 0


def code_hash(salt: bytes, code: str) -> bytes:
    """What is kept of a paper code: SHA-256 of salt and the code in lower case, letters and digits only (ASCII)."""
    plain = re.sub(r"[^a-z0-9]", "", code.lower())
    return hashlib.sha256(salt + plain.encode("ascii")).digest()


def use_paper_code(person: Person, code: str) -> tuple[str, bool]:
    """Uses up one code: (the sheet or credential it stands on, whether it is the word under force). Wrong and used
    codes look alike."""
    for row in PaperCode.objects.filter(person=person, used=None):
        if hmac.compare_digest(bytes(row.hash), code_hash(bytes(row.salt), code)):
            taken = PaperCode.objects.filter(pk=row.pk, used=None).update(used=wall())
            if taken == 1:
                return row.sheet, row.under_force
    raise problem("paper_code_refused")
