"""age version 1, both ways: an open, standard format that other programs read and write.

Specification: C2SP age.md, v1.1.0, with the post-quantum type. Nothing below HPKE, HKDF, scrypt and
ChaCha20-Poly1305 is our own; those come from the `cryptography` library and the standard one.
"""

from lastwords.sealing.age.files import (
    OpeningReader,
    Progress,
    SealingWriter,
    open_bytes,
    open_stream,
    open_with_passphrase,
    seal_bytes,
    seal_stream,
    seal_with_passphrase,
)

__all__ = [
    "OpeningReader",
    "Progress",
    "SealingWriter",
    "open_bytes",
    "open_stream",
    "open_with_passphrase",
    "seal_bytes",
    "seal_stream",
    "seal_with_passphrase",
]
