"""The zones of Google Cloud's regions.

Source: Compute Engine, "Regions and zones": a region has the zones a, b and c, but for those below.
"""

_OTHERS = {"us-central1": "abcf", "us-east1": "bcd", "europe-west1": "bcd"}


def zones_of(region: str) -> tuple[str, ...]:
    """The full names of a region's general zones; those that hold accelerators only are not among them."""
    return tuple(f"{region}-{letter}" for letter in _OTHERS.get(region, "abc"))
