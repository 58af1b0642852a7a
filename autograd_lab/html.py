"""How a tensor looks in a notebook: a card of its numbers as colours, with its gradient beside.

Blue is negative, orange positive, the deeper the larger; zero is a trace of grey, and what is not
a number carries a sign. Plain HTML without script, style sheet or SVG, which a saved notebook keeps
even where nobody trusts it. The ink is inherited, so that the card follows every theme.
"""

import math
import struct
import zlib
from base64 import b64encode
from dataclasses import dataclass
from html import escape

import numpy as np

from . import printing
from .device import cpu, device_of, move
from .formula import plain

NUMBERS = 100  # up to so many elements, the cells show the numbers themselves
CELLS = 784  # of one map: an MNIST digit is shown whole
WIDEST, TALLEST = 72, 40  # columns and rows of a map
HOVERS = 1600  # on up to so many cells, the pointer reads each value
SAMPLE = 2**18  # a larger tensor's statistics are estimated from about so many elements
STEPS = 16  # of colour on either side of zero

BELOW, ABOVE, ZERO, BAD = (47, 126, 214), (226, 88, 44), (128, 128, 128), (168, 45, 190)
STRIPES = {"op": "#3f86d8", "parameter": "#d68f1f", "input": "#3aa06c"}
SIGNS = {
    "nan": ("#...#", ".#.#.", "..#..", ".#.#.", "#...#"),
    "inf": ("..#..", "..#..", "#####", "..#..", "..#.."),
    "-inf": (".....", ".....", "#####", ".....", "....."),
}
MONO = "font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:12px"
SOFT = "opacity:.72"
FLEX = "display:flex;flex-wrap:wrap"


def tensor_html(tensor) -> str | None:
    """Draw a tensor's card; None where ``set_printoptions(html=False)`` asks for plain text."""
    if not printing.options.html:
        return None
    value, grad = _indexable(tensor.array), tensor._grad
    facts = look(value)
    panels = [("" if grad is None else "value", value, facts)]
    if grad is not None:
        slope = _indexable(grad.array)
        panels.append(("gradient", slope, look(slope)))
    drawn = "".join(_panel(*panel, len(panels)) for panel in panels)
    style = (
        f"border-left:3px solid {STRIPES[_kind(tensor)]};padding:1px 0 2px 12px;margin:3px 0;"
        "line-height:1.5;font-size:13px"
    )
    return (
        '<div class="mathjax_ignore tex2jax_ignore" role="group" '
        f'aria-label="{_safe(sentence(tensor, facts), 500)}" style="{style}">{_header(tensor)}'
        f'<div style="{FLEX};gap:6px 36px">{drawn}</div></div>'
    )


def sentence(tensor, facts) -> str:
    """Say in one sentence what the card shows, for those who listen."""
    shape = " by ".join(map(str, tensor.array.shape))
    said = [f"tensor of shape {shape}" if shape else "scalar tensor", tensor.dtype.name]
    if facts.low is not None:
        size = "size " if tensor.dtype.is_complex else ""
        low, high = short(facts.low), short(facts.high)
        said.append(f"{size}from {low} to {high}" if shape else f"{size}{low}")
    said.append(facts.bad() or ("no NaN" if tensor.array.size else "no elements"))
    return ", ".join(said)


def _indexable(array):
    return np.asarray(array) if isinstance(array, np.generic) else array


# --- the header


def _kind(tensor):
    if not tensor.is_leaf:
        return "op"
    named = any(cls.__name__ == "Parameter" for cls in type(tensor).__mro__)
    return "parameter" if named else "input"


def _header(tensor) -> str:
    name = tensor.__dict__.get("name")
    name = f"{_code(name)}&emsp;" if type(name) is str and name else ""
    shape = " × ".join(map(str, tensor.array.shape)) or "scalar"
    facts = [tensor.dtype.name, str(tensor.device), *_wishes(tensor)]
    return (
        f"<div><b>{_safe(type(tensor).__name__)}</b>&emsp;{name}"
        f'<span style="{MONO}">{shape}</span>&emsp;'
        f'<span style="{SOFT}">{" · ".join(facts)}</span></div>'
    )


def _wishes(tensor):
    """Say where the tensor came from, and what becomes of its gradient."""
    if (node := tensor.grad_fn) is not None:
        formula = _safe(plain(type(node).formula), 120)
        yield f"from {_code(node.name())}" + (f"&ensp;<i>{formula}</i>" if formula else "")
        if tensor._grad is None:
            yield '<span title="retain_grad() before backward() keeps it">gradient not kept</span>'
    elif tensor.requires_grad:
        yield "requires grad"
        if tensor._grad is None:
            yield "gradient: none yet"


def _safe(text, most=60) -> str:
    """Make a stranger's text one short line of visible characters that mean nothing in HTML."""
    seen = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:most])
    return escape(seen + ("…" if len(text) > most else ""))


