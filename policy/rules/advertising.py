"""What of a stack advertises NVIDIA's cards, and on which nodes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.addons.gpus.advertising.pods import Pod, advertiser, may_land
from components.pools.claims import DRIVER
from components.pools.gpu_steering import DEPLOY_PLUGIN
from components.reading import listing, mapping, text

from .made import Made, Stack
from .nodes import Nodes, nodes

SLICE = "kubernetes:resource.k8s.io/v1:ResourceSlice"
_NODE = "kubernetes:core/v1:Node"
_OPERATORS_OWN = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
"""What the Operator's device plugin tolerates in any case. Source: assets/state-device-plugin/0500_daemonset.yaml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """Pods that advertise the cards of whichever nodes they land on.

    title: as people call them.
    pod: of its spec, at least where it may land.
    """

    title: str
    pod: Pod


def advertised(stack: Stack) -> Iterator[tuple[Made, Nodes, Sequence[str]]]:
    """Everything that makes nodes with NVIDIA's cards, and all that advertises these, as people call it."""
    daemons = [daemon for _, daemon in stack.read(_daemon)]
    slices = _slices(stack)
    for made, found in stack.read(nodes):
        if found.vendor and found.vendor.name == "nvidia":
            landing = [each.title for each in daemons if may_land(each.pod, found.labels, found.taints)]
            published = slices[text(made.metadata, "name")] if made.type == _NODE else []
            yield made, found, sorted((*found.brings, *landing, *published), key=str.lower)


def _daemon(made: Made) -> Daemon | None:
    match made.type:
        case "kubernetes:apps/v1:DaemonSet":
            return _daemon_set(made)
        case "kubernetes:nvidia.com/v1:ClusterPolicy":
            return _operand(mapping(made.props, "spec"))
        case _:
            return None


def _daemon_set(made: Made) -> Daemon | None:
    pod = mapping(made.props, "spec", "template", "spec")
    kind = advertiser(pod)
    return Daemon(title=f"the {kind} of the DaemonSet {made.title}", pod=pod) if kind else None


def _operand(policy: Mapping[str, Any]) -> Daemon | None:
    """The device plugin that the GPU Operator makes of its ClusterPolicy, in the cluster, where no preview sees it."""
    if mapping(policy, "devicePlugin").get("enabled") is False:
        return None
    tolerations = [_OPERATORS_OWN, *listing(policy, "daemonsets", "tolerations")]
    pod = {"nodeSelector": {DEPLOY_PLUGIN: "true"}, "tolerations": tolerations}
    return Daemon(title="the device plugin of the GPU Operator", pod=pod)


def _slices(stack: Stack) -> Mapping[str, list[str]]:
    """By node, that devices are published for it; once, however many slices these are."""
    found: dict[str, list[str]] = defaultdict(list)
    for _, node in stack.read(_published):
        found[node] = [f"ResourceSlices of {DRIVER}"]
    return found


def _published(made: Made) -> str | None:
    """The node of a slice of NVIDIA's driver."""
    if made.type != SLICE or text(made.props, "spec", "driver") != DRIVER:
        return None
    return text(made.props, "spec", "nodeName")
