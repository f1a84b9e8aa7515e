"""`lastwords case AUTHOR now`: how the author is at this moment, for whoever keeps watch or comes to take over.

It is composed on the keeper's own machine from the entries their key opens, as the handover report is, and says the
same of signs, score and trend.
"""

from typing import Any

import click

from lastwords.case.handover import Report, state_of
from lastwords.case.report import compose
from lastwords.case.text import at_the_bed
from lastwords.cli import show
from lastwords.cli.me import me, named_author
from lastwords.cli.report import at_option, gathered, sealed_sheet


@click.command("now")
@at_option
@show.answers
def now(at: str | None) -> None:
    """How the author is: who is on watch, the newest signs, the trend, and NEWS2 when all seven values are there."""
    person = me()
    author = named_author()
    medical, without = sealed_sheet(person, author)
    given = gathered(person, author, medical, at=at)
    made, on_watch = compose(given), state_of(given).on_watch
    show.tell(
        {"case": given.case, "on_watch": list(on_watch), **_plain(made), "without_sheet": without},
        *[show.fit_for_terminal(line) for line in at_the_bed(made, on_watch)],
    )


def _plain(made: Report) -> dict[str, Any]:
    """Signs, score and trend as data. `parts` is empty where there is no score; its sentence then says why."""
    return {
        "signs": [
            {"sign": row.sign, "value": row.value, "ago": row.ago, "known": row.known, "entry": row.number}
            for row in made.state
        ],
        "score": {
            "sentence": made.score.sentence,
            "parts": [
                {"name": name, "shown": shown, "points": points} for name, shown, points in made.score.parts
            ],
        },
        "trend": [
            {
                "sign": series.name,
                "points": [{"at": one.at, "shown": one.shown, "entry": one.number} for one in series.points],
            }
            for series in made.trend.series
        ],
    }
