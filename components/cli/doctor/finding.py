"""What an examination finds."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["good", "note", "mend"]
"""``mend``: a stack will fail for this. ``note``: something does not work as well as it could, or was not looked at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found.

    what: the fact. consequence: what follows from it. remedy: what to do; both empty where all is well.
    """

    level: Level
    what: str
    consequence: str = ""
    remedy: str = ""


def good(what: str) -> Finding:
    """All is well."""
    return Finding("good", what)


def note(what: str, consequence: str, remedy: str = "") -> Finding:
    """Worth knowing."""
    return Finding("note", what, consequence, remedy)


def mend(what: str, consequence: str, remedy: str) -> Finding:
    """A stack will fail for this."""
    return Finding("mend", what, consequence, remedy)
