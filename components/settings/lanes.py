"""``kubelanes:lanes``: the workloads that a stack brings up for its tenants."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from .model import Model
from .scalars import (
    ByteCount,
    Duration,
    Name,
    Percent,
    Quantity,
    Ratio,
    SecretRef,
    Size,
    Span,
    Text,
    matching,
    refuse,
    whole,
)

Image = Annotated[
    str,
    *matching(
        "image",
        r"[a-z0-9][a-z0-9./:_-]*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|@sha256:[0-9a-f]{64})",
        "is no image with a version: what runs could change under a running workload. "
        "Write name:tag or, better, name@sha256:digest (64 hexadecimal digits).",
        "registry.example.com/portal:2.1.0",
    ),
]
"""A container image with a tag or, better, a digest."""

EnvName = Annotated[
    str,
    *matching(
        "variable",
        r"[A-Za-z_][A-Za-z0-9_]{0,253}",
        "is no name of an environment variable. Use letters, digits and underscores, not beginning with a digit.",
        "LOG_LEVEL",
    ),
]
"""The name of an environment variable."""

UrlPath = Annotated[
    str,
    *matching(
        "path", r"/[^\s?#]*", "is no path. Write what follows the host, with its leading slash: /healthz.", "/healthz"
    ),
]
"""The path of a URL."""

Bucket = Annotated[
    str,
    *matching(
        "bucket",
        r"(s3|gs)://[a-z0-9][-a-z0-9._]{1,61}[a-z0-9](/\S*)?",
        "is no bucket. Write s3:// or gs://, its name and, if need be, a prefix: s3://research-checkpoints.",
        "s3://research-checkpoints",
    ),
]
"""A bucket of an object store."""

Topic = Annotated[
    str,
    *matching(
        "topic",
        r"[A-Za-z0-9._-]{1,249}",
        "is no name of a topic. Use at most 249 letters, digits, dots, underscores and hyphens.",
        "documents",
    ),
]
"""A Kafka topic."""

_TARGET = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?(/s|/m|/h|ms|s|m)?")


def _target(value: object) -> object:
    match value:
        case bool():
            pass
        case int() | float() if 0 < value < 10**12:
            return value
        case str() if _TARGET.fullmatch(value):
            return value
        case _:
            pass
    raise refuse("is no target. Write a number (4), a rate (200/s) or a duration (800ms).")


Target = Annotated[
    str | int | float,
    BeforeValidator(_target),
    WithJsonSchema(
        {
            "title": "number, rate or duration",
            "type": ["number", "string"],
            "pattern": f"^{_TARGET.pattern}$",
            "examples": [4, "200/s", "800ms"],
        }
    ),
]
"""What one replica can take of a signal: a number, a rate or a duration."""


class Devices(Model):
    """So many accelerators, or parts of them, of one kind."""

    product: Text
    """A row of the accelerator catalogue."""
    count: Annotated[int, *whole(1, 16)] = 1
    """How many; partitions or turns where the pool shares its cards."""
    memory: ByteCount | None = None
    """The least memory of each: the smallest card, partition or turn that has it is taken. A card has less than its
    name says, an "80 GB" one 79.6Gi."""
    profile: Text | None = None
    """A MIG profile instead of whole cards, such as ``3g.40gb``."""


class Demand(Devices):
    """Which accelerators one replica (or one training node) uses."""

    share: Literal["whole", "time_slicing", "mps", "mig", "dra"] | None = None
    """Only pools that hand out their cards this way; any pool of the accelerator where it is left out."""
    instead: Annotated[tuple[Devices, ...], Field(max_length=7)] = ()
    """What will do where that is not free, best first; only pools with ``share: dra`` let a pod choose."""
    near: Literal["pcie-root"] | None = None
    """What its devices must have in common: ``pcie-root``, the root complex through which they reach each other without
    crossing the CPU. Only pools with ``share: dra`` know."""


class Replicas(Model):
    """How many copies run, and on what signal their number follows."""

    range: Size = Span(1, 1)
    """The least and the most."""
    on: Literal["queue-depth", "running-requests", "ttft", "lag", "requests"] | None = None
    """The signal; a fixed number where it is left out."""
    target: Target | None = None
    """The signal's value that one replica can take."""


class ServedModel(Model):
    """What is served."""

    name: Text
    """The name that clients ask for."""
    source: Annotated[Text, Field(alias="from", examples=["s3://models/gpt-oss-120b"])]
    """Where the weights come from: ``hf://``, ``s3://``, ``gs://``, ``oci://`` or ``pvc://``."""
    version: Annotated[Text, Field(examples=["2026-11-03"])]
    """What a rollout is judged and rolled back by."""


