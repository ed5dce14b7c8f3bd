"""One owner each for driver, container toolkit and device plugin, and a device plugin that can do what pools ask for.

Sources: "NVIDIA GPU Operator with Google GKE"; NVIDIA/k8s-device-plugin, README; GKE, "Manage the GPU stack with the
NVIDIA GPU Operator" and "Running multi-instance GPUs"; NVIDIA/aicr, docs/integrator/gke-gpu-setup.md.
"""

from collections.abc import Iterator

from ...problems import Problem
from ..draft import Draft
from ..existing import ExistingCluster
from ..gke import GkeCluster
from ..inventory import Stock, stocks
from ..wording import listed, problem


def check_single(draft: Draft) -> Iterator[Problem]:
    """Partitions that are advertised like whole cards are all of one size."""
    for stock in _nvidia(draft):
        share = stock.pool.share
        if share.strategy == "single" and len(sizes := dict.fromkeys(share.mig or ())) > 1:
            text = (
                f"calls every partition nvidia.com/gpu, and {listed(sizes)} would be told apart by nothing: the device "
                "plugin advertises none of them. Write mixed, or partitions of one profile."
            )
            yield problem(("pools", stock.name, "share", "strategy"), "single", text)


def check_gkes_strategy(draft: Draft) -> Iterator[Problem]:
    """GKE's own device plugin has one name for partitions."""
    if not isinstance(draft.cluster, GkeCluster) or draft.cluster.gpu_driver == "operator":
        return
    for stock in _nvidia(draft):
        if stock.pool.share.strategy == "mixed":
            text = (
                "is not how GKE's device plugin calls partitions: pods that ask for nvidia.com/mig-... would wait for "
                "ever. Leave it out, or write cluster.gpu_driver: operator."
            )
            yield problem(("pools", stock.name, "share", "strategy"), "mixed", text)


def check_standalone(draft: Draft) -> Iterator[Problem]:
    """Without the operator, the image brings the driver and the container toolkit, and nothing cuts cards by MIG."""
    if draft.gpu.stack != "standalone":
        return
    path = ("gpu", "stack")
    match draft.cluster:
        case GkeCluster(gpu_driver="gke"):
            text = "is a device plugin beside GKE's own, which hands out every card already. Leave gpu.stack out."
            yield problem(path, "standalone", text)
        case GkeCluster():
            text = (
                "has no container toolkit, and GKE's image has none either: no container would see a card. Write "
                "operator, or cluster.gpu_driver: gke without gpu.stack."
            )
            yield problem(path, "standalone", text)
        case ExistingCluster() as cluster if cluster.facts.gpu_driver == "operator":
            text = (
                "installs no driver, and cluster.facts.gpu_driver leaves it to the operator. Write operator, or "
                "declare gpu_driver: image where the driver lies in the image."
            )
            yield problem(path, "standalone", text)
        case _:
            pass
    for stock in _nvidia(draft):
        if stock.pool.share.mig:
            text = (
                "is the work of the GPU Operator's MIG manager, and gpu.stack is standalone: the cards would stay "
                "whole and the partitions never appear. Write gpu.stack: operator, or share: whole, time_slicing, mps "
                "or dra."
            )
            yield problem(("pools", stock.name, "share", "mig"), stock.pool.share.mig, text)


def check_declared_owners(draft: Draft) -> Iterator[Problem]:
    """On an existing cluster somebody brings the driver, and who brings the device plugin has the driver too."""
    if not isinstance(draft.cluster, ExistingCluster):
        return
    facts, carrying = draft.cluster.facts, [stock.name for stock in _nvidia(draft)]
    path = ("cluster", "facts", "gpu_driver")
    if facts.gpu_driver == "none" and carrying:
        text = (
            f"leaves pools {listed(carrying)} without a driver: their cards would never appear. Write image where the "
            "driver is there already, or operator."
        )
        yield problem(path, "none", text)
    if facts.gpu_driver == "operator" and facts.device_plugin != "operator":
        text = (
            f"installs the driver through an operator of ours, and device_plugin is {facts.device_plugin}: what hands "
            "the cards out there has a driver already, and a second one fails to load. Write gpu_driver: image, or "
            "device_plugin: operator."
        )
        yield problem(path, "operator", text)


def check_advertisers(draft: Draft) -> Iterator[Problem]:
    """On an existing cluster, somebody else's device plugin cannot be kept off the nodes that DRA serves."""
    if not isinstance(draft.cluster, ExistingCluster) or draft.cluster.facts.device_plugin == "operator":
        return
    for stock in _nvidia(draft):
        if stock.pool.share.dra:
            text = (
                f"would hand each card out twice: the cluster's own device plugin (device_plugin: "
                f"{draft.cluster.facts.device_plugin}) serves these nodes too. Remove that plugin and write "
                "device_plugin: operator, or share them as it does."
            )
            yield problem(("pools", stock.name, "share", "dra"), stock.pool.share.dra, text)


def _nvidia(draft: Draft) -> Iterator[Stock]:
    return (stock for stock in stocks(draft) if stock.accelerator and stock.accelerator.is_nvidia)


RULES = (
    check_single,
    check_gkes_strategy,
    check_standalone,
    check_declared_owners,
    check_advertisers,
)
