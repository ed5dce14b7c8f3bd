"""Karpenter itself, hosted beside the sim: pods that wait get nodes, empty nodes go, busy ones stay what they are.

Its provider is KWOK's, so nodes come at once and cost nothing; when they come, which, and when they go is Karpenter's.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import pytest

from components.pools.karpenter import EC2, ec2_node_class, node_overlay, node_pools
from components.pools.plan import LANE_LABEL, POOL_LABEL
from components.pools.planner import plan_pools
from components.settings import parse_settings
from components.settings.eks import EksCluster
from tests.support.deployment import ROOT, Deployment
from tests.support.kube import Kube, condition
from tests.support.waiting import consistently, eventually
from tests.unit.pools.test_eks_cases import CASES, context

from .simtools import listeners

_PROJECT = f"""
name: scaling
runtime: {{ name: python, options: {{ virtualenv: "{sys.prefix}" }} }}
"""

_PROGRAM = """
import pulumi
from components.addons.addon import Addon
from components.addons.karpenter import NodePools, plan_karpenter
from components.catalogue.charts import chart_mirror
from components.clusters.scaling import karpenter_cluster
from components.clusters.sim.sim_cluster import SimCluster
from components.pools.planner import plan_pools
from components.settings.settings import Settings

settings = Settings.model_validate({
    "cluster": {"kind": "sim", "name": "scaling", "autoscaler": "karpenter"},
    "pools": {
        "platform": {"lane": "platform", "machine": "m7i.2xlarge", "size": 2},
        "chat": {"lane": "gpu-inference", "accelerator": "l4", "per_node": 1, "size": "0-8"},
        "jobs": {"lane": "batch", "accelerator": "a10g", "per_node": 4, "size": "0-200"},
        "few": {"lane": "batch", "accelerator": "a10g", "per_node": 4, "size": "0-2"},
        "cut": {"lane": "batch", "accelerator": "h100-80gb", "size": "0-4", "share": {"mig": ["3g.40gb", "3g.40gb"]}},
    },
})
pools = plan_pools(settings)
cluster = SimCluster("cluster", settings.cluster, pools)
seen = karpenter_cluster(settings.cluster, settings.environment)
plan = plan_karpenter(settings.environment, cluster.facts, pools, chart_mirror(), seen)
inside = pulumi.ResourceOptions(providers=[cluster.provider], deleted_with=cluster.vessel)
karpenter = Addon(plan.addon, cluster, inside)
NodePools("pools", plan, cluster.node_classes, after=[karpenter.ready], opts=inside)
pulumi.export("kubeconfig_path", cluster.kubeconfig_path)
"""

MANY = 200
LONG = 1500
"""Seconds; on an idle machine of two cores it takes a tenth of that, beside other tests several times as long."""
PROOF = "scaling-proof"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    program = tmp_path_factory.mktemp("scaling")
    copytree(ROOT / "components", program / "components", ignore=ignore_patterns("__pycache__"))
    (program / "Pulumi.yaml").write_text(_PROJECT)
    (program / "__main__.py").write_text(_PROGRAM)
    mirror = {"KUBELANES_CHARTS": str(ROOT / ".tools" / "charts")}
    home = tmp_path_factory.mktemp("home")
    stack = Deployment(home, stack="scaling", program=program, env=mirror).configure("config: {}\n")
    try:
        stack.up()
        yield stack
    finally:
        stack.destroy()


@pytest.fixture(scope="module")
def kube(stack: Deployment) -> Kube:
    kube = Kube(Path(stack.outputs()["kubeconfig_path"]))
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": PROOF}})
    # Nobody waits here for a node to settle, as people do who come back to a model.
    for pool in ("jobs", "few", "cut"):
        kube.patch("karpenter.sh/v1", "NodePool", pool, {"spec": {"disruption": {"consolidateAfter": "1s"}}})
    return kube


def workload(name: str, pool: str, lane: str, replicas: int, wants: Mapping[str, str]) -> dict[str, Any]:
    """A Deployment whose pods fit on the nodes of one pool only."""
    tolerated = [
        {"key": LANE_LABEL, "operator": "Equal", "value": lane, "effect": "NoSchedule"},
        {"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"},
    ]
    container = {"name": "main", "image": "registry.example.com/work:1", "resources": {"limits": dict(wants)}}
    spec = {
        "nodeSelector": {LANE_LABEL: lane, POOL_LABEL: pool},
        "tolerations": tolerated,
        "terminationGracePeriodSeconds": 0,
        "containers": [container],
    }
    labels = {"workload": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": PROOF},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def nodes(kube: Kube, pool: str) -> dict[str, str]:
    """The pool's nodes: names and uids."""
    found = kube.every("v1", "Node", label_selector=f"{POOL_LABEL}={pool}")
    return {each["metadata"]["name"]: each["metadata"]["uid"] for each in found}


def running(kube: Kube, name: str) -> dict[str, str]:
    """The workload's pods that run: names and uids."""
    found = kube.every("v1", "Pod", PROOF, label_selector=f"workload={name}", field_selector="status.phase=Running")
    return {each["metadata"]["name"]: each["metadata"]["uid"] for each in found}


