"""What the benchmark says of what it measured."""

import json
from dataclasses import replace

import pytest

from tests.bench.report import Machine, Results, Timing, as_json, table
from tests.bench.start import configuration

KUBECTL = "kubectl apply --server-side 10.00 s up takes 6.00 x as long 5 runs, 9.00 to 30.00 s"
MACHINE = Machine(cores=2, memory=7.8, load=0.4)
RESULTS = Results(
    objects=162,
    up=Timing((60.0,)),
    kubectl=Timing((11.0, 10.0, 30.0, 9.0, 10.0)),
    client=Timing((6.0, 5.0, 7.0)),
    up_waited=Timing((4.0,)),
    kubectl_waited=Timing((3.0,)),
    client_waited=Timing((2.0,)),
    preview=Timing((6.0,)),
    unchanged_up=Timing((12.0,)),
    refresh=Timing((9.0,)),
    start=Timing((0.8,)),
    eks_start=Timing((1.2,)),
    gke_start=Timing((1.0,)),
    created=Timing((6.0,)),
    repaired=Timing((3.0,)),
)


def test_a_ratio_is_a_quotient_of_medians() -> None:
    assert RESULTS.ratios == pytest.approx(
        {
            "pulumi up / kubectl": 6.0,
            "pulumi up / concurrent client": 10.0,
            "unchanged preview / pulumi up": 0.1,
            "unchanged up / pulumi up": 0.2,
            "unchanged refresh / pulumi up": 0.15,
            "first registration / goal": 0.8,
            "first registration, eks / sim": 1.5,
            "first registration, gke / sim": 1.25,
            "sim repaired / sim created": 0.5,
        }
    )


def test_the_table_names_the_machine_the_figures_and_the_waiting() -> None:
    shown = table(RESULTS, MACHINE)
    assert "2 cores, 8 GiB of memory, load 0.4" in shown
    assert "162 objects" in shown
    assert "4.0 s, 3.0 s and 2.0 s" in shown
    kubectl = next(line for line in shown.splitlines() if "kubectl" in line)
    assert " ".join(kubectl.split()) == KUBECTL


def test_the_table_is_no_wider_than_a_terminal_and_has_no_loose_ends() -> None:
    measured = table(RESULTS, MACHINE).split("\n\n")[1]
    assert all(len(line) <= 100 and line == line.rstrip() for line in measured.splitlines())


@pytest.mark.parametrize(("load", "said"), [(0.4, False), (5.0, True)])
def test_a_busy_machine_is_said(load: float, said: bool) -> None:
    assert ("The machine was busy" in table(RESULTS, replace(MACHINE, load=load))) == said


@pytest.mark.parametrize(("seconds", "verdict"), [(0.99, "kept"), (1.01, "missed")])
def test_the_goal_for_the_start_is_judged(seconds: float, verdict: str) -> None:
    assert f"x the goal: {verdict}" in table(replace(RESULTS, start=Timing((seconds,))), MACHINE)


def test_the_json_holds_every_run_and_every_ratio() -> None:
    written = json.loads(json.dumps(as_json(RESULTS, MACHINE)))
    assert written["measured"]["kubectl"]["seconds"] == [11.0, 10.0, 30.0, 9.0, 10.0]
    assert written["ratios"] == pytest.approx(dict(RESULTS.ratios))
    assert written["machine"] == {"cores": 2, "memory": 7.8, "load": 0.4}


def test_a_stack_file_reaches_the_program_as_the_engine_hands_it_on() -> None:
    text = "config:\n  kubelanes:environment: dev\n  kubelanes:cluster: { kind: sim }\n"
    assert configuration(text) == {"kubelanes:environment": "dev", "kubelanes:cluster": '{"kind": "sim"}'}
