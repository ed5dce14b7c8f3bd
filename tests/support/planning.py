"""Tables of cases for planners: settings given in part, objects expected in part."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.objects import Object
from components.settings.settings import Settings

PLATFORM: dict[str, Any] = {
    "cluster": {"kind": "sim"},
    "pools": {
        "platform": {"lane": "platform", "machine": "m7i.2xlarge"},
        "h100": {"lane": "gpu-inference", "accelerator": "h100-80gb", "size": 2},
        "l4": {"lane": "gpu-inference", "accelerator": "l4", "per_node": 1, "share": {"time_slicing": 4}, "size": 2},
        "a100": {"lane": "batch", "accelerator": "a100-80gb", "share": {"mig": ["3g.40gb", "3g.40gb"]}},
        "a10g": {"lane": "batch", "accelerator": "a10g", "per_node": 4, "size": 2},
        "h200": {"lane": "batch", "accelerator": "h200", "share": {"dra": "dynamic-mig"}},
        "cpu": {"lane": "batch", "machine": "c7i.4xlarge", "size": 2},
    },
    "tenants": {"search": {"contact": "search@example.com", "quota": {"cpu": 100, "memory": "1Ti"}}},
}
"""What a case stands on; a section that the case gives takes the place of this one's."""


def settings(given: dict[str, Any]) -> Settings:
    """The settings of a case."""
    return Settings.model_validate(PLATFORM | given)


def cases(folder: Path) -> list[Any]:
    """The cases of a folder, one per file, each named after its file."""
    files = sorted(folder.glob("*.yaml"))
    assert files, f"no cases in {folder}"
    return [pytest.param(yaml.safe_load(file.read_text(encoding="utf-8")), id=file.stem) for file in files]


def by_key(objects: Iterable[Object]) -> dict[str, Object]:
    """Objects by ``Kind/name``; two of one key are one too many."""
    found: dict[str, Object] = {}
    for item in objects:
        key = f"{item.kind}/{item.name}"
        assert key not in found, f"{key} is there twice"
        found[key] = item
    return found


def differences(expected: Any, actual: Any, path: str = "") -> Iterator[str]:
    """Where ``actual`` is not what is expected: mappings in part (null: absent), lists and values as a whole."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, value in expected.items():
            yield from differences(value, actual.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
    elif expected != actual:
        yield f"{path}: expected {expected!r}, found {actual!r}"
