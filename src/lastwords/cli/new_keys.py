"""`lastwords key`, when a key has to be another: ask for it, vouch for somebody's, say no, take it, believe it.

Nobody is believed by what a host shows. A keeper who vouches, and everybody who later believes a new key, types the
eight words that its person reads to them.
"""

from dataclasses import replace
from typing import Any

import click

from lastwords.cli import key_ways, show, typed
from lastwords.cli.client import Host
from lastwords.cli.errors import Stopped
from lastwords.cli.home import PersonFile
from lastwords.cli.key import key, make_key, no_passphrase
from lastwords.cli.me import Me, me, now, signed_challenge, unlocked
from lastwords.cli.pins import Pin
from lastwords.sealing.person import PersonKeys, PublicKeys
from lastwords.signing.fingerprints import fingerprint
from lastwords.signing.new_keys import BY_OLD_KEY, BY_VOICE, NewKeys

__all__ = ["key", "key_ways"]
"""The whole of `lastwords key`: its first commands stand in these two, and all are there once this module is loaded."""

words_option = click.option(
    "--eight-words",
    required=True,
    help="The eight words of the new key, as its person reads them aloud to you.",
)


# Asking.


@key.command()
@click.argument("origin")
@click.argument("handle")
@no_passphrase
@show.answers
def recover(origin: str, handle: str, no_passphrase: bool) -> None:
    """Every copy of your key is lost: ask for new keys as HANDLE at ORIGIN, in an empty folder.

    Then call a keeper and read them the eight words. After fourteen days in which nobody who holds an old way of yours
    said no, the new key is yours. Run it again to see how far it has come."""
    person, host = me(), Host(origin)
    if person.home.has_key:
        _same_person(person, host.origin, handle)
    else:
        make_key(person.home, PersonFile(host.origin, handle, handle, "UTC"), locked=not no_passphrase)
    said = host.post("new-keys", **_asked(host, handle, person.keys))
    words = list(person.keys.public.eight_words)
    show.tell(
        {"stage": said["stage"], "ends": said["ends"], "eight_words": words},
        *_stage_lines(said, person.person.zone),
        f"Call one of your keepers, and read them these eight words: {' '.join(words)}.",
        "Print the new sheet now with `lastwords key sheet FILE`.",
    )


def _same_person(person: Me, origin: str, handle: str) -> None:
    """Refuses a folder that is somebody else's, or whose key is in use already."""
    if (person.person.origin, person.person.handle) != (origin, handle):
        raise Stopped(
            f"This folder is {person.person.handle or 'a key of its own'} already; nothing was sent.",
            "Use an empty folder with --home.",
            "key_exists",
        )


def _asked(host: Host, handle: str, keys: PersonKeys) -> dict[str, Any]:
    """New public keys, with a challenge of the host's answered by the new sign-in key."""
    public = keys.public
    return {
        "account": handle,
        "public_key": public.sealing,
        "signing_key": public.signing,
        "sign_in_key": public.sign_in,
        "answer": signed_challenge(host, handle, keys),
    }


@key.command("replace")
@no_passphrase
@show.answers
def replace_key(no_passphrase: bool) -> None:
    """Ask for a new key while you hold the old one (or its sheet). It takes the old one's place after fourteen days."""
    person = me()
    kept = person.home.read_new_key()
    new = unlocked(kept) if kept else PersonKeys.new()
    if kept is None:
        text = f"{new.secret_key}\n".encode()
        person.home.keep_new_key(text if no_passphrase else new.locked(typed.passphrase(new=True)))
    word = _word(person, person.handle, person.keys.public, new.public, BY_OLD_KEY)
    said = person.host.post("me", "new-keys", document=word, **_asked(person.host, person.handle, new))
    show.tell(
        {"stage": said["stage"], "ends": said["ends"], "eight_words": list(new.public.eight_words)},
        "Your new key waits. Nothing changes for fourteen days, and one no by an old way of yours ends it.",
        f"Its eight words are: {' '.join(new.public.eight_words)}.",
        "After the wait run `lastwords key finish`, print its sheet, and seal your words anew.",
    )


