"""What the engine did, step by step, as ``--event-log`` writes it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Event = dict[str, Any]


def events(log: Path, kind: str) -> Iterator[Event]:
    """The events of one kind (``resourcePreEvent``, ``resOutputsEvent``, ...) that are in the log so far."""
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    for line in lines:
        if line.endswith("\n") and kind in (event := json.loads(line)):  # the last one may be half written
            yield event[kind]


def steps(log: Path, kind: str = "resourcePreEvent") -> Iterator[Event]:
    """The steps that were begun; with ``resOutputsEvent`` those that ended well."""
    return (event["metadata"] for event in events(log, kind))
