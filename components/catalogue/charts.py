"""The charts that add-ons install, and where each is taken from: the chart mirror, else its repository."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from ..versions import minor
from .rows import Row, read

MIRROR_VARIABLE = "KUBELANES_CHARTS"
"""The environment variable that names the chart mirror."""


class ChartError(Exception):
    """A chart that cannot be installed; the text says why and what to do."""


class KubernetesRange(Row):
    """The minor versions of Kubernetes that a release supports, both ends included."""

    oldest: str
    """The oldest minor version: ``1.29``."""
    newest: str
    """The newest minor version: ``1.36``."""

    def __contains__(self, version: str) -> bool:
        return minor(self.oldest) <= minor(version) <= minor(self.newest)

    def __str__(self) -> str:
        return f"{self.oldest} to {self.newest}"


class ChartModule(Row):
    """The Go module that carries the same chart."""

    path: str
    """The module's path: ``sigs.k8s.io/kueue``."""
    chart: str
    """The chart's folder inside it: ``charts/kueue``."""


class Hooks(Row):
    """What a chart's Helm hooks mean for how it is installed."""

    needed: bool
    """Whether the chart does not work without them."""
    why: str
    """What they do."""


class ChartPin(Row):
    """One chart at one version."""

    name: str
    """The chart's name in its repository."""
    repository: str
    """Where it is published: ``oci://...`` or ``https://...``."""
    version: str
    """The chart's version, exact."""
    app_version: str
    """The version of what it installs."""
    sha256: str | None = None
    """The digest of its files, as `digest` computes it; None where nobody has read them: no mirror may hold it then."""
    kubernetes: KubernetesRange
    """The Kubernetes versions it supports."""
    module: ChartModule | None = None
    """Where a Go module carries the same chart."""
    hooks: Hooks
    """Whether it needs its Helm hooks."""
    source: str
    """Where the figures are from."""


@dataclass(frozen=True, slots=True)
class ChartSource:
    """Where Helm finds a chart, in the terms of Pulumi's chart resources.

    chart: a folder, an ``oci://`` reference, or a name in ``repository``.
    version: None where ``chart`` is a folder: it holds one version.
    repository: the repository's URL; None where ``chart`` says it all.
    """

    chart: str
    version: str | None = None
    repository: str | None = None


@cache
def charts() -> Mapping[str, ChartPin]:
    """Every chart pin by name. Source: charts.yaml."""
    return MappingProxyType({name: ChartPin(name=name, **row) for name, row in read("charts.yaml").items()})


def chart_mirror() -> Path:
    """The chart mirror: what ``KUBELANES_CHARTS`` names, else ``.tools/charts`` in the project."""
    return Path(os.environ.get(MIRROR_VARIABLE) or Path(".tools", "charts")).resolve()


def chart_for(name: str, kubernetes: str, mirror: Path, *, offline: bool = False) -> tuple[ChartPin, ChartSource]:
    """The pin of the chart called ``name`` and where the chart is, for a cluster of this minor version of Kubernetes.

    offline: the cluster has no repository to fall back to.
    Raises ChartError where the chart cannot be had, or does not support the cluster's Kubernetes.
    """
    pin = charts()[name]
    require_kubernetes(pin, kubernetes)
    return pin, chart_source(pin, mirror, offline=offline)


def chart_source(pin: ChartPin, mirror: Path, *, offline: bool = False) -> ChartSource:
    """The mirrored chart where ``mirror`` holds it, else the published one.

    offline: the cluster has no repository to fall back to.
    Raises ChartError for a mirrored chart that is not the pinned one, or whose digest is not pinned, and offline for a
    chart that is not mirrored.
    """
    folder = mirror / f"{pin.name}-{pin.version}"
    if not folder.is_dir():
        if offline:
            raise ChartError(
                f"chart {pin.name} {pin.version} is not in the chart mirror {mirror}, and this cluster takes charts "
                f"from nowhere else. Run `make up`, or set {MIRROR_VARIABLE} to a folder that holds {folder.name}."
            )
        return _published(pin)
    found = digest(folder)
    if pin.sha256 is None:
        raise ChartError(
            f"chart {pin.name} {pin.version} has no sha256 in charts.yaml, so that nothing tells {folder} from another "
            f"one. Nothing was installed from it. Read its files, and write sha256: {found} there."
        )
    if found != pin.sha256:
        raise ChartError(
            f"{folder} is not chart {pin.name} {pin.version}: its sha256 is {found}, charts.yaml says {pin.sha256}. "
            "Nothing was installed from it. Remove the folder and run `make up`."
        )
    return ChartSource(chart=str(folder))


def require_kubernetes(pin: ChartPin, version: str) -> None:
    """Raises ChartError where the chart does not support this minor version of Kubernetes."""
    if version not in pin.kubernetes:
        raise ChartError(
            f"chart {pin.name} {pin.version} supports Kubernetes {pin.kubernetes}; the cluster has {version}. Nothing "
            f"was installed. Choose a supported version, or raise the pin in charts.yaml to one that has {version}."
        )


def digest(folder: Path) -> str:
    """SHA-256 over the path and content of every file in ``folder``, in the order of their paths."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{content}  {path.relative_to(folder).as_posix()}\n".encode())
    return total.hexdigest()


def _published(pin: ChartPin) -> ChartSource:
    if pin.repository.startswith("oci://"):
        return ChartSource(chart=f"{pin.repository}/{pin.name}", version=pin.version)
    return ChartSource(chart=pin.name, version=pin.version, repository=pin.repository)
