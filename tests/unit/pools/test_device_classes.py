"""Which DeviceClasses there are, and which of them answers to ``nvidia.com/gpu``: a table of cases."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from planned import plan

from components.objects import Manifest
from components.pools.dra import device_classes, driver_classes
from components.pools.plan import PoolPlan
from tests.support.planning import cases


def pools(given: dict[str, Any]) -> list[PoolPlan]:
    return [replace(plan("aws", **pool), name=name) for name, pool in given.items()]


def by_name(classes: list[Manifest]) -> dict[str, dict[str, Any]]:
    return {each["metadata"]["name"]: each["spec"] for each in classes}


@pytest.mark.parametrize("case", cases(Path(__file__).parent / "class_cases"))
def test_classes_are_what_their_case_expects(case: dict[str, Any]) -> None:
    found = by_name(device_classes(pools(case["pools"]), case.get("kubernetes", "1.36")))
    assert list(found) == case["classes"]
    answering = {name for name, spec in found.items() if "extendedResourceName" in spec}
    assert answering == ({case["answers"]} if case["answers"] else set())


def test_a_class_takes_one_model_of_card_or_its_partitions() -> None:
    found = by_name(device_classes(pools({"cut": {"accelerator": "h200", "share": {"dra": "dynamic-mig"}}}), "1.36"))
    expressions = {name: spec["selectors"][0]["cel"]["expression"] for name, spec in found.items()}
    model = "device.attributes['gpu.nvidia.com'].productName == 'NVIDIA H200'"
    kind = "device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type =="
    assert expressions == {
        "h200.gpu.kubelanes.dev": f"{kind} 'gpu' && {model}",
        "h200.mig.kubelanes.dev": f"{kind} 'mig' && {model}",
    }


def test_the_drivers_own_classes_are_of_any_model_and_answer_to_nothing() -> None:
    found = by_name(driver_classes(pools({"whole": {"accelerator": "h200", "share": "dra"}})))
    assert list(found) == ["gpu.nvidia.com", "mig.nvidia.com", "vfio.gpu.nvidia.com"]
    assert all(set(spec) == {"selectors"} for spec in found.values())


def test_without_dra_the_driver_brings_no_classes() -> None:
    assert driver_classes(pools({"whole": {"accelerator": "h200"}})) == []
