"""What the case refuses, each refusal in two parts: what happened and what is unharmed; what to do.

CaseRefused
├── NotReadable    a body or sheet that does not have the shape of its kind
├── NotWritable    an entry that says too little or contradicts itself
└── Implausible    a measured value that no person has, most likely a slip of the finger
"""

from collections.abc import Iterator
from contextlib import contextmanager


class CaseRefused(Exception):
    """The root of all refusals of a case.

    `happened` says what happened and what is unharmed; `do` says what to do next.
    """

    def __init__(self, happened: str, do: str) -> None:
        super().__init__(happened, do)
        self.happened = happened
        self.do = do

    def __str__(self) -> str:
        return f"{self.happened} {self.do}"


class NotReadable(CaseRefused):
    """A body or sheet that does not have the shape of its kind; `why` is the end of a sentence."""

    why = ""


class NotWritable(CaseRefused):
    """An entry that says too little or contradicts itself."""


class Implausible(CaseRefused):
    """A measured value that no person has."""


def unreadable(why: str) -> NotReadable:
    """The refusal of a plain form; `why` is the end of a sentence."""
    refusal = NotReadable(
        f"This cannot be read as a case record: {why}. The log keeps it as it is.",
        "Show it to whoever wrote it, and ask them to write it again as a correction.",
    )
    refusal.why = why
    return refusal


@contextmanager
def being_written(do: str) -> Iterator[None]:
    """For what somebody types now: what does not fit lies in no log, and they can mend it; `do` says how."""
    try:
        yield
    except NotReadable as refused:
        raise unwritable(f"What was given does not fit: {refused.why}", do) from refused


def unwritable(why: str, do: str) -> NotWritable:
    """The refusal of something a person is about to write; `why` and `do` are sentences without a full stop."""
    return NotWritable(f"{why}. Nothing was written.", f"{do}.")
