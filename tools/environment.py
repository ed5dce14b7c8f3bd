"""The environment in which Pulumi, its programs and the tests run."""

import os
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from .layout import Layout

SECRETS_KEY = re.compile(r"^(?:encryptionsalt|encryptedkey|secretsprovider):.*\n?", re.MULTILINE)
"""How a stack's secrets are encrypted, a line of its file."""
PASSPHRASES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")


def pulumi_environment(layout: Layout, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """``base``, with this checkout's programs first on PATH and Pulumi kept local.

    A backend or a passphrase that ``base`` names is left alone; otherwise state and a generated passphrase lie in
    ``.kubelanes``.
    """
    chosen = {
        "PATH": os.pathsep.join((str(layout.bin), str(layout.venv / "bin"), base.get("PATH", os.defpath))),
        "PULUMI_HOME": str(pulumi_home(layout)),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "KUBELANES_HOME": str(layout.home),
        "KUBELANES_CHARTS": str(layout.charts),
    }
    if "PULUMI_BACKEND_URL" not in base:
        chosen["PULUMI_BACKEND_URL"] = state_url(layout)
    if not any(name in base for name in PASSPHRASES):
        chosen["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(passphrase_file(layout))
    return {**base, **chosen}


def pulumi_home(layout: Layout) -> Path:
    """Pulumi's own folder: workspaces, and a link to the plugins."""
    return layout.home / "pulumi-home"


def state_folder(layout: Layout) -> Path:
    """The local file backend."""
    return layout.home / "state"


def state_url(layout: Layout) -> str:
    """The local file backend, as Pulumi names it.

    Without ``metadata=skip`` Pulumi keeps a second file beside each, which it does not write in one step: a run that is
    killed meanwhile leaves an empty one, and from then on every command ends with "failed to load checkpoint: EOF".
    """
    return f"{state_folder(layout).as_uri()}?metadata=skip"


def passphrase_file(layout: Layout) -> Path:
    """Where the generated passphrase lies."""
    return layout.home / "passphrase"


def quieten(home: Path) -> None:
    """Keep Pulumi from writing a verbose log of every run, 80 MB each, which takes two thirds of the run's time.

    There is no setting for it (3.250); it goes without where the folder for its logs cannot be made.
    home: Pulumi's own folder.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    logs = home / "logs"
    if not logs.exists():
        logs.touch(mode=0o400)


def remove_home(layout: Layout) -> None:
    """Remove ``.kubelanes``, but for the passphrase where a stack file holds the salt that goes with it.

    Pulumi writes that salt into the stack file when it is run without ``--config-file``; with another passphrase the
    file could not be used again.
    """
    is_needed = any(SECRETS_KEY.search(file.read_text()) for file in layout.stacks.glob("Pulumi.*.yaml"))
    for entry in layout.home.iterdir():
        if entry == passphrase_file(layout) and is_needed:
            continue
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    if not is_needed:
        layout.home.rmdir()


def make_home(layout: Layout) -> None:
    """Make ``.kubelanes``, readable by its owner only, with a passphrase; what is there stays."""
    for folder in (layout.home, state_folder(layout)):
        folder.mkdir(mode=0o700, exist_ok=True)
    quieten(pulumi_home(layout))
    plugins = pulumi_home(layout) / "plugins"
    if not plugins.exists():
        plugins.unlink(missing_ok=True)  # a checkout that was moved leaves a link into nothing
        plugins.symlink_to(layout.plugins)
    if not passphrase_file(layout).exists():
        staged = passphrase_file(layout).with_suffix(f".{os.getpid()}")
        staged.touch(mode=0o600)
        staged.write_text(secrets.token_urlsafe(32))
        staged.rename(passphrase_file(layout))
