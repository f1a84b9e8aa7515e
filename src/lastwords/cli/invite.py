"""`lastwords invite`: the author makes an invitation and sends its link in person. The host never learns its secret."""

from pathlib import Path

import click

from lastwords.cli import cards, show
from lastwords.cli.client import Said
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, me
from lastwords.sealing.invitation import Invitation

INVITATIONS = "invitations.json"


@click.group()
def invite() -> None:
    """Invite a keeper, an alternate or a recipient."""


out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the link into a file that only you can read, instead of showing it.",
)


@invite.command()
@click.argument("name")
@out_option
@show.answers
def keeper(name: str, out: Path | None) -> None:
    """Invite someone you trust to check on you."""
    _invite("keeper", name, out)


@invite.command()
@click.argument("name")
@click.option(
    "--order", type=click.IntRange(1, 99), help="When they are called: 1 is first. Default: after all others."
)
@out_option
@show.answers
def alternate(name: str, order: int | None, out: Path | None) -> None:
    """Invite someone who is called when keepers cannot be reached; holds no share."""
    _invite("alternate", name, out, **({"order": order} if order else {}))


@invite.command()
@click.argument("name")
@out_option
@show.answers
def recipient(name: str, out: Path | None) -> None:
    """Invite someone words are for, who will have a key and an account of their own."""
    _invite("recipient", name, out)


@invite.command("list")
@show.answers
def list_invitations() -> None:
    """List your invitations and what became of them."""
    person = me()
    offered = person.host.get("watches", person.handle, "invitations")["invitations"]
    kept = [{name: one[name] for name in ("id", "role", "name", "stage", "handle")} for one in offered]
    lines = show.rows(
        [(one["name"], one["role"], one["stage"], one["handle"] or "") for one in kept],
        "Name", "Role", "Stage", "Handle",
    )  # fmt: skip
    show.tell({"invitations": kept}, *(lines if kept else ["No invitations yet."]))


@invite.command("take-back")
@click.argument("invitation")
@show.answers
def take_back(invitation: str) -> None:
    """Take an unanswered invitation back, by its id or the name it was made for. Its link then works no more."""
    person = me()
    offered = person.host.get("watches", person.handle, "invitations")["invitations"]
    meant = [one for one in offered if invitation in (one["id"], one["name"]) and one["stage"] == "offered"]
    if len(meant) != 1:
        raise Stopped(
            f"“{invitation}” does not say which open invitation is meant; nothing was changed.",
            "Give its id, from `lastwords invite list --json`.",
            "which_invitation",
        )
    person.host.delete("watches", person.handle, "invitations", meant[0]["id"])
    show.tell({"taken_back": meant[0]["id"]}, f"The invitation for {meant[0]['name']} is taken back.")


def _invite(role: str, name: str, out: Path | None, **order: int) -> None:
    person = me()
    if out:
        cards.must_be_new(out)
    made = Invitation.new(person.keys.signing.public.fingerprint)
    # The secret is on disk before the host knows of the invitation: an answer could not be checked without it.
    with person.home.change(INVITATIONS) as kept:
        kept[made.id] = {"role": role, "name": name, "fragment": made.fragment}
    person.host.post("watches", person.handle, "invitations", role=role, id=made.id, name=name, **order)
    link = f"{person.host.origin}/invitation/{person.handle}#{made.fragment}"
    if out:
        cards.save_new(out, link + "\n")
    show.tell(
        {
            "invitation": made.id,
            "role": role,
            "name": name,
            "link": None if out else link,
            "file": str(out or ""),
        },
        *(
            [f"The link for {name} is in {out}. Send it yourself, in words of your own, by a way you trust."]
            if out
            else [f"Send this to {name} yourself, in words of your own, by a way you trust:", "", link, ""]
        ),
        "Whoever has it can answer in their place, so do not post it. They use it with `lastwords accept`.",
    )


def made_invitations(person: Me) -> dict[str, Invitation]:
    """The invitations this author made, by their public id, with their secrets."""
    return {
        ident: Invitation.read(str(kept["fragment"])) for ident, kept in person.home.read(INVITATIONS).items()
    }


def answered(person: Me, handle: str, role: str) -> tuple[Invitation, Said] | None:
    """The newest invitation this person answered, and the host's row of it; None when there is none."""
    known = made_invitations(person)
    for row in reversed(person.host.get("watches", person.handle, "invitations")["invitations"]):
        fits = row["role"] == role or (role == "keeper" and row["role"] == "alternate")
        if row["handle"] == handle and row["answer"] and fits and row["id"] in known:
            return known[row["id"]], row
    return None
