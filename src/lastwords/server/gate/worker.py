"""What the web server's worker loads: the front, and how its memory is looked through.

Python looks through all that lives whenever a quarter more does, and everybody waits for it. Most of what lives here is
what was loaded at the start, and a thousand records in a row leave nothing behind that holds itself. So what was loaded
is left out from now on, and the rest is looked through less often.
"""

import gc

from .front import Front

MADE = 20_000
"""Things made, beyond those that are gone again, before the newest are looked through; Python itself says 700."""


def _kept_out() -> None:
    from lastwords.server import health  # which asks for settings, and the front reads those

    health.kept_out()


application = Front(kept_out=_kept_out)
"""What the web server calls."""

gc.collect()
gc.freeze()
gc.set_threshold(MADE)
