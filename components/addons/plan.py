"""What an add-on's planner decides and its component carries out."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..catalogue.charts import ChartPin, ChartSource
from ..objects import Object

PRIVILEGED: Mapping[str, str] = MappingProxyType({"pod-security.kubernetes.io/enforce": "privileged"})
"""The label of a namespace whose pods load drivers or reach devices: no other level of Pod Security lets them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """An object that the controller's webhook judges; it is tried, never stored.

    plural: its kind's name in the API: ``resourceflavors``; a kind without namespaces.
    manifest: the object; one that the webhook admits.
    """

    plural: str
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddonPlan:
    """One controller, ready to be installed.

    name: the add-on's name and the Helm release's.
    namespace: where it lives.
    values: the chart's values.
    probe: how to see that its webhook answers; None where it has none, and nothing waits for it.
    hosted: whether the cluster runs the controller itself, outside its nodes.
    workload: what runs it inside the cluster otherwise, as kubectl names it; for messages.
    crds: the chart of its CRDs, where they are apart; a chart's folder ``crds`` is never upgraded.
    brings_crds: whether the chart's own CRDs are installed; not where another add-on has the same.
    amendments: merge patches for objects of the chart, by kind and name, for what its values cannot say.
    objects: what the charts do not hold and the controller needs from the start.
    resources: custom resources of its kinds, made once it answers.
    owns_namespace: whether the namespace comes and goes with the add-on; kube-system does not.
    namespace_labels: of its namespace, such as the Pod Security level that its pods need.
    """

    name: str
    namespace: str
    pin: ChartPin
    source: ChartSource
    values: Mapping[str, Any]
    workload: str
    hosted: bool = False
    probe: Probe | None = None
    crds: ChartSource | None = None
    brings_crds: bool = True
    amendments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    objects: tuple[Object, ...] = ()
    resources: tuple[Object, ...] = ()
    owns_namespace: bool = True
    namespace_labels: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def fingerprint(self) -> str:
        """Another one, and the controller is started anew."""
        told = json.dumps([self.pin.version, self.values], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]
