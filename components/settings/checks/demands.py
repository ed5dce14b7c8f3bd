"""What workloads ask of accelerators is to be had, means one thing, and suits what runs on them."""

from collections.abc import Iterable, Iterator

from ...catalogue.accelerators import Accelerator, accelerators
from ...problems import Problem
from ..draft import Draft
from ..inventory import Stock, stocks, surveyed
from ..lanes import Demand, Online
from ..options import RefusedError
from ..wording import problem
from ..workloads import workloads


def check_choices(draft: Draft) -> Iterator[Problem]:
    """Some pool of the right lane hands out what a workload asks for, and it is clear what is meant."""
    pools = list(stocks(draft))
    offers = [offer for stock in pools for offer in stock.offers]
    for placed in workloads(draft):
        found = placed.choice(offers)
        if isinstance(found, RefusedError) and (_settled(pools, placed.demand) if surveyed(draft) else found.unknown):
            yield problem(found.path, found.value, found.text)


def _settled(pools: Iterable[Stock], demand: Demand | None) -> bool:
    """Whether it is known what the pools in question hand out: not while one is shared in a way that it has not."""
    products = {each.product for each in (demand, *demand.instead)} if demand else set[str]()
    return all(stock.offers for stock in pools if stock.pool.accelerator in products)


def check_servers(draft: Draft) -> Iterator[Problem]:
    """A model server is built for the accelerator that it is given; the one by default is built for CUDA."""
    for name, online in draft.lanes.online.items():
        card = accelerators().get(online.accelerator.product)
        if card and not card.is_nvidia and online.image == Online.model_fields["image"].default:
            yield problem(("lanes", "online", name, "image"), None, _wrong_server(card))


def _wrong_server(card: Accelerator) -> str:
    return (
        f"missing: the server by default is built for CUDA and would find no device of {card.vendor.title}. "
        f"Name an image of vLLM that is built for {card.name}, with its version."
    )


RULES = (check_choices, check_servers)
