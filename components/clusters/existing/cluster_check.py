"""The declared facts of an existing cluster, verified, as a resource of the engine."""

import logging
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from ...problems import Problem
from ...settings.existing import DeclaredFacts
from ..api import Api
from ..kubeconfig import read_context
from .observation import Observation, observe
from .recognition import differences, recognise

log = logging.getLogger(__name__)

Properties = dict[str, Any]

INPUTS = ("kubeconfig", "context", "facts")


class FactsError(RuntimeError):
    """Declared facts that are not so; the message lists all of them, and what to write."""


class ClusterCheck(Resource, module="kubelanes", name="ClusterCheck"):
    """Exists once the cluster is what the stack file says of it.

    kubeconfig: the path of the kubeconfig file, read whenever the cluster is asked.
    context: the context in it; the current one where it is None.
    """

    uid: pulumi.Output[str]
    """Tells the cluster from another: the uid of its namespace ``kube-system``."""

    def __init__(
        self,
        resource_name: str,
        facts: DeclaredFacts,
        *,
        kubeconfig: str,
        context: str | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"kubeconfig": kubeconfig, "context": context, "facts": facts.model_dump(mode="json")}
        super().__init__(_Checker(), resource_name, inputs | dict.fromkeys(("uid", "differences")), opts)


class _Checker(ResourceProvider):
    """The class is pickled by reference: it holds no code and no data."""

    serialize_as_secret_always = False

    def create(self, props: Properties) -> CreateResult:
        """Verifies."""
        outputs = _verified(props)
        return CreateResult(outputs["uid"], outputs)

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Compares what is declared, and what the last refresh found; the cluster is not asked while planning."""
        return DiffResult(changes=bool(_olds["differences"]) or any(_olds.get(key) != _news.get(key) for key in INPUTS))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Verifies again; another cluster is refused, for everything that the engine knows of is in the first one."""
        outputs = _verified(_news)
        if outputs["uid"] != _olds["uid"]:
            raise FactsError(
                f"{_news['kubeconfig']} leads to another cluster than before, and nothing of this stack is in it. "
                "Bring the old one back, or use a stack of its own for the new one."
            )
        return UpdateResult(outputs)

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Says what is not so any more; another cluster in its place is none of ours."""
        with _connect(props) as api:
            uid = _uid(api)
            found = differences(_declared(props), observe(api))
        return ReadResult(id_, _outputs(props, uid, found)) if uid == props["uid"] else ReadResult("", {})

    def delete(self, _id: str, _props: Properties) -> None:
        """Leaves the cluster alone."""


def _verified(props: Properties) -> Properties:
    declared = _declared(props)
    with _connect(props) as api:
        seen, uid = observe(api), _uid(api)
    if wrong := differences(declared, seen):
        listed = "".join(f"\n  {problem.path}  {problem.value}  {problem.text}" for problem in sorted(wrong))
        raise FactsError(f"the cluster is not what the stack file says; nothing was changed:{listed}")
    _warn(declared, seen)
    return _outputs(props, uid, [])


def _warn(declared: DeclaredFacts, seen: Observation) -> None:
    if declared.network_policy == "other" and recognise(seen).network_policy == "none":
        log.warning(
            "cluster.facts.network_policy other: nothing that we know enforces NetworkPolicy there. "
            "If nothing does, tenants reach each other's pods: write none, and do not share this cluster."
        )


def _connect(props: Properties) -> Api:
    return Api(read_context(props["kubeconfig"], props.get("context")))


def _uid(api: Api) -> str:
    return api.get("/api/v1/namespaces/kube-system")["metadata"]["uid"]


def _declared(props: Properties) -> DeclaredFacts:
    return DeclaredFacts.model_validate(props["facts"])


def _outputs(props: Properties, uid: str, found: list[Problem]) -> Properties:
    given = {key: props.get(key) for key in INPUTS}
    return {**given, "uid": uid, "differences": [f"{each.path} {each.value}: {each.text}" for each in sorted(found)]}
