"""The sim cluster's promises, on real processes: what it serves, whom it refuses, and that it comes back."""

import http.client
import os
import signal
import ssl
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
import yaml

from components.clusters.sim import cluster, processes
from components.clusters.sim.health import State, probe
from components.clusters.sim.record import SimRecord
from components.clusters.sim.spec import SimSpec
from tests.support.kube import Kube, condition
from tests.support.waiting import eventually

from .simtools import STAND_IN, WEBHOOKS, install_stand_in, listeners, programs, stand_in_chart

HOSTED = (STAND_IN.name,)


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimSpec]:
    folder = tmp_path_factory.mktemp("programs")
    install_stand_in(folder)
    spec = SimSpec(name="proof", home=tmp_path_factory.mktemp("home"), hosted=(STAND_IN,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        yield spec
        cluster.delete(spec.place)


@pytest.fixture
def sim(spec: SimSpec) -> cluster.Sim:
    """A running sim; whatever a test did to it, the next one gets it repaired."""
    return cluster.ensure(spec)


@pytest.fixture
def kube(spec: SimSpec, sim: cluster.Sim) -> Kube:
    assert sim.endpoint
    return Kube(spec.place.kubeconfig)


@pytest.fixture
def chart(spec: SimSpec, kube: Kube) -> Iterator[None]:
    """The stand-in controller's chart, installed; removed again by what makes the controller end."""
    *others, config_map = stand_in_chart("first")
    for manifest in others:
        meta: Any = manifest["metadata"]
        if kube.get(str(manifest["apiVersion"]), str(manifest["kind"]), meta["name"], meta.get("namespace")) is None:
            kube.create(dict(manifest))
    forget(spec)
    kube.create(dict(config_map))
    yield
    kube.delete(dict(config_map))
    eventually(lambda: STAND_IN.name not in programs(spec.place.root), "the controller should end")


def said(spec: SimSpec) -> dict[str, Any]:
    """What the stand-in controller said of itself when it was started last."""
    return yaml.safe_load((spec.place.hosted(STAND_IN.name) / "said.yaml").read_text())


def forget(spec: SimSpec) -> None:
    (spec.place.hosted(STAND_IN.name) / "said.yaml").unlink(missing_ok=True)


def has_spoken(spec: SimSpec) -> bool:
    return (spec.place.hosted(STAND_IN.name) / "said.yaml").exists()


def stranger(port: int, path: str) -> int:
    """The status of the answer that a client without credentials gets."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_control_plane_is_the_kubernetes_that_was_asked_for(sim: cluster.Sim, kube: Kube) -> None:
    assert sim.version.startswith("1.36.")
    for kind in ("DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"):
        assert kube.every("resource.k8s.io/v1", kind) == []


def test_a_second_create_changes_nothing(spec: SimSpec, sim: cluster.Sim) -> None:
    before = {process.pid for process in processes.of_sim(spec.place.root)}
    assert cluster.ensure(spec) == sim
    assert {process.pid for process in processes.of_sim(spec.place.root)} == before


@pytest.mark.usefixtures("chart")
def test_every_listener_is_on_the_loopback_address(spec: SimSpec) -> None:
    record = SimRecord.read(spec.place.record)
    assert record
    served = {port for name, port in record.ports.items() if name not in {"stand-in/webhook", "stand-in/metrics"}}
    eventually(lambda: {port for _, port in listeners(spec.place.root)} >= served, "all of them should listen")
    assert {address for address, _ in listeners(spec.place.root)} == {"127.0.0.1"}


def test_an_anonymous_request_is_refused(sim: cluster.Sim) -> None:
    status = stranger(int(sim.endpoint.rpartition(":")[2]), "/api/v1/namespaces")
    assert status in {http.client.UNAUTHORIZED, http.client.FORBIDDEN}


def test_a_user_may_do_only_what_rbac_grants(kube: Kube) -> None:
    assert kube.allowed("root", ["system:masters"], "delete", "nodes", "")
    assert not kube.allowed("somebody", ["system:authenticated"], "list", "secrets", "default")


@pytest.mark.usefixtures("sim")
def test_etcd_refuses_whoever_has_no_certificate(spec: SimSpec) -> None:
    record = SimRecord.read(spec.place.record)
    assert record
    with pytest.raises(OSError, match="certificate required"):
        stranger(record.ports["etcd"], "/version")


def test_a_secret_is_never_on_disk_in_plain_text(spec: SimSpec, kube: Kube) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "told", "namespace": "default"}}
    kube.create(secret | {"stringData": {"word": "an-unmistakable-word"}})
    files = [path for path in spec.place.root.rglob("*") if path.is_file()]
    assert any(b"/registry/secrets/default/told" in path.read_bytes() for path in files)
    assert not [path for path in files if b"an-unmistakable-word" in path.read_bytes()]
    kube.delete(secret)


@pytest.mark.usefixtures("sim")
def test_only_the_owner_can_read_the_sims_files(spec: SimSpec) -> None:
    assert stat.S_IMODE(spec.place.root.stat().st_mode) == 0o700
    secret = [spec.place.kubeconfig, spec.place.encryption, *spec.place.root.rglob("*.key")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}


def test_a_gpu_node_becomes_ready_and_runs_a_pod(kube: Kube) -> None:
    gpus = {"cpu": "8", "memory": "32Gi", "pods": "110", "nvidia.com/gpu": "8"}
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "gpu", "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "status": {"allocatable": gpus, "capacity": gpus},
    }
    container = {"name": "main", "image": "none", "resources": {"limits": {"nvidia.com/gpu": "8"}}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "training", "namespace": "default"}}
    kube.create(node)
    eventually(lambda: condition(kube.get("v1", "Node", "gpu") or {}, "Ready").get("status") == "True", "Ready")
    kube.create(pod | {"spec": {"containers": [container]}})
    running = eventually(lambda: _running(kube, "training"), "the pod should run")
    assert running["spec"]["nodeName"] == "gpu"
    kube.delete(pod)
    kube.delete(node)


def _running(kube: Kube, name: str) -> dict[str, Any] | None:
    pod = kube.get("v1", "Pod", name, "default")
    return pod if pod and pod["status"].get("phase") == "Running" else None


@pytest.mark.parametrize("victim", ["etcd", "kube-apiserver", "kube-scheduler"])
def test_a_killed_process_is_seen_and_repaired_with_the_data(spec: SimSpec, sim: cluster.Sim, victim: str) -> None:
    Kube(spec.place.kubeconfig).create(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"kept-{victim}"}}
    )
    pids = [process.pid for process in processes.of_sim(spec.place.root) if process.program == victim]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: probe(spec.place, HOSTED).state is State.BROKEN, "the loss should be seen")
    assert victim in probe(spec.place, HOSTED).reason
    assert cluster.ensure(spec) == sim
    assert Kube(spec.place.kubeconfig).get("v1", "Namespace", f"kept-{victim}")


def test_a_stopped_sim_is_seen_and_started_with_its_data(spec: SimSpec, sim: cluster.Sim) -> None:
    Kube(spec.place.kubeconfig).create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kept"}})
    cluster.stop(spec.place)
    assert probe(spec.place, HOSTED).state is State.STOPPED
    assert cluster.ensure(spec) == sim
    assert Kube(spec.place.kubeconfig).get("v1", "Namespace", "kept")


def test_a_sim_whose_data_is_gone_is_made_again_as_another_one(spec: SimSpec, sim: cluster.Sim) -> None:
    cluster.stop(spec.place)
    rmtree(spec.place.etcd)
    assert probe(spec.place, HOSTED).state is State.ABSENT
    assert cluster.ensure(spec).uid != sim.uid


def test_changed_feature_gates_restart_the_sim_and_keep_its_data(spec: SimSpec, sim: cluster.Sim) -> None:
    Kube(spec.place.kubeconfig).create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "stays"}})
    changed = cluster.ensure(replace(spec, feature_gates={"DRAConsumableCapacity": True}))
    assert (changed.uid, changed.endpoint) == (sim.uid, sim.endpoint)
    assert changed.digest != sim.digest
    assert Kube(spec.place.kubeconfig).get("v1", "Namespace", "stays")


@pytest.mark.usefixtures("chart")
def test_a_hosted_controller_runs_with_its_charts_configuration_and_rights(spec: SimSpec, sim: cluster.Sim) -> None:
    eventually(lambda: has_spoken(spec), "the controller should start")
    told = said(spec)
    reached = sim.hosted[STAND_IN.name]
    assert told["given"] == {
        "setting": "first",
        "health": f"127.0.0.1:{reached.health_port}",
        "webhook": {
            "port": int(reached.webhook_url.rpartition(":")[2]),
            "mutates": True,
            "certDir": str(spec.place.hosted(STAND_IN.name) / "certificates"),
        },
    }
    assert (told["lists_pods"], told["lists_nodes"]) == (True, False)


@pytest.mark.usefixtures("chart")
def test_a_hosted_controller_is_started_again_after_kill_9(spec: SimSpec) -> None:
    eventually(lambda: has_spoken(spec), "the controller should start")
    killed = said(spec)["pid"]
    forget(spec)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: has_spoken(spec), "the controller should be started again")
    assert said(spec)["pid"] != killed
    assert probe(spec.place, HOSTED).state is State.RUNNING


@pytest.mark.usefixtures("chart")
def test_a_hosted_controller_follows_its_charts_configuration(spec: SimSpec, kube: Kube) -> None:
    eventually(lambda: has_spoken(spec), "the controller should start")
    forget(spec)
    changed = stand_in_chart("second")[-1]
    kube.patch("v1", "ConfigMap", STAND_IN.config_map, dict(changed), STAND_IN.namespace)
    eventually(lambda: has_spoken(spec), "the controller should be started again")
    assert said(spec)["given"]["setting"] == "second"


@pytest.mark.usefixtures("chart")
def test_a_hosted_controller_ends_when_its_chart_is_removed(spec: SimSpec, kube: Kube) -> None:
    eventually(lambda: has_spoken(spec), "the controller should start")
    pid = said(spec)["pid"]
    kube.delete(dict(stand_in_chart("first")[-1]))
    eventually(lambda: not Path(f"/proc/{pid}").exists(), "the controller should end")
    assert STAND_IN.name not in programs(spec.place.root)


@pytest.mark.usefixtures("chart")
def test_the_certificate_of_a_hosted_controller_is_in_the_charts_secret(kube: Kube, sim: cluster.Sim) -> None:
    key = ("v1", "Secret", WEBHOOKS.secret, STAND_IN.namespace)
    secret = eventually(lambda: kube.get(*key), "the Secret should be filled")
    assert secret["data"]["ca.crt"] == sim.hosted[STAND_IN.name].ca_bundle
    assert set(secret["data"]) == {"ca.crt", "ca.key", "tls.crt", "tls.key"}