def _word(person: Me, handle: str, before: PublicKeys, new: PublicKeys, by: str) -> str:
    return person.sign(
        NewKeys(
            person=handle,
            before=before.signing_fingerprint,
            sealing=new.sealing_fingerprint,
            signing=new.signing_fingerprint,
            sign_in=new.sign_in_fingerprint,
            voucher=person.handle,
            by=by,
            moment=now(),
        )
    )


@key.command()
@show.answers
def finish() -> None:
    """After the wait: the new key becomes this folder's own. The old one stays beside it, for what it sealed."""
    person = me()
    kept = person.home.read_new_key()
    if kept is None:
        raise Stopped(
            "No new key waits in this folder; nothing was changed.",
            "Ask for one with `lastwords key replace`.",
            "no_new_key",
        )
    old, new = person.keys, unlocked(kept)
    fresh = Me(person.home)
    fresh.keys = new
    shown = fresh.host.get("people", person.handle)
    if shown["signing_key"] != new.public.signing:
        raise Stopped(
            "The host does not know the new key as yours; the old one stays.",
            "Wait, and try again.",
            "keys_differ",
        )
    own = person.pins.person(person.handle)
    pin = own or Pin(new.public.signing_fingerprint, "own", signing_key=new.public.signing)
    person.pins.replace(
        person.handle, replace(pin, signing=new.public.signing_fingerprint), old.public.signing
    )
    person.home.take_new_key()
    show.tell(
        {"fingerprint": new.public.signing_fingerprint, "eight_words": list(new.public.eight_words)},
        "The new key is yours. Print its sheet with `lastwords key sheet FILE`, and destroy the old one.",
        "If you are an author, seal your words anew: `lastwords words new-keys TRACK` for each of them.",
        f"Read its eight words to your people: {' '.join(new.public.eight_words)}.",
    )


# Judging.


@key.command()
@show.answers
def waiting() -> None:
    """List new keys that wait: your own, and those of people you may vouch for."""
    person = me()
    found = person.host.get("new-keys")
    lines = [
        f"{one['id']}: {show.fit_for_terminal(one['name'])} ({one['person']}), {one['stage']}"
        + (f", vouched for by {one['by']}" if one["by"] else "")
        + (f", until {show.day(one['ends'], person.person.zone)}" if one["ends"] else "")
        for one in (*found["own"], *found["others"])
    ]
    show.tell(found, *(lines or ["No new keys wait for anybody you know."]))


@key.command()
@click.argument("handle")
@words_option
@show.answers
def vouch(handle: str, eight_words: str) -> None:
    """Vouch for the new keys of HANDLE, whom you have on the telephone: type the eight words they read to you."""
    person = me()
    rows = [one for one in person.host.get("new-keys")["others"] if one["person"] == handle]
    said = typed.words(eight_words)
    row = next((one for one in rows if _keys(one).eight_words == said), None)
    if not rows:
        raise Stopped(
            f"No new keys wait for {handle} that you could vouch for; nothing was signed.",
            "They ask first, with `lastwords key recover`. `lastwords key waiting` shows who has.",
            "no_new_key",
        )
    if row is None:
        raise Stopped(
            f"The eight words are of none of the {len(rows)} new keys that wait for {handle}; nothing was signed.",
            "Let them read the words once more. If they still differ, somebody else has asked in their name: say no.",
            "another_key",
        )
    known = person.pins.person(handle)
    if known and known.signing != fingerprint(row["before"]):
        raise Stopped(
            f"The host shows another key of {handle} than the one you made sure of; nothing was signed.",
            "Tell whoever runs the host, and speak with the other keepers.",
            "another_key",
        )
    before = PublicKeys(row["public_key"], row["before"], row["sign_in_key"])
    word = _word(person, handle, before, _keys(row), BY_VOICE)
    stage = person.host.post("new-keys", row["id"], "vouching", document=word)["stage"]
    show.tell(
        {"person": handle, "stage": stage},
        f"You have vouched for the new keys of {handle}. Everybody who knows them is told, and can say no.",
        f"After the wait, believe them with `lastwords key confirm {handle}`.",
    )


