"""Pools have sizes, labels and zones that a cluster takes."""

import re
from collections.abc import Iterator

from ...problems import Problem
from ..draft import Draft
from ..inventory import cloud_of
from ..pools import Lane
from ..scalars import amount
from ..wording import listed, problem

# Upstream: AWS, "Amazon EKS ultra scale clusters" (100,000 nodes); GKE, "Quotas and limits" (15,000).
# The sim and kind: what one machine carries.
_MOST_NODES = {"eks": 100_000, "gke": 15_000, "sim": 1_000, "kind": 20}

_RESERVED_DOMAINS = (
    "kubelanes.dev", "kubernetes.io", "k8s.io", "nvidia.com",
    "karpenter.sh", "karpenter.k8s.aws", "eks.amazonaws.com", "cloud.google.com", "gke.io",
)  # fmt: skip
# Upstream: k8s.io/apimachinery/pkg/util/validation, IsQualifiedName and IsValidLabelValue.
_LABEL_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]")
_LABEL_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*")
_REGIONS = {"aws": "[a-z]{2}(-[a-z]+){1,3}-[0-9]", "gcp": "[a-z]+(-[a-z]+)+[0-9]{1,2}"}
_ZONES = {"aws": ("[a-z]", "us-east-1a"), "gcp": ("-[a-z]", "us-central1-a")}
_LEAST_DISK, _MOST_DISK = "20Gi", "64Ti"
"""What the system, images and logs take. Upstream: Amazon EKS user guide, the default disk of a managed node group."""


def check_platform_pool(draft: Draft) -> Iterator[Problem]:
    """Some node always stands for the controllers that everything else waits for."""
    if not draft.intact("pools"):
        return
    platform = {name: pool for name, pool in draft.pools.items() if pool.lane is Lane.PLATFORM}
    if not platform:
        text = "none is in the lane platform: nothing would run the controllers. Add platform: { lane: platform, ... }."
        yield problem(("pools",), listed(draft.pools), text)
    elif not any(pool.size.min for pool in platform.values()):
        for name, pool in platform.items():
            text = (
                "can shrink to no node, and nothing would be left to run what adds nodes. "
                f"Begin with 1 or more: {max(1, pool.size.min)}-{max(1, pool.size.max)}."
            )
            yield problem(("pools", name, "size"), str(pool.size), text)


def check_sizes(draft: Draft) -> Iterator[Problem]:
    """A pool has nodes, and all pools together no more than a cluster takes."""
    for name, pool in draft.pools.items():
        if pool.size.max == 0 and pool.lane is not Lane.PLATFORM:
            yield problem(
                ("pools", name, "size"), "0", "never has a node. Write its largest size, 0-8, or remove the pool."
            )
    most = _MOST_NODES.get(draft.cluster.kind) if draft.cluster else None
    total = sum(pool.size.max for pool in draft.pools.values())
    if draft.cluster and most and total > most:
        largest = max(draft.pools, key=lambda name: draft.pools[name].size.max)
        text = f"all pools together may grow to {total} nodes, and a cluster of kind {draft.cluster.kind} takes {most}."
        yield problem(("pools", largest, "size"), str(draft.pools[largest].size), f"{text} Lower the sizes.")


def check_labels(draft: Draft) -> Iterator[Problem]:
    """Node labels are labels, and none is one that Kubernetes, a cloud or we set."""
    for name, pool in draft.pools.items():
        for key, value in pool.labels.items():
            path = ("pools", name, "labels", key)
            prefix = key.rpartition("/")[0]
            domain = next((d for d in _RESERVED_DOMAINS if prefix == d or prefix.endswith(f".{d}")), None)
            if domain:
                yield problem(
                    path, value, f"labels of {domain} are not yours to set. Use a domain of your own, or none."
                )
            elif fault := label_fault(key, value):
                yield problem(path, value, fault)


def label_fault(key: str, value: str) -> str | None:
    """Why Kubernetes takes this for no label; None where it is one."""
    prefix, _, short = key.rpartition("/")
    if not _LABEL_NAME.fullmatch(short) or ("/" in key and not _is_prefix(prefix)):
        return "is no label's key. Write at most 63 letters, digits, '-', '_', '.', or a DNS name, '/' and that."
    if value and not _LABEL_NAME.fullmatch(value):
        return "is no label's value. Write at most 63 letters, digits, '-', '_', '.', none of these at an end."
    return None


def _is_prefix(prefix: str) -> bool:
    return len(prefix) <= 253 and bool(_LABEL_PREFIX.fullmatch(prefix))


def check_zones(draft: Draft) -> Iterator[Problem]:
    """Zones lie in the cluster's region, each named once."""
    cloud = cloud_of(draft.cluster)
    region = getattr(draft.cluster, "region", None)
    for name, pool in draft.pools.items():
        for at, zone in enumerate(pool.zones):
            path = ("pools", name, "zones", at)
            if zone in pool.zones[:at]:
                yield problem(path, zone, "stands here twice. Remove one.")
            elif cloud:
                suffix, example = _ZONES[cloud]
                if not re.fullmatch(f"{re.escape(region) if region else _REGIONS[cloud]}{suffix}", zone):
                    text = f"is no zone of {region or cloud}. Write the zone's full name, such as {example}."
                    yield problem(path, zone, text)


def check_disks(draft: Draft) -> Iterator[Problem]:
    """The boot disk holds what every node needs."""
    for name, pool in draft.pools.items():
        if amount(pool.disk.size) < amount(_LEAST_DISK):
            text = f"is too small: the system, images and logs would fill it. Use {_LEAST_DISK} or more."
            yield problem(("pools", name, "disk", "size"), pool.disk.size, text)
        elif amount(pool.disk.size) > amount(_MOST_DISK):
            text = f"is larger than any disk of a cloud. Use {_MOST_DISK} or less."
            yield problem(("pools", name, "disk", "size"), pool.disk.size, text)


RULES = (check_platform_pool, check_sizes, check_labels, check_zones, check_disks)
