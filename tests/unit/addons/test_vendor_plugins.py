"""Accelerators of other vendors than NVIDIA get their own device plugin, and nothing of NVIDIA's is on their pools."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from components.addons.gpus.plan import GpuStackPlan, plan_gpu_stack
from components.clusters.kinds import plan_facts
from components.pools.planner import plan_pools
from components.settings import parse_settings

EKS = {"kind": "eks", "name": "atlas", "region": "us-east-1", "version": "1.35"}
GKE = {"kind": "gke", "name": "atlas", "project": "acme-ai-prod", "region": "us-central1"}
STANDING = {"kind": "existing", "name": "lab", "kubeconfig": "~/.kube/config"}
PLATFORM = {"eks": {"machine": "m7i.2xlarge"}, "gke": {"machine": "n2-standard-8"}, "existing": {}}
TRAINIUM = {"lane": "batch", "accelerator": "trainium", "per_node": 1, "size": 1}
TPU = {
    "lane": "batch",
    "accelerator": "tpu-v6e",
    "per_node": 1,
    "size": 1,
    "capacity": ["spot"],
    "zones": ["us-central1-b"],
}
AMD = {"lane": "batch", "accelerator": "mi300x", "per_node": 8, "size": 1, "nodes": {"pool": "mi300x"}}


def planned(cluster: dict[str, Any], **pools: dict[str, Any]) -> GpuStackPlan:
    platform = {"lane": "platform", "size": 3, **PLATFORM[cluster["kind"]]}
    settings = parse_settings({"cluster": cluster, "pools": {"platform": platform, **pools}})
    return plan_gpu_stack(settings, plan_facts(settings.cluster), plan_pools(settings), Path("no-mirror"))


def kinds(plan: GpuStackPlan) -> Sequence[tuple[str, str]]:
    return [(item.kind, item.name) for item in plan.objects]


@pytest.mark.parametrize("image", ["al2023", "bottlerocket"])
def test_neuron_pools_on_eks_get_awss_plugin_whatever_their_image(image: str) -> None:
    plan = planned({**EKS, "image": image}, trn=TRAINIUM)
    assert plan.addons == ()
    assert kinds(plan) == [
        (kind, "neuron-device-plugin") for kind in ("ServiceAccount", "ClusterRole", "ClusterRoleBinding", "DaemonSet")
    ]


def test_a_plugin_runs_on_the_pools_that_carry_its_accelerators_only() -> None:
    l4 = {"lane": "gpu-inference", "accelerator": "l4", "per_node": 1, "size": 1}
    (daemon,) = (item for item in planned(EKS, trn=TRAINIUM, l4=l4).objects if item.kind == "DaemonSet")
    pod = daemon.manifest["spec"]["template"]["spec"]
    (term,) = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": "kubelanes.dev/pool", "operator": "In", "values": ["trn"]}]


def test_amds_plugin_has_no_token() -> None:
    plan = planned(STANDING, amd=AMD)
    assert plan.addons == ()
    assert kinds(plan) == [("DaemonSet", "amd-gpu-device-plugin")]
    pod = plan.objects[0].manifest["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    # The kernel shows the properties of AMD's accelerators to containers only that may use all of them.
    assert pod["containers"][0]["securityContext"] == {"privileged": True}


def test_a_plugin_that_the_cluster_has_already_is_not_installed_twice() -> None:
    facts = {"device_plugin": "standalone", "gpu_driver": "image"}
    assert planned({**STANDING, "facts": facts}, amd=AMD) == GpuStackPlan()


@pytest.mark.parametrize("driver", ["gke", "operator"])
def test_tpus_are_served_by_gke_itself_whoever_owns_the_gpu_driver(driver: str) -> None:
    assert planned({**GKE, "gpu_driver": driver}, tpu=TPU) == GpuStackPlan()


@pytest.mark.parametrize(
    ("cluster", "pool"), [(EKS, TRAINIUM), (GKE, TPU), (STANDING, AMD)], ids=["eks", "gke", "existing"]
)
def test_nothing_of_nvidias_is_on_the_nodes(cluster: dict[str, Any], pool: dict[str, Any]) -> None:
    settings = parse_settings(
        {
            "cluster": cluster,
            "pools": {"platform": {"lane": "platform", "size": 3, **PLATFORM[cluster["kind"]]}, "pool": pool},
        }
    )
    plan = plan_pools(settings)[1]
    assert "nvidia" not in json.dumps([dict(plan.labels), [taint.key for taint in plan.taints]])
