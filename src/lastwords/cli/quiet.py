"""`lastwords quiet` and `lastwords letters`: whoever looks over a shoulder learns nothing, and the person reads all."""

import click

from lastwords.cli import show
from lastwords.cli.me import me

NAME, ELSEWHERE = "Notes", "https://www.wikipedia.org/"
"""What is proposed, as on the page."""


@click.group()
def quiet() -> None:
    """Quiet mode: mail and pages that say nothing to whoever looks over your shoulder."""


@quiet.command()
@click.option(
    "--name",
    default=NAME,
    show_default=True,
    help="What this service is called in your mail and on your pages.",
)
@click.option("--leave-to", default=ELSEWHERE, show_default=True, help="Where “Leave this page” goes.")
@show.answers
def on(name: str, leave_to: str) -> None:
    """Turn it on, or change it."""
    found = me().host.put("me", "quiet", name=name, leave_to=leave_to)
    show.tell(
        found,
        f"Mail to you now comes from “{found['name']}” and says that there is something, and by when.",
        "What a letter is about you read once you have signed in, or with `lastwords letters`.",
        "It erases nothing: a browser's history and your older mail stay as they are.",
    )


@quiet.command()
@show.answers
def off() -> None:
    """Turn it off: letters say again what they are about."""
    show.tell(me().host.delete("me", "quiet"), "Letters to you say again what they are about.")


@quiet.command("show")
@show.answers
def look() -> None:
    """Show whether it is on."""
    found = me().host.get("me", "quiet")
    name, elsewhere = (show.fit_for_terminal(found[key]) for key in ("name", "leave_to"))
    said = f"On, as “{name}”. Leaving goes to {elsewhere}."
    show.tell(found, said if found["on"] else "Off: letters and pages say what they are about.")


@click.command()
@show.answers
def letters() -> None:
    """The newest letters that reached you, in full but for the record's row and head, which the mail alone has."""
    person = me()
    found = person.host.get("me", "letters")["letters"]
    lines = [
        line
        for one in found
        for line in (
            f"{show.day(one['written'], person.person.zone)}: {show.fit_for_terminal(one['subject'])}",
            *(f"  {show.fit_for_terminal(part)}" for part in one["body"]),
            "",
        )
    ]
    show.tell({"letters": found}, *(lines or ["No letter has reached you yet."]))
