"""What an add-on's planner decides and its component carries out."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..catalogue.charts import ChartPin, ChartSource


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
    namespace: where it lives; the add-on owns it.
    values: the chart's values.
    probe: how to see that it answers.
    hosted: whether the cluster runs the controller itself, outside its nodes.
    workload: what runs it inside the cluster otherwise, as kubectl names it; for messages.
    """

    name: str
    namespace: str
    pin: ChartPin
    source: ChartSource
    values: Mapping[str, Any]
    probe: Probe
    hosted: bool
    workload: str

    @property
    def fingerprint(self) -> str:
        """Another one, and the controller is started anew."""
        told = json.dumps([self.pin.version, self.values], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]
