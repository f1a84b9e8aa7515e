"""Every table, in the product's words.

People are named by their handle in all tables the store writes, because the machine knows nothing else of them.
Moments are whole seconds: a column called `..._credit` is the service's own counter, everything else is UTC. Nothing
here decides anything: no method of a model, no signal and no `save` carries a rule.
"""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

HANDLE = 64
"""Longest handle, in characters."""


def handle(**options: object) -> "models.CharField[str, str]":
    return models.CharField(max_length=HANDLE, **options)  # type: ignore[arg-type]


# People and how they are reached.


class People(BaseUserManager["Person"]):
    """How the pages' sign-in finds a person: by handle, as it is written."""


class Person(AbstractBaseUser):
    """Someone who can sign in. One person may be an author, a keeper and a recipient at once.

    The same row serves the API (a challenge signed with the sign-in key) and the pages (a passkey, or the same
    challenge). There is no password, and nobody keeps when somebody was last here."""

    password = None  # type: ignore[assignment]
    last_login = None

    handle = handle(primary_key=True)
    """The name the machine knows: chosen at joining, never changed."""
    name = models.CharField(max_length=200)
    """The name in letters and on pages."""
    zone = models.CharField(max_length=64, default="UTC")
    """IANA zone name in which this person's letters state their dates."""
    public_key = models.TextField(blank=True)
    """`age1pq1...`; empty for the host, who is only written to."""
    signing_key = models.TextField(blank=True)
    """ML-DSA-65 public key for documents, base64url."""
    sign_in_key = models.TextField(blank=True)
    """ML-DSA-65 public key that answers sign-in challenges, base64url."""
    is_host = models.BooleanField(default=False)
    joined = models.BigIntegerField(default=0)
    quiet_name = models.CharField(max_length=30, blank=True)
    """In quiet mode: what this service calls itself in this person's letters and pages. Empty where it is off."""
    leave_to = models.CharField(max_length=200, blank=True)
    """In quiet mode: the address that the button *Leave this page* goes to."""

    objects = People()

    USERNAME_FIELD = "handle"
    EMAIL_FIELD = ""

    class Meta:
        db_table = "person"

    def has_usable_password(self) -> bool:
        return False

    def check_password(self, raw_password: str | None) -> bool:
        return False

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Ties every session of the pages to the sign-in key: a new key ends them all."""
        return salted_hmac("lastwords.page", self.sign_in_key, secret=secret, algorithm="sha256").hexdigest()


class Channel(models.Model):
    """One way to reach a person. Only a proven channel is ever written to, except to prove it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=16, default="mail")
    address = models.CharField(max_length=320)
    proven_at = models.BigIntegerField(null=True)
    proof = models.CharField(max_length=64, blank=True)
    """SHA-256 (hex) of the number that proves this channel, while it waits for it."""
    failing_since = models.BigIntegerField(null=True)
    """When it first refused a letter after the last one it accepted."""
    added = models.BigIntegerField(default=0)
    leaves = models.BigIntegerField(null=True)
    """When a channel that was taken out is deleted and no longer written to: a stranger in the account must not be
    able to turn somebody's letters away at once."""
    leaves_credit = models.BigIntegerField(null=True)
    """The credit there must be by then as well: a clock set on does not shorten the time."""

    class Meta:
        db_table = "channel"
        constraints = [models.UniqueConstraint(fields=["person", "kind", "address"], name="one_channel_once")]


class Session(models.Model):
    """A signed-in session; only the hash of its token is kept."""

    token = models.CharField(max_length=64, primary_key=True)
    """SHA-256 (hex) of the token."""
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sessions")
    begun = models.BigIntegerField()
    expires = models.BigIntegerField()

    class Meta:
        db_table = "session"


class LockedKey(models.Model):
    """A copy of a person's secret key that only the person can open: by a passkey, or by a passphrase."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="locked_keys")
    kind = models.CharField(max_length=16)
    """passkey or passphrase."""
    credential = models.CharField(max_length=1400, blank=True)
    """The passkey's credential id, base64url; empty for a passphrase."""
    sealed = models.BinaryField()
    """An age file, sealed in the browser. Nothing here can open it."""
    made = models.BigIntegerField()

    class Meta:
        db_table = "locked_key"
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "credential"], name="one_locked_key_each")
        ]


