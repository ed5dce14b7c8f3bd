"""How the benchmark gets its objects out of a stack's state, and where other clients put them."""

from typing import Any

import pytest

from components.clusters.sim.cluster import Hosted
from tests.bench.clients import path_of
from tests.bench.objects import Waves, waited, waves

CHART = "urn:pulumi:sim::kubelanes::kubelanes:addons:Addon$kubernetes:helm.sh/v4:Chart::kueue"
READY = "urn:pulumi:sim::kubelanes::kubelanes:addons:Addon$pulumi-python:dynamic/addons:WebhookReady::kueue-ready"


def kubernetes_object(kind: str, name: str, *needs: str, **more: Any) -> dict[str, Any]:
    return {
        "urn": name,
        "custom": True,
        "type": f"kubernetes:core/v1:{kind}",
        "inputs": {"kind": kind, "metadata": {"name": name}},
        "dependencies": list(needs),
        **more,
    }


STATE = [
    {"urn": "provider", "custom": True, "type": "pulumi:providers:kubernetes", "inputs": {"kubeconfig": "secret"}},
    {"urn": CHART, "custom": False, "type": "kubernetes:helm.sh/v4:Chart"},
    kubernetes_object("Namespace", "kueue-system", created="2026-01-01T10:00:00.5Z"),
    kubernetes_object("CustomResourceDefinition", "queues", parent=CHART, created="2026-01-01T10:00:01Z"),
    kubernetes_object("ConfigMap", "kueue", "kueue-system", parent=CHART, created="2026-01-01T10:00:02.123456789Z"),
    {
        "urn": READY,
        "custom": True,
        "type": "pulumi-python:dynamic/addons:WebhookReady",
        "dependencies": [CHART],
        "created": "2026-01-01T10:00:07.12Z",
    },
    kubernetes_object("Node", "a10g-0", "provider"),
    kubernetes_object("ClusterQueue", "search", READY),
    kubernetes_object("Job", "finetune", "search"),
]


def names(manifests: tuple[dict[str, Any], ...]) -> list[str]:
    return [manifest["metadata"]["name"] for manifest in manifests]


def test_every_object_is_in_one_wave_and_what_waited_for_the_webhook_is_in_the_last() -> None:
    found = waves(STATE)
    assert names(found.foundations) == ["kueue-system", "queues"]
    assert names(found.others) == ["kueue", "a10g-0"]
    assert names(found.guarded) == ["search", "finetune"]
    assert len(found) == 6


def test_the_wait_lasts_from_the_last_object_of_the_chart_to_the_first_answer() -> None:
    assert waited(STATE) == pytest.approx(4.997, abs=0.001)


def test_webhooks_follow_to_another_sim() -> None:
    def hosted(port: int, authority: str) -> Hosted:
        url = f"https://127.0.0.1:{port}"
        return Hosted(webhook_url=url, ca_bundle=authority, metrics_port=1, health_port=2)

    hook = {"clientConfig": {"url": "https://127.0.0.1:1111/mutate", "caBundle": "b2xk"}}
    moved = Waves((), (hook,), ()).hosted_by(hosted(1111, "b2xk"), hosted(2222, "bmV3"))
    assert moved.others == ({"clientConfig": {"url": "https://127.0.0.1:2222/mutate", "caBundle": "bmV3"}},)


@pytest.mark.parametrize(
    ("api_version", "kind", "metadata", "path"),
    [
        ("v1", {"name": "nodes", "namespaced": False}, {"name": "a"}, "/api/v1/nodes/a"),
        (
            "batch/v1",
            {"name": "jobs", "namespaced": True},
            {"name": "a", "namespace": "b"},
            "/apis/batch/v1/namespaces/b/jobs/a",
        ),
    ],
)
def test_an_object_has_the_path_that_the_api_server_knows_it_by(
    api_version: str, kind: dict[str, Any], metadata: dict[str, str], path: str
) -> None:
    assert path_of({"apiVersion": api_version, "metadata": metadata}, kind) == path
