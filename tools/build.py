"""Builds programs from their pinned Go modules, several families at once, and never leaves one half-written."""

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .failure import SetupError
from .go import Go
from .layout import Layout
from .manifest import Binary, Family
from .progress import Board, Display

TAIL_LINES = 15
ROOMY_BYTES = 7 << 30  # two large links at once need about this much
STOP_S = 5


@dataclass(frozen=True, slots=True)
class Build:
    """One program to build; ``key`` names everything that its content depends on."""

    family: Family
    binary: Binary
    key: str


def content_key(family: Family, binary: Binary, go_version: str) -> str:
    """A digest of the module graph, the main package, the flags and the Go version."""
    digest = hashlib.sha256()
    for source in sorted(path for path in family.folder.iterdir() if path.is_file()):
        digest.update(f"{source.name}\0{hashlib.sha256(source.read_bytes()).hexdigest()}\n".encode())
    parts = (
        binary.name,
        binary.package,
        binary.plugin or "",
        *family.ldflags,
        *family.embed,
        *family.scripts,
        go_version,
    )
    digest.update("\0".join(parts).encode())
    return digest.hexdigest()


def is_current(layout: Layout, build: Build) -> bool:
    """Whether the program lies there, built from exactly this."""
    stamp = layout.stamps / build.binary.name
    outputs = (layout.bin / name for name in build.family.outputs(build.binary))
    return stamp.is_file() and stamp.read_text() == build.key and all(path.is_file() for path in outputs)


def build_all(layout: Layout, builds: Sequence[Build], go: Go) -> None:
    """Build everything in ``builds``; the families side by side where memory allows, the programs of one in turn.

    Raises SetupError with the end of the log of each build that failed; those under way are stopped.
    """
    try:
        asyncio.run(_build_all(layout, builds, go))
    except* SetupError as failures:
        raise SetupError("\n".join(str(failure) for failure in failures.exceptions)) from None


def families_at_once(memory_bytes: int) -> int:
    """How many families are built side by side."""
    return 2 if memory_bytes >= ROOMY_BYTES else 1


async def module_folder(family: Family, go: Go) -> Path:
    """Where the family's module lies in the module cache: downloaded if need be, verified by ``go.sum``."""
    process = await asyncio.create_subprocess_exec(
        go.path, "mod", "download", "-json", family.module,
        cwd=family.folder, env=go.environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    told = json.loads(out or b"{}")
    if process.returncode or "Dir" not in told:
        reason = told.get("Error") or err.decode(errors="replace").strip()
        raise SetupError(f"{family.module} could not be downloaded: {reason}. Check the network and GOPROXY.")
    return Path(told["Dir"])


async def _build_all(layout: Layout, builds: Sequence[Build], go: Go) -> None:
    board = Board(len(builds))
    display = Display(board)
    slots = asyncio.Semaphore(families_at_once(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")))

    async def build_family(family: Family) -> None:
        async with slots:
            for build in (build for build in builds if build.family is family):
                display.start(build.binary.name)
                await _build(layout, build, go)
                display.finish(build.binary.name)

    async with display.shown(), asyncio.TaskGroup() as group:
        for family in dict.fromkeys(build.family for build in builds):
            group.create_task(build_family(family))
    print(f"all programs are built: {board.summary()}")


async def _build(layout: Layout, build: Build, go: Go) -> None:
    """Build into the staging folder, then move each file to its place, which is atomic, and the stamp last."""
    family, binary = build.family, build.binary
    staged = layout.staging / binary.name
    source = layout.staging / f"{binary.name}-source" if family.embed else family.folder
    if family.embed:
        shutil.copytree(family.folder, source)
        _copy(await module_folder(family, go), family.embed, source, mode=0o644)
    staged.mkdir()
    ldflags = " ".join(family.ldflags)
    command = [str(go.path), "build", "-ldflags", ldflags, "-o", str(staged / binary.name), binary.package]
    await _run_logged(command, source, go, layout.logs / f"{binary.name}.log", binary.name)
    if family.scripts:
        _copy(await module_folder(family, go), family.scripts, staged, mode=0o755)
    (layout.stamps / binary.name).unlink(missing_ok=True)
    for output in family.outputs(binary):
        (staged / output).replace(layout.bin / output)
    if binary.plugin:
        _link_plugin(layout, binary.name, f"{binary.plugin}-v{family.version}")
    (layout.stamps / binary.name).write_text(build.key)


def _link_plugin(layout: Layout, name: str, folder: str) -> None:
    """Let Pulumi find a plugin as an installed one: about one that it finds on PATH it warns in every run."""
    link = layout.plugins / folder / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(layout.bin / name, link.parent))


def _copy(module: Path, files: Sequence[str], target: Path, *, mode: int) -> None:
    for file in files:
        copy = target / Path(file).name
        shutil.copyfile(module / file, copy)
        copy.chmod(mode)  # files of the module cache are read-only


async def _run_logged(command: Sequence[str], folder: Path, go: Go, log: Path, name: str) -> None:
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=go.environment(), stdout=output, stderr=output,
            stdin=asyncio.subprocess.DEVNULL, process_group=0,
        )  # fmt: skip
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            await _stop(process)
            raise
    if code:
        tail = "\n".join(f"  {line}" for line in log.read_text(errors="replace").splitlines()[-TAIL_LINES:])
        raise SetupError(f"{name} could not be built; the whole log is {log}. Its end:\n{tail}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    """End a build with all the compilers it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
