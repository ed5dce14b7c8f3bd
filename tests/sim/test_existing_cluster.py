"""An existing cluster under the real engine: a bare sim is somebody's cluster, with nodes and workloads of theirs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.clusters.api import Api
from components.clusters.existing.observation import observe
from components.clusters.existing.recognition import recognise
from components.clusters.kubeconfig import read_context
from components.clusters.sim import cluster
from components.clusters.sim.spec import SimSpec
from tests.support.deployment import Deployment
from tests.support.kube import Kube, Manifest, condition
from tests.support.local import NO_CHANGE, NO_DRIFT, only_a_cluster
from tests.support.waiting import eventually

_STACK = """
config:
  kubelanes:cluster:
    kind: existing
    name: theirs
    kubeconfig: KUBECONFIG
    context: theirs
    facts: { kubernetes: "1.36", network_policy: cilium, device_plugin: standalone, gpu_driver: image }
  kubelanes:pools:
    platform: { lane: platform, nodes: { agentpool: system } }
    t4:
      lane: gpu-inference
      accelerator: t4
      per_node: 2
      size: 1-2
      nodes: { agentpool: gpu, sku: t4 }
      labels: { team: search }
    cpu: { lane: batch }
"""

_STORAGE: Manifest = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "example.com/fast",
}


def node(name: str, labels: dict[str, str], taints: list[dict[str, str]] | None = None, **capacity: str) -> Manifest:
    holds = {"cpu": "8", "memory": "32Gi", "pods": "110"} | {
        key.replace("_", "/"): each for key, each in capacity.items()
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "spec": {"taints": taints or []},
        "status": {"capacity": holds, "allocatable": holds},
    }


def daemon_set(name: str, image: str) -> Manifest:
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": "kube-system"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": image}]}},
        },
    }


GPU = {"agentpool": "gpu", "sku": "t4", "nvidia.com/gpu.product": "Tesla-T4", "nvidia.com/gpu.count": "2"}
SPOT = {"key": "example.com/spot", "value": "true", "effect": "NoSchedule"}
THEIRS = [
    node("system-1", {"agentpool": "system"}),
    node("gpu-1", GPU, [SPOT, {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]),
    node("gpu-2", GPU),
    node("cpu-1", {"kubelanes.dev/pool": "cpu"}),
    node("idle-1", {"agentpool": "idle"}),
]


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimSpec]:
    """Somebody's cluster."""
    spec = SimSpec(name="theirs", home=tmp_path_factory.mktemp("theirs"))
    cluster.ensure(spec)
    kube = Kube(spec.place.kubeconfig)
    for manifest in (
        _STORAGE,
        daemon_set("cilium", "quay.io/cilium/cilium:v1.19.0"),
        daemon_set("nvdp", "nvcr.io/nvidia/k8s-device-plugin:v0.19.0@sha256:0"),
        *THEIRS,
    ):
        kube.create(manifest)
    for each in THEIRS:
        name = each["metadata"]["name"]
        eventually(lambda name=name: is_ready(kube, name), f"{name} should be ready")
    yield spec
    cluster.delete(spec.place)


def is_ready(kube: Kube, name: str) -> bool:
    found = kube.get("v1", "Node", name)
    return bool(found) and condition(found, "Ready").get("status") == "True"


@pytest.fixture(scope="module")
def kube(theirs: SimSpec) -> Kube:
    return Kube(theirs.place.kubeconfig)


