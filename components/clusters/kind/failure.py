"""What goes wrong with a kind cluster."""


class KindError(RuntimeError):
    """A kind cluster that cannot be made, reached or deleted; the message says what to do."""
