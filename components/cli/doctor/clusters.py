"""What a kind of cluster asks of the machine it is on."""

from collections.abc import Iterator

from ...clusters.api import Api, ApiError
from ...clusters.existing.observation import observe
from ...clusters.existing.recognition import differences, recognise
from ...clusters.kind import executable
from ...clusters.kubeconfig import KubeconfigError, read_context
from ...clusters.sim.binaries import CONTROL_PLANE
from ...settings.existing import ExistingCluster
from .finding import Finding, good, mend
from .machine import ThisMachine


def sim(machine: ThisMachine) -> Iterator[Finding]:
    """The programs of a control plane."""
    if absent := [name for name in CONTROL_PLANE if not machine.has(name)]:
        yield mend(
            f"not on PATH: {', '.join(absent)}",
            "The simulated cluster cannot start.",
            '`make up` builds them, and `eval "$(python3 -m tools env)"` puts them on PATH.',
        )
    else:
        yield good(f"the programs of a control plane: {', '.join(CONTROL_PLANE)}")


def kind(machine: ThisMachine) -> Iterator[Finding]:
    """Whether kind reaches a container engine; that it is there at all is looked at with the other programs."""
    if machine.has("kind") and (problem := executable.missing(nvkind=False)):
        yield mend(problem, "The cluster cannot be made.", "")


def existing(cluster: ExistingCluster, *, online: bool) -> Iterator[Finding]:
    """The kubeconfig; where the cluster may be asked, its facts too, and which of the declared ones are not so."""
    try:
        document = read_context(cluster.kubeconfig, cluster.context)
    except KubeconfigError as error:
        unreachable = "The cluster cannot be reached."
        yield mend(f"cluster.{error.key}: {error.value} {error.text}", unreachable, "Correct it in the stack file.")
        return
    yield good(f"kubeconfig {cluster.kubeconfig}, context {document['current-context']}")
    if not online:
        return
    try:
        with Api(document) as api:
            seen = observe(api)
    except ApiError as error:
        yield mend(
            f"the cluster does not answer: {error}", "Nothing can be brought up in it.", "Look at its API server."
        )
        return
    found = recognise(seen).model_dump(exclude_none=True)
    yield good(f"found there: {{ {', '.join(f'{name}: {value}' for name, value in found.items())} }}")
    for problem in differences(cluster.facts, seen):
        what = f"{problem.path} {problem.value}".strip()
        yield mend(f"{what} {problem.text}", "The stack is refused when it is brought up.", f"Correct {problem.path}.")
