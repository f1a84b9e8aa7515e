"""What the letters of one batch need to know, asked for once: their watches, their readers, who runs this service."""

from collections.abc import Sequence
from functools import cached_property

from .port import Kept, Outgoing, Port, Reader
from .sheets import PEOPLE


class Known:
    """See `sheets.Names`. As it stood when the batch was taken; whoever is not in it yet is asked for."""

    def __init__(self, port: Port, letters: Sequence[Outgoing]) -> None:
        self._port = port
        authors = {letter.author for letter in letters if letter.author}
        self._watches = {kept.author: kept for kept in port.load_all(sorted(authors))}
        named = {str(value) for letter in letters for key, value in letter.facts if key in PEOPLE}
        handles = authors | named | {letter.to for letter in letters}
        self._readers: dict[str, Reader | None] = dict.fromkeys(handles)
        self._readers.update(port.readers_of(sorted(handles)))

    @cached_property
    def _hosts(self) -> tuple[str, ...]:
        return self._port.hosts()

    def hosts(self) -> tuple[str, ...]:
        return self._hosts

    def load(self, author: str) -> Kept | None:
        return self._watches.get(author)

    def reader(self, handle: str) -> Reader | None:
        if handle not in self._readers:
            self._readers[handle] = self._port.reader(handle)
        return self._readers[handle]
