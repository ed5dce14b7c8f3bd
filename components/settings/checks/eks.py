"""An EKS cluster is one that EKS makes: addresses, zones, version, key, access, ways out.

Sources: Amazon EKS user guide, "networking requirements for VPC and subnets", "Configure network access to cluster API
server endpoint", "Amazon EKS service quotas" and "Deploy private clusters with limited internet access"; Amazon EKS API
reference, KubernetesNetworkConfigRequest; Amazon VPC user guide, "Amazon VPC quotas".
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Network, ip_network

from ...catalogue.eks_addons import eks_catalogue
from ...clusters.eks.addresses import WIDEST, narrowest, plan_addresses, smallest_range
from ...clusters.eks.arns import is_secret, partition
from ...clusters.eks.endpoints import interface_endpoints
from ...problems import Problem
from ..draft import Draft
from ..eks import EksCluster
from ..scalars import seconds
from ..wording import listed, problem

_SERVICE_BLOCKS = [IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
_SERVICE_LENGTHS = range(12, 25)
_MOST_ALLOWED = 40
"""Ranges that may reach the public endpoint; of the private one, a security group's 60 rules allow for as many."""
_LONGEST_WINDOW = 24
_USUAL_ZONES = 3
"""Zones that regions have, as a rule, called by the first letters; those with more have gaps, or zones without EKS."""
_LONGEST_NAMES = 54
"""What names of cluster and pool together may have of a node group's 63 characters."""
_LONGEST_CLUSTER = 37
"""What a cluster's name may have of a role's 64 characters, such as ``<cluster>-aws-ebs-csi-driver-1234567``."""


def check_range(draft: Draft) -> Iterator[Problem]:
    """The range is one that a VPC can have."""
    if not isinstance(cluster := draft.cluster, EksCluster) or not (cidr := _range(cluster)):
        return
    zones = len(cluster.zones)
    if cidr.prefixlen < WIDEST:
        text = f"is more than a VPC takes: 50 blocks of a /16, once AWS has raised its quota. Use a /{WIDEST}."
        yield problem(("cluster", "network", "cidr"), str(cidr), text)
    if cidr.prefixlen > narrowest(zones):
        text = (
            f"leaves no room in {zones} zones for nodes beside load balancers, endpoints and the control plane. "
            f"Use a /{narrowest(zones)} or larger."
        )
        yield problem(("cluster", "network", "cidr"), str(cidr), text)


def check_addresses(draft: Draft) -> Iterator[Problem]:
    """The range carries all pools at their largest."""
    if not isinstance(cluster := draft.cluster, EksCluster) or any(check_range(draft)) or any(check_pool_zones(draft)):
        return
    if not (cidr := _range(cluster)):
        return
    pools = tuple(draft.pools.values())
    plan = plan_addresses(str(cidr), cluster.zones, pools)
    if not plan.short:
        return
    worst = max(plan.short, key=lambda load: load.needed - load.available)
    fitting = smallest_range(str(cidr), plan.zones, pools)
    remedy = f"Use a /{fitting} or larger, or lower" if fitting else "No range of a VPC carries them: lower"
    text = (
        f"gives zone {worst.zone} {worst.available} addresses for nodes and pods, and its {worst.nodes} nodes with "
        f"{worst.prefixes} prefixes of 16 for their pods need {worst.needed}. {remedy} sizes or pods_per_node."
    )
    yield problem(("cluster", "network", "cidr"), str(cidr), text)


def check_services(draft: Draft) -> Iterator[Problem]:
    """The range for Services is one that EKS takes."""
    if not isinstance(cluster := draft.cluster, EksCluster):
        return
    services = ip_network(cluster.network.services)
    if not isinstance(services, IPv4Network):
        return
    path = ("cluster", "network", "services")
    if services.prefixlen not in _SERVICE_LENGTHS:
        text = f"is a /{services.prefixlen}, and EKS takes from a /12 to a /24. Use a /16."
        yield problem(path, str(services), text)
    if services.subnet_of(IPv4Network("100.64.0.0/10")):
        text = f"is not where EKS puts Services. Choose a range within {listed(_SERVICE_BLOCKS)}."
        yield problem(path, str(services), text)


def check_zone_number(draft: Draft) -> Iterator[Problem]:
    """More zones than most regions have are named, for a wrong letter fails when half of the network stands."""
    if not isinstance(cluster := draft.cluster, EksCluster) or cluster.network.zone_names:
        return
    if cluster.network.zones > _USUAL_ZONES:
        text = (
            f"is more zones than most regions have, and which letters theirs are differs between accounts. Name them: "
            f"zone_names: [{cluster.region}a, ...], as `aws ec2 describe-availability-zones` does, or write 3."
        )
        yield problem(("cluster", "network", "zones"), cluster.network.zones, text)


def check_zone_names(draft: Draft) -> Iterator[Problem]:
    """Zones that are named lie in the region, each once, and are as many as the settings say."""
    if not isinstance(cluster := draft.cluster, EksCluster) or not (names := cluster.network.zone_names):
        return
    path = ("cluster", "network", "zone_names")
    for at, name in enumerate(names):
        if name in names[:at]:
            yield problem((*path, at), name, "stands here twice. Remove one.")
        elif not re.fullmatch(f"{re.escape(cluster.region)}[a-z]", name):
            text = f"is no zone of {cluster.region}. Write the zone's full name, such as {cluster.region}a."
            yield problem((*path, at), name, text)
    if "zones" in cluster.network.model_fields_set and cluster.network.zones != len(names):
        text = f"is not how many zone_names there are ({len(names)}). Leave it out."
        yield problem(("cluster", "network", "zones"), cluster.network.zones, text)


