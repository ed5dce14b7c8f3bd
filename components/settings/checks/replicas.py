"""Replicas follow a signal that is there, within a range that makes sense."""

import re
from collections.abc import Iterator

from ...problems import Problem
from ..draft import Draft
from ..environment import Environment
from ..lanes import Replicas
from ..wording import listed, problem
from ..workloads import Placed, workloads

_SIGNALS = {
    "online": ("queue-depth", "running-requests", "ttft", "requests"),
    "workers": ("lag",),
    "apis": ("requests",),
}
"""The signals that each sort of workload gives off."""

_FORMS = {
    "ttft": (re.compile(r"[0-9]+(ms|s|m)"), "a duration (800ms)"),
    "requests": (re.compile(r"[0-9.]+(/[smh])?"), "a rate (200/s)"),
}
_PLAIN = (re.compile(r"[0-9.]+"), "a number without a unit (4)")


def check_signals(draft: Draft) -> Iterator[Problem]:
    """A range has a signal and a target, and a signal has a range."""
    for placed in workloads(draft):
        if placed.replicas:
            yield from _signal(placed, placed.replicas)


def _signal(placed: Placed, replicas: Replicas) -> Iterator[Problem]:
    path, signals = (*placed.path, "replicas"), _SIGNALS[placed.sort]
    form, example = _FORMS.get(replicas.on or "", _PLAIN)
    if replicas.range.max == 0:
        yield problem((*path, "range"), "0", "never runs. Write the largest number, 0-4, or remove the workload.")
    if replicas.on is None:
        if replicas.target is not None:
            yield problem((*path, "target"), replicas.target, f"has no signal. Add on: {' | '.join(signals)}.")
        elif replicas.range.min < replicas.range.max:
            text = f"missing: nothing says when to grow. Add on: {' | '.join(signals)} and target, or fix the range."
            yield problem((*path, "on"), None, text)
    elif replicas.on not in signals:
        text = f"is not a signal of lanes.{placed.sort}. It has: {listed(signals)}."
        yield problem((*path, "on"), replicas.on, text)
    elif replicas.range.min == replicas.range.max:
        yield problem(
            (*path, "on"),
            replicas.on,
            f"has no effect on a fixed number. Write a range: 1-{max(2, replicas.range.max)}.",
        )
    elif replicas.target is None:
        text = f"missing: how much {replicas.on} one replica can take. Add target: {example}."
        yield problem((*path, "target"), None, text)
    elif not form.fullmatch(str(replicas.target)):
        yield problem((*path, "target"), replicas.target, f"does not measure {replicas.on}. Write {example}.")


def check_lag(draft: Draft) -> Iterator[Problem]:
    """A worker that follows the lag of a queue names the queue."""
    for name, worker in draft.lanes.workers.items():
        if worker.replicas.on == "lag" and worker.queue is None:
            text = "missing: the lag of which queue? Add queue: { kafka: { topic: ... } }."
            yield problem(("lanes", "workers", name, "queue"), None, text)


def check_prod(draft: Draft) -> Iterator[Problem]:
    """In prod a model that answers requests outlives a node."""
    if draft.environment is not Environment.PROD:
        return
    for name, online in draft.lanes.online.items():
        if online.replicas.range.min < 2:
            text = "is fewer than 2 in prod: the model would be away whenever a node is. Begin with 2: "
            text += f"2-{max(2, online.replicas.range.max)}."
            yield problem(("lanes", "online", name, "replicas", "range"), str(online.replicas.range), text)


RULES = (check_signals, check_lag, check_prod)
