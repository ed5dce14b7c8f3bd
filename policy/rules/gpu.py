"""GPU coherence: accelerators are kept for those who ask for them, and each is handed out by one."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.addons.gpus.advertising.pods import PLUGIN_SOCKETS, host_paths
from components.pools.claims import DRIVER
from components.reading import mapping, text

from .advertising import SLICE, advertised
from .made import Made, Stack
from .nodes import MAKERS, nodes
from .rule import Finding, ResourceRule, Rule, StackRule

_KEEPS_AWAY = ("NoSchedule", "NoExecute")
_LEVEL = "pod-security.kubernetes.io/enforce"
_KUBELETS = (PLUGIN_SOCKETS, "/var/lib/kubelet/plugins", "/var/lib/kubelet/plugins_registry")
"""Where device plugins and DRA drivers register with a kubelet."""
_ADDONS = frozenset({"kubelanes:addons:Addon", "kubelanes:addons:GpuStack"})
"""The components in which the platform installs controllers and daemons."""
_SIMULATED = "kubelanes:pools:KwokNodes"
_POD = "kubernetes:core/v1:Pod"
_WITH_TEMPLATE = frozenset(f"kubernetes:apps/v1:{kind}" for kind in ("DaemonSet", "Deployment", "StatefulSet"))


def _untainted(made: Made) -> Iterator[str]:
    found = nodes(made)
    if found is None or found.vendor is None:
        return
    wanted = found.vendor.taint
    if not any(taint["key"] == wanted and taint.get("effect") in _KEEPS_AWAY for taint in found.taints):
        yield f"The nodes of {made.title} carry accelerators of {found.vendor.title} and lack the taint {wanted}."


def _two_advertisers(stack: Stack) -> Iterator[Finding]:
    for made, found, by in advertised(stack):
        if len(by) > 1:
            which = f"the pool {found.pool}" if found.pool else made.title
            yield Finding(urn=made.urn, text=f"The cards of {which} are advertised by {' and by '.join(by)}.")


def _foreign_plugin(made: Made) -> Iterator[str]:
    if not _ADDONS.intersection(made.around):
        reached = sorted({path for path in host_paths(_pod(made)) if path.rstrip("/") in _KUBELETS})
        yield from (f"{made.title} mounts {path} of its node." for path in reached)


def _pod(made: Made) -> Mapping[str, Any]:
    return mapping(made.props, "spec", *(() if made.type == _POD else ("template", "spec")))


def _privileged(made: Made) -> Iterator[str]:
    if mapping(made.metadata, "labels").get(_LEVEL) == "privileged" and not _ADDONS.intersection(made.around):
        yield f"Any pod in the namespace {made.title} may be privileged."


def _written_slice(made: Made) -> Iterator[str]:
    if text(made.props, "spec", "driver") == DRIVER and _SIMULATED not in made.around:
        yield f"{made.title} says in the name of {DRIVER} which devices there are."


RULES: tuple[Rule, ...] = (
    ResourceRule(
        name="gpu-nodes-are-tainted",
        title="Nodes with accelerators are tainted for them",
        reason="Pods that ask for none would take their CPU and memory, and the accelerators would stand idle.",
        remedy="Give them the taint, with the value present and the effect NoSchedule.",
        severity="high",
        types=MAKERS,
        judge=_untainted,
    ),
    StackRule(
        name="gpu-nodes-have-one-advertiser",
        title="The GPUs of a node are advertised by the device plugin or by DRA, never by both",
        reason="Each of them would hand out every card: two pods get the same one and break each other's memory.",
        remedy="Choose by the pool's `share`, and keep the other away by a node selector or an affinity.",
        severity="critical",
        judge=_two_advertisers,
    ),
    ResourceRule(
        name="gpu-plugins-are-add-ons",
        title="Only the platform's add-ons register with the kubelet",
        reason="Whoever does can advertise cards that another hands out, and sees every device of the node.",
        remedy="Install it as an add-on, or take the mount away.",
        severity="high",
        types=_WITH_TEMPLATE | {_POD},
        judge=_foreign_plugin,
    ),
    ResourceRule(
        name="gpu-privileged-namespaces-are-add-ons",
        title="Only the platform's add-ons live in privileged namespaces",
        reason="A privileged pod reaches every card of its node, whoever it was given to.",
        remedy="Label the namespace baseline or restricted, or install what needs it as an add-on.",
        severity="high",
        types=frozenset({"kubernetes:core/v1:Namespace"}),
        judge=_privileged,
    ),
    ResourceRule(
        name="gpu-slices-are-the-drivers",
        title="ResourceSlices of NVIDIA's driver come from the driver",
        reason="The scheduler would hand out devices that are not there, or that the driver hands out as well.",
        remedy="Remove it: the driver publishes what its node has.",
        severity="critical",
        types=frozenset({SLICE}),
        judge=_written_slice,
    ),
)
