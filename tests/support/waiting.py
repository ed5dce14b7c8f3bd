"""Waiting on a condition, never on a clock."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(probe: Callable[[], T | None], why: str, timeout: float = 60) -> T:
    """Calls ``probe`` until it returns something true, and returns that; fails with ``why`` and what came last."""
    deadline = time.monotonic() + timeout
    while True:
        if found := probe():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{why}: not within {timeout:.0f} s (last: {found!r})")
        time.sleep(0.1)


def consistently(probe: Callable[[], bool], why: str, seconds: float = 3) -> None:
    """Fails as soon as ``probe`` is false within ``seconds``: for what must not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not probe():
            raise AssertionError(why)
        time.sleep(0.1)
