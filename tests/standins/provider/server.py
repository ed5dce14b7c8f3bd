"""A provider plugin. It prints its port and serves until the engine is gone."""

# ruff: noqa: N802, ARG002 - gRPC names the methods, and gives each of them both arguments

import json
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from .checking import Refusal, check, summary
from .cloud import Cloud, CloudError
from .differing import changed, replaces
from .making import Place
from .rows import Row, rows
from .schema import UnknownTokenError, function_schema, provider_schema, resource_schema
from .store import Stored
from .wire import DEFAULTS, Properties, plain, struct

FOLDER = "KUBELANES_STANDIN"
"""The environment variable that names the cloud's folder."""

_SAME, _CHANGED = 1, 2  # DiffResponse.DiffChanges
_KINDS = {"add": 0, "delete": 2, "update": 4}  # PropertyDiff.Kind; one more each: with replacement

Call = Callable[["Provider", Any, Any], Any]


def _refusing(call: Call) -> Any:
    """A call that answers with the reason where it is refused."""

    @wraps(call)
    def answer(provider: "Provider", request: Any, context: Any) -> Any:
        try:
            return call(provider, request, context)
        except UnknownTokenError as unknown:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(unknown))
        except CloudError as refused:
            context.abort(grpc.StatusCode.UNKNOWN, f"{call.__name__.lower()}: {refused}")

    return answer


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One cloud's provider, as the engine talks to it."""

    def __init__(self, package: str, folder: Path) -> None:
        self._package = package
        self._folder = folder
        self._version = version(f"pulumi-{package}")
        self._rows = rows(package)
        self._configured: Cloud | None = None

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=self._version)

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def GetSchema(self, request: Any, context: Any) -> Any:
        schema = {"name": self._package, "version": self._version, "resources": {}}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    def CheckConfig(self, request: Any, context: Any) -> Any:
        refusals = list(check(provider_schema(self._package), _decoded(self._package, plain(request.news)), Row()))
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(refusals))

    def DiffConfig(self, request: Any, context: Any) -> Any:
        olds, news = plain(request.olds), plain(request.news)
        moved = [key for key in ("region", "project") if olds.get(key) != news.get(key)]
        return _diff(changes=_SAME if olds == news else _CHANGED, replaces=moved)

    @_refusing
    def Configure(self, request: Any, context: Any) -> Any:
        given = _decoded(self._package, plain(request.args))
        region = given.get("region") or os.environ.get("AWS_REGION", "")
        tags = (given.get("defaultTags") or {}).get("tags") or given.get("defaultLabels") or {}
        project = given.get("project") or ""
        place = Place(package=self._package, folder=self._folder, region=region, project=project, tags=tags)
        cloud = Cloud(place, self._rows)
        cloud.admit(given)
        self._configured = cloud
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    @_refusing
    def Invoke(self, request: Any, context: Any) -> Any:
        arguments, schema = plain(request.args), function_schema(request.tok)
        if refusals := list(check(schema.inputs, arguments, self._row(request.tok))):
            return provider_pb2.InvokeResponse(failures=_failures(refusals))
        answer: dict[str, Any] = {"return": struct(self._cloud.answer(request.tok, schema, arguments))}
        return provider_pb2.InvokeResponse(**answer)

    @_refusing
    def Check(self, request: Any, context: Any) -> Any:
        token, name = _named(request.urn)
        schema, row = resource_schema(token).inputs, self._row(token)
        inputs = self._cloud.named(token, request.urn, name, plain(request.news), plain(request.olds))
        if refusals := list(check(schema, inputs, row)):
            self._cloud.note("refuse", token, name, request.urn, inputs, reason=summary(refusals))
        return provider_pb2.CheckResponse(inputs=struct(inputs), failures=_failures(refusals))

    @_refusing
    def Diff(self, request: Any, context: Any) -> Any:
        token, _ = _named(request.urn)
        row, olds, news = self._row(token), plain(request.old_inputs), plain(request.news)
        found = [*changed(olds, news), *self._cloud.retagged(plain(request.olds), news)]
        lost = [path for path, _ in found if replaces(row, path)]
        detail: dict[str, Any] = {
            path: {"kind": _KINDS[how] + (path in lost), "inputDiff": True} for path, how in found
        }
        return _diff(
            changes=_CHANGED if found else _SAME,
            replaces=lost,
            diffs=sorted({path.split(".")[0].split("[")[0] for path, _ in found}),
            detailedDiff={path: provider_pb2.PropertyDiff(**each) for path, each in detail.items()},
            hasDetailedDiff=True,
            deleteBeforeReplace=bool(lost) and _keeps_its_name(row, olds, news),
        )

    @_refusing
    def Create(self, request: Any, context: Any) -> Any:
        token, name = _named(request.urn)
        schema, inputs = resource_schema(token), plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=struct(self._cloud.plan(token, schema, inputs)))
        stored, failure = self._cloud.create(token, name, request.urn, schema, inputs)
        if failure:
            _abort_partially(context, failure, stored)
        return provider_pb2.CreateResponse(id=stored.id, properties=struct(stored.outputs))

    @_refusing
    def Read(self, request: Any, context: Any) -> Any:
        token, name = _named(request.urn)
        stored = self._cloud.read(token, name, request.urn, request.id)
        if stored is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=stored.id, properties=struct(stored.outputs), inputs=struct(stored.inputs))

    @_refusing
    def Update(self, request: Any, context: Any) -> Any:
        token, name = _named(request.urn)
        news = plain(request.news)
        if request.preview:
            after = self._cloud.replan(token, plain(request.olds), plain(request.old_inputs), news)
            return provider_pb2.UpdateResponse(properties=struct(after))
        stored, failure = self._cloud.update(token, name, request.urn, request.id, news)
        if failure:
            _abort_partially(context, failure, stored)
        return provider_pb2.UpdateResponse(properties=struct(stored.outputs))

    @_refusing
    def Delete(self, request: Any, context: Any) -> Any:
        token, name = _named(request.urn)
        self._cloud.delete(token, name, request.urn, request.id)
        return empty_pb2.Empty()

    @property
    def _cloud(self) -> Cloud:
        if self._configured is None:
            raise CloudError(f"the provider {self._package} is not configured")
        return self._configured

    def _row(self, token: str) -> Row:
        if token in self._rows:
            return self._rows[token]
        text = (
            f"the stand-in does not know what replaces a {token}: add its row to provider/clouds/{self._package}.yaml"
        )
        raise UnknownTokenError(text)


