"""What the provider is told of a GKE cluster."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from components.clusters.gke.control_plane import ClusterContext, ClusterInputs, cluster_inputs
from components.clusters.gke.facts import facts
from components.settings.environment import Environment
from components.settings.gke import GkeCluster

WHERE = ClusterContext(
    network="projects/p/global/networks/atlas",
    subnetwork="projects/p/regions/r/subnetworks/nodes",
    control_plane_subnetwork="projects/p/regions/r/subnetworks/control-plane",
    kms_key="projects/p/locations/r/keyRings/ring/cryptoKeys/key",
    service_account="atlas-nodes@p.iam.gserviceaccount.com",
)
GIVEN = {"kind": "gke", "name": "atlas", "project": "acme-prod", "region": "us-central1"}


class Case(BaseModel, extra="forbid"):
    given: dict[str, Any]
    environment: Environment = Environment.PROD
    inputs: dict[str, Any]


FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES = {file.stem: Case.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in FILES}


def settings(**given: Any) -> GkeCluster:
    return GkeCluster.model_validate({**GIVEN, **given})


def inputs(environment: Environment = Environment.PROD, **given: Any) -> ClusterInputs:
    return cluster_inputs(settings(**given), environment, {"cluster": "atlas"}, WHERE)


def plain(value: object) -> Any:
    """As YAML has it: lists, no tuples."""
    match value:
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case _:
            return value


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_cluster_is_as_expected(case: Case) -> None:
    found = plain(inputs(case.environment, **case.given))
    assert {key: found[key] for key in case.inputs} == case.inputs


def test_secrets_and_the_disk_of_the_first_node_are_encrypted_with_the_clusters_key() -> None:
    found = inputs()
    assert found["database_encryption"] == {"state": "ENCRYPTED", "key_name": WHERE.kms_key}
    assert found["node_config"].get("boot_disk_kms_key") == WHERE.kms_key


def test_nothing_runs_as_the_projects_default_account() -> None:
    assert inputs()["node_config"].get("service_account") == WHERE.service_account


def test_pods_get_their_identity_from_the_metadata_server_and_never_the_nodes() -> None:
    found = inputs()
    assert found["workload_identity_config"] == {"workload_pool": "acme-prod.svc.id.goog"}
    assert found["node_config"].get("workload_metadata_config") == {"mode": "GKE_METADATA"}


def test_the_ways_in_of_old_are_closed() -> None:
    found = inputs()
    assert found["enable_legacy_abac"] is False
    assert found["master_auth"] == {"client_certificate_config": {"issue_client_certificate": False}}
    assert found["anonymous_authentication_config"] == {"mode": "LIMITED"}
    assert found["service_external_ips_config"] == {"enabled": False}
    assert set(found["rbac_binding_config"].values()) == {False}
    assert found["node_pool_defaults"] == {"node_config_defaults": {"insecure_kubelet_readonly_port_enabled": "FALSE"}}


def test_policies_between_pods_are_enforced_and_traffic_within_a_node_is_seen() -> None:
    found = inputs()
    assert (found["datapath_provider"], found["enable_intranode_visibility"]) == ("ADVANCED_DATAPATH", True)


def test_every_log_of_the_control_plane_is_kept() -> None:
    logged = inputs()["logging_config"]["enable_components"]
    assert {"APISERVER", "CONTROLLER_MANAGER", "SCHEDULER", "SYSTEM_COMPONENTS", "WORKLOADS"} == set(plain(logged))


def test_a_pool_with_a_fast_network_that_comes_later_does_not_replace_the_cluster() -> None:
    assert inputs()["enable_multi_networking"] is True


def test_gateways_are_gkes_own_and_so_are_their_crds() -> None:
    assert inputs()["gateway_api_config"] == {"channel": "CHANNEL_STANDARD"}
    assert facts(settings()).brings == {"gateway-api", "inference-extension"}


def test_driver_and_device_plugin_have_one_owner() -> None:
    owners = {
        ("gke", "cos"): ("cloud", "cloud", "cloud", "/home/kubernetes/bin/nvidia"),
        ("gke", "ubuntu"): ("cloud", "cloud", "cloud", "/home/kubernetes/bin/nvidia"),
        # The operator has no kernel module that Container-Optimized OS would load.
        ("operator", "cos"): ("installer", "operator", "operator", "/home/kubernetes/bin/nvidia"),
        ("operator", "ubuntu"): ("operator", "operator", "operator", "/run/nvidia/driver"),
    }
    for (chosen, image), owned in owners.items():
        known = facts(settings(gpu_driver=chosen, image=image))
        assert (known.gpu_driver, known.device_plugin, known.container_toolkit, known.driver_root) == owned
