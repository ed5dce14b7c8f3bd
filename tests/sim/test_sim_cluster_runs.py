"""Runs that meet, that are killed, and that end: a sim is whole afterwards, or gone without a trace."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from components.clusters.sim import cluster, processes
from components.clusters.sim.failure import SimError
from components.clusters.sim.health import State, probe
from components.clusters.sim.home import SimHome
from components.clusters.sim.record import SimRecord
from components.clusters.sim.spec import SimSpec
from tests.support.kube import Kube
from tests.support.waiting import eventually

from .simtools import answers, control_plane, programs

ROOT = Path(__file__).resolve().parents[2]

_CREATE = """
import pathlib, sys
from components.clusters.sim import cluster
from components.clusters.sim.spec import SimSpec
print(cluster.ensure(SimSpec(name=sys.argv[1], home=pathlib.Path(sys.argv[2]))).uid)
"""


@pytest.fixture
def spec(tmp_path: Path) -> Iterator[SimSpec]:
    spec = SimSpec(name="run", home=tmp_path / "home")
    yield spec
    cluster.delete(spec.place)


def create(spec: SimSpec) -> subprocess.Popen[str]:
    """A run that makes the sim, in a process of its own."""
    command = [sys.executable, "-c", _CREATE, spec.name, str(spec.home)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_runs_at_once_make_one_sim(spec: SimSpec) -> None:
    runs = [create(spec), create(spec)]
    said = [run.communicate(timeout=120)[0].strip() for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert said[0] == said[1] != ""
    assert programs(spec.place.root) == control_plane()


MOMENTS: dict[str, Callable[[SimHome], bool]] = {
    "its folder is made": lambda place: place.root.exists(),
    "its certificates are made": lambda place: (place.pki / "admin.crt").exists(),
    "kwokctl is told": lambda place: place.kwok_config.exists(),
    "etcd runs": lambda place: "etcd" in programs(place.root),
    "all of it runs": lambda place: set(control_plane()) <= set(programs(place.root)),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_create_converges_after_a_run_was_killed_when(moment: str, spec: SimSpec) -> None:
    killed = create(spec)
    eventually(lambda: MOMENTS[moment](spec.place), moment)
    killed.kill()
    killed.communicate()
    assert SimRecord.read(spec.place.record) is None, "the run should not have been complete"
    cluster.ensure(spec)
    assert probe(spec.place, ()).state is State.RUNNING
    assert programs(spec.place.root) == control_plane()


def test_delete_leaves_no_process_port_or_file(spec: SimSpec) -> None:
    cluster.ensure(spec)
    record = SimRecord.read(spec.place.record)
    assert record
    cluster.delete(spec.place)
    assert not programs(spec.place.root)
    assert not [port for port in record.ports.values() if answers(port)]
    assert not spec.home.exists()
    cluster.delete(spec.place)


def test_delete_finds_processes_whose_files_are_gone_and_no_others(spec: SimSpec) -> None:
    cluster.ensure(spec)
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", str(spec.place.root)])
    try:
        rmtree(spec.place.root)
        cluster.delete(spec.place)
        assert not programs(spec.place.root)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_delete_leaves_a_sim_that_was_made_in_its_place(spec: SimSpec) -> None:
    sim = cluster.ensure(spec)
    cluster.delete(spec.place, "another-uid")
    assert probe(spec.place, ()).state is State.RUNNING
    cluster.delete(spec.place, sim.uid)
    assert probe(spec.place, ()).state is State.ABSENT


def test_a_port_that_somebody_took_meanwhile_is_replaced(spec: SimSpec) -> None:
    before = cluster.ensure(spec)
    cluster.stop(spec.place)
    with socket.create_server(("127.0.0.1", int(before.endpoint.rpartition(":")[2]))):
        after = cluster.ensure(spec)
    assert after.endpoint != before.endpoint
    assert after.uid == before.uid
    assert Kube(spec.place.kubeconfig).get("v1", "Namespace", "default")


def test_a_pid_that_went_to_another_process_is_not_taken_for_the_sims(spec: SimSpec) -> None:
    cluster.ensure(spec)
    victims = [process.pid for process in processes.of_sim(spec.place.root) if process.program == "kube-scheduler"]
    (spec.place.kwok_cluster / "pids" / "kube-scheduler.pid").write_text(str(os.getpid()))
    os.kill(victims[0], signal.SIGKILL)
    eventually(lambda: probe(spec.place, ()).state is State.BROKEN, "the loss should be seen")
    cluster.ensure(spec)
    assert programs(spec.place.root) == control_plane()


def test_programs_that_are_missing_are_named_at_once_and_nothing_is_made(
    spec: SimSpec, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SimError, match=r"not on PATH: etcd, kube-apiserver, .*kwokctl\. Run `make up`"):
        cluster.ensure(spec)
    assert not spec.place.root.exists()


def test_another_kubernetes_than_the_one_asked_for_is_refused(spec: SimSpec) -> None:
    with pytest.raises(SimError, match=r"this kube-apiserver is 1\.36\.\d+, the sim wants 1\.35"):
        cluster.ensure(SimSpec(name=spec.name, home=spec.home, kubernetes="1.35"))
    assert not spec.place.root.exists()
