"""Words for you: what waits, and one page for each of them. What is inside opens in the browser alone."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from lastwords.protocol.stages import Condition, WordsStage
from lastwords.protocol.watch import Track
from lastwords.server import models
from lastwords.server.api import door, parts, views, words
from lastwords.server.findings import agreed
from lastwords.server.pages.entrance import signed_in
from lastwords.server.problems import problem

OF_THE_AUTHOR = {
    Condition.DIED: "{author}'s keepers say that {author} has died.",
    Condition.CANNOT_ACT: "{author}'s keepers say that {author} is alive and cannot act.",
    None: "{author}'s keepers can tell you what they know of {author} now.",
}
BACK = "A sign of life of {author} has come since these words were given."
"""For words that were opened before it: whoever reads them again must not read that the author has died."""
WITHOUT_KEEPERS = (
    "{author} has not been heard of for as long as they had set. There were no keepers, so nobody knows why."
)
"""A plan that asks nobody: the host knows a silence and no more."""
NOW = {
    WordsStage.RELEASED: "The words are sealed, and nothing has been opened.",
    WordsStage.TOLD: "The words are sealed, and nothing has been opened.",
    WordsStage.SHARES_WANTED: "You have asked for the keepers' shares. You can open them now, or at another time.",
    WordsStage.OPENED: "You have opened the words. You can read them again whenever you wish.",
    WordsStage.LATER: "You keep the words for later. You can open them whenever you wish.",
    WordsStage.THROUGH_SOMEONE: "You wish to receive the words through {someone}.",
    WordsStage.DECLINED: "You said no, thank you. The words stay sealed, and you can change your mind.",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One author's words under one condition, as their recipient may know of them."""

    author: str
    name: str
    track: Track
    told_by: str
    found: Condition | None
    """What the keepers say, of whom there may be none."""

    @property
    def key(self) -> str:
        return self.track.key

    @property
    def what_happened(self) -> str:
        if self.track.released is None:
            return BACK.format(author=self.name)
        said = OF_THE_AUTHOR[self.found] if self.track.roster else WITHOUT_KEEPERS
        return said.format(author=self.name)

    @property
    def now(self) -> str:
        return NOW[self.track.words].format(someone=self.track.someone)

    @property
    def opened(self) -> bool:
        return self.track.words is WordsStage.OPENED

    @property
    def later_until(self) -> int:
        return self.track.later_until if self.track.words is WordsStage.LATER else 0


def waiting(handle: str) -> list[Waiting]:
    """All the words this person has been told of."""
    authors = models.Part.objects.filter(person=handle).values("watch")
    rows = models.Watch.objects.filter(author__in=authors, set_aside="").order_by("author")
    found = []
    for watch in door.readable(rows, handle):
        for track in parts.own_tracks(watch, handle):
            names = _name(watch.author), _name(track.told_by)
            found.append(Waiting(watch.author, names[0], track, names[1], agreed(watch, track)))
    return found


def _name(handle: str) -> str:
    person = models.Person.objects.filter(handle=handle).first() if handle else None
    return person.name if person else handle


@signed_in
@require_safe
def waiting_words(request: HttpRequest) -> HttpResponse:
    person = door.person_of(request)
    return render(request, "recipient/waiting.html", {"person": person, "waiting": waiting(person.handle)})


@signed_in
@require_safe
def one_track(request: HttpRequest, author: str, track: str) -> HttpResponse:
    person = door.person_of(request)
    found = next((one for one in waiting(person.handle) if (one.author, one.key) == (author, track)), None)
    if found is None:
        raise problem("not_found")
    return render(
        request,
        "recipient/words.html",
        {
            "person": person,
            "one": found,
            "files": _files(request, found),
            "keepers": [_name(keeper) for keeper in found.track.roster if keeper != person.handle],
            "shown": views.for_recipient(found.track),
        },
    )


def _files(request: HttpRequest, found: Waiting) -> list[dict[str, Any]]:
    """The sealed files, for somebody who opens them with other tools."""
    for row in words.list_words(request, found.author):
        if row["track"] == found.key and "words" in row:
            return list(row["files"])
    return []


urlpatterns = [
    path("words", waiting_words, name="words"),
    path("words/<str:author>/<str:track>", one_track, name="words-of"),
]
