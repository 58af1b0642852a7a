"""Products of vectors and matrices: matmul and its relatives."""

import math

from ..core import TENSORS, Array, Op
from ..dispatch import op
from .shape import sum_to


def legacy(dtype) -> str:
    """Give an array dtype the name that PyTorch's messages use: Float, Double, Long."""
    named = {
        "float32": "Float", "float64": "Double", "float16": "Half", "int64": "Long",
        "int32": "Int", "int16": "Short", "int8": "Char", "uint8": "Byte", "bool": "Bool",
        "complex64": "ComplexFloat", "complex128": "ComplexDouble",
    }  # fmt: skip
    return named[dtype.name]


def check_same_dtype(a, b, sentence="expected m1 and m2 to have the same dtype, but got: {} != {}"):
    """Raise PyTorch's error where the operands of a product are of two dtypes."""
    if a.dtype != b.dtype:
        c_name = {"Float": "float", "Double": "double", "Long": "long int", "Int": "int"}
        names = [legacy(x.dtype) for x in (a, b)]
        said = sentence.format(*[c_name.get(n, n) for n in names])
        raise RuntimeError(f"{said}. Convert one of them: a @ b.to(a.dtype)")


def fits(a, b) -> bool:
    """Say whether arrays of these two shapes can be multiplied.

    >>> fits((32, 10), (10, 5)), fits((32, 10), (20, 5))
    (True, False)
    """
    if not a or not b:
        return False
    inner = b[0] if len(b) == 1 else b[-2]
    leads = zip(reversed(a[:-2]), reversed(b[:-2]))
    return a[-1] == inner and all(m == n or 1 in (m, n) for m, n in leads)


def repairs(a, b) -> str:
    """Word what would make two shapes fit: only what was tried on them.

    >>> repairs((32, 10), (5, 10))
    ' The inner sizes 10 and 5 differ; a @ b.T would fit and give (32, 5).'
    """
    inner = b[0] if len(b) == 1 else b[-2]
    said = f" The inner sizes {a[-1]} and {inner} differ" if a[-1] != inner else ""
    tried = []
    for change_a, change_b in ((0, 1), (1, 0), (1, 1)):
        sizes = [_flipped(s) if change else s for s, change in ((a, change_a), (b, change_b))]
        if None not in sizes and fits(*sizes):
            flip = ".T" if len(a) == len(b) == 2 else ".mT"
            tried.append((
                f"a{flip * change_a} @ b{flip * change_b}", result_shape(*sizes),
            ))  # fmt: skip
    if not tried:
        return said and said + "."
    works = " or ".join(f"{spelled} would fit and give {shape}" for spelled, shape in tried)
    return f"{said};" * bool(said) + f" {works}."


def _flipped(shape):
    return (*shape[:-2], shape[-1], shape[-2]) if len(shape) > 1 else None


def result_shape(a, b) -> tuple:
    """Give the shape of the product of two shapes that fit."""
    lead = []
    for i in range(max(len(a), len(b)) - 2, 0, -1):
        m = a[-2 - i] if len(a) >= 2 + i else 1
        n = b[-2 - i] if len(b) >= 2 + i else 1
        lead.append(n if m == 1 else m)
    return (*lead, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


def mismatch(a, b):
    """Word that two shapes cannot be multiplied: PyTorch's sentence, then what would work."""
    if not a or not b:
        return RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {len(a)}D and {len(b)}D"
        )
    if a[-1] == (b[0] if len(b) == 1 else b[-2]):
        lead_a, lead_b = a[:-2], b[:-2]
        back = next(
            i for i in range(1, min(len(lead_a), len(lead_b)) + 1)
            if lead_a[-i] != lead_b[-i] and 1 not in (lead_a[-i], lead_b[-i])
        )  # fmt: skip
        return RuntimeError(
            f"The size of tensor a ({lead_a[-back]}) must match the size of tensor b "
            f"({lead_b[-back]}) at non-singleton dimension {max(len(a), len(b)) - 2 - back} "
            f"(matmul of shapes {list(a)} and {list(b)}: all but the last two dimensions count "
            "the matrices)"
        )
    if len(a) == len(b) == 1:
        said = (
            f"inconsistent tensor size, expected tensor [{a[0]}] and src [{b[0]}] to have the same "
            f"number of elements, but got {a[0]} and {b[0]} elements respectively."
        )
    elif len(b) == 1:
        rows = math.prod(a[:-1])
        said = f"size mismatch, got input ({rows}), mat ({rows}x{a[-1]}), vec ({b[0]})."
    elif len(a) > 2 and len(b) > 2:
        count = math.prod(result_shape(a, (*b[:-2], a[-1], b[-1]))[:-2])
        said = (
            f"Expected size for first two dimensions of batch2 tensor to be: [{count}, {a[-1]}] "
            f"but got: [{count}, {b[-2]}]."
        )
    else:
        rows = math.prod(a[:-1])
        said = f"mat1 and mat2 shapes cannot be multiplied ({rows}x{a[-1]} and {b[-2]}x{b[-1]})."
    return RuntimeError(said + repairs(a, b))


