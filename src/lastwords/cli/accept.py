"""`lastwords accept`: the invited person answers. Makes a key and an account where there are none, pins the author."""

import base64
from typing import NamedTuple

import click

from lastwords.cli import show, typed
from lastwords.cli.client import Host, read_origin
from lastwords.cli.errors import Stopped
from lastwords.cli.home import PersonFile
from lastwords.cli.join import introduce, zone_option
from lastwords.cli.key import make_key, no_passphrase
from lastwords.cli.me import Me, me
from lastwords.cli.pins import Pin
from lastwords.sealing.invitation import Invitation, answer

SAID = {
    "keeper": "You are a keeper of {author} now. Thank you. They verify you next.",
    "alternate": "You are called for {author} when keepers cannot be reached. Thank you. They verify you next.",
    "recipient": "{author} knows your key now, and can write to you.",
}


class Link(NamedTuple):
    """What an invitation's link says. Only its fragment is secret, and only origin and author travel."""

    origin: str
    author: str
    invitation: Invitation


@click.command()
@click.argument("source", required=False)
@click.option("--name", help="Your name; asked for when you have no account yet.")
@click.option("--handle", help="Your handle: a short name of small letters, digits and hyphens.")
@zone_option
@no_passphrase
@show.answers
def accept(
    source: str | None, name: str | None, handle: str | None, zone: str | None, no_passphrase: bool
) -> None:
    """Accept an invitation: its link is pasted when asked, or read from SOURCE (a file, or - for standard input)."""
    person = me()
    link = read_link(_link_text(source))
    if not person.home.has_key:
        make_key(person.home, PersonFile(), locked=not no_passphrase)
    _have_account(person, link, name, handle, zone)
    # Pinned before anything else is believed: the link came from the author's own hand.
    person.pins.keep(link.author, Pin(link.invitation.author, "invitation"))
    body = base64.b64encode(answer(link.invitation, person.keys)).decode()
    said = person.host.post("watches", link.author, "invitations", link.invitation.id, "answer", answer=body)
    role = str(said.get("role", "keeper"))
    show.tell(
        {"author": link.author, "role": role, "handle": person.handle},
        SAID.get(role, SAID["keeper"]).format(author=link.author),
        "If you have not done so: print your recovery sheet with `lastwords key sheet FILE`,",
        "and say how letters reach you with `lastwords channel add mail ADDRESS`.",
    )


def read_link(text: str) -> Link:
    """Reads an invitation's link, `ORIGIN/invitation/AUTHOR#SECRET`."""
    address, _, fragment = text.strip().partition("#")
    origin, found, author = address.partition("/invitation/")
    if not found or not author or not fragment:
        raise Stopped(
            "That is not an invitation's link; nothing was sent.",
            "Paste the whole link, with everything after its #. Mail programs sometimes break it in two.",
            "not_a_link",
        )
    return Link(read_origin(origin), author, Invitation.read(fragment))


def _link_text(source: str | None) -> str:
    if source and "://" in source:
        raise Stopped(
            "The link was typed as an argument, where this machine's other users and the shell's history can see it; "
            "it was not used.",
            "Run `lastwords accept` alone and paste the link when asked.",
            "link_in_sight",
        )
    return typed.secret(source, "Paste the link")


def _have_account(person: Me, link: Link, name: str | None, handle: str | None, zone: str | None) -> None:
    """An account at the invitation's host: the one there is, or a new one."""
    if not person.person.handle:
        name = name or str(click.prompt("Your name", err=True))
        introduce(
            person, Host(link.origin), name, zone, handle, invitation=link.invitation.id, author=link.author
        )
    elif person.person.origin != link.origin:
        raise Stopped(
            f"This invitation is from {link.origin}, and this folder belongs to {person.person.origin}; "
            "nothing was sent.",
            "Accept it with another folder: `lastwords --home DIR accept`.",
            "another_host",
        )
