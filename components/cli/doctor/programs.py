"""Programs on PATH, and their versions."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from ...settings.settings import Settings
from .finding import Finding, good, mend, note
from .machine import ThisMachine

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A program that a stack needs.

    asks: how it is asked for its version; nothing where that does not matter. why: what fails without it.
    """

    name: str
    asks: tuple[str, ...]
    why: str
    remedy: str


_BY_KIND = {
    "eks": (
        Program(
            "aws",
            ("--version",),
            "Nothing can sign in to the cluster: its kubeconfig asks `aws eks get-token`.",
            "Install the AWS CLI, version 2.",
        ),
    ),
    "gke": (
        Program(
            "gke-gcloud-auth-plugin",
            ("--version",),
            "Nothing can sign in to the cluster: its kubeconfig asks this plugin for a token.",
            "Install it: gcloud components install gke-gcloud-auth-plugin.",
        ),
    ),
    "kind": (
        Program("kind", ("version",), "The cluster cannot be made.", "Install kind, and Docker, Podman or nerdctl."),
    ),
}
_PULUMI = Program(
    "pulumi",
    ("version",),
    "No stack can be previewed or brought up.",
    'Install Pulumi; in a checkout `make up` builds it, and `eval "$(python3 -m tools env)"` puts it on PATH.',
)
_INSTALL = "Install kubectl."


def programs(machine: ThisMachine, settings: Settings | None) -> Iterator[Finding]:
    """Python, Pulumi, kubectl, and what the kind of cluster needs."""
    yield good(f"Python {'.'.join(map(str, sys.version_info[:3]))}")
    yield _pulumi(machine)
    yield _kubectl(machine, settings)
    for program in _BY_KIND.get(settings.cluster.kind, ()) if settings else ():
        yield _found(machine, program)


def _found(machine: ThisMachine, program: Program) -> Finding:
    if not machine.has(program.name):
        return mend(f"{program.name} is not on PATH", program.why, program.remedy)
    if not program.asks:
        return good(program.name)
    answer = machine.ask(program.name, *program.asks)
    if not answer.good:
        return mend(f"{program.name} does not run: {answer.reason}", program.why, program.remedy)
    return good(f"{program.name} {written(answer.said or answer.complaint)}")


def _pulumi(machine: ThisMachine) -> Finding:
    found = _found(machine, _PULUMI)
    ours = package("pulumi")
    if found.level != "good" or ours is None:
        return found
    theirs = numbers(found.what)
    if theirs[:2] < numbers(ours)[:2]:
        return note(
            found.what,
            f"It is older than Pulumi's Python package, {ours}, which may ask it for what it does not know.",
            f"Install Pulumi {ours}.",
        )
    return found


def _kubectl(machine: ThisMachine, settings: Settings | None) -> Finding:
    if not machine.has("kubectl"):
        return note(
            "kubectl is not on PATH", "Stacks come up without it, but nobody can look into the cluster.", _INSTALL
        )
    answer = machine.ask("kubectl", "version", "--client", "-o", "json")
    try:
        mine = json.loads(answer.said)["clientVersion"]["gitVersion"]
    except (ValueError, KeyError, TypeError):
        return note(f"kubectl does not tell its version: {answer.reason}", "It may not fit the cluster.", _INSTALL)
    wanted = getattr(settings.cluster, "version", None) if settings else None
    if wanted and abs(numbers(mine)[1] - numbers(wanted)[1]) > 1:
        return note(
            f"kubectl {mine.removeprefix('v')}",
            f"It is more than one minor version away from the cluster's Kubernetes {wanted}.",
            f"Install kubectl {wanted}.",
        )
    return good(f"kubectl {mine.removeprefix('v')}")


def package(name: str) -> str | None:
    """The version of an installed Python package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def written(text: str) -> str:
    """The first version that a text names; the text itself where it names none."""
    found = re.search(r"\d+\.\d+(\.\d+)?", text)
    return found[0] if found else text.strip()


def numbers(text: str) -> Version:
    """The numbers of the first version in a text: ``(3, 250, 0)``."""
    return (*(int(part) for part in written(text).split(".") if part.isdigit()), 0, 0)