@key.command()
@click.argument("asking", type=int, required=False)
@click.option("--older", is_flag=True, help="Also to all before it in that name that nobody has vouched for.")
@click.option("--origin", help="With a paper code, signed in or not: the host.")
@click.option("--handle", help="With a paper code: your handle there.")
@typed.source_option("--code", "A paper code; asked for when left out.")
@show.answers
def refuse(asking: int | None, older: bool, origin: str | None, handle: str | None, code: str | None) -> None:
    """Say no to new keys that wait: to ASKING by its number, or with a paper code to all that wait for you."""
    if asking is not None:
        said = me().host.post("new-keys", asking, "no", older=older)
        show.tell(
            {"refused": said["refused"], "person": said["person"]},
            _forgotten(said["refused"], f" for {said['person']}"),
        )
        return
    if not (origin and handle):
        raise Stopped(
            "Which new keys are meant is not clear; nothing was changed.",
            "Name their number from `lastwords key waiting`, or give --origin and --handle with a paper code.",
            "which_asking",
        )
    given = typed.secret(code, "A paper code")
    refused = Host(origin).post("new-keys", "no", account=handle, code=given)["refused"]
    show.tell({"refused": refused}, f"The code is used. {_forgotten(refused)}")


def _forgotten(askings: int, whose: str = "") -> str:
    return (
        f"1 asking for new keys{whose} is forgotten."
        if askings == 1
        else f"{askings} askings for new keys{whose} are forgotten."
    )


# Believing.


@key.command("confirm")
@click.argument("handle")
@words_option
@show.answers
def confirm_key(handle: str, eight_words: str) -> None:
    """Believe the new keys of HANDLE: type the eight words they read to you. The old ones are believed no more."""
    keys = confirm(me(), handle, eight_words)
    show.tell(
        {"handle": handle, "eight_words": list(keys.eight_words)},
        f"From now on the new keys are those of {handle}. Nothing new that the old ones sign is believed here.",
    )


def confirm(person: Me, handle: str, eight_words: str) -> PublicKeys:
    """Pins the keys that the host shows for somebody, if their words are those that were read aloud."""
    shown = person.host.get("people", handle)
    keys = _keys(shown)
    if keys.eight_words != typed.words(eight_words):
        raise Stopped(
            f"These are not the eight words of the keys that the host shows for {handle}; nothing was changed.",
            "Let them read `lastwords key show` once more. If the words still differ, tell whoever runs the host.",
            "another_key",
        )
    pin = Pin.of(keys, "eight words")
    known = person.pins.person(handle)
    if known and known.signing == keys.signing_fingerprint:
        person.pins.keep(handle, pin)
        return keys
    before = known.signing_key if known else ""
    if known and not before:
        before = next(iter(person.followed(handle, known.signing)[0]), "")
    person.pins.replace(handle, pin, before)
    return keys


def _keys(row: dict[str, Any]) -> PublicKeys:
    return PublicKeys(row["public_key"], row["signing_key"], row["sign_in_key"])


def _stage_lines(said: dict[str, Any], zone: str) -> list[str]:
    texts = {
        "asked": "New keys are asked for. Nothing has changed yet.",
        "vouched": "Somebody has vouched for them. The wait begins when an old address of yours has taken the letter.",
        "waiting": f"They wait, until {show.day(said['ends'], zone)} at the earliest."
        if said["ends"]
        else "",
        "carried": "The wait is over: the new key is yours.",
        "refused": "Somebody who may said no. Nothing has changed.",
        "lapsed": "It was forgotten, because nobody vouched or no old address took the letter.",
    }
    return [texts[said["stage"]]]
