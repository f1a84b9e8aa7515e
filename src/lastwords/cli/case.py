"""`lastwords case AUTHOR …`: the keepers' record and workplace.

Entries and texts are sealed here to the people of the case whose keys the author vouched for; the host sees who wrote
when, and how much. What a keeper states is bound to case, epoch, plan and manifests, so it can be moved nowhere else.
"""

import base64
from collections.abc import Iterable
from typing import Any

import click

from lastwords.cli import keys_of, show, statement, typed
from lastwords.cli.me import Me, me
from lastwords.sealing import age
from lastwords.sealing.refusals import SealedFileRefused

ORDERS = ("before", "within-survivorship", "unknown", "before-told")

text_option = typed.source_option("--text", "From a file, standard input, or typed.")
only_keepers = click.option(
    "--only-keepers", is_flag=True, help="Seal it only to keepers who receive none of the words."
)


@click.group()
@click.argument("author")
@click.pass_context
def case(ctx: click.Context, author: str) -> None:
    """AUTHOR's case: read it, write in it, state what you found, sign."""
    ctx.meta["lastwords.author"] = author


def author_of_case() -> str:
    """The author named before the subcommand."""
    return str(click.get_current_context().meta["lastwords.author"])


def running(person: Me, author: str) -> dict[str, Any]:
    """The newest case, as the host shows it to this keeper."""
    found: dict[str, Any] = person.host.get("watches", author, "case")
    return found


# Reading.


@case.command("show")
@show.answers
def show_case() -> None:
    """Show the case, with the entries that your key opens."""
    person, author = me(), author_of_case()
    found = running(person, author)
    entries = [{**entry, "text": opened(person, entry.get("body"))} for entry in found.pop("entries")]
    for entry in entries:
        entry.pop("body", None)
    for made in found.get("statements", []):
        made["text"] = opened(person, made.get("text"))
    zone = person.person.zone
    show.tell(
        {"case": found, "entries": entries},
        *_case_lines(found, author, zone),
        *_entry_lines(entries, zone),
    )


def opened(person: Me, body: str | None) -> str | None:
    """The text of a sealed body; None when it is not sealed to this person, or not to be read."""
    data = _opened(person, body)
    return None if data is None else data.decode("utf-8", "replace")


def _opened(person: Me, body: str | None) -> bytes | None:
    if not body:
        return None
    try:
        return age.open_bytes(base64.b64decode(body), [person.keys.secret_key])
    except SealedFileRefused:
        return None


def _case_lines(found: dict[str, Any], author: str, zone: str) -> list[str]:
    state = f"closed on {show.day(found['closed'], zone)}" if found.get("closed") else "open"
    lines = [
        f"Case {found['number']} of {author}, {state}. Opened by {show.spoken(found['cause'])} on "
        f"{show.day(found['opened'], zone)}.",
        f"Called: {', '.join(found['called']) or 'nobody'}. Answered: {', '.join(found['answered']) or 'nobody yet'}.",
    ]
    for hold in found.get("holds", []):
        lines.append(f"All clocks stand: {show.spoken(hold['cause'])}, placed by {hold['placed_by']}.")
    for track in found.get("tracks", []):
        lines.append(f"{track['track']}: {show.spoken(track['stage'])}, words {show.spoken(track['words'])}.")
    for made in found.get("statements", []):
        said = f" “{show.fit_for_terminal(made['text'].strip())}”" if made.get("text") else ""
        lines.append(
            f"{made['keeper']} states: {show.spoken(made['finding'])} ({show.spoken(made['evidence'])}).{said}"
        )
    if found.get("home"):
        lines.append(f"Seen or heard the author: {', '.join(found['home'])}.")
    return lines


