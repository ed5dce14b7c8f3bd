"""What each lane makes of a workload: a table of cases, and what holds for every workload of every lane."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.lanes.context import LaneContext
from components.lanes.plan import plan_lanes
from components.lanes.workload import LanePlan, label_value
from components.pools.planner import plan_pools
from components.problems import InvalidSettingsError
from tests.support.planning import by_key, cases, differences, settings

HERE = Path(__file__).parent


def plans(given: dict[str, Any]) -> tuple[LanePlan, ...]:
    loaded = settings(given)
    context = LaneContext(
        environment=loaded.environment, pools=plan_pools(loaded), default_priority=loaded.queues.default_priority
    )
    return plan_lanes(loaded.lanes, context)


def every_plan() -> Iterator[LanePlan]:
    """The workloads of all cases that are not refused."""
    for file in sorted((HERE / "cases").glob("*.yaml")):
        case = yaml.safe_load(file.read_text(encoding="utf-8"))
        if "refused" not in case:
            yield from plans(case["given"])


def manifests(plan: LanePlan) -> list[dict[str, Any]]:
    return [item.manifest for item in (*plan.foundations, *plan.objects)]


def pod(plan: LanePlan) -> dict[str, Any]:
    (template,) = (m["spec"]["template"] for m in manifests(plan) if m["kind"] in ("Deployment", "Job"))
    return template["spec"]


each_workload = pytest.mark.parametrize("plan", list(every_plan()), ids=lambda plan: plan.identity.name)


@pytest.mark.parametrize("case", cases(HERE / "cases"))
def test_a_workload_becomes_what_its_case_expects(case: dict[str, Any]) -> None:
    if refused := case.get("refused"):
        with pytest.raises(InvalidSettingsError) as caught:
            plans(case["given"])
        assert [f"{p.path}: {p.value} {p.text}" for p in caught.value.problems] == refused
        return
    made = plans(case["given"])
    found = by_key(item for plan in made for item in (*plan.foundations, *plan.objects))
    for key, expected in case["expect"].items():
        manifest = found[key].manifest if key in found else None
        assert not list(differences(expected, manifest)), key
    for name, network in case.get("network", {}).items():
        assert {plan.identity.name: plan.network for plan in made}[name] == network
    assert {plan.identity.name: plan.url for plan in made if plan.url} == case.get("url", {}) or "url" not in case


def test_all_problems_are_told_at_once() -> None:
    image = "registry.example.com/trainer:1"
    wrong = {"tenant": "search", "image": image, "accelerator": {"product": "b200"}}
    with pytest.raises(InvalidSettingsError) as caught:
        plans({"lanes": {"training": {"one": wrong, "two": wrong}, "workers": {"three": wrong}}})
    paths = [problem.path for problem in caught.value.problems]
    assert paths == [f"lanes.{at}.accelerator.product" for at in ("training.one", "training.two", "workers.three")]


@each_workload
def test_every_container_is_counted_and_confined(plan: LanePlan) -> None:
    spec = pod(plan)
    # The sockets of GPUDirect's daemon are root's; its tenant has to ask for that.
    assert spec["securityContext"]["runAsNonRoot"] is not (plan.network or "").startswith("gpudirect")
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    for container in spec["containers"]:
        resources, security = container["resources"], container["securityContext"]
        assert resources["requests"]["cpu"]
        assert resources["requests"]["memory"] == resources["limits"]["memory"]
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}


@each_workload
def test_every_pod_keeps_to_its_lane_and_tolerates_no_other(plan: LanePlan) -> None:
    spec, lane = pod(plan), plan.placement.lane.value
    assert spec["nodeSelector"] == {"kubelanes.dev/lane": lane}
    cards = {(pool.gpu.taint.key, "present") for pool in plan.placement.pools if pool.gpu}
    assert {(t["key"], t.get("value")) for t in spec.get("tolerations", [])} <= {("kubelanes.dev/lane", lane), *cards}


@each_workload
def test_only_pods_that_ask_for_accelerators_tolerate_their_taint(plan: LanePlan) -> None:
    tolerates = any(t["value"] == "present" for t in pod(plan).get("tolerations", []))
    # A job's tolerations are those of the flavors that Kueue admits it to.
    assert tolerates == (plan.placement.accelerated and plan.identity.component != "training-job")


@each_workload
def test_secrets_are_referred_to_and_never_written(plan: LanePlan) -> None:
    assert not [m for m in manifests(plan) if m["kind"] == "Secret"]


@each_workload
def test_names_and_labels_are_what_kubernetes_accepts(plan: LanePlan) -> None:
    for manifest in manifests(plan):
        metadata = manifest["metadata"]
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", metadata["name"])
        assert metadata["namespace"] == plan.identity.tenant
        for value in metadata["labels"].values():
            assert re.fullmatch(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?", value)


@each_workload
def test_every_path_that_is_written_is_a_volume(plan: LanePlan) -> None:
    mounted = {
        container["name"]: {mount["name"] for mount in container["volumeMounts"]}
        for container in (*pod(plan)["containers"], *pod(plan).get("initContainers", []))
    }
    volumes = [volume["name"] for volume in pod(plan)["volumes"]]
    assert sorted(set.union(*mounted.values())) == sorted(volumes)
    assert "tmp" in mounted["main"]


@each_workload
def test_a_deployment_selects_what_never_changes(plan: LanePlan) -> None:
    for manifest in manifests(plan):
        if manifest["kind"] == "Deployment":
            labels = manifest["spec"]["template"]["metadata"]["labels"]
            selector = manifest["spec"]["selector"]["matchLabels"]
            assert selector.items() <= labels.items()
            assert not {"app.kubernetes.io/version", "kubelanes.dev/model-version"} & selector.keys()


def test_a_changed_environment_makes_a_new_config_map_and_so_rolls_the_pods() -> None:
    def config(value: str) -> tuple[str, str]:
        api = {"tenant": "search", "image": "registry.example.com/portal:1", "env": {"LEVEL": value}}
        (plan,) = plans({"lanes": {"apis": {"portal": api}}})
        (name,) = (m["metadata"]["name"] for m in manifests(plan) if m["kind"] == "ConfigMap")
        return name, pod(plan)["containers"][0]["envFrom"][0]["configMapRef"]["name"]

    (one, used_by_one), (other, used_by_other) = config("info"), config("debug")
    assert one == used_by_one != other == used_by_other


@pytest.mark.parametrize(
    ("text", "value"),
    [("meta-llama/Llama 3", "meta-llama-Llama-3"), ("-v1-", "v1"), ("x" * 80, "x" * 63), ("1.0", "1.0")],
)
def test_any_text_becomes_a_label_value(text: str, value: str) -> None:
    assert label_value(text) == value
