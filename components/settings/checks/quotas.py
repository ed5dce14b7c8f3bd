"""What tenants may hold, the pools can hold."""

from collections.abc import Iterator
from decimal import Decimal

from ...catalogue.accelerators import accelerators
from ...problems import Problem
from ..draft import Draft
from ..inventory import cards, carried, stocks, surveyed
from ..scalars import amount
from ..wording import did_you_mean, listed, problem


def check_accelerators(draft: Draft) -> Iterator[Problem]:
    """Accelerators that a tenant may hold or borrow are ones that a pool carries."""
    known, whole = carried(draft), surveyed(draft)
    for name, tenant in draft.tenants.items():
        for key, counts in (("quota", tenant.quota.gpu), ("queue", tenant.queue.borrow)):
            for accelerator, count in counts.items():
                path = ("tenants", name, key, "gpu" if key == "quota" else "borrow", accelerator)
                if accelerator not in accelerators():
                    text = f"is no accelerator of the catalogue.{did_you_mean(accelerator, known or accelerators())}"
                    yield problem(path, count, f"{text} The pools carry: {listed(known)}.")
                elif accelerator not in known and whole:
                    text = f"is carried by no pool, so nothing could be used. The pools carry: {listed(known)}."
                    yield problem(path, count, f"{text} Add a pool, or remove it.")


def check_gpu_sums(draft: Draft) -> Iterator[Problem]:
    """The tenants together own no more cards than the pools hold."""
    for accelerator in dict.fromkeys(key for tenant in draft.tenants.values() for key in tenant.quota.gpu):
        held, asked = cards(draft, accelerator), 0
        if not held:
            continue
        asking: list[str] = []
        for name, tenant in draft.tenants.items():
            own = tenant.quota.gpu.get(accelerator, 0)
            asking += [f"{name} ({own})"] if own else []
            if asked <= held < asked + own:
                yield problem(
                    ("tenants", name, "quota", "gpu"),
                    {accelerator: own},
                    _too_much(draft, accelerator, held, asking, asked + own),
                )
            asked += own


def _too_much(draft: Draft, accelerator: str, held: int, asking: list[str], asked: int) -> str:
    carriers = [stock for stock in stocks(draft) if stock.pool.accelerator == accelerator]
    rooms = " + ".join(f"{stock.pool.size.max} nodes x {stock.per_node}" for stock in carriers)
    who = f"{' and '.join(asking)} together ask" if len(asking) > 1 else "it asks"
    sizes = " or ".join(f"pools.{stock.name}.size" for stock in carriers)
    return (
        f"the pools hold at most {rooms} = {held}, but {who} for {asked}. "
        f"Lower one, raise {sizes}, or let them borrow in queue."
    )


def check_borrowing(draft: Draft) -> Iterator[Problem]:
    """Something is there to be borrowed, and as much as a tenant may borrow."""
    for name, tenant in draft.tenants.items():
        for accelerator, count in tenant.queue.borrow.items():
            held, own = cards(draft, accelerator), tenant.quota.gpu.get(accelerator, 0)
            if not held or own + count <= held or own > held:
                continue
            path = ("tenants", name, "queue", "borrow", accelerator)
            if own == held:
                text = f"nobody could lend it: the pools hold {held}, and all are this tenant's. Remove borrow."
            else:
                text = f"with the quota of {own} is above the {held} that the pools hold. Borrow at most {held - own}."
            yield problem(path, count, text)


def check_cpu_and_memory(draft: Draft) -> Iterator[Problem]:
    """No tenant alone may hold more cores or memory than all pools have. Together they may: not all are busy."""
    machines = [(stock.pool.size.max, stock.machine) for stock in stocks(draft)]
    if not draft.intact("pools") or not machines or any(machine is None for _, machine in machines):
        return
    cores = sum(count * machine.vcpu for count, machine in machines if machine)
    gibibytes = sum(count * machine.memory for count, machine in machines if machine)
    for name, tenant in draft.tenants.items():
        for key, limit, unit in (("cpu", Decimal(cores), ""), ("memory", Decimal(gibibytes) * 2**30, "Gi")):
            written = getattr(tenant.quota, key)
            if amount(written) > limit:
                most = f"{gibibytes if unit else cores}{unit}"
                text = f"is more than all pools have at their largest: {most}. Lower it, or raise a pool's size."
                yield problem(("tenants", name, "quota", key), written, text)


RULES = (check_accelerators, check_gpu_sums, check_borrowing, check_cpu_and_memory)