def _entry_lines(entries: list[dict[str, Any]], zone: str) -> list[str]:
    lines = []
    for entry in entries:
        about = f", about {entry['about']}" if entry.get("about") else ""
        only = ", keepers only" if entry["audience"] == "keepers" else ""
        lines.append(
            f"[{entry['number']}] {show.day(entry['at'], zone)}, {entry['by']}: "
            f"{show.spoken(entry['kind'])}{about}{only}"
        )
        text = entry["text"]
        lines.append(
            "    "
            + (
                show.fit_for_terminal(text.strip()).replace("\n", "\n    ")
                if text is not None
                else "sealed to others"
            )
        )
    return lines


# Writing.


@case.command()
@show.answers
def answer() -> None:
    """Say that you are there."""
    person, author = me(), author_of_case()
    said = person.host.post("watches", author, "case", "answers")
    show.tell(
        said, f"Thank you. The others see that you are there. Read on with `lastwords case {author} show`."
    )


@case.command()
@click.argument("alternate")
@show.answers
def call(alternate: str) -> None:
    """Call ALTERNATE in at once, and seal the earlier entries again so that they can read them."""
    person, author = me(), author_of_case()
    said = person.host.post("watches", author, "case", "calls", keeper=alternate)
    again = _seal_again(person, author)
    show.tell(
        {**said, "sealed_again": again},
        f"{alternate} is called. Earlier entries sealed again, so that they can be read: {len(again)}.",
    )


@case.command("seal-again")
@show.answers
def seal_again() -> None:
    """Seal earlier entries again for everyone who is called by now, after an alternate has joined."""
    again = _seal_again(me(), author_of_case())
    show.tell({"sealed_again": again}, f"Entries sealed again for everyone who is called: {len(again)}.")


def _seal_again(person: Me, author: str) -> list[int]:
    """Each entry this keeper can open goes in once more, as an entry of the same kind about the old one; an entry that
    is such a copy is not copied. Nothing is taken out: those who read the old one see the same words twice."""
    found = running(person, author)
    read = {entry["number"]: _opened(person, entry.get("body")) for entry in found["entries"]}
    again = []
    for entry in found["entries"]:
        data = read[entry["number"]]
        if data is None or (entry["about"] and read.get(entry["about"]) == data):
            continue
        body, _ = seal_to(person, author, found["audience"][entry["audience"]], data)
        person.host.post(
            "watches", author, "case", "entries",
            kind=entry["kind"], audience=entry["audience"], body=body, about=entry["number"],
        )  # fmt: skip
        again.append(int(entry["number"]))
    return again


@case.command()
@text_option
@only_keepers
@click.option("--about", type=int, help="The entry this corrects or belongs to.")
@click.option("--kind", type=click.Choice(["note", "contact_attempt"]), default="note", show_default=True)
@show.answers
def entry(text: str | None, only_keepers: bool, about: int | None, kind: str) -> None:
    """Write an entry. Nothing is ever changed or taken out; a correction is a new entry about the old one."""
    _write(kind, text, about, "keepers" if only_keepers else "case")


@case.group()
def task() -> None:
    """Take on what has to be done, and say what came of it."""


@task.command()
@click.argument("number", type=int)
@text_option
@only_keepers
@show.answers
def take(number: int, text: str | None, only_keepers: bool) -> None:
    """Take on what entry NUMBER asks for."""
    _write("task_taken", text, number, "keepers" if only_keepers else "case")


@task.command()
@click.argument("number", type=int)
@text_option
@only_keepers
@show.answers
def report(number: int, text: str | None, only_keepers: bool) -> None:
    """Say what came of the task you took with, or that stands in, entry NUMBER."""
    _write("task_reported", text, number, "keepers" if only_keepers else "case")


def _write(kind: str, text: str | None, about: int | None, audience: str) -> None:
    person, author = me(), author_of_case()
    found = running(person, author)
    written = typed.text(text or "", "Write the entry.").encode()
    body, left_out = seal_to(person, author, found["audience"][audience], written)
    said = person.host.post(
        "watches", author, "case", "entries",
        kind=kind, audience=audience, body=body, **({"about": about} if about else {}),
    )  # fmt: skip
    show.tell({"entry": said["number"], "left_out": left_out}, f"Entry {said['number']} is written.")


