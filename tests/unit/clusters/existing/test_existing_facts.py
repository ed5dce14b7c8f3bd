"""A table of clusters that somebody else built: what is seen there, what that means, and what was declared wrongly."""

from pathlib import Path
from typing import Any

import pytest

from components.clusters.existing.facts import facts
from components.clusters.existing.observation import Observation
from components.clusters.existing.recognition import differences, recognise
from components.settings.existing import DeclaredFacts, ExistingCluster
from tests.support.planning import cases
from tests.unit.settings.stacks import line

CASES = cases(Path(__file__).with_name("facts"))


def seen(case: dict[str, Any]) -> Observation:
    given = {"version": "1.35", "storage_classes": {"default": True}} | case["seen"]
    return Observation(**given | {key: frozenset(given.get(key, ())) for key in ("signs", "ours")})


@pytest.mark.parametrize("case", [each for each in CASES if "means" in each.values[0]])
def test_what_is_seen_means(case: dict[str, Any]) -> None:
    found = recognise(seen(case)).model_dump()
    assert {key: found[key] for key in case["means"]} == case["means"]


@pytest.mark.parametrize("case", [each for each in CASES if "declared" in each.values[0]])
def test_what_is_declared_and_not_so_is_said_all_at_once(case: dict[str, Any]) -> None:
    declared = DeclaredFacts.model_validate({"kubernetes": "1.35"} | case["declared"])
    assert [line(problem) for problem in differences(declared, seen(case))] == case["said"]


@pytest.mark.parametrize("case", CASES)
def test_whoever_declares_what_is_seen_is_never_refused(case: dict[str, Any]) -> None:
    found = seen(case)
    # A class is chosen for the reader where the cluster has no default; where it has none at all, nothing helps.
    if found.storage_classes:
        assert differences(recognise(found), found) == []


def test_a_karpenter_of_somebody_elses_is_not_ours_to_install() -> None:
    declared = {"kind": "existing", "name": "lab", "kubeconfig": "~/.kube/config", "facts": {"autoscaler": "karpenter"}}
    assert facts(ExistingCluster.model_validate(declared)).autoscaler == "cloud"
