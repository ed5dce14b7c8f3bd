"""What a pod that takes a whole node is given for the fast network, case by case: each file in fabric_cases/ is one.

A file states the pool, the cluster where it is not a sim of the pool's cloud, and exactly what the pod gets.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.addons.networks.gke import plan_gke_fast_networks
from components.catalogue.gke_networks import fast_subnets
from components.catalogue.machines import machines
from components.catalogue.nccl import nccl, nccl_row
from components.clusters.gke.inside import network_objects
from components.clusters.kinds import plan_facts
from components.pools.fabric import Fabric, fabric
from components.pools.kwok import allocatable
from components.pools.plan import PoolPlan
from components.pools.planner import plan_pools
from components.settings import parse_settings
from components.settings.scalars import amount
from components.settings.settings import Settings
from tests.unit.pools.planned import plan

CASES = {file.stem: file for file in sorted((Path(__file__).parent / "fabric_cases").glob("*.yaml"))}
CLUSTERS: dict[str, dict[str, Any]] = {
    "eks": {"kind": "eks", "name": "atlas", "region": "us-east-1", "version": "1.35"},
    "gke": {"kind": "gke", "name": "atlas", "project": "ml-prod", "region": "us-central1"},
    "existing": {"kind": "existing", "name": "lab", "kubeconfig": "~/.kube/config"},
}
PLATFORM: dict[str, dict[str, Any]] = {
    "eks": {"lane": "platform", "machine": "m7i.2xlarge"},
    "gke": {"lane": "platform", "machine": "n4-standard-8", "size": 3},
    "existing": {"lane": "platform", "nodes": {"pool": "platform"}},
}


def read(name: str) -> dict[str, Any]:
    return yaml.safe_load(CASES[name].read_text(encoding="utf-8"))


def settings(case: dict[str, Any]) -> Settings:
    cluster = CLUSTERS[case["cluster"]["kind"]] | case["cluster"]
    pools = {"pool": {"lane": "batch", **case["pool"]}, "platform": PLATFORM[cluster["kind"]]}
    return parse_settings({"cluster": cluster, "pools": pools})


def pool_of(case: dict[str, Any]) -> PoolPlan:
    return next(pool for pool in plan_pools(settings(case)) if pool.name == "pool")


def told(made: Fabric) -> dict[str, Any]:
    """What it holds, as a file of a case writes it: volumes and mounts as one line each."""
    annotations = {key: yaml.safe_load(value) for key, value in made.annotations.items()}
    whole: dict[str, Any] = {
        "resources": dict(made.resources),
        "hugepages": made.hugepages,
        "env": dict(made.env),
        "annotations": annotations,
        "mounts": [f"{_source(mount.volume)} at {mount.path}" for mount in made.mounts],
        "volumes": [_source(volume) for volume in made.volumes],
        "sidecars": [dict(sidecar) for sidecar in made.sidecars],
        "user": made.user,
        "pod_security": made.pod_security,
    }
    return {key: value for key, value in whole.items() if value not in ({}, [], None)}


def _source(volume: dict[str, Any]) -> str:
    return volume["hostPath"]["path"] if "hostPath" in volume else f"{volume['name']} (empty)"


@pytest.mark.parametrize("name", CASES)
def test_a_pod_of_the_pool_gets_exactly_what_its_case_says(name: str) -> None:
    case = read(name)
    made = fabric(pool_of(case))
    assert (told(made) if made else None) == case["expected"]


@pytest.mark.parametrize("name", CASES)
def test_every_container_sees_only_volumes_that_the_pod_has(name: str) -> None:
    made = fabric(pool_of(read(name)))
    if made is None:
        return
    volumes = [mount.volume for mount in made.mounts] + list(made.volumes)
    names = [volume["name"] for volume in volumes]
    assert len(names) == len(set(names))
    for sidecar in made.sidecars:
        assert {mount["name"] for mount in sidecar["volumeMounts"]} <= set(names)
        assert sidecar["restartPolicy"] == "Always"
    reaches = any("hostPath" in volume for volume in volumes)
    assert (made.pod_security == "privileged") == reaches


@pytest.mark.parametrize("name", CASES)
def test_the_networks_that_a_pod_names_are_objects_of_the_cluster(name: str) -> None:
    pool = pool_of(read(name))
    made = fabric(pool)
    named = json.loads(made.annotations.get("networking.gke.io/interfaces", "[]")) if made else []
    objects = {network_objects("atlas", subnet)[1]["metadata"]["name"] for subnet in fast_subnets([pool])}
    assert {each["network"] for each in named} - {"default"} <= objects
    assert len(named) in (0, pool.machine.interfaces + 1)


@pytest.mark.parametrize("name", [name for name in CASES if read(name)["cluster"]["kind"] == "gke"])
def test_the_kit_that_a_pod_names_is_what_is_installed_on_its_nodes(name: str) -> None:
    case = read(name)
    pool, known = pool_of(case), settings(case)
    made = fabric(pool)
    assert made
    daemons = plan_gke_fast_networks(known, plan_facts(known.cluster), [pool], Path("/nowhere"))
    scripts = [
        container["command"][-1]
        for daemon in daemons
        for container in daemon.manifest["spec"]["template"]["spec"].get("initContainers", ())
    ]
    library = made.env["LD_LIBRARY_PATH"].split(":")[0]
    on_host = library.replace("/usr/local/nvidia", "/home/kubernetes/bin/nvidia").removesuffix("/lib64")
    assert any(script.rstrip().endswith(on_host) for script in scripts)
    injected = any(daemon.name == "device-injector" for daemon in daemons)
    assert injected == any(key.startswith("devices.gke.io/") for key in made.annotations)


FAST = [machine for machine in machines().values() if machine.network != "default"]


@pytest.mark.parametrize("machine", FAST, ids=lambda machine: machine.name)
def test_every_machine_on_a_fast_network_gets_something_that_its_nodes_have(machine: Any) -> None:
    zones = ["us-central1-a"] if machine.cloud == "gcp" else []
    pool = plan(
        machine.cloud, machine=machine.name, accelerator=machine.accelerator, network=machine.network, zones=zones
    )
    made = fabric(pool)
    assert made
    assert nccl_row(machine.network, machine).source
    assert not any("{" in value for value in made.env.values())
    node = allocatable(pool, machine.cloud)
    asked = {**made.resources, **({"hugepages-2Mi": made.hugepages} if made.hugepages else {})}
    assert all(amount(asked[key]) <= amount(node[key]) for key in asked)
    if kit := nccl().kits.get(machine.network):
        assert machine.arch in kit.images


def test_rows_name_machines_of_their_network_and_none_twice() -> None:
    seen = [(row.network, machine) for row in nccl().environments for machine in row.machines or ("*",)]
    assert len(seen) == len(set(seen))
