"""Who advertises NVIDIA's cards of a node: a device plugin, as extended resources, or a DRA driver, as devices.

Never both: each would hand out every card, and two pods would share one without knowing of each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from ....reading import listing, mapping, text

Advertiser = Literal["device plugin", "DRA driver"]
"""The two that Kubernetes knows."""
Pod = Mapping[str, Any]
"""A pod's ``spec``, or the one of a template."""

DEVICE_PLUGINS = frozenset({"k8s-device-plugin", "nvidia-gpu-device-plugin"})
"""Images of device plugins for NVIDIA's cards, the last part of their names.

Source: NVIDIA/k8s-device-plugin and NVIDIA/gpu-operator (values.yaml); GKE's DaemonSet ``nvidia-gpu-device-plugin``.
"""
NOT_NVIDIAS = "rocm/k8s-device-plugin"
"""AMD's, of the same name."""
DRA_DRIVERS = frozenset({"dra-driver-nvidia-gpu", "k8s-dra-driver-gpu"})
"""Images of NVIDIA's DRA driver, today's name and the one before."""
DRA_PROGRAM = "gpu-kubelet-plugin"
"""The program of that image which publishes cards; beside it there is one that publishes ComputeDomain channels.

Source: kubernetes-sigs/dra-driver-nvidia-gpu v0.5, chart, templates/kubeletplugin.yaml.
"""
PLUGIN_SOCKETS = "/var/lib/kubelet/device-plugins"
"""Where a device plugin registers; other programs of its image do not. Source: kubernetes.io, "Device Plugins"."""


def advertiser(pod: Pod) -> Advertiser | None:
    """What such a pod advertises NVIDIA's cards as; None where it does not."""
    containers = listing(pod, "containers")
    written = [text(each, "image") for each in containers]
    images = {image_name(each) for each in written if NOT_NVIDIAS not in each}
    if images & DEVICE_PLUGINS and any(path.startswith(PLUGIN_SOCKETS) for path in host_paths(pod)):
        return "device plugin"
    if images & DRA_DRIVERS and any(DRA_PROGRAM in word.split() for each in containers for word in _words(each)):
        return "DRA driver"
    return None


def image_name(image: str) -> str:
    """``k8s-device-plugin`` of ``nvcr.io/nvidia/k8s-device-plugin:v0.19.0@sha256:...``."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def host_paths(pod: Pod) -> Iterator[str]:
    """The folders of its node that a pod mounts."""
    for volume in listing(pod, "volumes"):
        if path := text(volume, "hostPath", "path"):
            yield path


def _words(container: Mapping[str, Any]) -> Iterator[str]:
    yield from listing(container, "command")
    yield from listing(container, "args")


def may_land(pod: Pod, labels: Mapping[str, str], taints: Sequence[Mapping[str, str]]) -> bool:
    """Whether a pod of a DaemonSet may run on nodes of which these labels and taints are known.

    Nodes have further labels: a selector by a key that is not known rules nothing out.
    Source: kubernetes.io, "Assigning Pods to Nodes" and "Taints and Tolerations".
    """
    return (
        all(labels.get(key, value) == value for key, value in mapping(pod, "nodeSelector").items())
        and _affine(pod, labels)
        and all(_tolerated(pod, taint) for taint in taints if taint.get("effect") != "PreferNoSchedule")
    )


def _affine(pod: Pod, labels: Mapping[str, str]) -> bool:
    required = mapping(pod, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    terms = listing(required, "nodeSelectorTerms")
    return not required or any(all(_matches(e, labels) for e in listing(term, "matchExpressions")) for term in terms)


def _matches(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), list(listing(expression, "values"))
    match expression["operator"]:
        case "In":
            return value is None or value in values
        case "NotIn":
            return value not in values
        case "DoesNotExist":
            return value is None
        case _:  # Exists; Gt and Lt compare what nobody plans
            return True


def _tolerated(pod: Pod, taint: Mapping[str, str]) -> bool:
    return any(_tolerates(each, taint) for each in listing(pod, "tolerations"))


def _tolerates(toleration: Mapping[str, Any], taint: Mapping[str, str]) -> bool:
    effects = (None, "", taint.get("effect"))
    if toleration.get("effect") not in effects or toleration.get("key") not in (None, "", taint["key"]):
        return False
    if toleration.get("operator") == "Exists":
        return True
    return bool(toleration.get("key")) and (toleration.get("value") or "") == (taint.get("value") or "")
