"""The run: one sim after another, and what is done to it against the clock."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from components.addons.readiness import wait
from components.clusters.sim import cluster
from components.clusters.sim.cluster import Sim
from components.clusters.sim.facts import FACTS
from components.clusters.sim.processes import MARK
from components.clusters.sim.provider import to_spec
from components.clusters.sim.spec import SimSpec
from tests.support.deployment import ROOT, Deployment

from .clients import Applier, ConcurrentClient, Kubectl
from .objects import Resource, Waves, readiness, waited, waves
from .report import Results, Timing
from .start import time_to_first_registration

STACK_FILE = ROOT / "stacks" / "Pulumi.sim.yaml"
CLOUD_STACKS = (ROOT / "stacks" / "Pulumi.eks-prod.yaml", ROOT / "stacks" / "Pulumi.gke-prod.yaml")
RUNS = 3
STARTS = 7

Say = Callable[[str], None]


def measure(home: Path, say: Say) -> Results:
    """Everything, below ``home``; what it leaves there is for the caller to remove, processes and files.

    Pulumi and its plugins bear the mark of ``home`` itself, the sim that of its folder, as every sim does.
    """
    start, eks_start, gke_start = (program_start(stack, say) for stack in (STACK_FILE, *CLOUD_STACKS))

    sims = Sims(spec_in(home))
    say("creating a sim, stopping and repairing it")
    sim = sims.fresh()
    repaired = Timing(tuple(sims.repair() for _ in range(RUNS)))

    say("pulumi up, of everything inside the sim")
    deployment = Deployment(home, env={MARK: str(home)}).configure(STACK_FILE)
    up = Timing((seconds(deployment.up),))
    resources = deployment.resources()
    require_adoption(resources, sim)
    objects = waves(resources)

    def repeated(what: str, *command: str) -> Timing:
        say(f"{what}, nothing changed, {RUNS} times")
        return Timing(tuple(seconds(lambda: deployment.pulumi(*command)) for _ in range(RUNS)))

    preview = repeated("pulumi preview", "preview", "--expect-no-changes")
    unchanged = repeated("pulumi up", "up", "--yes", "--skip-preview", "--expect-no-changes")
    refresh = repeated("pulumi refresh", "refresh", "--preview-only", "--expect-no-changes")

    contest = Contest(sims, objects, sim, readiness(resources), say)
    kubectl = contest.of("kubectl apply --server-side", Kubectl)
    client = contest.of("a client with 16 connections", ConcurrentClient)
    return Results(
        objects=len(objects),
        up=up,
        up_waited=Timing((waited(resources),)),
        kubectl=kubectl.took,
        kubectl_waited=kubectl.waited,
        client=client.took,
        client_waited=client.waited,
        preview=preview,
        unchanged_up=unchanged,
        refresh=refresh,
        start=start,
        eks_start=eks_start,
        gke_start=gke_start,
        created=Timing(tuple(sims.creations)),
        repaired=repaired,
    )


def program_start(stack_file: Path, say: Say) -> Timing:
    """From the program's start to its first registration, on one stack file."""
    say(f"starting the program on {stack_file.stem.removeprefix('Pulumi.')}, {STARTS} times and once to warm up")
    time_to_first_registration(stack_file)
    return Timing(tuple(time_to_first_registration(stack_file) for _ in range(STARTS)))


def spec_in(home: Path) -> SimSpec:
    """The sim that the stack asks for, in a home of its own."""
    name: str = yaml.safe_load(STACK_FILE.read_text())["config"]["kubelanes:cluster"]["name"]
    asked = {"name": name, "home": str(home), "kubernetes": FACTS.kubernetes, "hosted": sorted(FACTS.hosts)}
    return to_spec(asked | {"feature_gates": {}, "runtime_config": {}})


def seconds(action: Callable[[], object]) -> float:
    """How long ``action`` takes."""
    started = time.monotonic()
    action()
    return time.monotonic() - started


def require_adoption(resources: Sequence[Resource], sim: Sim) -> None:
    """Fails where `pulumi up` made a sim of its own: its figure would include that."""
    found = [each["outputs"]["uid"] for each in resources if each["type"].endswith(":KwokctlCluster")]
    if found != [sim.uid]:
        raise RuntimeError("pulumi up did not take over the sim that was there; its figure would include a creation")


class Sims:
    """One sim at a time, always the same spec; ``creations`` collects how long each took from nothing."""

    def __init__(self, spec: SimSpec) -> None:
        self._spec = spec
        self.creations: list[float] = []

    def fresh(self) -> Sim:
        """An empty sim in the place of what was there."""
        cluster.delete(self._spec.place)
        self.creations.append(seconds(self._ensure))
        return self._ensure()

    def repair(self) -> float:
        """Seconds to bring the sim up again after it was stopped."""
        cluster.stop(self._spec.place)
        return seconds(self._ensure)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self._spec.place.kubeconfig

    def _ensure(self) -> Sim:
        return cluster.ensure(self._spec)


@dataclass(frozen=True, slots=True)
class Applied:
    """How long it took to apply everything, and how much of that was waiting for Kueue."""

    took: Timing
    waited: Timing


@dataclass(frozen=True, slots=True)
class Contest:
    """Applies to fresh sims what Pulumi created on ``origin``."""

    sims: Sims
    objects: Waves
    origin: Sim
    ready: Resource
    say: Say

    def of(self, name: str, make: Callable[[Path], Applier]) -> Applied:
        """Measures one way of applying them, several times."""
        self.say(f"{name}, {RUNS} times on a fresh sim")
        took, pauses = zip(*(self._once(make) for _ in range(RUNS)), strict=True)
        return Applied(Timing(took), Timing(pauses))

    def _once(self, make: Callable[[Path], Applier]) -> tuple[float, float]:
        sim = self.sims.fresh()
        objects = self.objects.hosted_by(self.origin.hosted["kueue"], sim.hosted["kueue"])
        started = time.monotonic()
        apply = make(self.sims.kubeconfig)
        apply(objects.foundations)
        apply(objects.others)
        paused = seconds(lambda: wait({**self.ready["inputs"], "kubeconfig": sim.kubeconfig}))
        apply(objects.guarded)
        return time.monotonic() - started, paused
