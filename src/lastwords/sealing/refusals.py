"""What sealing refuses, each refusal in two parts: what happened, and what to do.

Refused (lastwords.signing.refusals)
├── KeysRefused            keys that may not seal one file together
├── SealedFileRefused
│   ├── ArmourRefused      the text form of a sealed file is malformed
│   ├── HeaderRefused      the head of a sealed file is malformed
│   ├── HeaderForged       the head was altered after sealing
│   ├── NoKeyFits          sealed to somebody else, or another passphrase
│   └── PayloadRefused     the contents are cut off or altered
├── ContainerRefused       what was opened is not a container of words
├── ShareRefused
│   ├── ShareMistyped      a word, or its checksum, is wrong
│   ├── ShareOfAnotherSplit
│   ├── FalseShare         well formed, but not what the author committed to
│   ├── DuplicateShare
│   ├── TooFewShares
│   └── SecretNotRecovered the shares do not give the secret
├── ManifestRefused        a file does not fit the manifest
├── InvitationRefused      an invitation or its answer does not fit
└── NotesRefused           emergency notes or their cover are not what the author signed for
"""

from lastwords.signing.refusals import Refused


class KeysRefused(Refused):
    """Keys that may not seal one file together."""


class SealedFileRefused(Refused):
    """The root of all refusals of a sealed file."""


class ArmourRefused(SealedFileRefused):
    """The text form of a sealed file is malformed."""


class HeaderRefused(SealedFileRefused):
    """The head of a sealed file is malformed."""


class HeaderForged(SealedFileRefused):
    """The head of a sealed file was altered after sealing."""


class NoKeyFits(SealedFileRefused):
    """None of the keys opens the file."""


class PayloadRefused(SealedFileRefused):
    """The contents of a sealed file are cut off or altered."""


class ContainerRefused(Refused):
    """What was opened is not a container of words."""


class ShareRefused(Refused):
    """The root of all refusals of a share."""


class ShareMistyped(ShareRefused):
    """A word of a share is unknown, missing or wrong."""


class ShareOfAnotherSplit(ShareRefused):
    """A good share of another secret, or of an earlier split."""


class FalseShare(ShareRefused):
    """A well-formed share that is not the one the author committed to."""


class DuplicateShare(ShareRefused):
    """A share that was given already."""


class TooFewShares(ShareRefused):
    """Fewer good shares than the author asked for."""


class SecretNotRecovered(ShareRefused):
    """Enough shares, but they do not give the secret that was split."""


class ManifestRefused(Refused):
    """A file or a share does not fit the manifest."""


class InvitationRefused(Refused):
    """An invitation, or the answer to one, does not fit."""


class NotesRefused(Refused):
    """Emergency notes, or their cover, are not what the author signed for, or too large."""
