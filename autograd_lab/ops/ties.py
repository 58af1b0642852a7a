"""Which of several equal elements comes first: PyTorch's answer, step by step.

PyTorch promises no order of equal elements (unless ``stable=True``), yet on a CPU it always gives
the same one: what the sorting and selecting of C++'s library leaves behind, that is D. R. Musser's
"Introspective sorting and selection algorithms" (1997), heaps included. So that a learner sees the
same indices here and there, rows with equal elements are sorted here in just those steps: in
tensors of up to 10,000 elements, as Python is slow at it. Beyond, equal elements keep their order.

``key`` holds the size of every element of a row, ``a`` their places in the order so far.
"""

import numpy as np

from ..device import on_host

LIMIT, SHORT = 10_000, 16


def settle(places, x, order, dim, find):
    """Ask ``find`` for the places in every row where elements are equal; keep the other rows.

    ``order`` sorts ``x``; ``places``, a fresh array, is changed and returned.
    """
    if not on_host(x) or not 0 < x.size <= LIMIT:
        return places
    sizes = np.take_along_axis(x, order, dim).swapaxes(dim, -1)
    before, after = sizes[..., :-1], sizes[..., 1:]
    same = (before == after) | ((before != before) & (after != after))  # nan equals nan here
    tied = same.any(axis=-1)
    if not tied.any():
        return places
    answers, steps = places.swapaxes(dim, -1), order.swapaxes(dim, -1)
    for row in map(tuple, np.argwhere(tied)):
        ranks = np.zeros(len(steps[row]), "int64")
        ranks[steps[row][1:]] = np.cumsum(~same[row])
        answers[row] = find(ranks.tolist())
    return places


# --- sorting


def introsort(key) -> list:
    """Sort: split until the parts are short, then let every element sink to its place.

    >>> introsort([3, 1, 2, 1])
    [1, 3, 2, 0]
    """
    a = list(range(len(key)))
    split(key, a, 0, len(a), 2 * len(a).bit_length() - 2)
    insert(key, a, 0, min(len(a), SHORT))
    for i in range(SHORT, len(a)):
        sink(key, a, i)
    return a


def split(key, a, first, last, depth):
    """Divide a part around a middle element, again and again, until the parts are short."""
    while last - first > SHORT:
        if not depth:
            select_by_heap(key, a, first, last, last)
            return sort_heap(key, a, first, last)
        depth -= 1
        cut = partition(key, a, first, last)
        split(key, a, cut, last, depth)
        last = cut
    return None


def partition(key, a, first, last):
    """Move what is smaller than the middle of three to the left, what is larger to the right."""
    x, y, z = first + 1, first + (last - first) // 2, last - 1
    low, high = (x, y) if key[a[x]] < key[a[y]] else (y, x)
    middle = high if key[a[high]] < key[a[z]] else z if key[a[low]] < key[a[z]] else low
    a[first], a[middle] = a[middle], a[first]
    pivot, i, j = key[a[first]], first + 1, last
    while True:
        while key[a[i]] < pivot:
            i += 1
        j -= 1
        while pivot < key[a[j]]:
            j -= 1
        if i >= j:
            return i
        a[i], a[j] = a[j], a[i]
        i += 1


def insert(key, a, first, last):
    """Sort a short part by inserting one element after the other."""
    for i in range(first + 1, last):
        if key[a[i]] < key[a[first]]:
            a[first : i + 1] = [a[i], *a[first:i]]
        else:
            sink(key, a, i)


def sink(key, a, i):
    """Move one element left until it meets one that is not larger."""
    moved = a[i]
    while key[moved] < key[a[i - 1]]:
        a[i] = a[i - 1]
        i -= 1
    a[i] = moved


# --- selecting


def nth(key, k) -> list:
    """Put the ``k``-th in its place, what is smaller before it, the rest behind it.

    >>> nth([5, 3, 1, 2, 4], 2)
    [2, 3, 1, 0, 4]
    """
    a = list(range(len(key)))
    first, last, depth = 0, len(a), 2 * len(a).bit_length() - 2
    while last - first > 3:
        if not depth:
            select_by_heap(key, a, first, k + 1, last)
            a[first], a[k] = a[k], a[first]
            return a
        depth -= 1
        cut = partition(key, a, first, last)
        first, last = (cut, last) if cut <= k else (first, cut)
    insert(key, a, first, last)
    return a


