from pathlib import Path

import pytest

from tools.failure import SetupError
from tools.layout import Layout
from tools.plugins import CLOUDS, ensure_plugin, sdk_version

FAILS = """#!/bin/sh
echo 'warning: Error downloading plugin: no such host' >&2
echo "Will retry in 80ms [1/5]" >&2
echo 'error: failed all 5 attempts' >&2
exit 1
"""


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    (tmp_path / CLOUDS).write_text("cryptography==50.0.2 \\\n    --hash=sha256:00\npulumi-aws==7.51.1 \\\n")
    return Layout(tmp_path)


def with_programs(folder: Path, **programs: str) -> dict[str, str]:
    folder.mkdir()
    for name, text in programs.items():
        program = folder / name.replace("_", "-")
        program.write_text(text)
        program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_a_plugin_that_cannot_be_downloaded_is_one_message_with_the_first_reason(layout: Layout) -> None:
    machine = with_programs(layout.root / "bin", pulumi=FAILS)
    with pytest.raises(SetupError) as refused:
        ensure_plugin(layout, "aws", machine)
    assert str(refused.value) == (
        "Pulumi's plugin aws 7.51.1 could not be downloaded: Error downloading plugin: no such host\n"
        "Check the network and HTTPS_PROXY. Without internet access, bring the file here and install it with\n"
        '  eval "$(python3 -m tools env)"; pulumi plugin install resource aws v7.51.1 --file FILE'
    )


def test_a_plugin_that_is_there_is_not_downloaded(layout: Layout) -> None:
    ensure_plugin(layout, "aws", with_programs(layout.root / "bin", pulumi=FAILS, pulumi_resource_aws=FAILS))
    (layout.plugins / "resource-aws-v7.51.1").mkdir(parents=True)
    ensure_plugin(layout, "aws", with_programs(layout.root / "other", pulumi=FAILS))


def test_a_provider_without_a_pin_is_refused() -> None:
    with pytest.raises(SetupError, match=r"gives no version of pulumi-gcp"):
        sdk_version("pulumi-aws==7.51.1 \\\n", "gcp")
