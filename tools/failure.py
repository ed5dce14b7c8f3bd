"""How set-up says that it cannot go on."""


class SetupError(Exception):
    """What is wrong and what to do about it, in words for the user; shown without a traceback."""
