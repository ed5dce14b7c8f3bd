"""The kind cluster as a resource of the engine.

What a plain ``pulumi up`` notices: ``diff`` looks at the cluster itself, through kind and its API server on this
machine. One that is gone, or has lost nodes, is made again, and with it all that the engine believes to be in it.

The class is pickled by reference. It holds no code and no data, so an edit of these modules changes no state.
"""

import logging
from pathlib import Path
from typing import Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from . import cluster, executable
from .cluster import State
from .home import KindHome

log = logging.getLogger(__name__)

Properties = dict[str, Any]

INPUTS = ("name", "home", "config", "nodes", "nvkind")
"""The inputs of the resource; all else in its state is outputs."""

_IDENTITY = {"name", "home"}


class KindProvider(ResourceProvider):
    """Carries out what the engine asks for; everything that matters is in ``cluster``."""

    serialize_as_secret_always = False

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Refuses, before anything is created, what cannot be made on this machine."""
        fault = executable.missing(nvkind=news["nvkind"])
        return CheckResult(news, [CheckFailure("name", fault)] if fault else [])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Compares the cluster itself, not only what is remembered of it, with what is asked for.

        kind changes no cluster that stands: whatever is asked for differently makes a new one in its place, which takes
        the old one away. What was inside is then gone with its cluster, and is not deleted piece by piece.
        """
        changed = [key for key in INPUTS if _olds.get(key) != _news[key]]
        if changed:
            # Under another name both would stand for a while, and compete for the ports of this machine.
            return DiffResult(changes=True, replaces=changed, delete_before_replace=bool(_IDENTITY & set(changed)))
        health = cluster.probe(to_place(_news), _news["nodes"])
        if health.record is None or health.record.uid != _olds["uid"] or health.state is State.INCOMPLETE:
            log.warning("the cluster %s must be made again: %s", _news["name"], health.reason or "it is another one")
            return DiffResult(changes=True, replaces=["uid"])
        if health.state is not State.RUNNING:
            log.warning("the cluster %s is %s: %s", _news["name"], health.state, health.reason)
        return DiffResult(changes=not health.state == _olds["state"] == State.RUNNING)

    def create(self, props: Properties) -> CreateResult:
        """Makes the cluster, in place of one of ours that is not what is asked for; or takes over the one that is."""
        place = to_place(props)
        running = cluster.create(place, props["config"], props["nodes"], nvkind=props["nvkind"])
        return CreateResult(str(place.root), _outputs(props, running))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Says how the cluster is; one that is gone, or another one of its name, is gone."""
        health = cluster.probe(to_place(props), props["nodes"])
        if health.record is None or health.record.uid != props["uid"]:
            return ReadResult("", {})
        return ReadResult(id_, props | {"state": str(health.state)})

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Waits until the cluster answers again."""
        return UpdateResult(_outputs(_news, cluster.revive(to_place(_news), _news["nodes"])))

    def delete(self, _id: str, _props: Properties) -> None:
        """Leaves no node and no file of it; one that was made again in its place is not touched."""
        cluster.delete(to_place(_props), _props["uid"])


def to_place(props: Properties) -> KindHome:
    """Where the files of the cluster lie that the resource's inputs describe."""
    return KindHome(Path(props["home"]), props["name"])


def _outputs(props: Properties, running: cluster.Running) -> Properties:
    """The inputs and what became of them; nothing in it differs between two looks at a healthy cluster."""
    return {
        **{key: props[key] for key in INPUTS},
        "state": str(State.RUNNING),
        "uid": running.uid,
        "version": running.version,
        "endpoint": running.endpoint,
        "kubeconfig": running.kubeconfig,
        "kubeconfig_path": str(to_place(props).kubeconfig),
    }
