"""docs/wrongs.md, written from what the lives came to: no figure in it is typed."""

from collections.abc import Iterable, Mapping
from typing import Any

PREFACE = """# Lives in which something goes wrong

Four dead man's switches, ours among them, each run as its own manual says, as real processes, with a moved clock
and a mail server that fails as it is told. Counted is from the mailboxes alone:

- **early**: letters of words that went out though the author was alive,
- **lost**: words that never went out though the author was dead and everybody who was asked had said so, unless the
  switch stopped and said why,
- **twice**: letters of words that reached one person as another letter; one that comes again under its own
  Message-ID is *repeated*,
- **right**: none of these three,
- **notice**: what lay between the first letter that reached the author and the first words; **told**: whether any
  living person beside the author had been told before them.

```
make wrongs    this page anew, half an hour
```
"""

FAIR = """## Read this before comparing

- We wrote the lives, and we wrote them about what our own design is for. Somebody else's list would be another one.
- A daemon that asks nobody before it acts does what it promises when it acts on silence. In the lives in which the
  author is far away and silent, *early* tells what follows from that promise, not that it was broken.
- The others were chosen because they install from a package index, in the version that stands here. Later ones may
  do otherwise. They are small projects that do other things well; none of them claims to withstand these lives.
- Terms are each one's defaults: they differ, so the lives differ in length, and minutes of notice say more about
  terms than about care.
- Ours has played on SQLite, on one machine, with the clock of its demonstration. Its own doubts are in
  [proof.md](proof.md) and [faults.md](faults.md).
- One run of each life. Where a race decides (two workers, a crash), another run may differ.
"""


def page(switches: Iterable[Any], lives: Iterable[Any], found: Mapping[str, Mapping[str, Any]]) -> str:
    """`switches` have a name, a version and `settings`; `found` is by name and by the title of a life."""
    switches, lives = list(switches), list(lives)
    lines = [PREFACE, "## What came of it", ""]
    lines += ["| Life | " + " | ".join(one.name for one in switches) + " |", "|---|" + "---|" * len(switches)]
    for life in lives:
        ends = "the author has died" if life.dead else "the author lives"
        cells = [cell(found.get(one.name, {}).get(life.title)) for one in switches]
        lines.append(f"| {life.title} ({ends}) | " + " | ".join(cells) + " |")
    lines += [
        "| **lives in which anything was early, lost or twice** | "
        + " | ".join(sum_of(found.get(one.name, {})) for one in switches)
        + " |"
    ]
    lines += ["", "## Versions and settings", "", "| Switch | Version | As it was run |", "|---|---|---|"]
    lines += [f"| {one.name} | {one.version} | {one.settings} |" for one in switches]
    return "\n".join(lines) + "\n\n" + FAIR


def cell(one: Any) -> str:
    """One life of one switch."""
    if one is None or isinstance(one, str):
        return one or "not played"
    parts = [f"{one[what]} {what}" for what in ("early", "lost", "twice") if one[what]]
    parts = [f"**{', '.join(parts)}**"] if parts else ["right"]
    if one["repeated"]:
        parts.append(f"{one['repeated']} repeated")
    if one["stopped"]:
        parts.append("stopped, and said so")
    if one["told"] is not None:
        days = one["notice"] and one["notice"] / 1440
        parts.append("no notice" if days is None else f"notice {days:.0f} days")
        parts.append("told" if one["told"] else "nobody told")
    return "; ".join(parts)


def sum_of(lives: Mapping[str, Any]) -> str:
    played = [one for one in lives.values() if not isinstance(one, str)]
    wrong = sum(bool(one["early"] or one["lost"] or one["twice"]) for one in played)
    return f"{wrong} of {len(played)}"
