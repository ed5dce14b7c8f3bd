"""The metrics that the DCGM exporter may be told to report."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import TypeAdapter

from .rows import NAMED, Row, read


class GpuMetric(Row):
    """One field of DCGM."""

    name: str
    """DCGM's name: ``DCGM_FI_DEV_GPU_UTIL``."""
    type: Literal["gauge", "counter"]
    """Its type in Prometheus."""
    set: Literal["standard", "profiling"]
    """Whether it is read through the profiling counters, which only one reader has at a time."""
    help: str
    """What it says; without a comma, which ends a column of the exporter's file."""


_ROWS = TypeAdapter(Annotated[dict[str, GpuMetric], NAMED])


@cache
def gpu_metrics() -> Mapping[str, GpuMetric]:
    """Every metric by name. Source: gpu_metrics.yaml."""
    return MappingProxyType(_ROWS.validate_python(read("gpu_metrics.yaml")))


def collectors(chosen: Literal["standard", "profiling"]) -> str:
    """The exporter's file of fields for a set: CSV, one line each; ``profiling`` holds the standard ones as well.

    Source: NVIDIA/dcgm-exporter, README ("Changing Metrics").
    """
    sets = ("standard",) if chosen == "standard" else ("standard", "profiling")
    wanted = (metric for metric in gpu_metrics().values() if metric.set in sets)
    return "".join(f"{metric.name}, {metric.type}, {metric.help}\n" for metric in wanted)