def product(a, b):
    """Multiply two matrices inside a gradient rule: arrays take the shorter road of ``dot``."""
    return a @ b if type(a) in TENSORS else a.dot(b)


def flipped(x):
    """Swap the last two dimensions: of arrays and of Tensors."""
    return x.T if len(x.shape) == 2 else x.swapaxes(-1, -2)


def rows(x):
    """Lay everything but the last dimension out as the rows of one matrix."""
    shape = x.shape
    return x if len(shape) == 2 else x.reshape((math.prod(shape[:-1]), shape[-1]))


@op
class matmul(Op):
    r"""Multiply matrices, vectors, or stacks of matrices: ``a @ b``.

    A vector on the left is a row, on the right a column. More than two dimensions are a stack of
    matrices; stacks are broadcast.

    >>> torch.tensor([[1., 2.], [3., 4.]]) @ torch.tensor([1., 10.])
    tensor([21., 43.])
    """

    formula = r"y = a\, b"
    gradient = r"\bar a = \bar y\, b^\top,\quad \bar b = a^\top\, \bar y"
    torch_name = "MmBackward0"

    def forward(self, a: Array, b: Array):
        self.shapes = a.shape, b.shape
        check_product(a, b)
        try:
            if b.ndim > 2 or (a.ndim > 2 and b.ndim == 1):
                return self.xp.matmul(a, b)
            return a.dot(b) if a.ndim <= 2 else rows(a).dot(b).reshape(*a.shape[:-1], b.shape[1])
        except ValueError:
            raise mismatch(*self.shapes) from None

    def backward_a(self, g, b):
        a_shape, b_shape = self.shapes
        b = b.conj()
        if len(b_shape) == 1:
            return g.reshape((*g.shape, 1)) * b
        if len(a_shape) == 1:
            return narrowed((b @ g.reshape((*g.shape, 1))).reshape(b_shape[:-1]), a_shape)
        if len(b_shape) == 2:
            return product(rows(g), b.T).reshape(a_shape)
        return narrowed(g @ flipped(b), a_shape)

    def backward_b(self, g, a):
        a_shape, b_shape = self.shapes
        a = a.conj()
        if len(b_shape) == 1:
            return product(a.reshape((-1, b_shape[0])).T, g.reshape((-1,)))
        if len(a_shape) == 1:
            g = g.reshape((*g.shape[:-1], 1, g.shape[-1]))
            return narrowed(a.reshape((-1, 1)) * g, b_shape)
        if len(b_shape) == 2:
            return product(rows(a).T, rows(g))
        return narrowed(flipped(a) @ g, b_shape)

    def name(self):
        ranks = tuple(len(shape) for shape in self.shapes)
        return MATMUL_NAMES.get(ranks, "UnsafeViewBackward0")


MATMUL_NAMES = {
    (1, 1): "DotBackward0", (2, 1): "MvBackward0", (1, 2): "SqueezeBackward4",
    (2, 2): "MmBackward0", (3, 3): "BmmBackward0",
}  # fmt: skip


def check_product(a, b):
    """Raise PyTorch's errors where two operands have no product, whatever their sizes."""
    if a.ndim == 0 or b.ndim == 0:
        raise mismatch(a.shape, b.shape)
    if a.dtype != b.dtype:
        check_same_dtype(a, b)
    if a.dtype.kind == "b":
        raise NotImplementedError("\"addmm_impl_cpu_\" not implemented for 'Bool'")


def narrowed(g, shape):
    """Add up what a broadcast stack had repeated."""
    return g if g.shape == shape else sum_to(g, shape)
