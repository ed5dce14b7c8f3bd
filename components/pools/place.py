"""Where a simulated node stands: its zone, rack and block, and what follows from these."""

from dataclasses import dataclass
from hashlib import sha256

from ..catalogue.machines import Cloud
from .plan import PoolPlan

_ZONES: dict[Cloud, tuple[str, ...]] = {
    "aws": ("us-east-1a", "us-east-1b", "us-east-1c"),
    "gcp": ("us-central1-a", "us-central1-b", "us-central1-c"),
}
"""The zones of a pool that names none."""
_RACK = 4
"""Nodes that share a leaf switch."""
_BLOCK = 16
"""Nodes that share a spine switch."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one node; nodes of a pool go round its zones and fill a zone rack by rack."""

    zone: str
    rack: str
    block: str
    fabric: str

    @property
    def region(self) -> str:
        """The zone's region: ``us-east-1`` of ``us-east-1a``, ``us-central1`` of ``us-central1-a``."""
        return self.zone[:-1].removesuffix("-")


def zones_of(pool: PoolPlan, cloud: Cloud) -> tuple[str, ...]:
    """The zones that the pool's nodes go round."""
    return pool.zones or _ZONES[cloud]


def place(pool: PoolPlan, index: int, cloud: Cloud) -> Place:
    """The place of the pool's node ``index``."""
    zones = zones_of(pool, cloud)
    at, zone = index // len(zones), zones[index % len(zones)]
    return Place(
        zone,
        rack=digest(zone, pool.name, "rack", at // _RACK),
        block=digest(zone, pool.name, "block", at // _BLOCK),
        fabric=digest(zone),
    )


def node_name(pool: PoolPlan, index: int) -> str:
    """The name of the pool's node ``index``, the same on every run."""
    return f"{pool.name}-{index}"


def digest(*parts: object) -> str:
    """Seventeen hexadecimal digits made of ``parts``, as long as the ids of EC2."""
    return sha256("/".join(map(str, parts)).encode()).hexdigest()[:17]
