"""A pool of nodes that stand already, as a resource of the engine: labelled, tainted and verified, never created."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from ...pools.plan import PoolPlan
from ..api import APPLY, MERGE, Api, ApiError, Json
from ..kubeconfig import read_context
from .nodes import PoolSpec, faults, labelled, plan_nodes, tainted, unlike

Properties = dict[str, Any]

_TRIES = 20
"""How often a node may change under our hands before we give up; its kubelet reports every few seconds."""


class PoolError(RuntimeError):
    """Nodes that cannot be the pool; the message lists all that is wrong, and what to do."""


class LabelledPool(Resource, module="kubelanes", name="LabelledPool"):
    """The nodes of one pool of an existing cluster.

    kubeconfig: the path of the kubeconfig file, read whenever the cluster is asked: credentials may change any day.
    context: the context in it; the current one where it is None.

    Nodes that join later are labelled by the next ``pulumi up --refresh``. When it is deleted, the nodes lose the
    labels and taints that it gave them, and nothing else.
    """

    nodes: pulumi.Output[list[str]]
    """The names of its nodes."""

    def __init__(
        self,
        resource_name: str,
        pool: PoolPlan,
        *,
        kubeconfig: str,
        context: str | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"kubeconfig": kubeconfig, "context": context, "spec": asdict(plan_nodes(pool))}
        super().__init__(_Labeller(), resource_name, inputs | dict.fromkeys(("nodes", "differences")), opts)


class _Labeller(ResourceProvider):
    """The class is pickled by reference: it holds no code and no data."""

    serialize_as_secret_always = False

    def create(self, props: Properties) -> CreateResult:
        """Verifies all nodes, then labels and taints them."""
        return CreateResult(f"pool/{to_spec(props).pool}", _carried_out(props, ()))

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Compares what is asked for, and what the last refresh found; the cluster is not asked while planning."""
        if _olds["spec"]["pool"] != _news["spec"]["pool"]:
            return DiffResult(changes=True, replaces=["spec"], delete_before_replace=True)
        asked = any(_olds.get(key) != _news.get(key) for key in ("kubeconfig", "context", "spec"))
        return DiffResult(changes=asked or bool(_olds["differences"]))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Repairs what is not as planned; nodes that are not the pool's any more are let go."""
        return UpdateResult(_carried_out(_news, _olds["nodes"]))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Says which nodes are not as planned."""
        spec = to_spec(props)
        with _connect(props) as api:
            nodes = _selected(api, spec)
            left = sorted(set(props["nodes"]) - set(map(_name, nodes)))
            gone = [f"node {name} is not the pool's any more" for name in left]
            found = [*faults(spec, nodes), *unlike(spec, nodes), *gone]
            return ReadResult(id_, _outputs(props, [*map(_name, nodes), *left], found))

    def delete(self, _id: str, _props: Properties) -> None:
        """Takes away the labels and taints that we gave; nodes that are gone are fine."""
        spec = to_spec(_props)
        try:
            with _connect(_props) as api:
                known = {*_props["nodes"], *map(_name, _selected(api, spec))}
                _release(api, spec, sorted(known))
        except ApiError as error:
            # The same variable by which the provider for Kubernetes forgets what cannot be reached.
            if error.status is not None or os.environ.get("PULUMI_K8S_DELETE_UNREACHABLE") != "true":
                raise


def to_spec(props: Properties) -> PoolSpec:
    """The spec that the resource's inputs describe; the engine hands on every number as a floating-point one."""
    given: Properties = props["spec"]
    counts: Properties = {key: int(given[key]) for key in ("least", "most", "cards")}
    return PoolSpec(**given | counts)


def _carried_out(props: Properties, before: Iterable[str]) -> Properties:
    spec = to_spec(props)
    with _connect(props) as api:
        nodes = _selected(api, spec)
        if wrong := list(faults(spec, nodes)):
            listed = "".join(f"\n  {each}" for each in wrong)
            raise PoolError(f"pools.{spec.pool}: its nodes are not as it says; none was changed:{listed}")
        names = [_name(node) for node in nodes]
        for node in nodes:
            _taint(api, spec, _name(node))
            _label(api, spec, node)
        _release(api, spec, sorted(set(before) - set(names)))
        return _outputs(props, names, ())


def _release(api: Api, spec: PoolSpec, names: Sequence[str]) -> None:
    for name in names:
        try:
            node = api.get(_path(name))
            _label(api, spec, node, release=True)
            _taint(api, None, name)
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise


def _label(api: Api, spec: PoolSpec, node: Json, *, release: bool = False) -> None:
    api.patch(_path(_name(node)), labelled(spec, node, release=release), APPLY, fieldManager=spec.manager)


def _taint(api: Api, spec: PoolSpec | None, name: str) -> None:
    """Gives the node its taints; whoever changes it at the same moment is not overrun: then it is tried again."""
    for left in reversed(range(_TRIES)):
        patch = tainted(spec, api.get(_path(name)))
        if patch is None:
            return
        try:
            api.patch(_path(name), patch, MERGE, fieldManager="kubelanes")
        except ApiError as error:
            if error.status != HTTPStatus.CONFLICT or not left:
                raise
        else:
            return


def _connect(props: Properties) -> Api:
    return Api(read_context(props["kubeconfig"], props.get("context")))


def _selected(api: Api, spec: PoolSpec) -> list[Json]:
    return api.get("/api/v1/nodes", labelSelector=spec.query)["items"]


def _path(name: str) -> str:
    return f"/api/v1/nodes/{name}"


def _name(node: Json) -> str:
    return node["metadata"]["name"]


def _outputs(props: Properties, nodes: Iterable[str], differences: Sequence[str]) -> Properties:
    """The inputs and what became of them; ``nodes`` names all that may still have a label or taint of ours."""
    given = {key: props.get(key) for key in ("kubeconfig", "context", "spec")}
    return {**given, "nodes": sorted(nodes), "differences": list(differences)}
