"""The case that keepers work in: what an entry may hold, how entries add up to a state, and the handover report.

Pure: imports nothing of ours, reads no clock and touches no file. Entries are what stands *inside* the sealed bodies,
so the server never meets anything of this room; the clients seal, open and add up.
"""
