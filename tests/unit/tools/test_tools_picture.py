import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tools.overview import Overview, overview
from tools.picture import PICTURE, ROOT, picture, planned
from tools.progress import is_news
from tools.svg import draw_svg
from tools.terminal import ASCII, UNICODE, WIDTH, charset, draw, next_steps

POOL = {"lane": "batch", "machine": "g5.12xlarge", "nodes": "2", "bought as": "spot"}
CARDS = {"gpu": "a10g", "gpus per node": 4, "shared": "whole", "parts of a gpu": 1}
WORKLOAD = {"kind": "TrainingJob", "tenant": "search", "lane": "batch", "pools": "a10g", "pods": "1", "gpu": "4 x a10g"}


def stack(groups: int = 1, pools: dict[str, Any] | None = None) -> Overview:
    members = {f"search-department-{number}": "developer" for number in range(groups)}
    tenant = {"cpu": "20", "memory": "1Ti", "gpu": {"a10g": 4}, "may borrow": {}, "groups": members}
    return overview(
        {
            "pools": pools or {"a10g": POOL | CARDS},
            "tenants": {"search": tenant},
            "workloads": {"search/train": WORKLOAD},
            "endpoints": {"kubernetes": "https://127.0.0.1:6443", "search/train": "http://train.search.svc"},
            "kubeconfig_path": "/somewhere/kubeconfig",
        }
    )


def test_the_committed_picture_shows_what_the_stack_file_says() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture()


def test_the_transcript_in_the_readme_shows_what_the_stack_file_says() -> None:
    boxes = draw(planned(), UNICODE, []).split("\n\nnext:")[0]
    assert boxes in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_terminal_shows_a_pool_with_its_gpus_its_tenant_and_its_workload() -> None:
    drawn = draw(stack(), UNICODE, [])
    for text in ("lane batch", "2 x g5.12xlarge", "■■■■ 4 x a10g", "whole", "20 CPU, 1Ti", "http://train.search.svc"):
        assert text in drawn


def test_nodes_that_nobody_buys_have_no_machine_and_no_price_in_either_picture() -> None:
    own = stack(pools={"a10g": {"lane": "batch", "nodes": "2"} | CARDS})
    row = next(line for line in draw(own, UNICODE, []).splitlines() if "4 x a10g" in line)
    assert row.split()[1:4] == ["a10g", "2", "-"]
    assert "nodes: 2" in draw_svg(own, "stack", [])


@pytest.mark.parametrize("groups", [0, 1, 12])
def test_no_line_of_a_box_is_wider_than_the_terminal(groups: int) -> None:
    boxes = draw(stack(groups), UNICODE, []).split("\n\nnext:")[0].splitlines()
    assert {len(line) for line in boxes} == {WIDTH}


def test_a_terminal_without_unicode_gets_plain_characters() -> None:
    assert charset("ANSI_X3.4-1968") is charset(None) is ASCII
    assert charset("utf-8") is UNICODE
    assert draw(stack(), ASCII, []).isascii()


def test_a_stack_without_outputs_still_says_how_to_go_on() -> None:
    nothing = overview({})
    assert draw(nothing, UNICODE, next_steps(nothing, "kubectl", "")).strip().startswith("next:")


def test_the_next_steps_name_the_kubeconfig_and_a_stack_that_is_not_the_default() -> None:
    commands = [command for command, _ in next_steps(stack(), "kubectl", " STACK=kind")]
    assert commands[0] == "export KUBECONFIG=/somewhere/kubeconfig"
    assert commands[-1] == "make down STACK=kind"


def test_the_svg_is_well_formed_and_escapes_what_users_write() -> None:
    drawn = draw_svg(stack(pools={"a<b": POOL | CARDS}), "<&>", ["note"])
    assert "a<b" in "".join(ET.fromstring(drawn).itertext())  # noqa: S314 - our own


def test_the_svg_has_a_square_for_each_gpu_cut_into_its_parts() -> None:
    drawn = draw_svg(stack(pools={"a10g": POOL | CARDS | {"parts of a gpu": 3}}), "stack", [])
    assert drawn.count('class="gpu"') == 2 * 4
    assert drawn.count('class="cut"') == 2 * 4 * 2


@pytest.mark.parametrize(
    ("line", "news"),
    [
        (" +  kubernetes:core/v1:Node a100-0 creating (0s) \n", False),
        ("@ updating....\n", False),
        (" +  kubernetes:core/v1:Node a100-0 created (0.09s) \n", True),
        (" ~  kubernetes:core/v1:Node a100-0 updating (3s) [diff: ~metadata]\n", False),
        ("    error: 1 problem, nothing was created\n", True),
        ("Resources:\n", True),
    ],
)
def test_a_log_says_what_is_done_not_what_is_under_way(line: str, news: bool) -> None:
    assert is_news(line) is news
