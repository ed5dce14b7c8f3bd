"""What is seen of live nodes, asked of a server that speaks as the API server does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest

from components.addons.gpus.advertising.live import NODES, SLICES, Expected, look
from components.clusters.api import Api, ApiError

PLUGIN = Expected(pool="l4", cards=2, resources={"nvidia.com/gpu": 2})
CLAIMED = Expected(pool="h200", cards=2)


class Server(ThreadingHTTPServer):
    """Answers with the list that stands for a path; a path without one is forbidden."""

    lists: dict[str, list[dict[str, Any]]]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        items = cast("Server", self.server).lists.get(self.path.partition("?")[0])
        said = {"items": items} if items is not None else {"kind": "Status", "message": "nodes is forbidden"}
        body = json.dumps(said).encode()
        self.send_response(200 if items is not None else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 - the base class's name


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.lists = {SLICES: [], NODES: []}
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def api(server: Server) -> Iterator[Api]:
    kubeconfig = {
        "current-context": "it",
        "clusters": [{"name": "it", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "users": [{"name": "it", "user": {"token": "t"}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
    }
    with Api(kubeconfig) as api:
        yield api


def node(**counted: str) -> dict[str, Any]:
    amounts = {f"nvidia.com/{name}": many for name, many in counted.items()}
    ready = [{"type": "Ready", "status": "True"}]
    return {"metadata": {"name": "it"}, "status": {"capacity": amounts, "allocatable": amounts, "conditions": ready}}


def published(*types: str, generation: int = 1) -> dict[str, Any]:
    devices = [{"name": f"d{at}", "attributes": {"type": {"string": each}}} for at, each in enumerate(types)]
    pool = {"name": "it", "generation": generation, "resourceSliceCount": 1}
    return {"spec": {"driver": "gpu.nvidia.com", "nodeName": "it", "pool": pool, "devices": devices}}


def seen(api: Api, wanted: Expected) -> list[tuple[str, str]]:
    return [(sight.kind, sight.text) for sight in look(api, [wanted])[1]]


def test_partitions_that_dra_publishes_of_a_plugins_card_are_a_second_advertiser(api: Api, server: Server) -> None:
    server.lists = {NODES: [node(gpu="2")], SLICES: [published("mig", "mig", "mig")]}
    ((kind, text),) = seen(api, PLUGIN)
    assert kind == "two"
    assert "publishes 3 parts of devices of gpu.nvidia.com" in text


def test_whole_cards_are_missing_where_only_partitions_of_them_are_published(api: Api, server: Server) -> None:
    server.lists = {NODES: [node()], SLICES: [published("gpu", "mig", "mig")]}
    assert seen(api, CLAIMED) == [("lost", "the DRA driver publishes 1 devices of gpu.nvidia.com, and the node has 2")]


def test_what_a_driver_published_before_it_was_restarted_counts_no_more(api: Api, server: Server) -> None:
    server.lists = {NODES: [node()], SLICES: [published("gpu"), published("gpu", "gpu", "mig", generation=2)]}
    assert not seen(api, CLAIMED)


def test_a_thousand_turns_are_counted_as_the_api_server_writes_them(api: Api, server: Server) -> None:
    server.lists = {NODES: [node(gpu="1k")], SLICES: []}
    assert not seen(api, Expected(pool="l4", cards=20, resources={"nvidia.com/gpu": 1000}))


def test_whoever_may_not_look_is_told_so(api: Api, server: Server) -> None:
    server.lists = {SLICES: []}
    with pytest.raises(ApiError, match="nodes is forbidden"):
        look(api, [PLUGIN])
