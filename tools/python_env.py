"""The virtual environment, made from hashed requirements, and Python packages that are tools."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from .failure import SetupError
from .layout import Layout

TAIL_LINES = 15
LAUNCHER = """\
#!/bin/sh
root=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
exec "$root/.venv/bin/python" -P -c '
import sys
sys.path.insert(0, sys.argv.pop(1))
from components.cli.main import main
sys.exit(main())' "$root" "$@"
"""
"""The command ``kubelanes`` of the checkout that the virtual environment lies in."""


def ensure_venv(layout: Layout, further: Collection[str] = ()) -> None:
    """Make ``.venv`` unless the one there was made from these requirements by this Python.

    further: files of requirements that have to be in it beside requirements.txt. What is in it already stays.
    Each file's key is written when its packages are there: what was interrupted is done again.
    """
    stamp = layout.venv / "made-from"
    keys = {file: venv_key(layout.root / file, sys.version) for file in (layout.requirements.name, *sorted(further))}
    made = stamp.read_text().splitlines() if stamp.is_file() and layout.python.exists() else []
    if keys[layout.requirements.name] not in made:
        print("making the Python environment in .venv")
        _run([sys.executable, "-m", "venv", "--clear", layout.venv], "The virtual environment could not be made.")
        made = []
    for file, key in keys.items():
        if key not in made:
            print(f"installing the Python packages of {file}")
            _run(
                [*_pip_install(layout), "-r", layout.root / file],
                "The Python packages could not be installed. Check the network and the settings of pip.",
            )
            made.append(key)
            stamp.write_text("\n".join(made))
    write_launcher(layout)


def write_launcher(layout: Layout) -> None:
    """Make ``.venv/bin/kubelanes``, which runs the command from any folder.

    The console script of the wheel names the package ``kubelanes``, which in a checkout is the folder ``components``;
    hatchling refuses to install a renamed package as editable.
    """
    launcher = layout.python.with_name("kubelanes")
    if not launcher.exists() or launcher.read_text() != LAUNCHER:
        launcher.write_text(LAUNCHER)
        launcher.chmod(0o755)


def venv_key(requirements: Path, python: str) -> str:
    """What a virtual environment holds: a file of requirements, installed by this Python; one line."""
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    return f"{requirements.name} {digest} {python.replace(chr(10), ' ')}"


def install_beside(layout: Layout, name: str, requirements: Path) -> Path:
    """Install a Python package that is a tool into ``.tools/<name>``, apart from the virtual environment."""
    place = layout.tools / name
    staged = layout.staging / name
    shutil.rmtree(staged, ignore_errors=True)
    _run(
        [*_pip_install(layout), "--target", staged, "-r", requirements],
        f"{name} could not be installed from PyPI. Check the network.",
    )
    shutil.rmtree(place, ignore_errors=True)
    staged.rename(place)
    return place


def _pip_install(layout: Layout) -> list[str | Path]:
    return [layout.python, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]


def _run(command: list[str | Path], failure: str) -> None:
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if ran.returncode:
        tail = "\n".join(f"  {line}" for line in ran.stdout.splitlines()[-TAIL_LINES:])
        raise SetupError(f"{failure} What was said last:\n{tail}")
