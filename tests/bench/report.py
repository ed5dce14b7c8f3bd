"""What was measured, as a table and as JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

GOAL_S = 1.0
"""The most that the program may take to its first registration without a cloud's SDK."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long something took, once for each run, in seconds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.seconds)

    @property
    def spread(self) -> str:
        """How many runs, and between which figures they lie."""
        low, high = min(self.seconds), max(self.seconds)
        return "1 run" if len(self.seconds) == 1 else f"{len(self.seconds)} runs, {low:.2f} to {high:.2f} s"

    def times(self, other: "Timing") -> float:
        """How many times as long as ``other``."""
        return self.median / other.median


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where it was measured.

    memory: of the machine, in GiB.
    load: how many processes wanted a core in the minute before.
    """

    cores: int
    memory: float
    load: float

    @property
    def is_busy(self) -> bool:
        """Whether a benchmark would share its cores with others."""
        return self.load > self.cores / 2

    def __str__(self) -> str:
        return f"{self.cores} cores, {self.memory:.0f} GiB of memory, load {self.load:.1f} before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All that one run measures.

    objects: how many objects were created each way.
    up, kubectl, client: creating them on a fresh sim, from the start of the program or command to its end.
    up_waited, kubectl_waited, client_waited: the part of it in which Kueue's webhook did not answer yet.
    preview, unchanged_up, refresh: where nothing has changed.
    start: from the program's start to its first registration, without a cloud's SDK.
    eks_start, gke_start: the same with the SDK of one cloud.
    created, repaired: the sim, from nothing and with its data after it was stopped.
    """

    objects: int
    up: Timing
    kubectl: Timing
    client: Timing
    up_waited: Timing
    kubectl_waited: Timing
    client_waited: Timing
    preview: Timing
    unchanged_up: Timing
    refresh: Timing
    start: Timing
    eks_start: Timing
    gke_start: Timing
    created: Timing
    repaired: Timing

    @property
    def ratios(self) -> Mapping[str, float]:
        """What is compared, as quotients of medians."""
        return {
            "pulumi up / kubectl": self.up.times(self.kubectl),
            "pulumi up / concurrent client": self.up.times(self.client),
            "unchanged preview / pulumi up": self.preview.times(self.up),
            "unchanged up / pulumi up": self.unchanged_up.times(self.up),
            "unchanged refresh / pulumi up": self.refresh.times(self.up),
            "first registration / goal": self.start.median / GOAL_S,
            "first registration, eks / sim": self.eks_start.times(self.start),
            "first registration, gke / sim": self.gke_start.times(self.start),
            "sim repaired / sim created": self.repaired.times(self.created),
        }


def as_json(results: Results, machine: Machine) -> dict[str, Any]:
    """Everything, for programs."""
    return {"machine": asdict(machine), "ratios": dict(results.ratios), "measured": asdict(results)}


def table(results: Results, machine: Machine) -> str:
    """Everything, for people."""
    return "\n".join(_lines(results, machine))


def _lines(results: Results, machine: Machine) -> Iterator[str]:
    yield f"kubelanes bench on {machine}; medians"
    if machine.is_busy:
        yield "The machine was busy: the seconds are too many, and ratios of short to long runs uncertain."
    yield ""
    yield from _rows(results, results.ratios)
    yield ""
    yield (
        "All three ways to create the objects include the wait until Kueue's webhook answers: "
        f"{results.up_waited.median:.1f} s, {results.kubectl_waited.median:.1f} s and "
        f"{results.client_waited.median:.1f} s."
    )
    yield "Only pulumi up also waits until workloads are ready."


def _rows(results: Results, ratios: Mapping[str, float]) -> Iterator[str]:
    longer, first_up = "up takes {:.2f} x as long", "{:.2f} x the first up"
    goal = f"{{:.2f}} x the goal: {'kept' if results.start.median <= GOAL_S else 'missed'}"
    yield f"{results.objects} objects, each time on a fresh sim"
    yield _row("pulumi up", results.up)
    yield _row("kubectl apply --server-side", results.kubectl, longer, ratios["pulumi up / kubectl"])
    yield _row("client, 16 connections", results.client, longer, ratios["pulumi up / concurrent client"])
    yield "nothing changed"
    yield _row("pulumi preview", results.preview, first_up, ratios["unchanged preview / pulumi up"])
    yield _row("pulumi up", results.unchanged_up, first_up, ratios["unchanged up / pulumi up"])
    yield _row("pulumi refresh --preview-only", results.refresh, first_up, ratios["unchanged refresh / pulumi up"])
    yield "the program"
    yield _row("start to first registration", results.start, goal, ratios["first registration / goal"])
    with_sdk = "{:.2f} x without a cloud's SDK"
    yield _row("the same on eks-prod", results.eks_start, with_sdk, ratios["first registration, eks / sim"])
    yield _row("the same on gke-prod", results.gke_start, with_sdk, ratios["first registration, gke / sim"])
    yield "the sim"
    yield _row("created from nothing", results.created)
    yield _row("repaired after a stop", results.repaired, "{:.2f} x a creation", ratios["sim repaired / sim created"])


def _row(what: str, timing: Timing, comparison: str = "", ratio: float = 0) -> str:
    return f"  {what:<30} {timing.median:7.2f} s   {comparison.format(ratio):<26} {timing.spread}"
