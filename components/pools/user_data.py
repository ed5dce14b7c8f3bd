"""What an EC2 instance is told when it boots: nodeadm's NodeConfig on Amazon Linux, TOML on Bottlerocket.

Neither says how to reach the cluster: EKS adds that to a node group's user data, and Karpenter to its own.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from .ec2 import Image, joins_local_disks
from .plan import GpuPlan, PoolPlan

_BOUNDARY = "kubelanes"
_LOCAL_DISKS = [
    ["apiclient", "ephemeral-storage", "init"],
    ["apiclient", "ephemeral-storage", "bind", "--dirs", "/var/lib/containerd", "/var/lib/kubelet", "/var/log/pods"],
]
"""Makes one volume of the local disks and puts on it what grows."""
_NEURON_DEVICES = {"device-ownership-from-security-context": True}
"""Gives a container that does not run as root the Neuron devices that it was allotted.

Source: bottlerocket-os/bottlerocket, QUICKSTART-EKS.md, "Neuron Support".
"""


def user_data(pool: PoolPlan, image: Image) -> str:
    """The user data of a node group's instances, as text."""
    if image == "bottlerocket":
        return bottlerocket(pool, {"max-pods": pool.pods_per_node}, local_disks=joins_local_disks(pool))
    return _mime(node_config(pool))


def node_config(pool: PoolPlan) -> dict[str, Any]:
    """The NodeConfig. Source: awslabs/amazon-eks-ami, nodeadm, API node.eks.aws/v1alpha1."""
    local = {"instance": {"localStorage": {"strategy": "RAID0"}}} if joins_local_disks(pool) else {}
    kubelet = {"config": {"maxPods": pool.pods_per_node}}
    return {"apiVersion": "node.eks.aws/v1alpha1", "kind": "NodeConfig", "spec": {"kubelet": kubelet, **local}}


def bottlerocket(pool: PoolPlan, kubernetes: Mapping[str, object], *, local_disks: bool) -> str:
    """Bottlerocket's settings: how its own device plugin shares the cards, and what ``kubernetes`` holds.

    local_disks: whether it is told to make one volume of the local NVMe disks; Karpenter tells it itself.
    Source: bottlerocket.dev, "settings.kubelet-device-plugins" and "settings.bootstrap-commands".
    """
    neuron = _NEURON_DEVICES if pool.gpu and pool.gpu.accelerator.vendor.name == "aws" else {}
    told = {**kubernetes, **neuron}
    tables: dict[str, Mapping[str, object]] = {"kubernetes": told} if told else {}
    if pool.gpu:
        tables |= _sharing(pool.gpu)
    if local_disks:
        # Without its volume the node would fill the boot disk: better that it does not join.
        tables["bootstrap-commands.000-local-disks"] = {"commands": _LOCAL_DISKS, "essential": True, "mode": "always"}
    return "\n".join(_toml(tables))


def _sharing(gpu: GpuPlan) -> dict[str, Mapping[str, object]]:
    replicas = {"time-slicing": gpu.share.time_slicing, "mps": gpu.share.mps}
    way, count = next(((way, count) for way, count in replicas.items() if count), ("none", 0))
    if not count:
        return {}
    # Renamed, the resource would be nvidia.com/gpu.shared, which no workload asks for.
    return {
        "kubelet-device-plugins.nvidia": {"device-sharing-strategy": way},
        f"kubelet-device-plugins.nvidia.{way}": {"replicas": count, "rename-by-default": False},
    }


def _toml(tables: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    for name, table in tables.items():
        yield f"[settings.{name}]"
        # Of what stands here, TOML and JSON write the same.
        yield from (f"{key} = {json.dumps(value)}" for key, value in table.items())
        yield ""


def _mime(config: Mapping[str, Any]) -> str:
    return "\n".join(
        (
            "MIME-Version: 1.0",
            f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"',
            "",
            f"--{_BOUNDARY}",
            "Content-Type: application/node.eks.aws",
            "",
            yaml.safe_dump(dict(config), sort_keys=False).rstrip(),
            "",
            f"--{_BOUNDARY}--",
            "",
        )
    )
