"""Where a life's service keeps what it knows: in memory, or (see `sql`) in the database."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from lastwords.protocol.watch import HOST
from lastwords.server.credit import Pulse
from lastwords.server.port import Outgoing, Port, Reader
from lastwords.server.port_memory import MemoryPort, Tables


class Backing(Protocol):
    """What a life needs of its service's memory beside the port."""

    pulse: Pulse | None

    @property
    def port(self) -> Port: ...

    def next_try(self) -> int | None:
        """The wall second at which a letter is to be tried next."""
        ...

    def copy(self) -> Any:
        """A backup of everything, as of now."""
        ...

    def put_back(self, backup: Any) -> None:
        """Everything as it was when that backup was made."""
        ...

    def rows(self, author: str) -> Iterable[tuple[int, bytes, bytes, bytes, bytes]]:
        """A log's rows: number, body, salt, commitment, link. An empty author is the host's log."""
        ...

    def letters(self) -> Iterable[Outgoing]:
        """Every letter that is kept, by name."""
        ...


@dataclass(slots=True)
class Memory:
    """The shipped memory port, and a pulse beside it."""

    port: MemoryPort
    pulse: Pulse | None = None
    handles: dict[str, Reader] = field(default_factory=dict)

    @staticmethod
    def of(readers: dict[str, Reader]) -> "Memory":
        return Memory(MemoryPort(readers=readers, host_handles=(HOST,)))

    def next_try(self) -> int | None:
        waiting, leases = self.port.tables.waiting, self.port.tables.leases
        if not leases:
            return min(waiting.values(), default=None)
        return min((max(tried, leases.get(ident, 0)) for ident, tried in waiting.items()), default=None)

    def copy(self) -> tuple[Tables, Pulse | None]:
        return copy_of(self.port.tables), self.pulse

    def put_back(self, backup: tuple[Tables, Pulse | None]) -> None:
        self.port.tables, self.pulse = copy_of(backup[0]), backup[1]

    def rows(self, author: str) -> Iterable[tuple[int, bytes, bytes, bytes, bytes]]:
        entries = self.port.tables.rows.get(author, []) if author else self.port.tables.host
        for entry in entries:
            yield entry.number, entry.body, entry.salt, entry.commitment, entry.link

    def letters(self) -> Iterable[Outgoing]:
        for ident in sorted(self.port.tables.letters):
            letter = self.port.letter(ident)
            assert letter is not None
            yield letter


def copy_of(tables: Tables) -> Tables:
    """The records themselves never change, so only what holds them is copied."""
    return replace(
        tables,
        watches=dict(tables.watches),
        rows={author: list(rows) for author, rows in tables.rows.items()},
        papers={author: list(papers) for author, papers in tables.papers.items()},
        parts=dict(tables.parts),
        letters=dict(tables.letters),
        waiting=dict(tables.waiting),
        leases=dict(tables.leases),
        host=list(tables.host),
        beats=dict(tables.beats),
    )
