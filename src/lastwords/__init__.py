"""Last Words: words for the people you would leave behind, released only if you really cannot come back.

The rooms and the arrows between them are drawn in ``docs/architecture.md``.
"""

__version__ = "0.1.0"
