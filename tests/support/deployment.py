"""The real engine on a real program, with a home of its own: state, sims and settings stay apart from the user's."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.environment import pulumi_environment, quieten
from tools.layout import Layout
from tools.stack import SIM_DESTRUCTION

ROOT = Path(__file__).resolve().parents[2]


class Deployment:
    """One stack of one program, on a file backend below ``home``."""

    def __init__(
        self, home: Path, stack: str = "sim", program: Path = ROOT, env: Mapping[str, str] | None = None
    ) -> None:
        self.home = home
        self.stack = stack
        self.program = program
        quieten(home / "pulumi-home")
        (home / "tmp").mkdir(mode=0o700, exist_ok=True)
        (home / "pulumi-home" / "plugins").symlink_to(Layout(ROOT).plugins)
        self.project = home / "project"
        self.stack_file = self.project / "stacks" / f"Pulumi.{stack}.yaml"
        self.stack_file.parent.mkdir(parents=True, exist_ok=True)
        own = {
            "PULUMI_BACKEND_URL": home.as_uri(),
            "PULUMI_HOME": str(home / "pulumi-home"),
            "PULUMI_CONFIG_PASSPHRASE": "only a test's",
            "KUBELANES_HOME": str(home),
            "TMPDIR": str(home / "tmp"),  # providers leave kubeconfigs there
        }
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "KUBELANES_"))}
        self.env = pulumi_environment(Layout(ROOT), inherited) | own | dict(env or {})

    def configure(self, source: Path | str) -> "Deployment":
        """Takes a stack file, or the text of one, as this deployment's own."""
        key = re.findall(r"^encryptionsalt:.*$", self.stack_file.read_text(), re.M) if self.stack_file.exists() else []
        text = source.read_text() if isinstance(source, Path) else source
        self.stack_file.write_text("\n".join([text, *key]))
        if not key:
            # `stack init` writes the salt of the passphrase beside the project file that it finds.
            shutil.copyfile(self.program / "Pulumi.yaml", self.project / "Pulumi.yaml")
            self._run(["stack", "init", self.stack], self.project)
        return self

    def start(self, *args: str) -> subprocess.Popen[str]:
        """Starts the CLI and returns at once, for runs that are to be disturbed; in a process group of its own."""
        return subprocess.Popen(
            [*self._pulumi(), *args, *self._own()],
            cwd=self.program,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def pulumi(self, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs the CLI on the stack to its end; with ``check`` a failure shows all that it said."""
        return self._run([*args, *self._own()], self.program, check=check)

    def up(self, *extra: str) -> str:
        """``pulumi up``; what it printed."""
        return self.pulumi("up", "--yes", "--skip-preview", *extra).stdout

    def destroy(self) -> None:
        """``pulumi destroy`` of whatever stands."""
        self.env |= SIM_DESTRUCTION
        self.pulumi("destroy", "--yes", "--skip-preview")

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets shown."""
        command = ["stack", "output", "--json", "--show-secrets", "--stack", self.stack]
        return json.loads(self._run(command, self.project).stdout)

    def resources(self) -> list[dict[str, Any]]:
        """What the state holds."""
        shown = self._run(["stack", "export", "--stack", self.stack], self.project).stdout
        return json.loads(shown)["deployment"].get("resources", [])

    def recover(self) -> None:
        """What a user does after a killed run: frees the lock and drops the operations that never ended."""
        self.cancel()
        state = self.home / "export.json"
        for verb in ("export", "import"):
            self._run(["stack", verb, "--file", str(state), "--stack", self.stack], self.project)
        state.unlink()

    def cancel(self) -> None:
        """``pulumi cancel``: frees the lock of a killed run."""
        self._run(["cancel", "--yes", "--stack", self.stack], self.project)

    def _own(self) -> list[str]:
        return ["--stack", self.stack, "--config-file", str(self.stack_file), "--non-interactive", "--color=never"]

    def _pulumi(self) -> list[str]:
        found = shutil.which("pulumi", path=self.env["PATH"])
        if not found:
            raise AssertionError("pulumi is not there: `make test` builds it")
        return [found]

    def _run(self, args: list[str], cwd: Path, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [*self._pulumi(), *args]
        done = subprocess.run(command, cwd=cwd, env=self.env, text=True, capture_output=True, check=False)
        if check and done.returncode:
            raise AssertionError(f"pulumi {' '.join(args)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done
