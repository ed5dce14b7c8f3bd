"""How a model is served: vLLM behind a Service.

Sources: vLLM v0.11 documentation, "Using Kubernetes", "vllm serve", "Loading models with Run:ai Model Streamer".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..objects import Manifest
from ..problems import InvalidSettingsError, Problem
from ..settings.lanes import Online
from ..settings.workloads import USES
from .context import LaneContext
from .placement import Placement, place
from .pod import Container, Mount, probe, shared_memory
from .workload import Identity, LanePlan, label_value, plan_replicas

PORT = 8000
"""Where vLLM listens, for requests and for the scrape of its metrics."""
MODEL_LABEL = "kubelanes.dev/model"
MODEL_VERSION_LABEL = "kubelanes.dev/model-version"

_LOADING = 30 * 60
"""Seconds for the weights to arrive and for the engine to compile and warm up."""
_DRAIN, _GRACE = 15, 180
"""Seconds until no endpoint names an ending pod any more, and until answers in the making are cut off."""

_USER = 2000
_HOME = "/home/vllm"
_ENVIRONMENT = {
    # The image of v0.11 has no user beside root: without USER, PyTorch looks the number up, finds nothing and ends.
    "HOME": _HOME,
    "USER": "vllm",
    "VLLM_NO_USAGE_STATS": "1",
}


@dataclass(frozen=True, slots=True)
class _Weights:
    """Where vLLM finds the weights, and what it takes to load them from there."""

    model: str
    arguments: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()


def plan_online(name: str, online: Online, context: LaneContext) -> LanePlan:
    """Plans the model server ``name``.

    Raises InvalidSettingsError where no pool can serve it or the weights' address has an unknown form.
    """
    placement = place(("lanes", "online", name), online.accelerator, USES["online"], context.pools)
    weights = _weights(f"lanes.online.{name}.model.from", online.model.source)
    version = online.model.version
    identity = Identity(
        name=name,
        tenant=online.tenant,
        component="online-inference",
        version=version,
        labels={MODEL_LABEL: label_value(online.model.name), MODEL_VERSION_LABEL: label_value(version)},
    )
    container = Container(
        command=_command(placement),
        args=(
            weights.model,
            *("--served-model-name", online.model.name),
            *("--port", str(PORT)),
            *_split(placement),
            *weights.arguments,
        ),
        env=_ENVIRONMENT,
        ports={"http": PORT},
        probes=_PROBES,
        mounts=(
            *shared_memory(placement),
            Mount(name="home", path=_HOME, source={"emptyDir": {}}),
            *weights.mounts,
        ),
        user=_USER,
        drain=_DRAIN,
        grace=_GRACE,
    )
    return plan_replicas(identity, online, container, placement, context)


_COUNTED = (
    'exec vllm serve "$@" --tensor-parallel-size "$(python3 -c "import torch; print(torch.cuda.device_count())")"'
)
"""For pods that learn only on their node which of several choices they got, and so over how many devices to split."""


def _command(placement: Placement) -> tuple[str, ...]:
    return ("vllm", "serve") if _split(placement) else ("sh", "-c", _COUNTED, "vllm")


def _split(placement: Placement) -> tuple[str, ...]:
    """Over how many devices, or cores of them, the model is split; none where that varies with what a pod gets."""
    devices = {option.count * (option.offer.accelerator.cores or 1) for option in placement.options}
    return ("--tensor-parallel-size", str(*devices)) if len(devices) == 1 else ()


_PROBES: Mapping[str, Manifest] = {
    # /health answers once the engine is up; liveness must not end a pod that still loads.
    "startupProbe": probe("/health", period=10, failures=_LOADING // 10),
    "readinessProbe": probe("/health", period=5, failures=3),
    "livenessProbe": probe("/health", period=10, failures=6),
}

_MODELS = "/models"


def _weights(path: str, source: str) -> _Weights:
    scheme, _, rest = source.partition("://")
    if not rest or scheme not in _SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in _SCHEMES)
        raise InvalidSettingsError([Problem(path, source, f"is no address of weights. Begin it with one of {known}.")])
    return _SCHEMES[scheme](rest)


def _mounted(volume: Manifest, folder: str = "") -> _Weights:
    mount = Mount(name="model", path=_MODELS, source=volume, read_only=True)
    return _Weights(f"{_MODELS}/{folder}".rstrip("/"), mounts=(mount,))


def _claim(rest: str) -> _Weights:
    claim, _, folder = rest.partition("/")
    return _mounted({"persistentVolumeClaim": {"claimName": claim, "readOnly": True}}, folder)


_STREAMED = ("--load-format", "runai_streamer")

_SCHEMES: Mapping[str, Callable[[str], _Weights]] = {
    "hf": _Weights,
    "s3": lambda rest: _Weights(f"s3://{rest}", _STREAMED),
    "gs": lambda rest: _Weights(f"gs://{rest}", _STREAMED),
    "oci": lambda rest: _mounted({"image": {"reference": rest, "pullPolicy": "IfNotPresent"}}),
    "pvc": _claim,
}
