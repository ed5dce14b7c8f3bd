"""What a tenant gets: a table of cases, and what holds for every tenant."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.clusters.kinds import plan_facts
from components.objects import Object
from components.pools.planner import plan_pools
from components.settings.environment import Environment
from components.tenancy.tenants import plan_tenants
from tests.support.planning import by_key, cases, differences, settings

HERE = Path(__file__).parent
SIM = HERE.parents[2] / "stacks" / "Pulumi.sim.yaml"


def objects(given: dict[str, Any], tenant: str = "search") -> dict[str, Object]:
    loaded = settings(given)
    plans = plan_tenants(loaded, plan_pools(loaded), plan_facts(loaded.cluster))
    plan = next(plan for plan in plans if plan.name == tenant)
    return by_key([plan.namespace, *plan.objects])


def sim(environment: str) -> dict[str, Any]:
    config = yaml.safe_load(SIM.read_text(encoding="utf-8"))["config"]
    return {key.removeprefix("kubelanes:"): value for key, value in config.items()} | {"environment": environment}


@pytest.mark.parametrize("case", cases(HERE / "cases"))
def test_a_tenant_gets_what_its_case_expects(case: dict[str, Any]) -> None:
    found = objects(case["given"], case.get("tenant", "search"))
    for key, expected in case["expect"].items():
        manifest = found[key].manifest if key in found else None
        assert not list(differences(expected, manifest)), key


@pytest.mark.parametrize("environment", Environment)
@pytest.mark.parametrize("tenant", ["search", "research"])
def test_everything_of_a_tenant_stands_in_its_namespace(environment: str, tenant: str) -> None:
    for key, item in objects(sim(environment), tenant).items():
        assert key == f"Namespace/{tenant}" or item.manifest["metadata"]["namespace"] == tenant


def test_what_outlives_a_tenant_is_its_data_and_what_guards_it() -> None:
    kept = {key for key, item in objects(sim("prod")).items() if item.keep}
    quotas = {"compute", "system-priorities", "gpus-gpu-inference", "gpus-batch", "gpus-elsewhere", "claims"}
    guards = {"LimitRange/defaults", "NetworkPolicy/default-deny", *(f"ResourceQuota/{name}" for name in quotas)}
    assert kept == {"Namespace/search", *guards}


def test_nothing_outlives_a_tenant_where_no_data_is_retained() -> None:
    assert not [key for key, item in objects(sim("dev")).items() if item.keep]


@pytest.mark.parametrize("tenant", ["search", "research"])
def test_no_network_policy_opens_a_direction_to_everyone(tenant: str) -> None:
    for key, item in objects(sim("prod"), tenant).items():
        spec = item.manifest.get("spec", {})
        if item.kind == "NetworkPolicy":
            assert all(rule.get("from") for rule in spec.get("ingress", [])), key
            assert all(rule.get("to") for rule in spec.get("egress", [])), key


def test_who_names_a_peer_and_who_is_named_are_opened_towards_each_other_and_nowhere_else() -> None:
    ingress = objects(sim("dev"), "search")["NetworkPolicy/allow-from-peers"].manifest["spec"]["ingress"]
    egress = objects(sim("dev"), "research")["NetworkPolicy/allow-to-peers"].manifest["spec"]["egress"]
    assert [peer["namespaceSelector"]["matchLabels"] for peer in ingress[0]["from"]] == [
        {"kubernetes.io/metadata.name": "research"}
    ]
    assert [peer["namespaceSelector"]["matchLabels"] for peer in egress[0]["to"]] == [
        {"kubernetes.io/metadata.name": "search"}
    ]
    assert "NetworkPolicy/allow-from-peers" not in objects(sim("dev"), "research")
    assert "NetworkPolicy/allow-to-peers" not in objects(sim("dev"), "search")


@pytest.mark.parametrize("tenant", ["search", "research"])
def test_every_gpu_resource_of_the_platform_is_capped_under_every_priority(tenant: str) -> None:
    caps = [
        set(item.manifest["spec"]["hard"])
        for key, item in objects(sim("dev"), tenant).items()
        if key.startswith("ResourceQuota/gpus-")
    ]
    resources = {"requests.nvidia.com/gpu", "requests.nvidia.com/mig-3g.40gb", "requests.nvidia.com/mig-2g.20gb"}
    assert caps == [resources] * 3
