"""The catalogue's rows agree with each other, and say where they are from."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from components.catalogue.accelerators import Accelerator, accelerators
from components.catalogue.machines import Cloud, Machine, Network, machine_for, machines


class Case(BaseModel, extra="forbid"):
    accelerator: str
    per_node: int | None
    cloud: Cloud
    network: Network = "default"
    found: str | None = None


CASES = TypeAdapter(list[Case]).validate_python(
    yaml.safe_load((Path(__file__).parent / "cases/machines.yaml").read_text(encoding="utf-8"))
)
each_accelerator = pytest.mark.parametrize("accelerator", accelerators().values(), ids=accelerators())
each_machine = pytest.mark.parametrize("machine", machines().values(), ids=machines())


def test_the_accelerators_that_the_platform_promises_are_there() -> None:
    promised = "t4 l4 a10g l40s a100-40gb a100-80gb h100-80gb h200 b200 gb200"
    assert set(promised.split()) <= set(accelerators())


@each_accelerator
def test_an_accelerator_can_be_had_on_a_cloud(accelerator: Accelerator) -> None:
    assert any(machine.accelerator == accelerator.name for machine in machines().values())


@each_accelerator
def test_an_accelerator_makes_valid_labels(accelerator: Accelerator) -> None:
    for value in (accelerator.name, accelerator.product, accelerator.family):
        assert re.fullmatch(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", value)
    assert re.fullmatch(r"[0-9]+\.[0-9]", accelerator.compute_capability)


@each_accelerator
def test_a_partition_has_less_memory_than_its_card(accelerator: Accelerator) -> None:
    for profile in accelerator.mig.profiles.values() if accelerator.mig else ():
        assert profile.memory < accelerator.memory
        assert profile.memory * profile.instances <= accelerator.memory


@each_accelerator
def test_only_a_capable_card_has_partitions(accelerator: Accelerator) -> None:
    assert accelerator.mig_capable or accelerator.mig is None


@each_accelerator
def test_an_accelerator_says_where_its_figures_are_from(accelerator: Accelerator) -> None:
    assert accelerator.source
    assert accelerator.mig is None or accelerator.mig.source


@each_machine
def test_a_machine_says_where_its_figures_are_from(machine: Machine) -> None:
    assert machine.source


@each_machine
def test_a_machine_carries_an_accelerator_of_the_catalogue_or_none(machine: Machine) -> None:
    assert machine.accelerator is None or machine.accelerator in accelerators()
    assert (machine.count > 0) is (machine.accelerator is not None)
    assert (machine.gke_accelerator is not None) is (machine.cloud == "gcp" and machine.accelerator is not None)


@each_machine
def test_a_machine_has_interfaces_exactly_where_it_has_a_fast_network(machine: Machine) -> None:
    assert (machine.interfaces > 0) is (machine.network != "default")
    assert machine.network == "default" or (machine.network == "efa") is (machine.cloud == "aws")


@each_machine
def test_a_machine_can_be_a_node(machine: Machine) -> None:
    assert machine.vcpu >= 2
    assert machine.memory >= machine.vcpu
    assert machine.local_nvme >= 0


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.cloud}-{case.accelerator}-{case.per_node}-{case.network}"
)
def test_the_machine_for_an_accelerator_is_the_smallest_that_carries_it(case: Case) -> None:
    machine = machine_for(case.accelerator, case.per_node, case.cloud, case.network)
    assert (machine and machine.name) == case.found


def test_labels_are_spelled_as_gpu_feature_discovery_spells_them() -> None:
    assert accelerators()["h100-80gb"].product == "NVIDIA-H100-80GB-HBM3"
    assert accelerators()["t4"].product == "Tesla-T4"
    assert accelerators()["l40s"].family == "ada-lovelace"


def test_memory_is_what_the_driver_reports_in_mib() -> None:
    assert accelerators()["h100-80gb"].memory == 81559
    assert machines()["p5.48xlarge"].memory == 2048
    assert machines()["g5.xlarge"].local_nvme == 232


def test_a_row_is_frozen_and_refuses_what_it_does_not_know() -> None:
    row = accelerators()["t4"]
    with pytest.raises(ValidationError, match="frozen"):
        row.memory = 1  # pyright: ignore[reportAttributeAccessIssue] - the refusal is what is tested
    with pytest.raises(ValidationError, match="Extra inputs"):
        Accelerator.model_validate({**row.model_dump(), "colour": "green"})


def test_the_files_are_read_once() -> None:
    assert accelerators() is accelerators()
    assert machines() is machines()
