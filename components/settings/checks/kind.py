"""A kind cluster is one that this machine can start."""

import re
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import PurePosixPath

from ...catalogue.kind_images import kind_images, kind_release
from ...problems import Problem
from ..draft import Draft
from ..kind import KindCluster
from ..wording import listed, problem

_NODES_OWN = tuple(
    PurePosixPath(folder)
    for folder in ("/bin", "/dev", "/etc", "/kind", "/lib", "/proc", "/run", "/sbin", "/sys", "/usr", "/var")
)
"""Folders of a node's image that a mount would hide: the kubelet, containerd and their data."""
_SERVICE_LENGTHS = range(12, 29)
_SPECIAL = re.compile(r"[:\x00-\x1f]")
_NODE_PREFIX = 24
"""Each node takes a range of this length for its pods. Upstream: kube-controller-manager, --node-cidr-mask-size."""


def check_version(draft: Draft) -> Iterator[Problem]:
    """There is a pinned node image of the version."""
    if isinstance(draft.cluster, KindCluster) and draft.cluster.version not in kind_images():
        text = (
            f"is in no node image of kind {kind_release()}, so that no node could start. "
            f"Choose one of {listed(kind_images())}, or add its image to kind_images.yaml."
        )
        yield problem(("cluster", "version"), draft.cluster.version, text)


def check_name(draft: Draft) -> Iterator[Problem]:
    """The cluster is not called as kind calls one that nobody named."""
    if isinstance(draft.cluster, KindCluster) and draft.cluster.name == "kind":
        text = (
            "is what kind means where no name is given: a bare `kind delete cluster` would remove it. Choose another."
        )
        yield problem(("cluster", "name"), draft.cluster.name, text)


def check_pod_range(draft: Draft) -> Iterator[Problem]:
    """The range for pods has a part for every node."""
    if not isinstance(draft.cluster, KindCluster) or not draft.intact("pools"):
        return
    network = ip_network(draft.cluster.network.cidr)
    nodes = 1 + sum(pool.size.max for pool in draft.pools.values())
    room = 2 ** max(0, _NODE_PREFIX - network.prefixlen) if network.prefixlen <= _NODE_PREFIX else 0
    if nodes > room:
        text = (
            f"has room for the pods of {room} nodes, a /{_NODE_PREFIX} each, and the cluster has {nodes} with its "
            f"control plane. Use a /{_NODE_PREFIX - (nodes - 1).bit_length()} or larger."
        )
        yield problem(("cluster", "network", "cidr"), str(network), text)


def check_service_range(draft: Draft) -> Iterator[Problem]:
    """The range for Services is one that kubeadm takes. Source: kubeadm, validation.go, ValidateIPNetFromString."""
    if not isinstance(draft.cluster, KindCluster):
        return
    services = ip_network(draft.cluster.network.services)
    if services.version == 4 and services.prefixlen not in _SERVICE_LENGTHS:
        shortest, longest = _SERVICE_LENGTHS[0], _SERVICE_LENGTHS[-1]
        text = f"is a /{services.prefixlen}, and kubeadm takes from a /{shortest} to a /{longest}. Use a /16."
        yield problem(("cluster", "network", "services"), str(services), text)


def check_mounts(draft: Draft) -> Iterator[Problem]:
    """A mount has two absolute paths, and hides nothing that a node needs."""
    if not isinstance(draft.cluster, KindCluster):
        return
    seen: set[PurePosixPath] = set()
    for at, mount in enumerate(draft.cluster.mounts):
        path = ("cluster", "mounts", at)
        for key, folder in (("host", mount.host), ("node", mount.node)):
            if not folder.startswith("/") or ".." in PurePosixPath(folder).parts:
                text = "is no absolute path, and nobody would know where it begins. Write it from / on, without `..`."
                yield problem((*path, key), folder, text)
            elif _SPECIAL.search(folder):
                text = "has a colon or a control character in it, and container engines would split it. Choose another."
                yield problem((*path, key), folder, text)
        there = PurePosixPath("/", mount.node.lstrip("/"))  # two slashes at the beginning are another root
        if there == PurePosixPath("/") or any(there.is_relative_to(folder) for folder in _NODES_OWN):
            text = "would hide what the node itself needs there. Choose a folder of its own, such as /models."
            yield problem((*path, "node"), mount.node, text)
        elif there in seen:
            yield problem((*path, "node"), mount.node, "is taken by another mount. Choose another folder.")
        seen.add(there)


def check_ports(draft: Draft) -> Iterator[Problem]:
    """A port leads to one place, and one port leads there."""
    if not isinstance(draft.cluster, KindCluster):
        return
    for key in ("host", "node"):
        numbers = [getattr(port, key) for port in draft.cluster.ports]
        counts = Counter(numbers)
        for at, number in enumerate(numbers):
            if counts[number] > 1 and number in numbers[:at]:
                text = "stands here twice: only one of them could be opened. Choose another, or remove one."
                yield problem(("cluster", "ports", at, key), number, text)


def check_shares(draft: Draft) -> Iterator[Problem]:
    """Nothing on one's own machine cuts cards into partitions."""
    if not isinstance(draft.cluster, KindCluster):
        return
    for name, pool in draft.pools.items():
        if pool.share.dra == "dynamic-mig":
            text = (
                "is beyond kind: neither the DRA example driver nor nvkind cuts cards when they are claimed. Use dra."
            )
            yield problem(("pools", name, "share", "dra"), "dynamic-mig", text)
        elif pool.share.mig and draft.cluster.gpus == "nvkind":
            text = (
                "is beyond nvkind: it hands whole cards to nodes, and nothing inside a node can cut them. "
                "Use whole, { time_slicing: N } or { mps: N }, or gpus: simulated."
            )
            yield problem(("pools", name, "share", "mig"), list(pool.share.mig), text)


RULES = (check_version, check_name, check_pod_range, check_service_range, check_mounts, check_ports, check_shares)
