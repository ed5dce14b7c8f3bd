"""The GPUs of a cluster that is up: who advertises them, and whether all of them are there."""

from collections.abc import Iterator, Mapping, Sequence

from ...addons.gpus.advertising.live import Kind, expected, look
from ...clusters.api import Api, ApiError
from ...clusters.kubeconfig import KubeconfigError, read_context
from ...pools.plan import PoolPlan
from .finding import Finding, good, mend, note

_FOLLOWS: Mapping[Kind, tuple[str, str]] = {
    "two": (
        "Each of them hands out every card: two pods get the same one.",
        "Remove the one that the pool does not name: docs/gpus.md.",
    ),
    "lost": (
        "Pods that need all of the node's GPUs wait for ever, and whoever runs on the missing ones has failed.",
        "Look at the node: docs/runbooks/gpu-fell-off-the-bus.md.",
    ),
    "silent": (
        "Pods that ask for them wait. Right after a node has come up this is normal for some minutes.",
        "Look at the pods of the GPU stack on that node: docs/runbooks/gpu-fell-off-the-bus.md.",
    ),
}


def gpus(kubeconfig: str, context: str | None, pools: Sequence[PoolPlan]) -> Iterator[Finding]:
    """Each pool with NVIDIA's cards, and each node of it that is not as it should be."""
    wanted = expected(pools)
    if not wanted:
        return
    try:
        with Api(read_context(kubeconfig, context)) as api:
            nodes, seen = look(api, wanted)
    except (KubeconfigError, ApiError) as error:
        yield note(f"the cluster's GPUs were not looked at: {error}", "Who advertises them is not known.")
        return
    troubled = {each.pool for each in seen}
    for each in wanted:
        if each.pool not in troubled:
            yield good(f"pools.{each.pool}: {_count(nodes[each.pool])}, each GPU advertised by one")
    for sight in seen:
        consequence, remedy = _FOLLOWS[sight.kind]
        finding = note if sight.kind == "silent" else mend
        yield finding(sight.line, consequence, remedy)


def _count(nodes: int) -> str:
    return f"{nodes or 'no'} node{'s' if nodes != 1 else ''}"
