"""Where the GPUs of a kind cluster come from: this machine's, or simulated ones. Decided by looking at this machine."""

import shutil
from pathlib import Path
from typing import Literal

from ...settings.kind import KindCluster as KindSettings

Source = Literal["nvkind", "simulated"]
"""``nvkind`` hands this machine's GPUs to the nodes; ``simulated`` ones are published by the DRA example driver."""

_DRIVER = Path("/proc/driver/nvidia/gpus")
"""One folder for each GPU that the NVIDIA driver of this machine runs. Upstream: NVIDIA driver README, "/proc"."""


def gpu_source(settings: KindSettings) -> Source:
    """What the settings say; where they leave it open, nvkind if it is on PATH and there is a GPU for it."""
    if settings.gpus != "auto":
        return settings.gpus
    return "nvkind" if shutil.which("nvkind") and visible_gpus() else "simulated"


def visible_gpus(driver: Path = _DRIVER) -> int:
    """How many GPUs the NVIDIA driver of this machine runs; none where there is no driver."""
    return len(list(driver.iterdir())) if driver.is_dir() else 0
