"""`lastwords join`: a person becomes an author at a host."""

import os
from dataclasses import replace
from pathlib import Path

import click

from lastwords.cli import show, typed
from lastwords.cli.client import Host
from lastwords.cli.errors import Stopped
from lastwords.cli.home import PersonFile
from lastwords.cli.me import Me, me

zone_option = click.option("--zone", help="Your time zone, such as Europe/Lisbon. Default: this machine's.")


@click.command()
@click.argument("origin")
@click.option("--name", help="Your name, as your letters should say it; asked for when left out.")
@click.option(
    "--handle",
    help="Your handle: a short name of small letters, digits and hyphens. Default: made of your name.",
)
@zone_option
@typed.source_option("--code", "The join code that the host gave you; asked for when left out.")
@show.answers
def join(origin: str, name: str | None, handle: str | None, zone: str | None, code: str | None) -> None:
    """Become an author at ORIGIN, with the join code its host gave you."""
    person = me()
    host = Host(origin)
    if person.person.handle and person.person.origin == host.origin:
        # Someone who is here as a keeper or recipient becomes an author too, with the same key and name.
        person.host.post("watches", join_code=typed.secret(code, "Join code"))
        known = person.person
    else:
        not_joined_yet(person)
        known = introduce(
            person,
            host,
            name or str(click.prompt("Your name, as your letters should say it", err=True)),
            zone,
            handle,
            join_code=typed.secret(code, "Join code"),
        )
    show.tell(
        {"handle": known.handle, "origin": known.origin},
        f"Welcome, {known.name}. At {known.origin} you are “{known.handle}”.",
        "Your plan is not active yet. `lastwords plan show` says what is open.",
    )


def not_joined_yet(person: Me) -> None:
    """Refuses to make one folder two people."""
    if person.person.handle:
        raise Stopped(
            f"This folder is {person.person.handle} at {person.person.origin} already; nothing was sent.",
            "Use another folder with --home for another account.",
            "joined",
        )


def introduce(
    person: Me, host: Host, name: str, zone: str | None, handle: str | None, **leave: str
) -> PersonFile:
    """Makes the account, by a join code or an invitation, and writes it into the home. Safe to repeat."""
    public = person.keys.public
    wanted = {"handle": handle} if handle else {}
    zone = zone or this_zone()
    answer = host.post(
        "people",
        name=name,
        zone=zone,
        public_key=public.sealing,
        signing_key=public.signing,
        sign_in_key=public.sign_in,
        **wanted,
        **leave,
    )
    known = replace(person.person, origin=host.origin, handle=str(answer["handle"]), name=name, zone=zone)
    person.home.write_person(known)
    person.person = known
    return known


def this_zone() -> str:
    """This machine's time zone by its IANA name, UTC when it does not say."""
    named = os.environ.get("TZ", "").lstrip(":")
    if "/" in named and not named.startswith("/"):
        return named
    link = str(Path("/etc/localtime").resolve())
    _, found, name = link.partition("/zoneinfo/")
    return name if found and "/" in name else "UTC"
