"""What the models expect at a place of the stack file: found by walking the models, never the data."""

import types
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, EnumType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel, WithJsonSchema
from pydantic.fields import FieldInfo

from .meanings import meanings
from .scalars import HIDDEN
from .settings import Settings
from .wording import Path, written

Annotation = Any
"""What stands right of a field's colon: a class, a union, ``Annotated[...]``; typing has no name for all of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the stack file.

    path: the keys that lead to it, as a user knows them.
    type: what is expected there, without metadata; None beyond a key that the models do not know.
    around: what is expected one step above.
    field: the field that it belongs to, if any.
    key: whether the key itself is meant, not its value.
    hidden: whether what stands there may be a secret by mistake.
    description: what the field means, as its docstring says it, without markup.
    """

    path: Path
    type: Annotation
    around: Annotation = None
    field: FieldInfo | None = None
    key: bool = False
    hidden: bool = False
    description: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that an enumeration or a literal allows; none where anything else is expected."""
        if isinstance(self.type, EnumType):
            return tuple(str(member.value) for member in cast("type[Enum]", self.type))
        return tuple(map(str, get_args(self.type))) if get_origin(self.type) is Literal else ()

    @property
    def example(self) -> str:
        """A value that could stand here, as a reader would write it."""
        if shown := examples(self.field) if self.field else ():
            return written(shown[0])
        return " | ".join(self.choices) or _sketch(self.type, str(self.path[-1]) if self.path else "value")


def _sketch(expected: Annotation, name: str) -> str:
    """What could stand for a type without examples: ``{ lane: ... }``, ``[...]``, ``<region>``."""
    if kinds := members(expected):
        return f"{{ kind: {' | '.join(kinds)} }}"
    if known := fields(expected):
        return f"{{ {', '.join(f'{key}: ...' for key, info in known.items() if info.is_required())} }}"
    return {dict: "{ name: ... }", tuple: "[...]"}.get(get_origin(expected), f"<{name}>")


def fields(model: Annotation) -> dict[str, FieldInfo]:
    """The fields of a model by the key that a stack file knows them by; none for anything but a model."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return {}
    return {info.alias or name: info for name, info in model.model_fields.items()}


def described(model: type[BaseModel]) -> dict[str, str]:
    """What the fields of a model mean, by the key that a stack file knows them by."""
    texts = meanings(model)
    return {info.alias or name: texts.get(name, "") for name, info in model.model_fields.items()}


def members(union: Annotation) -> dict[str, type[BaseModel]]:
    """The models of a union that are told apart by ``kind``, each by its kind; none for anything else."""
    models = [member for member in get_args(union) if "kind" in fields(member)] if _is_union(union) else []
    return {get_args(model.model_fields["kind"].annotation)[0]: model for model in models}


def bare(annotation: Annotation) -> tuple[Annotation, bool]:
    """An annotation without metadata and without ``| None``, and whether its value is never to be shown."""
    hidden = False
    while True:
        if get_origin(annotation) is Annotated:
            hidden = hidden or HIDDEN in annotation.__metadata__
            annotation = get_args(annotation)[0]
        elif _is_union(annotation) and len(some := [a for a in get_args(annotation) if a is not type(None)]) == 1:
            annotation = some[0]
        else:
            return annotation, hidden


def examples(field: FieldInfo) -> Sequence[object]:
    """Values that a field could have."""
    if field.examples:
        return field.examples
    metadata = [*field.metadata, *getattr(field.annotation, "__metadata__", ())]
    schemas = (item.json_schema or {} for item in metadata if isinstance(item, WithJsonSchema))
    return next((schema["examples"] for schema in schemas if "examples" in schema), ())


def place(loc: Sequence[str | int]) -> Place:
    """The place that a pydantic error's ``loc`` means: without the tags of unions and the marks of keys."""
    here = Place((), Settings)
    for part in loc:
        if part == "[key]" and get_origin(here.around) is dict:
            return replace(here, type=bare(get_args(here.around)[0])[0], key=True)
        here = _step(here, part)
    return here


def _step(here: Place, part: str | int) -> Place:
    path = (*here.path, part)
    if kinds := members(here.type):
        return replace(here, type=kinds.get(str(part)), around=None)
    if part in (known := fields(here.type)):
        info = known[str(part)]
        expected, hidden = bare(info.annotation)
        meaning = described(here.type)[str(part)].replace("``", "")
        return Place(path, expected, here.type, info, hidden=hidden or HIDDEN in info.metadata, description=meaning)
    match get_origin(here.type):
        case origin if origin in (dict, tuple):
            inner = get_args(here.type)[1 if origin is dict else 0]
            expected, hidden = bare(inner)
            return Place(path, expected, here.type, here.field, hidden=hidden, description=here.description)
        case _:
            return Place(path, None, here.type)


def _is_union(annotation: Annotation) -> bool:
    return get_origin(annotation) in (Union, types.UnionType)
