"""``kubelanes doctor``, as users run it: on machines that lack this or that, beside programs made for the occasion."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from components.cli.main import GOOD, MEND
from components.clusters.sim.binaries import CONTROL_PLANE
from tests.support.deployment import ROOT

EKS = """
config:
  kubelanes:cluster: { kind: eks, name: lab, region: us-east-1, account: "123456789012", version: "1.35" }
  kubelanes:pools: { platform: { lane: platform, machine: m7i.2xlarge, size: 2-4 } }
"""
GKE = """
config:
  kubelanes:cluster: { kind: gke, name: lab, project: acme-ml-lab, region: us-central1, version: "1.35" }
  kubelanes:pools:
    platform: { lane: platform, machine: n2-standard-8, size: 2-4 }
    l4: { lane: gpu-inference, accelerator: l4, per_node: 1, size: 0-8 }
"""
EXISTING = """
config:
  kubelanes:cluster: { kind: existing, name: lab, kubeconfig: CONFIG }
  kubelanes:pools: { platform: { lane: platform, nodes: { role: system }, size: 2 } }
"""
SIM = """
config:
  kubelanes:cluster: { kind: sim, name: lab }
  kubelanes:pools: { platform: { lane: platform, machine: m7i.2xlarge, size: 2 } }
"""
KUBECTL = 'echo \'{"clientVersion": {"gitVersion": "v1.35.2"}}\''
PROGRAMS = {
    "pulumi": "echo v3.250.0",
    "kubectl": KUBECTL,
    "pulumi-resource-kubernetes": "",
    "pulumi-resource-aws": "",
    "pulumi-resource-gcp": "",
    "gke-gcloud-auth-plugin": "echo 'Kubernetes v1.30.0'",
}
HIDDEN = "what-nobody-may-read"
IDENTITY = '{"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:role/platform"}'


@dataclass(frozen=True)
class Machine:
    """A machine of its own: a folder with programs, which is all of its PATH, and a home."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def put(self, programs: Mapping[str, str]) -> None:
        for name, script in programs.items():
            program = self.folder / "bin" / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)

    def doctor(self, stack: str = "", *options: str, **environment: str) -> tuple[int, list[dict[str, Any]]]:
        """The exit status, and the findings."""
        self.home.mkdir(exist_ok=True)
        (self.folder / "lab.yaml").write_text(stack)
        command = [sys.executable, "-m", "components.cli", "doctor", *(["lab.yaml"] if stack else []), *options]
        ran = subprocess.run(
            [*command, "--json"],
            cwd=self.folder,
            env={
                "PATH": str(self.folder / "bin"),
                "HOME": str(self.home),
                "PYTHONPATH": str(ROOT),
                "PYTHONDONTWRITEBYTECODE": "1",
                **environment,
            },
            text=True,
            capture_output=True,
            check=False,
        )
        assert ran.stderr == ""
        return ran.returncode, json.loads(ran.stdout)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.put(PROGRAMS)
    return made


def of(findings: list[dict[str, Any]], level: str) -> list[str]:
    return [finding["what"] for finding in findings if finding["level"] == level]


def aws(quotas: int, account: str = IDENTITY) -> dict[str, str]:
    """The AWS CLI of an account that has ``quotas`` of everything."""
    return {
        "aws": f"""
case "$1" in
  --version) echo 'aws-cli/2.31.0 Python/3.13' ;;
  sts) echo '{account}' ;;
  service-quotas) echo '{{"Quota": {{"Value": {quotas}.0}}}}' ;;
esac"""
    }


def test_a_machine_that_has_everything_has_nothing_to_mend(machine: Machine) -> None:
    status, findings = machine.doctor(PULUMI_ACCESS_TOKEN=HIDDEN)
    assert (status, of(findings, "mend"), of(findings, "note")) == (GOOD, [], [])
    assert HIDDEN not in json.dumps(findings)


def test_a_bare_machine_is_told_what_every_stack_needs(tmp_path: Path) -> None:
    status, findings = Machine(tmp_path).doctor()
    assert status == MEND
    assert of(findings, "mend") == ["pulumi is not on PATH"]
    assert "kubectl is not on PATH" in of(findings, "note")


def test_whatever_is_not_good_says_what_follows_and_what_to_do(tmp_path: Path) -> None:
    _, findings = Machine(tmp_path).doctor(EKS, "--online")
    bad = [finding for finding in findings if finding["level"] != "good"]
    assert len(bad) >= 4
    assert all(finding["consequence"] and finding["remedy"] for finding in bad)


def test_an_older_pulumi_than_its_package_is_worth_a_note(machine: Machine) -> None:
    machine.put({"pulumi": "echo v3.99.0"})
    _, findings = machine.doctor()
    assert "pulumi 3.99.0" in of(findings, "note")


def test_a_kubectl_too_far_from_the_cluster_is_worth_a_note(machine: Machine) -> None:
    machine.put({"kubectl": KUBECTL.replace("1.35.2", "1.32.0")})
    _, findings = machine.doctor(EKS)
    assert "kubectl 1.32.0" in of(findings, "note")


def test_a_program_that_does_not_run_is_to_be_mended(machine: Machine) -> None:
    machine.put({"pulumi": "echo 'cannot open shared object' >&2; exit 127"})
    status, findings = machine.doctor()
    assert status == MEND
    assert of(findings, "mend") == ["pulumi does not run: cannot open shared object"]


def test_a_plugin_that_is_not_there_yet_is_worth_a_note(machine: Machine) -> None:
    (machine.folder / "bin" / "pulumi-resource-kubernetes").unlink()
    _, findings = machine.doctor()
    assert any("pulumi-resource-kubernetes" in what for what in of(findings, "note"))


def test_eks_needs_the_aws_cli_and_credentials(machine: Machine) -> None:
    status, findings = machine.doctor(EKS)
    assert status == MEND
    assert of(findings, "mend") == ["aws is not on PATH", "there are no credentials for AWS"]


def test_credentials_are_found_where_the_clouds_keep_them(machine: Machine) -> None:
    machine.put(aws(0))
    (machine.home / ".aws").mkdir(parents=True)
    (machine.home / ".aws" / "config").write_text("[default]")
    assert machine.doctor(EKS)[0] == GOOD
    assert machine.doctor(GKE, GOOGLE_APPLICATION_CREDENTIALS="nowhere.json")[0] == MEND
    (machine.home / ".config" / "gcloud").mkdir(parents=True)
    (machine.home / ".config" / "gcloud" / "application_default_credentials.json").write_text("{}")
    assert machine.doctor(GKE)[0] == GOOD


def test_nobody_is_asked_unless_it_is_wanted(machine: Machine) -> None:
    machine.put({"aws": 'test "$1" = --version && echo aws-cli/2.31.0 || touch asked'})
    _, findings = machine.doctor(EKS, AWS_PROFILE="lab")
    assert not (machine.folder / "asked").exists()
    assert "nobody was asked" in of(findings, "note")


def test_an_account_with_enough_of_everything_is_good(machine: Machine) -> None:
    machine.put(aws(10_000))
    status, findings = machine.doctor(EKS, "--online", AWS_PROFILE="lab")
    assert status == GOOD
    assert "AWS account 123456789012, as arn:aws:iam::123456789012:role/platform" in of(findings, "good")
    assert any("10,000 vCPUs, 32 needed" in what for what in of(findings, "good"))


def test_a_quota_that_is_too_small_is_told_with_the_command_that_asks_for_more(machine: Machine) -> None:
    machine.put(aws(5))
    status, findings = machine.doctor(EKS, "--online", AWS_PROFILE="lab")
    [lacking] = [finding for finding in findings if finding["level"] == "mend"]
    assert status == MEND
    assert lacking["what"].endswith("instances: 5 vCPUs, 32 needed")
    assert "--quota-code L-1216C47A --region us-east-1 --desired-value 32" in lacking["remedy"]


def test_credentials_of_another_account_are_to_be_mended(machine: Machine) -> None:
    machine.put(aws(10_000, IDENTITY.replace("123456789012", "210987654321")))
    _, findings = machine.doctor(EKS, "--online", AWS_PROFILE="lab")
    [wrong] = [finding for finding in findings if finding["level"] == "mend"]
    assert wrong["what"].startswith("the credentials are for account 210987654321")
    assert "123456789012" in wrong["consequence"]


def test_quotas_that_may_not_be_read_are_worth_a_note_each(machine: Machine) -> None:
    script = aws(0)["aws"].replace("service-quotas) echo", "service-quotas) echo AccessDenied >&2; exit 254; echo")
    machine.put({"aws": script})
    status, findings = machine.doctor(EKS, "--online", AWS_PROFILE="lab")
    assert status == GOOD
    assert any("not known, AccessDenied" in what for what in of(findings, "note"))


def gcloud(limit: int) -> dict[str, str]:
    """gcloud in a project that has ``limit`` L4 GPUs and enough of everything else."""
    enough = [
        {"metric": metric, "limit": 99999, "usage": 3} for metric in ("N2_CPUS", "SSD_TOTAL_GB", "IN_USE_ADDRESSES")
    ]
    region = json.dumps({"quotas": [*enough, {"metric": "NVIDIA_L4_GPUS", "limit": limit, "usage": 0}]})
    project = json.dumps(
        {"quotas": [{"metric": metric, "limit": 999, "usage": 1} for metric in ("NETWORKS", "GPUS_ALL_REGIONS")]}
    )
    return {
        "gcloud": f"""
case "$1 $2" in
  'auth list') echo '[{{"account": "ada@example.com"}}]' ;;
  'compute regions') echo '{region}' ;;
  'compute project-info') echo '{project}' ;;
esac"""
    }


@pytest.mark.parametrize(("limit", "status", "lacking"), [(8, GOOD, 0), (1, MEND, 1)])
def test_the_quotas_of_a_project_are_compared_with_what_is_needed(
    machine: Machine, limit: int, status: int, lacking: int
) -> None:
    machine.put(gcloud(limit))
    ended, findings = machine.doctor(GKE, "--online", GOOGLE_OAUTH_ACCESS_TOKEN=HIDDEN)
    assert (ended, len(of(findings, "mend"))) == (status, lacking)
    assert "Google Cloud project acme-ml-lab, as ada@example.com" in of(findings, "good")
    assert HIDDEN not in json.dumps(findings)


def test_a_sim_needs_a_control_plane(machine: Machine) -> None:
    _, findings = machine.doctor(SIM)
    [lacking] = of(findings, "mend")
    assert lacking == f"not on PATH: {', '.join(name for name in CONTROL_PLANE if name != 'kubectl')}"
    machine.put({name: "" for name in CONTROL_PLANE if name != "kubectl"})
    assert machine.doctor(SIM)[0] == GOOD


CONFIG = """
contexts: [{name: lab, context: {cluster: lab, user: me}}]
clusters: [{name: lab, cluster: {server: SERVER}}]
users: [{name: me, user: {token: t}}]
current-context: lab
"""
NOWHERE = CONFIG.replace("SERVER", "http://127.0.0.1:9")  # the port of "discard": nobody listens


def existing(machine: Machine, kubeconfig: str | None, context: str = "") -> str:
    """A stack on an existing cluster, whose kubeconfig lies beside it."""
    file = machine.folder / "kubeconfig"
    if kubeconfig is not None:
        file.write_text(kubeconfig)
    return EXISTING.replace("CONFIG", f"{file}{f', context: {context}' if context else ''}")


@pytest.mark.parametrize(
    ("content", "context", "said"),
    [
        (NOWHERE, "", None),
        (NOWHERE, "other", "cluster.context: other is no context of"),
        ("", "", "is no kubeconfig"),
        (None, "", "is no file"),
    ],
    ids=["good", "another context", "empty", "not there"],
)
def test_the_kubeconfig_of_an_existing_cluster_is_read(
    machine: Machine, content: str | None, context: str, said: str | None
) -> None:
    status, findings = machine.doctor(existing(machine, content, context))
    assert status == (MEND if said else GOOD)
    assert not said or any(said in what for what in of(findings, "mend"))


def test_an_existing_cluster_that_does_not_answer_is_to_be_mended(machine: Machine) -> None:
    status, findings = machine.doctor(existing(machine, NOWHERE), "--online")
    assert status == MEND
    assert any(what.startswith("the cluster does not answer: ") for what in of(findings, "mend"))


ANSWERS: dict[str, Any] = {
    "/version": {"major": "1", "minor": "35"},
    "/apis": {"groups": []},
    "/api/v1/namespaces": {"items": []},
    "/api/v1/nodes": {"items": [{"status": {"capacity": {"nvidia.com/gpu": "8"}}}]},
    "/apis/apps/v1/daemonsets": {"items": []},
    "/apis/apps/v1/deployments": {"items": []},
    "/apis/storage.k8s.io/v1/storageclasses": {
        "items": [
            {"metadata": {"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}}
        ]
    },
}


@pytest.fixture
def api() -> Iterator[str]:
    """An API server that answers what ``ANSWERS`` says, on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(ANSWERS[self.path.partition("?")[0]]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is called upstream
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_an_existing_cluster_brings_is_compared_with_what_is_declared(machine: Machine, api: str) -> None:
    status, findings = machine.doctor(existing(machine, CONFIG.replace("SERVER", api)), "--online")
    assert status == MEND
    [found] = [what for what in of(findings, "good") if what.startswith("found there: ")]
    assert "kubernetes: 1.35" in found
    assert "gpu_driver: image" in found
    wrong = {what.partition(" ")[0] for what in of(findings, "mend")}
    assert wrong == {"cluster.facts.kubernetes", "cluster.facts.gpu_driver", "cluster.facts.device_plugin"}


def test_people_read_each_finding_with_what_follows_below(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": str(tmp_path), "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "components.cli", "doctor"]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, text=True, capture_output=True, check=False)
    assert "  mend  pulumi is not on PATH\n        No stack can be previewed or brought up.\n" in ran.stdout
    assert ran.stdout.endswith("\n1 thing to mend.\n")
