"""The accelerators agree with what their vendors publish of them: each file in vendor_tables/ restates it for one.

A file is named like its row and written from the vendor's table, never from the row.
"""

import re
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from components.catalogue.accelerators import Accelerator, accelerators

Figures = tuple[Fraction, Fraction, int, int, int, int, int]


class Published(BaseModel):
    """One accelerator, as its vendor describes it.

    memory: in GB, by which some vendors mean GiB.
    partitions: of each profile the fractions of memory and SM, copy engines, NVDEC, JPEG, OFA, and how many there are.
    partitions_unpublished: what is not known of them; then the row has none.
    """

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    source: str
    memory: int
    architecture: str
    compute_capability: str = ""
    nvlink: bool = False
    multiprocessors: int | None = None
    cores: int = 0
    most_partitions: int | None = None
    partitions: dict[str, Figures] = {}
    partitions_unpublished: str | None = None


FILES = sorted((Path(__file__).parent / "vendor_tables").glob("*.yaml"))
TABLES = {file.stem: Published.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in FILES}
DIVISIBLE = {name: table for name, table in TABLES.items() if table.partitions}
each_row = pytest.mark.parametrize("row", accelerators().values(), ids=accelerators())
each_divisible = pytest.mark.parametrize("name", DIVISIBLE)


def test_every_row_has_its_table_and_every_table_its_row() -> None:
    assert set(TABLES) == set(accelerators())


@each_row
def test_a_row_says_what_its_vendor_publishes(row: Accelerator) -> None:
    table = TABLES[row.name]
    assert table.source
    assert (row.architecture, row.compute_capability, row.nvlink, row.cores) == (
        table.architecture,
        table.compute_capability,
        table.nvlink,
        table.cores,
    )


@each_row
def test_a_row_has_the_memory_that_is_sold_less_what_the_driver_keeps(row: Accelerator) -> None:
    sold = TABLES[row.name].memory
    least, most = sold * 10**9 * Fraction(97, 100) / 2**20, sold * 1024
    assert least <= row.memory <= most


@each_row
def test_a_row_has_partitions_exactly_where_their_figures_are_published(row: Accelerator) -> None:
    table = TABLES[row.name]
    assert row.mig_capable is (table.most_partitions is not None)
    assert (row.mig is not None) is bool(table.partitions)
    assert row.mig_capable is bool(table.partitions or table.partitions_unpublished)


@each_divisible
def test_partitions_have_the_engines_and_numbers_of_the_vendors_table(name: str) -> None:
    geometry = accelerators()[name].mig
    assert geometry
    figures = {
        profile.name: (
            Fraction(profile.size, geometry.memory_slices),
            Fraction(profile.compute, geometry.compute_slices),
            profile.copy_engines,
            profile.decoders,
            profile.jpeg_engines,
            profile.ofa_engines,
            profile.instances,
        )
        for profile in geometry.profiles.values()
    }
    assert figures == DIVISIBLE[name].partitions
    assert max(profile.instances for profile in geometry.profiles.values()) == DIVISIBLE[name].most_partitions


@each_divisible
def test_a_partition_has_about_the_memory_that_its_name_says(name: str) -> None:
    geometry = accelerators()[name].mig
    assert geometry
    for profile in geometry.profiles.values():
        named = re.search(r"\.(\d+)gb", profile.name)
        assert named
        assert 0.85 * int(named[1]) <= profile.memory / 1024 <= int(named[1])


@each_divisible
def test_the_largest_partition_has_nearly_all_multiprocessors_and_no_smaller_one_more_than_its_part(name: str) -> None:
    geometry, whole = accelerators()[name].mig, DIVISIBLE[name].multiprocessors
    assert geometry
    assert whole
    largest = max(profile.multiprocessors for profile in geometry.profiles.values())
    assert 0.9 * whole <= largest <= whole
    for profile in geometry.profiles.values():
        assert profile.multiprocessors * profile.instances <= whole
