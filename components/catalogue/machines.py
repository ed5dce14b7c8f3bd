"""The machine types of EC2 and Compute Engine that pools may be made of."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal

from .rows import Gibibytes, Row, read

Cloud = Literal["aws", "gcp"]
Network = Literal["default", "efa", "gpudirect-tcpx", "gpudirect-tcpxo", "rdma"]
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
    """What GKE calls the accelerator: the label ``cloud.google.com/gke-accelerator``."""
    network: Network = "default"
    """The fastest network between such machines."""
    interfaces: int = 0
    """How many interfaces of that network serve the accelerators; 0 on the default network."""
    first_card: int = 0
    """The first network card that has such an interface; cards before it have none."""
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


@cache
def machines() -> Mapping[str, Machine]:
    """Every machine type by name. Source: machines.yaml."""
    rows = (
        {**{key: value for key, value in group.items() if key != "machines"}, **row, "name": name}
        for group in read("machines.yaml")
        for name, row in group["machines"].items()
    )
    return MappingProxyType({row["name"]: Machine.model_validate(row) for row in rows})


def machine_for(accelerator: str, per_node: int | None, cloud: Cloud, network: Network = "default") -> Machine | None:
    """The smallest machine of ``cloud`` with exactly ``per_node`` of ``accelerator``; None where there is none.

    per_node: None for as many as the largest machine carries.
    network: only machines that have it; any machine has the default network.
    """
    carrying = [
        machine
        for machine in machines().values()
        if (machine.cloud, machine.accelerator) == (cloud, accelerator) and network in ("default", machine.network)
    ]
    count = max((machine.count for machine in carrying), default=0) if per_node is None else per_node
    fitting = (machine for machine in carrying if machine.count == count)
    return min(fitting, key=lambda machine: (machine.vcpu, machine.memory), default=None)
