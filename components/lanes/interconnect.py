"""How the pods of one job reach each other: over the pools' fast network, and over NVLink where that spans nodes."""

from dataclasses import dataclass

from ..objects import Manifest
from ..pools.compute_domain import channel_claim, compute_domain, domain_size, one_clique
from ..pools.fabric import Fabric, fabric
from ..pools.plan import PoolPlan
from .placement import Placement
from .workload import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Interconnect:
    """What the pods of one job have beside the pod network.

    network: its name, as pools have it: ``efa``.
    fabric: what a pod needs to use it; None where the default network is all there is.
    domain: the name of the ComputeDomain by which they share memory over NVLink; None where NVLink ends at the node.
    near: whether one NVLink partition holds them all, so that they are kept to one.
    """

    network: str = "default"
    fabric: Fabric | None = None
    domain: str | None = None
    near: bool = False

    @property
    def claims(self) -> tuple[Manifest, ...]:
        """Further entries of a pod's ``resourceClaims``; the container uses all of them."""
        return (channel_claim(self.domain),) if self.domain else ()

    def objects(self, identity: Identity) -> tuple[Manifest, ...]:
        """What must stand before the pods."""
        if not self.domain:
            return ()
        made = compute_domain(self.domain, identity.tenant)
        return ({**made, "metadata": {**made["metadata"], "labels": identity.all_labels}},)

    def affinity(self, identity: Identity) -> list[Manifest]:
        """The terms of pod affinity that keep the pods of the job together."""
        return [one_clique(identity.selector)] if self.near else []


ALONE = Interconnect()
"""Of a job on one node."""


def interconnect(name: str, placement: Placement, nodes: int, *, has_domains: bool) -> tuple[Placement, Interconnect]:
    """The fastest way between the pods of the job ``name``, and its placement on the pools that have it.

    has_domains: whether the cluster knows ComputeDomains.
    Only pods that take whole nodes use the fast network: its interfaces belong to the node's accelerators.
    """
    if nodes == 1 or not placement.accelerated:
        return placement, ALONE
    if not (ways := _ways(placement)):
        return placement, ALONE
    made, pools = max(ways, key=lambda way: sum(pool.cards for pool in way[1]))
    size = min(map(domain_size, pools))
    link = Interconnect(
        network=pools[0].network,
        fabric=made,
        domain=f"{name}-nvlink" if size and has_domains else None,
        near=nodes <= size,
    )
    return placement.on(pools), link


def _ways(placement: Placement) -> list[tuple[Fabric | None, list[PoolPlan]]]:
    """The pools with more than the default network whose nodes the pods take whole, alike ones together."""
    ways: list[tuple[Fabric | None, bool, list[PoolPlan]]] = []
    for pool in filter(placement.takes_nodes_of, placement.pools):
        made, spans = fabric(pool), bool(domain_size(pool))
        alike = next((pools for other, also, pools in ways if (other, also) == (made, spans)), None)
        if alike is not None:
            alike.append(pool)
        elif made or spans:
            ways.append((made, spans, [pool]))
    return [(made, pools) for made, _, pools in ways]
