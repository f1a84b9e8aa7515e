"""The server: keeps watches, hands letters over, and cannot read a word.

It imports `protocol` and `signing` and nothing else of ours. State is changed at one place only, `store`.
"""
