"""What cases of shared accelerators stand on: the nodes, devices and workers that the product plans, on a bare sim."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubernetes import client

from components.clusters.sim.spec import KUBERNETES
from components.lanes.context import LaneContext
from components.lanes.plan import plan_lanes
from components.lanes.workload import LanePlan
from components.pools.place import node_name
from components.pools.plan import PoolPlan
from components.pools.planner import plan_pools
from components.pools.shares import units
from components.settings import parse_settings

from .claims import nodes_and_devices, ready
from .devices import Part, Published
from .kube import Kube, Manifest, condition
from .waiting import eventually
from .workloads import IMAGE

_CLUSTERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "eks": ({"kind": "sim", "imitates": "eks"}, {"machine": "m7i.2xlarge"}),
    "gke": ({"kind": "sim", "imitates": "gke"}, {"machine": "e2-standard-8"}),
    "existing": (
        {"kind": "existing", "name": "lab", "kubeconfig": "~/.kube/config", "facts": {"kubernetes": KUBERNETES}},
        {},
    ),
}
"""Whose machines a stack has, and what its platform pool is made of."""


def stack_of(cluster: str, pools: Mapping[str, Any]) -> dict[str, Any]:
    """A stack file with nothing but pools, of the lane batch unless they say otherwise.

    cluster: ``eks`` or ``gke``, whose machines they are, or ``existing``, where a node may have any number of cards.
    """
    kind, platform = _CLUSTERS[cluster]
    of_lanes = {name: {"lane": "batch", **pool} for name, pool in pools.items()}
    return {"cluster": kind, "pools": {"platform": {"lane": "platform", **platform}, **of_lanes}}


def plan_stack(stack: Mapping[str, Any]) -> tuple[PoolPlan, ...]:
    """The pools of a stack that carry accelerators."""
    return tuple(pool for pool in plan_pools(parse_settings(stack)) if pool.gpu)


def plan_worker(stack: Mapping[str, Any], tenant: str, name: str, worker: Mapping[str, Any]) -> LanePlan:
    """The plan of one worker on that stack, whose tenant owns every card of it.

    Each worker is looked at on its own: together they may ask for more than there is, which is what cases are about.
    """
    cards: Counter[str] = Counter()
    for pool in plan_stack(stack):
        assert pool.gpu
        cards[pool.gpu.accelerator.name] += pool.cards
    small: dict[str, Any] = {"tenant": tenant, "image": IMAGE, "cpu": "10m", "memory": "16Mi", **worker}
    quota = {"cpu": small["cpu"], "memory": small["memory"], "gpu": dict(cards)}
    tenants = {tenant: {"contact": "proof@example.com", "quota": quota}}
    settings = parse_settings({**stack, "tenants": tenants, "lanes": {"workers": {name: small}}})
    context = LaneContext(environment=settings.environment, pools=plan_pools(settings), default_priority="")
    (plan,) = plan_lanes(settings.lanes, context)
    return plan


class Ground:
    """Some pools and workers, in a namespace of their own, on a control plane that nobody else uses at the time.

    The names of its pools must be nobody else's before or after: what is gone is not gone from every cache at once.
    """

    def __init__(
        self, kube: Kube, namespace: str, stacks: Sequence[Mapping[str, Any]], workers: Iterable[LanePlan]
    ) -> None:
        self.kube = kube
        self.namespace = namespace
        self.pools = tuple(pool for stack in stacks for pool in plan_stack(stack))
        self.workers = {plan.identity.name: plan for plan in workers}
        self._nodes_and_devices = list(nodes_and_devices(self.pools, self.pools[0].machine.cloud))
        self._slices = [item for item in self._nodes_and_devices if item["kind"] == "ResourceSlice"]
        self._published = Published(self._slices)
        self._made: Counter[str] = Counter()

    def __enter__(self) -> "Ground":
        try:
            return self._set_up()
        except BaseException:
            self._tear_down()
            raise

    def __exit__(self, *_: object) -> None:
        self._tear_down()

    def start(self, worker: str) -> str:
        """Creates one more pod of the worker; its name."""
        name = f"{worker}-{self._made[worker]}"
        self._made[worker] += 1
        template = _template(self.workers[worker])
        meta = {"name": name, "namespace": self.namespace, **template["metadata"]}
        self.kube.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]})
        return name

    def remove(self, pod: str) -> None:
        """Deletes a pod, and waits until its devices are free."""
        self.kube.delete({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod, "namespace": self.namespace}})
        eventually(lambda: pod not in self.held(), f"the claims of {pod} should be gone")

    def leave(self, pool: str, cards: int) -> None:
        """Has only the first ``cards`` cards of the pool's first node work; the rest is advertised no more."""
        plan = next(plan for plan in self.pools if plan.name == pool)
        node, working = node_name(plan, 0), {f"gpu-{at}" for at in range(cards)}
        for item in self._slices:
            if item["spec"]["nodeName"] == node and "devices" in item["spec"]:
                devices = [each for each in item["spec"]["devices"] if each["name"].partition("-mig-")[0] in working]
                body = {"spec": {"devices": devices}}
                self.kube.patch(item["apiVersion"], "ResourceSlice", item["metadata"]["name"], body)
        allocatable = {name: str(many) for name, many in units(plan, cards).items()}
        client.CoreV1Api(self.kube.api).patch_node_status(node, {"status": {"allocatable": allocatable}})

    def pods(self) -> dict[str, Manifest]:
        """All pods, by name."""
        return {pod["metadata"]["name"]: pod for pod in self.kube.every("v1", "Pod", self.namespace)}

    def running(self) -> set[str]:
        """The names of the pods that run."""
        return {name for name, pod in self.pods().items() if pod["status"].get("phase") == "Running"}

    def held(self) -> dict[str, list[Part]]:
        """The devices that each pod's claims were given, by the pod's name."""
        return self._published.held(self.kube, self.namespace)

    def reasons(self, pod: str) -> str:
        """What the scheduler says of the nodes: ``1 Insufficient nvidia.com/gpu``; empty where it said nothing yet.

        Upstream: kubernetes, pkg/scheduler/framework/types.go, ``FitError``. What follows is about preemption.
        """
        found = self.kube.get("v1", "Pod", pod, self.namespace)
        message: str = condition(found, "PodScheduled").get("message", "") if found else ""
        return message.partition(" nodes are available: ")[2].partition(". ")[0]

    def waits(self, pod: str, reason: str) -> None:
        """Waits until the scheduler says exactly this of the nodes, and fails with what it says instead."""
        last: list[str] = []

        def says() -> bool:
            last[:] = [self.reasons(pod)]
            return last == [reason]

        try:
            eventually(says, f"{pod} should wait", timeout=30)
        except AssertionError as error:
            raise AssertionError(f"{error}; the scheduler says of the nodes: {last[0] or 'nothing'}") from error

    def _set_up(self) -> "Ground":
        self.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})
        foundations = [item.manifest for plan in self.workers.values() for item in plan.foundations]
        for item in (*self._nodes_and_devices, *foundations):
            self.kube.create(item)
        eventually(lambda: ready(self.kube), "the nodes should be ready")
        return self

    def _tear_down(self) -> None:
        """Takes away what could be in the way of others; namespaces go with the sim."""
        core, devices = client.CoreV1Api(self.kube.api), client.ResourceV1Api(self.kube.api)
        core.delete_collection_namespaced_pod(self.namespace, grace_period_seconds=0)
        eventually(lambda: not self.pods(), f"{self.namespace} should be empty")
        devices.delete_collection_resource_slice()
        devices.delete_collection_device_class()
        core.delete_collection_node()


def _template(plan: LanePlan) -> Manifest:
    """The template of the pods that a worker's Deployment would make."""
    (deployment,) = (item.manifest for item in plan.objects if item.kind == "Deployment")
    return deployment["spec"]["template"]
