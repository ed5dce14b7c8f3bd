import subprocess
import sys
from pathlib import Path

import pytest

from tools.build import families_at_once
from tools.charts import folder_sha256
from tools.failure import SetupError
from tools.go import Go, is_recent
from tools.layout import Layout
from tools.lock import exclusive
from tools.python_env import ensure_venv, venv_key, write_launcher
from tools.stack import Stack


def test_a_virtual_environment_is_made_again_for_other_requirements_or_another_python(tmp_path: Path) -> None:
    one, two = tmp_path / "1.txt", tmp_path / "2.txt"
    one.write_text("a==1")
    two.write_text("a==2")
    assert len({venv_key(one, "3.11"), venv_key(two, "3.11"), venv_key(one, "3.12")}) == 3


def test_a_virtual_environment_that_is_up_to_date_is_left_alone(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    more = tmp_path / "more.txt"
    layout.requirements.write_text("a==1")
    more.write_text("b==1")
    layout.python.parent.mkdir(parents=True)
    layout.python.touch()
    (layout.venv / "made-from").write_text(
        "\n".join(venv_key(file, sys.version) for file in (layout.requirements, more))
    )
    ensure_venv(layout)
    ensure_venv(layout, ["more.txt"])
    assert layout.python.read_bytes() == b""


def test_the_command_kubelanes_runs_from_any_folder(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "a user's checkout")
    layout.python.parent.mkdir(parents=True)
    layout.python.symlink_to(sys.executable)
    command = layout.root / "components" / "cli" / "main.py"
    command.parent.mkdir(parents=True)
    command.write_text("import sys\n\ndef main():\n    print(sys.argv[1:])\n    return 3\n")
    write_launcher(layout)
    ran = subprocess.run(
        [layout.venv / "bin" / "kubelanes", "plan", "a b"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (3, "['plan', 'a b']\n")


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("go1.26.5", True),
        ("go1.26.8", True),
        ("go1.27rc1", True),
        ("go2.0", True),
        ("go1.26", False),
        ("go1.25.9", False),
        ("devel", False),
    ],
)
def test_go_is_used_when_it_is_recent_enough(version: str, enough: bool) -> None:
    assert is_recent(version, (1, 26, 5)) is enough


def test_go_keeps_the_users_proxy_and_refuses_what_go_sum_does_not_hold() -> None:
    environment = Go(Path("/go"), "go1.26").environment({"GOPROXY": "https://proxy.example.com", "GOROOT": "/old"})
    assert environment["GOPROXY"] == "https://proxy.example.com"
    assert "-mod=readonly" in environment["GOFLAGS"]
    assert "GOROOT" not in environment


def test_a_small_machine_builds_one_family_at_a_time() -> None:
    assert [families_at_once(gib << 30) for gib in (4, 8, 64)] == [1, 2, 2]


def test_a_charts_checksum_covers_names_and_contents(tmp_path: Path) -> None:
    chart = tmp_path / "Chart.yaml"
    chart.write_text("name: a")
    sums = {folder_sha256(tmp_path)}
    chart.write_text("name: b")
    sums.add(folder_sha256(tmp_path))
    chart.rename(tmp_path / "chart.yaml")
    sums.add(folder_sha256(tmp_path))
    assert len(sums) == 3


def test_a_second_run_is_refused_with_the_process_that_runs(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with exclusive(lock), pytest.raises(SetupError, match=r"busy: \d+"), exclusive(lock, refuse="busy: {pid}"):
        pass
    with exclusive(lock, refuse="busy: {pid}"):
        pass


def test_a_stack_without_a_file_is_refused_with_those_that_have_one(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.stacks.mkdir()
    (layout.stacks / "Pulumi.sim.yaml").touch()
    with pytest.raises(SetupError, match=r"there is no stack prod: .* Stacks: sim"):
        Stack(layout, "prod")
