"""What a provider's Python package says of its resources: names on the wire, types, and what is required.

The package is generated from the provider's schema, so its classes are the schema. Importing a package runs hundreds
of its modules (half a second for EC2): here its ``__init__`` is passed by and only the module of one resource is read.
"""

import ast
import importlib
import importlib.util
import inspect
import sys
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any

from pulumi import _types


class UnknownTokenError(LookupError):
    """The package has no such resource, function or type."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, number or truth value."""

    kind: type


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    item: "Shape"


@dataclass(frozen=True, slots=True)
class Keyed:
    """A mapping whose keys are free."""

    value: "Shape"


@dataclass(frozen=True, slots=True)
class Anything:
    """What the package does not restrict."""


@dataclass(frozen=True, eq=False)
class Record:
    """An object with named properties.

    name: of its class, for messages.
    properties: by their name on the wire.
    required: those that must be given.
    """

    name: str
    properties: Mapping[str, "Shape"] = field(default_factory=dict)
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Either:
    """One of several: a policy is a text or an object."""

    shapes: tuple["Shape", ...]


Shape = Scalar | Many | Keyed | Anything | Record | Either


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceSchema:
    """A resource type or a data source.

    inputs: what a program may say of it.
    outputs: all that it has once it exists, or that it answers.
    """

    inputs: Record
    outputs: Mapping[str, Shape]


@cache
def resource_schema(token: str) -> ResourceSchema:
    """The schema of ``aws:eks/cluster:Cluster``; raises UnknownTokenError."""
    module, name = _home(token)
    cls = getattr(module, name, None)
    arguments = getattr(module, f"{name}Args", None)
    if cls is None or arguments is None:
        raise UnknownTokenError(f"{module.__name__} has no resource {name}")
    outputs = {key: _shape(hint) for key, hint in _types.resource_types(cls).items() if key not in ("id", "urn")}
    return ResourceSchema(inputs=_record(arguments), outputs=outputs)


@cache
def provider_schema(package: str) -> Record:
    """What the provider itself is configured with."""
    return _record(_module(f"pulumi_{package}.provider").ProviderArgs)


@cache
def function_schema(token: str) -> ResourceSchema:
    """The schema of ``aws:index/getPartition:getPartition``; raises UnknownTokenError."""
    module, name = _home(token)
    function = getattr(module, module.__name__.rpartition(".")[2], None)
    result = getattr(module, f"{name[0].upper()}{name[1:]}Result", None)
    if function is None or result is None:
        raise UnknownTokenError(f"{module.__name__} has no function {name}")
    hints = typing.get_type_hints(function, vars(module), {"T": type(None)})
    parameters = inspect.signature(function).parameters
    sent = {key: name for key, name in _arguments(function).items() if name in parameters}
    required = frozenset(key for key, name in sent.items() if parameters[name].default is inspect.Parameter.empty)
    inputs = Record(name, {key: _shape(hints[name]) for key, name in sent.items()}, required)
    outputs = {key: _shape(hint) for key, hint in _types.output_type_types(result).items()}
    return ResourceSchema(inputs=inputs, outputs=outputs)


def _arguments(function: Any) -> dict[str, str]:
    """From name on the wire to name of the parameter, as the body of a data source's function spells it."""
    body = ast.parse(inspect.getsource(function))
    return {
        str(node.targets[0].slice.value): node.value.id
        for node in ast.walk(body)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Subscript)
        and isinstance(node.targets[0].slice, ast.Constant)
        and isinstance(node.value, ast.Name)
    }


def _home(token: str) -> tuple[ModuleType, str]:
    """The module that defines what a token names, and the name."""
    package, _, rest = token.partition(":")
    path, _, name = rest.partition(":")
    folder, _, file = path.partition("/")
    names = [f"pulumi_{package}"]
    try:
        for part in [file] if folder == "index" else [folder, file]:
            names.append(_spelled(part, Path(_skeleton(".".join(names)).__path__[0])))
    except ModuleNotFoundError as missing:
        raise UnknownTokenError(f"{token}: {missing}") from None
    return _module(".".join(names)), name


