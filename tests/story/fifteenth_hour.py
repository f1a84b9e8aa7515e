"""The handover report of the fifteenth hour as the story's own commands made it, without what no two plays share.

A play begins when it is run, so its dates differ, and with them the age; rows of the log are numbered as people and
rounds happen to interleave; the host has another port each time. `plain` writes hours since the poison, entries in the
order of their numbers, and names for the rest. Everything else stands as it was printed; what was broken onto a second
line under the timeline's own margin is one line again.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from lastwords.story.record import Record

ZONE = ZoneInfo("Asia/Tokyo")
HOUR = 3600
EXPECTED = (Path(__file__).parent / "fifteenth-hour.txt").read_text("utf-8")
MARGIN = " " * 20
BORN = (1995, 5, 26)


def report_of(folder: Path) -> str:
    """The report in a play's folder, as `plain` writes it."""
    record = Record(folder, folder.name)
    made = next(one for one in record.said("shizune", "case", "iruka", "report") if "--text" in one.words)
    poison = int(made.after("--at")[0]) - 15 * HOUR
    return plain(record.here(made.answer["file"]).read_text("utf-8"), poison)


def plain(text: str, poison: int) -> str:
    text = _opened(_unfolded(text.replace("\f", "(new page)")), poison)
    for quarter in range(15 * 4 + 1):
        local = datetime.fromtimestamp(poison + quarter * HOUR // 4, UTC).astimezone(ZONE)
        hour = f"{quarter / 4:g} h"
        text = text.replace(f"{local:%a} {local.day} {local:%b} {local.year}, {local:%H:%M}", f"<{hour}>")
        text = re.sub(rf"(?<!\d){local.day} {local:%b} {local:%H:%M}", f"<{hour}>", text)
    now = datetime.fromtimestamp(poison, UTC).astimezone(ZONE) + timedelta(hours=15)
    age = now.year - BORN[0] - ((now.month, now.day) < BORN[1:])
    text = text.replace(f"{age} years", "<age>")
    text = re.sub(r"filled in \d+ \w+ \d{4}", "filled in <day>", text)
    text = re.sub(r"http://127\.0\.0\.1:\d+", "<host>", text)
    text = re.sub(r"row\s+\d+", "row <last>", text)
    text = re.sub(r"^[0-9a-f]{8}( [0-9a-f]{8}){7}$", "<link>", text, flags=re.M)
    return _numbered(text)


def _opened(text: str, poison: int) -> str:
    """The case opens when its alarm arrives, minutes later where the machine is busy: to the nearest half hour."""

    def hour(found: re.Match[str]) -> str:
        at = datetime.strptime(found[1], "%a %d %b %Y, %H:%M").replace(tzinfo=ZONE).timestamp()
        return f"opened <{round((at - poison) / 1800) / 2:g} h>"

    return re.sub(r"opened (\w{3} \d+ \w{3} \d{4}, \d\d:\d\d)", hour, text)


def _unfolded(text: str) -> str:
    """Events of the timeline on one line each."""
    first, second, third = text.split("(new page)")
    return "(new page)".join((first, second.replace(f"\n{MARGIN}", " "), third))


def _numbered(text: str) -> str:
    """Entries by their order: whatever is named as one has a number that stands in the timeline."""
    numbers = sorted({int(one) for one in re.findall(r"^\[(\d+)\]", text, flags=re.M)})
    order = {str(number): f"#{place}" for place, number in enumerate(numbers, 1)}
    named = re.compile(r"(\[|(?<=\d), |entry |task |Corrects )(\d+)(?=[\],: ])")
    before = ""
    while before != text:
        before = text
        text = named.sub(lambda found: found[1] + order.get(found[2], found[2]), text)
        text = re.sub(
            r"(#\d+), (\d+)(?=[\],])", lambda found: f"{found[1]}, {order.get(found[2], found[2])}", text
        )
    return re.sub(r"^((?:\[#\d+\])?) *(~?<[\d.]+ h>) +", r"\1 \2 ", text, flags=re.M)
