"""Quantities, durations, percentages and ranges mean what people mean by them."""

from decimal import Decimal

import pytest

from components.settings.plaintext import secret_kind, tells_a_secret
from components.settings.scalars import Ratio, Span, amount, seconds


@pytest.mark.parametrize(
    ("quantity", "number"), [("500m", "0.5"), ("8", "8"), ("1.5", "1.5"), ("64Gi", 64 * 2**30), ("2T", 2 * 10**12)]
)
def test_a_quantity_is_a_number_of_its_base_unit(quantity: str, number: str | int) -> None:
    assert amount(quantity) == Decimal(number)


@pytest.mark.parametrize(
    ("duration", "length"), [("800ms", "0.8"), ("90s", 90), ("30m", 1800), ("2h", 7200), ("1d", 86400)]
)
def test_a_duration_is_a_number_of_seconds(duration: str, length: str | int) -> None:
    assert seconds(duration) == Decimal(length)


@pytest.mark.parametrize("text", ["", "1 Gi", "-1", "1e3", "GiB"])
def test_what_is_no_quantity_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="is no Kubernetes quantity"):
        amount(text)


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0%"), (0.001, "0.1%"), (0.05, "5%"), (0.07, "7%"), (1 / 3, None), (1, "100%")]
)
def test_a_ratio_prints_as_a_percentage(share: float, text: str | None) -> None:
    assert str(Ratio(share)) == text or text is None
    assert "e" not in str(Ratio(share)).lower()


@pytest.mark.parametrize(
    ("written", "span"), [(3, Span(3, 3)), ("3", Span(3, 3)), ("0-32", Span(0, 32)), (100_000, Span(100_000, 100_000))]
)
def test_a_size_is_a_number_or_a_range(written: object, span: Span) -> None:
    assert Span.parse(written) == span
    assert Span.parse(str(span)) == span


@pytest.mark.parametrize(
    "text",
    [
        "https://ai.example.com:8443/v1",
        "postgres://app:$(DB_PASSWORD)@db.example.com/app",
        "postgres://app:<password>@db.example.com/app",
        "sk-learn-based-feature-service",
        "registry.example.com/app@sha256:" + "0123456789abcdef" * 4,
        "s3://models/gpt-oss-120b",
        "search-oncall@example.com",
        "--token=$(HF_TOKEN)",
        "--password-file=/run/password",
        "--max-tokens=4096",
        "--tokenizer=byte-level",
    ],
)
def test_what_only_looks_like_a_secret_is_none(text: str) -> None:
    assert secret_kind(text) is None


@pytest.mark.parametrize(
    ("key", "tells"),
    [
        ("DB_PASSWORD", True),
        ("PGPASSWORD", True),
        ("BYPASS", False),
        ("API_KEY", True),
        ("HF_TOKEN", True),
        ("apiKey", True),
        ("MAX_TOKENS", False),
        ("KEYBOARD", False),
    ],
)
def test_a_key_tells_that_its_value_is_a_secret(key: str, tells: bool) -> None:
    assert tells_a_secret(key) is tells
