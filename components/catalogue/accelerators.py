"""The accelerators that pools may ask for, by the names users write."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import TypeAdapter

from .mig import MigGeometry
from .rows import NAMED, Mebibytes, Row, read


class Vendor(Row):
    """Who makes an accelerator, and by what Kubernetes knows its nodes and devices."""

    name: Literal["nvidia", "google", "aws", "amd"]
    """As rows name it."""
    title: str
    """As people write it: ``NVIDIA``."""
    resource: str
    """The extended resource of a whole accelerator: ``nvidia.com/gpu``."""
    core_resource: str = ""
    """The extended resource of one of its cores, where nodes advertise these too: a second way to the same devices."""
    taint: str
    """The key of the taint on nodes that carry it; the value is ``present``."""
    source: str
    """Where the names are from."""


class Accelerator(Row):
    """One model of accelerator; NVIDIA's as the driver reports it."""

    name: str
    """As users write it: ``h100-80gb``."""
    vendor: Vendor
    """Who makes it."""
    product_name: str
    """Its name in full; of NVIDIA's NVML's, the DRA attribute ``productName``: ``NVIDIA H100 80GB HBM3``."""
    memory: Mebibytes
    """Its memory in MiB; of NVIDIA's the label ``nvidia.com/gpu.memory``: an "80 GB" card has less than 80 GiB."""
    architecture: str
    """Its generation; of NVIDIA's the DRA attribute ``architecture``: ``Hopper``."""
    compute_capability: str = ""
    """CUDA compute capability, major and minor: ``9.0``; empty for what does not speak CUDA."""
    cores: int = 0
    """Its cores, where nodes advertise them beside whole accelerators (`Vendor.core_resource`); else 0."""
    nvlink: bool = False
    """Whether its cards reach each other over NVLink as they are sold; a bridge that may be lacking does not count."""
    nvlink_domain: int = 0
    """How many cards reach each other over NVLink across nodes: 72 in an NVL72 rack; 0 where none do."""
    mig_capable: bool = False
    """The label ``nvidia.com/mig.capable``."""
    mig: MigGeometry | None = None
    """Its partitions; None where the card has none, or where it has but their figures are not published."""
    source: str
    """Where the figures are from."""

    @property
    def is_nvidia(self) -> bool:
        """Whether it is a card of NVIDIA's: only these are shared, claimed through DRA or labelled by GPU discovery."""
        return self.vendor.name == "nvidia"

    @property
    def cut_on_claim(self) -> bool:
        """Whether it is cut by MIG when it is claimed: Ampere takes MIG mode with a reset only, which no claim does.

        Source: dra-driver-nvidia-gpu v0.5, cmd/gpu-kubelet-plugin/nvlib.go (``isDynamicMIGCapable``).
        """
        return self.mig is not None and self.architecture != "Ampere"

    @property
    def product(self) -> str:
        """The label ``nvidia.com/gpu.product``: ``NVIDIA-H100-80GB-HBM3``."""
        return self.product_name.replace(" ", "-")

    @property
    def family(self) -> str:
        """The label ``nvidia.com/gpu.family``: ``hopper``."""
        return self.architecture.lower().replace(" ", "-")


_VENDORS = TypeAdapter(Annotated[dict[str, Vendor], NAMED])
_ROWS = TypeAdapter(Annotated[dict[str, Accelerator], NAMED])


@cache
def accelerators() -> Mapping[str, Accelerator]:
    """Every accelerator by name. Source: accelerators.yaml."""
    content = read("accelerators.yaml")
    vendors = _VENDORS.validate_python(content["vendors"])
    rows = {
        name: {**row, "vendor": vendors[row.get("vendor", "nvidia")]} for name, row in content["accelerators"].items()
    }
    return MappingProxyType(_ROWS.validate_python(rows))
