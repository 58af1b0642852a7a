"""Tensor's methods and operators: one table, one line each.

A method is the operation itself: ``Tensor.tanh is torch.tanh``. Only PyTorch's variadic spellings
(``x.view(2, 3)``) and writing in place (``x.add_(1)``) need a word more.
"""

from importlib import import_module
from numbers import Number

from . import backward, convert, creation, dtypes, formats, inplace, ops, random
from .core import Tensor


def tensor_html(self):
    """Draw the tensor for a notebook: loaded when the first one is shown."""
    from .html import tensor_html as draw

    return draw(self)


def share_memory_(self):
    """Move the numbers to memory that processes forked from now on share with this one."""
    return import_module(".multiprocessing.sharing", __package__).share_memory_(self)


def bfloat16(self, memory_format=None):
    """Convert to float32, which stands for bfloat16 here, and say so once."""
    return self.to(import_module(".amp", __package__).bfloat16)


def of_sizes(call):
    """Let a method take its list spelled out: ``x.expand(2, 3)`` for ``x.expand((2, 3))``."""

    def method(self, *sizes, **named):
        if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
            return call(self, tuple(sizes[0]), **named)
        return call(self, tuple(sizes), **named) if sizes else call(self, **named)

    method.__name__, method.__doc__ = call.__name__, call.__doc__
    method.__wrapped__ = getattr(call, "__wrapped__", call)
    return method


def in_place(call):
    """Make the method that writes an operation's result into the tensor: ``x.add_(1)``."""

    def method(self, *args, **named):
        return self.write(call(self, *args, **named))

    method.__name__ = call.__name__ + "_"
    method.__doc__ = f"Do what ``{call.__name__}`` does, in this tensor's own memory."
    return method


def reflected(call):
    """Make the operator that Python calls when the tensor stands on the right: ``2 - x``."""

    def method(self, other):
        return call(other, self)

    return method


def operating(call):
    """Make an operator that leaves what is no number to Python: ``x == None`` is False."""

    def method(a, b):
        __tracebackhide__ = True
        try:
            return call(a, b)
        except TypeError:
            if isinstance(a, Tensor) and isinstance(b, Tensor):
                raise
            return NotImplemented

    return method


def invert(self):
    """Turn every bit: ``~x``; True becomes False."""
    if self.dtype.rank > dtypes.INTEGER:
        raise TypeError(
            "~ (operator.invert) is only implemented on integer and Boolean-type tensors"
        )
    return ops.bitwise_not(self)


def chosen(self, condition, other):
    """Keep what is here where the condition holds, take ``other`` elsewhere."""
    return ops.where(condition, self, other)


def divided(self, other):
    """Divide something by a tensor, by way of its reciprocal as PyTorch does: ``2 / x``."""
    return ops.reciprocal(self) * other


def fill_(self, value):
    """Write one value everywhere, in this tensor's own memory.

    >>> torch.zeros(3).fill_(7)
    tensor([7., 7., 7.])
    """
    return self.write(ops.fill(self, value), uniform=True)


def zero_(self):
    """Write 0 everywhere, in this tensor's own memory.

    >>> torch.ones(3).zero_()
    tensor([0., 0., 0.])
    """
    return self.write(ops.fill(self, 0), uniform=True)


def copy_(self, src, non_blocking=False):
    """Write another tensor's values here, whatever its dtype, its shape repeated as needed.

    >>> torch.zeros(2, 2).copy_(torch.tensor([1, 2]))
    tensor([[1., 2.],
            [1., 2.]])
    """
    if isinstance(src, Number):
        src = creation.tensor(src)
    if not isinstance(src, Tensor):
        raise TypeError(
            f"copy_(): argument 'other' (position 1) must be Tensor, not {type(src).__name__}"
        )
    return self.write(ops.copy(self, src.to(self.device)))


def part_setter(part):
    """Make ``x.real = value`` write through the view."""

    def write_part(self, value):
        part(self)[...] = value

    return write_part


T = Tensor


def methods(*names, home=ops):
    """Make functions methods of the same name: ``x.sum()``."""
    for name in names:
        setattr(T, name, getattr(home, name))


