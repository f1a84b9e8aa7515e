"""The table can fail: with one check of the client switched off, the same lies are accepted, and named as such."""

from collections.abc import Callable
from typing import Any

import pytest
from hostile.behaviours import ROWS
from hostile.stage import Stage, known, meet

from lastwords.cli import checking_in as check_in
from lastwords.cli import client, entries, keys_of, kit, log, opening, plan, statement, terms
from lastwords.cli.client import Host
from lastwords.cli.pins import Pins

Fault = Callable[[pytest.MonkeyPatch], Any]


def believes(*_: Any, **__: Any) -> None:
    """A check that finds nothing."""


FAULTS: dict[str, tuple[str, Fault]] = {
    "an older manifest is noted like any other": (
        "shows a keeper an older version",
        lambda patch: patch.setattr(Pins, "see", believes),
    ),
    "whoever is listed as a keeper gets a share": (
        "seats a keeper again whose seat the author took back",
        lambda patch: patch.setattr(keys_of, "_made_keeper", lambda *_: True),
    ),
    "a cover may be for anybody": (
        "asks to cover shares for their own recipient",
        lambda patch: patch.setattr(statement, "_covered", lambda *_: []),
    ),
    "every key of an audience is believed": (
        "adds a reader of its own to the case",
        lambda patch: patch.setattr(keys_of, "_vouched", lambda *_: True),
    ),
    "the newest version is what the host says": (
        "keeps the keepers' word for the newest version to itself",
        lambda patch: patch.setattr(opening, "_check_newest", believes),
    ),
    "nothing was seen of the record before": (
        "drops the end of the record",
        lambda patch: patch.setattr(Pins, "log_head", lambda *_: (0, "")),
    ),
    "the chain of the record is not checked": (
        "changes what a row says",
        lambda patch: patch.setattr(log, "check_chain", believes),
    ),
    "the signature of an entry is not checked": (
        "makes an entry up in a keeper's name",
        lambda patch: patch.setattr(entries.signed_entry, "unwrap", _unsigned),
    ),
    "the plan is what the host says": (
        "lowers how many keepers the plan asks for before words are sealed",
        lambda patch: patch.setattr(terms, "believed", lambda _, seen: dict(seen["state"]["plan"])),
    ),
    "terms are signed as the host shows them": (
        "shortens a wait before the author signs the terms again",
        lambda patch: patch.setattr(plan, "believed", lambda _, seen, **__: dict(seen["state"]["plan"])),
    ),
    "any count of check-ins is believed": (
        "claims an absurdly high count of check-ins, so that no later one could be higher",
        lambda patch: patch.setattr(check_in, "FURTHEST", 2**60),
    ),
    "a share is saved in a kit as it comes": (
        "gives a keeper another keeper's share, for a kit",
        lambda patch: patch.setattr(kit, "open_share", believes),
    ),
    "the newest notes are what the host says": (
        "denies that the author has left notes",
        lambda patch: patch.setattr(Pins, "check_notes", believes),
    ),
    "whoever is listed as a keeper gets the notes": (
        "seats a recipient among the keepers for whom notes are sealed",
        lambda patch: patch.setattr(keys_of, "_made_keeper", lambda *_: True),
    ),
    "whoever was never made sure of is who the host says": (
        "shows a key for somebody whom the author never made sure of",
        lambda patch: patch.setattr(keys_of, "pinned", lambda person, handle: person.shown_keys(handle)),
    ),
    "redirections are followed": (
        "redirects elsewhere with 302",
        lambda patch: patch.setattr(
            client._NoRedirection,
            "redirect_request",
            client.urllib.request.HTTPRedirectHandler.redirect_request,
        ),
    ),
    "JSON is read as it comes": (
        "names a member twice",
        lambda patch: patch.setattr(client, "_read", lambda _, raw: client.json.loads(raw)),
    ),
}


def _unsigned(data: bytes, *_: Any, **__: Any) -> bytes:
    import json

    return str(json.loads(data)["entry"]).encode()


TAKEN = {
    "stage": "well",
    "next_due": 1,
    "told": True,
    "number": 9,
    "given": [],
    "tracks": [],
    "quorum": 3,
    "finding": "died",
}
"""What the host would say to whatever it is sent."""

OF = {row.name: row for row in ROWS}
CASES = sorted(FAULTS.items(), key=lambda one: OF[one[1][0]].moment)


@pytest.mark.parametrize(("name", "fault"), [one for _, one in CASES], ids=[said_so for said_so, _ in CASES])
def test_without_its_check_the_lie_is_accepted_and_named(
    at: Callable[[str], Stage], name: str, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted faults. What the deceived client sends goes no further than the liar."""
    stage = at(OF[name].moment)
    fault(monkeypatch)
    honest = Host.post

    def swallowed(self: Host, *path: Any, **body: Any) -> Any:
        if path[-1] in ("challenges", "sessions", "entries"):
            return honest(self, *path, **body)
        return dict(TAKEN)

    monkeypatch.setattr(Host, "post", swallowed)
    person = stage.person(OF[name].who)
    before = known(person)
    verdict = meet(stage, OF[name])
    for file, text in before.items():
        (person.home / file).write_bytes(text)
    assert verdict.accepted and (not verdict.code or stage.reached), verdict
