"""The kind cluster under the real engine, with a stand-in for the kind executable that starts a sim."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.clusters.sim import cluster as sims
from components.clusters.sim.home import SimHome
from tests.support.deployment import Deployment
from tests.support.kube import Kube, Manifest
from tests.support.local import KIND, NO_CHANGE, NO_DRIFT, only_a_cluster, with_kind
from tests.support.waiting import eventually

_STACK = """
config:
  kubelanes:cluster: { kind: kind, name: lanes, ports: [{ host: 18080, node: 30080 }] }
  kubelanes:pools:
    platform: { lane: platform }
    l4: { lane: gpu-inference, accelerator: l4, per_node: 1, share: { time_slicing: 4 }, labels: { team: search } }
    a100: { lane: batch, accelerator: a100-80gb, per_node: 1, share: { mig: [3g.40gb, 2g.20gb] } }
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("kind")
    stack = only_a_cluster(folder, "kind", with_kind(folder / "standin")).configure(_STACK)
    yield stack
    stack.destroy()
    assert not (folder / "standin" / "kind").exists()


@pytest.fixture
def kube(stack: Deployment) -> Kube:
    """The cluster, up; whatever a test left of it, the next one gets it repaired."""
    stack.up()
    return Kube(Path(stack.outputs()["kubeconfig_path"]))


def kind(stack: Deployment, *arguments: str) -> list[str]:
    """What the executable prints, when a user calls it."""
    command = [KIND, *arguments]
    return subprocess.run(command, env=stack.env, text=True, capture_output=True, check=True).stdout.split()


def place(stack: Deployment) -> SimHome:
    """The sim that stands in for the containers."""
    return SimHome(Path(stack.env["KUBELANES_STANDIN"]) / "kind", "lanes")


def nodes(kube: Kube) -> dict[str, Manifest]:
    return {node["metadata"]["labels"].get("kubelanes.dev/pool", "none"): node for node in kube.every("v1", "Node")}


def test_each_node_of_a_pool_is_a_worker_with_its_labels_and_taints(stack: Deployment, kube: Kube) -> None:
    assert set(nodes(kube)) == {"none", "platform", "l4", "a100"}
    l4 = nodes(kube)["l4"]
    assert (
        l4["metadata"]["labels"] | {"kubelanes.dev/lane": "gpu-inference", "team": "search"} == l4["metadata"]["labels"]
    )
    assert {(taint["key"], taint["value"]) for taint in l4["spec"]["taints"]} == {
        ("kubelanes.dev/lane", "gpu-inference"),
        ("nvidia.com/gpu", "present"),
    }
    assert "taints" not in nodes(kube)["platform"]["spec"]
    stack.pulumi(*NO_CHANGE)
    stack.pulumi(*NO_DRIFT)


def test_what_stands_for_gpus_runs_where_they_would_be(kube: Kube) -> None:
    driver = kube.get("apps/v1", "DaemonSet", "dra-example-driver-kubeletplugin", "dra-example-driver")
    assert driver
    container = driver["spec"]["template"]["spec"]["containers"][0]
    assert {"name": "NUM_DEVICES", "value": "4"} in container["env"]
    pods = eventually(
        lambda: [p for p in kube.every("v1", "Pod", "dra-example-driver") if p["spec"].get("nodeName")] or None,
        "the driver should run on a node",
    )
    assert {pod["spec"]["nodeName"] for pod in pods} <= {
        node["metadata"]["name"] for pool, node in nodes(kube).items() if pool in ("l4", "a100")
    }


def test_every_way_to_ask_for_a_gpu_has_a_class(kube: Kube) -> None:
    classes = {
        each["metadata"]["name"]: each["spec"].get("extendedResourceName")
        for each in kube.every("resource.k8s.io/v1", "DeviceClass")
    }
    assert classes == {
        "gpu.example.com": "nvidia.com/gpu",
        "mig-2g.20gb.gpu.example.com": "nvidia.com/mig-2g.20gb",
        "mig-3g.40gb.gpu.example.com": "nvidia.com/mig-3g.40gb",
    }


def test_the_kubeconfig_is_its_owners_and_no_key_is_in_the_state(stack: Deployment, kube: Kube) -> None:
    assert kube.get("v1", "Namespace", "inside")
    file = Path(stack.outputs()["kubeconfig_path"])
    assert file.stat().st_mode & 0o077 == 0
    key = next(line for line in file.read_text().splitlines() if "client-key-data" in line).split()[-1]
    states = [path.read_text() for path in (stack.home / ".pulumi").rglob("*.json*")]
    assert any("KindNodes" in state for state in states)
    assert not [state for state in states if key[:200] in state]


