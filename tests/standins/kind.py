"""A stand-in for the ``kind`` executable (v0.33): the same words, and a sim in place of containers.

Its clusters lie below ``$KUBELANES_STANDIN/kind``. Like kind it refuses a configuration with anything that it does not
know. A file ``engine-down`` there makes it say what kind says where no container engine answers. Controllers that
``$KUBELANES_STANDIN/hosted.json`` lists run as processes, for no pod of a sim runs anything.

Source: kubernetes-sigs/kind, pkg/cmd/kind and pkg/apis/config/v1alpha4/types.go.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from components.clusters.sim import cluster
from components.clusters.sim.controllers import CONTROLLERS
from components.clusters.sim.files import write_private
from components.clusters.sim.spec import KUBERNETES, SimSpec

Document = dict[str, Any]

HOSTED = "hosted.json"
"""The file that names what its clusters host."""

_CLUSTER = {"kind", "apiVersion", "name", "nodes", "networking", "featureGates", "runtimeConfig"} | {
    "kubeadmConfigPatches", "kubeadmConfigPatchesJSON6902", "containerdConfigPatches", "containerdConfigPatchesJSON6902"
}  # fmt: skip
_NODE = {"role", "image", "labels", "extraMounts", "extraPortMappings"} | {
    "kubeadmConfigPatches", "kubeadmConfigPatchesJSON6902"
}  # fmt: skip
_NETWORKING = {"ipFamily", "apiServerPort", "apiServerAddress", "podSubnet", "serviceSubnet"} | {
    "disableDefaultCNI", "kubeProxyMode", "dnsSearch"
}  # fmt: skip
_MOUNT = {"containerPath", "hostPath", "readOnly", "selinuxRelabel", "propagation"}
_PORT = {"containerPort", "hostPort", "listenAddress", "protocol"}
_IMAGE = re.compile(r"(docker\.io/)?kindest/node:v(1\.\d+)\.\d+@sha256:[0-9a-f]{64}")


class RefusedError(Exception):
    """What kind prints behind ``ERROR:``."""


def main(arguments: Sequence[str]) -> int:
    """Does what kind would do; returns its exit status."""
    asked = _parser().parse_args(arguments)
    try:
        home = Path(os.environ["KUBELANES_STANDIN"]) / "kind"
        if asked.do is not _version:
            _engine(home)
        asked.do(home, asked)
    except RefusedError as refused:
        sys.stderr.write(f"ERROR: {refused}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kind", allow_abbrev=False)
    verbs = parser.add_subparsers(required=True)
    verbs.add_parser("version").set_defaults(do=_version)
    create = verbs.add_parser("create").add_subparsers(required=True).add_parser("cluster", allow_abbrev=False)
    for option in ("--config", "--kubeconfig", "--image", "--wait"):
        create.add_argument(option)
    create.set_defaults(do=_create)
    delete = verbs.add_parser("delete").add_subparsers(required=True).add_parser("cluster", allow_abbrev=False)
    delete.add_argument("--kubeconfig")
    delete.set_defaults(do=_delete)
    get = verbs.add_parser("get").add_subparsers(required=True)
    get.add_parser("clusters").set_defaults(do=_clusters)
    nodes, kubeconfig = get.add_parser("nodes"), get.add_parser("kubeconfig")
    nodes.set_defaults(do=_nodes)
    kubeconfig.set_defaults(do=_kubeconfig)
    for named in (create, delete, nodes, kubeconfig):
        named.add_argument("--name", default="kind")
    return parser


def _version(_: Path, __: argparse.Namespace) -> None:
    sys.stdout.write("kind v0.33.0 go1.26.0 linux/amd64\n")


def _engine(home: Path) -> None:
    if (home / "engine-down").exists():
        text = 'failed to list clusters: command "docker ps" failed: Cannot connect to the Docker daemon'
        raise RefusedError(text)


def _clusters(home: Path, _: argparse.Namespace) -> None:
    found = sorted(file.stem for file in (home / "nodes").glob("*.json"))
    _list(found, "No kind clusters found.")


def _nodes(home: Path, asked: argparse.Namespace) -> None:
    _list(_standing(home, asked.name), f'No kind nodes found for cluster "{asked.name}".')


def _list(found: Sequence[str], none: str) -> None:
    if found:
        sys.stdout.writelines(f"{each}\n" for each in found)
    else:
        sys.stderr.write(f"{none}\n")


def _kubeconfig(home: Path, asked: argparse.Namespace) -> None:
    if not _standing(home, asked.name):
        raise RefusedError(f'could not locate any control plane nodes for cluster named "{asked.name}"')
    sys.stdout.write(_written_kubeconfig(spec(home, asked.name)))


def _create(home: Path, asked: argparse.Namespace) -> None:
    config = _load(asked.config)
    name = asked.name
    if _standing(home, name):
        raise RefusedError(f'failed to create cluster: node(s) already exist for a cluster with the name "{name}"')
    nodes = dict(_named(name, config["nodes"]))
    write_private(_file(home, name), json.dumps(list(nodes)))  # from now on there are containers
    made = spec(home, name)
    cluster.ensure(made)
    _apply(made, [*(_manifest(node, given) for node, given in nodes.items()), _STORAGE])
    if asked.kubeconfig:
        write_private(Path(asked.kubeconfig), _written_kubeconfig(made))
    sys.stderr.write(f'Creating cluster "{name}" ...\n')


def _delete(home: Path, asked: argparse.Namespace) -> None:
    cluster.delete(spec(home, asked.name).place)
    _file(home, asked.name).unlink(missing_ok=True)
    if home.is_dir() and not any((home / "nodes").iterdir()):
        shutil.rmtree(home)


def spec(home: Path, name: str) -> SimSpec:
    """The sim that stands for a cluster, among those below ``home``."""
    file = home.parent / HOSTED
    hosted: list[str] = json.loads(file.read_text()) if file.exists() else []
    return SimSpec(name=name, home=home, hosted=tuple(CONTROLLERS[each] for each in hosted))


def _file(home: Path, name: str) -> Path:
    return home / "nodes" / f"{name}.json"


def _standing(home: Path, name: str) -> list[str]:
    file = _file(home, name)
    return json.loads(file.read_text()) if file.exists() else []


def _written_kubeconfig(of: SimSpec) -> str:
    content: Document = yaml.safe_load(of.place.kubeconfig.read_text())
    name = f"kind-{of.name}"
    content["current-context"] = name
    for section in ("clusters", "users", "contexts"):
        content[section][0]["name"] = name
    content["contexts"][0]["context"] = {"cluster": name, "user": name}
    return yaml.safe_dump(content)


def _load(path: str | None) -> Document:
    """The configuration, with everything refused that kind, or the kubeadm and containerd behind it, would refuse."""
    if path is None:
        raise RefusedError("this stand-in wants a configuration")
    config: Document = yaml.safe_load(Path(path).read_text())
    if config.get("apiVersion") != "kind.x-k8s.io/v1alpha4":
        raise RefusedError(f"unknown apiVersion: {config.get('apiVersion')}")
    if config.get("kind") != "Cluster":
        raise RefusedError(f"unknown kind {config.get('kind')} for apiVersion: {config['apiVersion']}")
    _known(config, _CLUSTER, "Cluster")
    _known(config.get("networking", {}), _NETWORKING, "Networking")
    for patch in config.get("containerdConfigPatches", []):
        tomllib.loads(patch)
    roles = [_checked(node) for node in config["nodes"]]
    if roles.count("control-plane") != 1:
        raise RefusedError("must have at least one control-plane node, and this stand-in has room for no more")
    return config


def _checked(node: Document) -> str:
    _known(node, _NODE, "Node")
    if node.get("role") not in ("control-plane", "worker"):
        raise RefusedError(f'"{node.get("role")}" is not a valid node role')
    image = _IMAGE.fullmatch(node.get("image", ""))
    if not image:
        raise RefusedError(f"{node.get('image')} is no node image that is pinned by its digest")
    if image[2] != KUBERNETES:
        raise RefusedError(f"this stand-in starts Kubernetes {KUBERNETES} only, not {image[2]}")
    for mount in node.get("extraMounts", []):
        _known(mount, _MOUNT, "Mount")
    for port in node.get("extraPortMappings", []):
        _known(port, _PORT, "PortMapping")
    for patch in map(yaml.safe_load, node.get("kubeadmConfigPatches", [])):
        if patch.get("kind") not in ("InitConfiguration", "JoinConfiguration"):
            raise RefusedError(f"a node is joined by a JoinConfiguration, not by a {patch.get('kind')}")
    return node["role"]


def _known(given: Document, allowed: set[str], what: str) -> None:
    if unknown := sorted(set(given) - allowed):
        raise RefusedError(
            f"unable to decode config: yaml: unmarshal errors: field {unknown[0]} not found in type {what}"
        )


def _named(name: str, nodes: Sequence[Document]) -> Iterator[tuple[str, Document]]:
    """Nodes by the names that kind gives them: worker, worker2, worker3."""
    counts: dict[str, int] = {}
    for node in nodes:
        count = counts[node["role"]] = counts.get(node["role"], 0) + 1
        yield f"{name}-{node['role']}{count if count > 1 else ''}", node


def _manifest(name: str, node: Document) -> Document:
    """A node that KWOK keeps alive, as kubeadm would register it."""
    patches = [yaml.safe_load(patch) for patch in node.get("kubeadmConfigPatches", [])]
    taints = [taint for patch in patches for taint in patch.get("nodeRegistration", {}).get("taints", [])]
    own = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    if node["role"] == "control-plane":
        own["node-role.kubernetes.io/control-plane"] = ""
        taints.append({"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"})
    capacity = {"cpu": "16", "memory": "64Gi", "pods": "110", "ephemeral-storage": "200Gi"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": own | node.get("labels", {}),
            "annotations": {"kwok.x-k8s.io/node": "fake"},
        },
        "spec": {"taints": taints},
        "status": {"capacity": capacity, "allocatable": capacity},
    }


_STORAGE = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "rancher.io/local-path",
    "volumeBindingMode": "WaitForFirstConsumer",
}


def _apply(to: SimSpec, manifests: Sequence[Document]) -> None:
    command = ["kubectl", "--kubeconfig", str(to.place.kubeconfig), "create", "--filename=-"]
    done = subprocess.run(command, input=yaml.safe_dump_all(manifests), text=True, capture_output=True, check=False)
    if done.returncode:
        raise RefusedError(done.stderr)
