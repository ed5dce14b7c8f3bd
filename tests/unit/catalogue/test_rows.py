"""The catalogue's rows agree with each other, and say where they are from."""

import re
from math import prod
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
ELSEWHERE = {
    *("a10", "l20", "a30", "a100-pcie-40gb", "a100-pcie-80gb", "h100-pcie", "h100-nvl", "h20", "gh200", "gb300"),
    *("mi300x", "mi325x"),
}
"""What no machine of EC2 or Compute Engine that the catalogue knows carries."""
each_accelerator = pytest.mark.parametrize("accelerator", accelerators().values(), ids=accelerators())
each_machine = pytest.mark.parametrize("machine", machines().values(), ids=machines())


def test_the_accelerators_that_the_platform_promises_are_there() -> None:
    promised = "t4 l4 a10g l40s a100-40gb a100-80gb h100-80gb h200 b200 gb200"
    assert set(promised.split()) <= set(accelerators())


def test_all_accelerators_can_be_had_on_a_cloud_but_those_of_existing_clusters() -> None:
    carried = {machine.accelerator for machine in machines().values()}
    assert set(accelerators()) - carried == ELSEWHERE


@each_accelerator
def test_an_accelerator_makes_valid_labels(accelerator: Accelerator) -> None:
    for value in (accelerator.name, accelerator.product, accelerator.family):
        assert re.fullmatch(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", value)


@each_accelerator
def test_what_nvidia_makes_speaks_cuda_and_nothing_else_does(accelerator: Accelerator) -> None:
    written = r"[0-9]+\.[0-9]" if accelerator.is_nvidia else ""
    assert re.fullmatch(written, accelerator.compute_capability)
    assert accelerator.is_nvidia or not accelerator.mig_capable


@each_accelerator
def test_cores_are_counted_where_the_vendors_nodes_advertise_them(accelerator: Accelerator) -> None:
    assert (accelerator.cores > 0) is bool(accelerator.vendor.core_resource)


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


@each_machine
def test_a_machine_has_a_topology_exactly_where_it_carries_tpus(machine: Machine) -> None:
    has_tpus = machine.accelerator is not None and accelerators()[machine.accelerator].vendor.name == "google"
    assert (machine.topology is not None) is has_tpus
    assert machine.topology is None or machine.makes_up(machine.topology) == 1
    assert all(machine.makes_up(topology) * machine.count == chips(topology) for topology in machine.slices)


def chips(topology: str) -> int:
    return prod(int(edge) for edge in topology.split("x"))


@pytest.mark.parametrize("topology", ["2x2x1", "2x2x2", "2x4x4", "4x4x4", "4x4x12", "8x8x8", "16x16x24"])
def test_a_slice_is_one_that_the_machines_make(topology: str) -> None:
    assert machines()["ct5p-hightpu-4t"].makes(topology)


@pytest.mark.parametrize(
    "topology", ["1x1", "4x4", "2x2x3", "4x2x2", "8x4x4", "4x4x6", "16x24x24", "4x4x4x4", "0x4x4", "x"]
)
def test_no_other_arrangement_is_a_slice(topology: str) -> None:
    assert not machines()["ct5p-hightpu-4t"].makes(topology)


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
