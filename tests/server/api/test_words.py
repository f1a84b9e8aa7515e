"""Sealing words over the API: the host checks all it can see, and takes nothing that does not fit what it keeps."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from server.api.world import (
    Circle,
    Person,
    an_author,
    invited,
    keys_of,
    models,
    plan_terms,
    sealed,
    sha256,
    verify,
)
from server.conftest import House

from lastwords.signing.documents import sign
from lastwords.signing.fingerprints import fingerprint

TRACK = "died.naruto"


def test_sealed_words_become_a_track_with_its_manifest_files_and_roster(circle: Circle) -> None:
    (row,) = circle.author.get(f"{circle.path}/words").body
    signed = circle.manifests[TRACK]
    assert (row["track"], row["number"], row["sha256"]) == (TRACK, 1, signed.digest)
    assert row["manifest"].encode() == signed.data
    assert {file["name"] for file in row["files"]} == set(circle.files[TRACK])
    assert len(row["shares"]) == 2 * len(circle.keepers)


def test_a_newer_version_takes_the_place_of_the_old_one_and_its_files(circle: Circle) -> None:
    old = circle.files[TRACK]["words.age"]
    assert circle.seal().status == 201
    (row,) = circle.author.get(f"{circle.path}/words").body
    assert row["number"] == 2
    assert circle.author.get(f"/files/{sha256(old)}").status == 404
    assert not (circle.house.settings.files / sha256(old)).exists()
    first = circle.author.get(f"{circle.path}/words/{TRACK}/manifests/1")
    assert (first.status, first["number"]) == (200, 1)
    assert circle.author.get(f"{circle.path}/words/{TRACK}/manifests/3").status == 404


@pytest.mark.parametrize("changed", [{"number": 3}, {"number": 1, "before": None}, {"before": "0" * 64}])
def test_a_manifest_that_does_not_follow_the_newest_is_refused(
    circle: Circle, changed: dict[str, Any]
) -> None:
    manifest, files = circle.manifest(**changed)
    got = circle.send(manifest, files)
    assert (got.status, got.code) == (422, "not_linked")
    assert circle.watch.track(TRACK).manifest[0] == 1  # type: ignore[union-attr]
    (row,) = circle.author.get(f"{circle.path}/words").body
    assert all(circle.author.get(f"/files/{file['sha256']}").status == 200 for file in row["files"])


ELSEWHERE = {
    "another author": {"author": "obito"},
    "another signing key": {"author_signing": "0" * 64},
    "another track": {"track": "died.sakura"},
    "another condition than its track": {"condition": "cannot act", "track": TRACK},
    "another key for the recipient": {"recipient_key": "0" * 64},
    "instead of someone it does not name": {"alternate_of": "obito", "track": "died.naruto.obito"},
}


@pytest.mark.parametrize("what", ELSEWHERE)
def test_a_manifest_about_something_else_is_refused(circle: Circle, what: str) -> None:
    manifest, files = circle.manifest(**ELSEWHERE[what])
    got = circle.send(manifest, files)
    assert (got.status, got.code) == (422, "manifest_elsewhere")
    assert circle.watch.track(TRACK).manifest[0] == 1  # type: ignore[union-attr]


def test_words_for_someone_the_author_never_named_are_refused(circle: Circle) -> None:
    stranger = an_author("obito")
    got = circle.send(*circle.manifest(to=stranger))
    assert got.code == "person_unknown"


@pytest.mark.parametrize("field", ["sealing", "signing"])
def test_a_roster_with_another_key_than_the_keepers_is_refused(circle: Circle, field: str) -> None:
    """A share sealed to a swapped key would be lost to the keeper, and found by someone else."""
    seats = [circle.seat(keeper, index) for index, keeper in enumerate(circle.keepers, 1)]
    seats[1] = replace(seats[1], **{field: "0" * 64})
    got = circle.send(*circle.manifest(roster=tuple(seats)))
    assert (got.status, got.code) == (409, "roster_keys")


def test_a_manifest_signed_by_someone_else_is_refused(circle: Circle) -> None:
    circle.author.keys = keys_of("obito")
    assert circle.send(*circle.manifest()).code == "wrong_signer"


def test_words_whose_files_have_not_come_whole_are_refused(circle: Circle) -> None:
    manifest, files = circle.manifest()
    files.pop("words.age")
    assert circle.send(manifest, files).code == "file_missing"


def test_words_whose_files_another_person_brought_are_refused(circle: Circle) -> None:
    other = an_author("obito")
    manifest, files = circle.manifest()
    other.upload(files["words.age"])
    mine = {name: data for name, data in files.items() if name != "words.age"}
    assert circle.send(manifest, mine).code == "file_missing"


def test_a_share_must_come_for_each_keeper_of_the_roster_and_nobody_else(circle: Circle) -> None:
    """And none so large that answering its keeper with it would fill the host's memory."""
    from lastwords.server.api.door import LARGEST_BODY

    manifest, files = circle.manifest()
    for data in files.values():
        circle.author.upload(data)
    whole = {
        keeper.handle: {"words": circle.author.upload(sealed()), "wishes": circle.author.upload(sealed())}
        for keeper in circle.keepers
    }
    text = sign(manifest, circle.author.keys.signing).data.decode()
    fewer = dict(list(whole.items())[1:])
    more = whole | {"naruto": whole["sakura"]}
    without = whole | {"sakura": {"words": whole["sakura"]["words"]}}
    large = whole | {"sakura": whole["sakura"] | {"words": circle.author.upload(sealed(LARGEST_BODY))}}
    wrong = ((fewer, "roster_keys"), (more, "roster_keys"), (without, "file_missing"), (large, "too_large"))
    for shares, code in wrong:
        assert circle.author.post(f"{circle.path}/words", manifest=text, shares=shares).code == code
    assert circle.author.post(f"{circle.path}/words", manifest=text, shares=whole).status == 201


