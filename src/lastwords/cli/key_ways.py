"""Two ways between a browser and a command line, and what to do when something is lost.

The key crosses only inside a locked key, which a passphrase of eight drawn words opens: the host keeps its bytes and
can open them as little as a stranger.
"""

import base64
import secrets
from importlib import resources

import click

from lastwords.cli import show, typed
from lastwords.cli.client import Host
from lastwords.cli.errors import Stopped
from lastwords.cli.home import PersonFile
from lastwords.cli.key import key, no_passphrase, save_key
from lastwords.cli.me import me
from lastwords.sealing import age
from lastwords.sealing.person import PersonKeys
from lastwords.signing.refusals import Refused

WORDS = 8

NEXT = {
    "phone": "If it was unlocked with your key open in a page, go on as for a sheet.",
    "computer": "If your key lay open on it, go on as for a sheet. A locked key is safe behind its passphrase.",
    "passkey": "Make another passkey or a passphrase, so that you have two ways in again.",
    "passphrase": "Draw another one with `lastwords key passphrase`.",
    "paper-codes": "Print a new list with `lastwords codes new --out FILE`.",
    "mailbox": "Add another address with `lastwords channel add mail ADDRESS`, then take the lost one out.",
    "sheet": "Whoever has the sheet has your key: ask for another with `lastwords key replace`, and tell your people.",
    "card": "Whoever has the card has your key: ask its author for a new one, or for a key by `lastwords key replace`.",
    "everything": "On a new device ask for new keys with `lastwords key recover`, and call a keeper.",
}
"""What comes next, by what was lost."""


@key.command()
@show.answers
def passphrase() -> None:
    """Draw a passphrase that opens your key in a browser. Shown once; write it down."""
    person = me()
    words = " ".join(drawn())
    data = age.seal_with_passphrase(f"{person.keys.secret_key}\n".encode(), plain(words), work_factor=18)
    sealed = base64.b64encode(data).decode()
    person.host.put("me", "locked-keys", kind="passphrase", credential="", sealed=sealed)
    show.tell(
        {"passphrase": words},
        f"Your passphrase: {words}",
        f"With “{person.handle}” and these words you sign in at {person.person.origin} in any browser.",
        "The words never leave this machine and that browser. An earlier passphrase no longer works.",
    )


@key.command("from-passphrase")
@click.argument("origin")
@click.argument("handle")
@typed.source_option("--words", "A file with the eight words; asked for when left out.")
@no_passphrase
@show.answers
def from_passphrase(origin: str, handle: str, words: str | None, no_passphrase: bool) -> None:
    """Make this home from an account made in a browser: HANDLE at ORIGIN, with the passphrase drawn there."""
    home = me().home
    home.must_be_new()
    host = Host(origin)
    said = plain(typed.secret(words, "Your passphrase"))
    sealed = host.post("locked-keys", account=handle).data("sealed")
    try:
        keys = PersonKeys.unlock(sealed, said)
    except Refused as error:
        raise Stopped(
            "The passphrase does not open a key of this name; nothing was changed.",
            "Check both, word by word. If you never drew a passphrase in a browser, use your sheet.",
            "no_key_fits",
        ) from error
    save_key(home, keys, PersonFile(host.origin, handle, handle, "UTC"), locked=not no_passphrase)
    known = me()
    shown = known.host.get("me")
    known.home.write_person(PersonFile(host.origin, handle, shown["name"], shown["zone"]))
    show.tell(
        {"origin": host.origin, "handle": handle}, f"This folder is now {shown['name']}: {home.folder}."
    )


@key.command()
@click.argument("what", type=click.Choice(list(NEXT)))
@show.answers
def lost(what: str) -> None:
    """Something is lost or stolen: end at once what could be used with it, and say what comes next."""
    ended = me().host.post("me", "lost", what=what)["ended"]
    show.tell(
        {"ended": ended, "next": NEXT[what]},
        f"Ended at once: {', '.join(ended)}." if ended else "There was nothing to end.",
        "Your addresses are written to, so that you would hear if it was not you.",
        NEXT[what],
    )


def plain(passphrase: str) -> str:
    """A passphrase as it is meant, however its words were separated; four words of the list have a hyphen of their own.
    A key is locked and opened under this alone."""
    return " ".join(passphrase.lower().replace("-", " ").split())


def drawn() -> list[str]:
    """Eight words of the EFF's long list, each as likely as any other: 103 bits."""
    text = resources.files("lastwords.signing").joinpath("eff_large.txt").read_text(encoding="ascii")
    listed = text.split()
    return [secrets.choice(listed) for _ in range(WORDS)]
