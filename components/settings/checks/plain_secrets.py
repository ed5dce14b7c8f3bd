"""No secret stands in a stack file."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import cast

from ...problems import Problem
from ..plaintext import HIDDEN_VALUE, secret_kind
from ..wording import Path, dotted

_REMEDY = (
    "stands here in plain text, for everybody who can read this repository: revoke it. Put the new one into a "
    "Kubernetes Secret and write its name under secrets."
)


def check_plain_secrets(data: object, path: Path = ()) -> Iterator[Problem]:
    """Refuses everything, anywhere in a stack file, that is a secret by its form."""
    match data:
        case str() if kind := secret_kind(data):
            yield Problem(dotted(path), HIDDEN_VALUE, f"{kind} {_REMEDY}")
        case Mapping():
            for key, value in cast("Mapping[object, object]", data).items():
                yield from check_plain_secrets(value, (*path, str(key)))
                if kind := secret_kind(str(key)):
                    yield Problem(dotted((*path, str(key))), "", f"{kind} {_REMEDY}")
        case list():
            items = cast("list[object]", data)
            for at, value in enumerate(items):
                yield from check_plain_secrets(value, (*path, at))
            yield from _values_of_flags(items, path)
        case _:
            pass


def _values_of_flags(words: Sequence[object], path: Path) -> Iterator[Problem]:
    """Secrets that stand behind their flag as words of their own: ``--password``, ``...``."""
    for at, (flag, value) in enumerate(pairwise(words), 1):
        if not (isinstance(flag, str) and isinstance(value, str)) or secret_kind(flag) or secret_kind(value):
            continue
        if kind := secret_kind(f"{flag} {value}"):
            yield Problem(dotted((*path, at)), HIDDEN_VALUE, f"{kind} {_REMEDY}")
