"""The files that are generated from the models, and what belongs into each."""

from collections.abc import Callable, Mapping
from pathlib import Path

from .reference import reference
from .schema import schema

_ROOT = Path(__file__).parents[2]

FILES: Mapping[Path, Callable[[], str]] = {
    _ROOT / "stacks" / "schema.json": schema,
    _ROOT / "docs" / "stack-file.md": reference,
}
"""Every generated file by its path, with the function that writes it."""
