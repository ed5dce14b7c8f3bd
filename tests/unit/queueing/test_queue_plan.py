"""What tenants may hold, borrow and lend: a table of cases, and what holds for every stack."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from components.pools.planner import plan_pools
from components.queueing.manifests import cluster_queue, cohort, flavors, local_queue, priorities
from components.queueing.plan import COMPUTE, QueuePlan, ResourceGroup, TenantQueue, plan_queues
from components.queueing.provisioning import provisioning
from components.settings.pools import Lane
from tests.support.planning import cases, differences, settings

HERE = Path(__file__).parent


def planned(stack: dict[str, Any]) -> QueuePlan:
    loaded = settings(stack)
    return plan_queues(loaded, plan_pools(loaded))


def allowances(groups: tuple[ResourceGroup, ...]) -> list[dict[str, dict[str, str]]]:
    """Each group as flavor, resource and ``nominal + borrow``."""
    return [
        {
            supply.flavor: {
                each.resource: each.nominal if each.borrow is None else f"{each.nominal} + {each.borrow}"
                for each in supply.allowances
            }
            for supply in group.supplies
        }
        for group in groups
    ]


def checked(plan: QueuePlan, queue: TenantQueue) -> list[str] | None:
    """The flavors of a queue whose nodes are waited for."""
    if not (strategy := cluster_queue(plan, queue)["spec"].get("admissionChecksStrategy")):
        return None
    (check,) = strategy["admissionChecks"]
    assert check["name"] in {
        each["metadata"]["name"] for each in provisioning(plan) if each["kind"] == "AdmissionCheck"
    }
    return check["onFlavors"]


def read(plan: QueuePlan) -> dict[str, Any]:
    """A plan in the words of the cases."""
    return {
        "flavors": [flavor.name for flavor in plan.flavors],
        "unowned": allowances(plan.unowned),
        "priorities": dict(plan.priorities),
        "strict": plan.strict,
        "provisioning": plan.provisioning and {key: list(names) for key, names in asdict(plan.provisioning).items()},
        "selected": {flavor.name: dict(flavor.labels) for flavor in plan.flavors},
        "tolerated": {flavor.name: [f"{t.key}={t.value}" for t in flavor.taints] for flavor in plan.flavors},
        "checked": {queue.tenant: checked(plan, queue) for queue in plan.queues},
        "queues": {
            queue.tenant: {"weight": queue.weight, "reclaims": queue.reclaims, "groups": allowances(queue.groups)}
            for queue in plan.queues
        },
    }


def tenant(**quota: Any) -> dict[str, Any]:
    return {"contact": "them@example.com", "quota": {"cpu": 8, "memory": "64Gi", "gpu": quota}}


@pytest.mark.parametrize("case", cases(HERE / "cases"))
def test_the_queues_are_what_their_case_expects(case: dict[str, Any]) -> None:
    assert not list(differences(case["expect"], read(planned(case["given"]))))


@example(nodes=(1, 5), wanted={"blue": 3, "green": 9, "red": 9}, borrowed=0)
@given(
    nodes=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    wanted=st.dictionaries(st.sampled_from(["blue", "green", "red"]), st.integers(0, 10), min_size=1),
    borrowed=st.integers(0, 10),
)
def test_what_is_owned_and_what_is_not_add_up_to_what_there_is(
    nodes: tuple[int, int], wanted: dict[str, int], borrowed: int
) -> None:
    pools = {
        name: {"lane": "batch", "accelerator": "a10g", "per_node": 4, "size": size}
        for name, size in zip(("one", "two"), nodes, strict=True)
    }
    there_is = {name: 4 * size for name, size in zip(("one", "two"), nodes, strict=True)}
    assume(sum(wanted.values()) <= sum(there_is.values()))  # more than there is is refused before it is planned
    teams = {name: {**tenant(a10g=cards), "queue": {"borrow": {"a10g": borrowed}}} for name, cards in wanted.items()}
    plan = planned({"pools": pools, "tenants": teams})
    held = dict.fromkeys(there_is, 0)
    for groups in (plan.unowned, *(queue.groups for queue in plan.queues)):
        for supply in (supply for group in groups for supply in group.supplies if supply.flavor in held):
            held[supply.flavor] += int(supply.allowances[0].nominal)
    assert held == there_is  # of each pool: a flavor with more quota than nodes admits jobs that never start


@given(st.permutations(["whole", {"mig": ["3g.40gb", "3g.40gb"]}, {"mig": ["3g.40gb", "2g.20gb", "2g.20gb"]}, "dra"]))
def test_no_resource_is_in_two_groups_and_every_flavor_covers_its_group(shares: list[Any]) -> None:
    pools = {
        f"pool-{at}": {"lane": "batch", "accelerator": "a100-80gb", "size": 1, "share": share}
        for at, share in enumerate(shares)
    }
    (queue,) = planned({"pools": pools, "tenants": {"search": tenant(**{"a100-80gb": 32})}}).queues
    covered = [resource for group in queue.groups for resource in group.resources]
    assert len(covered) == len(set(covered))
    for group in queue.groups:
        for supply in group.supplies:
            assert tuple(each.resource for each in supply.allowances) == group.resources


def test_a_job_without_gpus_is_sent_to_no_gpu_node() -> None:
    plan = planned({})
    compute = next(flavor for flavor in plan.flavors if flavor.name == COMPUTE)
    assert compute.labels == {"kubelanes.dev/lane": Lane.BATCH}
    assert "nvidia.com/gpu" not in {taint.key for taint in compute.taints}


def test_a_job_with_gpus_tolerates_every_taint_of_its_pool() -> None:
    loaded = settings({})
    pools = {pool.name: pool for pool in plan_pools(loaded)}
    for flavor in plan_queues(loaded, tuple(pools.values())).flavors:
        if flavor.name != COMPUTE:
            assert flavor.taints == pools[flavor.name].taints
            assert flavor.labels.items() <= pools[flavor.name].labels.items()


def test_only_the_tenants_own_namespace_may_use_its_queue() -> None:
    plan = planned({})
    for queue in plan.queues:
        spec = cluster_queue(plan, queue)["spec"]
        assert spec["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": queue.tenant}}
        assert local_queue(queue)["metadata"] == {"name": "default", "namespace": queue.tenant}
        assert local_queue(queue)["spec"] == {"clusterQueue": queue.tenant}


def test_every_object_speaks_the_api_version_that_stays() -> None:
    plan = planned({})
    queues = [each for queue in plan.queues for each in (cluster_queue(plan, queue), local_queue(queue))]
    for manifest in (*flavors(plan), cohort(plan), *priorities(plan), *queues, *provisioning(plan)):
        assert manifest["apiVersion"] == "kueue.x-k8s.io/v1beta2"
