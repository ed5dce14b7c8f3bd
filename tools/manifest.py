"""What is built: ``tools.toml``, joined with the versions that ``go.mod`` and ``pyproject.toml`` give."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .failure import SetupError
from .layout import Layout

MODULE = re.compile(
    r"^\s*(?:require\s+)?(?P<path>\S+\.\S+)\s+v(?P<version>\d+\.\d+\.\d+\S*)(?:\s+//.*)?$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Binary:
    """One program.

    package: its Go package; ``.`` is the family's own.
    on_path: which version found on PATH serves as well, ``any`` or the ``same``; by default none.
    beside: the programs that must lie beside one found on PATH.
    plugin: its kind and name where it is a Pulumi plugin (``resource-kubernetes``).
    """

    name: str
    package: str
    on_path: str | None = None
    beside: tuple[str, ...] = ()
    plugin: str | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """Programs built from one Go module graph, ``go/<name>/go.mod``.

    module: the module whose version the programs carry; ``version`` is without the leading v.
    ldflags: linker flags, with the version filled in.
    embed: files of ``module`` that the family's own main package embeds.
    scripts: files of ``module`` that are installed beside the programs.
    """

    name: str
    folder: Path
    module: str
    version: str
    ldflags: tuple[str, ...]
    embed: tuple[str, ...]
    scripts: tuple[str, ...]
    binaries: tuple[Binary, ...]

    def outputs(self, binary: Binary) -> tuple[str, ...]:
        """The names of the files that building ``binary`` leaves in the folder of programs."""
        return (binary.name, *(Path(script).name for script in self.scripts))


@dataclass(frozen=True, slots=True)
class Chart:
    """A Helm chart that lies inside a family's module."""

    name: str
    family: Family
    path: str
    sha256: str

    @property
    def folder(self) -> str:
        """The chart's folder in the mirror."""
        return f"{self.name}-{self.family.version}"


@dataclass(frozen=True, slots=True)
class Profile:
    """What one kind of work needs."""

    binaries: frozenset[str] = frozenset()
    charts: frozenset[str] = frozenset()
    requirements: frozenset[str] = frozenset()
    """Files of Python packages beside those that every kind of work needs."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that can be built; ``go`` is the oldest Go that builds it."""

    go: tuple[int, ...]
    families: tuple[Family, ...]
    charts: tuple[Chart, ...]
    profiles: dict[str, Profile]


def load_manifest(layout: Layout) -> Manifest:
    """Read ``tools.toml`` and the versions it leaves to others.

    Raises SetupError where a version is missing, with the file that should hold it.
    """
    raw = tomllib.loads(layout.manifest.read_text())
    families = {name: _family(layout, name, entry) for name, entry in raw["families"].items()}
    charts = tuple(
        Chart(name, families[entry["family"]], entry["path"], entry["sha256"]) for name, entry in raw["charts"].items()
    )
    return Manifest(
        go=tuple(map(int, raw["go"].split("."))),
        families=tuple(families.values()),
        charts=charts,
        profiles={name: _profile(raw["profiles"], name) for name in raw["profiles"]},
    )


def module_version(go_mod: str, module: str) -> str | None:
    """The version, without its v, at which a go.mod requires ``module``."""
    return next((found["version"] for found in MODULE.finditer(go_mod) if found["path"] == module), None)


def pinned_version(pyproject: dict[str, Any], package: str) -> str | None:
    """The version at which ``pyproject.toml`` pins a Python package with ``==``."""
    dependencies: list[str] = pyproject["project"]["dependencies"]
    return next((line.removeprefix(f"{package}==") for line in dependencies if line.startswith(f"{package}==")), None)


def fill_in(template: str, version: str) -> str:
    """Put a version into a linker flag: ``{version}``, ``{major}``, ``{minor}``."""
    major, minor, *_ = version.split(".")
    return template.format(version=version, major=major, minor=minor)


def _family(layout: Layout, name: str, entry: dict[str, Any]) -> Family:
    folder = layout.families / name
    version = _version(layout, folder, entry)
    return Family(
        name=name,
        folder=folder,
        module=entry["module"],
        version=version,
        ldflags=("-s", "-w", *(fill_in(flag, version) for flag in entry.get("ldflags", ()))),
        embed=tuple(entry.get("embed", ())),
        scripts=tuple(entry.get("scripts", ())),
        binaries=tuple(_binary(binary, fields) for binary, fields in entry.get("binaries", {}).items()),
    )


def _binary(name: str, entry: dict[str, Any]) -> Binary:
    return Binary(name, entry["package"], entry.get("on_path"), tuple(entry.get("beside", ())), entry.get("plugin"))


def _version(layout: Layout, folder: Path, entry: dict[str, Any]) -> str:
    if "released_as" in entry:
        holder = layout.pyproject
        version = pinned_version(tomllib.loads(holder.read_text()), entry["released_as"])
    else:
        holder = folder / "go.mod"
        version = module_version(holder.read_text() if holder.is_file() else "", entry["module"])
    if version is None:
        wanted = entry.get("released_as", entry["module"])
        raise SetupError(f"{holder.relative_to(layout.root)} gives no version of {wanted}; restore it from git.")
    return version


def _profile(profiles: dict[str, Any], name: str) -> Profile:
    entry = profiles[name]
    bases = [_profile(profiles, base) for base in entry.get("extends", ())]
    own = {part: frozenset(entry.get(part, ())) for part in ("binaries", "charts", "requirements")}
    return Profile(**{part: have.union(*(getattr(base, part) for base in bases)) for part, have in own.items()})
