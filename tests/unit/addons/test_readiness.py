"""When a controller's webhook counts as answering, judged against a server that speaks as the API server does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest

from components.addons.readiness import NotReadyError, refusal, wait

FAILED = (
    'Internal error occurred: failed calling webhook "m.kb.io": dial tcp 127.0.0.1:9443: connect: connection refused'
)
DENIED = 'admission webhook "v.kb.io" denied the request: spec.nodeTaints: Invalid value'


class Api(ThreadingHTTPServer):
    """Answers each request with the next of ``answers``, the last one for ever."""

    answers: list[tuple[int, str]]
    seen: list[str]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        api = cast("Api", self.server)
        api.seen.append(self.path)
        status, message = api.answers.pop(0) if len(api.answers) > 1 else api.answers[0]
        body = json.dumps({"kind": "Status", "message": message}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 - the base class's name


@pytest.fixture
def api() -> Iterator[Api]:
    server = Api(("127.0.0.1", 0), Handler)
    server.answers, server.seen = [(201, "")], []
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def props(port: int, timeout: float = 30) -> dict[str, Any]:
    kubeconfig = {
        "current-context": "it",
        "clusters": [{"name": "it", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "it", "user": {"token": "t"}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
    }
    manifest = {"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ResourceFlavor", "metadata": {"name": "probe"}}
    return {
        "controller": "kueue",
        "kubeconfig": json.dumps(kubeconfig),
        "plural": "resourceflavors",
        "manifest": json.dumps(manifest),
        "look_at": "kueue.log",
        "timeout": timeout,
    }


@pytest.mark.parametrize(
    "answer",
    [(201, ""), (409, 'resourceflavors.kueue.x-k8s.io "probe" already exists'), (403, DENIED), (422, DENIED)],
    ids=["admitted", "there already", "denied", "denied as invalid"],
)
def test_a_webhook_that_judged_the_probe_answers(api: Api, answer: tuple[int, str]) -> None:
    api.answers = [answer]
    assert refusal(props(api.server_port)) is None


@pytest.mark.parametrize(
    "answer",
    [
        (500, FAILED),
        (404, "the server could not find the requested resource"),
        (403, 'resourceflavors.kueue.x-k8s.io is forbidden: User "nobody" cannot create resource'),
        (503, "the server is currently unable to handle the request"),
    ],
    ids=["not called", "no such kind yet", "not allowed", "unavailable"],
)
def test_a_webhook_that_was_not_asked_does_not_answer(api: Api, answer: tuple[int, str]) -> None:
    api.answers = [answer]
    assert answer[1] in (refusal(props(api.server_port)) or "")


def test_an_api_server_that_is_away_is_told_apart() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as gone:
        port = gone.server_port
    assert "cannot be reached" in (refusal(props(port)) or "")


def test_the_probe_is_never_stored(api: Api) -> None:
    refusal(props(api.server_port))
    assert api.seen == ["/apis/kueue.x-k8s.io/v1beta2/resourceflavors?dryRun=All"]


def test_waiting_ends_when_the_webhook_answers(api: Api) -> None:
    api.answers = [(404, "not found"), (500, FAILED), (201, "")]
    wait(props(api.server_port))
    assert len(api.seen) == 3


def test_a_controller_that_was_told_something_new_has_to_answer_on_end(api: Api) -> None:
    api.answers = [(201, ""), (500, FAILED), (201, "")]
    wait(props(api.server_port), steady=0.1)
    assert len(api.seen) == 4


def test_waiting_in_vain_says_what_was_tried_last_and_where_to_look(api: Api) -> None:
    api.answers = [(500, FAILED)]
    with pytest.raises(NotReadyError) as caught:
        wait(props(api.server_port, timeout=0.2))
    told = str(caught.value)
    assert told.startswith("kueue did not answer within 0.2 s, so nothing that needs it was created.")
    assert FAILED in told
    assert "See kueue.log" in told
