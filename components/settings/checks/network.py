"""The cluster's addresses and who may reach its API."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from ...problems import Problem
from ..cluster_parts import PRIVATE, is_private
from ..draft import Draft
from ..eks import EksCluster
from ..gke import GkeCluster
from ..kind import KindCluster
from ..wording import problem

_REGIONS = {
    "eks": (re.compile(r"[a-z]{2}(-[a-z]+){1,3}-[0-9]"), "us-east-1"),
    "gke": (re.compile(r"[a-z]+(-[a-z]+)+[0-9]{1,2}"), "us-central1"),
}
_PROJECT = re.compile(r"([a-z][-a-z0-9.]*:)?[a-z][-a-z0-9]{4,28}[a-z0-9]")


def check_ranges(draft: Draft) -> Iterator[Problem]:
    """Both ranges are private and apart from each other."""
    if not isinstance(cluster := draft.cluster, EksCluster | GkeCluster | KindCluster):
        return
    pods, services = ip_network(cluster.network.cidr), ip_network(cluster.network.services)
    bad = [*_public("cidr", pods), *_public("services", services)]
    yield from bad
    if not bad and pods.overlaps(services):
        text = f"overlaps cidr ({pods}): a Service and a pod could have one address. Choose ranges that lie apart."
        yield problem(("cluster", "network", "services"), str(services), text)


def _public(key: str, network: IPv4Network | IPv6Network) -> Iterator[Problem]:
    if not is_private(str(network)):
        blocks = ", ".join(map(str, PRIVATE))
        text = f"lies outside the private ranges, so that addresses of others were cut off. Choose one within {blocks}."
        yield problem(("cluster", "network", key), str(network), text)


def check_api(draft: Draft) -> Iterator[Problem]:
    """A public API names who may reach it; the whole internet only if that is asked for."""
    if not isinstance(cluster := draft.cluster, EksCluster | GkeCluster):
        return
    api, path = cluster.api, ("cluster", "api")
    if api.public and not api.outside:
        text = "opens the Kubernetes API to nobody or to all. Add allow: [the ranges of your offices and CI]."
        yield problem((*path, "public"), api.public, text)
    if api.outside and not api.public:
        text = (
            "reaches nothing, for the API is private. Add public: true, or name only ranges of networks that are "
            "joined to the cluster's."
        )
        yield problem((*path, "allow"), list(api.outside), text)
    for at, network in enumerate(api.allow):
        if ip_network(network).version != 4:
            text = "is a range of IPv6, and the cluster has addresses of IPv4 only. Name the IPv4 range."
            yield problem((*path, "allow", at), network, text)
            continue
        if ip_network(network).prefixlen < 8 and not api.open_to_all:
            text = (
                "opens the Kubernetes API to much of the internet. Name the ranges of your offices and CI; "
                "if it really must be open, say so: open_to_all: true."
            )
            yield problem((*path, "allow", at), network, text)


def check_whereabouts(draft: Draft) -> Iterator[Problem]:
    """Region and project have the form that their cloud gives them."""
    if not isinstance(cluster := draft.cluster, EksCluster | GkeCluster):
        return
    form, example = _REGIONS[cluster.kind]
    if not form.fullmatch(cluster.region):
        text = f"is no region of {cluster.kind}'s cloud. Write a region, not a zone, such as {example}."
        yield problem(("cluster", "region"), cluster.region, text)
    if isinstance(cluster, GkeCluster) and not _PROJECT.fullmatch(cluster.project):
        text = "is no project's id. Write the id (6 to 30 lower-case letters, digits, hyphens), not the name or number."
        yield problem(("cluster", "project"), cluster.project, text)


RULES = (check_ranges, check_api, check_whereabouts)
