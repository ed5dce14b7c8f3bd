"""On the live API server: what a tenant gets, what it may not do, and who may do what in it."""

import base64
import json
import re
from pathlib import Path

import pytest

from tests.support.deployment import Deployment
from tests.support.kube import Kube, Manifest
from tests.support.waiting import eventually
from tests.support.workloads import on_lane, pod

TENANTS = ("search", "research")


def gpu_pod(name: str, gpus: int, priority: str | None) -> Manifest:
    more = on_lane("gpu-inference") | ({"priorityClassName": priority} if priority else {})
    return pod(name, "search", {"nvidia.com/gpu": gpus}, **more)


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_tenant_has_all_that_was_promised(kube: Kube, tenant: str) -> None:
    namespace = kube.get("v1", "Namespace", tenant)
    assert namespace
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert kube.every("v1", "ResourceQuota", tenant)
    assert kube.every("v1", "LimitRange", tenant)
    assert kube.every("rbac.authorization.k8s.io/v1", "RoleBinding", tenant)
    assert kube.every("kueue.x-k8s.io/v1beta2", "LocalQueue", tenant)
    queue = kube.get("kueue.x-k8s.io/v1beta2", "ClusterQueue", tenant)
    assert queue
    assert queue["spec"]["cohortName"] == "kubelanes"


@pytest.mark.parametrize("tenant", TENANTS)
def test_all_traffic_is_denied_unless_a_policy_allows_it(kube: Kube, tenant: str) -> None:
    policies = [p["spec"] for p in kube.every("networking.k8s.io/v1", "NetworkPolicy", tenant)]
    deny_all = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert deny_all in [{k: v for k, v in spec.items() if v is not None} for spec in policies]
    everywhere = [rule for spec in policies for rule in spec.get("egress") or [] if not rule.get("to")]
    assert not everywhere, "no policy may open egress to everything"


def test_a_privileged_pod_is_refused(kube: Kube) -> None:
    privileged = pod("root", "search")
    privileged["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    assert "violates PodSecurity" in kube.refusal(privileged)


def test_a_gpu_pod_that_names_no_lane_is_refused_by_the_quota(kube: Kube) -> None:
    assert "exceeded quota" in kube.refusal(gpu_pod("laneless", 1, None))


def test_more_gpus_than_the_tenant_has_are_refused(kube: Kube) -> None:
    assert "exceeded quota" in kube.refusal(gpu_pod("greedy", 64, "kubelanes-inference"))


def test_a_container_without_requests_gets_the_tenants_defaults(kube: Kube) -> None:
    bare = pod("bare", "research")
    del bare["spec"]["containers"][0]["resources"]
    made = kube.create(bare)
    try:
        assert made["spec"]["containers"][0]["resources"]["limits"]["memory"]
    finally:
        kube.delete(bare)


WHO_MAY = [
    # user's group, verb, API group, resource, namespace, allowed
    ("search-guests", "list", "", "pods", "search", True),
    ("search-guests", "get", "", "secrets", "search", False),
    ("search-guests", "create", "apps", "deployments", "search", False),
    ("search-dev", "create", "apps", "deployments", "search", True),
    ("search-dev", "create", "batch", "jobs", "search", True),
    ("search-dev", "update", "", "resourcequotas", "search", False),
    ("search-dev", "create", "networking.k8s.io", "networkpolicies", "search", False),
    ("search-dev", "create", "rbac.authorization.k8s.io", "rolebindings", "search", False),
    ("search-dev", "list", "", "pods", "research", False),
    ("search-platform", "delete", "", "pods", "search", True),
    ("search-platform", "delete", "", "resourcequotas", "search", False),
    ("search-platform", "list", "", "nodes", "", False),
    ("research", "create", "batch", "jobs", "research", True),
    ("research", "get", "", "pods", "search", False),
]


@pytest.mark.parametrize(("group", "verb", "api", "resource", "namespace", "allowed"), WHO_MAY)
def test_roles_allow_what_they_should_and_no_more(
    kube: Kube, group: str, verb: str, api: str, resource: str, namespace: str, allowed: bool
) -> None:
    assert kube.allowed("someone", [group], verb, resource, namespace, api) is allowed


def test_the_lanes_workloads_run_with_requests_probes_and_budgets(kube: Kube) -> None:
    for name in ("chat", "embeddings", "portal"):
        deployment = eventually(lambda n=name: kube.get("apps/v1", "Deployment", n, "search"), f"{name} should exist")
        spec = deployment["spec"]["template"]["spec"]
        for container in spec["containers"]:
            assert container["resources"]["requests"]
            assert container["resources"]["limits"]["memory"]
        assert spec["automountServiceAccountToken"] is False
        assert kube.get("policy/v1", "PodDisruptionBudget", name, "search")
        assert deployment["status"]["readyReplicas"] == 2


def test_no_private_key_and_no_token_stands_in_clear_text_in_the_state(platform: Deployment) -> None:
    key = re.search(r"client-key-data: (\S+)", Path(platform.outputs()["kubeconfig_path"]).read_text())
    assert key
    state = json.dumps(platform.resources())
    assert key[1] not in state
    assert base64.b64decode(key[1]).decode().splitlines()[1] not in state
