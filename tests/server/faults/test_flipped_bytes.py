"""One changed byte anywhere in a data folder is refused, reported, or makes no difference; what nobody can notice is
listed here, with why it can do no harm beyond itself."""

import pytest
from server.faults.flips import DATABASE, Flip, Life, Tally

pytestmark = [pytest.mark.slow, pytest.mark.only_on("sqlite")]

UNNOTICED = {
    "person.": "names, zones and public keys: whoever seals or checks compares the keys' fingerprints, and refuses",
    "past_key.": "public keys that somebody had before: whoever opens with them compares fingerprints",
    "channel.": "an address in clear: a letter goes astray and comes back, or its silence is noticed",
    "secret": "closes authenticators and sessions: they are refused, and set up anew",
    "settings.": "what the host chose, in clear",
    "letter.": "the dates and numbers of a letter that has left or waits; its log row says to whom it goes",
    "delivery.": "what a relay answered",
    "session.": "a session ends, or nobody holds its token",
    "invitation.": "what an invitation says of itself; the invited person's answer is checked by the author",
    "counter.": "a lower one lets nothing in that its signed moment does not",
    "paper_code.": "a printed code that is refused; the others go on",
    "notes.": "sealed and signed: whoever opens them refuses",
    "file_use.": "the name under which words refer to a file: the opener compares it with what is signed",
    "join_code.": "a code that is refused",
    "attempts.": "how often something was tried",
    "heartbeat.": "when a part last did its round; the next one writes it anew",
    "pulse.": "when the clock was read: a doubted reading earns nothing",
    "lease.": "which host keeps time, for a minute",
    "host_note.": "what the host wrote for itself",
    "sealed_file.uploader": "whose room a file takes up",
    "sealed_file.made": "since when",
    "paper.made": "when it came, which its log row says too",
    "paper.id": "the number of a paper",
    "watch.begun": "when a watch was begun",
    "watch.revision": "any other number is as good",
    "watch.checkpoint": "a head is written down twice",
    "watch.look_at": "less than a day late, or early",
    "watch.set_aside_at": "when a watch was set aside",
    "part.": "found again with the next step of the watch",
    "inbox.": "word of another's silence",
    "auth_": "tables of the framework that nobody reads",
    "django_": "tables of the framework",
    "sqlite_": "numbers that were given out, and the wording of a table that reads the same",
    "account_": "tables of the framework",
    "mfa_": "an authenticator that is refused",
}
"""By the beginning of a column's name."""
PAGES, EACH = 1, 3


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    return Life(tmp_path_factory.mktemp("life"))


def strange(tally):
    return [name for name in tally.unnoticed if not name.startswith(tuple(UNNOTICED))]


def test_the_life_itself_is_found_to_be_whole(life):
    assert life.clean == frozenset()


def test_a_byte_in_every_page_and_file_is_refused_reported_or_makes_no_difference(life, figure):
    tally = Tally()
    for flip in life.sample(3, PAGES, EACH):
        life.try_out(flip, tally)
    assert tally.crashed == []
    assert strange(tally) == []
    assert tally.ends["refused"] and tally.ends["reported"] and tally.ends["no difference"]
    told = ", ".join(f"{count} {end}" for end, count in sorted(tally.ends.items()))
    figure(f"{tally.flips} flipped bytes in every page and file: {told}, 0 crashed")


def test_every_byte_that_may_be_flipped_in_a_sealed_file_is_found(life):
    tally = Tally()
    sealed = next(name for name in life.files() if name.startswith("files/"))
    for place in range(0, life.size(sealed), 40):
        life.try_out(Flip(sealed, place, 1 << place % 8), tally)
    assert set(tally.ends) == {"reported"}


COVERED = {
    "watch": {"author", "state", "head_number", "head_link"},
    "log_row": {"watch", "number", "body", "salt", "commitment", "link"},
    "host_row": {"number", "body", "salt", "commitment", "link"},
    "paper": {"watch", "kind", "name", "by", "body", "sha256", "row"},
    "sealed_file": {"hash", "size", "complete"},
    "letter": {"kind", "to"},
}
"""Columns of which a changed value must be found."""


@pytest.mark.parametrize(("table", "column"), [(t, c) for t, names in COVERED.items() for c in sorted(names)])
def test_a_changed_column_is_found(life, table, column):
    assert life.change(table, column)


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        ("paper", "body", "TEXT"),
        ("log_row", "link", "TEXT"),
        ("watch", "state", "BLOB"),
        ("letter", "row", "BLOB"),
    ],
)
def test_a_value_of_another_kind_than_its_column_is_refused(life, table, column, kind):
    """One bit says whether bytes are a text, and SQLite takes either for either."""
    assert life.recast(table, column, kind) == "refused"


def test_with_the_look_at_what_is_kept_left_out_the_changes_are_missed(life, monkeypatch):
    """The planted fault: a service that looks at nothing but its logs."""
    from lastwords.server import integrity

    monkeypatch.setattr(integrity, "look", lambda *_: [])
    missed = [
        (t, c)
        for t, c in (("paper", "body"), ("sealed_file", "hash"), ("letter", "to"))
        if not life.change(t, c)
    ]
    assert len(missed) == 3
    tally = Tally()
    sealed = next(name for name in life.files() if name.startswith("files/"))
    life.try_out(Flip(sealed, 30, 1), tally)
    assert strange(tally) == [sealed]
    assert life.size(DATABASE) % 4_096 == 0
