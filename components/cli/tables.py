"""Tables for a terminal: plain text, as wide as they need to be and no wider than a screen."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap

WIDTH = 118
"""The most columns of a table."""
_GAP = "  "
_LEAST = 12
"""A column that is wider than this may be made narrower."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, indent: str = "  ") -> Iterator[str]:
    """The lines of a table. A heading that begins with ``>`` stands over numbers, which end at the same column."""
    titles = [title.removeprefix(">") for title in head]
    right = [title.startswith(">") for title in head]
    body = [titles, *rows]
    widths = _widths(body, WIDTH - len(indent))
    for row in body:
        cells = [wrap(cell, width, break_on_hyphens=False) for cell, width in zip(row, widths, strict=True)]
        for parts in zip_longest(*cells, fillvalue=""):
            shown = (
                f"{part:>{width}}" if number else f"{part:<{width}}"
                for part, width, number in zip(parts, widths, right, strict=True)
            )
            yield (indent + _GAP.join(shown)).rstrip()


def paragraph(text: str, *, indent: str = "  ", first: str | None = None) -> list[str]:
    """A text in lines that fit; ``first`` is the indent of the first one where it differs."""
    return wrap(text, WIDTH, initial_indent=first or indent, subsequent_indent=indent, break_on_hyphens=False)


def _widths(rows: Iterable[Sequence[str]], room: int) -> list[int]:
    """What each column needs, the widest cut back until all fit."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    while sum(widths) + len(_GAP) * (len(widths) - 1) > room and max(widths) > _LEAST:
        widths[widths.index(max(widths))] -= 1
    return widths