def _diff(**said: Any) -> Any:
    return provider_pb2.DiffResponse(**said)


def _named(urn: str) -> tuple[str, str]:
    """Type and name of the resource of a URN."""
    _, _, types, name = urn.split("::", 3)
    return types.rpartition("$")[2], name


def _keeps_its_name(row: Row, olds: Properties, news: Properties) -> bool:
    """Whether the next one cannot stand beside the last: the program gave both the same name."""
    key = row.named
    return bool(key) and key not in (news.get(DEFAULTS) or []) and olds.get(key) == news.get(key) is not None


def _decoded(package: str, given: Properties) -> Properties:
    """A provider's own configuration, which is sent as JSON wherever it is no text."""
    texts = {name for name, shape in provider_schema(package).properties.items() if getattr(shape, "kind", None) is str}
    return {key: value if key in texts else _json(value) for key, value in given.items() if key != "version"}


def _json(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def _failures(refusals: Sequence[Refusal]) -> list[Any]:
    return [provider_pb2.CheckFailure(property=each.path, reason=f"{each.path}: {each.reason}") for each in refusals]


def _abort_partially(context: Any, text: str, stored: Stored) -> None:
    """Fails, and says that the resource is there all the same."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=stored.id, properties=struct(stored.outputs), inputs=struct(stored.inputs), reasons=[text]
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=text)
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, text)


def serve(package: str) -> None:
    """Serves until the process that started this one is gone."""
    folder = os.environ.get(FOLDER)
    if not folder:
        sys.exit(f"pulumi-resource-{package} is a stand-in for tests: {FOLDER} has to name the folder of its cloud")
    engine = os.getppid()
    server = grpc.server(ThreadPoolExecutor(max_workers=32))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(package, Path(folder)), server)
    sys.stdout.write(f"{server.add_insecure_port('127.0.0.1:0')}\n")
    sys.stdout.flush()
    server.start()
    while os.getppid() == engine:
        server.wait_for_termination(1)
