"""The settings of the stack that Pulumi is working on."""

import json
import re
from collections.abc import Mapping
from typing import cast

from ..problems import InvalidSettingsError
from .parse import parse_settings
from .settings import Settings

PREFIX = "kubelanes:"
"""What the keys of our configuration begin with."""

_DATE = re.compile(r"(\d{4}-\d{2}-\d{2}) 00:00:00 \+0000 UTC")


def load_settings() -> Settings:
    """The settings of the current stack.

    Raises pulumi.RunError with a table of everything that is wrong, which Pulumi prints without a traceback.
    """
    import pulumi  # the rest of this package works without Pulumi's start-up time
    from pulumi.runtime.config import CONFIG, is_config_secret

    config = CONFIG.get()
    encrypted = [(key.removeprefix(PREFIX),) for key in config if key.startswith(PREFIX) and is_config_secret(key)]
    try:
        return parse_settings(read_config(config), f"stacks/Pulumi.{pulumi.get_stack()}.yaml", encrypted)
    except InvalidSettingsError as error:
        raise pulumi.RunError(str(error)) from None


def read_config(config: Mapping[str, str]) -> dict[str, object]:
    """What stands under ``kubelanes:`` in Pulumi's configuration, whose values are JSON where they are structured."""
    return {key.removeprefix(PREFIX): structured(text) for key, text in config.items() if key.startswith(PREFIX)}


def structured(text: str) -> object:
    """A configuration value as it was written: Pulumi hands on mappings and lists as JSON, an empty key as ``""``."""
    if not text:
        return None
    try:
        return _as_written(json.loads(text) if text[0] in "{[" else text)
    except ValueError:
        return text


def _as_written(value: object) -> object:
    """Undoes how Pulumi reads a bare date: ``2026-11-03`` reaches programs as ``2026-11-03 00:00:00 +0000 UTC``."""
    match value:
        case str() if found := _DATE.fullmatch(value):
            return found[1]
        case dict():
            return {key: _as_written(item) for key, item in cast("dict[str, object]", value).items()}
        case list():
            return [_as_written(item) for item in cast("list[object]", value)]
        case _:
            return value