def loaded_later(place, *names):
    """Make functions methods; their file is loaded when one of them is called first."""

    def waiting(name):
        def method(self, *args, **named):
            home = import_module(place, __package__)
            call = getattr(home, name, None) or in_place(getattr(home, name[:-1]))
            setattr(T, name, call)
            return getattr(self, name)(*args, **named)

        method.__name__ = name
        return method

    for name in names:
        setattr(T, name, waiting(name))


def with_twins(*names):
    """Make operations methods, each with a twin that writes in place: ``x.add_(1)``."""
    methods(*names)
    for name in names:
        setattr(T, name + "_", in_place(getattr(ops, name)))


# --- backward.py and inplace.py: gradients, hooks, writing in place
T.backward, T.register_hook, T.retain_grad = (
    backward.backward_of, backward.register_hook, backward.retain_grad,
)  # fmt: skip
T.register_post_accumulate_grad_hook = backward.register_post_accumulate_grad_hook
T.retains_grad = property(backward.retains_grad)
T.write, T.rebase = inplace.write, inplace.rebase

# --- operators
T.__add__, T.__radd__ = ops.add.operator, reflected(ops.add.operator)
T.__sub__, T.__rsub__ = ops.sub.operator, reflected(ops.sub.operator)
T.__mul__, T.__rmul__ = ops.mul.operator, reflected(ops.mul.operator)
T.__truediv__, T.__rtruediv__, T.__rdiv__ = ops.div.operator, divided, divided
for word, call in {
    "floordiv": ops.floor_divide, "mod": ops.remainder, "pow": ops.pow, "and": ops.bitwise_and,
    "or": ops.bitwise_or, "xor": ops.bitwise_xor, "lshift": ops.bitwise_left_shift,
    "rshift": ops.bitwise_right_shift, "matmul": ops.matmul,
}.items():  # fmt: skip
    setattr(T, f"__{word}__", operating(call))
    setattr(T, f"__r{word}__", reflected(operating(call)))
T.__neg__, T.__pos__, T.__abs__, T.__invert__ = ops.neg, ops.positive, ops.abs, invert
T.__eq__, T.__ne__ = operating(ops.eq), operating(ops.ne)
T.__lt__, T.__le__ = operating(ops.lt), operating(ops.le)
T.__gt__, T.__ge__ = operating(ops.gt), operating(ops.ge)
T.__getitem__, T.__setitem__ = ops.getitem, ops.setitem

# --- arithmetic.py
with_twins(
    "add", "addcdiv", "addcmul", "copysign", "div", "divide", "float_power", "floor_divide",
    "fmod", "hypot", "lerp", "mul", "multiply", "neg", "negative", "pow", "reciprocal",
    "remainder", "rsqrt", "sqrt", "square", "sub", "subtract", "true_divide",
)  # fmt: skip
methods("positive")
T.__iadd__, T.__isub__, T.__imul__, T.__itruediv__ = T.add_, T.sub_, T.mul_, T.div_
T.__ifloordiv__, T.__imod__, T.__ipow__ = T.floor_divide_, T.remainder_, T.pow_
T.fill_, T.zero_, T.copy_ = fill_, zero_, copy_

# --- pointwise.py, activation.py, special.py
with_twins(
    "acos", "acosh", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "asin", "asinh", "atan", "atan2", "atanh", "ceil", "cos", "cosh", "deg2rad", "erf", "erfc",
    "erfinv", "exp", "exp2", "expm1", "fix", "floor", "frac", "log", "log10", "log1p", "log2",
    "logit", "nan_to_num", "rad2deg", "relu", "round", "sigmoid", "sign", "sin", "sinc", "sinh",
    "tan", "tanh", "trunc", "xlogy",
)  # fmt: skip
methods("hardshrink", "logaddexp", "logaddexp2", "prelu")
loaded_later(".ops.bessel", "i0", "i0_")
loaded_later(
    ".ops.gamma", "digamma", "digamma_", "lgamma", "lgamma_", "mvlgamma", "mvlgamma_", "polygamma",
    "polygamma_",
)  # fmt: skip

