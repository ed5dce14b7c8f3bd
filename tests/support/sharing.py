"""Cases of shared accelerators: pools and workers as in a stack file, and what then happens to pods, step by step.

A case is a YAML file:

    cluster: eks                               # whose machines: eks (where it is left out), gke, or existing: any
    pools: {cards: {accelerator: h200, ...}}   # as in a stack file, of the lane batch
    pods: {cpu: 1, memory: 1Gi}                # what each takes beside its accelerator; next to nothing otherwise
    workers: {half: {product: h200, ...}}      # each a worker's accelerator in a stack file
    steps:
    - run: {half: 2}                           # so many more pods: all of them run
    - wait: {half: 1 cannot allocate ...}      # one more: it waits, and the scheduler says exactly that of the nodes
    - end: {half: 1}                           # the oldest go, and so do their claims
    - finish: {half: 1}                        # the oldest succeed: they stay, and their devices are free
    - vacate: {gpu-0: [0, 4]}                  # the pods whose partitions of that card begin at these slices go
    - follow: {half: 1}                        # so many of those that waited run
    - leave: {cards: 7}                        # so many cards of the pool's first node work; the rest fell off the bus
    - land: {half: {cards: 2}}                 # the pools on which the worker's pods run, and how many on each
    - hold: {half: {h200 3g.71gb: 2}}          # the devices that they hold
    - agree: {half: parentUUID}                # all devices of a pod are alike in that attribute

Between the steps, whoever ran runs, whoever waited waits, and no card is handed out beyond what it has.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from kubernetes import client

from components.pools.place import node_name

from .devices import Part, overlaps
from .ground import Ground, plan_worker, stack_of
from .kube import Kube
from .waiting import eventually


def ground_of(case: Mapping[str, Any], kube: Kube, suffix: str) -> Ground:
    """What a case stands on; ``suffix`` tells its pools and its namespace from those of other cases."""
    namespace = f"case-{suffix}"
    pools = {f"{name}-{suffix}": pool for name, pool in case["pools"].items()}
    stack = stack_of(case.get("cluster", "eks"), pools)
    workers = [
        plan_worker(stack, namespace, name, {**case.get("pods", {}), "accelerator": demand})
        for name, demand in case["workers"].items()
    ]
    return Ground(kube, namespace, [stack], workers)


class Play:
    """The steps of a case, one after the other."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._runs: dict[str, list[str]] = defaultdict(list)  # by worker, the oldest first
        self._waits: dict[str, list[str]] = defaultdict(list)
        self._verbs: dict[str, Callable[[str, Any], None]] = {
            "run": self._run,
            "wait": self._wait,
            "end": self._end,
            "finish": self._finish,
            "vacate": self._vacate,
            "follow": self._follow,
            "leave": self._leave,
            "land": self._land,
            "hold": self._hold,
            "agree": self._agree,
        }

    def take(self, steps: Sequence[Mapping[str, Any]]) -> None:
        """Takes every step, and looks in between whether the rest still stands."""
        for number, step in enumerate(steps, 1):
            ((verb, of),) = step.items()
            try:
                if verb != "follow":
                    self._look()
                for who, what in of.items():
                    self._verbs[verb](who, what)
            except AssertionError as error:
                raise AssertionError(f"step {number}, {verb} {of}: {error}") from error
        self._look()

    def _run(self, worker: str, many: int) -> None:
        started = [self._ground.start(worker) for _ in range(many)]
        eventually(lambda: set(started) <= self._ground.running(), f"{started} should run", timeout=30)
        self._runs[worker] += started

    def _wait(self, worker: str, reason: str) -> None:
        started = self._ground.start(worker)
        self._ground.waits(started, reason)
        self._waits[worker].append(started)

    def _end(self, worker: str, many: int) -> None:
        for _ in range(many):
            self._ground.remove(self._runs[worker].pop(0))

    def _finish(self, worker: str, many: int) -> None:
        api = client.CoreV1Api(self._ground.kube.api)
        for _ in range(many):
            name = self._runs[worker].pop(0)
            api.patch_namespaced_pod_status(name, self._ground.namespace, {"status": {"phase": "Succeeded"}})

    def _vacate(self, card: str, starts: Sequence[int]) -> None:
        for start in starts:
            held = self._ground.held()
            (pod,) = (pod for pod, parts in held.items() if any((p.card, p.start) == (card, start) for p in parts))
            (worker,) = (worker for worker, pods in self._runs.items() if pod in pods)
            self._runs[worker].remove(pod)
            self._ground.remove(pod)

    def _follow(self, worker: str, many: int) -> None:
        waited = self._waits[worker]
        eventually(
            lambda: len(self._ground.running().intersection(waited)) == many,
            f"{many} of {waited} should run by now",
            timeout=30,
        )
        followed = self._ground.running().intersection(waited)
        self._runs[worker] += [pod for pod in waited if pod in followed]
        self._waits[worker] = [pod for pod in waited if pod not in followed]

    def _leave(self, pool: str, cards: int) -> None:
        (name,) = (each.name for each in self._ground.pools if _as_written(each.name) == pool)
        self._ground.leave(name, cards)

    def _land(self, worker: str, pools: Mapping[str, int]) -> None:
        nodes = {
            node_name(pool, at): _as_written(pool.name) for pool in self._ground.pools for at in range(pool.size.max)
        }
        pods = self._ground.pods()
        found = Counter(nodes[pods[name]["spec"]["nodeName"]] for name in self._runs[worker])
        assert found == pools, f"{worker} runs on {dict(found)}"

    def _hold(self, worker: str, kinds: Mapping[str, int]) -> None:
        found = Counter(part.kind for parts in self._held(worker).values() for part in parts)
        assert found == kinds, f"{worker} holds {dict(found)}"

    def _agree(self, worker: str, attribute: str) -> None:
        for pod, parts in self._held(worker).items():
            values = {part.attributes[attribute] for part in parts}
            assert len(values) == 1, f"the devices of {pod} have {sorted(values)}"

    def _held(self, worker: str) -> dict[str, list[Part]]:
        held = self._ground.held()
        return {pod: held.get(pod, []) for pod in self._runs[worker]}

    def _look(self) -> None:
        running = self._ground.running()
        gone = set(chain(*self._runs.values())) - running
        assert not gone, f"{sorted(gone)} should still run"
        early = running.intersection(chain(*self._waits.values()))
        assert not early, f"{sorted(early)} should still wait"
        wrong = list(overlaps(chain(*self._ground.held().values())))
        assert not wrong, wrong


def _as_written(pool: str) -> str:
    """A pool's name as the case has it."""
    return pool.rpartition("-")[0]
