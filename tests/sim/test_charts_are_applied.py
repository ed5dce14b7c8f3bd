"""On a live API server: the mirrored charts of the GPU stack, rendered with our values, on somebody's bare nodes.

What a chart makes of the values is judged by the real schemas, and where its pods land by the real controllers.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from components.addons.gpus.admin_access import LABEL, NAMESPACE
from components.clusters.sim import cluster
from components.clusters.sim.spec import SimSpec
from components.pools.compute_domain import compute_domain
from tests.support.deployment import ROOT, Deployment
from tests.support.kube import Kube, Manifest
from tests.support.local import NO_CHANGE, only_a_cluster
from tests.support.waiting import eventually

POOLS = {
    "platform": {"lane": "platform", "size": 2},
    "l40s": {"lane": "gpu-inference", "accelerator": "l40s", "per_node": 4, "share": {"time_slicing": 2}, "size": 2},
    "l4": {"lane": "gpu-inference", "accelerator": "l4", "per_node": 1, "share": {"mps": 3}},
    "h200": {"lane": "batch", "accelerator": "h200", "per_node": 8, "share": {"dra": "dynamic-mig"}, "size": 2},
    "a100": {"lane": "batch", "accelerator": "a100-80gb", "per_node": 8, "share": "dra"},
    "cpu": {"lane": "batch", "size": 1},
}
STORAGE: Manifest = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "example.com/fast",
}
PLUGGED, CLAIMED = {"l40s-0", "l40s-1", "l4-0"}, {"h200-0", "h200-1", "a100-0"}

GPU_STACK = f"""
from pathlib import Path
from components.addons.gpus.plan import plan_gpu_stack
from components.addons.gpus.stack import GpuStack

plan = plan_gpu_stack(settings, cluster.facts, cluster.pools, Path({str(ROOT / ".tools" / "charts")!r}))
GpuStack("gpu-stack", plan, cluster, pulumi.ResourceOptions(providers=[cluster.provider]))
"""


def nodes() -> Iterator[Manifest]:
    for pool, given in POOLS.items():
        for at in range(int(str(given.get("size", 1)))):
            holds = {"cpu": "64", "memory": "512Gi", "pods": "110"}
            yield {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {
                    "name": f"{pool}-{at}",
                    "labels": {"of": pool, "kubernetes.io/os": "linux"},
                    "annotations": {"kwok.x-k8s.io/node": "fake"},
                },
                "status": {"capacity": holds, "allocatable": holds},
            }


def stack_file(kubeconfig: Path) -> str:
    pools = {name: {**given, "nodes": {"of": name}} for name, given in POOLS.items()}
    facts = {"kubernetes": "1.36", "gpu_driver": "image", "device_plugin": "operator", "network_policy": "none"}
    there = {"kind": "existing", "name": "bare", "kubeconfig": str(kubeconfig), "facts": facts}
    gpu = {"stack": "standalone", "metrics": "none"}  # the exporter's chart is in no mirror
    return yaml.safe_dump(
        {"config": {f"kubelanes:{k}": v for k, v in (("cluster", there), ("pools", pools), ("gpu", gpu))}}
    )


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimSpec]:
    """Somebody's cluster: nodes with nothing on them."""
    spec = SimSpec(name="bare", home=tmp_path_factory.mktemp("bare"))
    cluster.ensure(spec)
    kube = Kube(spec.place.kubeconfig)
    for each in (STORAGE, *nodes()):
        kube.create(each)
    yield spec
    cluster.delete(spec.place)


@pytest.fixture(scope="module")
def kube(bare: SimSpec) -> Kube:
    return Kube(bare.place.kubeconfig)


