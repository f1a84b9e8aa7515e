"""`lastwords case AUTHOR …`: the keepers' record and workplace.

Entries and texts are sealed here to the people of the case whose keys the author vouched for; the host sees who wrote
when, and how much. What a keeper states is bound to case, epoch, plan and manifests, so it can be moved nowhere else.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from lastwords.case.entries import KINDS, Done, Note, TaskReported, TaskTaken, What
from lastwords.case.rows import rows_of
from lastwords.cli import bedside, entries, homecoming, sheet, show, statement, typed, workplace
from lastwords.cli.errors import Stopped
from lastwords.cli.me import Me, me, name_author, named_author
from lastwords.cli.report import report as handover

F = TypeVar("F", bound=Callable[..., Any])

ORDERS = ("before", "within-survivorship", "unknown", "before-told")

text_option = typed.source_option("--text", "From a file, standard input, or typed.")
only_keepers = click.option(
    "--only-keepers", is_flag=True, help="Seal it only to keepers who receive none of the words."
)


when_options = (
    click.option("--roughly", is_flag=True, help="The time is only about right."),
    click.option("--at", help="Of when it speaks: 2026-12-24 18:00. Default: now."),
)


def when_option(command: F) -> F:
    """The options by which an entry says of when it speaks."""
    for option in when_options:
        command = option(command)
    return command


def about_options(command: F) -> F:
    """The options by which an entry says of when it speaks, how its writer knows, and what it corrects."""
    for option in (
        click.option("--person", help="Whom it is about, when not the author."),
        click.option("--answers", "--about", type=int, help="The entry it answers or belongs to."),
        click.option("--why", help="Why the corrected entry was wrong."),
        click.option("--corrects", type=int, help="The entry it puts right; say --why."),
        click.option("--document", help="The document it is known from."),
        click.option("--heard-from", help="The person it was heard from."),
        *when_options,
    ):
        command = option(command)
    return command


@click.group()
@click.argument("author")
@click.pass_context
def case(ctx: click.Context, author: str) -> None:
    """AUTHOR's case: read it, write in it, state what you found, sign."""
    name_author(ctx, author)


# Reading.


@case.command("show")
@show.answers
def show_case() -> None:
    """Show the case, with the entries that your key opens."""
    person, author = me(), named_author()
    found = entries.running(person, author)
    rows = rows_of(entries.listed(person, author, found))
    read = entries.shown(person, found, rows)
    work = workplace.gathered(person, author, found, rows)
    del found["entries"]
    for made in found.get("statements", []):
        text = entries.opened(person, made.get("text"))
        made["text"] = None if text is None else text.decode("utf-8", "replace")
    zone = person.person.zone
    show.tell(
        {"case": found, "entries": read, **work.plain()},
        *workplace.head(found, work, zone),
        *work.lines(),
        *entries.lines(read, zone, work.names),
    )


# Writing.


@case.command()
@show.answers
def answer() -> None:
    """Say that you are there."""
    person, author = me(), named_author()
    said = person.host.post("watches", author, "case", "answers")
    show.tell(
        said, f"Thank you. The others see that you are there. Read on with `lastwords case {author} show`."
    )


@case.command()
@click.argument("alternate")
@show.answers
def call(alternate: str) -> None:
    """Call ALTERNATE in at once, and seal the earlier entries again so that they can read them."""
    person, author = me(), named_author()
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
    again = _seal_again(me(), named_author())
    show.tell({"sealed_again": again}, f"Entries sealed again for everyone who is called: {len(again)}.")


def _seal_again(person: Me, author: str) -> list[int]:
    return entries.seal_again(person, author, entries.running(person, author))


@case.command()
@text_option
@only_keepers
@about_options
@show.answers
def entry(text: str | None, only_keepers: bool, **about: Any) -> None:
    """Write a note. Nothing is ever changed or taken out; what was wrong is corrected by a new entry."""
    note = Note(typed.text(text or "", "Write the entry.").strip())
    _write(note, entries.About(**about), only_keepers)


@case.command()
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@typed.source_option("--what", "Its fields as a JSON object; asked for one by one when left out.")
@only_keepers
@about_options
@show.answers
def write(kind: str, what: str | None, only_keepers: bool, **about: Any) -> None:
    """Write an entry of any KIND: an observation, a treatment, a place, an attempt to reach the author, …"""
    person = me()
    _write(entries.asked(kind, what, person.person.zone), entries.About(**about), only_keepers)


@case.group()
def task() -> None:
    """Take on what has to be done, and say what came of it."""


@task.command()
@click.argument("number", type=int)
@text_option
@only_keepers
@when_option
@show.answers
def take(number: int, text: str | None, only_keepers: bool, at: str | None, roughly: bool) -> None:
    """Take on the task in entry NUMBER."""
    said = None if text is None else typed.text(text, "What you will do.").strip()
    _write(TaskTaken(number, said or None), entries.About(at=at, roughly=roughly), only_keepers)


