"""What kubectl and client-go start for a credential: ``aws eks get-token`` and ``gke-gcloud-auth-plugin``."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import NoReturn

FOLDER = "KUBELANES_STANDIN"
TOKENS = {"aws": "aws:eks/cluster:Cluster", "gke-gcloud-auth-plugin": "gcp:container/cluster:Cluster"}


class _Strict(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(252, f"{self.prog}: {message}; this is a stand-in for tests, and knows nothing else\n")


def aws() -> None:
    """``aws eks get-token --cluster-name NAME [--region REGION] [--output json]``."""
    parser = _Strict(prog="aws", allow_abbrev=False)
    service = parser.add_subparsers(dest="service", required=True).add_parser("eks", allow_abbrev=False)
    token = service.add_subparsers(dest="command", required=True).add_parser("get-token", allow_abbrev=False)
    token.add_argument("--cluster-name", required=True)
    token.add_argument("--region", required=True)
    token.add_argument("--output", choices=["json"], default="json")
    given = parser.parse_args()
    clusters = _clusters("aws")
    if not any(arn.split(":")[3] == given.region and name == given.cluster_name for name, arn in clusters):
        sys.exit(f"aws: ResourceNotFoundException: No cluster found for name: {given.cluster_name} in {given.region}.")
    _print()


def gcloud() -> None:
    """``gke-gcloud-auth-plugin``, without arguments."""
    _Strict(prog="gke-gcloud-auth-plugin").parse_args()
    if not _clusters("gke-gcloud-auth-plugin"):
        sys.exit("gke-gcloud-auth-plugin: the project has no cluster")
    _print()


def _clusters(program: str) -> list[tuple[str, str]]:
    """Name and ARN of every cluster there is."""
    pattern = TOKENS[program].replace(":", "-").replace("/", "-")
    found = [json.loads(path.read_text()) for path in (_folder() / "state").glob(f"{pattern}.*.json")]
    return [(each["id"], each["outputs"].get("arn", "")) for each in found]


def _print() -> None:
    """The credential of the sim behind the cluster; nothing else that has the folder could use another."""
    cluster = json.loads((_folder() / "cluster.json").read_text())
    credential = {
        "apiVersion": json.loads(os.environ.get("KUBERNETES_EXEC_INFO", "{}")).get(
            "apiVersion", "client.authentication.k8s.io/v1beta1"
        ),
        "kind": "ExecCredential",
        "status": {"clientCertificateData": cluster["certificate"], "clientKeyData": cluster["key"]},
    }
    sys.stdout.write(json.dumps(credential))


def _folder() -> Path:
    return Path(os.environ[FOLDER])
