"""What a hosted controller needs on disk before its supervisor starts."""

import json
import shlex
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import config, pki
from .files import write_private
from .home import SimHome
from .hosted import Access, HostedController, Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What a supervisor is told.

    controller: the row of the controller.
    folder: where its files lie.
    kubeconfig: the administrator's.
    values: what the placeholders of the row stand for.
    """

    controller: HostedController
    folder: Path
    kubeconfig: Path
    values: Mapping[str, str | int]

    @property
    def certificates(self) -> Path:
        """The folder of the serving certificate, which a kubelet would mount."""
        return self.folder / "certificates"

    @property
    def token(self) -> Path:
        """The token of the service account, renewed in place."""
        return self.folder / "token"

    @property
    def controller_kubeconfig(self) -> Path:
        """The kubeconfig that the controller runs with; it names the token file."""
        return self.folder / "kubeconfig"

    @property
    def config(self) -> Path:
        """The controller's configuration."""
        return self.folder / "config.yaml"

    def write(self, path: Path) -> None:
        """Writes it for the supervisor to read."""
        content = {
            "controller": asdict(self.controller),
            "folder": str(self.folder),
            "kubeconfig": str(self.kubeconfig),
            "values": dict(self.values),
        }
        write_private(path, json.dumps(content, indent=2))

    @classmethod
    def read(cls, path: Path) -> "Assignment":
        """What ``write`` wrote."""
        content: dict[str, Any] = json.loads(path.read_text())
        row: dict[str, Any] = content["controller"]
        row["access"] = tuple(Access(**access) for access in row["access"])
        row["webhooks"] = row["webhooks"] and Webhooks(**row["webhooks"])
        row["command"], row["crds"] = tuple(row["command"]), tuple(row["crds"])
        return cls(
            controller=HostedController(**row),
            folder=Path(content["folder"]),
            kubeconfig=Path(content["kubeconfig"]),
            values=content["values"],
        )


def install(place: SimHome, row: HostedController, binary: Path, ports: Mapping[str, int]) -> None:
    """Writes the assignment, the supervisor's program and, the first time, the serving certificate."""
    folder = place.hosted(row.name)
    draft = Assignment(controller=row, folder=folder, kubeconfig=place.kubeconfig, values={})
    assignment = Assignment(
        controller=row,
        folder=folder,
        kubeconfig=place.kubeconfig,
        values={
            "binary": str(binary),
            "namespace": row.namespace,
            "config": str(draft.config),
            "kubeconfig": str(draft.controller_kubeconfig),
            "certificates": str(draft.certificates),
            **{name.rpartition("/")[2]: ports[name] for name in row.listeners},
        },
    )
    if row.webhooks and not (assignment.certificates / "tls.crt").is_file():
        ca = pki.authority(row.webhooks.authority)
        ca.write(assignment.certificates, "ca")
        pki.issue(ca, row.hosts[0], hosts=(*row.hosts, *pki.LOCAL)).write(assignment.certificates, "tls")
    assignment.write(folder / "assignment.json")
    write_private(config.supervisor_program(place, row), _program(folder / "assignment.json"), mode=0o700)


def _program(assignment: Path) -> str:
    """A script, because kwokctl names pid and log files after the program: two supervisors need two names."""
    package = __package__ or ""
    root = Path(__file__).resolve().parents[package.count(".") + 1]
    python = [sys.executable, "-m", f"{package}.supervisor", "--assignment", str(assignment)]
    return f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(root))} exec {shlex.join(python)}\n"
