"""A stack file on disk, checked without Pulumi: before it is committed, in an editor, in CI."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as File
from typing import cast

from ..problems import InvalidSettingsError, Problem
from .load import PREFIX, structured
from .parse import parse_settings
from .settings import Settings
from .wording import Path
from .yaml_file import UnreadableFileError, YamlFile

_OURS = re.compile(rf"{PREFIX}|[^:]*$")


def parse_file(file: File) -> Settings:
    """The settings that a stack file holds; values that Pulumi has encrypted are refused.

    Raises InvalidSettingsError with everything that is wrong, each with its line, where the file is none too.
    """
    try:
        content = YamlFile(file)
    except UnreadableFileError as error:
        raise InvalidSettingsError([error.problem], str(file)) from None
    problems = list(content.problems)
    try:
        data = sections(content.content)
        encrypted = [path for key, value in data.items() for path in _encrypted(value, (key,))]
        settings = parse_settings(data, str(file), encrypted)
    except InvalidSettingsError as error:
        problems += error.problems
    else:
        if not problems:
            return settings
    raise InvalidSettingsError((_with_line(problem, content) for problem in problems), str(file))


def sections(content: object) -> dict[str, object]:
    """What stands under ``kubelanes:``. A key without a namespace is the project's, which is ours."""
    match content:
        case {"config": dict()}:
            pairs = cast("dict[str, dict[str, object]]", content)["config"].items()
            ours = {key.removeprefix(PREFIX): value for key, value in pairs if _OURS.match(key)}
            return {key: structured(value) if isinstance(value, str) else value for key, value in ours.items()}
        case _:
            return {}


def _encrypted(value: object, path: Path) -> Iterator[Path]:
    """The paths of what Pulumi has encrypted: mappings of nothing but ``secure``."""
    match value:
        case {"secure": str()} if len(cast("dict[str, object]", value)) == 1:
            yield path
        case dict():
            for key, item in cast("dict[str, object]", value).items():
                yield from _encrypted(item, (*path, key))
        case list():
            for at, item in enumerate(cast("list[object]", value)):
                yield from _encrypted(item, (*path, at))
        case _:
            pass


def _with_line(problem: Problem, file: YamlFile) -> Problem:
    places = (f"config.{PREFIX}{problem.path}", f"config.{problem.path}", problem.path)
    line = next((line for path in places if (line := file.line(path)) and line > 1), None)
    return replace(problem, path=f"{problem.path.removeprefix(f'config.{PREFIX}')}{f' (line {line})' if line else ''}")
