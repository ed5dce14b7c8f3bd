"""Quantities as the API server gives them back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.quantities import canonical
from components.settings.scalars import amount


# As k8s.io/apimachinery v0.36 prints resource.MustParse(written).String().
@pytest.mark.parametrize(
    ("written", "given_back"),
    [
        ("0", "0"),
        ("0Gi", "0"),
        ("1", "1"),
        ("0.5", "500m"),
        ("1500m", "1500m"),
        ("2000m", "2"),
        ("200", "200"),
        ("2000", "2k"),
        ("2500", "2500"),
        ("1000000", "1M"),
        ("64Gi", "64Gi"),
        ("1024Gi", "1Ti"),
        ("1.5Gi", "1536Mi"),
        ("1025Mi", "1025Mi"),
        ("1000Mi", "1000Mi"),
        ("0.5Ki", "512"),
    ],
)
def test_a_quantity_is_written_as_the_server_gives_it_back(written: str, given_back: str) -> None:
    assert canonical(written) == given_back


@given(st.integers(0, 10**5), st.sampled_from(["", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti"]))
def test_it_means_the_same_and_is_stable(number: int, suffix: str) -> None:
    written = f"{number}{suffix}"
    assert amount(canonical(written)) == amount(written)
    assert canonical(canonical(written)) == canonical(written)