def seal_to(person: Me, author: str, members: Iterable[dict[str, Any]], data: bytes) -> tuple[str, list[str]]:
    """Something sealed to the vouched keys of an audience, as base64, and whom it had to leave out."""
    manifests = [one.manifest.document for one in person.sealed(author)]
    keys, left_out = keys_of.audience(person, author, members, manifests)
    if left_out:
        show.aside(f"Not sealed to {', '.join(left_out)}: the author has not vouched for their keys.")
    return base64.b64encode(age.seal_bytes(data, keys)).decode(), left_out


# Stating and signing.


@case.command()
@click.argument("finding", type=click.Choice(list(statement.FINDINGS)))
@click.option("--evidence", type=click.Choice(list(statement.EVIDENCE)), required=True, help="How you know.")
@text_option
@show.answers
def state(finding: str, evidence: str, text: str | None) -> None:
    """State what you found out. With “died” or “cannot act” your shares go along, under two covers.

    “I could not find out” helps too. You can take a statement back until words were released on it."""
    person, author = me(), author_of_case()
    found = running(person, author)
    sealed_text = None
    if text is not None:
        how = typed.text(text, "Say how you know.").encode()
        sealed_text, _ = seal_to(person, author, found["audience"]["keepers"], how)
    said = statement.make(person, author, found, finding, evidence, sealed_text)
    lines = [f"Signed: {finding.replace('-', ' ')} ({evidence.replace('-', ' ')})."]
    if said["given"]:
        names = sorted({one["track"] for one in said["given"]})
        lines.append(
            f"Your shares went along for {', '.join(names)}. Nobody can open them before the last call is over."
        )
    show.tell(said, *lines)


@case.command()
@show.answers
def retract() -> None:
    """Take your statement back; the shares given with it are deleted."""
    person, author = me(), author_of_case()
    document = person.sign_act("withdraw statement", author, "keeper", case=running(person, author))
    said = person.host.post("watches", author, "case", "statements", "retract", document=document)
    show.tell(said, "Your statement is taken back.")


@case.group()
def sign() -> None:
    """Sign what you have seen, heard, or tried yourself."""


def _sign(act: str, **more: str) -> None:
    person, author = me(), author_of_case()
    found = running(person, author)
    subject = f"{more['subject']}:{more['order']}" if more else None
    document = person.sign_act(act, author, "keeper", case=found, subject=subject)
    said = person.host.post("watches", author, "case", "signatures", document=document, act=act, **more)
    show.tell(said, f"Signed: {act}.")


@sign.command()
@show.answers
def home() -> None:
    """You have seen or heard the author yourself."""
    _sign("seen or heard")


@sign.command("not-them")
@show.answers
def not_them() -> None:
    """Whoever gave the sign was not the author."""
    _sign("not them")


@sign.command()
@show.answers
def tried() -> None:
    """You tried to reach the author in person, in a last call that no mailbox accepts."""
    _sign("tried in person")


@sign.command("recipient-died")
@click.argument("recipient")
@click.option("--order", type=click.Choice(ORDERS), required=True, help="When, seen from the author's death.")
@show.answers
def recipient_died(recipient: str, order: str) -> None:
    """A recipient has died."""
    _sign("recipient died", subject=recipient, order=order.replace("-", "_"))


@sign.command()
@show.answers
def end() -> None:
    """There is nothing more to do in this case."""
    _sign("close case")


@case.command()
@click.argument("keeper")
@show.answers
def restore(keeper: str) -> None:
    """Sign that a suspended keeper may count again."""
    person, author = me(), author_of_case()
    document = person.sign_act("restore seat", author, "keeper", subject=keeper)
    said = person.host.post("watches", author, "keepers", keeper, "restore", document=document)
    show.tell(
        {**said, "restored": keeper},
        f"Signed: {keeper} may count again. It takes as many of you as the quorum.",
    )
