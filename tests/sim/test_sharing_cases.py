"""With the real scheduler: every way of handing out accelerators, as tables of cases (sharing_cases/)."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from components.catalogue.accelerators import Accelerator, accelerators
from components.clusters.sim import cluster
from components.clusters.sim.spec import SimSpec
from components.tenancy.priorities import PRIORITY_CLASSES
from tests.support.devices import overlaps
from tests.support.ground import Ground, plan_worker, stack_of
from tests.support.kube import Kube
from tests.support.planning import cases
from tests.support.sharing import Play, ground_of
from tests.support.waiting import eventually

CASES = cases(Path(__file__).with_name("sharing_cases"))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """A sim with nothing on it but the priorities of the lanes."""
    spec = SimSpec(name="sharing", home=tmp_path_factory.mktemp("sharing"))
    try:
        cluster.ensure(spec)
        kube = Kube(spec.place.kubeconfig)
        for item in PRIORITY_CLASSES.values():
            kube.create(item.object.manifest)
        yield kube
    finally:
        cluster.delete(spec.place)


@pytest.mark.parametrize("case", CASES)
def test_pods_get_what_there_is(case: dict[str, Any], bare: Kube, request: pytest.FixtureRequest) -> None:
    suffix = hashlib.sha256(request.node.name.encode()).hexdigest()[:6]
    with ground_of(case, bare, suffix) as ground:
        Play(ground).take(case["steps"])


WAYS = ("whole", "mixed", "single", "time_slicing", "mps", "dra whole", "dra dynamic-mig", "dra alternatives")


@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_proved_from_the_first_pod_to_the_device_that_is_used_again(way: str) -> None:
    proofs = [case for (case,) in (given.values for given in CASES) if way in ways(case) and is_whole_proof(case)]
    assert len(proofs) > 3


def is_whole_proof(case: Mapping[str, Any]) -> bool:
    """Whether pods that fit run in a case, one that does not waits, and it runs when devices are free again."""
    taken = {verb for step in case["steps"] for verb in step}
    return {"run", "wait", "follow"} <= taken and bool(taken & {"end", "finish", "vacate"})


def ways(case: Mapping[str, Any]) -> Iterator[str]:
    """The ways in which the pools of a case hand out their cards."""
    for pool in case["pools"].values():
        match pool.get("share", "whole"):
            case "dra":
                yield "dra whole"
            case {"dra": str(kind)}:
                yield f"dra {kind}"
            case {"mig": _, **rest}:
                yield rest.get("strategy", "mixed")
            case dict() as share:
                yield next(iter(share))
            case way:
                yield way
    if any("instead" in demand for demand in case["workers"].values()):
        yield "dra alternatives"


@pytest.mark.parametrize("name", [name for name, row in accelerators().items() if row.is_nvidia])
def test_a_card_is_handed_out_whole_and_as_each_partition_as_often_as_it_has_it(name: str, bare: Kube) -> None:
    """One node for each kind of device, filled to the brim, and a pod too many."""
    suffix = hashlib.sha256(name.encode()).hexdigest()[:6]
    namespace = f"card-{suffix}"
    kinds = list(kinds_of(accelerators()[name]))
    cards = [{"accelerator": name, "per_node": 1, "share": kind.share} for kind in kinds]
    stacks = [stack_of("existing", {f"card-{suffix}-{at}": card}) for at, card in enumerate(cards)]
    workers = [
        plan_worker(stacks[at], namespace, f"{worker}-{at}", {"accelerator": {"product": name, **asked}})
        for at, kind in enumerate(kinds)
        for worker, asked in (
            ("all", {"profile": kind.profile, "count": kind.most}),
            ("one", {"profile": kind.profile}),
        )
    ]
    others = f", {len(kinds) - 1} node(s) didn't match Pod's node affinity/selector" if len(kinds) > 1 else ""
    with Ground(bare, namespace, stacks, workers) as ground:
        fitting = {ground.start(f"all-{at}") for at in range(len(kinds))}
        eventually(lambda: fitting <= ground.running(), f"{sorted(fitting)} should run")
        for at, kind in enumerate(kinds):
            ground.waits(ground.start(f"one-{at}"), f"1 {kind.lack}{others}")
        assert ground.running() == fitting
        held = list(chain(*ground.held().values()))
        assert Counter(part.kind for part in held) == {
            f"{name} {kind.profile}" if kind.profile else name: kind.most for kind in kinds if "dra" in kind.share
        }
        assert not list(overlaps(held))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A card or a partition of one; ``most`` of them are had at once, and ``lack`` is what one more waits for."""

    profile: str | None
    most: int
    share: Mapping[str, Any]
    lack: str


def kinds_of(card: Accelerator) -> Iterator[Kind]:
    """A card as claims get it, and its partitions; Ampere's are cut beforehand, for no claim can have them cut."""
    no_claim = "cannot allocate all claims"
    claimed = {"dra": "dynamic-mig"} if card.cut_on_claim else {"dra": "whole"}
    yield Kind(profile=None, most=1, share=claimed, lack=no_claim)
    for name, profile in card.mig.profiles.items() if card.mig else ():
        if claimed == {"dra": "dynamic-mig"}:
            yield Kind(profile=name, most=profile.instances, share=claimed, lack=no_claim)
        else:
            cut = {"mig": [name] * profile.instances}
            yield Kind(profile=name, most=profile.instances, share=cut, lack=f"Insufficient {profile.resource}")
