"""Nothing in a stack file is encrypted: it would not stay so."""

from collections.abc import Collection, Iterator

from ...problems import Problem
from ..plaintext import HIDDEN_VALUE
from ..wording import Path, dotted

_TEXT = (
    "is encrypted, but no setting takes a secret: decrypted, it would stand in clear text in the cluster and in the "
    "state. Put it into a Kubernetes Secret and write its name under secrets."
)


def check_encrypted(paths: Collection[Path]) -> Iterator[Problem]:
    """Refuses every value that Pulumi has encrypted; ``paths`` lead to them."""
    for path in paths:
        yield Problem(dotted(path), HIDDEN_VALUE, _TEXT)
