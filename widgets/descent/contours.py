"""Lines of equal height, as closed rings around all that lies lower."""

import numpy as np

# The four edges of a cell: top 0, right 1, bottom 2, left 3.  Corners count 8 4 / 1 2 where they
# are low.  Each segment (from, to) has the low side on its left.
SEGMENTS = {
    1: [(2, 3)], 2: [(1, 2)], 3: [(1, 3)], 4: [(0, 1)], 5: [(0, 1), (2, 3)], 6: [(0, 2)],
    7: [(0, 3)], 8: [(3, 0)], 9: [(2, 0)], 10: [(1, 2), (3, 0)], 11: [(1, 0)], 12: [(3, 1)],
    13: [(2, 1)], 14: [(3, 2)],
}  # fmt: skip


def rings(heights, level):
    """Outline the places lower than ``level``; each ring is an array of (x, y) from 0 to 1.

    >>> slope = np.add.outer(np.zeros(3), [0.0, 1.0, 2.0])
    >>> [(ring.min(0).tolist(), ring.max(0).tolist()) for ring in rings(slope, 0.5)]
    [([0.0, 0.0], [0.25, 1.0])]
    """
    field = np.pad(np.asarray(heights, float), 1, constant_values=np.inf)
    low = field < level
    case = 8 * low[:-1, :-1] + 4 * low[:-1, 1:] + 2 * low[1:, 1:] + low[1:, :-1]
    after = {}
    for i, j in np.argwhere((case > 0) & (case < 15)).tolist():
        edges = ((0, i, j), (1, i, j + 1), (0, i + 1, j), (1, i, j))
        for start, end in SEGMENTS[int(case[i, j])]:
            after[edges[start]] = edges[end]
    found = []
    while after:
        edge, next_edge = after.popitem()
        ring = [edge]
        while next_edge in after:
            ring.append(next_edge)
            next_edge = after.pop(next_edge)
        found.append(_places(field, level, ring))
    return sorted(found, key=len, reverse=True)


def _places(field, level, ring):
    """Put each crossing on its edge, where the height would be the level."""
    down, i, j = np.array(ring).T
    a, b = field[i, j], field[i + down, j + 1 - down]
    with np.errstate(invalid="ignore"):
        share = np.where(np.isinf(a), 1.0, np.where(np.isinf(b), 0.0, (level - a) / (b - a)))
    places = np.stack([j + share * (1 - down) - 1, i + share * down - 1], 1)
    return np.clip(places / (np.array(field.shape[::-1]) - 3), 0, 1)


def levels(heights, low, most=12):
    """Choose heights for lines: each half as far above the lowest as the one before.

    >>> levels(np.array([[0.0, 8.0], [1.0, 3.0]]), 0.0, most=3)
    [4.0, 2.0]
    """
    fine = heights[np.isfinite(heights)]
    if not fine.size or not fine.max() > low:
        return []
    steps = [low + float(fine.max() - low) / 2**k for k in range(1, most + 1)]
    # A line around fewer places than these would be a speck of the grid, not of the bowl.
    enough = min(6, fine.size // 2)
    return [level for level in steps if (fine < level).sum() >= enough]