def check_pool_zones(draft: Draft) -> Iterator[Problem]:
    """Pools stand in zones that the cluster has subnets in."""
    if not isinstance(cluster := draft.cluster, EksCluster):
        return
    zones = cluster.zones
    for name, pool in draft.pools.items():
        for at, zone in enumerate(pool.zones):
            if zone not in zones and zone.startswith(cluster.region):
                text = (
                    f"is none of the cluster's zones, {listed(zones)}: it has no subnet there. Name it in "
                    "cluster.network.zone_names, or choose one of these."
                )
                yield problem(("pools", name, "zones", at), zone, text)


def check_version(draft: Draft) -> Iterator[Problem]:
    """EKS offers the version, and add-ons are pinned for it."""
    if not isinstance(cluster := draft.cluster, EksCluster):
        return
    catalogue = eks_catalogue()
    if cluster.version not in catalogue.kubernetes:
        text = (
            f"is no version that EKS offered on {catalogue.as_of}, and no add-ons are pinned for it. "
            f"Write one of {listed(catalogue.kubernetes)}."
        )
        yield problem(("cluster", "version"), cluster.version, text)


def check_region(draft: Draft) -> Iterator[Problem]:
    """The region is of a partition whose names and endpoints are known here."""
    if isinstance(cluster := draft.cluster, EksCluster) and is_secret(cluster.region):
        text = "is a region of a closed partition, whose ARNs and endpoints have other names: roles would be refused."
        yield problem(("cluster", "region"), cluster.region, f"{text} Use a region of aws, aws-cn or aws-us-gov.")


def check_key(draft: Draft) -> Iterator[Problem]:
    """A key of the user's own lies in the cluster's region."""
    if not isinstance(cluster := draft.cluster, EksCluster) or not cluster.kms_key:
        return
    found, region = cluster.kms_key.split(":")[1], cluster.kms_key.split(":")[3]
    if found != (wanted := partition(cluster.region)):
        text = f"is of the partition {found}, and {cluster.region} is of {wanted}. Use a key in {cluster.region}."
        yield problem(("cluster", "kms_key"), cluster.kms_key, text)
    elif region != cluster.region:
        text = f"lies in {region}, and EKS takes a key of its own region only. Use a key in {cluster.region}."
        yield problem(("cluster", "kms_key"), cluster.kms_key, text)


def check_names(draft: Draft) -> Iterator[Problem]:
    """Roles are called after the cluster, and a node group after cluster and pool."""
    if not isinstance(cluster := draft.cluster, EksCluster):
        return
    if len(cluster.name) > _LONGEST_CLUSTER:
        text = f"is too long: the cluster's roles are called after it. Use at most {_LONGEST_CLUSTER} letters."
        yield problem(("cluster", "name"), cluster.name, text)
    for name in draft.pools:
        if len(cluster.name) + len(name) > _LONGEST_NAMES:
            text = (
                f"is too long beside the cluster's name, {cluster.name}: node groups are called after both. "
                f"Use at most {_LONGEST_NAMES} letters for the two."
            )
            yield problem(("pools", name), name, text)


def check_access(draft: Draft) -> Iterator[Problem]:
    """Principals are of the region's partition; a public endpoint has no more ranges than EKS takes."""
    if not isinstance(cluster := draft.cluster, EksCluster):
        return
    wanted = partition(cluster.region)
    for principal, level in cluster.access.items():
        if (found := principal.split(":")[1]) != wanted:
            text = f"is of the partition {found}, and accounts of {cluster.region} are of {wanted}. Name one of those."
            yield problem(("cluster", "access", principal), level, text)
    for ranges in (cluster.api.outside, cluster.api.joined):
        if len(ranges) > _MOST_ALLOWED:
            text = f"are {len(ranges)} ranges, and EKS takes {_MOST_ALLOWED}. Put neighbours together."
            yield problem(("cluster", "api", "allow"), list(ranges), text)


def check_ways_out(draft: Draft) -> Iterator[Problem]:
    """Without NAT there are endpoints, or nodes could not even join; and they are called as in the catalogue."""
    if not isinstance(cluster := draft.cluster, EksCluster):
        return
    if partition(cluster.region) == "aws-cn" and interface_endpoints(cluster.network, draft.environment):
        text = "has endpoints of other names in China, which are not known here. Write endpoints: false, with NAT."
        yield problem(("cluster", "network", "endpoints"), cluster.network.endpoints, text)
    if cluster.network.nat == "none" and cluster.network.endpoints is False:
        text = "leaves nodes without NAT no way to AWS: none would join. Leave it out, or write nat: single."
        yield problem(("cluster", "network", "endpoints"), False, text)


def check_window(draft: Draft) -> Iterator[Problem]:
    """The maintenance window is one that Karpenter's budgets can say."""
    if not isinstance(cluster := draft.cluster, EksCluster):
        return
    hours = seconds(cluster.maintenance.lasts) / 3600
    if hours != int(hours) or not 1 <= hours <= _LONGEST_WINDOW:
        text = f"is no length of a window. Write whole hours, 1h to {_LONGEST_WINDOW}h."
        yield problem(("cluster", "maintenance", "lasts"), cluster.maintenance.lasts, text)


def _range(cluster: EksCluster) -> IPv4Network | None:
    cidr = ip_network(cluster.network.cidr)
    return cidr if isinstance(cidr, IPv4Network) else None


RULES = (
    check_range,
    check_addresses,
    check_services,
    check_zone_number,
    check_zone_names,
    check_pool_zones,
    check_version,
    check_region,
    check_key,
    check_names,
    check_access,
    check_ways_out,
    check_window,
)
