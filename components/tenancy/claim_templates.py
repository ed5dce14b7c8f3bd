"""Claims made out beforehand: a template for each card and partition that a tenant may hold and that pods claim.

A pod names one and needs to know neither device classes nor CEL: ``resourceClaimTemplateName: h200.card``.
"""

from collections.abc import Iterator, Mapping, Sequence

from ..catalogue.accelerators import Accelerator, accelerators
from ..objects import Object, manifest
from ..pools.claims import DeviceRequest, card_request, claim_spec, partition_request
from ..pools.plan import PoolPlan
from ..pools.shares import device_classes_of, partition_classes_of, partition_label

REQUEST = "accelerator"
"""What the claims call their request."""


def claim_templates(namespace: str, pools: Sequence[PoolPlan], cards: Mapping[str, int]) -> tuple[Object, ...]:
    """The templates of a tenant that may hold so many cards of each pool."""
    held = [pool for pool in pools if cards.get(pool.name)]
    wanted = dict(_requests(held))
    return tuple(
        Object(manifest(_API, "ResourceClaimTemplate", name, namespace, spec={"spec": claim_spec(REQUEST, [request])}))
        for name, request in wanted.items()
    )


def _requests(pools: Sequence[PoolPlan]) -> Iterator[tuple[str, DeviceRequest]]:
    """Requests by template name. A dot keeps them apart from what lanes make: workloads have none in their names."""
    for name in device_classes_of(pools):
        yield f"{name}.card", card_request(accelerators()[name], 1)
    for name in partition_classes_of(pools):
        yield from _partitions(accelerators()[name])


def _partitions(card: Accelerator) -> Iterator[tuple[str, DeviceRequest]]:
    for profile in card.mig.profiles.values() if card.mig else ():
        yield f"{card.name}.{partition_label(profile)}", partition_request(card, profile, 1)


_API = "resource.k8s.io/v1"
