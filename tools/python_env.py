"""The virtual environment, made from hashed requirements, and Python packages that are tools."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from .failure import SetupError
from .layout import Layout

TAIL_LINES = 15


def ensure_venv(layout: Layout) -> None:
    """Make ``.venv`` unless the one there was made from these requirements by this Python.

    The stamp is written last: one that was interrupted has none and is made again.
    """
    stamp = layout.venv / "made-from"
    key = venv_key(layout.requirements.read_bytes(), sys.version)
    if stamp.is_file() and stamp.read_text() == key and layout.python.exists():
        return
    print("making the Python environment in .venv")
    _run([sys.executable, "-m", "venv", "--clear", layout.venv], "The virtual environment could not be made.")
    _run(
        [layout.python, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", layout.requirements],
        "The Python packages could not be installed. Check the network and the settings of pip.",
    )
    stamp.write_text(key)


def venv_key(requirements: bytes, python: str) -> str:
    """What a virtual environment is made from."""
    return f"{hashlib.sha256(requirements).hexdigest()} {python}\n"


def install_beside(layout: Layout, name: str, requirements: Path) -> Path:
    """Install a Python package that is a tool into ``.tools/<name>``, apart from the virtual environment."""
    place = layout.tools / name
    staged = layout.staging / name
    shutil.rmtree(staged, ignore_errors=True)
    pip = [layout.python, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
    _run([*pip, "--target", staged, "-r", requirements], f"{name} could not be installed from PyPI. Check the network.")
    shutil.rmtree(place, ignore_errors=True)
    staged.rename(place)
    return place


def _run(command: list[str | Path], failure: str) -> None:
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if ran.returncode:
        tail = "\n".join(f"  {line}" for line in ran.stdout.splitlines()[-TAIL_LINES:])
        raise SetupError(f"{failure} What was said last:\n{tail}")
