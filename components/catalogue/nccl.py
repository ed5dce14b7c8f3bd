"""NCCL on the fast networks: the plugins that nodes are given, and the environment by network and machine type."""

from collections.abc import Mapping
from functools import cache
from typing import Literal

from .machines import Machine
from .rows import Row, read


class Kit(Row):
    """NCCL's plugin for one network, with the NCCL that it was tried with."""

    name: str
    """What it is called in paths and names."""
    version: str
    """Its version; every pod of a job must have the same."""
    images: Mapping[Literal["amd64", "arm64"], str]
    """The image that carries it, by the nodes' architecture."""
    folder: str
    """Where in the image's file system its own script puts it."""
    daemon: str | None = None
    """The image of the process that must run beside the workload."""
    source: str
    """Where the figures are from."""


class NcclRow(Row):
    """The environment of one network."""

    network: str
    """The network, as a pool names it."""
    machines: tuple[str, ...] = ()
    """The machine types that it is for; every other of the network where it names none."""
    env: Mapping[str, str]
    """The variables, with ``{kit}`` and ``{interfaces}`` to be filled in."""
    source: str
    """Where the figures are from."""


class NcclCatalogue(Row):
    """The whole file."""

    kits: Mapping[str, Kit]
    """The plugins by network."""
    environments: tuple[NcclRow, ...]
    """The environments."""


@cache
def nccl() -> NcclCatalogue:
    """What is known of NCCL on the fast networks. Source: nccl.yaml."""
    return NcclCatalogue.model_validate(read("nccl.yaml"))


def nccl_row(network: str, machine: Machine) -> NcclRow:
    """The environment of ``network`` on ``machine``: the row that names it, else the network's own.

    Raises LookupError where the network has neither.
    """
    rows = [row for row in nccl().environments if row.network == network]
    for row in sorted(rows, key=lambda row: not row.machines):
        if not row.machines or machine.name in row.machines:
            return row
    raise LookupError(f"nccl.yaml has no row of network {network} for machine {machine.name}")


def needs_privileges(network: str, libraries: Literal["injected", "mounted"]) -> bool:
    """Whether pods that use this network reach into their node, which Pod Security admits as ``privileged`` only.

    They do with a daemon beside them, and where no device plugin mounts the driver's libraries with the kit below.

    libraries: how containers come by the driver's libraries: ``injected`` or ``mounted``.
    """
    kit = nccl().kits.get(network)
    return kit is not None and (kit.daemon is not None or libraries == "injected")
