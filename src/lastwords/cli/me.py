"""The person who acts: their home, their key, their session, and what they sign.

Everything is made when first needed and once per command, so that a command that only reads a file asks for no
passphrase, and one that signs twice asks once.
"""

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import click

from lastwords.cli import typed
from lastwords.cli.client import Host
from lastwords.cli.errors import Stopped, told_of
from lastwords.cli.home import Home, PersonFile
from lastwords.cli.pins import Pin, Pins, another_key
from lastwords.sealing.person import PersonKeys
from lastwords.sealing.refusals import NoKeyFits
from lastwords.signing import documents
from lastwords.signing.act import Act
from lastwords.signing.documents import Document
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.keys import PublicKey
from lastwords.signing.manifest import Manifest
from lastwords.signing.new_keys import NewKeys
from lastwords.signing.session_answer import SessionAnswer

AUTHOR = "lastwords.author"
"""Under which name a group of commands keeps the author that it is about."""


class Sealed(NamedTuple):
    """A track as the host lists it, with its manifest checked against the author's pinned key and the pins."""

    row: dict[str, Any]
    manifest: documents.Signed[Manifest]


def signed_challenge(host: Host, account: str, keys: PersonKeys) -> str:
    """What proves a sign-in key: its signature over the host's origin, an account and a single-use challenge."""
    asked = host.post("challenges", account=account)
    if asked["origin"] != host.origin:
        raise Stopped(
            f"The host at {host.origin} calls itself {asked['origin']}; no answer was signed for it.",
            "Ask whoever runs it for the right address. A false host would do the same to sign in elsewhere.",
            "another_origin",
        )
    answer = SessionAnswer(origin=host.origin, account=account, challenge=asked["challenge"])
    return documents.sign(answer, keys.sign_in).data.decode()


class Me:
    """The person of one home folder, at one host."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.pins = Pins(home)

    @cached_property
    def person(self) -> PersonFile:
        return self.home.read_person()

    @cached_property
    def keys(self) -> PersonKeys:
        """The person's keys; asks for the passphrase when the key is locked."""
        return unlocked(self.home.read_key())

    @property
    def handle(self) -> str:
        if not self.person.handle:
            raise Stopped(
                "This key is not known at any host yet; nothing was sent.",
                "Join with `lastwords join`, or accept an invitation with `lastwords accept`.",
                "not_joined",
            )
        return self.person.handle

    @cached_property
    def host(self) -> Host:
        """The host, signed in: a signature over its origin, this account and its single-use challenge."""
        account = self.handle
        host = Host(self.person.origin)

        def token() -> str:
            answer = signed_challenge(host, account, self.keys)
            given: str = host.post("sessions", account=account, answer=answer)["token"]
            return given

        host.use(token(), token)
        return host

    # Signing.

    def sign(self, document: Document) -> str:
        """The signed envelope of a document, as it travels."""
        return documents.sign(document, self.keys.signing).data.decode()

    def sign_act(
        self,
        act: str,
        author: str,
        role: str,
        *,
        case: dict[str, Any] | None = None,
        subject: str | None = None,
        body: str | None = None,
        moment: str = "",
    ) -> str:
        """A signed act; `case` is the case as the host shows it, for acts that belong to one."""
        document = Act(
            actor=self.handle,
            role=role,
            author=author,
            act=act,
            case=str(case["number"]) if case else None,
            epoch=int(case["epoch"]) if case else None,
            subject=subject,
            body=body,
            moment=moment or now(),
        )
        return self.sign(document)

    # Other people.

    def shown_keys(self, handle: str) -> Pin:
        """Someone's keys as the host shows them, held against the pin where there is one."""
        shown = self.host.get("people", handle)
        pin = Pin(
            signing=fingerprint(shown["signing_key"]),
            how="shown by the host",
            public_key=shown["public_key"],
            signing_key=shown["signing_key"],
            sign_in_key=shown["sign_in_key"],
        )
        known = self.pins.person(handle)
        if known and any(
            getattr(known, name) not in ("", getattr(pin, name))
            for name in ("signing", "public_key", "sign_in_key")
        ):
            raise another_key(handle)
        return pin

    def author_key(self, author: str, of: bytes = b"") -> PublicKey:
        """The key that checks what an author signed: one's own, or the pinned one. `of` is the envelope in question,
        which may be signed with a key that they had before."""
        key = self._own_key(of) if author == self.handle else self._pinned_key(author)
        if not of or documents.peek(of).signer == key.fingerprint:
            return key
        older = (PublicKey.read(text) for text in self.pins.older(author))
        return next((one for one in older if one.fingerprint == documents.peek(of).signer), key)

    def _own_key(self, of: bytes) -> PublicKey:
        """One's own key; or one's earlier one, if words that lead from it to one's own stand at the host."""
        own = self.keys.signing.public
        signer = documents.peek(of).signer if of else own.fingerprint
        if signer == own.fingerprint or signer in map(fingerprint, self.pins.older(self.handle)):
            return own
        for text in self.followed(self.handle, signer)[0]:
            if fingerprint(text) == signer:
                return PublicKey.read(text)
        return own

    def followed(self, handle: str, before: str) -> tuple[list[str], list[documents.Signed[NewKeys]]]:
        """The signing keys a person had, oldest first, from the one of the fingerprint `before` on, and the words by
        which the next ones followed, each checked with the key that the host shows for its voucher."""
        rows = self.host.get("people", handle, "new-keys")["followed"]
        places = [at for at, row in enumerate(rows) if fingerprint(row["signing_key"]) == before]
        rows = rows[places[0] :] if places else []
        words = [
            documents.read(row["document"].encode(), NewKeys, PublicKey.read(row["voucher_key"]))
            for row in rows
        ]
        return [row["signing_key"] for row in rows], words

    def succession(self, before: documents.Signed[Manifest] | None) -> list[documents.Signed[NewKeys]]:
        """How one's key came to be another since a manifest of one's own; empty while it is the same."""
        own = self.keys.signing.public.fingerprint
        if before is None or before.document.author_signing == own:
            return []
        return self.followed(self.handle, before.document.author_signing)[1]

    @cached_property
    def older_keys(self) -> list[PersonKeys]:
        """The keys of this home that were replaced, newest first: one's own copies from then open with them."""
        return [unlocked(key) for key in self.home.read_old_keys()]

    def _pinned_key(self, author: str) -> PublicKey:
        known = self.pins.person(author)
        if known is None:
            raise Stopped(
                f"You have nothing by which to know the key of {author}; nothing they signed can be checked.",
                "It comes with an invitation or with your card: make a folder from its lines “Author” and “Author's "
                "fingerprint” too. From the host alone it must not come.",
                "not_pinned",
            )
        if not known.signing_key:
            shown = self.shown_keys(author)
            known = Pin(known.signing, known.how, signing_key=shown.signing_key)
            self.pins.keep(author, known)
        return PublicKey.read(known.signing_key)

    def sealed(self, author: str) -> list[Sealed]:
        """The tracks of an author that this person may see, each manifest checked, none older than the newest seen."""
        self.author_key(author)  # a host that shows another key is met before anything it shows with it
        found = []
        for row in self.host.get("watches", author, "words"):
            data = row.text("manifest").encode()
            signed = documents.read(data, Manifest, self.author_key(author, data))
            if signed.document.author != author or signed.document.track != row["track"]:
                raise Stopped(
                    f"The host shows a manifest of something else under {row['track']}; it was not used.",
                    "Tell whoever runs the host; nothing was changed.",
                    "wrong_manifest",
                )
            self.see(signed)
            found.append(Sealed(row, signed))
        return found

    def see(self, signed: documents.Signed[Manifest]) -> None:
        """Notes a checked manifest among the pins."""
        author = signed.document.author
        old = author != self.handle and signed.signer in map(fingerprint, self.pins.older(author))
        self.pins.see(signed, of_old_key=old)

    def sealed_track(self, author: str, track: str | None) -> Sealed:
        """The one track meant by a key, by a recipient's handle, or by nothing when there is only one."""
        found = [one for one in self.sealed(author) if not one.row.get("taken_back")]
        meant = [one for one in found if track in (None, one.row["track"])]
        meant = meant or [one for one in found if one.manifest.document.recipient == track]
        if len(meant) != 1:
            names = ", ".join(one.row["track"] for one in found)
            raise Stopped(
                f"“{track}” does not say which words are meant; nothing was changed."
                if track
                else "Which words are meant is not clear; nothing was changed.",
                f"Name one of these tracks: {names}." if names else "There are none here that you may see.",
                "which_words",
            )
        return meant[0]


