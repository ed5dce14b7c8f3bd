"""The nodes of a node group or node pool, as KWOK keeps them."""

import hashlib
import json
from typing import Any

from .making import Place
from .store import Stored
from .wire import Properties

Manifest = dict[str, Any]

NODE_POOLS = ("aws:eks/nodeGroup:NodeGroup", "gcp:container/nodePool:NodePool")
_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
_ORDINARY = {"cpu": "16", "memory": "64Gi", "ephemeral-storage": "100Gi", "pods": "110"}
"""What a node has of whose machine type and pool nothing is known."""
_POOL = "kubelanes.dev/pool"


def nodes(place: Place, stored: Stored) -> dict[str, Manifest]:
    """The nodes that a pool has from the start, by name."""
    made = _of_node_group(place, stored) if stored.token == NODE_POOLS[0] else _of_node_pool(place, stored)
    return {each["metadata"]["name"]: each for each in made}


def node(place: Place, name: str, labels: Properties, taints: list[Properties], *, machine: str, zone: str) -> Manifest:
    """One node. What it has is what nodes.json says of its pool, else of its machine type."""
    path = place.folder / "nodes.json"
    told: Properties = json.loads(path.read_text()) if path.is_file() else {}
    has = told.get(labels.get(_POOL, "")) or {}
    capacity = has.get("capacity") or _ORDINARY
    region = zone[:-1] if place.package == "aws" else zone.rpartition("-")[0]
    own = {
        "kubernetes.io/arch": has.get("arch", "amd64"),
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": machine,
        "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": zone,
    }
    digest = hashlib.sha256(name.encode()).hexdigest()[:17]
    identity = f"aws:///{zone}/i-{digest}" if place.package == "aws" else f"gce://{place.project}/{zone}/{name}"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {**own, **labels}, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "spec": {"providerID": identity, "taints": taints},
        "status": {"capacity": capacity, "allocatable": has.get("allocatable") or capacity},
    }


def _of_node_group(place: Place, stored: Stored) -> list[Manifest]:
    given = stored.inputs
    group, size = given["nodeGroupName"], given["scalingConfig"]["desiredSize"]
    subnets = (place.store.get("aws:ec2/subnet:Subnet", each) for each in given["subnetIds"])
    zones = [subnet.outputs["availabilityZone"] for subnet in subnets if subnet] or [f"{place.region}a"]
    labels = {
        "eks.amazonaws.com/nodegroup": group,
        "eks.amazonaws.com/capacityType": given.get("capacityType", "ON_DEMAND"),
        **(given.get("labels") or {}),
    }
    taints = _taints(given.get("taints"))
    machine = (given.get("instanceTypes") or [_of_template(place, given)])[0]
    return [
        node(place, f"{group}-{index}", labels, taints, machine=machine, zone=zones[index % len(zones)])
        for index in range(size)
    ]


def _of_template(place: Place, given: Properties) -> str:
    template = (given.get("launchTemplate") or {}).get("id", "")
    found = place.store.get("aws:ec2/launchTemplate:LaunchTemplate", template)
    return (found.inputs.get("instanceType") if found else None) or "t3.medium"


def _of_node_pool(place: Place, stored: Stored) -> list[Manifest]:
    given = stored.inputs
    pool, config = given["name"], given.get("nodeConfig") or {}
    cluster = place.store.get("gcp:container/cluster:Cluster", given["cluster"])
    zones = (
        given.get("nodeLocations")
        or (cluster.inputs.get("nodeLocations") if cluster else None)
        or [f"{place.region}-a"]
    )
    scaling, cards = given.get("autoscaling") or {}, config.get("guestAccelerators") or []
    each = given.get("initialNodeCount", given.get("nodeCount", scaling.get("minNodeCount", 0)))
    total = max(scaling.get("totalMinNodeCount", 0), each * len(zones))
    labels = {
        "cloud.google.com/gke-nodepool": pool,
        "cloud.google.com/machine-family": config.get("machineType", "e2-medium").partition("-")[0],
        **({"cloud.google.com/gke-spot": "true"} if config.get("spot") else {}),
        **({"cloud.google.com/gke-accelerator": cards[0]["type"]} if cards else {}),
        **(config.get("labels") or {}),
    }
    taints = _taints(config.get("taints"))
    machine = config.get("machineType", "e2-medium")
    return [
        node(place, f"gke-{pool}-{index}", labels, taints, machine=machine, zone=zones[index % len(zones)])
        for index in range(total)
    ]


def _taints(given: list[Properties] | None) -> list[Properties]:
    return [
        {"key": each["key"], "value": each.get("value", ""), "effect": _EFFECTS[each["effect"]]} for each in given or []
    ]
