"""The picture that `make up` ends with: lanes, tenants, workloads and what to do next, in plain text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from textwrap import wrap

from .overview import Overview, Pool

WIDTH = 100
GAP = "  "


@dataclass(frozen=True, slots=True)
class Charset:
    """The characters that boxes are drawn with: corners from the upper left, clockwise, then edges and a GPU."""

    corners: str
    across: str
    down: str
    gpu: str


UNICODE = Charset("┌┐┘└", "─", "│", "■")
ASCII = Charset("++++", "-", "|", "#")


def charset(encoding: str | None) -> Charset:
    """The richest characters that an output of this encoding can show."""
    try:
        "".join((UNICODE.corners, UNICODE.across, UNICODE.down, UNICODE.gpu)).encode(encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return ASCII
    return UNICODE


def draw(stack: Overview, chars: Charset, steps: Sequence[tuple[str, str]]) -> str:
    """The picture, at most ``WIDTH`` columns wide; ``steps`` are commands and what they show, to go on with."""
    pools = [_pool_row(pool, chars) for pool in stack.pools]
    widths = _fitted([_POOL_HEAD, *pools])
    lines: list[str] = []
    for lane in stack.lanes:
        rows = [row for pool, row in zip(stack.pools, pools, strict=True) if pool.lane == lane]
        lines += _box(f"lane {lane}", _table(_POOL_HEAD, rows, widths), chars)
    tenants = [(t.name, t.quota, t.gpus or "none", t.borrows or "none", t.groups) for t in stack.tenants]
    if tenants:
        lines += _box("tenants", _table(_TENANT_HEAD, tenants, _fitted([_TENANT_HEAD, *tenants])), chars)
    workloads = [(w.name, w.kind, w.pods, w.gpu or "none", " or ".join(w.pools), w.url or "-") for w in stack.workloads]
    if workloads:
        lines += _box("workloads", _table(_WORKLOAD_HEAD, workloads, _fitted([_WORKLOAD_HEAD, *workloads])), chars)
    command = max((len(command) for command, _ in steps), default=0)
    hints = [f"  {text:<{command}}{GAP}{meaning}".rstrip() for text, meaning in steps]
    return "\n".join([*lines, "", "next:", *hints])


def next_steps(stack: Overview, kubectl: str, named: str) -> list[tuple[str, str]]:
    """Commands to go on with; ``named`` is how a make command says which stack is meant, empty for the default."""
    look = [
        (f"export KUBECONFIG={stack.kubeconfig}", ""),
        (f"{kubectl} get nodes -L kubelanes.dev/lane,kubelanes.dev/pool", "the nodes, lane by lane"),
        (f"{kubectl} get pods -A -o wide", "what runs where"),
    ]
    return [
        *(look if stack.kubeconfig else []),
        (f"make preview{named}", "what a change of the stack file would do"),
        (f"make down{named}", "remove all of it"),
    ]


_POOL_HEAD = ("POOL", "NODES", "BOUGHT AS", "GPUS OF A NODE", "SHARED")
_TENANT_HEAD = ("TENANT", "MAY HOLD", "GPUS", "MAY BORROW", "GROUPS")
_WORKLOAD_HEAD = ("WORKLOAD", "KIND", "PODS", "GPUS OF A POD", "POOL", "REACHED AT")


def _pool_row(pool: Pool, chars: Charset) -> tuple[str, ...]:
    nodes, bought = (f"{pool.nodes} x {pool.machine}", pool.bought) if pool.machine else (pool.nodes, "-")
    if not pool.gpus_per_node:
        return (pool.name, nodes, bought, "none", "-")
    gpus = f"{chars.gpu * pool.gpus_per_node} {pool.gpus_per_node} x {pool.gpu}"
    return (pool.name, nodes, bought, gpus, pool.shared)


def _fitted(rows: Iterable[Sequence[str]]) -> list[int]:
    """The width of each column: what it needs, the widest cut back until all fit."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    room = WIDTH - 4 - len(GAP) * (len(widths) - 1)
    while sum(widths) > room:
        widths[widths.index(max(widths))] -= 1
    return widths


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]) -> list[str]:
    lines: list[str] = []
    for row in (head, *rows):
        cells = [wrap(cell, width, break_on_hyphens=False) for cell, width in zip(row, widths, strict=True)]
        lines += [
            GAP.join(f"{part:<{width}}" for part, width in zip(parts, widths, strict=True))
            for parts in zip_longest(*cells, fillvalue="")
        ]
    return lines


def _box(title: str, lines: Iterable[str], chars: Charset) -> list[str]:
    inside = WIDTH - 4
    upper_left, upper_right, lower_right, lower_left = chars.corners
    return [
        f"{upper_left}{chars.across} {title} {chars.across * (inside - len(title) - 1)}{upper_right}",
        *(f"{chars.down} {line:<{inside}} {chars.down}" for line in lines),
        f"{lower_left}{chars.across * (inside + 2)}{lower_right}",
    ]