def me() -> Me:
    """The acting person of this command, from the home folder given to it."""
    context = click.get_current_context()
    folder = context.find_object(Path)
    assert folder is not None
    return Me(Home(folder))


def name_author(context: click.Context, author: str) -> None:
    """Keeps the author who is named before a subcommand, as in `lastwords case AUTHOR show`."""
    context.meta[AUTHOR] = author


def named_author() -> str:
    """The author who was named before the subcommand."""
    return str(click.get_current_context().meta[AUTHOR])


def own_watch(person: Me) -> AbstractContextManager[None]:
    """For what asks for a watch of one's own: a keeper or recipient has none."""
    return told_of(
        "not_found",
        f"{person.handle} has no watch of their own at {person.person.origin}; nothing was changed.",
        "Name whose is meant: `lastwords watch list` shows it, and `lastwords state AUTHOR` how it stands.",
    )


def nothing_told(author: str, left: str) -> tuple[str, str]:
    """What is said to somebody who may be a recipient; `left` says what is unharmed."""
    return (
        f"There is nothing from {author} that you have been told of; {left}.",
        "A keeper speaks with you first. If one has, ask them to write it down with `lastwords told`.",
    )


def is_open(key: bytes) -> bool:
    """Whether a key file holds the key itself, behind no passphrase."""
    return key.startswith(b"AGE-SECRET-KEY-PQ-1")


def unlocked(key: bytes) -> PersonKeys:
    """A person's keys from the key file: its text, or an age file behind the passphrase."""
    if is_open(key):
        return PersonKeys.from_card(key.decode("ascii", "replace").strip())
    given = typed.passphrase()
    try:
        return PersonKeys.unlock(key, given)
    except NoKeyFits as refused:
        raise Stopped(
            "That is not the passphrase of this key; nothing was sent, and the key is unharmed.",
            "Type it again. If it is lost, your sheet makes a new folder: `lastwords --home DIR key from-card`.",
            "no_key_fits",
        ) from refused


def now() -> str:
    """This machine's time as signed documents write it. Nobody relies on it: the host keeps its own."""
    return moment_of(datetime.now(UTC).timestamp())


def moment_of(second: float) -> str:
    """A UTC second as signed documents write it."""
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%SZ}"