@pytest.fixture(scope="module")
def applied(bare: SimSpec, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("stack")
    stack = only_a_cluster(folder, "bare", {}, GPU_STACK).configure(stack_file(bare.place.kubeconfig))
    stack.up()
    yield stack
    stack.destroy()


def landed(kube: Kube, namespace: str, image: str, part: str = "") -> set[str]:
    """The nodes on which pods run whose containers are of an image, where the pod's name holds ``part``."""
    return {
        pod["spec"]["nodeName"]
        for pod in kube.every("v1", "Pod", namespace, field_selector="status.phase=Running")
        if part in pod["metadata"]["name"] and any(image in each["image"] for each in pod["spec"]["containers"])
    }


@pytest.mark.usefixtures("applied")
def test_every_node_with_cards_has_exactly_one_advertiser(kube: Kube) -> None:
    eventually(
        lambda: plugin_nodes(kube) == PLUGGED and driver_nodes(kube) == CLAIMED, "each should run on its own nodes only"
    )


def plugin_nodes(kube: Kube) -> set[str]:
    """Where the device plugin itself runs, and not feature discovery, which has the same image."""
    found = kube.every("v1", "Pod", "nvidia-device-plugin", field_selector="status.phase=Running")
    return {
        pod["spec"]["nodeName"]
        for pod in found
        if any(each["name"] == "nvidia-device-plugin-ctr" for each in pod["spec"]["containers"])
    }


def driver_nodes(kube: Kube) -> set[str]:
    return landed(kube, "dra-driver-nvidia-gpu", "dra-driver-nvidia-gpu", "kubelet-plugin")


@pytest.mark.usefixtures("applied")
def test_each_node_is_labelled_with_a_configuration_that_the_device_plugin_has(kube: Kube) -> None:
    (configs,) = (
        each["data"]
        for each in kube.every("v1", "ConfigMap", "nvidia-device-plugin")
        if "whole" in each.get("data", {})
    )
    labels = {each["metadata"]["name"]: each["metadata"]["labels"] for each in kube.every("v1", "Node")}
    named = {node: labels[node].get("nvidia.com/device-plugin.config", "whole") for node in PLUGGED}
    assert named == {"l40s-0": "time-slicing-2", "l40s-1": "time-slicing-2", "l4-0": "mps-3"}
    assert set(named.values()) <= configs.keys()
    assert all(labels[node]["nvidia.com/gpu.deploy.device-plugin"] == "false" for node in CLAIMED)


@pytest.mark.usefixtures("applied")
def test_nodes_are_looked_at_whatever_lane_taints_them(kube: Kube) -> None:
    every = {each["metadata"]["name"] for each in nodes()}
    eventually(
        lambda: landed(kube, "nvidia-device-plugin", "node-feature-discovery", "worker") == every,
        "feature discovery should run everywhere",
    )


@pytest.mark.usefixtures("applied")
def test_the_classes_of_the_driver_are_served(kube: Kube) -> None:
    classes = {each["metadata"]["name"]: each["spec"] for each in kube.every("resource.k8s.io/v1", "DeviceClass")}
    assert {"gpu.nvidia.com", "mig.nvidia.com", "vfio.gpu.nvidia.com"} <= classes.keys()
    # The chart lets the first answer to nvidia.com/gpu, past every quota of ours.
    assert all("extendedResourceName" not in spec for spec in classes.values())


@pytest.mark.usefixtures("applied")
def test_the_driver_knows_the_domain_of_a_job(kube: Kube) -> None:
    kube.create(compute_domain("pretrain-nvlink", "default"), dry_run=True)


@pytest.mark.usefixtures("applied")
def test_devices_are_looked_at_in_one_namespace_only(kube: Kube) -> None:
    labelled = kube.every("v1", "Namespace", label_selector=f"{LABEL}=true")
    assert [each["metadata"]["name"] for each in labelled] == [NAMESPACE]
    templates = kube.every("resource.k8s.io/v1", "ResourceClaimTemplate", NAMESPACE)
    assert {each["metadata"]["name"] for each in templates} == {"every-card", "every-partition"}


def test_the_same_charts_again_change_nothing(applied: Deployment) -> None:
    applied.pulumi(*NO_CHANGE)