def smallest(key, k, in_order=True) -> list:
    """Take the ``k`` smallest, by a heap where they are few among many.

    >>> smallest([5, 3, 1, 2, 4], 2)
    [2, 3]
    """
    if not k:
        return []
    if k * 64 <= len(key):
        a = list(range(len(key)))
        select_by_heap(key, a, 0, k, len(a))
        sort_heap(key, a, 0, k)
        return a[:k]
    a = nth(key, k - 1)
    if in_order:
        found = introsort([key[place] for place in a[: k - 1]])
        a[: k - 1] = [a[i] for i in found]
    return a[:k]


def quickselect(key, k) -> int:
    """Find the ``k``-th smallest as kthvalue does: split around the middle of three.

    >>> quickselect([5, 3, 1, 2, 4], 2)
    1
    """
    a = list(range(len(key)))
    first, last = 0, len(a) - 1

    def swap_if_larger(i, j):
        if key[a[i]] > key[a[j]]:
            a[i], a[j] = a[j], a[i]

    while last > first + 1:
        middle = first + (last - first) // 2
        a[middle], a[first + 1] = a[first + 1], a[middle]
        swap_if_larger(first + 1, last)
        swap_if_larger(first, last)
        swap_if_larger(first + 1, first)
        pivot, i, j = key[a[first]], first + 1, last
        while True:
            i, j = i + 1, j - 1
            while pivot > key[a[i]]:
                i += 1
            while key[a[j]] > pivot:
                j -= 1
            if j < i:
                break
            a[i], a[j] = a[j], a[i]
        a[first], a[j] = a[j], a[first]
        first, last = (i if j <= k else first), (j - 1 if j >= k else last)
    if last == first + 1:
        swap_if_larger(first, last)
    return a[k]


def most_frequent(key) -> int:
    """Find the element that occurs most often: the last of its run, once sorted.

    >>> most_frequent([3, 1, 2, 1])
    3
    """
    best = count = 0
    found, a = 0, introsort(key)
    for here, after in zip(a, [*a[1:], None]):
        count += 1
        if after is None or key[here] != key[after]:
            if count > best:
                best, found = count, here
            count = 0
    return found


# --- heaps: every element at least as large as the two below it


def select_by_heap(key, a, first, middle, last):
    """Gather the smallest between first and middle: a heap whose top makes room."""
    size = middle - first
    for parent in range(size // 2 - 1, -1, -1):
        settle_down(key, a, first, parent, size, a[first + parent])
    for i in range(middle, last):
        if key[a[i]] < key[a[first]]:
            moved, a[i] = a[i], a[first]
            settle_down(key, a, first, 0, size, moved)


def sort_heap(key, a, first, last):
    """Take the top, the largest, to the end, as long as there is one."""
    for end in range(last - 1, first, -1):
        moved, a[end] = a[end], a[first]
        settle_down(key, a, first, 0, end - first, moved)


def settle_down(key, a, first, hole, size, moved):
    """Let larger elements rise into a hole, down to the bottom; ``moved`` rises from there."""
    top = hole
    while (child := 2 * hole + 2) < size:
        if key[a[first + child]] < key[a[first + child - 1]]:
            child -= 1
        a[first + hole], hole = a[first + child], child
    if child == size:
        a[first + hole], hole = a[first + child - 1], child - 1
    while hole > top and key[a[first + (hole - 1) // 2]] < key[moved]:
        a[first + hole] = a[first + (hole - 1) // 2]
        hole = (hole - 1) // 2
    a[first + hole] = moved


# --- nan among the elements: to C++'s "<" it is neither smaller nor larger than anything


class Row(list):
    """A row of a matrix, compared as PyTorch does: a nan says nothing, the next decides."""

    def __lt__(self, other):
        for mine, yours in zip(self, other):
            if mine < yours:
                return True
            if mine > yours:
                return False
        return False


def order_of_rows(rows):
    """Say in which order PyTorch puts the rows of a matrix."""
    try:
        return introsort([Row(row) for row in rows.tolist()])
    except IndexError:  # a nan let the search run out of the row: C++ reads what is there
        return np.argsort(rows[:, 0])


def settle_nan(places, x, dim, find):
    """Ask ``find`` for the places in every row that has a nan in it."""
    if not on_host(x) or x.dtype.kind != "f" or x.size > LIMIT:
        return places
    rows, answers = np.moveaxis(x, dim, -1), np.moveaxis(places, dim, -1)
    for row in map(tuple, np.argwhere((rows != rows).any(axis=-1))):
        try:
            answers[row] = find(rows[row].tolist())
        except IndexError:  # as above
            pass
    return places
