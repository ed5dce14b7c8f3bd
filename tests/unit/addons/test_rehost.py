"""A chart for a controller that runs outside the cluster."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.addons import rehost as module
from components.addons.rehost import rehost

URL, CA = "https://127.0.0.1:9443", "Q0E="


def service(path: str) -> dict[str, Any]:
    return {"service": {"name": "webhook-service", "namespace": "kueue-system", "path": path}}


def crd(conversion: dict[str, Any]) -> dict[str, Any]:
    spec = {"group": "kueue.x-k8s.io", "scope": "Cluster", "conversion": conversion}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": spec}


def rehosted(*manifests: dict[str, Any]) -> list[Any]:
    return list(rehost(manifests, URL, CA))


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("apps/v1", "Deployment"),
        ("v1", "Service"),
        ("policy/v1", "PodDisruptionBudget"),
        ("apiregistration.k8s.io/v1", "APIService"),
        ("cert-manager.io/v1", "Certificate"),
    ],
)
def test_what_would_run_it_inside_is_left_out(api_version: str, kind: str) -> None:
    assert rehosted({"apiVersion": api_version, "kind": kind, "metadata": {"name": "kueue"}}) == []


def test_a_kind_of_the_same_name_in_another_group_stays() -> None:
    knative = {"apiVersion": "serving.knative.dev/v1", "kind": "Service"}
    assert rehosted(knative) == [knative]


@pytest.mark.parametrize(
    "manifest",
    [
        {"apiVersion": "v1", "kind": "ConfigMap", "data": {"clientConfig": "service"}},
        {"apiVersion": "v1", "kind": "ServiceAccount"},
        crd({"strategy": "None"}),
    ],
)
def test_everything_else_stays_as_it_is(manifest: dict[str, Any]) -> None:
    assert rehosted(manifest) == [manifest]


@pytest.mark.parametrize("kind", ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"])
def test_every_webhook_calls_the_host_at_its_own_path(kind: str) -> None:
    hooks = [{"name": name, "clientConfig": service(f"/{name}"), "failurePolicy": "Fail"} for name in ("a", "b")]
    (changed,) = rehosted({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "webhooks": hooks})
    assert changed["webhooks"] == [
        {"name": "a", "clientConfig": {"url": f"{URL}/a", "caBundle": CA}, "failurePolicy": "Fail"},
        {"name": "b", "clientConfig": {"url": f"{URL}/b", "caBundle": CA}, "failurePolicy": "Fail"},
    ]


def test_conversion_calls_the_host() -> None:
    webhook = {"clientConfig": service("/convert"), "conversionReviewVersions": ["v1"]}
    (changed,) = rehosted(crd({"strategy": "Webhook", "webhook": webhook}))
    assert changed["spec"]["conversion"] == {
        "strategy": "Webhook",
        "webhook": {
            "clientConfig": {"url": f"{URL}/convert", "caBundle": CA},
            "conversionReviewVersions": ["v1"],
        },
    }
    assert changed["spec"]["group"] == "kueue.x-k8s.io"


def test_a_webhook_of_somebody_else_is_left_alone() -> None:
    hook = {"name": "a", "clientConfig": {"url": "https://elsewhere.example.com/", "caBundle": "T1RIRVI="}}
    manifest = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "webhooks": [hook],
    }
    assert rehosted(manifest) == [manifest]


def test_as_a_program_it_is_a_post_renderer_wherever_it_is_started(tmp_path: Path) -> None:
    chart = "---\n# Source: empty.yaml\n---\napiVersion: v1\nkind: Service\n---\napiVersion: v1\nkind: Secret\n"
    program = [sys.executable, "-I", str(Path(module.__file__)), "--webhooks", URL, "--ca-bundle", CA]
    done = subprocess.run(program, input=chart, capture_output=True, text=True, check=True, cwd=tmp_path, env={})
    assert list(yaml.safe_load_all(done.stdout)) == [{"apiVersion": "v1", "kind": "Secret"}]