# --- compare.py
with_twins(
    "bitwise_and", "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift",
    "bitwise_xor", "clamp", "clamp_max", "clamp_min", "clip", "eq", "ge", "greater",
    "greater_equal", "gt", "heaviside", "le", "less", "less_equal", "logical_and",
    "logical_not", "logical_or", "logical_xor", "lt", "masked_fill", "ne", "not_equal",
)  # fmt: skip
methods(
    "allclose", "equal", "fmax", "fmin", "isclose", "isfinite", "isinf", "isnan", "isneginf",
    "isposinf", "isreal", "maximum", "minimum", "signbit",
)  # fmt: skip
T.__iand__, T.__ior__, T.__ixor__ = T.bitwise_and_, T.bitwise_or_, T.bitwise_xor_
T.__ilshift__, T.__irshift__ = T.bitwise_left_shift_, T.bitwise_right_shift_
T.where = chosen

# --- complex_numbers.py
with_twins("abs", "absolute", "conj_physical", "sgn")
methods("angle", "conj", "resolve_conj", "resolve_neg")
T.real, T.imag = (property(part, part_setter(part)) for part in (ops.real, ops.imag))

# --- linalg.py
T.matmul = ops.matmul
with_twins("addbmm", "addmm", "addmv", "addr", "baddbmm")
methods("bmm", "cross", "dot", "ger", "inner", "kron", "mm", "mv", "outer", "trace", "vdot")

# --- decompositions.py, determinants.py, least_squares.py, powers.py, solving.py, norms.py
methods("svd")
loaded_later(".ops.decompositions", "cholesky", "geqrf", "lu", "orgqr", "ormqr", "qr")
loaded_later(".ops.determinants", "det", "logdet", "slogdet")
loaded_later(".ops.least_squares", "pinverse")
loaded_later(".ops.powers", "matrix_exp", "matrix_power")
loaded_later(
    ".ops.solving", "cholesky_inverse", "cholesky_solve", "inverse", "lu_solve",
    "triangular_solve",
)  # fmt: skip

# --- fourier.py
loaded_later(".ops.fourier", "istft", "stft")

# --- loss.py
methods("log_softmax", "softmax")

# --- reduce.py, extremes.py, sort.py, scan.py
with_twins("cumprod", "cumsum")
methods(
    "all", "amax", "amin", "aminmax", "any", "argmax", "argmin", "argsort", "bincount",
    "count_nonzero", "cummax", "cummin", "diff", "dist", "histc", "isin", "kthvalue",
    "logcumsumexp", "logsumexp", "max", "mean", "median", "min", "mode", "msort", "nanmean",
    "nanmedian", "nansum", "norm", "prod", "sort", "std", "sum", "topk", "unique",
    "unique_consecutive", "var",
)  # fmt: skip

# --- statistics.py, digits.py
with_twins("renorm")
loaded_later(
    ".ops.digits", "frexp", "gcd", "gcd_", "lcm", "lcm_", "ldexp", "ldexp_", "nextafter",
    "nextafter_",
)  # fmt: skip
loaded_later(".ops.statistics", "corrcoef", "cov", "histogram", "nanquantile", "quantile")

# --- shape.py, join.py, triangle.py, strided.py
with_twins("tril", "triu")
methods(
    "adjoint", "broadcast_to", "chunk", "diag", "diag_embed", "diagflat", "diagonal",
    "diagonal_scatter", "dsplit", "expand_as", "flatten", "fliplr", "flipud", "hsplit",
    "moveaxis", "movedim", "narrow", "ravel", "repeat_interleave", "reshape_as", "roll",
    "rot90", "split", "split_with_sizes", "squeeze", "sum_to_size", "swapaxes", "swapdims", "t",
    "tensor_split", "transpose", "unbind", "unflatten", "unfold", "unsqueeze", "view",
    "view_as", "vsplit",
)  # fmt: skip
for name in ("expand", "flip", "permute", "repeat", "reshape", "tile"):
    setattr(T, name, of_sizes(getattr(ops, name)))
