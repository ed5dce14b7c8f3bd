"""What a machine must have, checked before anything starts. Runs on Python 3.7 too, so that an old one is told so."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

OLDEST_PYTHON = (3, 11)
DISK_BYTES = 12 << 30  # the module cache (about 4 GiB), the build cache and the programs
MEMORY_BYTES = 4 << 30  # what linking the largest program takes, with the compilers beside it


@dataclass(frozen=True)
class Machine:
    """What set-up needs to know of a machine; ``disk`` is what is free for the checkout or for the caches, if less."""

    system: str
    python: tuple[int, int]
    modules: frozenset[str]
    disk: int
    memory: int


def missing(machine: Machine, fresh: bool) -> list[str]:
    """What the machine lacks, a line each, with what to do; ``fresh`` when the programs are still to be built."""
    version = "{}.{}".format(*machine.python)
    checks = [
        (
            machine.system == "Linux",
            f"kubelanes runs on Linux; this is {machine.system}. Use a Linux machine, a virtual machine or WSL 2.",
        ),
        (
            machine.python >= OLDEST_PYTHON,
            f"Python 3.11 or newer is needed; this is {version}. Install one and name it: make PYTHON=python3.11 up",
        ),
        (
            {"venv", "ensurepip"} <= machine.modules,
            f"Python's venv module is missing. On Debian or Ubuntu: sudo apt-get install python{version}-venv",
        ),
        (
            not fresh or machine.disk >= DISK_BYTES,
            f"12 GiB of free disk are needed to build the tools; there are {machine.disk / 2**30:.1f} GiB. Free some.",
        ),
        (
            not fresh or machine.memory >= MEMORY_BYTES,
            f"4 GiB of memory are needed to build the tools; there are {machine.memory / 2**30:.1f} GiB.",
        ),
    ]
    return [text for holds, text in checks if not holds]


def this_machine(root: Path) -> Machine:
    """The machine this runs on."""
    return Machine(
        system=platform.system(),
        python=sys.version_info[:2],
        modules=frozenset(name for name in ("venv", "ensurepip") if importlib.util.find_spec(name)),
        disk=min(shutil.disk_usage(str(folder)).free for folder in (root, Path.home()) if folder.exists()),
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
    )
