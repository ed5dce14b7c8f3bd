"""The client for API servers, over TLS, as somebody with a certificate."""

import base64
import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.clusters.api import Api, ApiError
from components.clusters.sim import pki

FILES = ("ca.crt", "client.crt", "client.key")


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = b'{"kind": "Status"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the base class's name


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Of a server that lets nobody in without a certificate of its authority."""
    authority = pki.authority("a test's")
    authority.write(tmp_path, "ca")
    pki.issue(authority, "server", hosts=pki.LOCAL).write(tmp_path, "server")
    pki.issue(authority, "client").write(tmp_path, "client")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.crt"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(tmp_path / "server.crt", tmp_path / "server.key")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    told = {name: base64.b64encode((tmp_path / name).read_bytes()).decode() for name in FILES}
    yield {
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "clusters": [
            {
                "name": "it",
                "cluster": {
                    "server": f"https://127.0.0.1:{server.server_address[1]}",
                    "certificate-authority-data": told["ca.crt"],
                },
            }
        ],
        "users": [
            {
                "name": "it",
                "user": {"client-certificate-data": told["client.crt"], "client-key-data": told["client.key"]},
            }
        ],
    }
    server.shutdown()
    server.server_close()


def test_one_that_is_done_takes_no_key_from_another_of_the_same_kubeconfig(kubeconfig: dict[str, Any]) -> None:
    first, second = Api(kubeconfig), Api(kubeconfig)
    with second:
        with first:
            assert first.get("/version") == {"kind": "Status"}
        assert second.get("/version") == {"kind": "Status"}


def test_a_server_of_another_authority_is_not_talked_to(kubeconfig: dict[str, Any], tmp_path: Path) -> None:
    pki.authority("another").write(tmp_path, "another")
    other = base64.b64encode((tmp_path / "another.crt").read_bytes()).decode()
    kubeconfig["clusters"][0]["cluster"]["certificate-authority-data"] = other
    with Api(kubeconfig) as api, pytest.raises(ApiError, match="cannot be reached"):
        api.get("/version")


def test_a_key_that_is_none_is_said(kubeconfig: dict[str, Any]) -> None:
    kubeconfig["users"][0]["user"]["client-key-data"] = base64.b64encode(b"nonsense").decode()
    with pytest.raises(ApiError, match="the kubeconfig cannot be used"):
        Api(kubeconfig)


def test_a_server_that_no_proxy_leads_to_is_reached_without_one(
    kubeconfig: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # the port "discard": nobody listens there
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.0/8")
    with Api(kubeconfig) as api:
        assert api.get("/version") == {"kind": "Status"}


@pytest.mark.parametrize("command", ["no-such-program", "false"])
def test_a_command_that_gives_no_credentials_is_said(kubeconfig: dict[str, Any], command: str) -> None:
    asks = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": command}
    kubeconfig["users"][0]["user"] = {"exec": asks}
    with pytest.raises(ApiError, match=f"command {command} gives no credentials: install it"):
        Api(kubeconfig)


@pytest.mark.parametrize("user", [{"username": "a", "password": 5}, {"auth-provider": {"name": "gcp"}}])
def test_credentials_of_a_wrong_form_are_said(kubeconfig: dict[str, Any], user: dict[str, Any]) -> None:
    kubeconfig["users"][0]["user"] = user
    with pytest.raises(ApiError, match="the kubeconfig cannot be used"):
        Api(kubeconfig)
