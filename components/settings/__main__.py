"""Checks stack files, and writes what is generated from the models.

``python -m components.settings stacks/Pulumi.sim.yaml ...`` checks files;
``python -m components.settings generate [--check]`` writes the schema and the reference, or says which is stale.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from ..problems import InvalidSettingsError
from .stack_file import parse_file

_USAGE = "usage: python -m components.settings FILE... | generate [--check]"


def main(arguments: Sequence[str]) -> int:
    """Runs the command; returns the exit status."""
    match arguments:
        case ["generate"] | ["generate", "--check"]:
            return _generate(write="--check" not in arguments)
        case [_, *_]:
            return max([_check(Path(argument)) for argument in arguments])
        case _:
            sys.stderr.write(f"{_USAGE}\n")
            return 2


def _check(file: Path) -> int:
    try:
        settings = parse_file(file)
    except InvalidSettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    workloads = sum(len(getattr(settings.lanes, lane)) for lane in type(settings.lanes).model_fields)
    counts = f"{len(settings.pools)} pools, {len(settings.tenants)} tenants, {workloads} workloads"
    sys.stdout.write(f"{file}: valid ({settings.cluster.kind} {settings.cluster.name}, {counts})\n")
    return 0


def _generate(*, write: bool) -> int:
    from .generated import FILES  # the generators need seconds that checking a file does not

    stale = [
        path for path, content in FILES.items() if not path.exists() or path.read_text(encoding="utf-8") != content()
    ]
    for path in stale:
        if write:
            path.write_text(FILES[path](), encoding="utf-8")
        else:
            sys.stderr.write(f"{path}: stale; run python -m components.settings generate\n")
    return 0 if write else min(len(stale), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
