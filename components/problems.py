"""How kubelanes says what is wrong: every problem at once, each with its path, value, consequence and remedy."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a stack file.

    path: where it stands, dotted (``pools.l4.share.mig``).
    value: what stands there, short, as the reader wrote it; empty where nothing stands there.
    text: what would follow from it and what to write instead; one or two sentences.
    """

    path: str
    value: str
    text: str


class InvalidSettingsError(ValueError):
    """A stack file that cannot be carried out; ``problems`` holds everything found, sorted by path."""

    def __init__(self, problems: Iterable[Problem], source: str = "settings") -> None:
        self.problems = tuple(sorted(set(problems)))
        self.source = source
        super().__init__(self._table())

    def _table(self) -> str:
        count = len(self.problems)
        paths = max((len(p.path) for p in self.problems), default=0)
        values = max((len(p.value) for p in self.problems), default=0)
        head = f"{self.source}: {count} problem{'s' if count != 1 else ''}, nothing was created"
        rows = (f"  {p.path:<{paths}}  {p.value:<{values}}  {p.text}" for p in self.problems)
        return "\n".join((head, "", *rows))
