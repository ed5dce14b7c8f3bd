"""What Kueue is told about nodes that are asked for job by job, against the CRDs of the pinned chart."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.catalogue.charts import charts
from components.objects import Manifest
from components.pools.planner import plan_pools
from components.queueing.manifests import cluster_queue, flavors
from components.queueing.plan import QueuePlan, plan_queues
from components.queueing.provisioning import CHECK, provisioning
from tests.support.planning import settings

CRDS = Path(__file__).parents[3] / ".tools" / "charts" / f"kueue-{charts()['kueue'].version}" / "templates" / "crd"
STACK: dict[str, Any] = {
    "cluster": {"kind": "gke", "name": "atlas", "project": "acme-ai-prod", "region": "us-central1"},
    "pools": {
        "queued": {"lane": "batch", "accelerator": "h200", "size": "0-4", "capacity": ["flex-start"]},
        "chat": {"lane": "gpu-inference", "accelerator": "h200", "size": "0-4", "capacity": ["flex-start"]},
        "spot": {"lane": "batch", "accelerator": "l4", "per_node": 1, "size": "0-4"},
    },
    "tenants": {
        "search": {
            "contact": "search@example.com",
            "quota": {"cpu": 8, "memory": "64Gi", "gpu": {"h200": 8, "l4": 1}},
        }
    },
}


def planned(**stack: Any) -> QueuePlan:
    loaded = settings(STACK | stack)
    return plan_queues(loaded, plan_pools(loaded))


def schema(kind: str, version: str) -> Mapping[str, Any]:
    """The schema that the API server holds objects of a kind against."""
    text = (CRDS / f"kueue.x-k8s.io_{kind.lower()}s.yaml").read_text(encoding="utf-8")
    without_comments = re.sub(r"{{-?\s*/\*.*?\*/\s*-?}}", "", text, flags=re.DOTALL)
    crd = yaml.safe_load("\n".join(line for line in without_comments.splitlines() if "{{" not in line))
    (served,) = (each for each in crd["spec"]["versions"] if each["name"] == version)
    return served["schema"]["openAPIV3Schema"]


def faults(value: Any, rule: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Where a value is not what its schema allows: fields, types, patterns and limits."""
    if rule.get("type") == "object":
        yield from (f"{path}.{key} is missing" for key in rule.get("required", ()) if key not in value)
        for key, item in value.items():
            if inner := rule.get("properties", {}).get(key) or rule.get("additionalProperties"):
                yield from faults(item, inner, f"{path}.{key}")
            elif path != ".metadata":
                yield f"{path}.{key} is unknown"
    elif rule.get("type") == "array":
        if not rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", len(value)):
            yield f"{path} has {len(value)} items"
        for at, item in enumerate(value):
            yield from faults(item, rule["items"], f"{path}[{at}]")
    elif not allowed(value, rule):
        yield f"{path} is {value!r}"


def allowed(value: Any, rule: Mapping[str, Any]) -> bool:
    if rule.get("type") == "string" and not (isinstance(value, str) and matches(rule.get("pattern", ""), value)):
        return False
    if rule.get("type") == "integer" and not isinstance(value, int):
        return False
    return value in rule.get("enum", [value])


def matches(pattern: str, value: str) -> bool:
    """Whether a pattern of Go's kind, which may be told in its middle not to look at case, is found in a value."""
    return re.search(pattern.replace("(?i)", ""), value, re.IGNORECASE if "(?i)" in pattern else 0) is not None


def everything(plan: QueuePlan) -> list[Manifest]:
    return [*provisioning(plan), *flavors(plan), *(cluster_queue(plan, queue) for queue in plan.queues)]


@pytest.mark.skipif(not CRDS.is_dir(), reason="the chart mirror is not set up")
def test_kueues_api_takes_every_object() -> None:
    for manifest in everything(planned()):
        version = manifest["apiVersion"].partition("/")[2]
        assert not list(faults(manifest, schema(manifest["kind"], version))), manifest["metadata"]["name"]


@pytest.mark.skipif(not CRDS.is_dir(), reason="the chart mirror is not set up")
def test_a_misspelled_field_would_be_noticed() -> None:
    config, check = provisioning(planned())
    wrong = {**config, "spec": {**config["spec"], "managedResource": []}}
    assert list(faults(wrong, schema("ProvisioningRequestConfig", "v1beta2"))) == [".spec.managedResource is unknown"]
    wrong = {**check, "spec": {}}
    assert list(faults(wrong, schema("AdmissionCheck", "v1beta2"))) == [".spec.controllerName is missing"]


def test_the_check_asks_gke_for_nodes_with_cards() -> None:
    config, check = provisioning(planned())
    assert config["spec"]["provisioningClassName"] == "queued-provisioning.gke.io"
    assert config["spec"]["managedResources"] == ["nvidia.com/gpu"]
    assert check["spec"]["controllerName"] == "kueue.x-k8s.io/provisioning-request"
    assert check["spec"]["parameters"]["name"] == config["metadata"]["name"]


def test_a_job_runs_on_the_nodes_that_were_made_for_it() -> None:
    config, _ = provisioning(planned())
    (selector,) = config["spec"]["podSetUpdates"]["nodeSelector"]
    assert selector["key"] == "autoscaling.gke.io/provisioning-request"


def test_only_jobs_for_queued_nodes_wait_for_them() -> None:
    plan = planned()
    (queue,) = plan.queues
    checks = cluster_queue(plan, queue)["spec"]["admissionChecksStrategy"]["admissionChecks"]
    assert checks == [{"name": CHECK, "onFlavors": ["queued"]}]


def test_the_sim_waits_for_no_cloud() -> None:
    """It has no ProvisioningRequests: a check that nobody answers would hold up every job."""
    plan = planned(cluster={"kind": "sim", "imitates": "gke"})
    assert not list(provisioning(plan))
    assert "admissionChecksStrategy" not in cluster_queue(plan, plan.queues[0])["spec"]
