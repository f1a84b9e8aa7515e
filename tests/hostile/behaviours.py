"""Everything a hostile host is made to do here, in one table. What each row means stands in `table`."""

from hostile import of_keys, of_kits, of_notes, of_papers, of_records, of_wires
from hostile.table import ROWS

__all__ = ["ROWS", "of_keys", "of_kits", "of_notes", "of_papers", "of_records", "of_wires"]
