"""The commands behind the Makefile's targets."""

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from .environment import make_home, pulumi_environment
from .failure import SetupError
from .install import install
from .layout import Layout
from .process import run_in_foreground
from .python_env import ensure_venv, install_beside
from .stack import Stack

Command = Callable[[Layout, argparse.Namespace, list[str]], int]

CHECKS = (
    ("format", ("ruff", "format", "--check", ".")),
    ("lint", ("ruff", "check", ".")),
    ("types", ("basedpyright",)),
    ("generated files", ("python", "-m", "components.settings", "generate", "--check")),
    ("kinds", ("python", "-m", "tools.kinds", "--check")),
    ("picture", ("python", "-m", "tools.picture", "--check")),
)
LOCK = (
    "pip", "compile", "--quiet", "--generate-hashes", "--no-annotate", "--no-header",
    "--no-emit-index-url", "--no-emit-find-links", "--python-version", "3.11",
)  # fmt: skip
LOCKED = {
    "requirements.txt": ("--extra", "dev"),
    # On top of the other: the clouds' SDKs are large, and only stacks of that cloud and the tests need them.
    "requirements-clouds.txt": ("--extra", "aws", "--extra", "gcp", "--no-deps", "--constraint", "requirements.txt"),
}


def run(root: Path, arguments: Sequence[str]) -> int:
    """Carry out one command line; the exit status is that of what it ran."""
    options, rest = _parser().parse_known_args(arguments)
    command: Command = options.command
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return command(Layout(root), options, [argument for argument in rest if argument != "--"])
    except SetupError as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; run the same command again to go on", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m tools", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=command)
        return sub

    for name, command, text in (
        ("up", _up, "bring a stack up"),
        ("preview", _preview, "show what up would change"),
        ("down", _down, "take a stack down"),
        ("kubeconfig", _kubeconfig, "print the path of a sim's kubeconfig"),
    ):
        add(name, command, text).add_argument("stack", nargs="?", default="sim", help="default: sim")
    add("install", _install, "make tools and Python environment ready").add_argument("--profile", default="sim")
    add("test", _test, "run the tests; further arguments go to pytest")
    add("check", _check, "check format, lint, types and generated files")
    add("bench", _bench, "measure")
    add("picture", _picture, "draw docs/platform.svg")
    add("lock", _lock, "write the requirements files from pyproject.toml; --upgrade takes newer versions")
    add("env", _env, "print the environment of Pulumi, for: eval")
    add("clean", _clean, "remove what set-up made")
    return parser


def _up(layout: Layout, options: argparse.Namespace, rest: list[str]) -> int:
    stack = Stack(layout, options.stack)
    install(layout, stack.profile)
    return stack.up(rest)


def _preview(layout: Layout, options: argparse.Namespace, rest: list[str]) -> int:
    stack = Stack(layout, options.stack)
    install(layout, stack.profile)
    return stack.preview(rest)


def _down(layout: Layout, options: argparse.Namespace, rest: list[str]) -> int:
    stack = Stack(layout, options.stack)
    if not layout.home.exists():
        print("nothing is up")
        return 0
    install(layout, stack.profile)
    return stack.down(rest)


def _kubeconfig(layout: Layout, options: argparse.Namespace, _: list[str]) -> int:
    print(Stack(layout, options.stack).kubeconfig())
    return 0


def _install(layout: Layout, options: argparse.Namespace, _: list[str]) -> int:
    install(layout, options.profile)
    return 0


def _test(layout: Layout, _: argparse.Namespace, rest: list[str]) -> int:
    workers = max(2, min(4, os.cpu_count() or 2))  # each may bring up a sim of its own; mostly they wait
    parallel = ("--numprocesses", str(workers), "--dist", "loadfile", "--no-loadscope-reorder")  # the long ones first
    return _run_python(layout, "pytest", *parallel, *rest)


def _bench(layout: Layout, _: argparse.Namespace, rest: list[str]) -> int:
    return _run_python(layout, "tests.bench", *rest)


def _run_python(layout: Layout, module: str, *arguments: str) -> int:
    install(layout, "test")
    command = [layout.python, "-m", module, *arguments]
    return run_in_foreground(command, layout.root, pulumi_environment(layout))


def _check(layout: Layout, _: argparse.Namespace, __: list[str]) -> int:
    ensure_venv(layout, ["requirements-clouds.txt"])
    environment = pulumi_environment(layout)
    failed: list[str] = []
    for name, command in CHECKS:
        print(f"-- {name}", flush=True)
        program = layout.venv / "bin" / command[0]
        if run_in_foreground([program, *command[1:]], layout.root, environment):
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def _picture(layout: Layout, _: argparse.Namespace, rest: list[str]) -> int:
    ensure_venv(layout)
    return run_in_foreground([layout.python, "-m", "tools.picture", *rest], layout.root, pulumi_environment(layout))


def _lock(layout: Layout, _: argparse.Namespace, rest: list[str]) -> int:
    ensure_venv(layout)
    uv = layout.tools / "uv" / "bin" / "uv"
    if not uv.exists():
        layout.staging.mkdir(parents=True, exist_ok=True)
        install_beside(layout, "uv", layout.root / "tools" / "uv-requirements.txt")
    commands = ([uv, *LOCK, *which, *rest, "pyproject.toml", "-o", file] for file, which in LOCKED.items())
    return max(subprocess.run(command, cwd=layout.root, check=False).returncode for command in commands)


def _env(layout: Layout, _: argparse.Namespace, __: list[str]) -> int:
    make_home(layout)
    for name, value in pulumi_environment(layout).items():
        if os.environ.get(name) != value:
            print(f"export {name}={shlex.quote(value)}")
    return 0


def _clean(layout: Layout, _: argparse.Namespace, __: list[str]) -> int:
    if layout.home.exists():
        raise SetupError("a stack of this checkout may be up. Take it down first: make down")
    for folder in (layout.tools, layout.venv):
        shutil.rmtree(folder, ignore_errors=True)
    return 0
