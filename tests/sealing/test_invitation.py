"""The invitation: no server can put its own key in a keeper's place."""

import json

import pytest

from lastwords.sealing.invitation import Invitation, answer, check_answer
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.refusals import InvitationRefused
from lastwords.signing import canonical

AUTHOR, KEEPER, SERVER = PersonKeys.new(), PersonKeys.new(), PersonKeys.new()
INVITATION = Invitation.new(AUTHOR.signing.public.fingerprint)
KEYS = ("sealing", "signing", "sign_in")


def test_the_keys_of_the_invited_arrive() -> None:
    read = Invitation.read("#" + INVITATION.fragment)
    assert read == INVITATION and read.author == AUTHOR.signing.public.fingerprint
    assert check_answer(INVITATION, answer(read, KEEPER)) == KEEPER.public


def test_the_server_may_know_the_id_and_learns_nothing_from_it() -> None:
    sent = answer(INVITATION, KEEPER).decode()
    assert INVITATION.id in sent and len(INVITATION.id) == 32
    for shown in (sent, repr(INVITATION), INVITATION.id):
        assert INVITATION.secret.hex() not in shown and INVITATION.fragment.split(".")[1] not in shown


@pytest.mark.parametrize("key", KEYS)
def test_a_swapped_key_is_named(key: str) -> None:
    sent = json.loads(answer(INVITATION, KEEPER))
    swapped = json.loads(answer(Invitation.new(INVITATION.author), SERVER))
    for macs in ({}, {key: swapped["macs"][key]}, {key: "0" * 64}):
        forged = sent | {"keys": sent["keys"] | {key: swapped["keys"][key]}, "macs": sent["macs"] | macs}
        with pytest.raises(InvitationRefused, match=key.replace("_", "-")) as refusal:
            check_answer(INVITATION, canonical.encode(forged))
        assert "Call them" in refusal.value.do


def test_a_key_does_not_pass_under_the_label_of_another() -> None:
    sent = json.loads(answer(INVITATION, KEEPER))
    for member in ("keys", "macs"):
        sent[member]["signing"], sent[member]["sign_in"] = sent[member]["sign_in"], sent[member]["signing"]
    with pytest.raises(InvitationRefused):
        check_answer(INVITATION, canonical.encode(sent))


def test_without_labels_the_swap_would_pass() -> None:
    # The planted fault: one label for all keys, under which the two signing keys may trade places.
    class Unlabelled(Invitation):
        def mac(self, key: str, text: str) -> str:
            return super().mac("key", text)

    invitation = Unlabelled(INVITATION.secret, INVITATION.author)
    sent = json.loads(answer(invitation, KEEPER))
    for member in ("keys", "macs"):
        sent[member]["signing"], sent[member]["sign_in"] = sent[member]["sign_in"], sent[member]["signing"]
    assert check_answer(invitation, canonical.encode(sent)).signing == KEEPER.public.sign_in


def test_an_answer_to_another_invitation_or_author_is_refused() -> None:
    for other in (Invitation.new(INVITATION.author), Invitation(INVITATION.secret, "0" * 64)):
        with pytest.raises(InvitationRefused):
            check_answer(INVITATION, answer(other, KEEPER))


@pytest.mark.parametrize(
    "fragment",
    ["", "#", "lw1..", "lw2" + INVITATION.fragment[3:], INVITATION.fragment[:-1]],
    ids=["nothing", "no fragment", "no parts", "another form", "cut short"],
)
def test_a_link_that_is_not_whole_is_refused(fragment: str) -> None:
    with pytest.raises(InvitationRefused):
        Invitation.read(fragment)


def test_a_malformed_answer_is_refused() -> None:
    sent = json.loads(answer(INVITATION, KEEPER))
    without = {key: value for key, value in sent.items() if key != "macs"}
    fewer = sent | {"keys": {"sealing": KEEPER.public_key}}
    numbers = sent | {"keys": dict.fromkeys(KEYS, 1)}
    foreign = sent | {"keys": sent["keys"] | {"sealing": "ä"}}
    encoded = [canonical.encode(value) for value in (without, fewer, numbers, foreign, [], "x")]
    for data in [b"", b"{}", b"\xff", answer(INVITATION, KEEPER)[:-1], *encoded]:
        with pytest.raises(InvitationRefused) as refusal:
            check_answer(INVITATION, data)
        assert refusal.value.happened and refusal.value.do


def test_a_key_of_no_use_is_refused_although_its_sender_is_right() -> None:
    texts = {
        "sealing": KEEPER.public_key[:-1],
        "signing": KEEPER.public.signing,
        "sign_in": KEEPER.public.sign_in,
    }
    value = {
        "invitation": INVITATION.id,
        "keys": texts,
        "macs": {key: INVITATION.mac(key, text) for key, text in texts.items()},
    }
    with pytest.raises(InvitationRefused, match="cannot be used"):
        check_answer(INVITATION, canonical.encode(value))
