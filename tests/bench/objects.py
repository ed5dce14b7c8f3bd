"""The objects that Pulumi made, as any other client would apply them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from components.clusters.sim.cluster import Hosted

Manifest = dict[str, Any]
Resource = Mapping[str, Any]
"""A resource of ``pulumi stack export``."""

_FOUNDATIONS = ("Namespace", "CustomResourceDefinition")
_READINESS = "WebhookReady"


@dataclass(frozen=True, slots=True)
class Waves:
    """Objects in an order in which the API server accepts them.

    foundations: namespaces and CRDs.
    others: what needs nothing but those.
    guarded: what Pulumi makes only after Kueue's webhook has answered, custom resources and workloads.
    """

    foundations: tuple[Manifest, ...]
    others: tuple[Manifest, ...]
    guarded: tuple[Manifest, ...]

    def __len__(self) -> int:
        return len(self.foundations) + len(self.others) + len(self.guarded)

    def hosted_by(self, old: Hosted, new: Hosted) -> "Waves":
        """The same for another sim: its webhooks have other ports and another authority."""

        def moved(manifests: tuple[Manifest, ...]) -> tuple[Manifest, ...]:
            text = json.dumps(manifests).replace(old.webhook_url, new.webhook_url)
            return tuple(json.loads(text.replace(old.ca_bundle, new.ca_bundle)))

        return Waves(moved(self.foundations), moved(self.others), moved(self.guarded))


def waves(resources: Sequence[Resource]) -> Waves:
    """The inputs of every Kubernetes object in a state, sorted by what Pulumi itself waited for."""
    after = _after(resources, readiness(resources)["urn"])
    objects = [each for each in resources if each.get("custom") and each["type"].startswith("kubernetes:")]

    def wave(number: int) -> tuple[Manifest, ...]:
        return tuple(each["inputs"] for each in objects if _wave(each, after) == number)

    return Waves(wave(0), wave(1), wave(2))


def readiness(resources: Sequence[Resource]) -> Resource:
    """The resource that waited for Kueue's webhook."""
    return next(each for each in resources if each["type"].endswith(f":{_READINESS}"))


def waited(resources: Sequence[Resource]) -> float:
    """Seconds between the last of Kueue's own objects and its webhook's first answer, by the state's times."""
    ready = readiness(resources)
    chart = next(urn for urn in ready["dependencies"] if urn.rpartition("$")[2].startswith("kubernetes:helm.sh/"))
    created = [datetime.fromisoformat(each["created"]) for each in resources if each.get("parent") == chart]
    return (datetime.fromisoformat(ready["created"]) - max(created)).total_seconds()


def _wave(resource: Resource, after: frozenset[str]) -> int:
    if resource["inputs"]["kind"] in _FOUNDATIONS:
        return 0
    return 2 if resource["urn"] in after else 1


def _after(resources: Sequence[Resource], first: str) -> frozenset[str]:
    """The URNs of all that depends on ``first``, through others or directly."""
    found = {first}
    while more := set(_dependants(resources, found)) - found:
        found |= more
    return frozenset(found)


def _dependants(resources: Sequence[Resource], urns: set[str]) -> Iterator[str]:
    return (each["urn"] for each in resources if not urns.isdisjoint(each.get("dependencies", ())))
