"""The cluster's Kubernetes is one that what is installed in it supports."""

from collections.abc import Iterator

from ...catalogue.charts import charts
from ...catalogue.kind_images import kind_images
from ...problems import Problem
from ..draft import Draft
from ..existing import ExistingCluster
from ..gke import GkeCluster
from ..kind import KindCluster
from ..wording import Path, problem

_EVERYWHERE = "kueue"
"""The chart that every cluster gets."""


def check_charts(draft: Draft) -> Iterator[Problem]:
    """The queueing that every cluster gets supports its version. EKS offers none that it does not, as a test says."""
    path, version = _version(draft)
    pin = charts()[_EVERYWHERE]
    if version and version not in pin.kubernetes:
        text = f"is not supported by {pin.name} {pin.version}, which every cluster gets. The newest that is, is"
        yield problem(path, version, f"{text} {pin.kubernetes.newest}: write that, or an older one.")


def _version(draft: Draft) -> tuple[Path, str | None]:
    """Where the version stands, and which it is; None where another rule has refused it, or it is not known."""
    match draft.cluster:
        case GkeCluster() as cluster:
            return ("cluster", "version"), cluster.version
        case KindCluster() as cluster:
            return ("cluster", "version"), cluster.version if cluster.version in kind_images() else None
        case ExistingCluster() as cluster:
            return ("cluster", "facts", "kubernetes"), cluster.facts.kubernetes
        case _:
            return (), None


RULES = (check_charts,)
