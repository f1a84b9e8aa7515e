"""Sealing: bytes in, bytes out. Two locks, and the server has the key to neither.

Imports `lastwords.signing` and nothing else of ours. Prints nothing, fetches nothing, and never runs on the server.
"""
