"""Nodes, whoever makes them: EKS, GKE, Karpenter, the sim, or somebody before us."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.catalogue.accelerators import Vendor, accelerators
from components.catalogue.machines import machines
from components.pools.gke_accelerators import NO_PLUGIN, NOT_MANAGED
from components.pools.plan import POOL_LABEL
from components.reading import listing, mapping, text

from .made import Made

Taint = Mapping[str, str]

_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
"""Taint effects of the clouds, as Kubernetes spells them."""
_INSTANCE_TYPE = "node.kubernetes.io/instance-type"
_GKES_OWN: Sequence[Taint] = ({"key": "google.com/tpu", "value": "present", "effect": "NoSchedule"},)
"""What GKE itself puts on nodes with TPUs. Source: GKE, "Deploy TPU workloads in GKE Standard"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """The nodes that one resource stands for.

    vendor: whose accelerators they carry; None where they carry none.
    labels, taints: those that are known before they exist; further ones come.
    brings: what advertises their accelerators without a pod of its own, each as people call it.
    """

    vendor: Vendor | None
    labels: Mapping[str, str]
    taints: Sequence[Taint]
    brings: tuple[str, ...] = ()

    @property
    def pool(self) -> str:
        """The pool that they belong to; empty where they say not."""
        return self.labels.get(POOL_LABEL, "")


def nodes(made: Made) -> Nodes | None:
    """The nodes that a resource makes; None where it makes none."""
    reader = _READERS.get(made.type)
    return reader(made.props) if reader else None


def _vendors() -> dict[str, Vendor]:
    return {card.vendor.name: card.vendor for card in accelerators().values()}


def _by_machine(names: Iterable[str]) -> Vendor | None:
    known = (machines().get(name) for name in names)
    carried = (machine.accelerator for machine in known if machine)
    return next((accelerators()[name].vendor for name in carried if name), None)


def _by_resource(amounts: Mapping[str, Any]) -> Vendor | None:
    """Whose resources are among these; a vendor's are all below one domain, as ``nvidia.com/mig-1g.10gb``."""
    domains = {vendor.resource.partition("/")[0]: vendor for vendor in _vendors().values()}
    counted = (name.partition("/")[0] for name, amount in amounts.items() if str(amount) not in ("", "0"))
    return next((domains[domain] for domain in counted if domain in domains), None)


def _node_group(props: Mapping[str, Any]) -> Nodes:
    image = text(props, "amiType")
    by_image = _vendors()["nvidia"] if image.endswith("_NVIDIA") else None
    plugin = by_image and image.startswith("BOTTLEROCKET")  # bottlerocket.dev: the image always runs it
    return Nodes(
        vendor=_by_machine(listing(props, "instanceTypes")) or by_image,
        labels=dict(mapping(props, "labels")),
        taints=_cloud_taints(listing(props, "taints")),
        brings=("Bottlerocket's device plugin",) if plugin else (),
    )


def _gke_pool(props: Mapping[str, Any]) -> Nodes:
    config = mapping(props, "nodeConfig")
    cards, labels = listing(config, "guestAccelerators"), dict(mapping(config, "labels"))
    drivers = [text(card, "gpuDriverInstallationConfig", "gpuDriverVersion") for card in cards]
    kept_away = all(labels.get(key) == value for key, value in NO_PLUGIN.items())
    managed = not kept_away and any(version != NOT_MANAGED for version in drivers)
    vendor = _vendors()["nvidia"] if cards else _by_machine([text(config, "machineType")])
    own = _GKES_OWN if vendor and vendor.name == "google" else ()
    return Nodes(
        vendor=vendor,
        labels=labels,
        taints=[*_cloud_taints(listing(config, "taints")), *own],
        brings=("GKE's device plugin",) if managed else (),
    )


def _karpenter_pool(props: Mapping[str, Any]) -> Nodes:
    spec = mapping(props, "spec", "template", "spec")
    wanted = (each for each in listing(spec, "requirements") if text(each, "key") == _INSTANCE_TYPE)
    return Nodes(
        vendor=_by_machine(name for each in wanted for name in listing(each, "values")),
        labels=dict(mapping(props, "spec", "template", "metadata", "labels")),
        taints=listing(spec, "taints"),
    )


def _node(props: Mapping[str, Any]) -> Nodes:
    labels = dict(mapping(props, "metadata", "labels"))
    found = _by_resource(mapping(props, "status", "capacity"))
    return Nodes(
        vendor=found or _by_machine([labels.get(_INSTANCE_TYPE, "")]),
        labels=labels,
        taints=listing(props, "spec", "taints"),
        brings=(f"its own status ({found.resource})",) if found else (),
    )


def _labelled_pool(props: Mapping[str, Any]) -> Nodes:
    spec = props["spec"]
    known = {card.product: card.vendor for card in accelerators().values()}
    return Nodes(
        vendor=known.get(spec["product"], _vendors()["nvidia"]) if spec["cards"] else None,
        labels=dict(spec["labels"]),
        taints=spec["taints"],
    )


def _cloud_taints(taints: Iterable[Taint]) -> list[Taint]:
    return [{**taint, "effect": _EFFECTS.get(taint["effect"], taint["effect"])} for taint in taints]


_READERS: dict[str, Callable[[Mapping[str, Any]], Nodes]] = {
    "aws:eks/nodeGroup:NodeGroup": _node_group,
    "gcp:container/nodePool:NodePool": _gke_pool,
    "kubernetes:karpenter.sh/v1:NodePool": _karpenter_pool,
    "kubernetes:core/v1:Node": _node,
    "pulumi-python:dynamic/kubelanes:LabelledPool": _labelled_pool,
}
"""By the type of a resource that makes nodes, how it says what they are."""

MAKERS = frozenset(_READERS)
"""The types of resources that make nodes."""