def test_only_the_author_seals(circle: Circle) -> None:
    keeper = circle.keepers[0]
    assert keeper.post(f"{circle.path}/words", manifest="{}", shares={}).status == 404


def test_while_the_author_is_asked_words_cannot_change(circle: Circle) -> None:
    circle.fall_silent()
    got = circle.seal()
    assert (got.status, got.code) == (409, "sign_first")
    assert circle.watch.track(TRACK).manifest[0] == 1  # type: ignore[union-attr]


# Taking back.


def take_back(circle: Circle, track: str = TRACK, **changed: Any) -> Any:
    fields: dict[str, Any] = {"role": "author", "subject": track}
    document = circle.author.act("take back", circle.author.handle, **fields | changed)
    return circle.author.post(f"{circle.path}/words", take_back=track, document=document)


def test_words_taken_back_are_gone_from_the_host_and_better_ones_can_follow(circle: Circle) -> None:
    old = circle.files[TRACK]["words.age"]
    assert take_back(circle).body == {"track": TRACK, "taken_back": True}
    assert not (circle.house.settings.files / sha256(old)).exists()
    (row,) = circle.author.get(f"{circle.path}/words").body
    assert row["taken_back"] and row["files"] == []
    assert circle.keepers[0].get(f"{circle.path}/words").body == []
    assert circle.seal()["number"] == 2


def test_taking_back_what_was_taken_back_changes_nothing(circle: Circle) -> None:
    take_back(circle)
    assert (take_back(circle).status, take_back(circle).code) == (409, "nothing_sealed")


def test_taking_back_needs_a_signature_for_this_very_track(circle: Circle) -> None:
    assert take_back(circle, subject="died.sakura").code == "document_elsewhere"
    assert take_back(circle, role="keeper").code == "document_elsewhere"
    assert take_back(circle, "died.sakura").status == 404
    assert circle.watch.track(TRACK).bears_words  # type: ignore[union-attr]


# Shares and receipts.


def test_a_keeper_gets_their_own_share_and_nobody_elses(circle: Circle) -> None:
    found = {}
    for keeper in circle.keepers:
        (row,) = keeper.get(f"{circle.path}/shares").body
        found[keeper.handle] = row["words"]
        use = models.FileUse.objects.get(kind="share", name=f"{TRACK}/words/{keeper.handle}")
        assert sha256(base64.b64decode(row["words"])) == use.file_id
    assert len(set(found.values())) == len(circle.keepers)


