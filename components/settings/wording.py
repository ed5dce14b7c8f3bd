"""How problems speak: values as YAML writes them, names in a row, a guess at what was meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import cast

from ..problems import Problem
from .plaintext import HIDDEN_VALUE, secret_kind

Path = tuple[str | int, ...]
"""A place of the stack file: the keys and list positions that lead to it."""

_LONGEST = 40


def dotted(path: Path) -> str:
    """A path as problems show it: ``pools.h100.capacity[0]``."""
    steps = (f"[{part}]" if isinstance(part, int) else f".{written(part)}" for part in path)
    return "".join(steps).removeprefix(".") or "config"


def problem(path: Path, value: object, text: str) -> Problem:
    """A problem at ``path``; a value of None means that nothing stands there."""
    return Problem(dotted(path), "" if value is None else written(value), printable(text))


def printable(text: str) -> str:
    """A text on one line, whatever a stack file put into it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def written(value: object, longest: int = _LONGEST) -> str:
    """A value as YAML writes it on one line, cut where it is longer than ``longest``; a secret is never shown."""
    match value:
        case str() if secret_kind(value):
            return HIDDEN_VALUE
        case None:
            text = "null"
        case bool():
            text = str(value).lower()
        case dict():
            pairs = cast("dict[object, object]", value).items()
            inside = ", ".join(f"{written(key)}: {written(item)}" for key, item in pairs)
            text = f"{{ {inside} }}" if inside else "{}"
        case list() | tuple():
            text = f"[{', '.join(map(written, cast('Iterable[object]', value)))}]"
        case _:
            shown = printable(str(value)[: longest + 1])
            text = shown.strip() or f'"{shown}"'
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """``Did you mean X?`` after a blank, where one of ``known`` looks like ``word``; else nothing."""
    meant, names = str(word).lower()[:_LONGEST], list(known)
    shortened = [name for name in names if meant and (name.startswith(meant) or meant.startswith(name))]
    close = shortened or get_close_matches(meant, names, n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else ""


def listed(names: Iterable[object]) -> str:
    """Names in a row; ``none`` where there are none."""
    return ", ".join(map(str, names)) or "none"
