"""Fast networks: where there can be one, what its nodes must be, and who may use it."""

from collections.abc import Iterator

from ...catalogue.charts import charts
from ...catalogue.nccl import needs_privileges
from ...problems import Problem
from ..draft import Draft
from ..existing import ExistingCluster
from ..gke import GkeCluster
from ..inventory import stocks
from ..lanes import Training
from ..pools import Lane
from ..wording import listed, problem

_OF_GKE = ("gpudirect-tcpx", "gpudirect-tcpxo", "rdma")


def check_infiniband(draft: Draft) -> Iterator[Problem]:
    """InfiniBand is found on nodes that stand already, and serves their GPUs."""
    if draft.cluster is None:
        return
    for name, pool in draft.pools.items():
        path = ("pools", name, "network")
        if pool.network != "infiniband":
            continue
        if not isinstance(draft.cluster, ExistingCluster):
            text = (
                f"is a network of nodes that stand already, and a cluster of kind {draft.cluster.kind} has none. "
                "Write efa on EC2; gpudirect-tcpx, gpudirect-tcpxo or rdma on Compute Engine; or default."
            )
            yield problem(path, pool.network, text)
        elif pool.accelerator is None:
            text = "is there for GPUs, and the pool has none. Add accelerator, or write default."
            yield problem(path, pool.network, text)


def check_network_operator(draft: Draft) -> Iterator[Problem]:
    """What serves InfiniBand supports the cluster's Kubernetes."""
    if not isinstance(cluster := draft.cluster, ExistingCluster):
        return
    pin, version = charts()["network-operator"], cluster.facts.kubernetes
    served = [name for name, pool in draft.pools.items() if pool.network == "infiniband"]
    if served and version not in pin.kubernetes:
        text = (
            f"is not supported by {pin.name} {pin.version}, which serves the InfiniBand of pools {listed(served)}; "
            f"{pin.kubernetes} are. Put those pools on the default network until it is."
        )
        yield problem(("cluster", "facts", "kubernetes"), version, text)


def check_node_image(draft: Draft) -> Iterator[Problem]:
    """GKE serves the interfaces of GPUs on Container-Optimized OS only.

    Source: GKE, "Maximize GPU network bandwidth in Standard mode clusters" (requirements).
    """
    if not isinstance(cluster := draft.cluster, GkeCluster) or cluster.image == "cos":
        return
    if fast := [name for name, pool in draft.pools.items() if pool.network in _OF_GKE]:
        text = (
            f"cannot be the image of pools {listed(fast)}: GKE gives pods the interfaces of GPUs on "
            "Container-Optimized OS only. Write image: cos, or put those pools on the default network."
        )
        yield problem(("cluster", "image"), cluster.image, text)


def check_privileges(draft: Draft) -> Iterator[Problem]:
    """Whoever trains over a network whose pods reach into their node has said that they may."""
    for name, tenant in draft.tenants.items():
        if tenant.privileged:
            continue
        jobs = {job: each for job, each in draft.lanes.training.items() if each.tenant == name}
        reaching = {job: sorted(set(_reaching(draft, training))) for job, training in jobs.items()}
        if over := [f"{job} (over {listed(networks)})" for job, networks in reaching.items() if networks]:
            text = (
                f"missing: pods of lanes.training {listed(over)} mount parts of their node, which Pod Security "
                "refuses. Add privileged: why this team's pods may, or train on another network, or on one node."
            )
            yield problem(("tenants", name, "privileged"), None, text)


def _reaching(draft: Draft, training: Training) -> Iterator[str]:
    """The networks over which the job would run, and whose pods reach into their node."""
    wanted, cluster = training.accelerator, draft.cluster
    if wanted is None or training.nodes == 1:
        return
    libraries = "injected" if isinstance(cluster, GkeCluster) and cluster.gpu_driver == "operator" else "mounted"
    for stock in stocks(draft):
        serving = stock.pool.lane is Lane.BATCH and stock.pool.accelerator == wanted.product
        if serving and stock.per_node == wanted.count and needs_privileges(stock.pool.network, libraries):
            yield stock.pool.network


RULES = (check_infiniband, check_network_operator, check_node_image, check_privileges)
