"""Versions of Kubernetes as they are compared."""


def minor(version: str) -> tuple[int, int]:
    """The minor version in a version of Kubernetes, as numbers that compare: ``(1, 36)`` of ``1.36`` and ``1.36.3``."""
    first, second = version.removeprefix("v").split(".")[:2]
    return int(first), int(second)
