import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from tools.orphans import engine_ports
from tools.state import LocalState


@pytest.fixture
def state(tmp_path: Path) -> LocalState:
    return LocalState(tmp_path, "sim")


def write_checkpoint(state: LocalState, latest: dict[str, Any] | None) -> None:
    path = state.folder / ".pulumi" / "stacks" / "kubelanes" / f"{state.stack}.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 3, "checkpoint": {"stack": "sim", "latest": latest}}))


def write_lock(state: LocalState, pid: int, hostname: str) -> None:
    path = state.folder / ".pulumi" / "locks" / "organization" / "kubelanes" / state.stack / "1.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"pid": pid, "username": "someone", "hostname": hostname}))


def test_an_empty_backend_holds_no_stack(state: LocalState) -> None:
    assert not state.exists()
    assert not state.any_stack()
    assert not state.is_locked()
    assert not state.was_interrupted()
    assert state.lock_holder() is None


@pytest.mark.parametrize(
    ("latest", "interrupted"),
    [(None, False), ({"resources": []}, False), ({"pending_operations": [{"type": "creating"}]}, True)],
)
def test_a_run_that_left_operations_unfinished_is_noticed(
    state: LocalState, latest: dict[str, Any] | None, interrupted: bool
) -> None:
    write_checkpoint(state, latest)
    assert state.exists()
    assert state.was_interrupted() is interrupted


def test_half_a_lock_holds_nobody_up(state: LocalState) -> None:
    write_lock(state, os.getpid(), socket.gethostname())
    (lock,) = state.folder.rglob("1.json")
    lock.write_text('{"pid": 1')
    assert state.lock_holder() is None


def test_another_stack_of_the_backend_is_not_taken_for_this_one(state: LocalState) -> None:
    write_checkpoint(LocalState(state.folder, "kind"), None)
    assert state.any_stack()
    assert not state.exists()


def test_the_lock_of_a_process_that_is_not_pulumi_holds_nobody_up(state: LocalState) -> None:
    write_lock(state, os.getpid(), socket.gethostname())
    assert state.is_locked()
    assert state.lock_holder() is None


def test_the_lock_of_another_host_is_respected(state: LocalState) -> None:
    write_lock(state, 1, "elsewhere.example.com")
    assert state.lock_holder() == "process 1 on elsewhere.example.com"


@pytest.mark.parametrize(
    ("command", "ports"),
    [
        (("/x/.tools/bin/pulumi-language-python", "127.0.0.1:4000"), (4000,)),
        (
            ("/x/python", "/x/pulumi-language-python-exec", "--monitor", "127.0.0.1:1", "--engine", "127.0.0.1:2"),
            (1, 2),
        ),
        (("/x/python", "-u", "-m", "pulumi.dynamic", "127.0.0.1:4000"), (4000,)),
        (("/bin/sh", "/x/pulumi-resource-pulumi-python", "127.0.0.1:4000"), (4000,)),
        (("/x/etcd", "--listen-client-urls", "127.0.0.1:4000"), ()),
        (("pulumi", "up"), ()),
    ],
)
def test_a_plugin_is_known_by_the_engine_that_it_was_started_for(
    command: tuple[str, ...], ports: tuple[int, ...]
) -> None:
    assert engine_ports(command) == ports
