"""Whoever adds nodes for pods that wait: Karpenter on EKS, the cluster autoscaler on GKE; and takes them away again.

A pool may grow where Karpenter has a NodePool of it, or where the cloud has a node pool with autoscaling.
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.standins.provider.inside import Inside, InsideError
from tests.standins.provider.making import Place
from tests.standins.provider.nodes import Manifest, node
from tests.standins.provider.store import Store

log = logging.getLogger("autoscaler")

GROWN = "standins.kubelanes.dev/grown-by"
"""The annotation of nodes that were added here: for which pool."""
_PERIOD = 0.5
_KARPENTER = "/apis/karpenter.sh/v1/nodepools"


@dataclass(frozen=True, slots=True)
class Growable:
    """A pool that may grow.

    name: in its cluster.
    labels, taints: of each new node.
    """

    name: str
    labels: Mapping[str, str]
    taints: tuple[Mapping[str, str], ...]
    machine: str
    zone: str

    def takes(self, pod: Manifest) -> bool:
        """Whether a new node of it would take the pod, as far as labels and taints say."""
        spec = pod["spec"]
        selected = all(self.labels.get(key) == value for key, value in (spec.get("nodeSelector") or {}).items())
        affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
        terms = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms") or [{}]
        matched = any(all(map(self._satisfies, term.get("matchExpressions") or [])) for term in terms)
        tolerated = all(any(_tolerates(each, taint) for each in spec.get("tolerations") or []) for taint in self.taints)
        return selected and matched and tolerated

    def _satisfies(self, expression: Mapping[str, Any]) -> bool:
        value = self.labels.get(expression["key"])
        match expression["operator"]:
            case "In":
                return value in expression["values"]
            case "NotIn":
                return value not in expression["values"]
            case "Exists":
                return value is not None
            case _:
                return value is None


class Autoscaler(threading.Thread):
    """Looks at one cluster until it is stopped.

    folder: of the cloud.
    package: whose cloud.
    """

    def __init__(self, folder: Path, package: str) -> None:
        super().__init__(name="autoscaler", daemon=True)
        self._place = Place(package=package, folder=folder, region="us-east-1" if package == "aws" else "us-central1")
        self._inside = Inside(self._place)
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(_PERIOD):
            try:
                self._look()
            except (OSError, InsideError) as error:
                log.info("the cluster does not answer: %s", error)

    def stop(self) -> None:
        """Stops it, and waits until it has."""
        self._over.set()
        self.join()

    def _look(self) -> None:
        pools = {pool.name: pool for pool in self._pools()}
        grown = [each for each in self._items("/api/v1/nodes") if GROWN in (each["metadata"].get("annotations") or {})]
        for each in grown:
            if each["metadata"]["annotations"][GROWN] not in pools:
                self._inside.remove({**each, "apiVersion": "v1", "kind": "Node"})
        used = {each["metadata"]["name"] for each in grown}
        waiting = [pod for pod in self._items("/api/v1/pods?fieldSelector=status.phase%3DPending") if _waits(pod)]
        for pod in waiting:
            pool = next((each for each in pools.values() if each.takes(pod)), None)
            name = f"grown-{pod['metadata']['uid'][:13]}"
            if pool and name not in used:
                self._grow(pool, name)

    def _grow(self, pool: Growable, name: str) -> None:
        made = node(
            self._place,
            name,
            dict(pool.labels),
            [dict(each) for each in pool.taints],
            machine=pool.machine,
            zone=pool.zone,
        )
        made["metadata"]["annotations"][GROWN] = pool.name
        self._inside.put(made)

    def _pools(self) -> Iterator[Growable]:
        for each in self._items(_KARPENTER):
            template = each["spec"]["template"]
            wanted = {one["key"]: one.get("values") or [""] for one in template["spec"].get("requirements") or []}
            labels = {key: values[0] for key, values in wanted.items() if len(values) == 1}
            zone = wanted.get("topology.kubernetes.io/zone", [f"{self._place.region}a"])[0]
            yield Growable(
                name=each["metadata"]["name"],
                labels={**labels, **((template.get("metadata") or {}).get("labels") or {})},
                taints=tuple(template["spec"].get("taints") or ()),
                machine=wanted.get("node.kubernetes.io/instance-type", ["m7i.large"])[0],
                zone=zone,
            )
        for each in Store(self._place.folder).every("gcp:container/nodePool:NodePool"):
            if each.inputs.get("autoscaling"):
                config = each.inputs.get("nodeConfig") or {}
                zones = each.inputs.get("nodeLocations") or [f"{self._place.region}-a"]
                spelled = {
                    "NO_SCHEDULE": "NoSchedule",
                    "NO_EXECUTE": "NoExecute",
                    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
                }
                yield Growable(
                    name=each.inputs["name"],
                    labels={"cloud.google.com/gke-nodepool": each.inputs["name"], **(config.get("labels") or {})},
                    taints=tuple({**one, "effect": spelled[one["effect"]]} for one in config.get("taints") or ()),
                    machine=config.get("machineType", "e2-medium"),
                    zone=zones[0],
                )

    def _items(self, path: str) -> list[Manifest]:
        return (self._inside.get(path) or {}).get("items") or []


def _waits(pod: Manifest) -> bool:
    """Whether the scheduler has said that no node fits."""
    conditions = pod.get("status", {}).get("conditions") or []
    return any(each["type"] == "PodScheduled" and each.get("reason") == "Unschedulable" for each in conditions)


def _tolerates(toleration: Mapping[str, str], taint: Mapping[str, str]) -> bool:
    if toleration.get("effect") not in (None, "", taint["effect"]):
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return toleration.get("key") in (None, "", taint["key"])
    return (toleration.get("key"), toleration.get("value", "")) == (taint["key"], taint.get("value", ""))
