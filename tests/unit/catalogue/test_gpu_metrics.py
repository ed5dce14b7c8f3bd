"""What the DCGM exporter is told to report: fields that DCGM has, in a file that the exporter reads."""

import re
from pathlib import Path

import pytest

from components.catalogue.gpu_metrics import collectors, gpu_metrics

UPSTREAM = Path(__file__).parents[4] / "shared" / "charts" / "dcgm-exporter" / "values.yaml"


@pytest.mark.skipif(not UPSTREAM.is_file(), reason=f"{UPSTREAM} is not there: upstream's list is not ours")
def test_every_field_is_one_that_the_exporter_lists_with_its_type() -> None:
    listed = dict(re.findall(r"(DCGM_FI_\w+)\s*,\s*(gauge|counter)", UPSTREAM.read_text(encoding="utf-8")))
    assert len(listed) > 40
    assert {name: metric.type for name, metric in gpu_metrics().items()}.items() <= listed.items()


def test_what_is_read_through_the_profiling_counters_is_not_in_the_standard_set() -> None:
    profiling = {name for name, metric in gpu_metrics().items() if metric.set == "profiling"}
    assert profiling == {name for name in gpu_metrics() if name.startswith("DCGM_FI_PROF_")}
    assert not any(name in collectors("standard") for name in profiling)
    assert collectors("profiling").startswith(collectors("standard"))


@pytest.mark.parametrize("chosen", ["standard", "profiling"])
def test_each_line_has_the_three_columns_that_the_exporter_reads(chosen: str) -> None:
    lines = collectors("standard" if chosen == "standard" else "profiling").splitlines()
    assert all(len(line.split(",")) == 3 for line in lines)
    assert len({line.partition(",")[0] for line in lines}) == len(lines)


def test_what_tells_of_a_broken_card_is_always_reported() -> None:
    standard = collectors("standard")
    for field in ("XID_ERRORS", "ROW_REMAP_FAILURE", "ECC_DBE_VOL_TOTAL", "GPU_TEMP", "POWER_USAGE", "FB_USED"):
        assert f"DCGM_FI_DEV_{field}," in standard
