"""The API server admits pods on fast networks: in any tenant's namespace, or in those only that said why they may."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.addons.networks.gke import plan_gke_fast_networks
from components.clusters.kinds import plan_facts
from components.clusters.sim import cluster
from components.clusters.sim.spec import SimSpec
from components.lanes.context import LaneContext
from components.lanes.training import plan_training
from components.pools.fabric import fabric
from components.pools.planner import plan_pools
from components.settings import parse_settings
from components.settings.environment import Environment
from components.settings.lanes import Training
from components.tenancy.plan import plan_tenant
from tests.support.kube import Kube, Manifest
from tests.unit.pools.test_fabric import CASES, pool_of, read, settings

TENANT: dict[str, Any] = {"contact": "a@example.com", "quota": {"cpu": "1", "memory": "1Gi"}}
TENANTS: dict[str, dict[str, Any]] = {
    "restricted": TENANT,
    "privileged": TENANT | {"privileged": "trains beside a daemon that sets up network interfaces"},
}


@pytest.fixture(scope="module")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """A bare cluster with the namespaces of both tenants."""
    spec = SimSpec(name="networks", home=tmp_path_factory.mktemp("networks"))
    cluster.ensure(spec)
    api = Kube(spec.place.kubeconfig)
    pools = {"platform": {"lane": "platform", "machine": "m7i.2xlarge"}}
    sim = parse_settings({"cluster": {"kind": "sim"}, "pools": pools, "tenants": TENANTS})
    for name in TENANTS:
        planned = plan_tenant(name, sim, plan_pools(sim), plan_facts(sim.cluster))
        api.create(planned.namespace.manifest)
    yield api
    cluster.delete(spec.place)


def pod(case: dict[str, Any], tenant: str) -> Manifest:
    """The pod of one node of a job that takes whole nodes of the case's pool."""
    pool = pool_of(case)
    assert pool.gpu
    wanted = {"product": pool.gpu.accelerator.name, "count": pool.gpu.per_node}
    training = Training.model_validate(
        {"tenant": tenant, "image": "registry.example.com/trainer:1", "nodes": 2, "accelerator": wanted}
    )
    context = LaneContext(environment=Environment.DEV, pools=(pool,), default_priority="normal")
    template = plan_training("pretrain", training, context).objects[0].manifest["spec"]["template"]
    # What stands in a whole platform only: Pod Security asks for neither.
    spec = {
        key: value for key, value in template["spec"].items() if key not in ("serviceAccountName", "priorityClassName")
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "pretrain-0", "namespace": tenant, "annotations": template["metadata"]["annotations"]},
        "spec": spec,
    }


@pytest.mark.parametrize("name", CASES)
def test_a_pod_is_admitted_where_its_network_says_that_it_is(kube: Kube, name: str) -> None:
    case = read(name)
    made = fabric(pool_of(case))
    assert kube.create(pod(case, "privileged"), dry_run=True)["spec"]["containers"]
    if made is None or made.pod_security == "restricted":
        assert kube.create(pod(case, "restricted"), dry_run=True)["spec"]["containers"]
    else:
        assert "violates PodSecurity" in kube.refusal(pod(case, "restricted"))


@pytest.mark.parametrize("name", [name for name in CASES if read(name)["cluster"]["kind"] == "gke"])
def test_what_is_installed_on_the_nodes_is_taken_as_it_is_written(kube: Kube, name: str) -> None:
    known = settings(read(name))
    daemons = plan_gke_fast_networks(known, plan_facts(known.cluster), plan_pools(known), Path("/nowhere"))
    assert daemons
    for daemon in daemons:
        made = kube.create(daemon.manifest, dry_run=True)["spec"]["template"]["spec"]
        for kind in ("initContainers", "containers"):
            written = daemon.manifest["spec"]["template"]["spec"].get(kind, [])
            held = zip(written, made.get(kind, []), strict=True)
            assert all(each.items() <= found.items() for each, found in held)
