"""What a rule is: what people read of it, and the function that judges."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from .made import Made, Stack

Severity = Literal["low", "medium", "high", "critical"]
Level = Literal["advisory", "mandatory"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What people read of a rule.

    name: by which it is found, configured and switched off; its first part is the theme.
    title: what must hold, one sentence.
    reason: what follows where it does not hold.
    remedy: what to do then.
    severity: how bad that is.
    level: ``mandatory`` stops the run before anything is created; ``advisory`` only says so.
    """

    name: str
    title: str
    reason: str
    remedy: str
    severity: Severity
    level: Level = "mandatory"

    @property
    def theme(self) -> str:
        """What it is about, the first part of its name."""
        return self.name.partition("-")[0]

    def message(self, text: str) -> str:
        """A finding as people read it below the title: what is so, what follows, what to do."""
        return f"{text} {self.reason} {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRule(Rule):
    """A rule that one resource alone keeps or breaks.

    types: the types of the resources that it is about.
    judge: what is wrong with one of them, each a sentence. It may meet a value that is known only later: the
        error that this raises is left alone, and the rule is said to be open.
    """

    types: frozenset[str]
    judge: Callable[[Made], Iterator[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong with one of several resources.

    urn: of the resource that breaks the rule.
    """

    urn: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRule(Rule):
    """A rule that only several resources together keep or break.

    judge: everything that is wrong. It reads resources through `Stack.read`, which puts aside those of which too
        little is known yet.
    """

    judge: Callable[[Stack], Iterator[Finding]]
