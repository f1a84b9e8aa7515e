"""How a play ends when something went another way than the story tells it."""


class StoryStopped(Exception):
    """Something answered, or failed to answer, in a way the story does not have. Its text says what."""