@pytest.mark.parametrize("refresh", [(), ("--refresh",)], ids=["without-refresh", "with-refresh"])
@pytest.mark.usefixtures("kube")
def test_a_cluster_that_somebody_deleted_is_made_again_with_what_was_in_it(
    stack: Deployment, refresh: tuple[str, ...]
) -> None:
    kind(stack, "delete", "cluster", "--name", "lanes")
    assert stack.pulumi(*NO_DRIFT, check=False).returncode != 0
    stack.up(*refresh)
    assert Kube(Path(stack.outputs()["kubeconfig_path"])).get("v1", "Namespace", "inside")
    stack.pulumi(*NO_CHANGE)


@pytest.mark.usefixtures("kube")
def test_a_cluster_without_one_of_its_nodes_is_made_again(stack: Deployment) -> None:
    file = place(stack).home / "nodes" / "lanes.json"
    file.write_text(file.read_text().replace(', "lanes-worker3"', ""))
    assert "nodes are gone: lanes-worker3" in stack.pulumi("preview").stdout
    stack.up()
    assert "lanes-worker3" in kind(stack, "get", "nodes", "--name", "lanes")


@pytest.mark.usefixtures("kube")
def test_another_cluster_of_the_same_name_is_not_taken_for_ours_nor_removed(stack: Deployment) -> None:
    kind(stack, "delete", "cluster", "--name", "lanes")
    config = stack.home / "kind" / "lanes" / "kind.yaml"
    theirs = stack.home / "theirs.yaml"
    theirs.write_text(config.read_text())
    config.unlink()
    kind(stack, "create", "cluster", "--name", "lanes", "--config", str(theirs))
    failed = stack.pulumi("up", "--yes", "--skip-preview", check=False)
    assert failed.returncode != 0
    assert "a kind cluster called lanes stands already and is not this stack's" in failed.stdout
    assert kind(stack, "get", "clusters") == ["lanes"]
    kind(stack, "delete", "cluster", "--name", "lanes")


def test_a_half_made_cluster_of_ours_is_made_anew(stack: Deployment, kube: Kube) -> None:
    before = kube.get("v1", "Namespace", "kube-system")
    (stack.home / "kind" / "lanes" / "record.json").unlink()
    stack.up()
    after = Kube(Path(stack.outputs()["kubeconfig_path"])).get("v1", "Namespace", "kube-system")
    assert before
    assert after
    assert before["metadata"]["uid"] != after["metadata"]["uid"]


@pytest.mark.usefixtures("kube")
def test_a_pool_that_grows_makes_a_new_cluster_for_kind_adds_no_nodes(stack: Deployment) -> None:
    stack.configure(_STACK.replace("platform: { lane: platform }", "platform: { lane: platform, size: 2 }"))
    try:
        assert "replace" in stack.pulumi("preview").stdout
        stack.up()
        assert len(kind(stack, "get", "nodes", "--name", "lanes")) == 5
        stack.pulumi(*NO_CHANGE)
    finally:
        stack.configure(_STACK)


@pytest.mark.usefixtures("kube")
def test_a_cluster_that_is_silent_is_drift_and_says_how_to_start_it(stack: Deployment) -> None:
    sims.stop(place(stack))
    assert stack.pulumi(*NO_DRIFT, check=False).returncode != 0
    assert "the cluster lanes is silent" in stack.pulumi("preview").stdout
    kind(stack, "delete", "cluster", "--name", "lanes")


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("kind", "not on PATH: kind. Install kind (kind v0.33.0), then run again."),
        ("engine", "Cannot connect to the Docker daemon. Install or start Docker, Podman or nerdctl on this machine"),
    ],
)
def test_what_is_missing_is_said_in_one_line_before_anything_is_made(tmp_path: Path, missing: str, said: str) -> None:
    env = with_kind(tmp_path / "standin")
    if missing == "kind":
        (tmp_path / "standin" / "bin" / "kind").unlink()
    else:
        (tmp_path / "standin" / "kind").mkdir()
        (tmp_path / "standin" / "kind" / "engine-down").touch()
    failed = only_a_cluster(tmp_path, "bare", env).configure(_STACK).pulumi("preview", check=False)
    assert failed.returncode != 0
    assert said in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr
