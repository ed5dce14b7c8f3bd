"""What GKE refuses of a node pool, or would never have nodes for.

Source: GoogleCloudPlatform/cluster-toolkit, modules/compute/gke-node-pool/main.tf (its preconditions), and the pages of
the GKE documentation that stand at each rule. What follows from other settings is not asked here but planned so.
"""

from collections.abc import Iterable, Iterator

from ...clusters.gke.zones import zones_of
from ...pools.rungs import rung_names, way_name
from ...problems import Problem
from ..draft import Draft
from ..gke import GkeCluster
from ..inventory import stocks
from ..options import Choice
from ..pools import Capacity, Lane, PoolSettings, Reserved
from ..wording import listed, problem
from ..workloads import workloads

_LONGEST_NAME = 40
"""Letters of a node pool's name. Source: GKE API, NodePool."""
_THEIRS = ("gke", "autopilot")
_MOST_IN_A_ZONE = 1000
"""Nodes of one pool in one zone. Source: GKE, "Quotas and limits"."""


def check_partitions(draft: Draft) -> Iterator[Problem]:
    """GKE cuts all cards of a pool into one size of partition, as many as there is room for.

    Source: GKE, "Running multi-instance GPUs".
    """
    if not isinstance(draft.cluster, GkeCluster) or draft.cluster.gpu_driver == "operator":
        return
    for stock in stocks(draft):
        mix, geometry = stock.pool.share.mig, stock.accelerator and stock.accelerator.mig
        if not mix or not geometry or not geometry.fits(mix):
            continue
        path, sizes = ("pools", stock.name, "share", "mig"), list(dict.fromkeys(mix))
        instances = geometry.profiles[sizes[0]].instances
        if unknown := [size for size in sizes if "+" in size]:
            text = f"GKE makes no partitions with extensions: {listed(unknown)}. Name plain profiles, or write"
            yield problem(path, mix, f"{text} cluster.gpu_driver: operator.")
        elif len(sizes) > 1 or len(mix) != instances:
            whole = f"[{', '.join([sizes[0]] * instances)}]"
            text = f"GKE cuts every card of a pool into one size, as often as it fits. Write {whole}, or"
            yield problem(path, mix, f"{text} cluster.gpu_driver: operator.")


def check_claims(draft: Draft) -> Iterator[Problem]:
    """DRA on GKE claims whole cards, of nodes that come without a queue.

    Source: GKE, "Prepare GKE infrastructure for DRA workloads", limitations; Kueue, ProvisioningRequestConfig: what is
    provisioned follows from the extended resources that a job requests.
    """
    for name, pool in _pools(draft):
        path = ("pools", name, "share", "dra")
        if pool.share.dra == "dynamic-mig":
            text = "GKE has no MIG for claims. Write dra, or { mig: [...] } without DRA."
            yield problem(path, "dynamic-mig", text)
        elif pool.share.dra and pool.lane is Lane.BATCH and "flex-start" in pool.buys:
            text = (
                "claims are not seen by the queue for flex-start nodes, so that no node would ever come. "
                "Write share: whole, or buy this pool's nodes in another way."
            )
            yield problem(path, pool.share.dra, text)


def check_first_partitions(draft: Draft) -> Iterator[Problem]:
    """Where the GPU Operator cuts the cards, GKE's autoscaler learns from a node what they are cut into.

    Source: kubernetes/autoscaler, cloudprovider/gce/templates.go: of a pool without nodes it knows whole cards only.
    """
    if not isinstance(draft.cluster, GkeCluster) or draft.cluster.gpu_driver == "gke":
        return
    for name, pool in draft.pools.items():
        if pool.share.mig and pool.size.min == 0:
            text = (
                "can shrink to no node, and then the autoscaler does not know which partitions its nodes have: pods "
                f"that ask for them would wait for ever. Begin with 1: 1-{max(1, pool.size.max)}."
            )
            yield problem(("pools", name, "size"), str(pool.size), text)


def check_mps(draft: Draft) -> Iterator[Problem]:
    """On GKE, only GKE itself runs CUDA MPS. Source: GKE, "About GPUs", table on the GPU Operator."""
    if not isinstance(draft.cluster, GkeCluster) or draft.cluster.gpu_driver == "gke":
        return
    for name, pool in draft.pools.items():
        if pool.share.mps:
            text = "the GPU Operator has no MPS on GKE. Write { time_slicing: N }, or cluster.gpu_driver: gke."
            yield problem(("pools", name, "share", "mps"), pool.share.mps, text)


def check_mps_clients(draft: Draft) -> Iterator[Problem]:
    """Whose pods are clients of GKE's MPS server has said that they may share their node's IPC namespace with it.

    Source: GKE, "Share GPUs with multiple workloads using NVIDIA MPS" (``hostIPC``); Kubernetes, "Pod Security
    Standards" (Baseline).
    """
    if not isinstance(draft.cluster, GkeCluster) or draft.cluster.gpu_driver == "operator":
        return
    offers = [offer for stock in stocks(draft) for offer in stock.offers]
    clients: dict[str, list[str]] = {}
    for placed in workloads(draft):
        choice = placed.choice(offers)
        if isinstance(choice, Choice) and any(each.way == "mps" for option in choice.options for each in option.offers):
            clients.setdefault(placed.workload.tenant, []).append(f"lanes.{placed.sort}.{placed.name}")
    for name, mine in clients.items():
        if (tenant := draft.tenants.get(name)) and not tenant.privileged:
            text = (
                f"missing: pods of {listed(mine)} reach GKE's MPS server through the IPC namespace of their node, "
                "which Pod Security refuses. Add privileged: why this team's pods may, or share the cards by "
                "time_slicing."
            )
            yield problem(("tenants", name, "privileged"), None, text)


def check_sold(draft: Draft) -> Iterator[Problem]:
    """Compute Engine sells the machine in that way. Source: the catalogue's rows of machines."""
    if not isinstance(draft.cluster, GkeCluster):
        return
    for stock in stocks(draft):
        for at, way in enumerate(stock.pool.buys):
            path = ("pools", stock.name, "capacity", at)
            if stock.machine and way_name(way) not in stock.machine.sold:
                sold = listed(stock.machine.sold)
                yield problem(path, _written(way), f"is not how {stock.machine.name} is sold. It is to be had: {sold}.")


def check_flex_start(draft: Draft) -> Iterator[Problem]:
    """Flex-start brings machines with GPUs, from no node on; in the batch lane through the queue and nothing beside it.

    Source: GKE, "About flex-start" and "Run a large-scale workload with flex-start with queued provisioning".
    """
    for name, pool in _pools(draft):
        if "flex-start" not in pool.buys:
            continue
        at = pool.buys.index("flex-start")
        path = ("pools", name, "capacity", at)
        if pool.accelerator is None:
            yield problem(path, "flex-start", "is for machines with GPUs. Use on-demand or spot, or add accelerator.")
        if at == 0 and pool.size.min > 0:
            text = (
                "always keeps nodes, and flex-start nodes come when they are needed and go after seven days at most. "
                f"Begin with 0: 0-{pool.size.max}."
            )
            yield problem(("pools", name, "size"), str(pool.size), text)
        if pool.lane is Lane.BATCH and len(pool.buys) > 1:
            others = listed(way_name(way) for way in pool.buys if way != "flex-start")
            text = (
                f"is queued for in the batch lane, and then no job gets a node of the other ways ({others}): GKE takes "
                "queued nodes neither from a reservation nor from spot. Make it a pool of its own."
            )
            yield problem(path, "flex-start", text)


def check_reserved(draft: Draft) -> Iterator[Problem]:
    """A reservation is one of a zone. Source: GKE, "Consume reserved zonal resources"."""
    for name, pool in _pools(draft):
        if not pool.zones and (reserved := [way for way in pool.buys if isinstance(way, Reserved)]):
            text = (
                f"missing: {listed(way.reserved for way in reserved)} lies in a zone, and nodes in others would not "
                "find it. Name the zones of the reservation."
            )
            yield problem(("pools", name, "zones"), None, text)


def check_fast_network(draft: Draft) -> Iterator[Problem]:
    """Nodes of a fast network stand close together, in one zone; for RDMA another rule says so.

    Source: GKE, "Define compact placement for GKE nodes", "Maximize GPU network bandwidth in Standard mode clusters".
    """
    for name, pool in _pools(draft):
        if pool.network.startswith("gpudirect") and len(pool.zones) != 1:
            text = f"must name one zone: nodes on {pool.network} stand close together. Write zones: [the zone]."
            yield problem(("pools", name, "zones"), list(pool.zones) or None, text)


def check_blue_green(draft: Draft) -> Iterator[Problem]:
    """Blue and green stand beside each other, so there is room for both.

    Source: GKE, "Node pool upgrade strategies" and "Define compact placement for GKE nodes".
    """
    for name, pool in _pools(draft):
        if pool.upgrade != "blue-green":
            continue
        if why := next(_crowded(pool), None):
            yield problem(("pools", name, "upgrade"), pool.upgrade, f"{why} Write surge.")


def _crowded(pool: PoolSettings) -> Iterator[str]:
    ways = {way_name(way) for way in pool.buys}
    if "reserved" in ways:
        yield "needs each node twice, and a reservation holds each once: the upgrade would never end."
    if "flex-start" in ways:
        yield "needs each node twice at once, and flex-start nodes come when they come: GKE replaces them as they end."
    if pool.network != "default":
        yield f"is not to be had for nodes that stand close together, as those on {pool.network} do."


def check_first_nodes(draft: Draft) -> Iterator[Problem]:
    """GKE makes a pool's first nodes zone by zone: of what the pool begins with, each zone gets equally many.

    Source: GKE API, ``initialNodeCount`` and ``nodeCount``, both for each zone.
    """
    if not isinstance(cluster := draft.cluster, GkeCluster):
        return
    for name, pool in _pools(draft):
        zones, size = pool.zones or zones_of(cluster.region)[: cluster.network.zones], pool.size
        count = len(zones)
        if size.min == 0 or size.max // count * count >= size.min:
            continue
        fitting = [number for number in (size.max // count * count, (size.max // count + 1) * count) if number]
        text = (
            f"begins with equally many nodes in each of {count} zones ({listed(zones)}), and no such number is in it. "
            f"Use {' or '.join(map(str, fitting))}, a wider range, or fewer zones."
        )
        yield problem(("pools", name, "size"), str(size), text)


def check_most_nodes(draft: Draft) -> Iterator[Problem]:
    """No zone holds more nodes of a pool than GKE takes."""
    if not isinstance(cluster := draft.cluster, GkeCluster):
        return
    for name, pool in _pools(draft):
        most = _MOST_IN_A_ZONE * len(pool.zones or range(cluster.network.zones))
        if pool.size.max > most:
            text = f"is more than a pool of GKE takes in its zones: {most}. Split the pool, or add zones."
            yield problem(("pools", name, "size"), str(pool.size), text)


def check_platform_ladder(draft: Draft) -> Iterator[Problem]:
    """Platform nodes take whatever has no other place, so they carry no class's taint.

    Source: GKE, "About custom ComputeClasses": node pools of a class carry its taint.
    """
    for name, pool in _pools(draft):
        if pool.lane is Lane.PLATFORM and len(pool.buys) > 1:
            text = (
                "is a ladder, whose nodes are for pods that choose it: GKE's own would have no place. "
                "Name one way of buying, and make another platform pool of the other."
            )
            ways = [_written(way) for way in pool.buys]
            yield problem(("pools", name, "capacity"), ways, text)


def check_names(draft: Draft) -> Iterator[Problem]:
    """Every rung of a ladder is a node pool of its own, with a name that GKE takes and that no other has.

    Source: GKE, "About custom ComputeClasses", limitations: the ladder's class is called like the pool.
    """
    for name, pool in _pools(draft):
        if len(pool.buys) > 1 and name.startswith(_THEIRS):
            text = (
                f"is a ladder, and GKE keeps classes that begin with {' or '.join(_THEIRS)} to itself. Rename the pool."
            )
            yield problem(("pools", name), name, text)
        for at, rung in enumerate(rung_names(name, pool.buys)):
            path, way = ("pools", name, "capacity", at), _written(pool.buys[at])
            if len(rung) > _LONGEST_NAME:
                over = len(rung) - _LONGEST_NAME
                text = (
                    f"makes a node pool called {rung}, {over} letters longer than GKE takes. Shorten the pool's name."
                )
                yield problem(path, way, text)
            elif rung != name and draft.known("pools", rung):
                text = f"makes a node pool called {rung}, and there is a pool of that name. Rename one of them."
                yield problem(path, way, text)


def _pools(draft: Draft) -> Iterable[tuple[str, PoolSettings]]:
    return draft.pools.items() if isinstance(draft.cluster, GkeCluster) else ()


def _written(way: Capacity) -> object:
    return {"reserved": way.reserved} if isinstance(way, Reserved) else way


RULES = (
    check_partitions,
    check_claims,
    check_first_partitions,
    check_mps,
    check_mps_clients,
    check_sold,
    check_flex_start,
    check_reserved,
    check_fast_network,
    check_blue_green,
    check_first_nodes,
    check_most_nodes,
    check_platform_ladder,
    check_names,
)
