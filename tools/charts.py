"""The chart mirror: charts copied out of Go modules, each verified by a committed checksum."""

import asyncio
import hashlib
import shutil
from pathlib import Path

from .build import module_folder
from .failure import SetupError
from .go import Go
from .layout import Layout
from .manifest import Chart


def is_mirrored(layout: Layout, chart: Chart) -> bool:
    """Whether the mirror holds the chart, unaltered."""
    return folder_sha256(layout.charts / chart.folder) == chart.sha256


def mirror_chart(layout: Layout, chart: Chart, go: Go) -> None:
    """Copy a chart into the mirror.

    Raises SetupError where its content is not what ``tools.toml`` says.
    """
    source = asyncio.run(module_folder(chart.family, go)) / chart.path
    found = folder_sha256(source)
    if found != chart.sha256:
        raise SetupError(
            f"chart {chart.folder}: its files have the checksum {found}, tools/tools.toml says {chart.sha256}. "
            "After a change of version, read what changed in the chart and write the new checksum there."
        )
    staged, place = layout.staging / chart.folder, layout.charts / chart.folder
    shutil.copytree(source, staged, copy_function=shutil.copyfile)
    for folder in (staged, *(path for path in staged.rglob("*") if path.is_dir())):
        folder.chmod(0o755)  # folders of the module cache are read-only
    shutil.rmtree(place, ignore_errors=True)
    staged.rename(place)
    print(f"mirrored chart {chart.folder}")


def folder_sha256(folder: Path) -> str:
    """One digest over the sorted paths and contents of all files below ``folder``."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{content}  {path.relative_to(folder).as_posix()}\n".encode())
    return digest.hexdigest()
