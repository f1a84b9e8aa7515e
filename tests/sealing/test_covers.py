"""The two covers of a given share: recipient and host together cannot read before a keeper says "told"."""

from dataclasses import replace

import pytest

from lastwords.sealing import age, covers
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.refusals import KeysRefused, NoKeyFits, PayloadRefused, ShareRefused
from lastwords.sealing.shares import ShareFile, open_share, sort_shares
from lastwords.signing.canonical import digest
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.statement import Statement

from .conftest import MOMENT, Sealed

CASE = "3"


@pytest.fixture(scope="module")
def share(sealed: Sealed) -> ShareFile:
    return open_share(
        sealed.bytes_of("share-1.age"), sealed.people.keepers["pakkun"], sealed.manifest, "pakkun"
    )


@pytest.fixture(scope="module")
def given(sealed: Sealed, share: ShareFile) -> covers.Given:
    outer = [sealed.people.keepers[name].public_key for name in ("pakkun", "bull", "uhei")]
    return covers.give(share, sealed.manifest, sealed.people.recipient.public_key, outer, CASE)


@pytest.fixture(scope="module")
def given_for(sealed: Sealed) -> covers.GivenFor:
    return covers.GivenFor(sealed.manifest.author, sealed.manifest.track, "words", CASE)


def test_a_covered_share_reaches_the_recipient_through_any_keeper(
    sealed: Sealed, share: ShareFile, given: covers.Given, given_for: covers.GivenFor
) -> None:
    for name in ("pakkun", "bull", "uhei"):
        uncovered = covers.take_off(given.data, sealed.people.keepers[name], given_for)
        opened = covers.open_given(uncovered, sealed.people.recipient.secret_key)
        assert opened == share
        assert sort_shares([("pakkun", opened)], sealed.manifest).good


def test_the_recipient_cannot_open_a_covered_share(sealed: Sealed, given: covers.Given) -> None:
    with pytest.raises(NoKeyFits):
        covers.open_given(given.data, sealed.people.recipient.secret_key)


def test_a_keeper_who_takes_off_the_cover_does_not_see_the_share(
    sealed: Sealed, given: covers.Given, given_for: covers.GivenFor
) -> None:
    bull = sealed.people.keepers["bull"]
    with pytest.raises(NoKeyFits):
        covers.open_given(covers.take_off(given.data, bull, given_for), bull.secret_key)
    with pytest.raises(NoKeyFits):
        covers.take_off(given.data, sealed.people.keepers["akino"], given_for)


@pytest.mark.parametrize(
    "other",
    [{"author": "iruka"}, {"track": "died.naruto"}, {"part": "wishes"}, {"case": "31"}, {"case": ""}],
    ids=lambda other: "another " + "".join(other),
)
def test_a_cover_comes_off_for_nothing_else_than_the_share_was_given_for(
    sealed: Sealed, given: covers.Given, given_for: covers.GivenFor, other: dict[str, str]
) -> None:
    """A host could put a share from another case, or for somebody else's words, before a keeper who says "told"."""
    with pytest.raises(PayloadRefused, match="stays covered"):
        covers.take_off(given.data, sealed.people.keepers["bull"], replace(given_for, **other))


def test_with_one_cover_only_the_recipient_would_read_during_the_last_call(
    sealed: Sealed, share: ShareFile
) -> None:
    # The planted fault: the inner cover alone. A host that passes it on early gives the share away.
    inner = age.seal_bytes(share.encode(), [sealed.people.recipient.public_key])
    assert covers.open_given(inner, sealed.people.recipient.secret_key) == share


def test_the_statement_names_the_file_and_every_key(sealed: Sealed, given: covers.Given) -> None:
    assert given.record.sha256 == digest(given.data)
    assert given.record.sealed_to == fingerprint(sealed.people.recipient.public_key)
    assert set(given.record.covered_to) == {
        sealed.people.keepers[name].public.sealing_fingerprint for name in ("pakkun", "bull", "uhei")
    }
    statement = Statement(
        keeper="pakkun",
        author="kakashi",
        case="case-1",
        epoch=0,
        plan_version=1,
        finding="died",
        evidence="own sight",
        manifests=(sealed.manifest.head,),
        given=(given.record,),
        moment=MOMENT,
        free_text=None,
    )
    assert Statement.from_bytes(statement.encode()) == statement


def test_a_share_is_not_sealed_to_a_key_that_the_author_did_not_name(
    sealed: Sealed, share: ShareFile
) -> None:
    outer = [sealed.people.keepers["bull"].public_key]
    with pytest.raises(KeysRefused, match="not the one"):
        covers.give(share, sealed.manifest, PersonKeys.new().public_key, outer, CASE)


def test_the_recipient_never_holds_the_outer_cover(sealed: Sealed, share: ShareFile) -> None:
    mine = sealed.people.recipient.public_key
    bull = sealed.people.keepers["bull"].public_key
    for outer in ([], [mine], [bull, mine], [bull, bull]):
        with pytest.raises(KeysRefused) as refusal:
            covers.give(share, sealed.manifest, mine, outer, CASE)
        assert refusal.value.do


def test_what_holds_no_share_is_refused(sealed: Sealed) -> None:
    recipient = sealed.people.recipient
    with pytest.raises(ShareRefused):
        covers.open_given(age.seal_bytes(b"words", [recipient.public_key]), recipient.secret_key)
