"""What a stack file may say already and this version does not carry out yet: said in every preview, never silent."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import cast

from .settings import Settings

_PENDING = {
    "gateway": "no gateway is installed",
    "observability": "nothing is measured",
    "tenants.*.tokens": "token limits need the gateway",
    "tenants.*.budget": "spending is not measured",
    "tenants.*.priorities": "the tenant may use every priority class",
    "lanes.online.*.slo": "nothing judges the model by it",
    "lanes.online.*.rollout": "a new version replaces the old one pod by pod",
    "lanes.*.*.replicas.on": "the workload stays at the least of its range",
    "lanes.*.*.replicas.target": "nothing compares it with the signal",
    "lanes.workers.*.queue": "the worker gets its environment and nothing else to find the queue by",
    "lanes.training.*.checkpoints": "nothing is kept there: the job's work is lost when it is started again",
}
"""By path, ``*`` standing for any name: what happens instead."""


def pending(settings: Settings) -> Iterator[tuple[str, str]]:
    """What the stack file sets and this version does not carry out, by its path, with what happens instead."""
    for path in _paths(settings.model_dump(exclude_unset=True)):
        for pattern, instead in _PENDING.items():
            if path.count(".") == pattern.count(".") and fnmatchcase(path, pattern):
                yield path, instead


def _paths(value: object, above: str = "") -> Iterator[str]:
    if above:
        yield above
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, object]", value).items():
            yield from _paths(inner, f"{above}.{key}" if above else key)
    elif isinstance(value, list | tuple):
        for at, inner in enumerate(cast("Sequence[object]", value)):
            yield from _paths(inner, f"{above}[{at}]")
