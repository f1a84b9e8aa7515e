"""The letter in which a host reads of all letters that were given up within a day.

A relay that was dead for a day gives up hundreds of them thirty days later, and a mailbox with hundreds of letters of
one kind is one that nobody reads. The first of a burst waits for the others a few minutes; what comes within the next
day is told in one more. Until it is taken to be sent, such a letter is told of each that comes to it in the transaction
that gives it up, so that a crash loses none. The host's log has a row for each in any case.
"""

from dataclasses import dataclass, field

from lastwords.protocol.changed import changed
from lastwords.protocol.effects import LetterKind
from lastwords.protocol.moments import DAY, MINUTE, Moment
from lastwords.server.letters import HostLetter
from lastwords.server.port import Outgoing
from lastwords.server.store import Store

BURST = 10 * MINUTE
"""How long the first one waits for others."""
CLOSED = MINUTE
"""How long before it leaves nothing more is added: whoever takes it meanwhile would have it as it was."""
NAMED = 100
"""People, and watches, that one letter names."""

Facts = dict[str, int | str]


@dataclass(slots=True)
class Gathering:
    """What is gathered at the moment: for each host the letter, and when it leaves. A process that is new begins a
    letter of its own."""

    store: Store
    newest: dict[str, tuple[str, int]] = field(default_factory=dict)

    def with_one_more(self, host: str, given_up: Outgoing, now: Moment) -> Outgoing:
        """The letter to this host that tells of this one as well, to be written with its row."""
        ident, leaves = self.newest.get(host, ("", 0))
        if CLOSED < leaves - now.wall <= DAY:
            kept = self.store.port.letter(ident)
            if kept is not None and kept.stage == "written" and not kept.attempts:
                return changed(kept, facts=tuple(sorted(added(dict(kept.facts), given_up).items())))
        leaves = now.wall + min(DAY, max(BURST, leaves + DAY - now.wall))
        fresh = self.store.host_letter(HostLetter.LETTER_UNDELIVERED, host, now, **added({}, given_up))
        self.newest[host] = fresh.ident, leaves
        return changed(fresh, next_try=leaves)


def added(facts: Facts, letter: Outgoing) -> Facts:
    """The facts of the letter to the host, when it tells of this one too. Whoever keeps a host for themselves reads the
    host's mail as well: that a keeper was called because of a word under force is not said there, nor whose; and so of
    no call whose it is, or the word would be told by what is missing."""
    called = letter.kind in (LetterKind.UNDER_FORCE, LetterKind.KEEPER_CALLED)
    kind = (LetterKind.KEEPER_CALLED.value if called else letter.kind).replace("_", " ")
    people = _names(facts.get("person"))
    full = letter.to not in people and len(people) >= NAMED
    return {
        "letter": _with(facts.get("letter"), kind),
        "person": _with(facts.get("person"), letter.to),
        "watches": _with(facts.get("watches"), "" if called else letter.author),
        "many": int(facts.get("many") or 1) + 1 if facts else 0,
        "unnamed": int(facts.get("unnamed", 0)) + full,
    }


def _names(kept: int | str | None) -> list[str]:
    return str(kept).split(", ") if kept else []


def _with(kept: int | str | None, name: str) -> str:
    names = _names(kept)
    if name and name not in names and len(names) < NAMED:
        names.append(name)
    return ", ".join(names)
