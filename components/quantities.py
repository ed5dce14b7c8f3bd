"""Quantities as the API server gives them back; any other spelling of the same amount reads as drift."""

from decimal import ROUND_CEILING, Decimal

from .settings.scalars import amount

_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")


def canonical(quantity: str) -> str:
    """The canonical form of a Kubernetes quantity: ``2000`` is ``2k``, ``0.5`` is ``500m``, ``1024Gi`` is ``1Ti``.

    Kueue's webhooks rewrite what they admit in this form: any other would show as drift for ever.
    Source: k8s.io/apimachinery/pkg/api/resource, Quantity.CanonicalizeBytes.
    """
    value = amount(quantity)
    if quantity.endswith("i") and value >= 1024:
        return _scaled(value, 1024, _BINARY)
    return _scaled(value * 10**9, 1000, _DECIMAL)


def mebibytes(count: int) -> str:
    """``count`` MiB."""
    return canonical(f"{count}Mi")


def millicores(count: int) -> str:
    """``count`` thousandths of a core."""
    return canonical(f"{count}m")


def _scaled(value: Decimal, base: int, suffixes: tuple[str, ...]) -> str:
    whole = int(value.to_integral_value(ROUND_CEILING))
    if not whole:
        return "0"
    steps = 0
    while steps < len(suffixes) - 1 and whole % base == 0:
        whole, steps = whole // base, steps + 1
    return f"{whole}{suffixes[steps]}"