class SealedPins(models.Model):
    """What a person made sure of (whose key is whose, the newest manifests seen), sealed under a key that is made from
    their own: kept here so that another of their browsers knows it too, and nothing this host could read or write."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="sealed_pins")
    body = models.BinaryField()
    revision = models.BigIntegerField(default=1)

    class Meta:
        db_table = "sealed_pins"


class KeyAsking(models.Model):
    """Three new public keys that somebody asks to have in the place of a person's own, and how far that has come. What
    moves it is `protocol.new_keys`; only `new_keys` writes it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="key_askings")
    public_key = models.TextField()
    signing_key = models.TextField()
    sign_in_key = models.TextField()
    stage = models.CharField(max_length=16, default="asked", db_index=True)
    asked = models.BigIntegerField()
    asked_credit = models.BigIntegerField()
    by = handle(blank=True)
    """Who vouched: a keeper, or the person with their old key."""
    document = models.TextField(blank=True)
    """The signed word of whoever vouched."""
    letter = models.CharField(max_length=40, blank=True)
    """The letter to the person that somebody vouched: no wait begins before an old address has taken it."""
    since = models.BigIntegerField(null=True)
    """When the wait began, on the host's clock; null while none runs."""
    since_credit = models.BigIntegerField(null=True)
    refused_by = handle(blank=True)

    class Meta:
        db_table = "key_asking"


class PastKey(models.Model):
    """The keys that a person had before, and the signed word by which the next ones followed: whoever holds something
    signed with them can still check it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="past_keys")
    public_key = models.TextField()
    signing_key = models.TextField()
    sign_in_key = models.TextField()
    until = models.BigIntegerField()
    voucher = handle()
    voucher_key = models.TextField()
    """The signing key that checks the word."""
    document = models.TextField()

    class Meta:
        db_table = "past_key"


class UsedChallenge(models.Model):
    """What may count only once: a sign-in challenge that was answered, a mail whose code was tried. Kept until it would
    have run out by itself."""

    challenge = models.CharField(max_length=64, primary_key=True)
    """SHA-256 (hex) of the challenge, or of the mail's code, author and date."""
    expires = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "used_challenge"


class Counter(models.Model):
    """The highest check-in counter seen for one credential: a replay is never higher."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="counters")
    credential = models.CharField(max_length=128)
    last = models.BigIntegerField()

    class Meta:
        db_table = "counter"
        constraints = [models.UniqueConstraint(fields=["person", "credential"], name="one_counter_each")]


class PaperCode(models.Model):
    """One code of a printed list; the code itself is never kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="paper_codes")
    sheet = models.CharField(max_length=128)
    """The credential this sheet is."""
    salt = models.BinaryField(max_length=16)
    hash = models.BinaryField(max_length=64)
    under_force = models.BooleanField(default=False)
    """The code of this list that says that somebody makes its owner check in. No answer of this service shows it."""
    used = models.BigIntegerField(null=True)

    class Meta:
        db_table = "paper_code"


class Phone(models.Model):
    """A phone that can say "I'm here" and nothing else: it holds a key of its own, of which the public half is here."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="phones")
    credential = models.CharField(max_length=64)
    """The name by which the machine knows it."""
    public_key = models.CharField(max_length=88)
    """P-256 point, 65 bytes, base64url."""
    name = models.CharField(max_length=60)
    made = models.BigIntegerField()

    class Meta:
        db_table = "phone"
        constraints = [models.UniqueConstraint(fields=["person", "credential"], name="one_phone_each")]


class Feed(models.Model):
    """A private calendar of due dates. Its address carries a token, of which only the hash is kept."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="feed")
    token = models.CharField(max_length=64, unique=True)
    """SHA-256 (hex) of the token."""
    made = models.BigIntegerField()

    class Meta:
        db_table = "feed"


class HostCode(models.Model):
    """Lets whoever holds the data folder into the host's page, once."""

    hash = models.CharField(max_length=64, primary_key=True)
    """SHA-256 (hex) of the code."""
    expires = models.BigIntegerField()

    class Meta:
        db_table = "host_code"


class HostNote(models.Model):
    """What the host wrote down about keeping the light on: until when the name and the machine are paid for, and who
    could go on."""

    name = models.CharField(max_length=32, primary_key=True)
    """`domain`, `hosting` or `second_person`."""
    text = models.CharField(max_length=200, blank=True)
    until = models.DateField(null=True)

    class Meta:
        db_table = "host_note"


class JoinCode(models.Model):
    """The host's leave for one person to join."""

    hash = models.CharField(max_length=64, primary_key=True)
    """SHA-256 (hex) of the code."""
    made = models.BigIntegerField()
    expires = models.BigIntegerField()
    used = models.BigIntegerField(null=True)
    used_by = handle(blank=True)

    class Meta:
        db_table = "join_code"


class Attempts(models.Model):
    """How often something was tried within one window of time; the limiter reads nothing else."""

    key = models.CharField(max_length=160, primary_key=True)
    """What is limited, e.g. `sign_in:` and the hash of a handle."""
    window = models.BigIntegerField()
    count = models.IntegerField(default=0)

    class Meta:
        db_table = "attempts"


