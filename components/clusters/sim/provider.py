"""The sim as a resource of the engine.

What a plain ``pulumi up`` notices: ``diff`` looks at the running sim, which takes some ten milliseconds, so a sim that
was stopped or broken is repaired by the next ``up`` with or without a refresh, and the preview shows that as an update.
A sim whose data is gone is replaced, and with it everything that the engine believes to be in it.

The class is pickled by reference. It holds no code and no data, so an edit of these modules changes no state.
"""

import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from . import binaries, cluster
from .controllers import CONTROLLERS
from .health import State, probe
from .spec import SimSpec

log = logging.getLogger(__name__)

Properties = dict[str, Any]

INPUTS = ("name", "home", "kubernetes", "feature_gates", "runtime_config", "hosted")
"""The inputs of the resource; all else in its state is outputs."""

_IDENTITY = ("name", "home")


class KwokctlProvider(ResourceProvider):
    """Carries out what the engine asks for; everything that matters is in ``cluster``."""

    serialize_as_secret_always = False

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Refuses, before anything is created, what cannot be made on this machine."""
        failures: list[CheckFailure] = []
        if unknown := sorted(set(news["hosted"]) - set(CONTROLLERS)):
            reason = f"{', '.join(unknown)}: a sim hosts only {', '.join(sorted(CONTROLLERS))}"
            failures.append(CheckFailure("hosted", reason))
        elif absent := binaries.missing(to_spec(news).programs):
            failures.append(CheckFailure("name", binaries.remedy(absent)))
        return CheckResult(news, failures)

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Compares the sim itself, not only what is remembered of it, with what is asked for."""
        moved = [key for key in _IDENTITY if _olds[key] != _news[key]]
        if moved:
            return DiffResult(changes=True, replaces=moved)
        spec = to_spec(_news)
        health = probe(spec.place, [row.name for row in spec.hosted])
        if health.record is None or health.record.uid != _olds["uid"]:
            log.warning("the sim %s must be made again: %s", spec.name, health.reason or "it is another than before")
            return DiffResult(changes=True, replaces=["uid"])
        if health.state is not State.RUNNING:
            log.warning("the sim %s is %s: %s", spec.name, health.state, health.reason)
        asked = any(_olds.get(key) != _news.get(key) for key in INPUTS)
        as_remembered = _olds["state"] == State.RUNNING and _olds["digest"] == health.record.digest == spec.digest
        return DiffResult(changes=asked or health.state is not State.RUNNING or not as_remembered)

    def create(self, props: Properties) -> CreateResult:
        """Makes the sim, or takes over one of this name that is there already."""
        spec = to_spec(props)
        return CreateResult(str(spec.place.root), _running(props, cluster.ensure(spec)))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Says how the sim is; one whose data is gone is gone."""
        spec = to_spec(props)
        health = probe(spec.place, [row.name for row in spec.hosted])
        if health.record is None or health.record.uid != props["uid"]:
            return ReadResult("", {})
        return ReadResult(id_, _outputs(props, cluster.describe(spec), health.state))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Repairs the sim, or starts it again as it is asked for now; its data stays."""
        return UpdateResult(_running(_news, cluster.ensure(to_spec(_news))))

    def delete(self, _id: str, _props: Properties) -> None:
        """Leaves no process and no file of it; one that was made again in its place is not touched."""
        cluster.delete(to_spec(_props).place, _props["uid"])


def to_spec(props: Properties) -> SimSpec:
    """The spec that the resource's inputs describe."""
    return SimSpec(
        name=props["name"],
        home=Path(props["home"]),
        kubernetes=props["kubernetes"],
        feature_gates=cast("dict[str, bool]", props["feature_gates"]),
        runtime_config=cast("dict[str, bool]", props["runtime_config"]),
        hosted=tuple(CONTROLLERS[name] for name in sorted(props["hosted"]) if name in CONTROLLERS),
    )


def _running(props: Properties, sim: cluster.Sim) -> Properties:
    return _outputs(props, sim, State.RUNNING)


def _outputs(props: Properties, sim: cluster.Sim, state: State) -> Properties:
    """The inputs and what became of them; nothing in it differs between two looks at a healthy sim."""
    given = {key: props[key] for key in INPUTS}
    return {
        **given,
        "state": str(state),
        "uid": sim.uid,
        "digest": sim.digest,
        "version": sim.version,
        "endpoint": sim.endpoint,
        "ca": sim.ca,
        "kubeconfig": sim.kubeconfig,
        "kubeconfig_path": str(to_spec(props).place.kubeconfig),
        "endpoints": {name: asdict(hosted) for name, hosted in sim.hosted.items()},
    }
