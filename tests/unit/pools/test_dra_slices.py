"""ResourceSlices, whatever the card: within the API's limits, and no partition more than the card has."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planned import plan, plan_standing

from components.catalogue.accelerators import accelerators
from components.catalogue.machines import machines
from components.objects import Manifest
from components.pools.dra import resource_slices
from components.quantities import canonical
from components.settings.scalars import amount

DIVISIBLE = [name for name, card in accelerators().items() if card.mig]
SERVED = {name for name, card in accelerators().items() if card.vendor.name == "nvidia"}
MACHINES = {machine.name: machine for machine in machines().values() if machine.accelerator in SERVED}


def slices(accelerator: str, dra: str = "dynamic-mig") -> list[Manifest]:
    return resource_slices(plan_standing(accelerator=accelerator, share={"dra": dra}), ["node-0"])


def counters(quantities: dict[str, Any]) -> Counter[str]:
    return Counter({name: int(amount(each["value"])) for name, each in quantities.items()})


def first_card(accelerator: str) -> tuple[Counter[str], list[Manifest]]:
    """The counters of a node's first card, and the devices that consume them."""
    published = slices(accelerator)
    sets = [one for each in published for one in each["spec"].get("sharedCounters", [])]
    devices = [device for each in published for device in each["spec"].get("devices", [])]
    mine = [d for d in devices if d["consumesCounters"][0]["counterSet"] == sets[0]["name"]]
    return counters(sets[0]["counters"]), mine


def consumed(device: Manifest) -> Counter[str]:
    (taken,) = device["consumesCounters"]
    return counters(taken["counters"])


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
@pytest.mark.parametrize("dra", ["whole", "dynamic-mig"])
def test_slices_keep_the_limits_of_the_api(machine: Any, dra: str) -> None:
    """The limits are those of k8s.io/api/resource/v1, the ``ResourceSliceMax`` constants."""
    pool = plan(machine.cloud, machine=machine.name, accelerator=machine.accelerator, share={"dra": dra})
    published = resource_slices(pool, ["node-0"])
    names = [device["name"] for each in published for device in each["spec"].get("devices", [])]
    assert len(names) == len(set(names))
    assert {each["spec"]["pool"]["resourceSliceCount"] for each in published} == {len(published)}
    for spec in (each["spec"] for each in published):
        assert ("devices" in spec) != ("sharedCounters" in spec)
        devices = spec.get("devices", [])
        assert len(devices) <= (64 if any("consumesCounters" in device for device in devices) else 128)
        assert len(spec.get("sharedCounters", [])) <= 8
        assert all(len(one["counters"]) <= 32 for one in spec.get("sharedCounters", []))
        assert all(len(device["attributes"]) + len(device["capacity"]) <= 32 for device in devices)


@pytest.mark.parametrize("accelerator", DIVISIBLE)
def test_a_whole_card_takes_all_that_its_partitions_share(accelerator: str) -> None:
    shared, devices = first_card(accelerator)
    (card,) = (device for device in devices if device["attributes"]["type"]["string"] == "gpu")
    assert consumed(card) == shared


@pytest.mark.parametrize("accelerator", DIVISIBLE)
def test_partitions_that_overlap_in_memory_exclude_each_other(accelerator: str) -> None:
    shared, devices = first_card(accelerator)
    slots = [name for name in shared if name.startswith("memory-slice-")]
    assert {shared[slot] for slot in slots} == {1}
    for device in devices:
        assert any(consumed(device)[slot] for slot in slots)


@pytest.mark.parametrize("accelerator", DIVISIBLE)
def test_every_placement_of_every_profile_is_a_device(accelerator: str) -> None:
    geometry = accelerators()[accelerator].mig
    assert geometry
    _, devices = first_card(accelerator)
    found = Counter(d["attributes"]["profile"]["string"] for d in devices if "profile" in d["attributes"])
    assert found == {name: len(profile.starts) for name, profile in geometry.profiles.items()}


