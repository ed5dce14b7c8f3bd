"""What DRA hands out, it hands out in one way, and the cluster's Kubernetes can do it.

A DeviceClass, a tenant's quota of it and what Kueue counts it as are each one for a model of card, over all pools.
"""

from collections.abc import Iterator

from ...problems import Problem
from ...versions import minor
from ..draft import Draft
from ..eks import EksCluster
from ..existing import ExistingCluster
from ..gke import GkeCluster
from ..inventory import Stock, stocks
from ..kind import KindCluster
from ..wording import listed, problem

_DIVIDED_FROM = (1, 36)
"""From which Kubernetes on devices may share counters: DRAPartitionableDevices is on (KEP-4815, beta)."""


def check_versions(draft: Draft) -> Iterator[Problem]:
    """Cards are cut when they are claimed where the scheduler can count what partitions share.

    kind's versions and GKE's are judged by the rules that refuse dynamic-mig there altogether.
    """
    match draft.cluster:
        case EksCluster() as cluster:
            version, where = cluster.version, "cluster.version"
        case ExistingCluster() as cluster:
            version, where = cluster.facts.kubernetes, "cluster.facts.kubernetes"
        case _:
            return
    if minor(version) >= _DIVIDED_FROM:
        return
    for stock in _claimed(draft):
        if stock.pool.share.dra == "dynamic-mig" and stock.accelerator and stock.accelerator.mig:
            text = (
                f"would leave every claim waiting: Kubernetes {version} does not count what partitions share, 1.36 is "
                f"the first that does (DRAPartitionableDevices). Raise {where}, or cut the cards beforehand: "
                "{ mig: [...] }."
            )
            yield problem(("pools", stock.name, "share", "dra"), "dynamic-mig", text)


def check_resets(draft: Draft) -> Iterator[Problem]:
    """Cards that are cut when they are claimed take MIG mode while they run: Ampere's take it with a reset only.

    GKE and kind have no dynamic MIG at all, which other rules say.
    """
    if isinstance(draft.cluster, GkeCluster | KindCluster):
        return
    for stock in _claimed(draft):
        card = stock.accelerator
        if stock.pool.share.dra == "dynamic-mig" and card and card.mig and not card.cut_on_claim:
            text = (
                f"would leave every claim of a partition waiting: {card.name} takes MIG mode with a reset, which the "
                "DRA driver does not do, and it hands these cards out whole. Cut them beforehand: { mig: [...] }; or "
                "take cards of Hopper or newer."
            )
            yield problem(("pools", stock.name, "share", "dra"), "dynamic-mig", text)


def check_one_way_for_a_model(draft: Draft) -> Iterator[Problem]:
    """All cards of a model that DRA serves are cut when they are claimed, or none.

    Source: dra-driver-nvidia-gpu v0.5, feature gate DynamicMIG; Kueue, ``deviceClassMappings``.
    """
    ways: dict[str, dict[str, str]] = {}
    for stock in _claimed(draft):
        ways.setdefault(str(stock.pool.accelerator), {})[stock.name] = str(stock.pool.share.dra)
    for accelerator, pools in ways.items():
        if len(set(pools.values())) < 2:
            continue
        whole = [name for name, way in pools.items() if way != "dynamic-mig"]
        for name, way in pools.items():
            if way == "dynamic-mig":
                text = (
                    f"would cut the {accelerator} of {listed(f'pools.{other}' for other in whole)} as well, which are "
                    "claimed whole: a device class, its quota and its queue are one for a model. Give all of these "
                    "pools the same share, or one of them without DRA."
                )
                yield problem(("pools", name, "share", "dra"), way, text)


def check_nvlink_domains(draft: Draft) -> Iterator[Problem]:
    """NVLink between nodes comes from the DRA driver, which on its nodes hands out cards everywhere or nowhere.

    Source: dra-driver-nvidia-gpu v0.5, templates/kubeletplugin.yaml: one DaemonSet holds both plugins.
    """
    claimed = [stock.name for stock in _claimed(draft)]
    for stock in stocks(draft):
        domain = stock.accelerator and stock.accelerator.nvlink_domain
        if domain and claimed and not stock.pool.share.dra:
            text = (
                f"would hand each card out twice: NVLink between the nodes of {stock.pool.accelerator} comes from the "
                f"DRA driver, which hands out cards on all its nodes, because of {listed(claimed)}, and the device "
                "plugin does so as well. Write share: dra here, or no share with DRA elsewhere."
            )
            yield problem(("pools", stock.name, "share"), stock.pool.share.way, text)


def _claimed(draft: Draft) -> list[Stock]:
    return [stock for stock in stocks(draft) if stock.accelerator and stock.pool.share.dra]


RULES = (check_versions, check_resets, check_one_way_for_a_model, check_nvlink_domains)