for name in ("squeeze", "swapaxes", "swapdims", "t", "transpose", "unsqueeze"):
    setattr(T, name + "_", ops.becoming(getattr(ops, name)))
T.T, T.mT = property(ops.reversed_dims), property(ops.matrix_transpose)
T.H, T.mH = property(ops.conjugate_transpose), property(ops.conjugate_matrix_transpose)
T.__iter__ = ops.rows
methods(
    "as_strided", "resize", "resize_", "resize_as_", "storage_offset",
    "untyped_storage",
)  # fmt: skip
# --- facts.py, same_memory.py, making.py, elementwise.py, copies.py
loaded_later(
    ".ops.facts", "get_device", "is_conj", "is_inference", "is_neg", "is_pinned", "is_same_size",
    "is_set_to",
)  # fmt: skip
loaded_later(".ops.same_memory", "detach_", "pin_memory", "resize_as", "to_dense")
loaded_later(".ops.making", "new", "new_empty_strided")
loaded_later(".ops.elementwise", "apply_", "map_")
loaded_later(".ops.triangle", "fill_diagonal_")
T.layout, T.name, T.output_nr = formats.strided, None, 0
T.is_sparse = T.is_sparse_csr = T.is_quantized = T.is_mkldnn = T.is_meta = T.is_nested = False
T.is_ipu = T.is_maia = T.is_mps = T.is_mtia = T.is_vulkan = T.is_xla = T.is_xpu = False
T.is_cpu = property(lambda self: self.device.type == "cpu")
T.unsafe_chunk, T.unsafe_split, T.storage = ops.chunk, ops.split, ops.untyped_storage
loaded_later(".ops.copies", "narrow_copy")
T.unsafe_split_with_sizes = ops.split_with_sizes
T.as_strided_ = ops.becoming(ops.as_strided)

# --- table.py, index.py
with_twins(
    "index_add", "index_copy", "index_fill", "index_put", "index_reduce", "masked_scatter",
    "put", "scatter", "scatter_add", "scatter_reduce",
)  # fmt: skip
methods(
    "argwhere", "gather", "index_select", "masked_select", "nonzero", "nonzero_static", "select",
    "select_scatter", "slice_scatter", "take", "take_along_dim",
)  # fmt: skip

# --- creation.py, random.py: new tensors like this one, and random numbers in place
methods("new_empty", "new_full", "new_ones", "new_tensor", "new_zeros", home=creation)
methods(
    "bernoulli", "bernoulli_", "cauchy_", "exponential_", "geometric_", "log_normal_",
    "multinomial", "normal_", "random_", "uniform_",
    home=random,
)  # fmt: skip

# --- html.py: how a notebook shows it
T._repr_html_ = tensor_html

# --- convert.py: to Python, NumPy, another dtype, another device
methods(
    "__bool__", "__complex__", "__contains__", "__deepcopy__", "__float__", "__hash__",
    "__index__", "__int__", "__len__", "__reduce__", "clone", "contiguous", "cpu", "cuda",
    "data_ptr", "dim", "element_size", "is_complex", "is_contiguous", "is_floating_point",
    "is_nonzero", "is_signed", "item", "numel", "numpy", "size", "stride", "to", "tolist",
    "type_as",
    home=convert,
)  # fmt: skip
T.is_cuda, T.bfloat16 = property(convert.is_cuda), bfloat16
T.__array_ufunc__ = convert.array_ufunc
T.type, T.__array__, T.ndimension, T.nelement = (
    convert.type_, convert.to_array, convert.dim, convert.numel,
)  # fmt: skip
T.itemsize, T.nbytes = property(convert.element_size), property(convert.nbytes)

# --- multiprocessing/sharing.py: memory that several processes see
loaded_later(".multiprocessing.sharing", "is_shared")
T.share_memory_ = share_memory_

for d in dtypes.ALL:
    short = {"float32": "float", "float64": "double", "float16": "half", "int64": "long",
             "int32": "int", "int16": "short", "int8": "char", "uint8": "byte",
             "complex64": "cfloat", "complex128": "cdouble"}.get(d.name, d.name)  # fmt: skip
    setattr(T, short, convert.converter(d))
