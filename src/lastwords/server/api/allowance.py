"""How much one person may write in one case: more than any vigil asks for, so that whoever means harm fills neither the
case nor the host's disk.

A keeper who writes down the seven signs every quarter of an hour for six weeks, in the largest circle, and then seals
all of it again for two who are called later, stays within it. What is signed is not counted: a statement, a hold or a
word that somebody is home is never refused for it.
"""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.db.models.functions import Length

from lastwords.server import models
from lastwords.server.retention import ENTRY, TEXT

MOST_ENTRIES = 20_000
MOST_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True)
class Written:
    """What one person has written: entries of one case, and the bytes of these and of their statements' texts."""

    entries: int
    bytes: int

    def has_room_for_entry(self, size: int) -> bool:
        return self.entries < MOST_ENTRIES and self.has_room_for_text(size)

    def has_room_for_text(self, size: int) -> bool:
        return self.bytes + size <= MOST_BYTES


def written(author: str, case: int, by: str) -> Written:
    """One question to the database, whatever stands there. Several requests at the same moment see the same answer, so
    together they may go over by as many; texts of earlier cases count until they are erased."""
    entries = Q(kind=ENTRY, name__startswith=f"{case}/")
    rows = models.Paper.objects.filter(entries | Q(kind=TEXT, name=by), watch_id=author, by=by)
    found = rows.aggregate(entries=Count("id", filter=Q(kind=ENTRY)), bytes=Sum(Length("body")))
    return Written(found["entries"], found["bytes"] or 0)
