"""The life of a sim: made, repaired, stopped, deleted. Each step may be repeated, and cut short at any moment."""

import base64
import logging
import os
import secrets
import shutil
import subprocess
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from . import config, pki, ports, processes
from .binaries import kubernetes_version, locate
from .failure import SimError
from .files import write_private
from .health import Health, State, answers, probe
from .home import SimHome
from .hosted import HostedController
from .hosting import install
from .locking import exclusively
from .record import SimRecord
from .spec import STAGES, SimSpec

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """Where a hosted controller is reached.

    webhook_url: the base of its webhooks; empty where it has none.
    ca_bundle: the authority that signed their certificate, base64 of PEM; empty where it has none.
    metrics_port, health_port: on the loopback address.
    """

    webhook_url: str
    ca_bundle: str
    metrics_port: int
    health_port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sim:
    """A running sim.

    uid: made with its data, so it tells whether this is still the same cluster.
    digest: of the spec that it runs.
    version: of its Kubernetes, in full.
    endpoint: the URL of its API server.
    ca: its certificate authority, PEM.
    kubeconfig: the administrator's, YAML; a secret.
    hosted: its hosted controllers, by name.
    """

    uid: str
    digest: str
    version: str
    endpoint: str
    ca: str
    kubeconfig: str
    hosted: Mapping[str, Hosted]


def ensure(spec: SimSpec) -> Sim:
    """Makes the sim what the spec says: creates, starts, repairs or restarts it, or leaves it as it is.

    A sim that has its data keeps it. Raises SimError when that cannot be done.
    """
    place = spec.place
    with exclusively(place.lock):
        health = probe(place, [row.name for row in spec.hosted])
        if health.state is not State.RUNNING or health.record is None or health.record.digest != spec.digest:
            programs = locate(spec.programs)
            version = kubernetes_version(programs["kube-apiserver"], spec.kubernetes)
            before = _foundation(place, health)
            try:
                _start(spec, programs, version, before)
            except BaseException:
                processes.end(place.root)  # no state would know of what runs already
                raise
        return describe(spec)


def describe(spec: SimSpec) -> Sim:
    """What is known of a complete sim, running or not; raises SimError where there is none."""
    place = spec.place
    record = SimRecord.read(place.record)
    if record is None:
        raise SimError(f"{place.root}: there is no complete sim here. Run `pulumi up`, which makes one.")
    return Sim(
        uid=record.uid,
        digest=record.digest,
        version=record.version,
        endpoint=config.Endpoints(record.ports).url("kube-apiserver"),
        ca=(place.pki / "ca.crt").read_text(),
        kubeconfig=place.kubeconfig.read_text(),
        hosted={
            row.name: Hosted(
                webhook_url=config.Endpoints(record.ports).url(row.listener("webhook")) if row.webhooks else "",
                ca_bundle=_authority(place, row),
                metrics_port=record.ports[row.listener("metrics")],
                health_port=record.ports[row.listener("health")],
            )
            for row in spec.hosted
        },
    )


def _authority(place: SimHome, row: HostedController) -> str:
    if row.webhooks is None:
        return ""
    return base64.b64encode((place.hosted(row.name) / "certificates" / "ca.crt").read_bytes()).decode()


def stop(place: SimHome) -> None:
    """Ends the processes of the sim and keeps its data."""
    with exclusively(place.lock):
        processes.end(place.root)


def delete(place: SimHome, uid: str | None = None) -> None:
    """Leaves no process and no file of the sim, whatever state it is in; one that is gone already is fine.

    uid: the sim that is meant; another one that was made in its place since then stays.
    """
    with exclusively(place.lock):
        record = SimRecord.read(place.record)
        if uid is not None and record is not None and record.uid != uid:
            return
        processes.end(place.root)
        # The marker goes first: a deletion that is cut short leaves a half-made sim, not a complete one without parts.
        place.record.unlink(missing_ok=True)
        shutil.rmtree(place.root, ignore_errors=True)
        if place.root.exists():
            raise SimError(f"{place.root}: cannot be removed. Remove it, then run again.")
    _remove_if_empty(place.root.parent)
    _remove_if_empty(place.home)


