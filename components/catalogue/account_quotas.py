"""What a cloud lets an account have until more is asked for, and what of a stack counts against it."""

from functools import cache
from typing import Any

from .machines import Cloud, Machine
from .prices import Market
from .rows import Row, read


class AccountQuota(Row):
    """One quota, in one region, of one account or project."""

    code: str
    """The cloud's name for it: the quota code of Service Quotas, the metric of Compute Engine."""
    name: str
    """What it is called where more is asked for."""
    cloud: Cloud
    """Whose it is."""
    service: str
    """The service that it belongs to, as the cloud spells it."""
    default: int | None
    """What a new account has; None where that depends on the account or the project."""
    unit: str
    """What is counted, for people."""
    counts: str
    """What of a stack counts: ``vcpus``, ``gpus`` or ``tpus`` of the nodes that match, else a number of the whole
    stack."""
    markets: tuple[Market, ...] = ()
    """The ways of buying nodes that count; all where there are none."""
    families: tuple[str, ...] = ()
    """The families of machines that count; all where there are none."""
    gpus: tuple[str, ...] = ()
    """The accelerators that count, by GKE's names; all where there are none."""
    source: str
    """Where the default is from."""

    def concerns(self, machine: Machine) -> bool:
        """Whether nodes of this machine type count."""
        family = machine.name.split("." if machine.cloud == "aws" else "-")[0]
        return (
            machine.cloud == self.cloud
            and (not self.families or family in self.families)
            and (not self.gpus or machine.gke_accelerator in self.gpus)
        )


@cache
def account_quotas() -> tuple[AccountQuota, ...]:
    """Every quota. Source: account_quotas.yaml."""
    return tuple(
        AccountQuota.model_validate({**_shared(group), **row, "code": code})
        for group in read("account_quotas.yaml")
        for code, row in group["quotas"].items()
    )


def _shared(group: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in group.items() if key != "quotas"}
