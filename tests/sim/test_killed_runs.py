"""Runs that end as a power cut ends them: the next one picks up what they left, or removes it."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.checkout import Checkout
from tests.support.events import steps
from tests.support.waiting import eventually

from .simtools import programs
from .stacks import SMALL


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path_factory.mktemp("killed"), SMALL)
    try:
        yield checkout
    finally:
        checkout.close()


Killing = Callable[[Checkout, subprocess.Popen[str]], None]


def everything(checkout: Checkout, run: subprocess.Popen[str]) -> None:
    """Tools, engine, program, providers, and kwokctl with what it has started so far."""
    run.send_signal(signal.SIGSTOP)  # it shall not notice, and say or do something about it
    checkout.kill(checkout.processes())


def all_but_the_sim(checkout: Checkout, run: subprocess.Popen[str]) -> None:
    """Tools, engine, program and providers."""
    run.send_signal(signal.SIGSTOP)
    checkout.kill(sorted(set(checkout.processes()) - set(checkout.sims())))


def the_group(checkout: Checkout, run: subprocess.Popen[str]) -> None:
    """What a terminal's process group holds: tools and engine. The providers are orphans afterwards."""
    checkout.kill([pid for pid in checkout.processes() if group_of(pid) == run.pid])


def group_of(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[2])
    except OSError:
        return None


def etcd_runs(checkout: Checkout, _: Path) -> bool:
    return "etcd" in programs(checkout.sim.root)


def begun(token: str) -> Callable[[Checkout, Path], bool]:
    return lambda _, log: any(step["type"].endswith(token) for step in steps(log))


MOMENTS: dict[str, tuple[Callable[[Checkout, Path], bool], Killing]] = {
    "the cluster is made": (etcd_runs, everything),
    "the chart is installed": (begun(":CustomResourceDefinition"), the_group),
    "the queues are made": (begun(":ClusterQueue"), everything),
    "the lanes are made": (begun(":Deployment"), all_but_the_sim),
}
"""In the order in which a run comes to them: when it is killed, and what with it."""


def killed(checkout: Checkout, log: Path, moment: str) -> None:
    """An ``up`` that is killed at the moment."""
    is_now, kill = MOMENTS[moment]
    run = checkout.start("up", "--event-log", str(log))
    eventually(lambda: is_now(checkout, log) or run.poll() is not None, moment, timeout=240)
    assert run.poll() is None, f"it ended before {moment}:\n{run.communicate()[0]}"
    kill(checkout, run)
    run.communicate()


def test_up_converges_after_kill_9_at_one_moment_after_the_other(checkout: Checkout, tmp_path: Path) -> None:
    for moment in MOMENTS:
        killed(checkout, tmp_path / f"{moment}.json", moment)
    checkout.run("up")
    checkout.run("preview", "--expect-no-changes")
    assert checkout.drift() is None
    assert checkout.processes() == checkout.sims(), "nothing of the killed runs should be left"
    assert checkout.kube().get("apps/v1", "Deployment", "portal", "search")


def test_down_of_a_cluster_that_is_dead_already_leaves_nothing(checkout: Checkout) -> None:
    checkout.run("up")
    checkout.kill(checkout.sims())
    checkout.run("down")
    assert not checkout.processes()
    assert not checkout.traces()


@pytest.mark.parametrize("moment", ["the cluster is made", "the chart is installed"])
def test_down_after_kill_9_leaves_nothing_when(checkout: Checkout, tmp_path: Path, moment: str) -> None:
    killed(checkout, tmp_path / "log.json", moment)
    checkout.run("down")
    assert not checkout.processes()
    assert not checkout.traces()


def test_down_where_nothing_was_ever_up_makes_nothing(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, SMALL)
    assert checkout.run("down") == "nothing is up\n"
    assert not checkout.traces()
