"""Cards that reach each other over NVLink across nodes: GB200 and GB300 NVL72.

A ComputeDomain of NVIDIA's DRA driver starts the IMEX daemons on the nodes that the pods of one job run on, and lets
each pod in through a channel, which it claims. A node has one such channel: one pod of one domain at a time.
Upstream: dra-driver-nvidia-gpu v0.5, api/nvidia.com/resource/v1beta1/computedomain.go and
cmd/compute-domain-kubelet-plugin; demo/specs/imex.
"""

from collections.abc import Mapping, Sequence

from ..objects import Manifest, manifest
from .plan import PoolPlan

API = "resource.nvidia.com/v1beta1"
"""The group and version of ComputeDomain."""
CHANNEL = "channel"
"""What a pod calls its claim on a channel."""
CHANNEL_CLASS = "compute-domain-default-channel.nvidia.com"
"""The DeviceClass of channels, as the NVIDIA DRA driver's chart names it."""
DAEMON_CLASS = "compute-domain-daemon.nvidia.com"
"""The DeviceClass of the daemons' own devices; for the driver only."""
CHANNELS = "kubelanes.dev/nvlink-channel"
"""What Kueue calls a channel."""
CLIQUE_LABEL = "nvidia.com/gpu.clique"
"""The node label of the NVLink partition, ``<cluster UUID>.<clique ID>``. Upstream: NVIDIA/k8s-device-plugin, GFD."""


def domain_size(pool: PoolPlan) -> int:
    """How many of the pool's nodes can be one domain; 0 where NVLink ends at the node."""
    return pool.gpu.accelerator.nvlink_domain // pool.gpu.per_node if pool.gpu else 0


def in_domains(pools: Sequence[PoolPlan]) -> list[PoolPlan]:
    """The pools whose nodes can be domains."""
    return [pool for pool in pools if domain_size(pool)]


def compute_domain(name: str, namespace: str) -> Manifest:
    """The domain of one job; the driver makes a claim template of the same name for its channel.

    ``numNodes`` stays at its default 0: upstream deprecates it, the daemons find each other by DNS.
    """
    channel = {"resourceClaimTemplate": {"name": name}, "allocationMode": "Single"}
    return manifest(API, "ComputeDomain", name, namespace, spec={"channel": channel})


def channel_claim(domain: str) -> Manifest:
    """The entry of a pod's ``resourceClaims`` by which it joins the domain; its containers name it `CHANNEL`."""
    return {"name": CHANNEL, "resourceClaimTemplateName": domain}


def one_clique(labels: Mapping[str, str]) -> Manifest:
    """The term of pod affinity that keeps the pods with ``labels`` in one NVLink partition.

    Without it a job may be spread over two racks, which are one domain by name only: memory is shared within each.
    """
    return {"labelSelector": {"matchLabels": dict(labels)}, "topologyKey": CLIQUE_LABEL}
