"""Pages of keepers: the cases they are called into, and what they write, state, sign and give there."""
