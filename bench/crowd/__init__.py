"""Many people at once, for the figures of the gate: hosts filled with authors, and what knocks at their door."""
