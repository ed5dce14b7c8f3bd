"""Who nodes are, and who uses the cluster's key."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from components.clusters.gke.encryption import service_agents
from components.clusters.gke.iam import NODE_ROLES, node_account_id

UNTIMED = settings(deadline=None)
names = st.from_regex(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", fullmatch=True)


@UNTIMED
@given(names)
def test_the_nodes_account_has_an_id_that_google_takes(cluster: str) -> None:
    assert re.fullmatch(r"[a-z]([-a-z0-9]{4,28}[a-z0-9])", node_account_id(cluster))


def test_clusters_whose_long_names_begin_alike_have_accounts_of_their_own() -> None:
    assert node_account_id("atlas") == "atlas-nodes"
    long = ("production-inference-europe-west-one", "production-inference-europe-west-two")
    assert len({node_account_id(name) for name in long}) == 2


def test_nodes_may_write_nothing_but_logs_and_metrics() -> None:
    assert NODE_ROLES == ("roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader")


def test_the_key_is_used_by_the_service_agents_of_gke_and_of_compute_engine() -> None:
    assert service_agents("service-123@container-engine-robot.iam.gserviceaccount.com") == {
        "secrets": "serviceAccount:service-123@container-engine-robot.iam.gserviceaccount.com",
        "disks": "serviceAccount:service-123@compute-system.iam.gserviceaccount.com",
    }
