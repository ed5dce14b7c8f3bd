"""A YAML file as Pulumi reads it, with the line of everything in it."""

import re
from collections.abc import Callable
from pathlib import Path as File
from typing import cast

import yaml

from ..problems import Problem
from .wording import Path, dotted, problem, written

# Upstream: gopkg.in/yaml.v3 resolve.go, which Pulumi uses. Unlike YAML 1.1, yes, no, on and off are text.
_PLAIN: dict[re.Pattern[str], Callable[[str], object]] = {
    re.compile(r"~|null|Null|NULL|"): lambda _: None,
    re.compile(r"true|True|TRUE"): lambda _: True,
    re.compile(r"false|False|FALSE"): lambda _: False,
    re.compile(r"[-+]?(0|[1-9][0-9_]{0,300})"): lambda text: int(text.replace("_", "")),
    re.compile(r"[-+]?0o?[0-7][0-7_]{0,300}"): lambda text: int(text.replace("o", "").replace("_", ""), 8),
    re.compile(r"[-+]?0x[0-9a-fA-F][0-9a-fA-F_]{0,300}"): lambda text: int(text.replace("_", ""), 16),
    re.compile(r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?"): lambda text: float(
        text.replace("_", "")
    ),
}


_MOST_VALUES = 100_000
"""What a file may hold, everything counted wherever an alias repeats it: a few lines of aliases can mean billions."""


class UnreadableFileError(Exception):
    """A file that is no YAML: what is wrong with it, as one problem."""

    def __init__(self, text: str, line: int | None = None) -> None:
        self.problem = Problem(f"line {line}" if line else "file", "", text)
        super().__init__(text)


class YamlFile:
    """The content of a YAML file.

    content: what it holds, every key a string.
    problems: keys that stand twice.
    """

    def __init__(self, file: File) -> None:
        self.problems: list[Problem] = []
        self._lines: dict[str, int] = {}
        self._open: list[int] = []
        self._values = 0
        node = _compose(file)
        self.content = self._value(node, ()) if node else None

    def line(self, path: str) -> int | None:
        """The line of a dotted path, or of the nearest place above it that stands in the file."""
        while path and path not in self._lines:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self._lines.get(path)

    def _value(self, node: yaml.Node, path: Path) -> object:
        self._lines.setdefault(dotted(path), node.start_mark.line + 1)
        if id(node) in self._open:
            raise UnreadableFileError("refers to itself. Remove the alias.", node.start_mark.line + 1)
        self._values += 1
        if self._values > _MOST_VALUES:
            text = f"is more than {_MOST_VALUES:,} values with what its aliases repeat. Remove the aliases."
            raise UnreadableFileError(text, node.start_mark.line + 1)
        self._open.append(id(node))
        try:
            match node:
                case yaml.MappingNode():
                    return self._mapping(node, path)
                case yaml.SequenceNode():
                    items = cast("list[yaml.Node]", node.value)
                    return [self._value(item, (*path, at)) for at, item in enumerate(items)]
                case _:
                    return _scalar(cast("yaml.ScalarNode", node))
        finally:
            self._open.pop()

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, object]:
        merged: dict[str, object] = {}
        own: dict[str, object] = {}
        lines: dict[str, int] = {}
        for key_node, value in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise UnreadableFileError("has a list or a mapping as a key.", line)
            key = str(key_node.value)
            if key == "<<" and key_node.style is None:
                merged |= self._merged(value, path)
            elif key in lines:
                text = (
                    f"stands twice, in lines {lines[key]} and {line}: one would hide the other. Remove or rename one."
                )
                self.problems.append(problem((*path, key), None, text))
            else:
                lines[key] = self._lines[dotted((*path, key))] = line
                own[key] = self._value(value, (*path, key))
        return merged | own

    def _merged(self, node: yaml.Node, path: Path) -> dict[str, object]:
        sources = cast("list[yaml.Node]", node.value) if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, object] = {}
        for source in reversed(sources):
            if isinstance(source, yaml.MappingNode):
                merged |= self._mapping(source, path)
        return merged


def _compose(file: File) -> yaml.Node | None:
    try:
        return yaml.compose(file.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise UnreadableFileError(f"cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise UnreadableFileError("is not UTF-8. Save it as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise UnreadableFileError(f"is no YAML: {error.problem or error.context}.", line) from None
    except yaml.YAMLError as error:
        raise UnreadableFileError(f"is no YAML: {written(str(error), longest=200)}.") from None
    except RecursionError:
        raise UnreadableFileError("is nested too deeply.") from None


def _scalar(node: yaml.ScalarNode) -> object:
    text = str(node.value)
    if node.style is not None or node.tag == "!!str":
        return text
    return next((read(text) for form, read in _PLAIN.items() if form.fullmatch(text)), text)
