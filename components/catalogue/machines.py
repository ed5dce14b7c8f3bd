"""The machine types of EC2 and Compute Engine that pools may be made of."""

import re
from collections.abc import Mapping
from functools import cache
from math import prod
from types import MappingProxyType
from typing import Literal

from .rows import Gibibytes, Row, read

Cloud = Literal["aws", "gcp"]
Network = Literal["default", "efa", "gpudirect-tcpx", "gpudirect-tcpxo", "rdma", "infiniband"]
Way = Literal["reserved", "on-demand", "spot", "flex-start"]


class Machine(Row):
    """One machine type."""

    name: str
    """The cloud's name: ``p5.48xlarge``."""
    cloud: Cloud
    """Who offers it."""
    vcpu: int
    """Virtual CPUs."""
    memory: Gibibytes
    """Main memory in GiB."""
    arch: Literal["amd64", "arm64"] = "amd64"
    """The label ``kubernetes.io/arch``."""
    accelerator: str | None = None
    """The accelerator it carries, a name of `accelerators`."""
    count: int = 0
    """How many of them."""
    attached: bool = False
    """Whether the accelerators are asked for apart from the machine type."""
    gke_accelerator: str | None = None
    """What GKE calls the accelerator: the label ``cloud.google.com/gke-accelerator`` or, of a TPU,
    ``cloud.google.com/gke-tpu-accelerator``."""
    topology: str | None = None
    """Of TPUs: how the chips of one machine are arranged, a slice of its own: ``2x2``. None for other accelerators."""
    slices: tuple[str, ...] = ()
    """Of TPUs: the arrangements of several such machines that make one slice, beside those of whole cubes."""
    cubes: int = 0
    """Of TPUs: the most cubes of 4x4x4 chips that one slice is made of; 0 where none is."""
    workload_policy: bool = False
    """Of TPUs: whether a workload policy puts a slice of several machines together, not the node pool itself."""
    cards_per_root: int | None = None
    """How many of its accelerators hang off one PCIe root complex; None where that is not published."""
    network: Network = "default"
    """The fastest network between such machines."""
    interfaces: int = 0
    """How many interfaces of that network serve the accelerators; 0 on the default network."""
    first_card: int = 0
    """The first network card that has such an interface; cards before it have none."""
    card_step: int = 1
    """From one such card to the next; cards between them have none."""
    local_nvme: Gibibytes = 0
    """Local NVMe disks that come with it, in whole GiB together."""
    local_disks: int = 0
    """How many local NVMe disks these are, where the cloud wants to be told."""
    boot_disk: Literal["pd-balanced", "hyperdisk-balanced"] = "pd-balanced"
    """The type of boot disk that it takes on Compute Engine."""
    sold: tuple[Way, ...] = ("reserved", "on-demand", "spot", "flex-start")
    """The ways in which its cloud sells it, among those that the cloud has."""
    source: str
    """Where the figures are from."""

    def makes(self, topology: str) -> bool:
        """Whether such machines, one or several, make a TPU slice whose chips are so arranged: ``4x4``, ``2x2x4``.

        Source: GKE, "Plan TPUs in GKE"; Cloud TPU, "TPU v5p" (cubes).
        """
        if topology == self.topology or topology in self.slices:
            return True
        if not self.cubes or not _THREE_EDGES.fullmatch(topology):
            return False
        edges = _edges(topology)
        whole_cubes = all(edge % _CUBE == 0 for edge in edges) and edges == sorted(edges)
        return whole_cubes and prod(edges) <= self.cubes * _CUBE**3

    def makes_up(self, topology: str) -> int:
        """How many such machines make that slice."""
        return prod(_edges(topology)) // self.count


_CUBE = 4
"""The TPU chips along each edge of a cube."""
_THREE_EDGES = re.compile(r"[1-9][0-9]{0,2}(x[1-9][0-9]{0,2}){2}")


def _edges(topology: str) -> list[int]:
    return [int(edge) for edge in topology.split("x")]


@cache
def machines() -> Mapping[str, Machine]:
    """Every machine type by name. Source: machines.yaml."""
    rows = (
        {**{key: value for key, value in group.items() if key != "machines"}, **row, "name": name}
        for group in read("machines.yaml")
        for name, row in group["machines"].items()
    )
    return MappingProxyType({row["name"]: Machine.model_validate(row) for row in rows})


def machine_for(
    accelerator: str,
    per_node: int | None,
    cloud: Cloud,
    network: Network = "default",
    topology: str | None = None,
) -> Machine | None:
    """The smallest machine of ``cloud`` with exactly ``per_node`` of ``accelerator``; None where there is none.

    per_node: None for as many as the largest machine carries.
    network: only machines that have it; any machine has the default network.
    topology: of TPUs, only machines that make such a slice; None for any.
    """
    carrying = [
        machine
        for machine in machines().values()
        if (machine.cloud, machine.accelerator) == (cloud, accelerator)
        and network in ("default", machine.network)
        and (topology is None or machine.makes(topology))
    ]
    count = max((machine.count for machine in carrying), default=0) if per_node is None else per_node
    fitting = (machine for machine in carrying if machine.count == count)
    return min(fitting, key=lambda machine: (machine.vcpu, machine.memory), default=None)
