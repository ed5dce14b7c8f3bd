"""The pod network of a sim: the way from its API server to Services, which here end at host processes.

kube-apiserver connects to webhooks through an HTTP CONNECT proxy when its EgressSelectorConfiguration says so. So
charts are installed as they are, Service and all, and still their webhooks are answered: nothing inside is changed.
"""

import re
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

Target = tuple[str, int]

_CONFIGURATION = """\
apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
  - name: cluster
    connection:
      proxyProtocol: HTTPConnect
      transport: {{ uds: {{ udsName: {socket} }} }}
"""

_PROGRAM = """\
#!/bin/sh
# The real kube-apiserver, which reaches Services through a proxy.
case "$*" in
  *--version*) exec {real} "$@" ;;
esac
exec {real} "$@" --egress-selector-config-file={configuration}
"""


class Relay(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """The proxy. ``route`` says where a connection to an address and port ends; None refuses it."""

    daemon_threads = True

    def __init__(self, path: Path, route: Callable[[str, int], Target | None]) -> None:
        self.route = route
        super().__init__(str(path), Connection)
        threading.Thread(target=self.serve_forever, name="egress", daemon=True).start()


class Connection(socketserver.StreamRequestHandler):
    """One connection of the API server's."""

    def handle(self) -> None:
        relay: Any = self.server
        asked = re.match(rb"CONNECT (\S+):(\d+) ", self.rfile.readline())
        while self.rfile.readline().strip():
            pass  # the headers say nothing that matters here
        target = relay.route(asked[1].decode(), int(asked[2])) if asked else None
        if target is None:
            self.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            return
        with suppress(OSError), socket.create_connection(target, timeout=10) as inside:
            inside.settimeout(None)
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            both(self.connection, inside)


def both(one: socket.socket, other: socket.socket) -> None:
    """Passes on what each says to the other, until one of them ends."""
    back = threading.Thread(target=_pass, args=(other, one), daemon=True)
    back.start()
    _pass(one, other)
    back.join()


def _pass(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(65536):
            sink.sendall(content)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def write_programs(folder: Path, real: Path) -> Mapping[str, Path]:
    """Writes a ``kube-apiserver`` that uses the proxy; ``folder`` goes first on PATH. Where it is, and the socket."""
    socket_path, configuration, program = folder / "egress.sock", folder / "egress.yaml", folder / "kube-apiserver"
    configuration.write_text(_CONFIGURATION.format(socket=socket_path))
    program.write_text(_PROGRAM.format(real=real, configuration=configuration))
    program.chmod(0o700)
    return {"program": program, "socket": socket_path}
