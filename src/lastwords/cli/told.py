"""`lastwords told` and `lastwords give`: the last hand a share passes through on its way to a recipient."""

import base64

import click

from lastwords.cli import keys_of, show
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, me
from lastwords.cli.shares import held
from lastwords.sealing import age, covers
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.refusals import SealedFileRefused
from lastwords.sealing.shares import open_share
from lastwords.signing.manifest import WISHES, WORDS

SEALED = b"age-encryption.org/v1\n"


@click.command()
@click.argument("author")
@click.argument("track")
@show.answers
def told(author: str, track: str) -> None:
    """Say that you have told the recipient of TRACK in person; your key takes the outer covers off.

    Speak with them first. Only then can they open, keep for later, or decline."""
    person = me()
    track = full_track(person, author, track)
    case = person.host.get("watches", author, "case")
    given = person.host.get("watches", author, "tracks", track, "given")["given"]
    uncovered, closed = [], []
    for row in given:
        given_for = covers.GivenFor(author, track, str(row["part"]), str(case.count("number")))
        inner = _without_cover(row.data("body"), person.keys, given_for)
        if inner is None:
            closed.append(f"{row['keeper']} ({row['part']})")
            continue
        uncovered.append(
            {"keeper": row["keeper"], "part": row["part"], "body": base64.b64encode(inner).decode()}
        )
    if closed:
        show.aside(f"These shares do not open with your key and stay covered: {', '.join(closed)}.")
    document = person.sign_act("told", author, "keeper", case=case, subject=track)
    person.host.post("watches", author, "tracks", track, "told", document=document, uncovered=uncovered)
    show.tell(
        {
            "track": track,
            "uncovered": [{"keeper": row["keeper"], "part": row["part"]} for row in uncovered],
            "left_covered": closed,
        },
        f"Written down: you have told the recipient of {track}. Their letter follows now.",
    )


@click.command()
@click.argument("author")
@click.argument("track")
@show.answers
def give(author: str, track: str) -> None:
    """Give your share of TRACK to its recipient (again), when shares are wanted."""
    person = me()
    track = full_track(person, author, track)
    case = person.host.get("watches", author, "case")
    mine = next((one for one in held(person, author) if one.manifest.document.track == track), None)
    if mine is None:
        raise Stopped(
            f"You hold no share of {track}; nothing was given.",
            f"See `lastwords shares list {author}`.",
            "no_share",
        )
    manifest = mine.manifest.document
    key = keys_of.recipient_of(person, manifest)
    head = person.sign_act(
        "give share", author, "keeper", case=case, subject=track, body=mine.manifest.digest
    )
    parts = [(WORDS, mine.words), *([(WISHES, mine.wishes)] if mine.wishes else [])]
    for part, data in parts:
        share = open_share(data, person.keys, manifest, mine.place.keeper, part)
        body = base64.b64encode(age.seal_bytes(share.encode(), [key])).decode()
        person.host.post("watches", author, "tracks", track, "shares", document=head, part=part, body=body)
    show.tell({"track": track, "given": [part for part, _ in parts]}, f"Your share of {track} is given.")


def _without_cover(data: bytes, keys: PersonKeys, given_for: covers.GivenFor) -> bytes | None:
    """What is under an outer cover, only if it is sealed still; None when the cover does not open either.

    A host could put any file that is sealed to this keeper, a share of theirs or one that was given for other words, in
    the place of a cover, to be handed its contents. It must say what it was given for, and be a sealed file itself."""
    try:
        inner = covers.take_off(data, keys, given_for)
    except SealedFileRefused:
        return None
    return inner if inner.startswith(SEALED) else None


def full_track(person: Me, author: str, track: str) -> str:
    """A track's whole name, from that or from its recipient's handle when only one of them is this keeper's."""
    if "." in track:
        return track
    names = [
        one.manifest.document.track
        for one in held(person, author)
        if one.manifest.document.recipient == track
    ]
    if len(names) != 1:
        raise Stopped(
            f"“{track}” does not say which words are meant; nothing was changed.",
            f"Name one of these tracks: {', '.join(names)}."
            if names
            else "You hold no share of words for them. Name the track as the case shows it, such as died.naruto.",
            "which_words",
        )
    return names[0]