@given(st.sampled_from(DIVISIBLE), st.randoms(use_true_random=False))
def test_however_a_card_is_filled_its_slices_add_up_and_no_counter_is_exceeded(accelerator: str, random: Any) -> None:
    """Takes partitions as the scheduler may, in any order, as long as one fits; what is left over is really there."""
    left, devices = first_card(accelerator)
    geometry = accelerators()[accelerator].mig
    assert geometry
    total = Counter(left)
    partitions = [device for device in devices if device["attributes"]["type"]["string"] == "mig"]
    random.shuffle(partitions)
    held: list[str] = []
    for device in partitions:
        taken = consumed(device)
        if all(left[name] >= many for name, many in taken.items()):
            left.subtract(taken)
            held.append(device["attributes"]["profile"]["string"])
    assert min(left.values()) >= 0
    assert sum(geometry.profiles[name].size for name in held) == geometry.memory_slices - sum(
        left[name] for name in left if name.startswith("memory-slice-")
    )
    assert sum(geometry.profiles[name].memory for name in held) * 2**20 == total["memory"] - left["memory"]
    assert geometry.fits(held), "what DRA hands out is a mix that the card can hold"


def test_seven_of_the_smallest_fill_an_h100() -> None:
    left, devices = first_card("h100-80gb")
    for device in (d for d in devices if d["attributes"].get("profile", {}).get("string") == "1g.10gb"):
        left.subtract(consumed(device))
    assert left["jpeg-engines"] == left["decoders"] == 0
    assert [name for name in left if name.startswith("memory-slice-") and left[name]] == ["memory-slice-7"]


def test_a_card_is_described_as_the_drivers_own_slices_describe_it() -> None:
    (only,) = slices("h100-80gb", "whole")
    assert only["metadata"]["name"] == "node-0-gpu.nvidia.com-0"
    assert only["spec"]["driver"] == "gpu.nvidia.com"
    assert only["spec"]["nodeName"] == only["spec"]["pool"]["name"] == "node-0"
    card = only["spec"]["devices"][0]
    uuid = card["attributes"].pop("uuid")["string"]
    assert uuid.startswith("GPU-")
    assert card == {
        "name": "gpu-0",
        "attributes": {
            "type": {"string": "gpu"},
            "productName": {"string": "NVIDIA H100 80GB HBM3"},
            "brand": {"string": "Nvidia"},
            "architecture": {"string": "Hopper"},
            "addressingMode": {"string": "HMM"},
            "cudaComputeCapability": {"version": "9.0.0"},
            "driverVersion": {"version": "595.91.7"},
            "cudaDriverVersion": {"version": "13.2.0"},
            "resource.kubernetes.io/pciBusID": {"string": "0000:10:00.0"},
            "resource.kubernetes.io/pcieRoot": {"string": "pci0000:10"},
        },
        "capacity": {"memory": {"value": "81559Mi"}},
    }


def test_a_partition_names_its_card_and_profile() -> None:
    _, devices = first_card("h200")
    (part,) = (device for device in devices if device["name"] == "gpu-0-mig-3g71gb-9-4")
    card = devices[0]
    assert part["attributes"]["parentUUID"] == card["attributes"]["uuid"]
    assert part["attributes"]["profile"] == {"string": "3g.71gb"}
    assert {name: each["value"] for name, each in part["capacity"].items()} == {
        "memory": "71168Mi",
        "multiprocessors": "60",
        "copyEngines": "3",
        "decoders": "3",
        "encoders": "0",
        "jpegEngines": "3",
        "ofaEngines": "0",
    }
    assert consumed(part)["memory-slice-4"] == consumed(part)["memory-slice-7"] == 1
    assert consumed(part)["memory-slice-3"] == 0


def test_uuids_are_the_same_on_every_run_and_differ_between_cards() -> None:
    pool = plan(accelerator="h200", share="dra", size=2)
    devices = [d for each in resource_slices(pool, ["a", "b"]) for d in each["spec"]["devices"]]
    assert len({device["attributes"]["uuid"]["string"] for device in devices}) == 16
    assert resource_slices(pool, ["a", "b"]) == resource_slices(pool, ["a", "b"])


def test_a_pool_that_the_device_plugin_serves_publishes_nothing() -> None:
    assert resource_slices(plan(accelerator="h200"), ["node-0"]) == []
    assert resource_slices(plan(machine="m7i.large"), ["node-0"]) == []


@given(st.integers(0, 2**50), st.sampled_from(["Ki", "Mi", "Gi", "Ti"]))
def test_a_canonical_quantity_is_the_same_amount(number: int, unit: str) -> None:
    quantity = canonical(f"{number}{unit}")
    assert amount(quantity) == Decimal(number) * amount(f"1{unit}")
    assert canonical(quantity) == quantity
