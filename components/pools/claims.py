"""What pods ask of DRA: requests for whole cards and for partitions, and the spec of the claim that holds them.

Source: k8s.io/api/resource/v1, types.go (``DeviceClaim``, ``DeviceRequest``, ``DeviceConstraint``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..catalogue.accelerators import Accelerator
from ..catalogue.mig import MigProfile
from ..objects import Manifest
from .shares import device_class, partition_class

DRIVER = "gpu.nvidia.com"
"""The name of NVIDIA's driver, and the domain of its attributes and capacities."""
SAME_PCIE_ROOT = "resource.kubernetes.io/pcieRoot"
"""Devices that agree in it hang off one PCIe root complex. Upstream: KEP-4381, standard device attributes."""
ALTERNATIVES = 8
"""The most alternatives of one request. Source: k8s.io/api/resource/v1, ``FirstAvailableDeviceRequestMaxSize``."""


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """So many devices of one class.

    selectors: CEL expressions that narrow the class; a device must satisfy all of them.
    """

    device_class: str
    count: int
    selectors: tuple[str, ...] = ()


def card_request(accelerator: Accelerator, count: int, memory_mib: int | None = None) -> DeviceRequest:
    """``count`` whole cards of one model, each with ``memory_mib`` MiB or more where that is told."""
    selectors = () if memory_mib is None else (least_memory(memory_mib),)
    return DeviceRequest(device_class(accelerator.name), count, selectors)


def partition_request(accelerator: Accelerator, profile: MigProfile, count: int) -> DeviceRequest:
    """``count`` partitions of one profile, of one model of card."""
    return DeviceRequest(partition_class(accelerator.name), count, (having("profile", profile.name),))


def claim_spec(name: str, alternatives: Sequence[DeviceRequest], match: Sequence[str] = ()) -> Manifest:
    """The spec of a ResourceClaim, also what a template has under ``spec.spec``.

    name: what pods call the request.
    alternatives: one is asked for as it is; of several, the first that can be had on a node is.
    match: attributes, with their domain, in which all devices of the claim agree: `SAME_PCIE_ROOT`.

    Raises ValueError for more than `ALTERNATIVES`: the API server would refuse the claim of every pod.
    """
    if len(alternatives) > ALTERNATIVES:
        raise ValueError(f"{len(alternatives)} alternatives are more than the {ALTERNATIVES} of one request")
    devices: Manifest = {"requests": [{"name": name, **_choice(alternatives)}]}
    if match:
        devices["constraints"] = [{"requests": [name], "matchAttribute": attribute} for attribute in match]
    return {"devices": devices}


def having(attribute: str, value: str) -> str:
    """The CEL expression for devices whose attribute has this value."""
    return f"device.attributes['{DRIVER}'].{attribute} == '{value}'"


def least_memory(mib: int) -> str:
    """The CEL expression for devices with so many MiB of memory or more."""
    return f"device.capacity['{DRIVER}'].memory.compareTo(quantity('{mib}Mi')) >= 0"


def _choice(alternatives: Sequence[DeviceRequest]) -> Manifest:
    if len(alternatives) == 1:
        return {"exactly": _request(alternatives[0])}
    named = ((f"{at}-{each.device_class.partition('.')[0]}", each) for at, each in enumerate(alternatives))
    return {"firstAvailable": [{"name": name, **_request(each)} for name, each in named]}


def _request(request: DeviceRequest) -> Manifest:
    asked: Manifest = {"deviceClassName": request.device_class, "count": request.count}
    if request.selectors:
        asked["selectors"] = [{"cel": {"expression": expression}} for expression in request.selectors]
    return asked
