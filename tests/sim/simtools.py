"""What the proofs of the sim cluster share: a stand-in controller, and a look at processes and sockets from outside."""

import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from components.clusters.sim import processes
from components.clusters.sim.hosted import Access, HostedController, Webhooks
from components.clusters.sim.spec import COMPONENTS

WEBHOOKS = Webhooks(
    service="stand-in-webhook",
    secret="stand-in-certificate",  # noqa: S106 - the name of a Secret
    authority="stand-in-ca",
)
STAND_IN = HostedController(
    name="stand-in",
    namespace="stand-in-system",
    service_account="stand-in",
    config_map="stand-in-config",
    config_key="config.yaml",
    command=("{binary}", "{config}", "{kubeconfig}"),
    overrides={"health": "127.0.0.1:{health}", "webhook": {"port": "{webhook}", "certDir": "{certificates}"}},
    webhooks=WEBHOOKS,
    crds=(),
    access=(Access(verb="list", resource="pods"),),
)
"""A controller that says, in files beside its configuration, with what it was started; and answers its health probe."""

_PROGRAM = """#!{python}
import http.server, os, pathlib, subprocess, sys, yaml
given = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text())
who = subprocess.run(["kubectl", "--kubeconfig", sys.argv[2], "auth", "whoami", "-o", "name"], capture_output=True)
pods = subprocess.run(["kubectl", "--kubeconfig", sys.argv[2], "get", "pods", "-A"]).returncode
nodes = subprocess.run(["kubectl", "--kubeconfig", sys.argv[2], "get", "nodes"]).returncode
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
address, port = given["health"].split(":")
server = http.server.HTTPServer((address, int(port)), Health)
said = {{"pid": os.getpid(), "given": given, "lists_pods": pods == 0, "lists_nodes": nodes == 0}}
draft = pathlib.Path(sys.argv[1]).with_name("said.draft")
draft.write_text(yaml.safe_dump(said))
draft.rename(draft.with_name("said.yaml"))
server.serve_forever()
"""


def install_stand_in(folder: Path) -> None:
    """Puts the stand-in controller's program into a folder for PATH."""
    program = folder / STAND_IN.name
    program.write_text(_PROGRAM.format(python=sys.executable))
    program.chmod(0o755)


def stand_in_chart(setting: str) -> tuple[dict[str, object], ...]:
    """What a chart of the stand-in controller would install, its Deployment left out."""
    namespace, account = STAND_IN.namespace, STAND_IN.service_account
    meta: dict[str, object] = {"name": account, "namespace": namespace}
    rbac = "rbac.authorization.k8s.io"
    return (
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": account},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}],
        },
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": account},
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": account},
            "subjects": [{"kind": "ServiceAccount", **meta}],
        },
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": STAND_IN.config_map, "namespace": namespace},
            "data": {STAND_IN.config_key: f"setting: {setting}\nwebhook: {{port: 9443, mutates: true}}\n"},
        },
    )


def programs(root: Path) -> list[str]:
    """The names of the sim's processes, as the kernel shortens them."""
    return sorted(process.program for process in processes.of_sim(root))


def control_plane() -> list[str]:
    """The names that the processes of a sim without hosted controllers have."""
    return sorted(name[:15] for name in COMPONENTS)


def listeners(root: Path) -> set[tuple[str, int]]:
    """Every address and port that a process of the sim listens on."""
    inodes = set(_socket_inodes(process.pid for process in processes.of_sim(root)))
    return {
        (address, port)
        for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6))
        for address, port, inode in _listening(Path("/proc/net") / table, family)
        if inode in inodes
    }


def answers(port: int) -> bool:
    """Whether anybody listens on the port of the loopback address."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _socket_inodes(pids: Iterable[int]) -> Iterator[str]:
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                target = str(link.readlink())
                if target.startswith("socket:["):
                    yield target.removeprefix("socket:[").removesuffix("]")


def _listening(table: Path, family: socket.AddressFamily) -> Iterator[tuple[str, int, str]]:
    for line in table.read_text().splitlines()[1:]:
        fields = line.split()
        address, port = fields[1].split(":")
        if fields[3] == "0A":  # TCP_LISTEN
            words = (bytes.fromhex(address[at : at + 8])[::-1] for at in range(0, len(address), 8))
            yield socket.inet_ntop(family, b"".join(words)), int(port, 16), fields[9]
