"""What EKS offers: versions of Kubernetes, and for each the versions of the managed add-ons."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated

from pydantic import BeforeValidator

from .rows import Row, read

_EVERY = "*"


def _by_minor(value: object) -> object:
    return {_EVERY: value} if isinstance(value, str) else value


class Offer(Row):
    """One minor version of Kubernetes."""

    standard: date | None = None
    """The end of its standard support; None where it is not known yet."""


class EksCatalogue(Row):
    """The whole table."""

    as_of: date
    """When it was so."""
    source: str
    """Where it is from."""
    kubernetes: Mapping[str, Offer]
    """The minor versions that a cluster may have."""
    addons: Mapping[str, Annotated[Mapping[str, str], BeforeValidator(_by_minor)]]
    """Each managed add-on's versions by minor version of Kubernetes."""

    def addon_version(self, addon: str, kubernetes: str) -> str:
        """The pinned version of an add-on for a minor version of Kubernetes.

        Raises LookupError where there is none; the checks of settings find that before.
        """
        versions = self.addons[addon]
        if found := versions.get(kubernetes) or versions.get(_EVERY):
            return found
        raise LookupError(f"eks_addons.yaml pins no {addon} for Kubernetes {kubernetes}")


@cache
def eks_catalogue() -> EksCatalogue:
    """What EKS offers. Source: eks_addons.yaml."""
    return EksCatalogue.model_validate(read("eks_addons.yaml"))
