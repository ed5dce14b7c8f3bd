"""What is around a stand-in's cluster: chart repositories, nodes that come for pods, kinds that a cloud brings."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from components.catalogue.charts import charts
from tests.standins.world.world import World
from tests.support.kube import Kube

from .tiny import GCP, Tiny, standing

INSIDE = (
    GCP
    + """\
import json
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.helm.v4 import Chart, RepositoryOptsArgs

cluster = gcp.container.Cluster(
    "cluster", name="atlas", location="us-central1", initial_node_count=1, deletion_protection=False, opts=cloud
)
pool = gcp.container.NodePool(
    "pool",
    name="web",
    cluster=cluster.id,
    autoscaling={"min_node_count": 0, "max_node_count": 2},
    node_locations=["us-central1-a"],
    node_config={"labels": {"pool": "web"}, "taints": [{"key": "web", "value": "true", "effect": "NO_SCHEDULE"}]},
    opts=cloud,
)
command = {
    "apiVersion": "client.authentication.k8s.io/v1beta1",
    "command": "gke-gcloud-auth-plugin",
    "interactiveMode": "Never",
    "provideClusterInfo": True,
}
kubeconfig = pulumi.Output.json_dumps(
    {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
        "users": [{"name": "c", "user": {"exec": command}}],
        "clusters": [
            {
                "name": "c",
                "cluster": {
                    "server": pulumi.Output.concat("https://", cluster.endpoint),
                    "certificate-authority-data": cluster.master_auth.cluster_ca_certificate,
                },
            }
        ],
    }
)
provider = kubernetes.Provider("cluster", kubeconfig=kubeconfig, cluster_identifier=cluster.id)
inside = pulumi.ResourceOptions(provider=provider, depends_on=[pool])
namespace = kubernetes.core.v1.Namespace("web", metadata={"name": "web"}, opts=inside)
below = pulumi.ResourceOptions(provider=provider, depends_on=[namespace])
values = {"replicas": 3, "of": {"web": "yes"}}
Chart(
    "oci",
    chart="REPOSITORY/kueue",
    version="VERSION",
    namespace="web",
    values=values,
    opts=below,
)
Chart(
    "listed",
    chart="kueue",
    version="VERSION",
    repository_opts=RepositoryOptsArgs(repo="https://charts.example.com"),
    namespace="web",
    values=values,
    opts=below,
)
kubernetes.apps.v1.Deployment(
    "waits",
    metadata={"name": "waits", "namespace": "web"},
    spec={
        "selector": {"match_labels": {"app": "waits"}},
        "template": {
            "metadata": {"labels": {"app": "waits"}},
            "spec": {
                "node_selector": {"pool": "web"},
                "tolerations": [{"key": "web", "operator": "Equal", "value": "true", "effect": "NoSchedule"}],
                "containers": [{"name": "main", "image": "registry.example.com/web:1"}],
            },
        },
    },
    opts=below,
)
"""
)


def program(version: str) -> str:
    """The program, with charts of this version."""
    return INSIDE.replace("REPOSITORY", charts()["kueue"].repository).replace("VERSION", version)


@pytest.fixture(scope="module")
def up(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tiny]:
    """A GKE cluster with two charts and a Deployment in it, for whose pod there is no node yet."""
    deployment = Tiny(tmp_path_factory.mktemp("inside"), program(charts()["kueue"].version), world)
    deployment.autoscale("gcp")
    with standing(deployment):
        yield deployment


@pytest.mark.parametrize("release", ["oci", "listed"])
def test_a_published_chart_shows_the_values_that_it_got(up: Tiny, world: World, release: str) -> None:
    assert up.resources()
    shown = Kube(world.kubeconfig).get("v1", "ConfigMap", f"{release}-values", "web")
    assert shown
    assert yaml.safe_load(shown["data"]["values.yaml"]).items() >= {"replicas": 3, "of": {"web": "yes"}}.items()


def test_a_node_comes_for_a_pod_that_waits(up: Tiny, world: World) -> None:
    nodes = Kube(world.kubeconfig).every("v1", "Node", label_selector="cloud.google.com/gke-nodepool=web")
    assert [node["spec"]["taints"][0]["key"] for node in nodes] == ["web"]
    assert [each["type"] for each in up.resources()].count("kubernetes:apps/v1:Deployment") == 1


def test_a_cluster_brings_the_kinds_of_its_cloud(up: Tiny, world: World) -> None:
    assert up.recorded("gcp:container/cluster:Cluster")
    kinds = Kube(world.kubeconfig).every("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    assert "computeclasses.cloud.google.com" in {each["metadata"]["name"] for each in kinds}


def test_a_second_preview_is_clean_inside_too(up: Tiny) -> None:
    up.preview("--expect-no-changes")


def test_nothing_else_is_on_this_internet(world: World, tmp_path: Path) -> None:
    deployment = Tiny(tmp_path, program("0.0.1"), world)
    said = deployment.refusal("up", "--yes", "--skip-preview")
    assert "0.0.1" in said
    deployment.destroy()


def test_no_credential_is_in_the_state(up: Tiny) -> None:
    key = json.loads((up.cloud / "cluster.json").read_text())["key"]
    assert key.splitlines()[1] not in json.dumps(up.resources())