def _spelled(part: str, folder: Path) -> str:
    """How Python spells a part of a token in ``folder``: ``nodeGroup`` as ``node_group``, ``lambda`` as ``lambda_``."""
    for path in folder.iterdir():
        if path.suffix in ("", ".py") and path.stem.replace("_", "") == part.lower():
            return path.stem
    raise ModuleNotFoundError(f"{folder.name} has nothing of the name {part}")


def _module(name: str) -> ModuleType:
    for depth in range(1, name.count(".") + 1):
        _skeleton(".".join(name.split(".")[:depth]))
    return importlib.import_module(name)


def _skeleton(name: str) -> ModuleType:
    """The package ``name`` with nothing in it: its modules can be imported, its ``__init__`` has not run."""
    if name in sys.modules:
        return sys.modules[name]
    parent, _, last = name.rpartition(".")
    if parent:
        folder = Path(_skeleton(parent).__path__[0]) / last
        if not folder.is_dir():
            raise ModuleNotFoundError(f"no folder {folder}", name=name)
    else:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise ModuleNotFoundError(f"{name} is not installed", name=name)
        folder = Path(found.origin).parent
    module = _Skeleton(name)
    module.__path__ = [str(folder)]
    sys.modules[name] = module
    return module


class _Skeleton(ModuleType):
    """A package whose ``__init__`` runs only if somebody asks for what nothing but that would bring."""

    def __getattr__(self, name: str) -> Any:
        folder = Path(self.__path__[0])
        if not name.startswith("__") and (folder / name).is_dir():
            return _skeleton(f"{self.__name__}.{name}")
        if not name.startswith("__") and (folder / f"{name}.py").is_file():
            return importlib.import_module(f"{self.__name__}.{name}")
        if name.startswith("__") or "_ran" in self.__dict__:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        self._ran = True
        self.__package__ = self.__name__
        source = (folder / "__init__.py").read_text(encoding="utf-8")
        exec(compile(source, folder / "__init__.py", "exec"), self.__dict__)  # noqa: S102 - what import does
        return getattr(self, name)


@cache
def _record(arguments: type) -> Record:
    shapes = {key: _shape(hint) for key, hint in _types.input_type_types(arguments).items()}
    names = _types.input_type_py_to_pulumi_names(arguments)
    parameters = inspect.signature(arguments.__init__).parameters.values()
    required = frozenset(names[p.name] for p in parameters if p.name in names and p.default is p.empty)
    return Record(arguments.__name__.removesuffix("Args"), shapes, required)


@cache
def _output_record(cls: type) -> Record:
    return Record(cls.__name__, {key: _shape(hint) for key, hint in _types.output_type_types(cls).items()})


def _shape(hint: Any) -> Shape:
    """The shape that a type hint of the package stands for, whatever it is wrapped in."""
    if typing.get_origin(hint) in (typing.Union, UnionType):
        parts = [part for part in typing.get_args(hint) if not _is_wrapping(part)]
        shapes = tuple(dict.fromkeys(map(_shape, parts)))
        return shapes[0] if len(shapes) == 1 else Either(shapes)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in (str, int, float, bool):
        return Scalar(hint)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return Keyed(_shape(arguments[1]))
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return Many(_shape(arguments[0]))
    if isinstance(hint, type) and _types.is_input_type(hint):
        return _record(hint)
    if isinstance(hint, type) and _types.is_output_type(hint):
        return _output_record(hint)
    if isinstance(hint, type) and issubclass(hint, str):
        return Scalar(str)  # an enumeration, which a plain text may stand for
    return Anything()


def _is_wrapping(part: Any) -> bool:
    """Whether a part of a union only says how a value may be given: later, or as the mapping beside its class."""
    names = (getattr(typing.get_origin(part), "__name__", ""), getattr(part, "__name__", ""))
    return part is type(None) or bool({"Awaitable", "Output"} & set(names)) or typing.is_typeddict(part)
