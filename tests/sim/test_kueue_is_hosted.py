"""On the live API server: Kueue's own chart, with its controller outside the cluster and nothing of it inside."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.kube import Kube

SERVED = [("apps/v1", "Deployment"), ("v1", "Service"), ("policy/v1", "PodDisruptionBudget")]


def clients(kube: Kube) -> Iterator[tuple[str, Any]]:
    """Every way in which the API server calls Kueue: its name, and the client's configuration."""
    registration = "admissionregistration.k8s.io/v1"
    for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
        for configuration in kube.every(registration, kind, label_selector="app.kubernetes.io/name=kueue"):
            yield from ((hook["name"], hook["clientConfig"]) for hook in configuration["webhooks"])
    for crd in kube.every("apiextensions.k8s.io/v1", "CustomResourceDefinition"):
        if crd["spec"]["group"] == "kueue.x-k8s.io" and crd["spec"]["conversion"]["strategy"] == "Webhook":
            yield crd["metadata"]["name"], crd["spec"]["conversion"]["webhook"]["clientConfig"]


@pytest.mark.parametrize(("api_version", "kind"), SERVED, ids=[kind for _, kind in SERVED])
def test_nothing_of_it_runs_inside(kube: Kube, api_version: str, kind: str) -> None:
    assert kube.every(api_version, kind, "kueue-system") == []


def test_no_aggregated_api_waits_for_a_service_that_is_not_there(kube: Kube) -> None:
    served = kube.every("apiregistration.k8s.io/v1", "APIService")
    assert [each["metadata"]["name"] for each in served if each["spec"].get("service")] == []


def test_the_api_server_reaches_it_on_this_machine_only(kube: Kube) -> None:
    found = dict(clients(kube))
    assert len(found) > 40
    for name, configuration in found.items():
        assert configuration["url"].startswith("https://127.0.0.1:"), name
        assert configuration["caBundle"], name
        assert "service" not in configuration, name


def test_its_webhook_judges_what_is_created(kube: Kube) -> None:
    name = "two-taints-of-one-key"
    taints = [{"key": "k", "value": value, "effect": "NoSchedule"} for value in ("a", "b")]
    flavor = {"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ResourceFlavor", "metadata": {"name": name}}
    assert "vresourceflavor.kb.io" in kube.refusal({**flavor, "spec": {"nodeTaints": taints}})
