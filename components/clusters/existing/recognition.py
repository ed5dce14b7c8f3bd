"""From what is seen of a cluster to its facts, and to where the declared ones are not so."""

from collections.abc import Iterator, Mapping

from ...problems import Problem
from ...settings.existing import DeclaredFacts
from .observation import Observation

Signs = Mapping[str, frozenset[str]]

_NETWORK_POLICY: Signs = {
    # Upstream: each project's manifests or chart. The first that is seen counts: GKE's anetd is built from Cilium.
    "dataplane-v2": frozenset({"anetd"}),
    "cilium": frozenset({"cilium", "cilium-agent"}),
    "vpc-cni": frozenset({"aws-network-policy-agent", "aws-eks-nodeagent"}),
    "other": frozenset({"calico-node", "kindnet", "azure-npm", "antrea-agent", "kube-router", "ovnkube-node", "canal"}),
}
_AUTOSCALER: Signs = {
    "karpenter": frozenset({"karpenter.sh"}),
    "cluster-autoscaler": frozenset({"cluster-autoscaler"}),
}
_DEVICE_PLUGIN = frozenset(
    {"k8s-device-plugin", "nvidia-gpu-device-plugin", "nvidia-device-plugin-daemonset", "neuron-device-plugin"}
)
"""NVIDIA's image and AMD's, GKE's and AKS's DaemonSet, the GPU Operator's, and AWS's image for Neuron."""
_DRIVER = frozenset({"nvidia-driver-daemonset", "nvidia-driver-installer"})
"""The GPU Operator's DaemonSet and GKE's."""


def recognise(seen: Observation) -> DeclaredFacts:
    """The facts as one would declare them; what cannot be seen keeps its default.

    A driver or device plugin that is there already is not ours to install, whoever put it there.
    """
    plugin, serving = bool(seen.signs & _DEVICE_PLUGIN), _serving(seen)
    driver = plugin or serving or seen.signs & _DRIVER
    return DeclaredFacts.model_validate(
        {
            "kubernetes": seen.version,
            "gpu_driver": "image" if driver else "operator",
            "device_plugin": "standalone" if plugin else "image" if serving else "operator",
            "autoscaler": _first(_AUTOSCALER, seen) or "none",
            "network_policy": _first(_NETWORK_POLICY, seen) or "none",
            "storage_class": None if any(seen.storage_classes.values()) else next(iter(seen.storage_classes), None),
        }
    )


def _serving(seen: Observation) -> int:
    """How many nodes have cards that something serves which is not of ours."""
    return 0 if seen.ours & _DEVICE_PLUGIN else seen.gpu_nodes


def _first(known: Signs, seen: Observation) -> str | None:
    return next((name for name, signs in known.items() if signs & seen.signs), None)


def differences(declared: DeclaredFacts, seen: Observation) -> list[Problem]:
    """Every declared fact that is not so; what cannot be seen is believed."""
    return [
        Problem(f"cluster.facts.{key}", value, text)
        for rule in (_version, _gpus, _scaling, _policy, _storage)
        for key, value, text in rule(declared, seen)
    ]


Difference = tuple[str, str, str]


def _version(declared: DeclaredFacts, seen: Observation) -> Iterator[Difference]:
    if declared.kubernetes != seen.version:
        text = f'is not what runs there, and charts are chosen by it. Write "{seen.version}".'
        yield "kubernetes", declared.kubernetes, text


def _gpus(declared: DeclaredFacts, seen: Observation) -> Iterator[Difference]:
    plugin, driver, serving = seen.signs & _DEVICE_PLUGIN, seen.signs & _DRIVER, _serving(seen)
    if declared.device_plugin != "standalone" and plugin:
        text = f"is not so: {_names(plugin)} advertises GPUs already, and a second one would count them twice."
        yield "device_plugin", declared.device_plugin, f"{text} Write standalone."
    if declared.device_plugin == "standalone" and not plugin:
        yield (
            "device_plugin",
            "standalone",
            "is nowhere to be seen: no GPU would be advertised. Write operator or image.",
        )
    if declared.device_plugin == "operator" and not plugin and serving:
        text = f"is not so: {serving} nodes advertise GPUs already, and a second plugin would count them twice."
        yield "device_plugin", "operator", f"{text} Write image."
    if declared.gpu_driver == "operator" and (driver or serving):
        what = f"{_names(driver)} installs it" if driver else f"{serving} nodes have it"
        text = f"is not so: {what} already, and a second driver would break the first. Write image."
        yield "gpu_driver", "operator", text


def _scaling(declared: DeclaredFacts, seen: Observation) -> Iterator[Difference]:
    found = _first(_AUTOSCALER, seen)
    if declared.autoscaler == "karpenter" != found:
        text = "is not there: the cluster knows no API karpenter.sh, so that pods would wait for nodes for ever."
        yield "autoscaler", "karpenter", f"{text} Write {found or 'none'}."
    if declared.autoscaler == "none" and found:
        text = f"is not so: {found} adds and removes nodes, which pods may then wait for. Write {found}."
        yield "autoscaler", "none", text


def _policy(declared: DeclaredFacts, seen: Observation) -> Iterator[Difference]:
    found = _first(_NETWORK_POLICY, seen)
    if declared.network_policy in ("cilium", "vpc-cni", "dataplane-v2") and declared.network_policy != found:
        text = "is nowhere to be seen: tenants would not be kept apart as it is said."
        yield (
            "network_policy",
            declared.network_policy,
            f"{text} Write {found or 'what enforces NetworkPolicy, or none'}.",
        )
    if declared.network_policy == "none" and found:
        text = f"is not so: {found} enforces them, and what they do not open is closed. Write {found}."
        yield "network_policy", "none", text


def _storage(declared: DeclaredFacts, seen: Observation) -> Iterator[Difference]:
    there = _names(seen.storage_classes)
    if declared.storage_class and declared.storage_class not in seen.storage_classes:
        yield "storage_class", declared.storage_class, f"is not there: volumes would wait for ever. There are: {there}."
    if declared.storage_class is None and not any(seen.storage_classes.values()):
        text = f"missing: the cluster has no default class, so that volumes would wait for ever. There are: {there}."
        yield "storage_class", "", text


def _names(found: Mapping[str, bool] | frozenset[str]) -> str:
    return ", ".join(sorted(found)) or "none"
