"""The reference page of the stack file, written from the models."""

import dataclasses
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, cast, get_args, get_origin

from pydantic import BaseModel, WithJsonSchema
from pydantic.fields import FieldInfo

from .environment import Environment, Preset
from .load import PREFIX
from .model import Model
from .outline import Annotation, bare, described, fields, members
from .scalars import Ratio
from .settings import Settings
from .wording import listed, written

EXAMPLE = Path(__file__).with_name("example.yaml")
"""A whole stack file, of which the page shows a part with each section."""

_HEAD = """<!-- Generated from components/settings by `python -m components.settings generate`. -->
# The stack file

One file, `stacks/Pulumi.<stack>.yaml`, describes one environment; `pulumi up` makes it true. Everything of ours stands
under `config:` with the prefix `kubelanes:`. A file is checked as a whole before anything is created, and every problem
is reported at once. `python -m components.settings FILE` does the same without Pulumi, and
editors complete the file with `# yaml-language-server: $schema=schema.json` in its first line.

YAML reads `1.40` as the number 1.4 and `yes` as text: put versions in quotes. Numbers may be written as `50_000_000`.
"""


def reference() -> str:
    """The page as Markdown."""
    shown: dict[Annotation, str] = {}
    sections = (line for name, info in fields(Settings).items() for line in _section(name, info, shown))
    return "\n".join((_HEAD, *_presets(), *sections))


def _presets() -> Iterator[str]:
    """What each environment chooses where the stack file says nothing."""
    meanings = re.findall(r"^    (\w[\w, ]*): (.+(?:\n(?!    \w[\w, ]*:).+)*)", Preset.__doc__ or "", re.MULTILINE)
    yield from (
        "## Environments",
        "",
        "`kubelanes:environment` chooses these defaults; a stack file overrides any of them.",
        "",
    )
    yield from _table("preset", *(str(environment) for environment in Environment))
    for field in dataclasses.fields(Preset):
        yield _row(f"`{field.name}`", *(f"`{written(getattr(e.preset, field.name))}`" for e in Environment))
    yield ""
    yield from (f"- `{'`, `'.join(names.split(', '))}`: {' '.join(meaning.split())}" for names, meaning in meanings)
    yield ""


def _section(name: str, info: FieldInfo, shown: dict[Annotation, str]) -> Iterator[str]:
    yield from (f"## {PREFIX}{name}", "")
    yield from (_text(described(Settings)[name]), "")
    if example := _example(name):
        yield from ("```yaml", example, "```", "")
    yield from _expected(name, info.annotation, shown)


def _expected(path: str, annotation: Annotation, shown: dict[Annotation, str]) -> Iterator[str]:
    """The tables of everything below ``path``; ``shown`` says where each model's table stands."""
    expected, _ = bare(annotation)
    if kinds := members(expected):
        for kind, model in kinds.items():
            yield from _model(f"{path} (kind: {kind})", path, model, shown)
    elif fields(expected):
        yield from _model(path, path, expected, shown)
    elif get_origin(expected) is dict:
        yield from _expected(f"{path}.<name>", get_args(expected)[1], shown)
    elif get_origin(expected) is tuple:
        yield from _expected(f"{path}[]", get_args(expected)[0], shown)


def _model(title: str, path: str, model: type[BaseModel], shown: dict[Annotation, str]) -> Iterator[str]:
    if model in shown:
        yield from (f"### {title}", "", f"The same keys as `{shown[model]}`.", "")
        return
    shown[model] = title
    yield from (f"### {title}", "", _text(model.__doc__ or ""), "")
    yield from _table("key", "type", "default", "meaning")
    for key, info in fields(model).items():
        yield _row(f"`{key}`", _type(info.annotation, info.metadata), _default(info), _text(described(model)[key]))
    yield ""
    for key, info in fields(model).items():
        yield from _expected(f"{path}.{key}", info.annotation, shown)


def _type(annotation: Annotation, metadata: list[Any]) -> str:
    """A type in the words of people who write YAML."""
    if get_origin(annotation) is Annotated:
        return _type(get_args(annotation)[0], [*annotation.__metadata__, *metadata])
    titles = (m.json_schema.get("title") for m in metadata if isinstance(m, WithJsonSchema) and m.json_schema)
    if title := next(filter(None, titles), None):
        return str(title)
    expected, _ = bare(annotation)
    if expected is not annotation:
        inner = next(a for a in get_args(annotation) if a is not type(None))
        return _type(inner, metadata)
    arguments = get_args(expected)
    match get_origin(expected) or expected:
        case origin if origin is dict:
            return f"mapping of {_type(arguments[0], [])} to {_type(arguments[1], [])}"
        case origin if origin is tuple:
            return f"list of {_type(arguments[0], [])}"
        case origin if isinstance(origin, type) and issubclass(origin, Enum):
            return ", ".join(f"`{member.value}`" for member in origin)
        case origin if fields(origin):
            return "mapping"
        case plain if plain in _PLAIN:
            return f"{_PLAIN[plain]}{_limits(metadata)}"
        case _ if all(isinstance(argument, str) for argument in arguments):
            return ", ".join(f"`{argument}`" for argument in arguments)
        case _:
            return " or ".join(_type(argument, []) for argument in arguments)


_PLAIN = {bool: "true or false", int: "whole number", float: "number", str: "text"}


def _limits(metadata: list[Any]) -> str:
    flat = [limit for item in metadata for limit in (item.metadata if isinstance(item, FieldInfo) else [item])]
    bounds = [(word, getattr(limit, name)) for limit in flat for name, word in _BOUNDS.items() if hasattr(limit, name)]
    words = " ".join(f"{word} {bound:.0f}" for word, bound in bounds)
    return f", {words}" if words else ""


_BOUNDS = {"ge": "from", "gt": "above", "le": "to"}


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**required**"
    match value := info.get_default(call_default_factory=True):
        case None:
            return ""
        case Model():
            shown = value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            return f"`{written(shown, longest=80)}`" if shown else ""
        case tuple():
            return f"`[{listed(map(_shown, cast('tuple[object, ...]', value)))}]`" if value else "`[]`"
        case _:
            return f"`{_shown(value)}`"


def _shown(value: object) -> str:
    return str(value) if isinstance(value, Ratio | Enum) else written(value, longest=80)


def _example(section: str) -> str:
    """The part of the example that is this section's."""
    found = re.search(
        rf"^  {PREFIX}{section}:.*\n(?:(?:    .*)?\n)*", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE
    )
    return re.sub("^  ", "", found[0].rstrip(), flags=re.MULTILINE) if found else ""


def _table(*heads: str) -> Iterator[str]:
    yield _row(*heads)
    yield _row(*("---" for _ in heads))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _text(docstring: str) -> str:
    return " ".join(docstring.replace("``", "`").split())
