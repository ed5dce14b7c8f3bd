"""Makes ready what one kind of work needs: the virtual environment, the programs, the charts."""

import os
import shutil
import subprocess
from pathlib import Path

from .build import Build, build_all, content_key, is_current
from .charts import is_mirrored, mirror_chart
from .go import find_go
from .layout import Layout
from .lock import exclusive
from .manifest import Binary, Family, load_manifest
from .python_env import ensure_venv


def install(layout: Layout, profile: str) -> None:
    """Bring everything that ``profile`` needs up to date; what is up to date already is left as it is."""
    with exclusive(layout.tools / "lock", wait="waiting for another set-up of this checkout (process {pid}) to end"):
        shutil.rmtree(layout.staging, ignore_errors=True)
        for folder in (layout.bin, layout.plugins, layout.stamps, layout.logs, layout.charts, layout.staging):
            folder.mkdir(parents=True, exist_ok=True)
        manifest = load_manifest(layout)
        wanted = manifest.profiles[profile]
        ensure_venv(layout, wanted.requirements)
        go = find_go(layout, manifest.go)
        builds = [
            Build(family, binary, content_key(family, binary, go.version))
            for family in manifest.families
            for binary in family.binaries
            if binary.name in wanted.binaries
        ]
        stale = [build for build in builds if not is_current(layout, build)]
        missing = [build for build in stale if not _is_on_path(layout, build.family, build.binary)]
        if missing:
            build_all(layout, missing, go)
        for chart in manifest.charts:
            if chart.name in wanted.charts and not is_mirrored(layout, chart):
                mirror_chart(layout, chart, go)


def serves(rule: str | None, told: str, version: str) -> bool:
    """Whether a program found on PATH may be used: ``told`` is what it says its version is."""
    return rule == "any" or (rule == "same" and told.strip().removeprefix("v") == version)


def _is_on_path(layout: Layout, family: Family, binary: Binary) -> bool:
    if binary.on_path is None:
        return False
    path = os.pathsep.join(entry for entry in os.get_exec_path() if Path(entry) != layout.bin)
    found = shutil.which(binary.name, path=path)
    if found is None or not all(Path(found).resolve().with_name(name).is_file() for name in binary.beside):
        return False
    asked = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    told = subprocess.run([found, "version"], env=asked, capture_output=True, text=True, check=False).stdout
    if not serves(binary.on_path, told, family.version):
        return False
    (layout.bin / binary.name).unlink(missing_ok=True)  # an older build of ours would hide it
    return True
