"""`lastwords codes`: a list of paper codes, a second way to say “I'm here” that is kept apart from every device."""

import hashlib
import secrets
from datetime import date
from pathlib import Path

import click

from lastwords.cli import cards, show
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, me

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike on paper: i, l, o, 0, 1."""
LENGTH = 16
"""Letters of a code: 79 bits, so that nobody finds one from the hash the host keeps."""


@click.group()
def codes() -> None:
    """Paper codes: a second way to say “I'm here”."""


@codes.command()
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Where to print them."
)
@click.option("--count", type=click.IntRange(1, 50), default=20, show_default=True, help="How many codes.")
@click.option(
    "--under-force",
    type=click.IntRange(1, 50),
    help="The line that says that somebody makes you check in. Remember it; it is shown nowhere again.",
)
@show.answers
def new(out: Path, count: int, under_force: int | None) -> None:
    """Make a new list of paper codes and print it into a file.

    One line of it can be your word under force. It is answered like any other code; your keepers get a letter, and no
    words can be given until two of them have spoken with you."""
    if under_force is not None and under_force > count:
        raise click.BadParameter(f"the list has {count} lines", param_hint="--under-force")
    person = me()
    made = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(count)]
    # The list is on disk before the host knows it: a printed code that does not count yet can be thrown away, a code
    # that counts and is nowhere printed could not be found again.
    cards.save_new(out, _page(made, person))
    try:
        person.host.post(
            "watches",
            person.handle,
            "paper-codes",
            codes=[_hashed(code) for code in made],
            under_force=under_force,
        )
    except Stopped as stopped:
        if not stopped.passing:
            out.unlink()
            raise
        raise Stopped(
            f"{stopped.happened} {out} stays: its codes count if the host has heard of them.",
            f"{stopped.do} Make another list with `lastwords codes new`, which ends this one, and destroy this one.",
            stopped.code,
        ) from stopped
    show.tell(
        {"codes": count, "file": str(out)},
        f"{count} codes are in {out}. Print them, keep the paper away from your devices, and delete the file.",
        "Use one with `lastwords here --code`, and strike it out.",
    )


def _hashed(code: str) -> dict[str, str]:
    """What the host keeps of a code: a salt and SHA-256 of salt and code."""
    salt = secrets.token_bytes(16)
    digest = hashlib.sha256(salt + code.encode()).digest()
    return {"salt": salt.hex(), "hash": digest.hex()}


def _page(codes: list[str], person: Me) -> str:
    title = f"Paper codes of {person.person.name}"
    lines = [
        title,
        "=" * len(title),
        "",
        "Each code says “I'm here” once, as strongly as your own device. Strike it out when used.",
        f"Use it at {person.person.origin}/code, without signing in, or with `lastwords here --code`.",
        f"Your handle is {person.handle}.",
        "Send one to nobody, except in answer to a reminder which says that you can.",
        f"Printed on: {date.today().isoformat()}",
        "",
    ]
    for number, code in enumerate(codes, 1):
        spaced = "-".join(code[i : i + 4] for i in range(0, LENGTH, 4))
        lines.append(f"[ ] {number:>2}.  {spaced}")
    return "\n".join(lines) + "\n"
