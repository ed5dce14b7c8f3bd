import ast
from dataclasses import replace
from pathlib import Path

import pytest

import tools.preflight
from tools.preflight import Machine, missing, this_machine

GOOD = Machine("Linux", (3, 11), frozenset({"venv", "ensurepip"}), 20 << 30, 8 << 30)


def test_a_good_machine_lacks_nothing() -> None:
    assert missing(GOOD, fresh=True) == []


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        (replace(GOOD, system="Darwin"), "kubelanes runs on Linux; this is Darwin"),
        (replace(GOOD, python=(3, 9)), "this is 3.9. Install one and name it: make PYTHON=python3.11 up"),
        (replace(GOOD, modules=frozenset({"venv"})), "sudo apt-get install python3.11-venv"),
        (replace(GOOD, disk=3 << 30), "there are 3.0 GiB"),
        (replace(GOOD, memory=2 << 30), "4 GiB of memory"),
    ],
)
def test_what_is_missing_is_said_in_one_line(machine: Machine, said: str) -> None:
    (line,) = missing(machine, fresh=True)
    assert said in line
    assert "\n" not in line


def test_everything_missing_is_said_at_once() -> None:
    assert len(missing(Machine("Darwin", (3, 8), frozenset(), 0, 0), fresh=True)) == 5


def test_built_tools_need_no_room_to_be_built_in() -> None:
    assert missing(replace(GOOD, disk=0, memory=0), fresh=False) == []


def test_the_machine_that_runs_the_tests_is_read(tmp_path: Path) -> None:
    assert this_machine(tmp_path).python >= (3, 11)


@pytest.mark.parametrize("module", ["preflight", "__main__", "__init__"])
def test_an_old_python_can_read_what_tells_it_that_it_is_old(module: str) -> None:
    source = Path(tools.preflight.__file__).with_name(f"{module}.py").read_text()
    ast.parse(source, feature_version=(3, 7))
