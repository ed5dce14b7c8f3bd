"""What goes wrong with a sim."""


class SimError(RuntimeError):
    """A sim that cannot be made, repaired or deleted; the message says what to do."""
