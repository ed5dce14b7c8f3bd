"""The internet as a stack sees it: chart repositories, and nothing else.

An HTTPS proxy with an authority of its own, which Helm is told to trust. It answers for every repository: each chart
that is asked for is a test chart of that name and version, whose one object shows the values that it got.
"""

import gzip
import hashlib
import http.server
import io
import json
import re
import socketserver
import ssl
import tarfile
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from components.clusters.sim import pki

_SHOWN = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-values
  namespace: {{ .Release.Namespace }}
  labels: { app.kubernetes.io/managed-by: Helm, standins.kubelanes.dev/chart: {{ .Chart.Name }} }
data:
  chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
  values.yaml: {{ .Values | toYaml | quote }}
"""
"""What a test chart installs."""

_CONFIG = "application/vnd.cncf.helm.config.v1+json"
_CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Internet(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """The proxy.

    pins: the charts that are published, name to versions.
    """

    daemon_threads = True

    def __init__(self, folder: Path, pins: Mapping[str, str]) -> None:
        self.pins = pins
        self.folder = folder
        self.authority = pki.authority("the internet of a test")
        self.authority.write(folder, "internet")
        self._contexts: dict[str, ssl.SSLContext] = {}
        super().__init__(("127.0.0.1", 0), Visitor)
        threading.Thread(target=self.serve_forever, name="internet", daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """What sends a program here."""
        near = "127.0.0.1,localhost"
        proxy = f"http://127.0.0.1:{self.server_address[1]}"
        return {
            "HTTPS_PROXY": proxy,
            "HTTP_PROXY": proxy,
            "NO_PROXY": near,
            "no_proxy": near,
            "SSL_CERT_FILE": str(self.folder / "internet.crt"),
        }

    def context(self, host: str) -> ssl.SSLContext:
        """What speaks for a host."""
        if host not in self._contexts:
            pki.issue(self.authority, host, hosts=(host,)).write(self.folder, host)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.folder / f"{host}.crt", self.folder / f"{host}.key")
            self._contexts[host] = context
        return self._contexts[host]


class Visitor(http.server.BaseHTTPRequestHandler):
    """One connection: CONNECT, then what is asked of the host, over TLS."""

    protocol_version = "HTTP/1.1"

    @property
    def internet(self) -> Internet:
        """Who serves."""
        served: Any = self.server
        return served

    def do_CONNECT(self) -> None:
        self.host = self.path.rpartition(":")[0]
        self.send_response(200)
        self.end_headers()
        self.connection = self.internet.context(self.host).wrap_socket(self.connection, server_side=True)
        # typeshed says that both are buffered in the way of a plain socket's; a TLS socket's files are so as well.
        files: Any = self.connection.makefile("rb"), self.connection.makefile("wb")
        self.rfile, self.wfile = files
        self.close_connection = False

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called upstream
        """Nothing is logged."""

    def _answer(self, *, with_body: bool) -> None:
        found = self._found(self.path)
        media, content = found or ("text/plain", f"there is nothing at {self.path}: this internet is a test's".encode())
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Docker-Content-Digest", _digest(content))
        self.end_headers()
        if with_body:
            self.wfile.write(content)
        self.wfile.flush()

    def _found(self, path: str) -> tuple[str, bytes] | None:
        if path.rstrip("/") == "/v2":
            return "application/json", b"{}"
        if path.endswith("/index.yaml"):
            return "application/yaml", index(self.internet.pins)
        if asked := re.fullmatch(r"/charts/(.+)-(v?\d[^/]*)\.tgz", path):
            return "application/gzip", chart(asked[1], asked[2])
        if asked := re.fullmatch(r"/v2/(?:.+/)?([^/]+)/(manifests|blobs)/([^/]+)", path):
            return self._of_registry(*asked.groups())
        return None

    def _of_registry(self, name: str, kind: str, reference: str) -> tuple[str, bytes] | None:
        if (version := self.internet.pins.get(name)) is None:
            return None
        content, config = chart(name, version), _config(name, version)
        manifest = _manifest(content, config)
        known = {_digest(content): (_CONTENT, content), _digest(config): (_CONFIG, config)}
        known |= {_digest(manifest): (_MANIFEST, manifest)}
        if kind == "manifests" and reference == version.replace("+", "_"):
            return _MANIFEST, manifest
        return known.get(reference)


def index(pins: Mapping[str, str]) -> bytes:
    """The index of a chart repository."""
    entries = {
        name: [{"apiVersion": "v2", "name": name, "version": version, "urls": [f"/charts/{name}-{version}.tgz"]}]
        for name, version in pins.items()
    }
    return yaml.safe_dump({"apiVersion": "v1", "entries": entries}).encode()


@cache
def chart(name: str, version: str) -> bytes:
    """A test chart, packed; the same bytes every time."""
    files = {"Chart.yaml": _config(name, version).decode(), "values.yaml": "{}\n", "templates/values.yaml": _SHOWN}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


def _config(name: str, version: str) -> bytes:
    return json.dumps({"apiVersion": "v2", "name": name, "version": version, "description": "a test's"}).encode()


def _manifest(content: bytes, config: bytes) -> bytes:
    def described(media: str, what: bytes) -> dict[str, object]:
        return {"mediaType": media, "digest": _digest(what), "size": len(what)}

    layers = [described(_CONTENT, content)]
    whole = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": described(_CONFIG, config), "layers": layers}
    return json.dumps(whole).encode()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
