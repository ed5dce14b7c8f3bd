"""Where EKS keeps the images of its add-ons, by region."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from .rows import Row, read


class EksRegistries(Row):
    """The whole table."""

    as_of: date
    """When it was so."""
    source: str
    """Where it is from."""
    domain: Mapping[str, str]
    """The domain of the cloud's partitions, by what their regions begin with; ``amazonaws.com`` elsewhere."""
    accounts: Mapping[str, tuple[str, ...]]
    """The regions by the account whose registries serve them."""

    def registry(self, region: str) -> str | None:
        """The registry of a region: ``602401143452.dkr.ecr.eu-west-1.amazonaws.com``; None where none is known."""
        for account, regions in self.accounts.items():
            if region in regions:
                domain = self.domain.get(region.split("-")[0], "amazonaws.com")
                return f"{account}.dkr.ecr.{region}.{domain}"
        return None


@cache
def eks_registries() -> EksRegistries:
    """The registries. Source: eks_registries.yaml."""
    return EksRegistries.model_validate(read("eks_registries.yaml"))
