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
_CARDS_BY_ALLOTMENT = """\
#!/bin/sh
set -eu
nvidia-ctk config --in-place \\
  --set accept-nvidia-visible-devices-envvar-when-unprivileged=false \\
  --set accept-nvidia-visible-devices-as-volume-mounts=true
"""
"""Gives a container the cards that it was allotted, and no others, as Bottlerocket's image does by itself.

Amazon Linux hands every container on the node to NVIDIA's runtime, which takes the wish of the image for its due, and
images built on CUDA's wish for all cards: a pod that asked for none would see those of all others. It runs before the
kubelet starts. Sources: awslabs/amazon-eks-ami, nodeadm/internal/containerd (default runtime) and nodeadm-run.service;
bottlerocket-os/bottlerocket#3718; NVIDIA/aicr, nvidia-toolkit-hardening-aks.yaml.
"""
_NEURON_DEVICES = {"device-ownership-from-security-context": True}
"""Gives a container that does not run as root the Neuron devices that it was allotted.

Source: bottlerocket-os/bottlerocket, QUICKSTART-EKS.md, "Neuron Support".
"""


def user_data(pool: PoolPlan, image: Image) -> str:
    """The user data of a node group's instances, as text."""
    if image == "bottlerocket":
        return bottlerocket(pool, {"max-pods": pool.pods_per_node}, local_disks=joins_local_disks(pool))
    return _mime({"application/node.eks.aws": yaml.safe_dump(node_config(pool), sort_keys=False), **_scripts(pool)})


def amazon_linux(pool: PoolPlan) -> str:
    """What Karpenter adds to its own user data for Amazon Linux; empty where that says all.

    In parts with their type: by itself, it takes for a NodeConfig whatever could be YAML. Source: Karpenter 1.14,
    pkg/providers/amifamily/bootstrap/nodeadm.go (``parseUserData``).
    """
    return _mime(scripts) if (scripts := _scripts(pool)) else ""


def _scripts(pool: PoolPlan) -> dict[str, str]:
    """What runs before the node joins; nothing where no card of NVIDIA's is handed out."""
    return {"text/x-shellscript": _CARDS_BY_ALLOTMENT} if pool.gpu and pool.gpu.accelerator.is_nvidia else {}


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


def _mime(parts: Mapping[str, str]) -> str:
    """The parts, by their type, in one message."""
    begin = ["MIME-Version: 1.0", f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"', ""]
    bodies = [f"--{_BOUNDARY}\nContent-Type: {kind}\n\n{body.rstrip()}\n" for kind, body in parts.items()]
    return "\n".join([*begin, *bodies, f"--{_BOUNDARY}--", ""])
