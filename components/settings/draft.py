"""What is valid of a stack file, so that rules across sections run even where another section is broken."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from .cluster import Cluster
from .environment import Environment
from .gateway import GatewaySettings
from .lanes import LaneSettings
from .observability import ObservabilitySettings
from .pools import GpuSettings, PoolSettings
from .queues import QueueSettings
from .settings import Settings
from .tenants import TenantSettings
from .wording import Path

_DEPTH = {"pools": 2, "tenants": 2, "lanes": 3}
"""How many keys lead to what stands or falls as one: ``pools.h100``, ``lanes.online.chat``; elsewhere one."""

_STAND_INS: Mapping[str, object] = {"cluster": {"kind": "sim"}, "pools": {"platform": {"lane": "platform"}}}
"""What a required section is read as while it is not there; no rule sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The valid parts of a stack file.

    A section that is broken as a whole has its default here; cluster and gateway are None.
    broken: the paths of the parts that are not valid and therefore missing here.
    """

    environment: Environment
    cluster: Cluster | None
    pools: Mapping[str, PoolSettings]
    gpu: GpuSettings
    queues: QueueSettings
    tenants: Mapping[str, TenantSettings]
    gateway: GatewaySettings | None
    observability: ObservabilitySettings
    lanes: LaneSettings
    broken: frozenset[Path] = frozenset()

    def intact(self, section: str) -> bool:
        """Whether everything in a section is valid, so that its sums and its names are complete."""
        return not any(path[0] == section for path in self.broken)

    def known(self, section: str, name: str) -> bool:
        """Whether a pool or a tenant of this name stands in the file, valid or not."""
        return name in getattr(self, section) or bool({(section,), (section, name)} & self.broken)


def draft_of(settings: Settings) -> Draft:
    """The draft that a valid stack file is."""
    return Draft(**{section: getattr(settings, section) for section in Settings.model_fields})


def salvage(data: Mapping[str, object], faults: Collection[Path]) -> Draft:
    """The draft that is left of ``data`` without what ``faults`` lie in."""
    broken = frozenset(path[: _DEPTH.get(str(path[0]), 1)] for path in faults if path)
    rest = without(data, broken)
    absent = {section for section in _STAND_INS if not rest.get(section)}
    settings = Settings.model_validate({**rest, **{section: _STAND_INS[section] for section in absent}})
    draft = replace(draft_of(settings), broken=broken)
    draft = replace(draft, cluster=None) if "cluster" in absent else draft
    return replace(draft, pools={}) if "pools" in absent else draft


def without(data: object, paths: Collection[Path]) -> dict[Any, Any]:
    """A mapping without the places that ``paths`` lead to."""
    if not isinstance(data, dict):
        return {}
    gone = {path[0] for path in paths if len(path) == 1}
    below = {path[0]: [p[1:] for p in paths if len(p) > 1 and p[0] == path[0]] for path in paths if len(path) > 1}
    kept = {key: value for key, value in cast("dict[Any, Any]", data).items() if key not in gone}
    return {key: without(value, below[key]) if key in below else value for key, value in kept.items()}
