"""How long the program takes from its start to its first registration, as an engine sees it.

The language host's own executor runs the real program; in the engine's place stands a server that only notes when the
first resource arrives.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Generator, Mapping
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import grpc
import yaml
from google.protobuf.empty_pb2 import Empty as Nothing
from google.protobuf.message import Message
from pulumi.runtime.proto import engine_pb2, resource_pb2

from tests.support.deployment import ROOT
from tools.layout import Layout

_PATIENCE_S = 60
_STACK = "pulumi:pulumi:Stack"
"""Registered by the SDK, whatever the program does."""

Answer = Callable[[Any, grpc.ServicerContext], Message]


def time_to_first_registration(stack_file: Path) -> float:
    """Seconds from the program's exec to the arrival of the first resource that it registers itself."""
    arrivals: Queue[float] = Queue()
    with _engine(arrivals) as address:
        started = time.monotonic()
        with subprocess.Popen(
            _command(address),
            cwd=ROOT,
            env=os.environ | {"PULUMI_CONFIG": json.dumps(configuration(stack_file.read_text()))},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as program:
            try:
                return arrivals.get(timeout=_PATIENCE_S) - started
            except Empty:
                program.kill()
                said = program.communicate()[1].decode(errors="replace")
                raise RuntimeError(f"the program registered nothing within {_PATIENCE_S} s: {said}") from None
            finally:
                program.kill()


def configuration(stack_file: str) -> Mapping[str, str]:
    """A stack file's configuration as the engine hands it to programs: mappings and lists as JSON."""
    config: Mapping[str, object] = yaml.safe_load(stack_file)["config"]
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


def _command(address: str) -> list[str]:
    executor = shutil.which("pulumi-language-python-exec")
    if executor is None:
        raise RuntimeError("pulumi-language-python-exec is not on PATH")
    options = {
        "--project": "kubelanes",
        "--stack": "sim",
        "--parallel": "16",
        "--dry_run": "true",
        "--pwd": str(ROOT),
        "--root_directory": str(ROOT),
        "--organization": "organization",
        "--monitor": address,
        "--engine": address,
    }
    given = [word for option in options.items() for word in option]
    return [str(Layout(ROOT).python), "-u", executor, *given, str(ROOT)]


@contextmanager
def _engine(arrivals: "Queue[float]") -> Generator[str, None, None]:
    """What a program needs of an engine until it registers something, listening on a free port of the loopback."""

    def register(request: resource_pb2.RegisterResourceRequest, _: object) -> resource_pb2.RegisterResourceResponse:
        if request.type != _STACK:
            arrivals.put(time.monotonic())
        return resource_pb2.RegisterResourceResponse(urn=f"urn:pulumi:sim::kubelanes::{request.type}::{request.name}")

    monitor = {
        "SupportsFeature": _method(
            lambda *_: resource_pb2.SupportsFeatureResponse(hasSupport=True), resource_pb2.SupportsFeatureRequest
        ),
        "RegisterResource": _method(register, resource_pb2.RegisterResourceRequest),
    }
    engine = {
        "SetRootResource": _method(lambda *_: engine_pb2.SetRootResourceResponse(), engine_pb2.SetRootResourceRequest),
        "Log": _method(lambda *_: Nothing(), engine_pb2.LogRequest),
    }
    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler("pulumirpc.ResourceMonitor", monitor),
            grpc.method_handlers_generic_handler("pulumirpc.Engine", engine),
        )
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def _method(answer: Answer, request: type[Message]) -> grpc.RpcMethodHandler:
    return grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=request.FromString, response_serializer=_serialized
    )


def _serialized(response: Message) -> bytes:
    return response.SerializeToString()