@pytest.mark.parametrize(
    "changed",
    [
        {"author": "obito"},
        {"track": "died.sakura"},
        {"number": 2},
        {"manifest": "0" * 64},
        {"words_share": "0" * 64},
        {"wishes_share": None},
        {"keeper": "yamato"},
    ],
)
def test_a_receipt_for_anything_but_ones_own_share_in_force_is_refused(
    circle: Circle, changed: dict[str, Any]
) -> None:
    keeper = circle.keeper("sakura")
    document = circle.receipt(keeper, TRACK, **changed)
    got = keeper.post(f"{circle.path}/receipts", documents=[document])
    assert (got.status, got.code) == (422, "document_elsewhere")


def test_a_receipt_signed_by_another_keeper_is_refused(circle: Circle) -> None:
    sakura, yamato = circle.keeper("sakura"), circle.keeper("yamato")
    stolen = circle.receipt(yamato, TRACK)
    assert sakura.post(f"{circle.path}/receipts", documents=[stolen]).code == "wrong_signer"


def test_new_shares_have_to_be_proven_anew(circle: Circle) -> None:
    circle.seal()
    seats = circle.author.get(f"{circle.path}/keepers")["keepers"]
    assert all(seat["proven"] == [] for seat in seats)
    circle.give_receipts()
    seats = circle.author.get(f"{circle.path}/keepers")["keepers"]
    assert all(seat["proven"] == [TRACK] for seat in seats)


def receipts_of(keeper: Person) -> Any:
    return models.Paper.objects.filter(kind="receipt", by=keeper.handle)


def test_a_keeper_who_sends_the_same_receipt_for_ever_fills_no_table(circle: Circle) -> None:
    sakura = circle.keeper("sakura")
    receipt = circle.receipt(sakura, TRACK)
    before = receipts_of(sakura).count()
    assert sakura.post(f"{circle.path}/receipts", documents=[receipt] * 256).code == "malformed"
    for _ in range(5):
        assert sakura.post(f"{circle.path}/receipts", documents=[receipt]).status == 200
    assert receipts_of(sakura).count() == before


def test_a_share_that_opens_again_another_day_is_kept_and_so_is_what_a_practice_waits_for(
    circle: Circle,
) -> None:
    sakura = circle.keeper("sakura")
    documents = [circle.receipt(sakura, TRACK)]
    before = receipts_of(sakura).count()
    assert circle.author.post(f"{circle.path}/practices").status == 201
    for _ in range(2):
        assert sakura.post(f"{circle.path}/receipts", documents=documents).status == 200
    assert receipts_of(sakura).count() == before + 1
    circle.house.leap(86_400)
    assert sakura.sign_in().status == 201 and circle.author.sign_in().status == 201
    for _ in range(2):
        assert sakura.post(f"{circle.path}/receipts", documents=documents).status == 200
    assert receipts_of(sakura).count() == before + 2
    practice = circle.author.get(f"{circle.path}/practices")["keepers"]
    (row,) = [one for one in practice if one["keeper"] == sakura.handle]
    assert row["proven"] == receipts_of(sakura).order_by("id")[before].made


# The host's own blindness.


def test_the_recipients_key_is_the_one_their_card_was_made_with(circle: Circle) -> None:
    document = circle.manifests[TRACK].document
    assert document.recipient_key == fingerprint(keys_of("naruto").public.sealing)
    swapped = Person("obito").keys.public.sealing
    models.Person.objects.filter(handle="naruto").update(public_key=swapped)
    assert circle.seal().code == "manifest_elsewhere"