class Invitation(models.Model):
    """An offered seat, or words announced to someone who has not joined. The secret stays with the two people."""

    ident = models.CharField(max_length=64, primary_key=True)
    """Public identifier, taken from the invitation; tells nothing of its secret."""
    watch = models.ForeignKey("Watch", on_delete=models.PROTECT, related_name="invitations")
    role = models.CharField(max_length=16)
    """keeper, alternate or recipient."""
    order = models.IntegerField(default=0)
    """Calling order of an alternate."""
    name = models.CharField(max_length=200)
    """The name the author offered it to."""
    stage = models.CharField(max_length=16, default="offered")
    """offered, answered, accepted, declined or taken_back."""
    answer = models.BinaryField(null=True)
    """The invited person's authenticated answer, which only the author can check."""
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="invitations")
    made = models.BigIntegerField()
    expires = models.BigIntegerField()

    class Meta:
        db_table = "invitation"


# What the store keeps. Only `port_sql` writes these.


class Watch(models.Model):
    """One author's watch, as the machine last left it."""

    author = handle(primary_key=True)
    state = models.TextField()
    """The record of `protocol.record`, as JSON text."""
    revision = models.BigIntegerField(default=1)
    """Rises by one with every write; a write that expected another revision is not made."""
    look_at = models.BigIntegerField(null=True)
    """The wall second at which the sweep has to look again; null for never."""
    set_aside = models.TextField(blank=True)
    """Why this watch is no longer judged; empty while it is."""
    set_aside_at = models.BigIntegerField(null=True)
    head_number = models.BigIntegerField(default=0)
    head_link = models.BinaryField(max_length=32)
    checkpoint = models.BigIntegerField(default=0)
    """The newest row number that the host's log has written down."""
    begun = models.BigIntegerField(default=0)

    class Meta:
        db_table = "watch"
        # The queue itself, in its order: what waits for nothing takes no room in it, and an idle pass reads one entry.
        indexes = [
            models.Index(fields=["look_at", "author"], condition=Q(look_at__isnull=False), name="watch_queue")
        ]


class Part(models.Model):
    """That a person holds a seat or receives words in a watch: how word of their own silence finds it."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="parts", db_index=False)
    person = handle()

    class Meta:
        db_table = "part"
        indexes = [models.Index(fields=["person"], name="part_by_person")]
        constraints = [models.UniqueConstraint(fields=["watch", "person"], name="one_part_each")]


class Inbox(models.Model):
    """Word from another watch, not yet heard by this one."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="inbox")
    person = handle()
    silent = models.BooleanField()

    class Meta:
        db_table = "inbox"


class LogRow(models.Model):
    """One row of an author's log. Body and salt can be erased with a logged reason; the chain stays whole."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="log", db_index=False)
    number = models.BigIntegerField()
    body = models.BinaryField(null=True)
    """Canonical JSON; null when erased."""
    salt = models.BinaryField(max_length=16, null=True)
    commitment = models.BinaryField(max_length=32)
    """SHA-256 of salt and body."""
    link = models.BinaryField(max_length=32)
    """SHA-256 of the link before, the commitment and the number."""
    beside = models.BinaryField(null=True)
    """What was said beside the body; the salt commits to it. Null for most rows, and erased with the body."""

    class Meta:
        db_table = "log_row"
        constraints = [models.UniqueConstraint(fields=["watch", "number"], name="one_row_per_number")]


class HostRow(models.Model):
    """One row of the host's own log: the clock, the mail path, checkpoints of all heads, what was set aside."""

    number = models.BigIntegerField(primary_key=True)
    body = models.BinaryField(null=True)
    salt = models.BinaryField(max_length=16, null=True)
    commitment = models.BinaryField(max_length=32)
    link = models.BinaryField(max_length=32)

    class Meta:
        db_table = "host_row"


class Letter(models.Model):
    """A letter to one person: written in the transaction that made it true, sent afterwards."""

    ident = models.CharField(max_length=40, primary_key=True)
    """Names the letter for ever; the Message-ID is made of it, so a second copy is known to be one."""
    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, null=True, related_name="letters")
    """Null for a letter from the host's own side."""
    row = models.BigIntegerField(default=0)
    """The log row that wrote it; 0 for the host's own."""
    kind = models.CharField(max_length=40)
    to = handle()
    round = models.IntegerField(default=0)
    case = models.IntegerField(default=0)
    facts = models.TextField(default="{}")
    stage = models.CharField(max_length=16, default="written")
    attempts = models.IntegerField(default=0)
    next_try = models.BigIntegerField(null=True)
    """Null when nothing more is to be tried."""
    lease = models.BigIntegerField(default=0)
    """Nobody else sends it before this wall second."""
    written = models.BigIntegerField()
    written_credit = models.BigIntegerField()
    taken = models.IntegerField(default=0)
    """How many channels have accepted it."""
    reported = models.CharField(max_length=24, blank=True)
    """What the machine was last told of it: empty, `failed`, or `taken:` and the number of channels."""

    class Meta:
        db_table = "letter"
        # An index names its own columns rather than a field: PostgreSQL would get a second one for every field of
        # text, for comparisons that a database that sorts by code answers from the first.
        indexes = [
            models.Index(
                fields=["next_try", "ident"], condition=Q(next_try__isnull=False), name="letter_queue"
            ),
            models.Index(fields=["to"], name="letter_by_reader"),
        ]


