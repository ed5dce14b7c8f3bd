"""The ``kind`` executable, and ``nvkind`` where it makes the cluster."""

import logging
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ...catalogue.kind_images import kind_release
from .failure import KindError
from .home import KindHome

log = logging.getLogger(__name__)

_PATIENCE = 60
"""Seconds that kind may take to say what there is."""
_CREATION = 900
"""Seconds that a cluster may take, its images included."""


def missing(*, nvkind: bool) -> str | None:
    """What to do about a program that is not on PATH, or about a container engine that does not answer."""
    absent = [name for name in ("kind", *(["nvkind"] if nvkind else [])) if shutil.which(name) is None]
    if absent:
        return (
            f"not on PATH: {', '.join(absent)}. Install {' and '.join(absent)} (kind {kind_release()}), then run again."
        )
    try:
        clusters()
    except KindError as error:
        return f"{error}. Install or start Docker, Podman or nerdctl on this machine, then run again."
    return None


def clusters() -> frozenset[str]:
    """The names of all kind clusters on this machine."""
    return frozenset(_ask("get", "clusters").split())


def nodes(name: str) -> frozenset[str]:
    """The names of a cluster's nodes; none where there is no such cluster."""
    return frozenset(_ask("get", "nodes", "--name", name).split())


def kubeconfig(name: str) -> str:
    """The administrator's kubeconfig of a cluster that stands, read from its control plane; a secret."""
    return _ask("get", "kubeconfig", "--name", name)


def create(place: KindHome, *, nvkind: bool) -> None:
    """Creates the cluster from its configuration; kind removes what it has made where that fails."""
    options = ["--name", place.name, "--kubeconfig", str(place.kubeconfig), "--wait", "5m"]
    if nvkind:
        # nvkind reads the configuration as a template, hands its kubeconfig to nobody, and takes it from KUBECONFIG.
        command = ["nvkind", "cluster", "create", *options, "--config-template", str(place.config)]
    else:
        command = ["kind", "create", "cluster", *options, "--config", str(place.config)]
    with place.log.open("wb") as output:
        status = _run_to(output.fileno(), command, {"KUBECONFIG": str(place.kubeconfig)})
    if status:
        said = "\n".join(place.log.read_text(errors="replace").splitlines()[-10:])
        raise KindError(f"{command[0]} could not make the cluster {place.name}:\n{said}")


def delete(place: KindHome) -> None:
    """Deletes the cluster's nodes; one that is gone already is fine."""
    _ask("delete", "cluster", "--name", place.name, "--kubeconfig", str(place.kubeconfig))


def _run_to(output: int, command: Sequence[str], environment: dict[str, str]) -> int:
    try:
        done = subprocess.run(  # noqa: S603 - the programs named above, found on PATH
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=_CREATION,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise KindError(f"{command[0]} did not make the cluster in {_CREATION} s; see `kind get clusters`") from None
    return done.returncode


def _ask(*arguments: str) -> str:
    """What kind prints; raises KindError with its last word where it fails."""
    found = shutil.which("kind")
    if found is None:
        raise KindError(f"kind is not on PATH; install kind {kind_release()}")
    try:
        done = subprocess.run(  # noqa: S603 - kind, found on PATH
            [str(Path(found)), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise KindError(f"`kind {' '.join(arguments)}` did not answer within {_PATIENCE} s") from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise KindError(f"`kind {' '.join(arguments)}` failed: {said[-1] if said else 'it said nothing'}")
    return done.stdout
