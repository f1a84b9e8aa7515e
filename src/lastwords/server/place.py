"""By what a data folder is told from a copy of it.

Two hosts on two copies cannot know of each other, and each would go on from the same past: one hears the author, the
other releases. So a folder remembers, in its file `place`, which file on which disk its `begun` is. A copy has another
one, made later, and begins on hold like anything that comes from a backup. Both marks have to differ: the number alone
changes on disks that give files new ones at every start, the date alone when somebody changes owner or rights.

A demonstration is copied on purpose, to play both of its endings. With PostgreSQL what is copied is no past: it lies in
the database, and several hosts may serve that.
"""

import structlog

from .refusals import CannotStart
from .settings import Settings

PLACE = "place"
WHY = "this folder is a copy of one that was served, or was moved"
logger = structlog.get_logger()


def was_copied(chosen: Settings) -> bool:
    """Whether this folder is not the one that was served last. Raises CannotStart when its mark cannot be read."""
    if chosen.demo or chosen.database:
        return False
    try:
        text = (chosen.data / PLACE).read_text(encoding="ascii")
    except FileNotFoundError:
        return False  # never served, or brought back from a backup, which has told its watches already
    except UnicodeDecodeError as error:
        raise _unreadable() from error
    known = text.split()
    if len(known) != 2 or not all(one.isdecimal() for one in known):
        raise _unreadable()
    return all(one != other for one, other in zip(known, _of(chosen), strict=True))


def note(chosen: Settings) -> None:
    """From now on this is the folder's place. On a disk that takes nothing the folder only knows less."""
    path, text = chosen.data / PLACE, " ".join(_of(chosen)) + "\n"
    try:
        if not path.exists() or path.read_text(encoding="ascii") != text:
            fresh = path.with_suffix(".new")
            fresh.write_text(text, encoding="ascii")
            fresh.replace(path)
    except OSError as error:
        logger.error("the place of the data folder could not be noted", why=error.strerror)


def _of(chosen: Settings) -> tuple[str, str]:
    """The number of the file `begun`, and the nanosecond in which it was made, or in which its rights changed last."""
    found = chosen.begun.stat()
    return str(found.st_ino), str(found.st_ctime_ns)


def _unreadable() -> CannotStart:
    return CannotStart(
        f"The file `{PLACE}` in the data folder cannot be read; nothing was started or changed.",
        "If this folder was neither copied nor moved since it was served last, delete that file. If it may have been, "
        "say first: lastwords host restored --data DIR",
    )
