"""Each GPU of a live cluster has one advertiser: verified, as a resource of the engine."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pulumi
import yaml
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from ....clusters.api import Api, ApiError
from ....pools.plan import PoolPlan
from .live import Expected, Sight, expected, look

log = logging.getLogger(__name__)

Properties = dict[str, Any]


class TwoAdvertisersError(RuntimeError):
    """Cards that are handed out twice; the message lists all of them, and what to do."""


class AdvertiserCheck(Resource, module="kubelanes", name="AdvertiserCheck"):
    """Exists once no card of a pool is advertised by anybody but the one that the pool names.

    Nodes come and go: what is true when it is made is looked at again by every refresh, and what is not so any more is
    drift, which the next update refuses. It waits for nothing: a pool without nodes, or whose nodes have nothing
    advertised yet, keeps no stack from coming up; of the latter it warns.
    """

    def __init__(
        self,
        name: str,
        pools: Sequence[PoolPlan],
        *,
        kubeconfig: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "kubeconfig": pulumi.Output.secret(kubeconfig),
            "pools": [asdict(each) for each in expected(pools)],
            "differences": None,
        }
        super().__init__(_Checker(), name, inputs, opts)


class _Checker(ResourceProvider):
    """The class is pickled by reference: it holds no code and no data."""

    serialize_as_secret_always = False

    def create(self, props: Properties) -> CreateResult:
        """Verifies."""
        return CreateResult("advertisers", _verified(props))

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Compares what is asked for, and what the last refresh found; the cluster is not asked while planning."""
        return DiffResult(changes=bool(_olds["differences"]) or _olds["pools"] != _news["pools"])

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Verifies again."""
        return UpdateResult(_verified(_news))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Says what is not so any more; a cluster that cannot be asked is verified anew by the next update."""
        try:
            found = _twice(_seen(props))
        except ApiError:
            return ReadResult("", {})
        return ReadResult(id_, {**props, "differences": [each.line for each in found]})


def _verified(props: Properties) -> Properties:
    seen = _seen(props)
    if wrong := _twice(seen):
        listed = "".join(f"\n  {each.line}" for each in wrong)
        raise TwoAdvertisersError(
            f"GPUs are advertised by two, and each would hand out every card:{listed}\n"
            "Remove the one that the pool does not name, and restart the kubelet of a node that still counts its "
            "resources. Or change the pool's `share`. See docs/gpus.md."
        )
    for each in seen:
        log.warning("%s", each.line)
    return {**props, "differences": []}


def _seen(props: Properties) -> list[Sight]:
    with Api(yaml.safe_load(props["kubeconfig"])) as api:
        return look(api, map(_expected, props["pools"]))[1]


def _expected(given: Properties) -> Expected:
    """As it was given; the engine hands on every number as a floating-point one."""
    resources = {name: int(many) for name, many in given["resources"].items()}
    return Expected(pool=given["pool"], cards=int(given["cards"]), resources=resources)


def _twice(seen: Sequence[Sight]) -> list[Sight]:
    return [each for each in seen if each.kind == "two"]
