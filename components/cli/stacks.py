"""From what is typed to a stack file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..settings.wording import did_you_mean


class UnknownStackError(LookupError):
    """There is no such stack."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack file and its name: ``sim`` of ``stacks/Pulumi.sim.yaml``."""

    name: str
    file: Path


def stack_file(asked: str, folder: Path | None = None) -> Stack:
    """The stack of that name, looked for in ``stacks/`` of this folder (or ``folder``) and those above; or that file.

    Raises UnknownStackError, which names those that there are.
    """
    if asked.endswith((".yaml", ".yml")):
        if not Path(asked).is_file():
            raise UnknownStackError(f"{asked}: {'is no file' if Path(asked).exists() else 'there is no such file'}.")
        return Stack(_name(Path(asked)), Path(asked))
    stacks = {stack.name: stack for stack in _stacks((folder or Path.cwd()).resolve())}
    if asked in stacks:
        return stacks[asked]
    if not stacks:
        raise UnknownStackError(f"{asked}: there is no folder stacks/ here or above. Name a stack file by its path.")
    known = ", ".join(stacks)
    raise UnknownStackError(f"{asked}: there is no such stack.{did_you_mean(asked, tuple(stacks))} There are {known}.")


def _stacks(folder: Path) -> Iterator[Stack]:
    home = next((above for above in (folder, *folder.parents) if (above / "stacks").is_dir()), None)
    for file in sorted((home / "stacks").glob("Pulumi.*.yaml")) if home else ():
        near = file.relative_to(folder) if file.is_relative_to(folder) else file
        yield Stack(_name(file), near)


def _name(file: Path) -> str:
    return file.stem.removeprefix("Pulumi.")