class Workload(Model):
    """What every workload of every lane has."""

    tenant: Name
    """The team that owns it."""
    image: Image
    """The container image."""
    cpu: Quantity = "1"
    """Cores, requested for each pod."""
    memory: ByteCount = "2Gi"
    """Memory, requested and limited for each pod."""
    env: dict[EnvName, str] = {}
    """Plain configuration, as environment variables."""
    secrets: dict[EnvName, SecretRef] = {}
    """Environment variables out of Secrets: variable to the Secret's name; its key is the variable's name."""


class Rollout(Model):
    """How a new version takes over."""

    canary: tuple[Percent, ...] = (Ratio(0.05), Ratio(0.25), Ratio(0.5))
    """The shares of traffic, step by step."""
    hold: Duration = "10m"
    """How long each step lasts."""
    back_on: Literal["slo", "never"] = "slo"
    """What takes a step back by itself: a broken ``slo``, or nothing."""


class Slo(Model):
    """What users are promised."""

    ttft_p95: Duration | None = None
    """The time to the first token that 95 of 100 requests keep."""
    errors: Percent | None = None
    """The share of requests that may fail."""


class Online(Workload):
    """A model that answers requests: ``OnlineInference``."""

    model: ServedModel
    """What is served."""
    engine: Literal["vllm"] = "vllm"
    """The model server."""
    image: Image = "docker.io/vllm/vllm-openai:v0.11.0"
    """The server's image."""
    accelerator: Demand
    """What one replica uses."""
    cpu: Quantity = "8"
    """Cores, requested for each pod."""
    memory: ByteCount = "64Gi"
    """Memory, requested and limited for each pod."""
    replicas: Replicas = Replicas()
    """How many replicas."""
    slo: Slo = Slo()
    """What users are promised."""
    rollout: Rollout = Rollout()
    """How a new version takes over."""


class Kafka(Model):
    """A Kafka topic as a queue."""

    topic: Topic
    """The topic to read."""
    max_lag: Annotated[int, *whole(1, 10**12)] = 100_000
    """The messages that may wait before somebody is told."""
    dead_letters: Topic | None = None
    """The topic for messages that failed too often; they are dropped where it is left out."""


class WorkQueue(Model):
    """Where a worker's work comes from."""

    kafka: Kafka
    """A Kafka topic."""


class Worker(Workload):
    """A worker that empties a queue: ``QueueWorker``."""

    queue: WorkQueue | None = None
    """Where its work comes from."""
    accelerator: Demand | None = None
    """What one replica uses, if any."""
    replicas: Replicas = Replicas()
    """How many replicas."""
    shutdown: Duration = "60s"
    """How long a replica may finish what it has begun."""


class Api(Workload):
    """A service without a GPU: ``PlatformApi``."""

    port: Annotated[int, *whole(1024, 65535)] = 8080
    """Where it listens; an unprivileged port."""
    health: UrlPath = "/healthz"
    """The path that says whether it is well."""
    replicas: Replicas = Replicas(range=Span(2, 2))
    """How many replicas."""


class Checkpoints(Model):
    """Where a training run keeps what it has learnt."""

    bucket: Bucket
    """The bucket, with a prefix if need be."""
    every: Duration = "30m"
    """How often; the work of at most that long is lost when a node goes."""


class Training(Workload):
    """A job on one or many nodes: ``TrainingJob``."""

    kind: Literal["job"] = "job"
    """What carries it out: a Kubernetes Job; nothing carries out a JobSet, TrainJob or RayJob yet."""
    command: tuple[str, ...] = ()
    """What runs; the image's own command where it is left out."""
    nodes: Annotated[int, *whole(1, 10_000)] = 1
    """Pods that run at once, all or none."""
    accelerator: Demand | None = None
    """What each node uses, if any."""
    topology: Literal["same-zone"] | None = None
    """How near its nodes must be to each other, no nearer than one zone yet; anywhere where it is left out."""
    checkpoints: Checkpoints | None = None
    """Where it keeps what it has learnt; a run that is interrupted begins anew where it is left out."""
    priority: Name | None = None
    """A priority class of ``queues``; its default where it is left out."""
    deadline: Duration = "7d"
    """When a run that has not ended is ended."""
    retries: Annotated[int, *whole(0, 100)] = 3
    """How often a failed node is started again."""


class LaneSettings(Model):
    """The workloads of each lane, by name."""

    online: dict[Name, Online] = {}
    """Models that answer requests."""
    workers: dict[Name, Worker] = {}
    """Queue workers."""
    apis: dict[Name, Api] = {}
    """Services without a GPU."""
    training: dict[Name, Training] = {}
    """Training and batch jobs."""
