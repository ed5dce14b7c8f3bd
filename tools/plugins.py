"""The plugins of the clouds' providers: too large to build, so Pulumi downloads them."""

import re
import shutil
import subprocess
from collections.abc import Mapping

from .failure import SetupError
from .layout import Layout

CLOUDS = "requirements-clouds.txt"


def ensure_plugin(layout: Layout, provider: str, environment: Mapping[str, str]) -> None:
    """Have the plugin of ``provider`` (aws, gcp) downloaded in the version of its SDK; one on PATH serves as well.

    Left to the engine, a download that fails is told amid the resources that wait for it, with a remedy for another
    folder of plugins than this checkout's.
    """
    version = sdk_version((layout.root / CLOUDS).read_text(), provider)
    kept = layout.plugins / f"resource-{provider}-v{version}"
    if kept.exists() or shutil.which(f"pulumi-resource-{provider}", path=environment["PATH"]):
        return
    print(f"downloading Pulumi's plugin {provider} {version}", flush=True)
    command = ["pulumi", "plugin", "install", "resource", provider, f"v{version}"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        told = next((line for line in ran.stderr.splitlines() if "warning: " in line or "error: " in line), "")
        raise SetupError(
            f"Pulumi's plugin {provider} {version} could not be downloaded: {told.partition(': ')[2]}\n"
            "Check the network and HTTPS_PROXY. Without internet access, bring the file here and install it with\n"
            f'  eval "$(python3 -m tools env)"; {" ".join(command)} --file FILE'
        )


def sdk_version(requirements: str, provider: str) -> str:
    """The version at which a file of requirements pins the SDK of ``provider``."""
    found = re.search(rf"^pulumi-{provider}==(\S+)", requirements, re.MULTILINE)
    if found is None:
        raise SetupError(f"{CLOUDS} gives no version of pulumi-{provider}; restore it from git.")
    return found[1]
