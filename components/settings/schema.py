"""The JSON schema of a stack file, for completion and help in editors."""

import json
from collections.abc import Iterator
from typing import Any, cast

from pydantic.json_schema import GenerateJsonSchema

from ..catalogue.accelerators import accelerators
from ..catalogue.machines import machines
from .load import PREFIX
from .model import Model
from .outline import described
from .scalars import Ratio
from .settings import Settings

_DEFINITIONS = "#/definitions/{model}"


def schema() -> str:
    """The schema of a whole Pulumi stack file as JSON, draft 7, which YAML language servers know best."""
    ours = Settings.model_json_schema(by_alias=True, schema_generator=_Generator, ref_template=_DEFINITIONS)
    definitions: dict[str, Any] = ours["$defs"]
    _describe(Settings, ours["properties"])
    for model in _family(Model):
        if model.__name__ in definitions:
            _describe(model, definitions[model.__name__].get("properties", {}))
    _offer_catalogue(definitions)
    sections = {f"{PREFIX}{name}": section for name, section in ours["properties"].items()}
    known = "|".join(ours["properties"])
    document = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "description": "A stack file of kubelanes: Pulumi.<stack>.yaml.",
        "type": "object",
        "required": ["config"],
        "properties": {
            "config": {
                "type": "object",
                "required": [f"{PREFIX}{name}" for name in ours["required"]],
                "properties": sections,
                "patternProperties": {f"^{PREFIX}(?!({known})$)": False},
            }
        },
        "definitions": definitions,
    }
    return json.dumps(_tidy(document), indent=2, ensure_ascii=False) + "\n"


def _family(model: type[Model]) -> Iterator[type[Model]]:
    """A model and everything that inherits from it."""
    yield model
    for child in model.__subclasses__():
        yield from _family(child)


def _describe(model: type[Model], properties: dict[str, Any]) -> None:
    """Says of each property what its field means."""
    for key, meaning in described(model).items():
        if key in properties:
            properties[key] = {"description": meaning} | properties[key]


def _offer_catalogue(definitions: dict[str, Any]) -> None:
    """Lets editors complete what the catalogue knows, where a model says no more than text."""
    cards = {"type": "string", "enum": list(accelerators())}
    known_profiles = {profile for card in accelerators().values() if card.mig for profile in card.mig.profiles}
    profiles = {"type": "string", "enum": sorted(known_profiles)}
    names = {"type": "string", "enum": list(machines())}
    for model, field, values in (
        ("PoolSettings", "accelerator", cards),
        ("PoolSettings", "machine", names),
        ("Demand", "product", cards),
        ("Demand", "profile", profiles),
        ("Devices", "product", cards),
        ("Devices", "profile", profiles),
    ):
        about = definitions[model]["properties"][field]
        for key in ("type", "anyOf", "minLength"):
            about.pop(key, None)
        about |= values
    for model, field in (("Quota", "gpu"), ("TenantQueue", "borrow")):
        definitions[model]["properties"][field]["propertyNames"] = cards


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, with defaults as a stack file writes them."""

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401 - any default of any field
        """A default as it would be written."""
        match dft:
            case Ratio():
                return str(dft)
            case tuple():
                return [self.encode_default(item) for item in cast("tuple[Any, ...]", dft)]
            case _:
                return super().encode_default(dft)


def _tidy(value: Any, *, keep: bool = False) -> Any:  # noqa: ANN401 - JSON
    """A schema without what only repeats its keys; ``keep`` where the keys are the stack file's own."""
    match value:
        case dict():
            pairs = cast("dict[str, Any]", value).items()
            noise = () if keep else ("title", "discriminator")
            return {
                key: _tidy(item, keep=key in ("properties", "definitions") and not keep)
                for key, item in pairs
                if key not in noise and (key, item) != ("default", None)
            }
        case list():
            return [_tidy(item) for item in cast("list[Any]", value)]
        case str():
            return value.replace("``", "`")
        case _:
            return value
