import os
import stat
from pathlib import Path

import pytest

from tools.environment import make_home, passphrase_file, pulumi_environment, remove_home
from tools.layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def test_the_built_programs_come_first_on_path(layout: Layout) -> None:
    path = pulumi_environment(layout, {"PATH": "/usr/bin"})["PATH"].split(os.pathsep)
    assert path == [str(layout.bin), str(layout.venv / "bin"), "/usr/bin"]


def test_state_and_passphrase_stay_in_the_checkout_by_default(layout: Layout) -> None:
    environment = pulumi_environment(layout, {})
    assert environment["PULUMI_BACKEND_URL"] == f"file://{layout.home}/state?metadata=skip"
    assert environment["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(layout.home / "passphrase")


def test_a_backend_of_the_users_own_is_left_alone(layout: Layout) -> None:
    assert pulumi_environment(layout, {"PULUMI_BACKEND_URL": "s3://b"})["PULUMI_BACKEND_URL"] == "s3://b"


@pytest.mark.parametrize("name", ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"])
def test_a_passphrase_of_the_users_own_is_left_alone(layout: Layout, name: str) -> None:
    environment = pulumi_environment(layout, {name: "mine"})
    assert {key: environment[key] for key in environment if "PASSPHRASE" in key} == {name: "mine"}


def test_the_generated_passphrase_is_private_and_stays_the_same(layout: Layout) -> None:
    make_home(layout)
    first = passphrase_file(layout).read_text()
    make_home(layout)
    assert passphrase_file(layout).read_text() == first
    assert len(first) >= 32
    assert stat.S_IMODE(passphrase_file(layout).stat().st_mode) == 0o600
    assert stat.S_IMODE(layout.home.stat().st_mode) == 0o700


def test_nothing_is_left_of_the_home(layout: Layout) -> None:
    make_home(layout)
    remove_home(layout)
    assert not layout.home.exists()


def test_the_passphrase_stays_while_a_stack_file_was_encrypted_with_it(layout: Layout) -> None:
    make_home(layout)
    passphrase = passphrase_file(layout).read_text()
    layout.stacks.mkdir()
    (layout.stacks / "Pulumi.sim.yaml").write_text("encryptionsalt: v1:abc\nconfig: {}\n")
    remove_home(layout)
    assert list(layout.home.iterdir()) == [passphrase_file(layout)]
    make_home(layout)
    assert passphrase_file(layout).read_text() == passphrase