def ready(kube: Kube, name: str) -> int:
    """How many of the workload's pods run. Asking often for hundreds of pods would slow down what is waited for."""
    found = kube.get("apps/v1", "Deployment", name, PROOF) or {}
    return found.get("status", {}).get("readyReplicas", 0)


def standing(kube: Kube, pool: str) -> int:
    """How many nodes Karpenter counts in a pool."""
    found = kube.get("karpenter.sh/v1", "NodePool", pool) or {}
    return int(found.get("status", {}).get("resources", {}).get("nodes", 0))


def emptied(kube: Kube, pool: str) -> bool:
    return standing(kube, pool) == 0 and nodes(kube, pool) == {}


@pytest.fixture(scope="module")
def busy(kube: Kube) -> dict[str, str]:
    """Nodes that Karpenter made for inference, each with a pod that serves."""
    kube.create(workload("chat", "chat", "gpu-inference", 4, {"nvidia.com/gpu": "1"}))
    eventually(lambda: ready(kube, "chat") == 4, "inference pods should get nodes", timeout=LONG)
    found = nodes(kube, "chat")
    assert len(found) == 4
    return found


@pytest.mark.timeout(3 * LONG)
def test_from_none_to_two_hundred_nodes_and_back_and_no_busy_node_is_touched(kube: Kube, busy: dict[str, str]) -> None:
    served, jobs = running(kube, "chat"), workload("jobs", "jobs", "batch", MANY, {"nvidia.com/gpu": "4"})
    assert nodes(kube, "jobs") == {}
    kube.create(jobs)
    eventually(lambda: ready(kube, "jobs") == MANY, "every pod should run", timeout=LONG)
    assert len(nodes(kube, "jobs")) == MANY
    kube.delete(jobs)
    eventually(lambda: emptied(kube, "jobs"), "empty nodes should go", timeout=LONG)
    assert nodes(kube, "chat") == busy
    assert running(kube, "chat") == served


def test_karpenter_listens_on_the_loopback_address_only(stack: Deployment) -> None:
    root = Path(stack.outputs()["kubeconfig_path"]).parent
    assert {address for address, _ in listeners(root)} == {"127.0.0.1"}


def test_a_pool_grows_to_its_size_and_no_further(kube: Kube) -> None:
    cut = workload("too-many", "few", "batch", 3, {"nvidia.com/gpu": "4"})
    kube.create(cut)
    eventually(lambda: ready(kube, "too-many") == 2, "the pool should grow to its size", timeout=LONG)
    eventually(lambda: standing(kube, "few") == 2, "Karpenter should have counted its nodes", timeout=LONG)
    consistently(lambda: len(nodes(kube, "few")) == 2, "the pool grew beyond its size", seconds=15)
    kube.delete(cut)


def test_partitions_get_the_nodes_that_have_them(kube: Kube) -> None:
    cut = workload("cut", "cut", "batch", 1, {"nvidia.com/mig-3g.40gb": "4"})
    kube.create(cut)
    eventually(lambda: ready(kube, "cut"), "the pod should get a node with partitions", timeout=LONG)
    (node,) = kube.every("v1", "Node", label_selector=f"{POOL_LABEL}=cut")
    assert node["status"]["allocatable"]["nvidia.com/mig-3g.40gb"] == "16"
    assert node["metadata"]["labels"]["nvidia.com/gpu.product"] == "NVIDIA-H100-80GB-HBM3"
    kube.delete(cut)
    eventually(lambda: emptied(kube, "cut"), "the empty node should go", timeout=LONG)


def test_nodes_that_are_out_of_date_keep_serving(kube: Kube, busy: dict[str, str]) -> None:
    newer = {"spec": {"template": {"metadata": {"labels": {"generation": "second"}}}}}
    kube.patch("karpenter.sh/v1", "NodePool", "chat", newer)

    def drifted() -> bool:
        claims = kube.every("karpenter.sh/v1", "NodeClaim", label_selector=f"{POOL_LABEL}=chat")
        return [condition(claim, "Drifted").get("status") for claim in claims] == ["True"] * len(busy)

    eventually(drifted, "nodes should be found to be out of date", timeout=LONG)
    consistently(lambda: nodes(kube, "chat") == busy, "a busy node was replaced", seconds=20)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.refused])
def test_the_api_server_takes_what_every_case_makes(kube: Kube, name: str) -> None:
    settings = parse_settings(CASES[name].stack)
    cluster = settings.cluster
    assert isinstance(cluster, EksCluster)
    where = context(cluster)
    for planned in plan_pools(settings):
        made = node_pools(planned, cluster.maintenance, EC2)
        if not made:
            continue
        spec = ec2_node_class(planned, where, "nodes")
        # The API server judges the form of ids, and here they are names.
        spec["spec"]["subnetSelectorTerms"] = [{"id": "subnet-0123"}]
        spec["spec"]["securityGroupSelectorTerms"] = [{"id": "sg-0123"}]
        overlay = node_overlay(planned)
        for each in (*made, spec, *([overlay] if overlay else [])):
            kube.create({**each, "metadata": {"name": f"{each['metadata']['name']}-tried"}}, dry_run=True)
