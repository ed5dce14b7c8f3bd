"""What all tiers share: the platform on the sim, brought up once and only if a test asks for it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.deployment import ROOT, Deployment
from tests.support.kube import Kube
from tools.orphans import stop_sims

settings.register_profile("untimed", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("untimed")


def pytest_unconfigure(config: pytest.Config) -> None:
    """A run that is interrupted gives its processes no time to take their sims down: what is left of them ends here."""
    if getattr(config.option, "numprocesses", None):  # only the process that the others report to has it
        stop_sims(config._tmp_path_factory.getbasetemp())  # type: ignore[attr-defined] # noqa: SLF001 - no other way outside a test


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The committed stack ``sim``, brought up by a real ``pulumi up`` and destroyed at the end."""
    deployment = Deployment(tmp_path_factory.mktemp("platform")).configure(ROOT / "stacks" / "Pulumi.sim.yaml")
    try:
        deployment.up()
        yield deployment
    finally:
        deployment.destroy()


@pytest.fixture(scope="session")
def kubeconfig(platform: Deployment) -> Path:
    """The kubeconfig of the sim's administrator."""
    return Path(platform.outputs()["kubeconfig_path"])


@pytest.fixture(scope="session")
def kube(kubeconfig: Path) -> Kube:
    """The sim's API server, as its administrator."""
    return Kube(kubeconfig)


@pytest.fixture
def namespace(kube: Kube, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty namespace that no tenant owns, for one test."""
    name = f"proof-{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:10]}"
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    kube.abandon(name)
