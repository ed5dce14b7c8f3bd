"""The small types of the stack file: quantities, durations, percentages, ranges and names, as people write them."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

_SUFFIXES = {
    **{
        name: Decimal(1000) ** power for power, name in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), -3)
    },
    **{name: Decimal(1024) ** power for power, name in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)},
}
_QUANTITY = re.compile(r"(?P<number>[0-9]{1,18}(\.[0-9]{1,9})?)(?P<suffix>[numkMGTPE]?|[KMGTPE]i)")
_DURATION = re.compile(r"(?P<number>[0-9]{1,9})(?P<unit>ms|s|m|h|d)")
_SECONDS = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600), "d": Decimal(86400)}


def refuse(text: str) -> PydanticCustomError:
    """The error that a validator raises: ``text`` names the consequence and the remedy."""
    return PydanticCustomError("kubelanes", "{text}", {"text": text})


def amount(quantity: str) -> Decimal:
    """The number that a Kubernetes quantity means, in its base unit: ``amount("2Ti") == 2 * 2**40``.

    Source: k8s.io/apimachinery/pkg/api/resource, Quantity.
    """
    if not (found := _QUANTITY.fullmatch(quantity)):
        raise ValueError(f"{quantity!r} is no Kubernetes quantity")
    return Decimal(found["number"]) * _SUFFIXES[found["suffix"]]


def seconds(duration: str) -> Decimal:
    """The seconds that a duration means: ``seconds("30m") == 1800``."""
    if not (found := _DURATION.fullmatch(duration)):
        raise ValueError(f"{duration!r} is no duration")
    return Decimal(found["number"]) * _SECONDS[found["unit"]]


def _quantity(value: object) -> str:
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _QUANTITY.fullmatch(text):
        raise refuse("is no Kubernetes quantity. Write a number with an optional suffix: 500m, 8, 64Gi, 2Ti.")
    return text


def _byte_count(value: object) -> str:
    text = _quantity(value)
    if text[-1] in "num":
        raise refuse(f"counts fractions of a byte. Did you mean {text[:-1]}Mi?")
    return text


def _duration(value: object) -> str:
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        raise refuse("is no duration. Write a whole number and a unit: 800ms, 30s, 10m, 12h, 30d.")
    if not seconds(value):
        raise refuse("is no time at all. Write a whole number above 0 and a unit: 800ms, 30s, 10m, 12h, 30d.")
    return value


class Ratio(float):
    """A share from 0 to 1 that prints as people write it: ``str(Ratio(0.05)) == "5%"``."""

    def __str__(self) -> str:
        return f"{(Decimal(repr(float(self))) * 100).normalize():f}%"


def _percent(value: object) -> float:
    if isinstance(value, Ratio):
        return value
    if isinstance(value, str) and value.endswith("%"):
        try:
            share = Decimal(value[:-1])
        except InvalidOperation:
            share = Decimal(-1)
        if 0 <= share <= 100:
            return Ratio(share / 100)
    raise refuse("is no percentage. Write 0% to 100%, with the sign: 0.1%, 5%, 80%.")


def _cidr(value: object) -> str:
    try:
        return str(ipaddress.ip_network(str(value), strict=True))
    except ValueError:
        raise refuse("is no network range. Write its first address and length, host bits zero: 10.32.0.0/14.") from None


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of whole numbers, both ends included. ``3`` means exactly three, ``0-32`` from none to thirty-two."""

    min: int
    max: int

    _WRITTEN: ClassVar = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")

    def __str__(self) -> str:
        return str(self.min) if self.min == self.max else f"{self.min}-{self.max}"

    @classmethod
    def parse(cls, value: object) -> "Span":
        """Reads ``3``, ``"3"`` or ``"0-32"``; refuses anything else."""
        if isinstance(value, cls):
            return value
        text = f"{value:.15g}" if isinstance(value, int | float) and not isinstance(value, bool) else value
        if not isinstance(text, str) or not (found := cls._WRITTEN.fullmatch(text)):
            raise refuse("is no size. Write a whole number or a range: 3, 0-32.")
        low, high = int(found[1]), int(found[2] or found[1])
        if high < low:
            raise refuse(f"runs backwards. Write the smaller number first: {high}-{low}.")
        return cls(low, high)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )


def read_by(
    check: Callable[[object], Any], title: str, example: str, *types: str, **schema: object
) -> tuple[BeforeValidator, WithJsonSchema]:
    """A value that ``check`` reads; ``title`` is what people call it."""
    about = {"title": title, "type": ["string", *types], "examples": [example]}
    return BeforeValidator(check), WithJsonSchema(about | schema)


def matching(title: str, pattern: str, text: str, example: str) -> tuple[AfterValidator, WithJsonSchema]:
    """A string, called ``title``, that ``pattern`` matches as a whole; ``text`` is read where it does not."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise refuse(text)
        return value

    about = {"title": title, "type": "string", "pattern": f"^({pattern})$", "examples": [example]}
    return AfterValidator(check), WithJsonSchema(about)


def _no_truth_value(value: object) -> object:
    if isinstance(value, bool):  # which Python, unlike YAML, takes for 0 or 1
        raise PydanticKnownError("int_type")
    return value


def whole(low: int, high: int) -> tuple[Any, BeforeValidator]:
    """A whole number from ``low`` to ``high``."""
    return Field(ge=low, le=high), BeforeValidator(_no_truth_value)


def number(low: float, high: float) -> tuple[Any, BeforeValidator]:
    """A number from ``low`` to ``high``."""
    return Field(ge=low, le=high), BeforeValidator(_no_truth_value)


Quantity = Annotated[str, *read_by(_quantity, "quantity", "500m", "number")]
"""A Kubernetes quantity of cores."""

ByteCount = Annotated[str, *read_by(_byte_count, "quantity of bytes", "64Gi", "number")]
"""A Kubernetes quantity of bytes."""

Duration = Annotated[str, *read_by(_duration, "duration", "30m", pattern="^0*[1-9][0-9]*(ms|s|m|h|d)$")]
"""A length of time above zero."""

Percent = Annotated[
    float,
    *read_by(_percent, "percentage", "5%", pattern=r"^[0-9]+(\.[0-9]+)?%$"),
    PlainSerializer(lambda share: str(Ratio(share)), return_type=str),
]
"""A share, held as a number from 0 to 1."""

Cidr = Annotated[str, *read_by(_cidr, "network range", "10.32.0.0/14")]
"""A network range."""

Size = Annotated[
    Span,
    WithJsonSchema(
        {
            "title": "number or range",
            "type": ["integer", "string"],
            "pattern": "^[0-9]+(-[0-9]+)?$",
            "minimum": 0,
            "examples": ["0-32"],
        }
    ),
]
"""A fixed number or a range."""

Name = Annotated[
    str,
    *matching(
        "name",
        r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?",
        "is no usable name: Kubernetes objects, labels and cloud resources are called after it. "
        "Use at most 40 lower-case letters, digits and hyphens, beginning with a letter.",
        "search",
    ),
]
"""A name of ours: a pool, a tenant, a lane's workload."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
"""Free text that may not be empty."""

HIDDEN = object()
"""Marks a type whose value is never shown: where a name belongs, the secret itself may stand by mistake."""

SecretRef = Annotated[
    str,
    HIDDEN,
    *matching(
        "name of a Secret",
        r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?",
        "is no name of a Secret. Write the name of the Secret that holds the value "
        "(lower-case letters, digits, hyphens, dots), never the value itself.",
        "pagerduty-key",
    ),
]
"""The NAME of a Kubernetes Secret or of an entry of the secret store; never the secret itself."""
