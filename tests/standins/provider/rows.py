"""What the packages do not say of a resource type: one row each in ``clouds/*.yaml``, with its source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml does the same, slower
    from yaml import SafeLoader as Loader

_FOLDER = Path(__file__).with_name("clouds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One resource type or function.

    ``{...}`` in a text stands for an input by its name, ``id``, ``region``, ``zone``, ``account``, ``project``, or for
    made-up digits: ``hex8``, ``hex17``, ``uuid``, ``number``; see `making.Words`.

    id: the id of one.
    named: the input that the provider fills in where it is left out: the resource's name and seven hexadecimal digits.
    longest: how many characters that name may have.
    outputs: what is known once it exists, beside its inputs; other texts, numbers and lists are made up or empty.
    renewed: outputs that another value follows for from every update.
    replaces: paths of inputs whose change makes another one; ``*`` is all inputs but those of ``updates``.
    updates: paths of inputs that change in place although a path above them is in ``replaces``.
    values: what a value at a path has to be: ``cidr``, ``json``, a list of values, ``{matches: pattern}``,
        ``{least: 1, most: 5}``.
    exclusive: groups of inputs of which one may be given.
    refers: paths of inputs to the type that they name, by id or ARN: one that is not there is refused, as is deleting
        one that is referred to.
    external: patterns of what may be referred to without having been made here, such as the cloud's own policies.
    stays: whether deleting it only forgets it: its name is taken for ever.
    guarded: the input that forbids deleting it where it is true or left out.
    missing, in_use, exists: how the cloud says that there is none, that it cannot go yet, that the name is taken.
    source: where this is from.
    """

    id: str = ""
    named: str | None = None
    longest: int = 255
    outputs: Mapping[str, Any] = field(default_factory=dict)
    renewed: Sequence[str] = ()
    replaces: Sequence[str] = ()
    updates: Sequence[str] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    exclusive: Sequence[Sequence[str]] = ()
    refers: Mapping[str, str] = field(default_factory=dict)
    external: str | None = None
    stays: bool = False
    guarded: str | None = None
    missing: str = "{id} does not exist"
    in_use: str | None = None
    exists: str = "{id} exists already"
    source: str = ""


@cache
def rows(package: str) -> Mapping[str, Row]:
    """Every row of a cloud, by token."""
    text = (_FOLDER / f"{package}.yaml").read_text(encoding="utf-8")
    return {token: Row(**content) for token, content in yaml.load(text, Loader).items() if not token.startswith("_")}
