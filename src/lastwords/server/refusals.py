"""Every refusal of the server's own, in two parts: what happened (and what is unharmed), and what to do next."""


class ServerRefused(Exception):
    """
    ServerRefused
    +-- BadSettings     the data folder or its settings cannot be used
    +-- CannotStart     this data folder must not be served as it is
    +-- Unreadable      a kept record cannot be judged
    +-- Unknown         there is no such watch, letter or row
    +-- Exists          what was to be begun is there already
    +-- Busy            too many others wrote at the same moment
    +-- Unwritable      the disk takes nothing more
    """

    def __init__(self, happened: str, do: str) -> None:
        super().__init__(f"{happened}\n{do}")
        self.happened = happened
        self.do = do


class BadSettings(ServerRefused):
    """The data folder or its settings cannot be used. Where it is one setting, that and what would fit are named."""

    setting = remedy = ""

    @classmethod
    def of(cls, setting: str, what: str, remedy: str) -> "BadSettings":
        """A refusal of one setting."""
        refused = cls(
            f"The setting {setting} cannot be used: {what}. Nothing was started or changed.",
            f"In settings.toml: {remedy}.",
        )
        refused.setting, refused.remedy = setting, remedy
        return refused


class CannotStart(ServerRefused):
    """This data folder must not be served as it is."""


class Unreadable(ServerRefused):
    """A kept record cannot be judged."""


class Unknown(ServerRefused):
    """There is no such watch, letter or row."""


class Exists(ServerRefused):
    """What was to be begun is there already."""


class Busy(ServerRefused):
    """Too many others wrote at the same moment."""


class Unwritable(ServerRefused):
    """The disk takes nothing more."""
