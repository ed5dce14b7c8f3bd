"""What `kubelanes doctor` finds out about a cluster."""

from ...settings.existing import DeclaredFacts
from ..api import Api
from ..kubeconfig import read_context
from .observation import observe
from .recognition import recognise


def probe(path: str, context: str | None = None) -> DeclaredFacts:
    """The facts of the cluster that a kubeconfig leads to, as one would declare them.

    path: the kubeconfig file; ``~`` is expanded.
    context: its context; the current one where it is None.
    Raises KubeconfigError where the file cannot be used, ApiError where the cluster does not answer.
    """
    with Api(read_context(path, context)) as api:
        return recognise(observe(api))
