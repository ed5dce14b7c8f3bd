"""What a pool's EC2 instances are made of, whoever starts them: a node group or Karpenter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..catalogue.machines import Machine, machines
from ..settings.pools import Reserved
from ..settings.scalars import amount
from .plan import PoolPlan

Image = Literal["al2023", "bottlerocket"]
"""The node image, as in ``cluster.image``."""

_GIBIBYTE = 2**30
_BOTTLEROCKET_SYSTEM = 4
"""GiB of Bottlerocket's system volume, which images and logs never touch. Source: Karpenter 1.14,
pkg/providers/amifamily/bottlerocket.go."""


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface of an instance.

    card, device: the network card, and the place on it.
    kind: ``interface``, which has an address, or ``efa-only``, which has none and costs the subnet none.
    """

    card: int
    device: int
    kind: Literal["interface", "efa-only"]


@dataclass(frozen=True, slots=True)
class Volume:
    """An EBS volume of an instance: its device and its size in GiB."""

    device: str
    size: int


def interfaces(pool: PoolPlan) -> tuple[Interface, ...]:
    """The interfaces of a pool on EFA: one for IP, and one for EFA on each card that has it; none elsewhere.

    Source: EC2 user guide, "Maximize network bandwidth on Amazon EC2 instances with multiple network cards".
    """
    if pool.network != "efa":
        return ()
    first, step = pool.machine.first_card, pool.machine.card_step
    cards = range(first, first + step * pool.machine.interfaces, step)
    # On card 0 the interface for IP holds the first place.
    return (Interface(0, 0, "interface"), *(Interface(card, 0 if card else 1, "efa-only") for card in cards))


def volumes(pool: PoolPlan, image: Image) -> tuple[Volume, ...]:
    """The volumes of an instance, the one it boots from first. Bottlerocket keeps pods' data on a second one."""
    size = -int(-amount(pool.disk.size) // _GIBIBYTE)
    if image == "bottlerocket":
        return Volume("/dev/xvda", _BOTTLEROCKET_SYSTEM), Volume("/dev/xvdb", size)
    return (Volume("/dev/xvda", size),)


def joins_local_disks(pool: PoolPlan) -> bool:
    """Whether the instance has local NVMe disks that become one RAID 0."""
    return pool.disk.local_nvme == "raid0" and pool.machine.local_nvme > 0


def instance_types(pool: PoolPlan) -> tuple[str, ...]:
    """The machine, and on spot its like: what else carries as many of the same accelerator, or as much without one.

    Spot capacity of one type vanishes at once: with several there is something to fall back to. A pool on EFA has one
    type, whose interfaces are described. Source: EC2 user guide, "Best practices for Amazon EC2 Spot".
    """
    machine = pool.machine
    if "spot" not in pool.capacity or pool.network != "default":
        return (machine.name,)
    alike = (other.name for other in machines().values() if other != machine and _is_alike(other, machine))
    return (machine.name, *alike)


def _is_alike(other: Machine, machine: Machine) -> bool:
    same = (machine.cloud, machine.arch, machine.accelerator, machine.count)
    if (other.cloud, other.arch, other.accelerator, other.count) != same or machine.attached:
        return False
    # With cards, a pod's share of a node is counted in cards; without, a smaller node would not hold the same pods.
    enough = other.vcpu >= machine.vcpu and other.memory >= machine.memory
    return enough and (other.vcpu <= 2 * machine.vcpu) and (other.memory <= 2 * machine.memory)


def reservations(pool: PoolPlan) -> tuple[Reserved, ...]:
    """The reservations among the pool's ways of buying."""
    return tuple(way for way in pool.capacity if isinstance(way, Reserved))


def has_placement_group(pool: PoolPlan) -> bool:
    """Whether the pool's instances are put close together: EFA pays off only there.

    Reserved ones stand where the reservation is: a capacity block in an UltraCluster, others in the placement group
    that they were made in, if any; in a group of ours EC2 would not find them. Sources: EC2 user guide, "Capacity
    Blocks for ML" and "Use Capacity Reservations with cluster placement groups"; aws/aws-parallelcluster#7252.
    """
    return pool.network == "efa" and not reservations(pool)


def in_zones(pool: PoolPlan, zones: Sequence[str]) -> tuple[str, ...]:
    """Those of the cluster's zones that the pool uses: with EFA the first alone, for its traffic leaves no zone.

    Within a zone it crosses subnets, where both ends' security groups allow for it. Sources: EC2 user guide, "EFA
    limitations"; AWS, "Elastic Fabric Adapter supports cross-subnet communication" (2024).
    """
    if pool.zones:
        return tuple(zone for zone in zones if zone in pool.zones)
    return tuple(zones[:1]) if pool.network == "efa" else tuple(zones)