def _code(text) -> str:
    return f'<span style="{MONO}">{_safe(text)}</span>'


# --- what the numbers amount to


@dataclass(frozen=True)
class Look:
    """What the numbers of an array amount to; None where there is no finite number."""

    low: float | None = None
    high: float | None = None
    mean: float | None = None
    norm: float | None = None
    counts: tuple = ()  # a histogram between low and high
    nans: int = 0
    infinite: int = 0
    sampled: bool = False

    @property
    def top(self) -> float:
        """Give the size that has the deepest colour."""
        return max(abs(self.low or 0), abs(self.high or 0)) or 1.0

    def bad(self) -> str:
        """Count in words what is not a finite number."""
        counts = (self.nans, "NaN"), (self.infinite, "infinite")
        return " and ".join(f"{count:,} {word}" for count, word in counts if count)


def look(array) -> Look:
    """Find extremes, mean and norm of an array, and count what is not a finite number.

    The count is exact; the rest of a large array is estimated from an evenly spaced sample.
    """
    xp = device_of(array).xp
    with np.errstate(all="ignore"):
        nans, infinite = _count_bad(xp, array)
        part = thinned(array)
        part = (xp.abs(part) if part.dtype.kind == "c" else part).astype(xp.float64).reshape(-1)
        if nans or infinite:
            part = part[xp.isfinite(part)]
        if not part.size:
            return Look(nans=nans, infinite=infinite)
        low, high, mean = float(part.min()), float(part.max()), float(part.mean())
        scale = max(abs(low), abs(high)) or 1.0  # so that no square overflows
        norm = scale * float(xp.sqrt(((part / scale) ** 2).sum() * (array.size / part.size)))
        few = move(part[:: max(1, part.size // 4096)], cpu)
    few, first, wide = few / scale, low / scale, high / scale - low / scale
    counts = np.bincount(((few - first) / (wide or 1) * 23.999).astype(int), minlength=24)
    counts = tuple(counts.tolist())
    return Look(low, high, mean, norm, counts, nans, infinite, array.size > SAMPLE)


def _count_bad(xp, array):
    if array.dtype.kind not in "fc":
        return 0, 0
    total = complex(array.sum())
    if math.isfinite(total.real) and math.isfinite(total.imag):
        return 0, 0  # a single NaN or infinity would have spoiled the sum
    nans = int(xp.isnan(array).sum())
    return nans, int(array.size - xp.isfinite(array).sum()) - nans


def thinned(array):
    """Leave out every other slice until few enough elements remain: a view, never a copy."""
    while array.size > SAMPLE:
        axis = max(range(array.ndim), key=lambda a: array.shape[a])
        array = array[(slice(None),) * axis + (slice(None, None, 2),)]
    return array


def short(value, digits=3) -> str:
    """Write a number as briefly as the eye needs it.

    >>> [short(v) for v in (0.25, -1234, 0.000012, 2.0, math.inf, math.nan)]
    ['0.25', '−1234', '1.2e−5', '2', '∞', 'NaN']
    """
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, complex):
        imaginary = short(value.imag, digits)
        return f"{short(value.real, digits)}{'' if imaginary[0] == '−' else '+'}{imaginary}j"
    if not math.isfinite(value):
        return "NaN" if value != value else "∞" if value > 0 else "−∞"
    if value and not 1e-3 <= abs(value) < 1e5:
        mantissa, _, power = f"{value:.{max(digits - 2, 0)}e}".partition("e")
        text = f"{mantissa}e{int(power)}"
    elif value == int(value):
        text = str(int(value))
    else:
        text = f"{value:.{max(digits, len(str(int(abs(value)))))}g}"
    return text.replace("-", "−")


# --- the picture of values, or of a gradient


@dataclass(frozen=True)
class Block:
    """What is shown of one two-dimensional piece of an array."""

    lead: tuple  # its place among the pieces
    rows: list
    columns: list
    values: np.ndarray
    vector: bool

    def place(self, row, column) -> str:
        """Write the index of an element."""
        row = [] if self.vector else [self.rows[row]]
        return str([*self.lead, *row, self.columns[column]])


def blocks_of(array):
    """Cut an array into two-dimensional pieces: the first few of them, and how many are left."""
    vector = array.ndim == 1
    lead, (height, width) = array.shape[:-2], (1, *array.shape)[-2:]
    count = math.prod(lead)
    widest = NUMBERS if array.size <= NUMBERS else WIDEST if count == 1 else WIDEST // 2
    columns = _some(width, min(widest, max(28, CELLS // min(height, 28))))
    tallest = NUMBERS if array.size <= NUMBERS else TALLEST
    rows = _some(height, min(tallest, max(28, CELLS // len(columns))))
    shown = min(count, max(4, min(12, 1000 // (len(rows) * len(columns)))))
    xp = device_of(array).xp
    grid = xp.ix_(xp.asarray(rows), xp.asarray(columns))
    blocks = []
    for number in range(shown):
        place = tuple(map(int, np.unravel_index(number, lead))) if lead else ()
        piece = array[None] if vector else array[place]
        blocks.append(Block(place, rows, columns, move(piece[grid], cpu), vector))
    return blocks, count - shown


def _some(size, most):
    """Choose at most so many places, evenly, the first and the last among them."""
    return np.linspace(0, size - 1, min(size, most)).astype(int).tolist()


def _panel(title, array, facts, panels) -> str:
    caption = f'<div style="{SOFT};font-size:12px">{title}</div>' if title else ""
    if array.size == 0:
        return f'<div style="{SOFT}">no elements</div>'
    if array.ndim == 0:
        return f"<div>{caption}{_number(array)}</div>"
    blocks, more = blocks_of(array)
    cells = panels * sum(block.values.size for block in blocks)
    if array.size <= NUMBERS:
        drawn = [_table(block, facts) for block in blocks]
    else:
        drawn = [_map(block, facts, len(blocks) == 1, cells) for block in blocks]
    pieces = "".join(map(_framed, drawn, blocks))
    if more:
        pieces += f'<div style="{SOFT};align-self:center">+ {more:,} more</div>'
    return (
        f'<div style="max-width:100%;overflow-x:auto">{caption}'
        f'<div style="{FLEX};gap:8px 14px;margin:3px 0">{pieces}</div>'
        f"{_amount(array, facts, blocks[0])}</div>"
    )


def _framed(drawn, block) -> str:
    if not block.lead:
        return drawn
    return f'<div><div style="{MONO};{SOFT}">{list(block.lead)}</div>{drawn}</div>'


def _number(array) -> str:
    value = array.item()
    style = "font-size:24px;line-height:1.35;font-weight:600"
    if _sign(value):
        style += f";background:{_css(BAD, 0.32)};padding:0 7px"
    return f'<div><span style="{style}" title="{value!r}">{short(value, 6)}</span></div>'


def _table(block, facts) -> str:
    """Write the numbers themselves, on their colours; a long vector goes over several lines."""
    line = 10 if block.vector and len(block.columns) > 16 else len(block.columns)
    rows = []
    for r, numbers in enumerate(block.values.tolist()):
        drawn = [_cell(v, facts.top, f"{block.place(r, c)} = {v}") for c, v in enumerate(numbers)]
        rows += ["".join(drawn[i : i + line]) for i in range(0, len(drawn), line)]
    body = "".join(f'<tr style="background:none">{row}</tr>' for row in rows)
    style = f"{MONO};margin:0;border-collapse:separate;border-spacing:1px;border:none"
    return f'<table style="{style}"><tbody>{body}</tbody></table>'


def _cell(value, top, title) -> str:
    sign, size = _sign(value), _size(value)
    depth = 0.42 if sign else 0.07 + 0.5 * min(1.0, abs(size) / top)
    colour = _css(BAD if sign else ABOVE if size > 0 else BELOW if size < 0 else ZERO, depth)
    weight = ";font-weight:700" if sign else ""
    style = f"padding:1px 7px;text-align:right;background:{colour}{weight}"
    return f'<td title="{title}" style="{style}">{short(value)}</td>'


def _map(block, facts, alone, cells) -> str:
    """Paint the colours only, and lay the values on top for the pointer to find."""
    height, width = block.values.shape
    fitting = min(504 // width, 280 // height) if alone else 150 // max(height, width)
    wide = max(4, min(12, fitting))
    high = 22 if height == 1 else wide
    picture = b64encode(_png(block.values, facts.top, wide, high)).decode()
    size = f"width:{width * wide}px;height:{height * high}px"
    there = f"{size};position:absolute;top:0;left:0"
    hover = _hover(block.values, cells, wide, high, there) if cells <= HOVERS else ""
    return (
        f'<div style="position:relative;{size}"><img alt="map of {height} by {width} values" '
        f'src="data:image/png;base64,{picture}" style="{there};max-width:none;margin:0">'
        f"{hover}</div>"
    )


def _hover(values, cells, wide, high, there) -> str:
    """Lay a grid over a map that tells the value under the pointer; two at once if many."""
    several = math.ceil(cells / 800)
    tips = [
        " ".join(short(v, 4 - several) for v in row[i : i + several]).replace("−", "-")
        for row in values.tolist()
        for i in range(0, len(row), several)
    ]
    marks = "".join(f'<i title="{tip}"></i>' for tip in tips)
    columns = f"repeat({len(tips) // len(values)},{several * wide}px)"
    rows = f"repeat({len(values)},{high}px)"
    style = f"{there};display:grid;grid-template-columns:{columns};grid-template-rows:{rows}"
    return f'<div style="{style}">{marks}</div>'


def _amount(array, facts, block) -> str:
    """Write the line under a picture."""
    parts = []
    if facts.sampled:
        parts.append(f'<span title="estimated from a sample" style="{SOFT}">about</span>')
    if array.dtype.kind == "b":
        parts.append(f"{short(100 * facts.mean)} % True")
    elif facts.low is not None:
        of = " of |·|" if array.dtype.kind == "c" else ""
        names = ("min", facts.low), ("mean", facts.mean), ("max", facts.high), ("norm", facts.norm)
        parts += [f'<span style="{SOFT}">{name}{of}</span> {short(value)}' for name, value in names]
    if facts.bad():
        parts.append(f'<b style="background:{_css(BAD, 0.32)};padding:0 5px">{facts.bad()}</b>')
    below = [_histogram(facts), _left_out(array.shape, block)] if array.size > NUMBERS else []
    return _line(parts) + _line(below)


def _line(parts) -> str:
    spans = "".join(f"<span>{part}</span>" for part in parts if part)
    return f'<div style="{FLEX};gap:0 14px;font-size:12px">{spans}</div>' if spans else ""


def _histogram(facts) -> str:
    if not (most := max(facts.counts, default=0)):
        return ""
    bars = "".join("▁▂▃▄▅▆▇█"[math.ceil(7 * n / most)] for n in facts.counts)
    title = f"histogram: {len(facts.counts)} equal steps from min to max"
    return f'<span title="{title}" style="{MONO};opacity:.5">{bars}</span>'


def _left_out(shape, block) -> str:
    sides = (("rows", block.rows, (1, *shape)[-2]), ("columns", block.columns, shape[-1]))
    drawn = [
        f"{len(shown)} of {size:,} {'elements' if block.vector else name}"
        for name, shown, size in sides
        if len(shown) < size
    ]
    return f'<span style="{SOFT}">{", ".join(drawn)} drawn</span>' if drawn else ""


# --- colours


def _sign(value) -> str:
    """Name what is wrong with a number: "" for a good one."""
    size = abs(value) if isinstance(value, complex) else value
    return "" if math.isfinite(size) else "nan" if size != size else "inf" if size > 0 else "-inf"


def _size(value):
    return abs(value) if isinstance(value, complex) else value


def _css(colour, depth) -> str:
    return f"rgba({colour[0]},{colour[1]},{colour[2]},{depth:.3g})"


def _palette():
    """List the colours of a map: nothing, blue to grey to orange, not a number, and its sign."""
    depths = [0.08 + 0.9 * step / STEPS for step in range(1, STEPS + 1)]
    colours = [(0, 0, 0, 0), *((*BELOW, d) for d in reversed(depths)), (*ZERO, 0.16)]
    return [*colours, *((*ABOVE, d) for d in depths), (*BAD, 1), (255, 255, 255, 1)]


def _shades(values, top):
    """Turn numbers into places in the palette."""
    sizes = np.abs(values) if values.dtype.kind == "c" else values.astype(np.float64)
    with np.errstate(invalid="ignore"):
        steps = np.ceil(np.clip(np.abs(sizes) / top, 0, 1) * STEPS) * np.sign(sizes)
        return np.where(np.isfinite(sizes), steps + STEPS + 1, 2 * STEPS + 2).astype(np.uint8)


def _png(values, top, width, height) -> bytes:
    """Paint a map, every cell so wide and so high, as a picture with a palette."""
    image = _shades(values, top).repeat(height, 0).repeat(width, 1)
    if min(width, height) >= 7:
        image[height - 1 :: height] = 0
        image[:, width - 1 :: width] = 0
        _draw_signs(image, values, width, height)
    colours = _palette()
    lines = np.pad(image, ((0, 0), (1, 0))).tobytes()  # each line begins with 0: not filtered
    size = struct.pack(">IIBBBBB", image.shape[1], image.shape[0], 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join([
        _chunk(b"IHDR", size),
        _chunk(b"PLTE", bytes(part for colour in colours for part in colour[:3])),
        _chunk(b"tRNS", bytes(round(255 * colour[3]) for colour in colours)),
        _chunk(b"IDAT", zlib.compress(lines, 9)),
        _chunk(b"IEND", b""),
    ])  # fmt: skip


def _chunk(name, data) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _draw_signs(image, values, width, height):
    """Mark what is not a number by a sign too, for those who see no difference in colour."""
    for row, column in np.argwhere(~np.isfinite(values)).tolist():
        sign = SIGNS[_sign(values[row, column].item())]
        y, x = row * height + (height - 6) // 2, column * width + (width - 6) // 2
        mask = np.array([[c == "#" for c in line] for line in sign])
        image[y : y + 5, x : x + 5][mask] = 2 * STEPS + 3
