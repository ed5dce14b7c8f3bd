"""What dev, staging and prod mean: the presets that a stack file may override one by one."""

from dataclasses import dataclass
from enum import StrEnum


class Environment(StrEnum):
    """The kind of environment that a stack file describes; it chooses defaults, never features."""

    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"

    @property
    def preset(self) -> "Preset":
        """The defaults that follow from this environment."""
        return _PRESETS[self]


@dataclass(frozen=True, slots=True)
class Preset:
    """Defaults of one environment.

    replicas: copies of each platform controller.
    disruption: the share of a workload's pods that may be away at once during a drain.
    protect: whether the cluster refuses to be deleted.
    retain_data: whether volumes and namespaces of a removed tenant stay.
    metrics, logs: how long they are kept.
    """

    replicas: int
    disruption: str
    protect: bool
    retain_data: bool
    metrics: str
    logs: str


_PRESETS = {
    Environment.DEV: Preset(1, "100%", protect=False, retain_data=False, metrics="2d", logs="2d"),
    Environment.STAGING: Preset(2, "50%", protect=False, retain_data=True, metrics="15d", logs="7d"),
    Environment.PROD: Preset(3, "25%", protect=True, retain_data=True, metrics="90d", logs="30d"),
}
