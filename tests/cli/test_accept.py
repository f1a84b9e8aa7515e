"""Invitations: the one way keys reach an author without a host in between."""

from pathlib import Path

import pytest
from cli.conftest import Cave, Person, Place

from lastwords.sealing.invitation import Invitation
from lastwords.sealing.person import PersonKeys


@pytest.fixture
def iruka(place: Place) -> Person:
    return place.author("iruka")


def link_for(iruka: Person, name: str) -> Path:
    link = iruka.folder / f"{name}.link"
    iruka.does("invite", "keeper", name, "--out", link)
    return link


def accepts(person: Person, source: Path, name: str = "pakkun") -> tuple[str, ...]:
    return ("accept", str(source), "--name", name.capitalize(), "--handle", name, "--no-passphrase")


def test_a_link_is_for_its_author_s_eyes_and_the_host_never_learns_its_secret(
    place: Place, iruka: Person
) -> None:
    link = link_for(iruka, "pakkun")
    assert link.stat().st_mode & 0o077 == 0
    secret = link.read_text().strip().partition("#")[2]
    kept = b"".join(path.read_bytes() for path in place.house.data.rglob("*") if path.is_file())
    assert secret.encode() not in kept and secret.split(".")[1].encode() not in kept


def test_a_link_typed_as_an_argument_is_not_used(place: Place, iruka: Person) -> None:
    text = link_for(iruka, "pakkun").read_text().strip()
    pakkun = place.person("pakkun")
    assert pakkun.refused("accept", text, "--no-passphrase")["code"] == "link_in_sight"
    assert not pakkun.home.exists()


def test_a_link_is_pasted_at_the_prompt(place: Place, iruka: Person) -> None:
    text = link_for(iruka, "pakkun").read_text()
    said = place.person("pakkun").does("accept", "--name", "Pakkun", "--no-passphrase", typing=text)
    assert said == {"author": "iruka", "role": "keeper", "handle": "pakkun"}


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-5],
        lambda text: text.partition("#")[0],
        lambda text: text.replace("/invitation/", "/"),
        lambda text: text.replace("#lw1", "#lw9"),
        lambda text: "",
    ],
)
def test_a_link_that_is_not_whole_is_refused_and_makes_no_home(
    place: Place, iruka: Person, damage: object
) -> None:
    text = damage(link_for(iruka, "pakkun").read_text().strip())  # type: ignore[operator]
    pakkun = place.person("pakkun")
    assert pakkun.refused(*accepts(pakkun, pakkun.file("link", text)))["do"]
    assert not pakkun.home.exists()


def test_a_link_works_once(place: Place, iruka: Person) -> None:
    link = link_for(iruka, "pakkun")
    pakkun, bull = place.person("pakkun"), place.person("bull")
    pakkun.does(*accepts(pakkun, link))
    assert bull.refused(*accepts(bull, link, "bull"))["code"] == "code_refused"
    assert pakkun.refused("accept", link)["code"] == "invitation_stage"


def test_someone_with_an_account_answers_a_second_invitation_with_the_same_key(
    place: Place, iruka: Person
) -> None:
    kakashi = place.author("kakashi")
    said = kakashi.does("accept", link_for(iruka, "kakashi"))
    assert said == {"author": "iruka", "role": "keeper", "handle": "kakashi"}
    iruka.does("keeper", "verify", "kakashi")
    roles = {one["author"]: one["roles"] for one in kakashi.does("watch", "list")["watches"]}
    assert roles == {"kakashi": ["author"], "iruka": ["keeper"]}


def test_an_answer_made_without_the_secret_is_refused_by_the_author(place: Place, iruka: Person) -> None:
    """The fault: whoever runs the host answers in the keeper's place, with keys of their own."""
    link = link_for(iruka, "pakkun")
    true = Invitation.read(link.read_text().partition("#")[2])
    forged = Invitation(bytes(16), true.author)
    pakkun = place.person("pakkun")

    class Forged(Invitation):
        id = property(lambda self: true.id)  # type: ignore[assignment]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Invitation, "read", classmethod(lambda cls, text: Forged(forged.secret, true.author)))
        pakkun.does(*accepts(pakkun, link))
    refused = iruka.refused("keeper", "verify", "pakkun")
    assert refused["code"] == "invitation_refused"
    assert place.watch("iruka").seat("pakkun").stage == "accepted"  # type: ignore[union-attr]


