"""What an EKS cluster has around its pools."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil

from ..catalogue.prices import price_table
from ..clusters.eks.addresses import AddressPlan, Purpose, plan_addresses
from ..clusters.eks.endpoints import interface_endpoints, nat_gateways
from ..pools.ec2 import volumes
from ..pools.eks import standing
from ..settings.eks import EksCluster
from ..settings.environment import Environment
from .addresses import AddressRow, ranges
from .around import Around
from .nodes import PoolCost
from .parts import Part, disks
from .quotas import quota_needs

_SMALL: Mapping[Purpose, str] = {
    "public": "NAT and public load balancers",
    "internal": "endpoints and internal load balancers",
    "control-plane": "interfaces of the control plane",
}


def around_eks(cluster: EksCluster, environment: Environment, pools: Sequence[PoolCost]) -> Around:
    """What there is around the pools of an EKS cluster."""
    plan = plan_addresses(cluster.network.cidr, cluster.zones, [cost.pool for cost in pools])
    parts = tuple(_parts(cluster, environment, pools))
    return Around(
        tuple(_rows(plan)),
        parts,
        quota_needs("aws", pools, {**plan.demands, **_counts(cluster, environment, pools)}),
        tuple(_left_out(cluster)),
    )


def _rows(plan: AddressPlan) -> Iterator[AddressRow]:
    for load in plan.load:
        where = ranges(each.cidr for each in plan.of("nodes") if each.zone == load.zone)
        yield AddressRow(f"nodes and pods, {load.zone}", where, load.available, load.needed)
    for purpose, title in _SMALL.items():
        subnets = plan.of(purpose)
        yield AddressRow(title, ranges(each.cidr for each in subnets), sum(each.addresses for each in subnets), None)


def _parts(cluster: EksCluster, environment: Environment, pools: Sequence[PoolCost]) -> Iterator[Part]:
    def part(title: str, name: str, count: int, detail: str = "") -> Part:
        return Part(title, count, count, price_table().service("aws", name), detail)

    zones, gateways = len(cluster.zones), _gateways(cluster, environment)
    services = len(interface_endpoints(cluster.network, environment))
    yield part("EKS control plane", "cluster", 1)
    if gateways:
        yield part("NAT gateways", "nat-gateway", gateways)
        yield part("public addresses of NAT", "public-address", gateways)
    if services:
        yield part(
            "interface endpoints", "interface-endpoint", services * zones, f"{services} in each of {zones} zones"
        )
    if not cluster.kms_key:
        yield part("KMS key", "key", 1)
    yield disks("aws", pools, [_disk(cost, cluster) for cost in pools])


def _counts(cluster: EksCluster, environment: Environment, pools: Sequence[PoolCost]) -> dict[str, int]:
    groups = [size.max for cost in pools if (size := standing(cost.pool)).max]
    gateways = _gateways(cluster, environment)
    return {
        "clusters": 1,
        "networks": 1,
        "node-groups": len(groups),
        "nodes-of-largest-group": max(groups, default=0),
        "public-addresses": gateways,
        "nat-gateways-per-zone": min(gateways, 1),
        "interface-endpoints": len(interface_endpoints(cluster.network, environment)),
        "disk-tebibytes": ceil(sum(cost.pool.size.max * _disk(cost, cluster) for cost in pools) / 1024),
    }


def _left_out(cluster: EksCluster) -> Iterator[str]:
    price = price_table().service
    yield (
        f"traffic: {price('aws', 'nat-traffic').usd:g} USD a GB through NAT, {price('aws', 'endpoint-traffic').usd:g} "
        "through interface endpoints, and what goes between zones and to the internet"
    )
    yield (
        f"extended support: {price('aws', 'extended-support').usd:.2f} USD more an hour "
        f"once Kubernetes {cluster.version} has left standard support"
    )
    yield "volumes of workloads, load balancers of Services, logs and metrics in CloudWatch, images in ECR"


def _gateways(cluster: EksCluster, environment: Environment) -> int:
    return {"per-zone": len(cluster.zones), "single": 1}.get(nat_gateways(cluster.network, environment), 0)


def _disk(cost: PoolCost, cluster: EksCluster) -> int:
    return sum(volume.size for volume in volumes(cost.pool, cluster.image))
