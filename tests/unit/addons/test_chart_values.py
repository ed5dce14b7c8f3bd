"""What the charts of the GPU stack are given, in each environment: only what they know, and as it was reviewed."""

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.addons.gpus.plan import GpuStackPlan, plan_gpu_stack
from components.addons.plan import AddonPlan
from components.clusters.kinds import plan_facts
from components.pools.planner import plan_pools
from components.settings import parse_settings
from tests.support.schemas import faults

HERE = Path(__file__).parent
ENVIRONMENTS = sorted((HERE / "environments").glob("*.yaml"))
REVIEWED = HERE / "gpu_values"
UPSTREAM = Path(__file__).parents[4] / "shared" / "charts"
MIRROR = Path(__file__).parents[3] / ".tools" / "charts"
BASE: dict[str, Any] = {
    "environment": "staging",
    "tenants": {"search": {"contact": "search@example.com", "quota": {"cpu": 1, "memory": "1Gi"}}},
}

COMMENTED = {"gpu-operator": {"dcgmExporter.config"}, "dcgm-exporter": {"customMetrics"}}
"""What a chart's values hold as a comment only, since it has no default; its templates read it."""
FREE = {"affinity", "nodeSelector", "resources"}
"""What Kubernetes defines, not the chart: it is passed on as it is."""

upstream = pytest.mark.skipif(not UPSTREAM.is_dir(), reason=f"{UPSTREAM} is not there: upstream's values are not ours")


@cache
def planned(environment: Path) -> GpuStackPlan:
    settings = parse_settings(BASE | yaml.safe_load(environment.read_text(encoding="utf-8")))
    return plan_gpu_stack(settings, plan_facts(settings.cluster), plan_pools(settings), Path("/nowhere"))


CHARTS = [
    pytest.param(addon, id=f"{file.stem}-{addon.name}") for file in ENVIRONMENTS for addon in planned(file).addons
]


def chart_values(addon: AddonPlan) -> Iterator[tuple[str, Any]]:
    """The values of the chart itself, as text and read: those kept beside this checkout, and the mirror's.

    The mirror's alone where the other is of another version: keys come and go.
    """
    mirrored, kept = MIRROR / f"{addon.pin.name}-{addon.pin.version}", UPSTREAM / addon.name
    same = not mirrored.is_dir() or _version(kept) == _version(mirrored)
    for folder in filter(Path.is_dir, (kept, mirrored) if same else (mirrored,)):
        text = (folder / "values.yaml").read_text(encoding="utf-8")
        yield text, yaml.safe_load(text)


def _version(chart: Path) -> str | None:
    file = chart / "Chart.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))["version"] if file.is_file() else None


def differing(given: Mapping[str, Any], known: Mapping[str, Any], free: set[str], path: str = "") -> Iterator[str]:
    """Keys that the chart does not know, and values of another type than its own."""
    for key, value in given.items():
        at = f"{path}{key}"
        if at in free or key in FREE:
            continue
        if key not in known:
            yield f"{at}: the chart knows no such key"
        elif isinstance(value, dict) and isinstance(known[key], dict):
            if known[key]:  # an empty one may hold anything
                yield from differing(value, known[key], free, f"{at}.")
        elif known[key] is not None and type(value) is not type(known[key]):
            yield f"{at}: {value!r}, and the chart has {known[key]!r}"


@upstream
@pytest.mark.parametrize("addon", CHARTS)
def test_every_value_is_one_that_the_chart_knows_and_of_its_type(addon: AddonPlan) -> None:
    found = list(chart_values(addon))
    assert found, f"{addon.name} has no values to compare with"
    free = COMMENTED.get(addon.name, set())
    for text, values in found:
        assert list(differing(addon.values, values, free)) == []
        assert all(re.search(rf"^\s*# {path.rpartition('.')[2]}:", text, re.MULTILINE) for path in free)


@upstream
@pytest.mark.parametrize("addon", CHARTS)
def test_every_custom_resource_is_one_that_the_chart_brings_the_kind_of(addon: AddonPlan) -> None:
    kinds = {
        (crd["spec"]["names"]["kind"], f"{crd['spec']['group']}/{version['name']}"): version["schema"]
        for file in (UPSTREAM / addon.name / "crds").glob("*.yaml")
        for crd in yaml.safe_load_all(file.read_text(encoding="utf-8"))
        if crd
        for version in crd["spec"]["versions"]
    }
    for made in (each.manifest for each in addon.resources):
        group = made["apiVersion"].partition("/")[0]
        if not group.endswith(".k8s.io"):  # those of the API server itself, a sim judges
            schema = kinds[made["kind"], made["apiVersion"]]["openAPIV3Schema"]
            assert list(faults({"spec": made["spec"]}, schema)) == []


def as_reviewed(addon: AddonPlan) -> dict[str, Any]:
    """What is compared: everything that the add-on brings into the cluster beside the chart itself."""
    decided = {
        "namespace": addon.namespace,
        "namespace_labels": dict(addon.namespace_labels),
        "objects": [each.manifest for each in addon.objects],
        "resources": [each.manifest for each in addon.resources],
        "values": dict(addon.values),
    }
    return {key: value for key, value in decided.items() if value}


class Readable(yaml.SafeDumper):
    """Texts of several lines as such, and nothing by reference."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - called by this name
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


Readable.add_representer(str, _text)


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda file: file.stem)
def test_the_stack_of_an_environment_is_as_it_was_reviewed(environment: Path) -> None:
    """To renew: ``KUBELANES_RENEW=1 .venv/bin/pytest tests/unit/addons/test_chart_values.py``."""
    plan, folder = planned(environment), REVIEWED / environment.stem
    parts: dict[str, Any] = {addon.name: as_reviewed(addon) for addon in plan.addons}
    parts |= {"daemons": [each.manifest for each in plan.objects]} if plan.objects else {}
    written = {f"{name}.yaml": yaml.dump(part, Dumper=Readable, width=110) for name, part in parts.items()}
    if "KUBELANES_RENEW" in os.environ:
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob("*.yaml"):
            file.unlink()
        for name, text in written.items():
            (folder / name).write_text(text, encoding="utf-8")
    assert {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.yaml")} == written


def test_only_environments_that_there_are_have_reviewed_values() -> None:
    assert {folder.name for folder in REVIEWED.iterdir() if any(folder.iterdir())} <= {
        each.stem for each in ENVIRONMENTS
    }


def test_where_the_cloud_serves_the_cards_itself_nothing_of_ours_does() -> None:
    plan = planned(HERE / "environments" / "gke-cos-managed.yaml")
    assert plan.addons == ()
    assert not any(each.kind == "DaemonSet" for each in plan.objects)
