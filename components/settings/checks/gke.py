"""What GKE refuses, or would carry out otherwise than it was meant."""

import re
from collections.abc import Iterator
from ipaddress import ip_network

from ...catalogue.gke_networks import RDMA_ZONES
from ...clusters.gke.addresses import plan_addresses
from ...clusters.gke.maintenance import ASKED, LONGEST, PERIOD, SHORTEST, days_needed, hours_open
from ...clusters.gke.zones import zones_of
from ...problems import InvalidSettingsError, Problem
from ..draft import Draft
from ..gke import GkeCluster
from ..scalars import seconds
from ..wording import listed, problem

_KEY_REGION = re.compile(r"projects/[^/]+/locations/([^/]+)/")
_GROUP = re.compile(r"gke-security-groups@[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+")
_SERVICES = range(16, 28)
"""The prefix lengths that a range of Services may have. Source: GKE, "About VPC-native clusters"."""


def check_addresses(draft: Draft) -> Iterator[Problem]:
    """The cluster's range holds the pools at their largest."""
    cluster = draft.cluster
    if not isinstance(cluster, GkeCluster) or ip_network(cluster.network.cidr).version != 4:
        return
    services = ip_network(cluster.network.services)
    if services.version != 4:
        return
    if services.prefixlen not in _SERVICES:
        shortest, longest = _SERVICES[0], _SERVICES[-1]
        text = f"is no range that GKE takes for Services: one from /{shortest} (the largest) to /{longest}."
        yield problem(("cluster", "network", "services"), cluster.network.services, text)
    try:
        plan_addresses(cluster.network.cidr, cluster.network.services, draft.pools.values())
    except InvalidSettingsError as refused:
        yield from refused.problems


def check_name(draft: Draft) -> Iterator[Problem]:
    """The cluster's network is not the one that projects begin with. Source: VPC, "Networks and subnets"."""
    if isinstance(cluster := draft.cluster, GkeCluster) and cluster.name == "default":
        text = "is what a project's first network is called, and the cluster's is called after it. Choose another name."
        yield problem(("cluster", "name"), cluster.name, text)


def check_region_zones(draft: Draft) -> Iterator[Problem]:
    """The region has as many zones as the cluster shall spread over."""
    if not isinstance(cluster := draft.cluster, GkeCluster):
        return
    zones = zones_of(cluster.region)
    if cluster.network.zones > len(zones):
        text = f"is more zones than {cluster.region} has: {listed(zones)}. Write {len(zones)} or less."
        yield problem(("cluster", "network", "zones"), cluster.network.zones, text)


def check_rdma_zones(draft: Draft) -> Iterator[Problem]:
    """A pool with RDMA names its zone: the network of its GPUs belongs to one."""
    if not isinstance(draft.cluster, GkeCluster):
        return
    for name, pool in draft.pools.items():
        if pool.network != "rdma":
            continue
        path = ("pools", name, "zones")
        if len(pool.zones) != 1:
            text = "names not exactly one zone: an RDMA network lies in one, and GPUs of two could not talk. Write one."
            yield problem(path, list(pool.zones) or None, text)
        elif pool.zones[0][-1] not in RDMA_ZONES:
            text = f"has no addresses of RDMA interfaces kept for it. There are some for zones {', '.join(RDMA_ZONES)}."
            yield problem((*path, 0), pool.zones[0], text)


def check_window(draft: Draft) -> Iterator[Problem]:
    """The maintenance window is one that GKE takes."""
    if not isinstance(cluster := draft.cluster, GkeCluster):
        return
    path, window = ("cluster", "maintenance"), cluster.maintenance
    hours = seconds(window.lasts) / 3600
    if hours != int(hours) or not SHORTEST <= hours <= LONGEST:
        text = f"is no length that GKE takes for a window. Write whole hours, {SHORTEST}h to {LONGEST}h."
        yield problem((*path, "lasts"), window.lasts, text)
    elif (open_for := hours_open(window.days, int(hours))) < ASKED:
        text = (
            f"for {window.lasts} keeps the window open for {open_for} hours in the worst {PERIOD} days, and GKE "
            f"refuses less than {ASKED}. Name {days_needed(int(hours))} days, or lengthen it."
        )
        yield problem((*path, "days"), list(window.days), text)


def check_key(draft: Draft) -> Iterator[Problem]:
    """A key of the user's own lies in the cluster's region."""
    if not isinstance(cluster := draft.cluster, GkeCluster) or cluster.kms_key is None:
        return
    found = _KEY_REGION.match(cluster.kms_key)
    if found and found[1] != cluster.region:
        text = f"lies in {found[1]}, and GKE takes a key of its own region only. Use a key in {cluster.region}."
        yield problem(("cluster", "kms_key"), cluster.kms_key, text)


def check_admins(draft: Draft) -> Iterator[Problem]:
    """The group of groups has the one name that GKE looks for."""
    if isinstance(cluster := draft.cluster, GkeCluster) and cluster.admins and not _GROUP.fullmatch(cluster.admins):
        text = "is no group that GKE reads members of. Its name is fixed: gke-security-groups@DOMAIN."
        yield problem(("cluster", "admins"), cluster.admins, text)


def check_driver(draft: Draft) -> Iterator[Problem]:
    """DRA takes a driver that the GPU Operator owns: GKE's device plugin would hand out each card a second time."""
    if not isinstance(cluster := draft.cluster, GkeCluster) or cluster.gpu_driver == "operator":
        return
    if claimed := [name for name, pool in draft.pools.items() if pool.share.dra]:
        text = (
            f"brings GKE's device plugin, and pools {listed(claimed)} hand out their GPUs through DRA: each card would "
            "be advertised twice. Write gpu_driver: operator, or share those pools otherwise."
        )
        yield problem(("cluster", "gpu_driver"), cluster.gpu_driver, text)


RULES = (
    check_name,
    check_addresses,
    check_region_zones,
    check_rdma_zones,
    check_window,
    check_key,
    check_admins,
    check_driver,
)
