"""Settings of ``kubelanes:gpu`` that a cluster has no use for: said in every preview, never silent."""

from collections.abc import Collection, Iterator

from ...clusters.facts import ClusterFacts
from ...settings.settings import Settings
from .dcgm_exporter import NAME as EXPORTER
from .operator.plan import NAME as OPERATOR

_EXPORTERS = frozenset({OPERATOR, EXPORTER})
"""The add-ons that bring the DCGM exporter."""
_DRIVERS = {
    "image": "the driver comes with the node image",
    "cloud": "the cloud installs the driver that its nodes' version knows",
    "installer": "Google's installer brings the driver of the node's version",
}
"""By who installs it, where that is not the GPU Operator: why the driver's version is not ours to choose."""


def without_effect(settings: Settings, facts: ClusterFacts, installed: Collection[str]) -> Iterator[tuple[str, str]]:
    """What the stack file says and nothing here heeds, by its path, with the reason.

    installed: the names of the add-ons of the GPU stack.
    """
    said = settings.gpu.model_fields_set
    if "driver" in said and facts.gpu_driver in _DRIVERS:
        yield "gpu.driver", _DRIVERS[facts.gpu_driver]
    if "metrics" in said and settings.gpu.metrics != "none" and not _EXPORTERS.intersection(installed):
        yield "gpu.metrics", "no exporter of ours is installed: whoever serves the GPUs also measures them, or nobody"
