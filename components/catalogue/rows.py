"""How the catalogue's files are read: YAML beside this module, with quantities as Kubernetes writes them."""

import re
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml reads the same, slower
    from yaml import SafeLoader as Loader

_UNITS = {"Mi": 2**20, "Gi": 2**30, "G": 10**9}


class Row(BaseModel):
    """One row: frozen, and nothing in it that the model does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def read(name: str) -> Any:  # noqa: ANN401 - what a YAML file holds is known once its rows are validated
    """The content of the catalogue file called ``name``."""
    return yaml.load(Path(__file__).with_name(name).read_text(encoding="utf-8"), Loader=Loader)


def _named(rows: Any) -> Any:  # noqa: ANN401 - validated once the names are in
    return {name: {**row, "name": name} for name, row in rows.items()}


NAMED = BeforeValidator(_named)
"""Rows under their names: each learns its ``name`` from its key."""


def _whole(unit: str) -> BeforeValidator:
    def convert(value: object) -> object:
        written = re.fullmatch(r"(\d+)(Mi|Gi|G)", value) if isinstance(value, str) else None
        return int(written[1]) * _UNITS[written[2]] // _UNITS[unit] if written else value

    return BeforeValidator(convert)


Mebibytes = Annotated[int, _whole("Mi")]
"""A number of MiB; a file writes it as ``81559Mi``."""
Gibibytes = Annotated[int, _whole("Gi")]
"""A number of whole GiB; a file writes it as ``192Gi``, or in decimal GB as ``3800G``."""
