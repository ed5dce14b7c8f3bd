"""The picture of a stack as SVG: a band for each lane, a card for each pool, a square for each GPU."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from textwrap import wrap

from .overview import Overview, Pool, Tenant, Workload

WIDTH = 980
MARGIN = 16
GAP = 12
LINE = 17
CHARACTER = 6.2  # the average width of a character in the widest of the fonts
GPU = 18
STEP = GPU + 4
NODE = GPU + 8
CHIP = 20
BAND_TITLE = 32
MOST_NODES = 4
COLOURS = 6
STYLE = Path(__file__).with_name("svg.css")


@dataclass(frozen=True, slots=True)
class Drawing:
    """Elements drawn from the origin, and the height that they take."""

    elements: tuple[str, ...]
    height: int


def draw_svg(stack: Overview, title: str, notes: Sequence[str]) -> str:
    """The picture, in the reader's light or dark mode; ``notes`` are lines below it."""
    colours = {tenant.name: f"tenant-{index % COLOURS}" for index, tenant in enumerate(stack.tenants)}
    rows = [
        Drawing((_text(0, 16, title, "title"),), 22),
        *(_lane(stack, lane, colours) for lane in stack.lanes),
        _band("tenants", 2, lambda width: [_tenant(tenant, colours[tenant.name], width) for tenant in stack.tenants]),
        _stacked([_lines(note, WIDTH - 2 * MARGIN, "soft") for note in notes], 2),
    ]
    body = _stacked(rows, GAP)
    height = body.height + 2 * MARGIN
    lines = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">',
        f"<title>{escape(title)}</title>",
        f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>',
        _moved(body, MARGIN, MARGIN),
        "</svg>",
    )
    return "\n".join(lines) + "\n"


def _lane(stack: Overview, lane: str, colours: Mapping[str, str]) -> Drawing:
    def cards(width: int) -> list[Drawing]:
        return [
            _pool(pool, [item for item in stack.workloads if pool.name in item.pools], colours, width)
            for pool in stack.pools_of(lane)
        ]

    return _band(f"lane {lane}", 4, cards)


def _band(title: str, across: int, cards: Callable[[int], Sequence[Drawing]]) -> Drawing:
    """A titled box of cards, ``across`` in a row, all of a row of one height."""
    inner = WIDTH - 2 * MARGIN
    width = (inner - (across + 1) * GAP) // across
    made = cards(width)
    rows: list[Drawing] = []
    for start in range(0, len(made), across):
        row = made[start : start + across]
        height = max(card.height for card in row)
        rows.append(
            Drawing(
                tuple(
                    f'<rect class="card" x="{x}" width="{width}" height="{height}" rx="6"/>\n{_moved(card, x, 0)}'
                    for x, card in ((GAP + index * (width + GAP), card) for index, card in enumerate(row))
                ),
                height,
            )
        )
    body = _stacked(rows, GAP)
    height = BAND_TITLE + body.height + GAP
    return Drawing(
        (
            f'<rect class="band" width="{inner}" height="{height}" rx="8"/>',
            _text(GAP, 21, title, "band-title"),
            _moved(body, 0, BAND_TITLE),
        ),
        height,
    )


def _pool(pool: Pool, workloads: Sequence[Workload], colours: Mapping[str, str], width: int) -> Drawing:
    room = width - 2 * GAP
    rows = [
        _lines(pool.name, room, "name"),
        _lines(
            f"{pool.nodes} x {pool.machine}, {pool.bought}" if pool.machine else f"nodes: {pool.nodes}", room, "soft"
        ),
        _nodes(pool, room),
        *([_lines(f"{pool.gpus_per_node} x {pool.gpu} a node", room), _lines(pool.shared, room)] if pool.gpu else []),
        *(_chip(f"{item.name}  {_pods(item)}", colours[item.tenant], room) for item in workloads),
    ]
    return _padded(_stacked(rows, 4))


def _pods(workload: Workload) -> str:
    return f"{workload.pods} x ({workload.gpu})" if workload.gpu else f"{workload.pods} pods"


def _tenant(tenant: Tenant, colour: str, width: int) -> Drawing:
    room = width - 2 * GAP
    rows = [
        _chip(tenant.name, colour, width // 3),
        _lines(f"may hold {tenant.quota}", room),
        _lines(f"GPUs: {tenant.gpus or 'none'}", room),
        _lines(f"may borrow: {tenant.borrows or 'nothing'}", room),
        _lines(f"groups: {tenant.groups or 'none'}", room, "soft"),
    ]
    return _padded(_stacked(rows, 4))


def _nodes(pool: Pool, room: int) -> Drawing:
    """The pool's least nodes, side by side where they fit."""
    found = re.match(r"\d+", pool.nodes)
    count = min(max(int(found.group()) if found else 1, 1), MOST_NODES)
    width = 4 + STEP * (pool.gpus_per_node or 2)
    across = max(1, (room + 6) // (width + 6))
    node = f'<rect class="node" width="{width}" height="{NODE}" rx="4"/>' + (
        "".join(_gpu(pool, 4 + STEP * index) for index in range(pool.gpus_per_node)) or _text(11, 17, "CPU", "soft")
    )
    places = [((index % across) * (width + 6), (index // across) * (NODE + 6)) for index in range(count)]
    elements = tuple(f'<g transform="translate({x} {y})">{node}</g>' for x, y in places)
    return Drawing(elements, places[-1][1] + NODE)


def _gpu(pool: Pool, x: int) -> str:
    """A GPU: cut into the parts that pods get; dashed where it is cut only when a part is claimed."""
    look = "claimed" if pool.shared.startswith("DRA") else "gpu"
    cuts = (round(x + GPU * part / pool.parts, 1) for part in range(1, pool.parts))
    return f'<rect class="{look}" x="{x}" y="4" width="{GPU}" height="{GPU}" rx="2"/>' + "".join(
        f'<path class="cut" d="M{cut:g} 4v{GPU}"/>' for cut in cuts
    )


def _chip(text: str, colour: str, width: int) -> Drawing:
    box = f'<rect class="{colour}" width="{width}" height="{CHIP}" rx="4"/>'
    return Drawing((box, _text(8, 14, text, "chip")), CHIP)


def _lines(text: str, width: int, look: str = "plain") -> Drawing:
    lines = wrap(text, int(width / CHARACTER), break_on_hyphens=False) or [""]
    elements = (_text(0, 12 + LINE * index, line, look) for index, line in enumerate(lines))
    return Drawing(tuple(elements), LINE * len(lines))


def _text(x: int, y: int, text: str, look: str) -> str:
    return f'<text class="{look}" x="{x}" y="{y}">{escape(text)}</text>'


def _stacked(rows: Sequence[Drawing], gap: int) -> Drawing:
    elements: list[str] = []
    top = 0
    for row in rows:
        elements.append(_moved(row, 0, top))
        top += row.height + gap
    return Drawing(tuple(elements), max(top - gap, 0))


def _padded(drawing: Drawing) -> Drawing:
    return Drawing((_moved(drawing, GAP, GAP - 2),), drawing.height + 2 * GAP - 2)


def _moved(drawing: Drawing, x: int, y: int) -> str:
    inside = "\n".join(drawing.elements)
    return f'<g transform="translate({x} {y})">\n{inside}\n</g>'
