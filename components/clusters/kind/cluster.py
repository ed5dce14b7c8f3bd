"""The life of a kind cluster: made, looked at, deleted. Each step may be repeated, and cut short at any moment."""

import hashlib
import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import yaml

from ..api import Api, ApiError, Json
from ..sim.files import write_private
from ..sim.locking import exclusively
from . import executable
from .failure import KindError
from .home import KindHome
from .record import KindRecord

log = logging.getLogger(__name__)

_PAUSE = 0.5
_JOINING = 300
"""Seconds that nodes may take to be ready once the control plane is: they pull the images of the network."""
_ANSWERING = 60
"""Seconds that a cluster that stands may take to answer again, such as after its machine was started."""


class State(StrEnum):
    """How a cluster is.

    ABSENT: there is none, or a half-made one, or another one of its name.
    INCOMPLETE: it has lost nodes, and kind adds none to a cluster that stands.
    SILENT: its nodes are there, and its API server does not answer.
    RUNNING: everything is there.
    """

    ABSENT = "absent"
    INCOMPLETE = "incomplete"
    SILENT = "silent"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Health:
    """How a cluster was found.

    reason: why it is not running; empty where it is.
    record: what is remembered of it; None where it is absent.
    """

    state: State
    reason: str = ""
    record: KindRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running cluster.

    uid: tells it from another of the same name.
    version: of its Kubernetes, in full: ``1.36.4``.
    endpoint: the URL of its API server.
    kubeconfig: the administrator's, YAML; a secret.
    """

    uid: str
    version: str
    endpoint: str
    kubeconfig: str


def digest(config: str) -> str:
    """Changes whenever a cluster would have to be made anew to be what is asked for."""
    return hashlib.sha256(config.encode()).hexdigest()[:16]


def probe(place: KindHome, nodes: Sequence[str]) -> Health:
    """Looks at the cluster without changing anything. ``nodes`` names all that it should have."""
    record = KindRecord.read(place.record)
    if record is None:
        return Health(State.ABSENT, f"{place.root} remembers no complete cluster")
    standing = executable.nodes(place.name)
    if not standing:
        return Health(State.ABSENT, "it has no node any more")
    if lost := sorted(set(nodes) - standing):
        return Health(State.INCOMPLETE, f"nodes are gone: {', '.join(lost)}", record)
    try:
        # Not the file that we keep: it would fit no other cluster that stands in its place.
        with Api(yaml.safe_load(executable.kubeconfig(place.name))) as api:
            uid = _uid(api)
    except (ApiError, KindError) as error:
        return Health(State.SILENT, str(error), record)
    if uid != record.uid:
        return Health(State.ABSENT, "another cluster of this name stands in its place")
    return Health(State.RUNNING, "", record)


def create(place: KindHome, config: str, nodes: Sequence[str], *, nvkind: bool) -> Running:
    """Makes the cluster, or takes over the complete one that an interrupted run of this stack left.

    A half-made one of ours is removed first. Raises KindError where that cannot be done, and for a cluster of this name
    that is not ours.
    """
    with exclusively(place.lock):
        health = probe(place, nodes)
        if health.state is State.RUNNING and health.record and health.record.digest == digest(config):
            return describe(place)
        if place.name in executable.clusters():
            if not place.config.exists():
                raise KindError(
                    f"a kind cluster called {place.name} stands already and is not this stack's. Choose another "
                    f"cluster.name, or remove it: `kind delete cluster --name {place.name}`"
                )
            log.info("%s: what is left of the cluster is removed: %s", place.name, health.reason)
            _remove(place)
        write_private(place.config, config)
        executable.create(place, nvkind=nvkind)
        place.kubeconfig.chmod(0o600)
        with Api(_kubeconfig(place)) as api:
            _wait_for_nodes(api, place.name, nodes)
            KindRecord(uid=_uid(api), digest=digest(config)).write(place.record)
        return describe(place)


def revive(place: KindHome, nodes: Sequence[str]) -> Running:
    """Waits for a cluster that does not answer; raises KindError with what to do where it stays silent."""
    deadline = time.monotonic() + _ANSWERING
    while (health := probe(place, nodes)).state is State.SILENT and time.monotonic() < deadline:
        time.sleep(_PAUSE)
    if health.state is not State.RUNNING:
        raise KindError(
            f"the cluster {place.name} is {health.state}: {health.reason}. Start its nodes, such as with "
            f"`docker start $(kind get nodes --name {place.name})`, or remove it: "
            f"`kind delete cluster --name {place.name}`. Then run again."
        )
    return describe(place)


def describe(place: KindHome) -> Running:
    """What is known of a running cluster."""
    kubeconfig = _kubeconfig(place)
    with Api(kubeconfig) as api:
        return Running(
            uid=_uid(api),
            version=api.get("/version")["gitVersion"].removeprefix("v"),
            endpoint=kubeconfig["clusters"][0]["cluster"]["server"],
            kubeconfig=place.kubeconfig.read_text(),
        )


def delete(place: KindHome, uid: str) -> None:
    """Leaves no node and no file of the cluster; one that was made again in its place is not touched."""
    with exclusively(place.lock):
        record = KindRecord.read(place.record)
        if record is not None and record.uid != uid:
            return
        if place.config.exists():
            _remove(place)
    for folder in (place.root.parent, place.home):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _remove(place: KindHome) -> None:
    # The marker goes first: a removal that is cut short leaves a half-made cluster of ours, not a complete one.
    place.record.unlink(missing_ok=True)
    executable.delete(place)
    shutil.rmtree(place.root, ignore_errors=True)


def _kubeconfig(place: KindHome) -> Json:
    return yaml.safe_load(place.kubeconfig.read_text())


def _uid(api: Api) -> str:
    return api.get("/api/v1/namespaces/kube-system")["metadata"]["uid"]


def _wait_for_nodes(api: Api, name: str, nodes: Sequence[str]) -> None:
    deadline = time.monotonic() + _JOINING
    while late := sorted(set(nodes) - _ready(api)):
        if time.monotonic() > deadline:
            raise KindError(
                f"nodes of the cluster {name} are not ready after {_JOINING} s: {', '.join(late)}. "
                f"`kubectl describe node` and `kind export logs --name {name}` say why"
            )
        time.sleep(_PAUSE)


def _ready(api: Api) -> set[str]:
    return {
        node["metadata"]["name"]
        for node in api.get("/api/v1/nodes")["items"]
        if any(c["type"] == "Ready" and c["status"] == "True" for c in node.get("status", {}).get("conditions", []))
    }
