"""Brings a stack up, previews it, takes it down: Pulumi, kept local, and put right after a run that was killed."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from .environment import SECRETS_KEY, make_home, pulumi_environment, remove_home, state_folder, state_url
from .failure import SetupError
from .layout import Layout
from .lock import exclusive
from .orphans import remove_kind_clusters, stop_orphaned_plugins, stop_sims
from .overview import overview
from .plugins import ensure_plugin
from .process import run_in_foreground
from .progress import is_news
from .state import LocalState
from .terminal import charset, draw, next_steps

COMMENT = re.compile(r"(?<!\S)#.*")
KIND = re.compile(r"\bkind:\s*[\"']?([a-z]+)\b")
KARPENTER = re.compile(r"\bautoscaler:\s*[\"']?karpenter\b")
PROFILES = {"sim": "sim", "eks": "cloud", "gke": "cloud"}
PROVIDERS = {"eks": "aws", "gke": "gcp"}
ANSWERS = frozenset({"--yes", "-y", "--skip-preview", "-f", "--preview-only"})
SIM_ENVIRONMENT = {
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",  # nothing is downloaded
    "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",  # what a sim needs is installed; a plugin of the user's might not fit
    "PULUMI_K8S_DELETE_UNREACHABLE": "true",  # the objects of a sim that is dead already are forgotten, not waited for
}
SIM_DESTRUCTION = {
    # Saving the state after each of hundreds of steps takes ten times as long as the steps. A sim's destruction may be
    # repeated from the start, so nothing is lost where it is cut short.
    "PULUMI_EXPERIMENTAL": "true",
    "PULUMI_SKIP_CHECKPOINTS": "true",
}
BUSY = "another run is under way on stack {stack} ({holder}); wait for it to end"


class Stack:
    """One stack of this checkout, described by ``stacks/Pulumi.<name>.yaml``.

    Raises SetupError, from every method, with what stops the run; what Pulumi itself refuses is its exit status.
    """

    def __init__(self, layout: Layout, name: str) -> None:
        self._layout = layout
        self._name = name
        self._file = layout.stacks / f"Pulumi.{name}.yaml"
        if not self._file.is_file():
            known = ", ".join(sorted(path.name.split(".")[1] for path in layout.stacks.glob("Pulumi.*.yaml")))
            raise SetupError(f"there is no stack {name}: stacks/{self._file.name} does not exist. Stacks: {known}")
        told = COMMENT.sub("", self._file.read_text())
        found = KIND.search(told)
        kind = found[1] if found else None  # a file without one is refused later, with all else that is wrong in it
        scales = kind == "sim" and KARPENTER.search(told)
        self.profile = "sim-karpenter" if scales else PROFILES.get(kind or "sim", "local")
        """What set-up has to install for it, a profile of tools.toml."""
        self._is_sim = kind == "sim"
        self._provider = PROVIDERS.get(kind or "")
        is_ours = os.environ.get("PULUMI_BACKEND_URL", state_url(layout)) == state_url(layout)
        self._state = LocalState(state_folder(layout), name) if is_ours else None

    def up(self, options: Sequence[str]) -> int:
        """Make what the stack file says true."""
        with self._alone():
            self._check()
            self._recover()
            arguments = ("up", *self._unasked("up", options), "--suppress-outputs", "--config-file", self._select())
            code = self._run(*arguments, *options)
            if code == 0:
                self._show()
        return code

    def preview(self, options: Sequence[str]) -> int:
        """Show what ``up`` would do."""
        make_home(self._layout)
        self._check()
        return self._run("preview", "--config-file", self._select(), *options)

    def down(self, options: Sequence[str]) -> int:
        """Remove everything, then the stack, then what ``.kubelanes`` keeps if no other stack needs it."""
        with self._alone():
            self._recover()
            if self._state is None or self._state.exists():
                code = self._destroy(options)
                if code:
                    return code
                self._must("stack", "rm", "--yes", "--preserve-config", "--remove-backups")
            if self._state is not None and not self._state.any_stack():
                # A cluster whose creation was killed stands in no state.
                stop_sims(self._layout.home)
                remove_kind_clusters(self._layout.home)
                remove_home(self._layout)
        print(f"stack {self._name} is down")
        return 0

    def kubeconfig(self) -> Path:
        """The kubeconfig of the stack's sim."""
        if found := self._kubeconfig():
            return found
        raise SetupError(f"stack {self._name} has no sim that is up. Bring it up first: make up STACK={self._name}")

    def _kubeconfig(self) -> Path | None:
        """A sim bears the name of its stack, unless the stack file gives it another; then it is the only one."""
        found = sorted((self._layout.home / "sim").glob("*/kubeconfig"))
        own = [path for path in found if path.parent.name == self._name]
        return own[0] if own else found[0] if len(found) == 1 and self._is_sim else None

    def _show(self) -> None:
        """Draw what is up, and say how to go on."""
        stack = overview(json.loads(self._must("stack", "output", "--json")))
        own = self._layout.bin / "kubectl"
        kubectl = str(own.relative_to(self._layout.root)) if own.exists() else "kubectl"
        named = "" if self._name == "sim" else f" STACK={self._name}"
        print(draw(stack, charset(sys.stdout.encoding), next_steps(stack, kubectl, named)))
        print(f"\nstack {self._name} is up")

    @contextmanager
    def _alone(self) -> Generator[None, None, None]:
        make_home(self._layout)
        refuse = BUSY.format(stack=self._name, holder="process {pid}")
        with exclusive(self._layout.home / f"{self._name}.lock", refuse=refuse):
            yield

    def _check(self) -> None:
        """Have the whole stack file checked, and its provider there, before Pulumi starts."""
        command = [self._layout.python, "-m", "components.settings", self._file.relative_to(self._layout.root)]
        checked = subprocess.run(command, cwd=self._layout.root, capture_output=True, text=True, check=False)
        if checked.returncode:
            raise SetupError((checked.stdout + checked.stderr).strip())
        if self._provider:
            ensure_plugin(self._layout, self._provider, self._environment())

    def _select(self) -> str:
        """Create the stack if it is new; the config file to run with.

        Pulumi writes the salt of a new stack's passphrase into its config file. A committed file that names no key of
        its own stays as it is: Pulumi is given a copy in ``.kubelanes``, made anew for each run, which keeps the salt.
        """
        text = self._file.read_text()
        if SECRETS_KEY.search(text):
            self._must("stack", "select", "--create", self._name)
            return str(self._file)
        project = self._layout.home / "project"
        copy = project / self._file.relative_to(self._layout.root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._layout.root / "Pulumi.yaml", project / "Pulumi.yaml")
        salt = "".join(SECRETS_KEY.findall(copy.read_text())) if copy.exists() else ""
        staged = copy.with_suffix(f".{os.getpid()}")
        staged.write_text(f"{text.rstrip()}\n{salt}")
        staged.rename(copy)
        self._must("--cwd", str(project), "stack", "select", "--create", self._name)
        return str(copy)

    def _recover(self) -> None:
        """Clear what a killed run left in the local backend; refuse while a run is alive."""
        if self._state is None:
            return
        if holder := self._state.lock_holder():
            raise SetupError(BUSY.format(stack=self._name, holder=holder))
        stop_orphaned_plugins(self._layout.home)
        if self._state.is_locked():
            print("the last run was killed: removing its lock")
            self._must("cancel", "--yes")
        if self._is_sim and self._state.was_interrupted():
            # On a sim every creation may be repeated; in a cloud a person has to look for what was half made.
            print("the last run was interrupted: its unfinished operations are done again")
            export = self._layout.home / f"{self._name}.export.json"
            export.touch(mode=0o600)
            self._must("stack", "export", "--file", str(export))
            self._must("stack", "import", "--file", str(export))  # importing drops the pending operations
            export.unlink()

    def _environment(self) -> dict[str, str]:
        return pulumi_environment(self._layout) | (SIM_ENVIRONMENT if self._is_sim else {})

    def _unasked(self, command: str, options: Sequence[str]) -> tuple[str, ...]:
        """A sim may be changed unseen; before a cloud is, Pulumi shows what would happen, and asks."""
        if self._is_sim:
            return ("--yes", "--skip-preview")
        if ANSWERS.isdisjoint(options) and not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise SetupError(
                f"before stack {self._name} is changed, Pulumi shows what would happen and asks; there is no terminal "
                f"to ask in. To go ahead unasked: make {command} STACK={self._name} ARGS=--yes"
            )
        return ()

    def _destroy(self, options: Sequence[str]) -> int:
        arguments = ("destroy", *self._unasked("down", options), "--config-file", self._select(), *options)
        return self._run(*arguments, environment=SIM_DESTRUCTION if self._is_sim else {})

    def _run(self, *arguments: str, environment: Mapping[str, str] = MappingProxyType({})) -> int:
        command = ["pulumi", *arguments, "--stack", self._name]
        keep = None if sys.stdout.isatty() else is_news
        # The provider for Kubernetes leaves a kubeconfig, with its key, among the temporary files of every run.
        with TemporaryDirectory(dir=self._layout.home, prefix="tmp-") as scratch:
            given = self._environment() | {"TMPDIR": scratch} | dict(environment)
            return run_in_foreground(command, self._layout.root, given, keep)

    def _must(self, *arguments: str) -> str:
        selected = () if "select" in arguments else ("--stack", self._name)
        command = ["pulumi", *arguments, "--non-interactive", *selected]
        ran = subprocess.run(
            command, cwd=self._layout.root, env=self._environment(), capture_output=True, text=True, check=False
        )
        if ran.returncode:
            raise SetupError(f"pulumi {' '.join(arguments)} failed: {ran.stderr.strip() or ran.stdout.strip()}")
        return ran.stdout
