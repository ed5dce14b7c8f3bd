"""``kubelanes:queues``: how batch work waits for its turn. Kueue carries it out."""

from typing import Annotated, Literal

from pydantic import Field

from .model import Model
from .scalars import Name, whole

Priority = Annotated[int, *whole(-1_000_000, 1_000_000)]
"""A workload's rank in the queue; the higher goes first."""


class QueueSettings(Model):
    """The queues that all tenants share."""

    cohort: Name = "kubelanes"
    """The cohort within which tenants lend each other what they do not use."""
    order: Literal["best-effort-fifo", "strict-fifo"] = "best-effort-fifo"
    """Whether a job that does not fit yet holds up the jobs behind it (strict) or not."""
    priorities: Annotated[dict[Name, Priority], Field(min_length=1)] = {"urgent": 1000, "normal": 100, "idle": 0}
    """The priority classes that jobs may name."""
    default_priority: Name = "normal"
    """The class of a job that names none."""
