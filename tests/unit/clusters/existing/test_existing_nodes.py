"""A table of pools on nodes that stand already: what is refused, what is given to a node, and what is left alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.clusters.existing.nodes import OURS, PoolSpec, faults, labelled, plan_nodes, tainted, unlike
from components.pools.planner import plan_pools
from tests.support.planning import cases, settings

CASES = cases(Path(__file__).with_name("nodes"))


def spec_of(case: dict[str, Any]) -> PoolSpec:
    pools = {"platform": {"lane": "platform"}, "pool": case["pool"]}
    cluster = {"kind": "existing", "name": "lab", "kubeconfig": "~/.kube/config"}
    return plan_nodes(plan_pools(settings({"cluster": cluster, "pools": pools}))[1])


def nodes_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "metadata": {
                "name": name,
                "uid": f"uid-of-{name}",
                "resourceVersion": "7",
                "labels": given.get("labels", {}),
                "annotations": {OURS: json.dumps(given["ours"])} if "ours" in given else {},
                "managedFields": [
                    {"manager": manager, "fieldsV1": {"f:metadata": {"f:labels": {f"f:{key}": {} for key in keys}}}}
                    for manager, keys in given.get("managers", {}).items()
                ],
            },
            "spec": {"taints": given.get("taints", [])},
            "status": {"capacity": given.get("capacity", {})},
        }
        for name, given in case["nodes"].items()
    ]


@pytest.mark.parametrize("case", CASES)
def test_nodes_of_a_pool(case: dict[str, Any]) -> None:
    spec, nodes = spec_of(case), nodes_of(case)
    assert list(faults(spec, nodes)) == case.get("faults", [])
    assert list(unlike(spec, nodes)) == case.get("unlike", [])
    for name, patch in case.get("patches", {}).items():
        node = next(each for each in nodes if each["metadata"]["name"] == name)
        found = tainted(spec, node)
        if patch is None:
            assert found is None
            continue
        assert found
        assert found["metadata"]["resourceVersion"] == "7"
        assert found["spec"]["taints"] == patch["taints"]
        assert json.loads(found["metadata"]["annotations"][OURS] or "[]") == patch["ours"]


@pytest.mark.parametrize("case", [each for each in CASES if "released" in each.values[0]])
def test_a_node_that_is_let_go_keeps_the_taints_of_others(case: dict[str, Any]) -> None:
    for node in nodes_of(case):
        patch = tainted(None, node)
        assert patch
        assert patch["spec"]["taints"] == case["released"][node["metadata"]["name"]]
        assert patch["metadata"]["annotations"] == {OURS: None}


def test_a_pool_that_names_no_labels_is_found_by_its_own() -> None:
    spec = spec_of({"pool": {"lane": "batch"}})
    assert (spec.query, spec.manager) == ("kubelanes.dev/pool=pool", "kubelanes-pool")
    assert spec_of({"pool": {"lane": "batch", "nodes": {"b": "2", "a": "1"}}}).query == "a=1,b=2"


def test_what_is_applied_names_the_node_by_uid_so_that_none_is_made() -> None:
    case = {"pool": {"lane": "batch"}, "nodes": {"one": {}}}
    spec, (node,) = spec_of(case), nodes_of(case)
    assert labelled(spec, node)["metadata"] == {"name": "one", "uid": "uid-of-one", "labels": dict(spec.labels)}
    assert "labels" not in labelled(spec, node, release=True)["metadata"]
