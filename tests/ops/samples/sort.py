"""Samples of ops/sort.py."""

import numpy as np
import torch

from tests.ops.refusals import R, answered
from tests.ops.samples import S, b, f, i

ONCE = np.arange(12.0)[::-1].reshape(3, 4).copy()


def in_order(x, dim=-1, descending=False):
    """Sort with PyTorch, equal ones in their order."""
    return tuple(torch.sort(x, dim=dim, descending=descending, stable=True))


def at_place(x, k, dim, keepdim=False, any_nan=False):
    """Take the k-th with PyTorch, which counts from 1."""
    return tuple(torch.kthvalue(x, k + 1, dim, keepdim))


FLOATS = ("float32",)
TABLE = {
    "argsort": [S(f(2, 3)), S(f(2, 3), 0, True), S(f()), R(f(2), 1), S(b(4), stable=True)],
    "bincount": [
        S(i(6, low=0, high=4)), S(i(6, low=0, high=4), minlength=9), R(i(3, low=-3, high=0)),
        R(f(3)),
    ],
    "bucketize": [S(f(2, 3), np.array([-1.0, 0, 1])), S(i(4), np.array([0, 0, 2]), right=True)],
    "histc": [S(f(8), 4), S(f(8), bins=3, min=-1, max=1), R(f(8), 0)],
    "isin": [S(i(2, 3), i(3)), S(i(4), 2), S(i(4), i(2), invert=True)],
    "kthvalue": [S(f(2, 5), 2), S(f(5, 2), 3, 0, True), S(f(), 1), R(f(3), 4), R(f(3), 0)],
    "median": [
        S(f(2, 5)), S(f(2, 4), 1), S(f(4, 2), 0, True), S(f()), S(np.array([1, np.nan, 0.0]),
        0, smooth=False),
               R(np.zeros((2, 0)), 1)],
    "median_of_all": [S(x, torch=torch.median) for x in (f(7), f(2, 4), f())],
    "mode": [
        S(np.array([[1.0, 2, 2, 3], [4, 4, 0, 0]]), smooth=False), S(i(3, 4, low=0, high=2), 1),
    ],
    "msort": [S(f(4, 2))],
    "nanmedian": [
        S(f(2, 5)), S(np.array([[1, np.nan, 0.0, 5], [7, 1, 3, np.nan]]),
        1, smooth=False, only=FLOATS),
    ],
    "place_in_order": [
        S(f(2, 5), 1, 1, torch=at_place, only=FLOATS), S(f(5, 2),
        2, 0, True, torch=at_place, only=FLOATS),
        S(f(), 0, 0, torch=at_place),
    ],
    "searchsorted": [
        S(np.array([1.0, 3, 5]), f(2, 3)), S(np.sort(f(2, 4)), f(2, 3), right=True),
        S(np.array([1.0, 3, 5]), f(4), side="right", out_int32=True), R(np.sort(f(2, 4)), f(3)),
    ],
    "sort": [S(f(2, 3)), S(f(2, 3), 0, True), S(f()), S(b(6), stable=True), R(f(2), 1)],
    "sorted_along": [
        S(f(2, 3), torch=in_order), S(f(3, 2), 0, True, torch=in_order), S(f(), torch=in_order),
        S(np.array([3.0, np.nan, 1, np.nan, 1]), torch=in_order, smooth=False, only=FLOATS),
        S(np.array([3.0, np.nan, 1, np.nan, 1]),
        0, True, torch=in_order, smooth=False, only=FLOATS),
    ],
    "topk": [
        S(f(2, 5), 2, only=FLOATS), S(f(5, 2), 3, 0, False, only=FLOATS), S(f(), 1), R(f(3), 4),
    ],
    "topk_along": [
        S(ONCE, 2, torch=lambda *s: tuple(torch.topk(*s))),
        S(f(5, 2), 3, 0, False, torch=lambda *s: tuple(torch.topk(*s)), only=FLOATS),
    ],
    "unique": [
        S(i(8, low=0, high=4)), S(i(2, 4, low=0, high=3), return_inverse=True, return_counts=True),
        S(i(4, 2, low=0, high=2), dim=0), S(b(4)), S(i(0)),
    ],
    "unique_consecutive": [
        S(i(8, low=0, high=2)), S(i(2, 6, low=0, high=2), return_inverse=True, return_counts=True),
        S(i(6, 1, low=0, high=2), dim=0, return_inverse=True), S(i(0)),
    ],
}  # fmt: skip
SAMPLES = answered(TABLE)
