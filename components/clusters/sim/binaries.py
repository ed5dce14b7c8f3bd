"""The programs that a sim runs, found on PATH."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from .failure import SimError

CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "kubectl", "kwokctl")
"""What every sim needs."""


def missing(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the programs that are not on PATH."""
    return tuple(name for name in names if shutil.which(name) is None)


def locate(names: Iterable[str]) -> Mapping[str, Path]:
    """The programs' absolute paths; raises SimError naming all that are missing."""
    names = tuple(names)
    if absent := missing(names):
        raise SimError(remedy(absent))
    return {name: Path(shutil.which(name) or name).resolve() for name in names}


def remedy(absent: Iterable[str]) -> str:
    """What to do about missing programs."""
    return f"not on PATH: {', '.join(absent)}. Run `make up`, which builds what a sim needs, or put them on PATH."


def kubernetes_version(kube_apiserver: Path, wanted: str) -> str:
    """The full version of the API server, such as ``1.36.3``; raises SimError unless its minor is ``wanted``."""
    shown = subprocess.run([kube_apiserver, "--version"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - a program that locate() found
    match = re.search(r"v((\d+\.\d+)\.\S+)", shown.stdout)
    if match is None or match[2] != wanted:
        found = match[1] if match else "of unknown version"
        raise SimError(
            f"{kube_apiserver}: this kube-apiserver is {found}, the sim wants {wanted}. Put {wanted} first on PATH."
        )
    return match[1]