class Delivery(models.Model):
    """What one channel answered to one letter, last."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    channel = models.CharField(max_length=340)
    """Kind and address, as they were: a channel may be gone by the time someone reads this."""
    state = models.CharField(max_length=16)
    """accepted, later (refused for now), refused (for good) or bounced."""
    reply = models.TextField(blank=True)
    at = models.BigIntegerField()

    class Meta:
        db_table = "delivery"
        constraints = [models.UniqueConstraint(fields=["letter", "channel"], name="one_delivery_each")]


class Paper(models.Model):
    """A signed document or sealed body that came with a step, exactly as it was sent. The newest of a name counts."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="papers", db_index=False)
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    """What it is about: a track, a keeper, an entry."""
    by = handle()
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    row = models.BigIntegerField()
    """The log row that names its hash; 0 for what a keeper signed about a word under force, until it is lifted."""
    made = models.BigIntegerField()

    class Meta:
        db_table = "paper"
        indexes = [models.Index(fields=["watch", "kind", "name"], name="paper_by_name")]


class LeftAsItIs(models.Model):
    """That an author who was asked whether sealed words are still right has left them as they are.

    It hangs on the very manifest, so words that are sealed anew are asked about anew. Nothing of the watch depends on
    it: it is no sign of life, and no row of the log."""

    manifest = models.OneToOneField(Paper, on_delete=models.CASCADE, primary_key=True, related_name="left")
    at = models.BigIntegerField()

    class Meta:
        db_table = "left_as_it_is"


# Emergency notes, under their cover.


class Notes(models.Model):
    """One cover of an author's emergency notes: the author's own, and the newest that a keeper put on after opening.

    The cover's secret key opens nothing but the cover; beneath it the notes are sealed to the keepers."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="notes")
    by = handle()
    """Who covered them."""
    number = models.BigIntegerField()
    """The author's number of these notes."""
    document = models.TextField()
    """The author's signed word for them."""
    covered = models.BinaryField()
    cover = models.CharField(max_length=128)
    """Secret key of the cover, given out only to a keeper whose asking is open."""
    made = models.BigIntegerField()

    class Meta:
        db_table = "notes"


# Sealed files: opaque bytes beside the database, named by their hash.


class SealedFile(models.Model):
    """One sealed file in `files/`. Only its length, hash and header are known."""

    hash = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    uploader = handle(db_index=True)
    complete = models.BooleanField(default=False)
    made = models.BigIntegerField(default=0)

    class Meta:
        db_table = "sealed_file"


class FileUse(models.Model):
    """That a watch refers to a sealed file under a name."""

    file = models.ForeignKey(SealedFile, on_delete=models.PROTECT, related_name="uses")
    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "file_use"
        constraints = [
            models.UniqueConstraint(fields=["watch", "kind", "name", "file"], name="one_use_each"),
        ]


# Time.


class Pulse(models.Model):
    """The last pulse of the clock: one row. Only `clock` writes it."""

    wall = models.BigIntegerField()
    boot_time = models.BigIntegerField()
    """Seconds since this machine started, sleep included."""
    boot_id = models.CharField(max_length=64)
    credit = models.BigIntegerField(default=0)
    stalled = models.BigIntegerField(default=0)
    """Seconds for which pulses came but earned nothing; 0 again as soon as one does."""
    stall_told = models.BooleanField(default=False)
    why = models.CharField(max_length=40, blank=True)
    """Why the last pulse earned nothing; empty when it earned."""

    class Meta:
        db_table = "pulse"


class Lease(models.Model):
    """Which of all hosts on one database keeps time, and until when. Only `lease` writes it."""

    name = models.CharField(max_length=32, primary_key=True)
    holder = models.CharField(max_length=64)
    """A hash that names one data folder on one running machine."""
    until = models.BigIntegerField()
    """The wall second at which others may take it."""

    class Meta:
        db_table = "lease"


class Heartbeat(models.Model):
    """When a part of the service last did its round: `sweep`, `outbox`, `mail` (the way out worked)."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.BigIntegerField()

    class Meta:
        db_table = "heartbeat"


class DemoClock(models.Model):
    """How far a demonstration's clock has been moved on from the machine's. Empty in a real data folder."""

    wall = models.BigIntegerField(default=0)
    boot_time = models.BigIntegerField(default=0)

    class Meta:
        db_table = "demo_clock"