@pytest.fixture
def keys_change(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets somebody's keys change at the last moment before the next thing is written."""
    from lastwords.server.api import door

    together = door.together

    def let(handle: str) -> None:
        @contextmanager
        def changed() -> Iterator[None]:
            new = Person(f"{handle} anew").keys.public
            models.Person.objects.filter(handle=handle).update(
                public_key=new.sealing, signing_key=new.signing, sign_in_key=new.sign_in
            )
            with together():
                yield

        monkeypatch.setattr(door, "together", changed)

    return let


@pytest.mark.parametrize("who", ["naruto", "sakura", "kakashi"])
def test_words_are_not_sealed_to_keys_that_change_while_they_come_in(
    circle: Circle, keys_change: Any, who: str
) -> None:
    """What was sealed to somebody's old key would stand as good, and open with a key that nobody holds any more."""
    keys_change(who)
    assert circle.seal().code in ("manifest_elsewhere", "roster_keys", "wrong_signer")
    assert circle.watch.track(TRACK).manifest[0] == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("who", ["sakura", "kakashi"])
def test_a_keeper_is_not_verified_by_keys_that_change_while_the_word_comes_in(
    house: House, keys_change: Any, who: str
) -> None:
    """The new keys would count as verified, and nobody has compared them."""
    author = an_author()
    sakura = invited(author, "sakura")
    keys_change(who)
    assert verify(author, sakura).code in ("keys_differ", "wrong_signer")
    assert not models.Paper.objects.filter(kind="vouching").exists()


# Other ways to seal.


def test_words_for_an_alternate_are_a_track_of_their_own(circle: Circle) -> None:
    kurenai = circle.keeper("kurenai")
    roster = tuple(
        circle.seat(one, place) for place, one in enumerate(circle.keepers, 1) if one is not kurenai
    )
    changed = {"alternate_of": "naruto", "track": "died.kurenai.naruto", "roster": roster}
    manifest, files = circle.manifest(to=kurenai, **changed)
    assert circle.send(manifest, files).code == "manifest_elsewhere"
    got = circle.send(manifest, files, instead_of="naruto")
    assert (got.status, got["track"]) == (201, "died.kurenai.naruto")
    assert circle.watch.track("died.kurenai.naruto").instead_of == "naruto"  # type: ignore[union-attr]


def test_an_adult_who_stands_for_a_child_is_someone_the_author_named(circle: Circle) -> None:
    manifest, files = circle.manifest()
    assert circle.send(manifest, files, adult="obito").code == "adult_unknown"
    assert circle.send(manifest, files, adult="guy").code == "roster_unknown"
    others = [keeper for keeper in circle.keepers if keeper.handle != "guy"]
    roster = tuple(circle.seat(keeper, index) for index, keeper in enumerate(others, 1))
    assert circle.send(*circle.manifest(roster=roster), adult="guy").status == 201
    assert circle.watch.track(TRACK).adult == "guy"  # type: ignore[union-attr]


def test_a_given_share_is_covered_for_nobody_who_receives_the_words(circle: Circle) -> None:
    """Older versions let the adult who is with a child hold a share of the child's words."""
    from lastwords.server.api import parts

    track = replace(circle.watch.tracks[0], adult="guy")
    assert "guy" in track.roster
    assert parts.cover(circle.watch, track) == ("kurenai", "sakura", "yamato")


def test_words_only_keepers_lock_name_no_key_of_the_recipient(circle: Circle) -> None:
    got = circle.send(*circle.manifest("cannot act", mode="keepers only", recipient_key=None))
    assert (got.status, got["track"]) == (201, "cannot_act.naruto")


def test_a_timer_only_plan_needs_nobody_and_ends_at_the_recipients_own_door(circle: Circle) -> None:
    locked = {"release_key": None, "wishes_release_key": None, "words_split": None, "wishes_split": None}
    manifest, files = circle.manifest(mode="timer only", k=0, roster=(), names=("words.age",), **locked)
    assert circle.send(manifest, files).status == 201
    assert circle.arm(plan_terms(version=2, timer_only=True)).status == 200
    circle.recipient.sign_in()
    assert circle.recipient.get(f"{circle.path}/words").status == 404
    plan = circle.watch.plan
    for seconds in (plan.check_in_every, plan.late, plan.vigil + plan.last_call):
        circle.pass_time(seconds)
    (row,) = circle.recipient.get(f"{circle.path}/words").body
    assert (row["words"], row["shares"], row["roster_keys"]) == ("released", [], {})
    data = files["words.age"]
    assert circle.recipient.get(f"/files/{sha256(data)}").raw == data
    assert circle.recipient_does("opened", "open")["words"] == "opened"
