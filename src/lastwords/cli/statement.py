"""A keeper's statement, made and given: the finding, bound to what this keeper's client has seen, with covered shares.

Each given share is sealed to the recipient's key and covered for the keepers who do not receive these words. With it
goes a short signed word for the recipient, naming the manifest the share belongs to and no other track.
"""

import base64
from typing import Any

from lastwords.cli import keys_of
from lastwords.cli.client import Said
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, now
from lastwords.cli.shares import Held, held
from lastwords.sealing.covers import Given, give
from lastwords.sealing.shares import open_share
from lastwords.signing.canonical import digest
from lastwords.signing.manifest import CANNOT_ACT, DIED, TWO_LOCKS, WISHES, WORDS
from lastwords.signing.statement import COULD_NOT_FIND_OUT, SPOKEN_WITH, Statement

FINDINGS = {
    "spoken-with": SPOKEN_WITH,
    "died": DIED,
    "cannot-act": CANNOT_ACT,
    "could-not-find-out": COULD_NOT_FIND_OUT,
}
EVIDENCE = {
    word.replace(" ", "-"): word
    for word in ("rumour", "own sight", "named official", "document seen", "register")
}
GIVEN_WITH = {DIED: (DIED, CANNOT_ACT), CANNOT_ACT: (CANNOT_ACT,)}
"""Which conditions a finding counts for: who died cannot act either, and never the other way round."""


def make(
    person: Me,
    author: str,
    case: Said,
    finding: str,
    evidence: str,
    sealed_text: str | None,
    *,
    step_back: bool = False,
) -> dict[str, Any]:
    """Signs a statement, covers the shares that go with it, and sends both. Returns the host's answer."""
    mine, said = held(person, author), FINDINGS[finding]
    number, epoch, plan_version = (case.count(name) for name in ("number", "epoch", "plan_version"))
    given = _given(person, case, mine, said)
    document = Statement(
        keeper=person.handle,
        author=author,
        case=str(number),
        epoch=epoch,
        plan_version=plan_version,
        finding=said,
        evidence=EVIDENCE[evidence],
        manifests=tuple(one.manifest.document.head for one in mine),
        given=tuple(share.record for _, share in given),
        moment=now(),
        free_text=digest(base64.b64decode(sealed_text)) if sealed_text else None,
    )
    answer: dict[str, Any] = person.host.post(
        "watches",
        author,
        "case",
        "statements",
        document=person.sign(document),
        given=[_posted(person, author, case, one, share) for one, share in given],
        **({"text": sealed_text} if sealed_text else {}),
        **({"step_back": True} if step_back else {}),
    )
    return answer


def _given(person: Me, case: Said, mine: list[Held], finding: str) -> list[tuple[Held, Given]]:
    """The shares that go with a finding, each under both covers, with what this keeper holds of its track."""
    heads = case.rows("heads") if "heads" in case else []
    covers = {head.text("track"): head.names("cover") for head in heads}
    number, given = str(case.count("number")), []
    for one in mine:
        manifest = one.manifest.document
        if manifest.condition in GIVEN_WITH.get(finding, ()) and manifest.mode == TWO_LOCKS:
            shares = _covered(person, one, covers.get(manifest.track, []), number)
            given += [(one, share) for share in shares]
    return given


def _covered(person: Me, one: Held, cover: list[str], case: str) -> list[Given]:
    """This keeper's shares of a track, opened, checked against their commitments, and put under both covers."""
    manifest = one.manifest.document
    strangers = [keeper for keeper in cover if keeper not in one.places]
    if strangers or not cover or manifest.recipient in cover:
        raise Stopped(
            f"The host asks to cover the shares of {manifest.track} for people the author did not name "
            f"({', '.join(strangers) or 'nobody at all'}); nothing was signed or given.",
            "Tell the other keepers and whoever runs the host.",
            "wrong_cover",
        )
    recipient = keys_of.recipient_of(person, manifest)
    keys = [keys_of.holder_of(person, one.places, keeper) for keeper in cover]
    parts = [(WORDS, one.words), *([(WISHES, one.wishes)] if one.wishes else [])]
    return [
        give(open_share(data, person.keys, manifest, one.place.keeper, part), manifest, recipient, keys, case)
        for part, data in parts
    ]


def _posted(person: Me, author: str, case: dict[str, Any], one: Held, share: Given) -> dict[str, str]:
    manifest = one.manifest
    head = person.sign_act(
        "give share", author, "keeper", case=case, subject=manifest.document.track, body=manifest.digest
    )
    body = base64.b64encode(share.data).decode()
    return {"track": share.record.track, "part": share.record.part, "body": body, "head": head}


# What becomes of it.

SEATS = {
    "verified": "your seat is too new to count yet",
    "suspended": "your seat is suspended until the other keepers restore it",
    "resting": "your seat rests until you prove your share",
}
"""Why a seat's findings do not count."""


def what_it_counts_for(said: dict[str, Any], seat: dict[str, Any], author: str) -> list[str]:
    """What the statement just made moves, in sentences; and where it is only shown, that too, with the reason."""
    finding = said["finding"]
    if finding == "could_not_find_out":
        return [
            "The others see it. It counts neither for a release nor against one; not knowing is a good answer."
        ]
    if finding == "spoken_with":
        if seat.get("stage") in ("suspended", "accepted"):
            return [
                f"The others see it, and it stops nothing: {SEATS.get(seat['stage'], 'your seat is not verified')}."
            ]
        return [
            "While it stands nothing is released. Alone it stands for 14 days at most; "
            "a second keeper who says so ends the vigil."
        ]
    lines = [_for_track(one, said["quorum"], finding, seat, author) for one in said["tracks"]]
    if not lines:
        lines = ["The others see it. It counts for no words, since you hold no share here."]
    if said["stage"] == "late" and any(one["yours"] for one in said["tracks"]):
        lines.append("It begins to count when the author's time to answer is over and the vigil begins.")
    return lines


def _for_track(track: dict[str, Any], quorum: int, finding: str, seat: dict[str, Any], author: str) -> str:
    if track["yours"]:
        return f"It counts for {track['track']}: {track['counted']} of the {quorum} that it takes."
    if finding == "cannot_act" and track["condition"] == "died":
        why = "these words wait for “died”"
    elif seat.get("stage") != "seasoned":
        why = SEATS.get(str(seat.get("stage")), "your seat is not verified yet")
    elif track["track"] not in seat.get("proven", []):
        why = f"you have not proven your share of them: `lastwords shares prove {author}`, and it counts"
    else:
        why = "your own watch is silent, or these words have changed since you read the case"
    return f"The others see it, and it does not count for {track['track']}: {why}."