def _foundation(place: SimHome, health: Health) -> SimRecord | None:
    """Ends what runs, and lays what outlives a start: certificates, encryption key, data folder."""
    if health.reason:
        log.info("%s", health.reason)
    processes.end(place.root)
    if health.record is not None:
        return health.record
    shutil.rmtree(place.root, ignore_errors=True)
    for folder in (place.root, place.etcd, place.logs):
        folder.mkdir(mode=0o700, parents=True)
    ca = pki.authority("kubelanes-sim")
    ca.write(place.pki, "ca")
    # kwokctl has one certificate for everything: the API server serves with it, the components are its clients.
    pki.issue(ca, "kubelanes-sim-components", "system:masters", (*pki.LOCAL, *_API_HOSTS)).write(place.pki, "admin")
    pki.issue(ca, "kubelanes-administrator", "system:masters").write(place.pki, "operator")
    write_private(place.encryption, yaml.safe_dump(config.encryption_configuration(secrets.token_bytes(32))))
    return None


_API_HOSTS = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")


def _start(spec: SimSpec, programs: Mapping[str, Path], version: str, before: SimRecord | None) -> None:
    """Starts the sim on its foundation, and marks it as complete when it answers."""
    place = spec.place
    chosen = ports.choose(spec.listeners, str(place.root), before.ports if before else None)
    operator = pki.KeyPair.read(place.pki, "operator")
    user = config.client_certificate(operator.certificate, operator.key)
    ca = (place.pki / "ca.crt").read_bytes()
    admin = config.kubeconfig(spec.name, config.Endpoints(chosen).url("kube-apiserver"), ca, user)
    write_private(place.kubeconfig, yaml.safe_dump(admin))
    _lay_out(place)
    for row in spec.hosted:
        install(place, row, programs[row.name], chosen)
    configuration = config.kwokctl_configuration(spec, chosen, programs, version)
    write_private(place.kwok_config, f"{yaml.safe_dump(configuration)}---\n{STAGES.read_text()}")
    _kwokctl(place, programs["kwokctl"])
    _wait_until_ready(place, chosen)
    record = SimRecord(
        uid=before.uid if before else str(uuid.uuid4()), digest=spec.digest, version=version, ports=chosen
    )
    record.write(place.record)


def _lay_out(place: SimHome) -> None:
    """Kwokctl's folder, anew. What must outlive it is linked in: kwokctl removes the folder when a start fails."""
    shutil.rmtree(place.kwok, ignore_errors=True)
    place.kwok_cluster.mkdir(mode=0o700, parents=True)
    place.temporary.mkdir(mode=0o700, exist_ok=True)
    for kept in (place.pki, place.etcd, place.logs):
        (place.kwok_cluster / kept.name).symlink_to(kept)


def _kwokctl(place: SimHome, program: Path) -> None:
    command = [program, "create", "cluster", "--name", place.name, "--config", place.kwok_config, "--kubeconfig", ""]
    # Of our own environment only what is needed: the sim outlives this run, whose passphrases are not its business.
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {"KWOK_WORKDIR": place.kwok, "KUBECACHEDIR": place.temporary, "TMPDIR": place.temporary}
    environment = inherited | {name: str(folder) for name, folder in own.items()} | {processes.MARK: str(place.root)}
    output = place.logs / "kwokctl.log"
    try:
        with output.open("wb") as file:
            # A session of its own: an interrupt at the terminal shall not leave a control plane without its API server.
            done = subprocess.run(  # noqa: S603 - a program that locate() found
                command,
                env=environment,
                cwd=place.root,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                umask=0o077,
                start_new_session=True,
                timeout=180,
                check=False,
            )
    except subprocess.TimeoutExpired as expired:
        text = f"kwokctl did not start the sim {place.name} in {expired.timeout:.0f} s; logs are in {place.logs}"
        raise SimError(text) from None
    if done.returncode:
        tail = "\n".join(output.read_text(errors="replace").splitlines()[-10:])
        raise SimError(f"kwokctl could not start the sim {place.name}; logs are in {place.logs}:\n{tail}")


def _wait_until_ready(place: SimHome, listening: dict[str, int], timeout: float = 120) -> None:
    """Waits for the API server, and for the controller manager to have made the first service account."""
    deadline = time.monotonic() + timeout
    for path in ("/readyz", "/api/v1/namespaces/default/serviceaccounts/default"):
        while not answers(place, listening, path):
            if time.monotonic() > deadline:
                raise SimError(f"the sim {place.name} did not become ready in {timeout:.0f} s; see {place.logs}")
            time.sleep(0.1)


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        log.debug("%s stays: other sims are in it", folder)
