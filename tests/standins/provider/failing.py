"""Failures that the cloud is told to have, in the words of the cloud."""

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .wire import Properties

_KINDS = Path(__file__).with_name("clouds") / "failures.yaml"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure.

    text: what is said.
    partial: whether the resource is there all the same.
    """

    text: str
    partial: bool


def told(folder: Path, package: str, token: str, name: str, method: str, words: Properties) -> Failure | None:
    """The failure that this call is to have; each is told for so many ``times`` (once by default)."""
    path = folder / "failures.json"
    if not path.is_file():
        return None
    with path.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        orders: list[dict[str, Any]] = json.loads(file.read() or "[]")
        for order in orders:
            if (
                order["token"] == token
                and order.get("name") in (None, name)
                and order.get("method", "create") == method
                and order.get("times", 1) > 0
            ):
                order["times"] = order.get("times", 1) - 1
                file.seek(0)
                file.truncate()
                file.write(json.dumps(orders))
                return _failure(package, order["error"], words)
    return None


def _failure(package: str, error: str, words: Properties) -> Failure:
    """A failure of a known kind, else one in the words of the order itself."""
    kind = yaml.safe_load(_KINDS.read_text(encoding="utf-8"))[package].get(error)
    return Failure(kind["text"].format_map(words), kind["partial"]) if kind else Failure(error, partial=False)
