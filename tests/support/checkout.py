"""A checkout of its own, in which tests do what users do: ``python3 -m tools``."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from components.clusters.sim.home import SimHome
from components.clusters.sim.processes import MARK
from tools.environment import pulumi_environment
from tools.layout import Layout

from .deployment import ROOT
from .kube import Kube
from .waiting import eventually

COPIED = (
    "__main__.py",
    "Pulumi.yaml",
    "pyproject.toml",
    "requirements.txt",
    "requirements-clouds.txt",
    "components",
    "tools",
)
LINKED = (".tools", ".venv")


class Checkout:
    """A copy of the sources below ``folder``, with links to what set-up made, and one stack; its sim is ``sim``."""

    def __init__(self, folder: Path, stack_file: str, stack: str = "life") -> None:
        self.root = folder / "checkout"
        self.scratch = folder / "scratch"  # home and folder for temporary files, to see what is left there
        self.layout = Layout(self.root)
        self.stack = stack
        self.sim = SimHome(self.layout.home, stack)
        for made in (self.layout.stacks, self.scratch):
            made.mkdir(parents=True)
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
            copy(ROOT / name, self.root / name)
        for name in LINKED:
            (self.root / name).symlink_to(ROOT / name)
        self.write(stack_file)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "KUBELANES_"))}
        own = {
            "HOME": str(self.scratch),
            "TMPDIR": str(self.scratch),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PULUMI_DEBUG_COMMANDS": "true",  # or there is no --event-log
        }
        self._env = inherited | own
        self._at_first = self._files()

    def write(self, stack_file: str) -> None:
        """Edits the stack file."""
        self._stack_file = stack_file
        (self.layout.stacks / f"Pulumi.{self.stack}.yaml").write_text(stack_file)

    def start(self, command: str, *options: str) -> subprocess.Popen[str]:
        """Starts ``python3 -m tools COMMAND STACK`` and returns at once."""
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "tools", command, self.stack, *options],
            cwd=self.root,
            env=self._env,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def attempt(self, command: str, *options: str) -> tuple[int, str]:
        """Runs the command to its end: its exit status, and all that it said."""
        run = self.start(command, *options)
        said, _ = run.communicate()
        return run.returncode, said

    def run(self, command: str, *options: str) -> str:
        """Runs the command, which has to succeed; all that it said."""
        status, said = self.attempt(command, *options)
        assert status == 0, f"{command} {' '.join(options)} ended with {status}:\n{said}"
        return said

    def pulumi(self, *arguments: str) -> tuple[int, str]:
        """Runs Pulumi itself, as after ``eval "$(python3 -m tools env)"``: its exit status, and all that it said."""
        command = ["pulumi", *arguments, "--stack", self.stack, "--non-interactive"]
        env = pulumi_environment(self.layout, self._env) | {"TMPDIR": str(self.layout.home)}
        done = subprocess.run(command, cwd=self.root, env=env, text=True, capture_output=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def drift(self, *options: str) -> str | None:
        """What Pulumi says of drift; None where there is none."""
        # With the file that `up` ran with: without it, Pulumi writes the salt of its passphrase into the stack file.
        file = self.layout.home / "project" / "stacks" / f"Pulumi.{self.stack}.yaml"
        asked = ("--preview-only", "--expect-no-changes", "--config-file", str(file))
        status, said = self.pulumi("refresh", *asked, *options)
        return said if status else None

    def kube(self) -> Kube:
        """The sim's API server."""
        return Kube(self.sim.kubeconfig)

    def processes(self) -> list[int]:
        """Everything that runs and was started from here."""
        return [pid for pid, _ in self._environments()]

    def sims(self) -> list[int]:
        """What of that belongs to a sim, and so outlives the run that started it."""
        return [pid for pid, environment in self._environments() if f"\0{MARK}=" in environment]

    def kill(self, pids: list[int]) -> None:
        """Ends processes as a crash does, and waits until they are gone."""
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        eventually(lambda: not set(pids) & set(self.processes()), "killed processes should be gone")

    def traces(self) -> set[Path]:
        """The files and folders that were not there at first, and the stack file if it is not as it was written."""
        file = self.layout.stacks / f"Pulumi.{self.stack}.yaml"
        return self._files() - self._at_first | ({file} if file.read_text() != self._stack_file else set())

    def close(self) -> None:
        """Takes down whatever is up; ends what is left even so, and says that there was something."""
        status, said = self.attempt("down")
        left = self.processes()
        self.kill(left)
        assert status == 0, f"down ended with {status}:\n{said}"
        assert not left, f"down left processes {left}"

    def _files(self) -> set[Path]:
        telemetry = self.scratch / ".config"  # Go's, of every program that Go's own command runs
        found = {path for folder in (self.root, self.scratch) for path in folder.rglob("*")}
        # Bytecode is no trace: it lies where Python puts it whenever a module is imported, by tests too.
        return {path for path in found if not path.is_relative_to(telemetry) and "__pycache__" not in path.parts}

    def _environments(self) -> Iterator[tuple[int, str]]:
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has ended meanwhile
                environment = f"\0{(folder / 'environ').read_text(errors='replace')}"
                if f"\0HOME={self.scratch}\0" in environment:
                    yield int(folder.name), environment