@task.command()
@click.argument("number", type=int)
@text_option
@click.option("--not-done", is_flag=True, help="It could not be done, or someone else has to.")
@only_keepers
@when_option
@show.answers
def report(
    number: int, text: str | None, not_done: bool, only_keepers: bool, at: str | None, roughly: bool
) -> None:
    """Say what came of the task in entry NUMBER."""
    said = typed.text(text or "", "What came of it.").strip()
    done = Done.NOT_DONE if not_done else Done.DONE
    _write(TaskReported(number, done, said), entries.About(at=at, roughly=roughly), only_keepers)


def _write(what: What, about: entries.About, only_keepers: bool) -> None:
    person, author = me(), named_author()
    written = entries.made(person, what, about)
    said = entries.write(
        person, author, entries.running(person, author), written, "keepers" if only_keepers else "case"
    )
    show.tell(said, f"Entry {said['entry']} is written.")


# Stating and signing.


@case.command()
@click.argument("finding", type=click.Choice(list(statement.FINDINGS)))
@click.option("--evidence", type=click.Choice(list(statement.EVIDENCE)), required=True, help="How you know.")
@text_option
@click.option(
    "--step-back", is_flag=True, help="You are not free to answer: with “could not find out” alone."
)
@show.answers
def state(finding: str, evidence: str, text: str | None, step_back: bool) -> None:
    """State what you found out. With “died” or “cannot act” your shares go along, under two covers.

    “I could not find out” helps too. You can take a statement back until words were released on it. With --step-back
    your seat counts no more from then on, and nobody sees it, in this answer or anywhere."""
    if step_back and finding != "could-not-find-out":
        raise click.BadParameter("it goes with could-not-find-out alone", param_hint="--step-back")
    person, author = me(), named_author()
    found = entries.running(person, author)
    sealed_text = None
    if text is not None:
        how = typed.text(text, "Say how you know.").encode()
        sealed_text, _ = entries.seal_to(person, author, found["audience"]["keepers"], how)
    said = statement.make(person, author, found, finding, evidence, sealed_text, step_back=step_back)
    lines = [f"Signed: {finding.replace('-', ' ')} ({evidence.replace('-', ' ')})."]
    if said["given"]:
        names = sorted({one["track"] for one in said["given"]})
        lines.append(
            f"Your shares went along for {', '.join(names)}. Nobody can open them before the last call is over."
        )
    if said.get("text_left_out"):
        lines.append(
            "Your text was not kept: you have written as much in this case as one person may. The statement counts all "
            "the same; tell the others by voice how you know."
        )
    seat = person.host.get("watches", author).get("seat") or {}
    show.tell(said, *lines, *statement.what_it_counts_for(said, seat, author))


@case.command()
@show.answers
def retract() -> None:
    """Take your statement back; the shares given with it are deleted."""
    person, author = me(), named_author()
    document = person.sign_act("withdraw statement", author, "keeper", case=entries.running(person, author))
    said = person.host.post("watches", author, "case", "statements", "retract", document=document)
    show.tell(said, "Your statement is taken back.")


@case.group()
def sign() -> None:
    """Sign what you have seen, heard, or tried yourself."""


def _sign(act: str, **more: str) -> None:
    person, author = me(), named_author()
    found = entries.running(person, author)
    subject = ":".join(more.values()) or None
    document = person.sign_act(act, author, "keeper", case=found, subject=subject)
    said = person.host.post("watches", author, "case", "signatures", document=document, act=act, **more)
    show.tell(said, f"Signed: {act}.", *_stands(person, author))


def _stands(person: Me, author: str) -> list[str]:
    """How things stand in the case now. What was signed stays signed when the host cannot say that any more."""
    try:
        found = person.host.get("watches", author, "case")
    except Stopped:
        return []
    return [show.fit_for_terminal(line) for line in workplace.standing(found, author)]


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


@sign.command("recipient-lives")
@click.argument("recipient")
@show.answers
def recipient_lives(recipient: str) -> None:
    """You were wrong about a recipient's death: take back what you signed of it."""
    _sign("recipient lives", subject=recipient)


@sign.command()
@show.answers
def free() -> None:
    """You have spoken with an author who had said that somebody makes them check in; they are free again."""
    _sign("free again")


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
    person, author = me(), named_author()
    document = person.sign_act("restore seat", author, "keeper", subject=keeper)
    said = person.host.post("watches", author, "keepers", keeper, "restore", document=document)
    show.tell(
        {**said, "restored": keeper},
        f"Signed: {keeper} may count again, once a quorum of you has signed it.",
    )


case.add_command(handover)
case.add_command(bedside.now)
for one in (*sheet.IN_CASE, homecoming.page, homecoming.keep):
    case.add_command(one)
