"""Kueue's visibility API, which its chart registers with the API server: empty, but there.

Without it the API server's discovery is incomplete, and no namespace can be deleted. The hosted Kueue does not serve
it.
"""

import http.server
import json
import ssl
import threading
from pathlib import Path

from components.clusters.sim import pki

GROUP = "visibility.kueue.x-k8s.io"


class Visibility(http.server.ThreadingHTTPServer):
    """The server."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        pki.issue(pki.authority("visibility of a test"), "visibility", hosts=pki.LOCAL).write(folder, "visibility")
        super().__init__(("127.0.0.1", 0), _Empty)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "visibility.crt", folder / "visibility.key")
        self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, name="visibility", daemon=True).start()


class _Empty(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        version = self.path.split("?")[0].removeprefix(f"/apis/{GROUP}/")
        found = version in ("v1beta1", "v1beta2")
        answer = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{GROUP}/{version}", "resources": []}
        content = json.dumps(answer if found else {}).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called upstream
        """Nothing is logged."""
