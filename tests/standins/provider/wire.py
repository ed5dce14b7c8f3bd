"""Properties as the engine sends them, as plain values."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What stands for a text that is not known yet, while something is previewed (Pulumi's resource.plugin package)."""

DEFAULTS = "__defaults"
"""Which inputs the provider chose by itself: beside them in the inputs, as bridged providers keep it."""

Properties = dict[str, Any]


def plain(message: Struct) -> Properties:
    """The properties; whole numbers as ``int``."""
    return {key: _plain(value) for key, value in message.fields.items()}


def struct(properties: Mapping[str, Any]) -> Struct:
    """The message that says it."""
    message = Struct()
    message.update({key: value for key, value in properties.items() if value is not None})
    return message


def without_defaults(properties: Mapping[str, Any]) -> Properties:
    """What the program said, and what was chosen for it; not which was which."""
    return {key: value for key, value in properties.items() if key != DEFAULTS}


def has_unknowns(value: Any) -> bool:
    """Whether something in it is not known yet."""
    if isinstance(value, Mapping):
        return any(map(has_unknowns, value.values()))
    if isinstance(value, list):
        return any(map(has_unknowns, value))
    return value == UNKNOWN


def _plain(value: Value) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            return plain(value.struct_value)
        case "list_value":
            return [_plain(item) for item in value.list_value.values]
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case _:
            return None
