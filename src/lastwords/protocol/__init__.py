"""Everything that decides anything: a pure machine over plain data. See `table` for the whole of it on one page."""
