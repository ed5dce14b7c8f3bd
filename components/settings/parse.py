"""From the content of a stack file to settings, or to every problem that it has."""

from collections.abc import Collection, Mapping
from itertools import takewhile
from typing import Any, cast

from pydantic import ValidationError

from ..problems import InvalidSettingsError
from .draft import draft_of, salvage, without
from .errors import explain
from .settings import Settings
from .wording import Path, written


def parse_settings(data: Mapping[str, object], source: str = "settings", encrypted: Collection[Path] = ()) -> Settings:
    """The settings that ``data`` holds: the keys below ``kubelanes:`` and their values, as YAML or JSON gives them.

    source: what to call the data where it is wrong, such as ``stacks/Pulumi.prod.yaml``.
    encrypted: the paths of what was encrypted: it is refused, never read and never shown.

    Raises InvalidSettingsError with everything that is wrong. Pure: reads no file and calls nothing.
    """
    # Some rules ask planners, and planners read settings: whichever were imported first would miss the other.
    from .checks import check
    from .checks.encrypted import check_encrypted
    from .checks.plain_secrets import check_plain_secrets

    unread = [_mapped(path) for path in encrypted]
    data = without(_keyed(dict(data)), unread)
    secrets = [*check_encrypted(encrypted), *check_plain_secrets(data)]
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        faults = [(path, problem) for path, problem in explain(error, data) if not _leads_to(path, unread)]
        problems = [problem for _, problem in faults]
        problems += check(salvage(data, [*unread, *(path for path, _ in faults)]))
    else:
        problems = check(salvage(data, unread) if unread else draft_of(settings))
        if not (problems or secrets):
            return settings
    told = {problem.path for problem in secrets}
    raise InvalidSettingsError(secrets + [problem for problem in problems if problem.path not in told], source)


def _keyed(value: object) -> Any:  # noqa: ANN401 - any YAML
    """The value with keys such as null or true as YAML writes them, for pydantic's errors name them so too."""
    match value:
        case dict():
            pairs = cast("dict[object, object]", value).items()
            return {key if type(key) in (str, int) else written(key): _keyed(item) for key, item in pairs}
        case list():
            return [_keyed(item) for item in cast("list[object]", value)]
        case _:
            return value


def _mapped(path: Path) -> Path:
    """A path down to the first list: taking an entry out of it would move those behind it."""
    return tuple(takewhile(lambda part: isinstance(part, str), path))


def _leads_to(path: Path, unread: Collection[Path]) -> bool:
    """Whether what is missing at ``path`` is missing because it, or something in it, was not read."""
    return any(path == hidden[: len(path)] for hidden in unread)
