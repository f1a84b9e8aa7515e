"""`lastwords here`: the strong check-in, signed with the author's own key, or by a code from the paper list.

What it takes is loaded once it is asked for: the commonest of all commands should not keep anybody waiting.
"""

import click

from lastwords.cli import show, typed
from lastwords.cli.errors import Stopped

GREETING = {
    "well": "Thank you. All is well.",
    "closing": "Welcome. Nothing is given now, and your keepers are asked whether it is really you.",
}


@click.command()
@typed.source_option("--code", "A code from your paper list instead of your key.")
@click.option(
    "--seen", metavar="AUTHOR", multiple=True, help="Whom you have with you; written into their open case."
)
@click.option("--where", help="Where that is, for --seen.")
@show.answers
def here(code: str | None, seen: tuple[str, ...], where: str | None) -> None:
    """Say “I'm here”."""
    from lastwords.cli import checking_in
    from lastwords.cli.me import me, own_watch

    person = me()
    if seen and not where:
        raise Stopped("It is not said where they were seen; nothing was sent.", "Add --where PLACE.", "where")
    if code is None:
        with own_watch(person):
            answer = checking_in.with_key(person)
    else:
        answer = checking_in.with_code(person, typed.secret(code, "Next unused code"))
    due, stage = answer["next_due"], str(answer["stage"])
    lines = [GREETING.get(stage, f"Thank you. Your watch is: {show.spoken(stage)}.")]
    if due and stage == "well":
        lines.append(f"Next check-in by {show.day(due, person.person.zone)}.")
    written = {author: checking_in.seen(person, author, str(where)) for author in seen}
    lines += [
        f"Written into the case of {author}: you have them with you. Their own sign of life is still theirs to give."
        for author in written
    ]
    show.tell({**answer, **({"seen": written} if written else {})}, *lines)