def test_keys_that_the_host_swapped_after_the_answer_are_refused(place: Place, iruka: Person) -> None:
    """The fault: the host keeps the true answer and shows another key."""
    from lastwords.server.models import Person as Kept

    place.invited(iruka, "pakkun")
    Kept.objects.filter(handle="pakkun").update(public_key=PersonKeys.new().public_key)
    assert iruka.refused("keeper", "verify", "pakkun")["code"] == "another_key"


def test_a_keeper_believes_no_author_s_key_but_the_one_of_their_link(cave: Cave) -> None:
    """The fault: the host shows a signing key of its own making for the author."""
    from lastwords.server.models import Person as Kept

    late = cave.place.invited(cave.iruka, "urushi")
    Kept.objects.filter(handle="iruka").update(signing_key=PersonKeys.new().public.signing)
    assert late.refused("shares", "prove", "iruka")["code"] == "another_key"


def test_the_author_pins_what_was_verified_and_is_loud_when_it_changes(cave: Cave) -> None:
    from lastwords.server.models import Person as Kept

    Kept.objects.filter(handle="bull").update(public_key=PersonKeys.new().public_key)
    letter = cave.iruka.file("c.txt", "Where things are.")
    # The host's key for Bull is not even asked for: shares are sealed to the pinned one, and the host notices.
    refused = cave.iruka.refused("words", "write", "naruto", "--condition", "cannot-act", "--text", letter)
    assert refused["code"] == "roster_keys"


def test_an_invitation_made_elsewhere_cannot_be_checked_here(place: Place, iruka: Person) -> None:
    place.invited(iruka, "pakkun")
    (iruka.home / "invitations.json").write_text("{}")
    assert iruka.refused("keeper", "verify", "pakkun")["code"] == "not_answered"


def test_a_join_code_is_never_an_argument_and_a_wrong_one_makes_no_account(place: Place) -> None:
    ana = place.person("ana")
    ana.does("key", "new", "--no-passphrase")
    refused = ana.refused("join", place.origin, "--name", "Ana", "--code", ana.file("code", "wrong"))
    assert refused["code"] == "code_refused"
    said = ana.does(
        "join", place.origin, "--name", "Ana", "--zone", "Europe/Lisbon", typing=f"{place.join_code()}\n"
    )
    assert said["handle"] == "ana"
    again = ana.file("again", "x")
    assert ana.refused("join", place.origin, "--name", "Ana", "--code", again)["code"] == "watch_exists"
    elsewhere = ana.refused("join", "https://other.example.org", "--name", "Ana", "--code", again)
    assert elsewhere["code"] == "joined"


def test_a_keeper_who_asks_how_they_stand_themselves_is_told_whom_to_name(
    place: Place, iruka: Person
) -> None:
    pakkun = place.keeper(iruka, "pakkun")
    for words in (("state",), ("here",), ("state", "pakkun")):
        assert "lastwords state AUTHOR" in pakkun.refused(*words)["do"]
    assert pakkun.does("state", "iruka")["seat"]["stage"] == "verified"


def test_an_invitation_taken_back_can_no_longer_be_answered(place: Place, iruka: Person) -> None:
    link = link_for(iruka, "pakkun")
    iruka.does("invite", "take-back", "pakkun")
    pakkun = place.person("pakkun")
    assert pakkun.refused(*accepts(pakkun, link))["code"] == "code_refused"
    assert iruka.refused("invite", "take-back", "pakkun")["code"] == "which_invitation"


def test_a_keeper_becomes_an_author_too_with_the_same_key(place: Place, iruka: Person) -> None:
    pakkun = place.invited(iruka, "pakkun")
    said = pakkun.does("join", place.origin, "--code", pakkun.file("code", place.join_code()))
    assert said["handle"] == "pakkun"
    assert pakkun.does("state")["stage"] == "draft"