@pytest.fixture(scope="module")
def stack(theirs: SimSpec, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("existing")
    stack = only_a_cluster(folder, "existing", {}).configure(written(theirs))
    yield stack
    stack.configure(written(theirs)).destroy()


def written(theirs: SimSpec, **changed: str) -> str:
    text = _STACK.replace("KUBECONFIG", str(theirs.place.kubeconfig))
    for old, new in changed.items():
        text = text.replace(old, new)
    return text


def looks(kube: Kube) -> dict[str, Any]:
    """What people set on each node."""
    return {
        each["metadata"]["name"]: (
            each["metadata"]["labels"],
            {key: value for key, value in each["metadata"]["annotations"].items() if "kubelanes" in key},
            each["spec"].get("taints", []),
        )
        for each in kube.every("v1", "Node")
    }


def taints(kube: Kube, name: str) -> set[str]:
    return {f"{t['key']}={t.get('value', '')}" for t in looks(kube)[name][2]}


def refused(stack: Deployment) -> str:
    failed = stack.pulumi("up", "--yes", "--skip-preview", check=False)
    assert failed.returncode != 0
    return failed.stdout + failed.stderr


def test_its_nodes_are_labelled_and_tainted_and_given_back_as_they_were(stack: Deployment, kube: Kube) -> None:
    before = looks(kube)
    stack.pulumi("preview")
    assert looks(kube) == before
    stack.up()
    stack.pulumi(*NO_CHANGE)
    stack.pulumi(*NO_DRIFT)
    assert kube.get("v1", "Namespace", "inside")
    own = {"kubelanes.dev/lane": "gpu-inference", "kubelanes.dev/pool": "t4", "team": "search"}
    for name in ("gpu-1", "gpu-2"):
        assert looks(kube)[name][0] == before[name][0] | own
    assert taints(kube, "gpu-1") == {
        "example.com/spot=true",
        "nvidia.com/gpu=present",
        "kubelanes.dev/lane=gpu-inference",
    }
    assert taints(kube, "gpu-2") == {"nvidia.com/gpu=present", "kubelanes.dev/lane=gpu-inference"}
    assert taints(kube, "system-1") == set()
    assert looks(kube)["idle-1"] == before["idle-1"]
    stack.destroy()
    assert looks(kube) == before


def test_a_label_that_somebody_took_off_is_drift_and_set_again(stack: Deployment, kube: Kube) -> None:
    stack.up()
    kube.patch("v1", "Node", "gpu-2", {"metadata": {"labels": {"team": None}}, "spec": {"taints": None}})
    assert stack.pulumi(*NO_DRIFT, check=False).returncode != 0
    stack.pulumi(*NO_CHANGE)
    stack.up("--refresh")
    assert looks(kube)["gpu-2"][0]["team"] == "search"
    assert "kubelanes.dev/lane=gpu-inference" in taints(kube, "gpu-2")
    stack.pulumi(*NO_DRIFT)


def test_a_node_that_joins_is_labelled_and_one_that_leaves_is_let_go(stack: Deployment, kube: Kube) -> None:
    stack.up()
    kube.patch("v1", "Node", "gpu-2", {"metadata": {"labels": {"sku": "other"}}})
    kube.create(node("gpu-3", GPU))
    try:
        stack.up("--refresh")
        assert looks(kube)["gpu-3"][0]["kubelanes.dev/pool"] == "t4"
        assert "kubelanes.dev/pool" not in looks(kube)["gpu-2"][0]
        assert taints(kube, "gpu-2") == set()
    finally:
        kube.delete(node("gpu-3", GPU))
        kube.patch("v1", "Node", "gpu-2", {"metadata": {"labels": {"sku": "t4"}}})
        stack.up("--refresh")
    assert looks(kube)["gpu-2"][0]["kubelanes.dev/pool"] == "t4"
    assert "gpu-3" not in looks(kube)


def test_nodes_that_are_not_as_the_pool_says_are_refused_with_all_reasons_and_left_alone(
    stack: Deployment, theirs: SimSpec, kube: Kube
) -> None:
    stack.up()
    before = looks(kube)
    text = written(theirs, **{"size: 1-2": "size: 3", "per_node: 2": "per_node: 4", "team: search": "team: other"})
    said = refused(stack.configure(text))
    assert "pools.t4: its nodes are not as it says; none was changed" in said
    assert "size: 3, but 2 nodes have the labels agentpool=gpu,sku=t4 (gpu-1, gpu-2)" in said
    assert "node gpu-1 has 2 GPUs, and per_node says 4" in said
    assert "node gpu-2 has 2 GPUs, and per_node says 4" in said
    assert looks(kube) == before
    stack.configure(written(theirs)).pulumi(*NO_CHANGE)


def test_declared_facts_that_are_not_so_are_refused_all_at_once_and_nothing_is_changed(
    theirs: SimSpec, kube: Kube, tmp_path: Path
) -> None:
    before = looks(kube)
    text = written(theirs).replace(
        "cilium, device_plugin: standalone", "none, storage_class: slow, autoscaler: karpenter"
    )
    stack = only_a_cluster(tmp_path, "wrong", {}).configure(text.replace('"1.36"', '"1.35"'))
    try:
        said = refused(stack)
        assert "the cluster is not what the stack file says; nothing was changed" in said
        for key in ("kubernetes", "network_policy", "storage_class", "autoscaler", "device_plugin"):
            assert f"cluster.facts.{key}" in said
        assert looks(kube) == before
    finally:
        stack.destroy()


def test_what_is_found_there_is_what_one_would_declare(theirs: SimSpec) -> None:
    with Api(read_context(str(theirs.place.kubeconfig))) as api:
        found = recognise(observe(api)).model_dump()
    assert found == {
        "kubernetes": "1.36",
        "gpu_driver": "image",
        "device_plugin": "standalone",
        "autoscaler": "none",
        "network_policy": "cilium",
        "storage_class": None,
        "load_balancer_class": None,
    }


def test_the_kubeconfig_is_a_secret_of_the_stack(stack: Deployment, theirs: SimSpec) -> None:
    stack.up()
    key = yaml.safe_load(theirs.place.kubeconfig.read_text())["users"][0]["user"]["client-key-data"]
    states = [path.read_text() for path in (stack.home / ".pulumi").rglob("*.json*")]
    assert any("LabelledPool" in state for state in states)
    assert not [state for state in states if key[:200] in state]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"context: theirs": "context: mine"}, "cluster.context  mine  is no context of"),
        ({"kubeconfig: ": "kubeconfig: /nowhere"}, "is no file. Write the path of the cluster's kubeconfig"),
    ],
    ids=["context", "file"],
)
def test_a_kubeconfig_that_cannot_be_used_is_one_problem_before_anything_is_made(
    theirs: SimSpec, tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    stack = only_a_cluster(tmp_path, "bare", {}).configure(written(theirs, **changed))
    failed = stack.pulumi("preview", check=False)
    assert failed.returncode != 0
    assert said in failed.stdout + failed.stderr
    assert "1 problem, nothing was created" in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr
