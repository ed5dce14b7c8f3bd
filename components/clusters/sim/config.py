"""What kwokctl is told: its configuration file, and the files that this names."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .home import SimHome
from .hosted import HostedController
from .ports import LOOPBACK
from .spec import SimSpec

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the sim's servers are reached.

    ports: by listener.
    """

    ports: Mapping[str, int]

    def url(self, listener: str) -> str:
        """The URL of a server; every one of them speaks TLS."""
        return f"https://{LOOPBACK}:{self.ports[listener]}"


def kwokctl_configuration(
    spec: SimSpec, ports: Mapping[str, int], programs: Mapping[str, Path], version: str
) -> Document:
    """The KwokctlConfiguration of the sim (sigs.k8s.io/kwok pkg/apis/config/v1alpha1, 0.8).

    Every program is given as a path, so that kwokctl downloads none.
    """
    return {
        "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
        "kind": "KwokctlConfiguration",
        "metadata": {"name": spec.name},
        "options": {
            "runtime": "binary",
            "kubeVersion": f"v{version}",
            "bindAddress": LOOPBACK,
            "securePort": True,
            "kubeAuthorization": True,
            "kubeAdmission": True,
            "kubeFeatureGates": _flags(spec.feature_gates),
            "kubeRuntimeConfig": _flags(spec.runtime_config),
            "etcdPort": ports["etcd"],
            "etcdPeerPort": ports["etcd-peer"],
            "kubeApiserverPort": ports["kube-apiserver"],
            "kubeControllerManagerPort": ports["kube-controller-manager"],
            "kubeSchedulerPort": ports["kube-scheduler"],
            "kwokControllerPort": ports["kwok-controller"],
            # Node leases of 40 s, as a kubelet's, not five times as long: until they expire, a kwok that crashed still
            # holds its nodes, and the one that was started in its place runs no pod.
            "heartbeatFactor": 1,
            "etcdBinary": str(programs["etcd"]),
            "kubeApiserverBinary": str(programs["kube-apiserver"]),
            "kubeControllerManagerBinary": str(programs["kube-controller-manager"]),
            "kubeSchedulerBinary": str(programs["kube-scheduler"]),
            "kwokControllerBinary": str(programs["kwok"]),
            "kubectlBinary": str(programs["kubectl"]),
        },
        "components": [_supervisor(spec.place, row) for row in spec.hosted],
        "componentsPatches": [_etcd_patch(spec.place, ports), _apiserver_patch(spec.place, ports)],
    }


def supervisor_program(place: SimHome, row: HostedController) -> Path:
    """The program that kwokctl starts for a hosted controller. kwokctl names pid and log files after it."""
    return place.hosted(row.name) / row.name


def encryption_configuration(key: bytes) -> Document:
    """Secrets are encrypted with a 32 byte key before they are stored; nothing reads any that are not."""
    secretbox = {"keys": [{"name": "sim", "secret": base64.b64encode(key).decode()}]}
    return {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "EncryptionConfiguration",
        "resources": [{"resources": ["secrets"], "providers": [{"secretbox": secretbox}]}],
    }


def kubeconfig(name: str, server: str, ca: bytes, user: Document) -> Document:
    """A kubeconfig with one context; ``user`` says how to authenticate."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority-data": _base64(ca)}}],
        "users": [{"name": name, "user": user}],
    }


def client_certificate(certificate: bytes, key: bytes) -> Document:
    """A kubeconfig user with a client certificate."""
    return {"client-certificate-data": _base64(certificate), "client-key-data": _base64(key)}


def _supervisor(place: SimHome, row: HostedController) -> Document:
    return {
        "name": row.name,
        "links": ["kube-apiserver"],
        "binary": str(supervisor_program(place, row)),
        "workDir": str(place.kwok_cluster),
    }


def _etcd_patch(place: SimHome, ports: Mapping[str, int]) -> Document:
    """Etcd would serve anybody on this machine in plain text; with this it wants a certificate of the sim's."""
    client, peer = Endpoints(ports).url("etcd"), Endpoints(ports).url("etcd-peer")
    replaced = {
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"node0={peer}",
    }
    added = {
        f"{prefix}{option}": value
        for prefix in ("", "peer-")
        for option, value in {
            "cert-file": f"{place.pki}/admin.crt",
            "key-file": f"{place.pki}/admin.key",
            "trusted-ca-file": f"{place.pki}/ca.crt",
            "client-cert-auth": "true",
        }.items()
    }
    return {"name": "etcd", "extraArgs": [*_arguments(replaced, override=True), *_arguments(added)]}


def _apiserver_patch(place: SimHome, ports: Mapping[str, int]) -> Document:
    replaced = {"etcd-servers": Endpoints(ports).url("etcd")}
    added = {
        "etcd-cafile": f"{place.pki}/ca.crt",
        "etcd-certfile": f"{place.pki}/admin.crt",
        "etcd-keyfile": f"{place.pki}/admin.key",
        "encryption-provider-config": str(place.encryption),
    }
    return {"name": "kube-apiserver", "extraArgs": [*_arguments(replaced, override=True), *_arguments(added)]}


def _arguments(values: Mapping[str, str], *, override: bool = False) -> list[Document]:
    return [{"key": key, "value": value, "override": override} for key, value in values.items()]


def _flags(values: Mapping[str, bool]) -> str:
    return ",".join(f"{name}={str(value).lower()}" for name, value in sorted(values.items()))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
