"""Complex numbers: their parts, and what gradients through them mean."""

import numpy as np

from .. import dtypes
from ..core import Array, Op, Pointwise
from ..dispatch import op
from ..dtypes import legacy_name
from .compare import where, zeros_for

REAL = frozenset(d for kind in dtypes.ALL if not kind.is_complex for d in (kind, kind.array))


class Holomorphic(Pointwise):
    r"""An operation whose formula has a derivative in complex numbers too.

    PyTorch's gradient of a real loss points where the loss grows fastest in the complex plane;
    through $y = f(x)$ it is $\bar y \, \overline{f'(x)}$. A rule says $\bar y f'(x)$, as for real
    numbers: here it is given $\overline{\bar y}$, and its answer is conjugated.
    """

    __slots__ = ()
    holomorphic = True


@op
class conj(Op):
    r"""Turn the sign of the imaginary part.

    >>> torch.conj(torch.tensor([1 + 2j]))
    tensor([1.-2.j])
    """

    formula, gradient = r"y = x^*", r"\bar x = \bar y^*"
    view = "perhaps"

    def forward(self, x: Array):
        return x.conj()

    def backward(self, g):
        return conj(g)


@op
class conj_physical(Op):
    r"""Turn the sign of the imaginary part.

    >>> torch.conj_physical(torch.tensor([1 + 2j]))
    tensor([1.-2.j])
    """

    formula, gradient = r"y = x^*", r"\bar x = \bar y^*"

    def forward(self, x: Array):
        return x.conj() if x.dtype.kind == "c" else x.copy()

    def backward(self, g):
        return conj(g)


@op
class real(Op):
    r"""Give the real part: a view on the same memory.

    >>> torch.real(torch.tensor([1 + 2j]))
    tensor([1.])
    """

    formula, gradient = r"y = \mathrm{Re}\, x", r"\bar x = \bar y"
    view = True

    def forward(self, x: Array):
        self.old = x.dtype
        return x.real

    def backward(self, g):
        return g if self.old in REAL else complex(g, zeros_for(g))


@op
class imag(Op):
    r"""Give the imaginary part: a view on the same memory.

    >>> torch.imag(torch.tensor([1 + 2j]))
    tensor([2.])
    """

    formula, gradient = r"y = \mathrm{Im}\, x", r"\bar x = i \bar y"
    view = True

    def forward(self, x: Array):
        if x.dtype in REAL:
            raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
        return x.imag

    def backward(self, g):
        return complex(zeros_for(g), g)


@op
class complex(Pointwise):
    r"""Put a real and an imaginary part together.

    >>> torch.complex(torch.tensor([1.]), torch.tensor([2.]))
    tensor([1.+2.j])
    """

    formula = r"y = a + i b"
    gradient = r"\bar a = \mathrm{Re}\, \bar y,\quad \bar b = \mathrm{Im}\, \bar y"
    promote, exact_out = False, True

    def forward(self, real: Array, imag: Array):
        if real.dtype != imag.dtype:
            raise RuntimeError(
                f"Expected object of scalar type {legacy_name(real.dtype)} but got scalar type "
                f"{legacy_name(imag.dtype)} for second argument"
            )
        if real.dtype.kind != "f":
            raise RuntimeError(
                "Expected both inputs to be Half, Float or Double tensors but got "
                f"{legacy_name(real.dtype)} and {legacy_name(imag.dtype)}"
            )
        return parts_joined(self.xp, real, imag)

    def backward_real(self, g):
        return real(g)

    def backward_imag(self, g):
        return imag(g)


def parts_joined(xp, real, imag):
    """Make an array of complex numbers from two of real ones."""
    real, imag = xp.broadcast_arrays(real, imag)
    y = xp.empty(real.shape, "complex128" if real.dtype == "float64" else "complex64")
    y.real[...], y.imag[...] = real, imag
    return y


@op
class view_as_real(Op):
    r"""Show complex numbers as pairs of real ones, on the same memory.

    >>> torch.view_as_real(torch.tensor([1 + 2j]))
    tensor([[1., 2.]])
    """

    formula = r"y_{i0} = \mathrm{Re}\, x_i,\quad y_{i1} = \mathrm{Im}\, x_i"
    gradient = r"\bar x_i = \bar y_{i0} + i \bar y_{i1}"
    view = True

    def forward(self, x: Array):
        if x.dtype in REAL:
            raise RuntimeError("view_as_real is only supported for complex tensors")
        return x[..., None].view(x.real.dtype)

    def backward(self, g):
        return complex(g[..., 0], g[..., 1])  # no view: g may be expanded


@op
class view_as_complex(Op):
    r"""Show pairs of real numbers as complex ones, on the same memory.

    >>> torch.view_as_complex(torch.tensor([[1., 2.]]))
    tensor([1.+2.j])
    """

    formula = r"y_i = x_{i0} + i x_{i1}"
    gradient = r"\bar x_{i0} = \mathrm{Re}\, \bar y_i,\quad \bar x_{i1} = \mathrm{Im}\, \bar y_i"
    view = True

    def forward(self, x: Array):
        if x.dtype.kind != "f":
            raise RuntimeError(
                "view_as_complex is only supported for half, float and double tensors, but got a "
                f"tensor of scalar type: {legacy_name(x.dtype)}"
            )
        if x.dtype == "float16":
            raise RuntimeError("view_as_complex: NumPy has no complex numbers of two halves")
        if not x.ndim:
            raise RuntimeError("Input tensor must have one or more dimensions")
        if x.shape[-1] != 2:
            raise RuntimeError("Tensor must have a last dimension of size 2")
        if x.strides[-1] != x.itemsize:
            raise RuntimeError("Tensor must have a last dimension with stride 1")
        if any(s % (2 * x.itemsize) for s in x.strides[:-1]):
            raise RuntimeError(
                "Tensor must have a stride divisible by 2 for all but last dimension"
            )
        return x.view("complex64" if x.dtype == "float32" else "complex128")[..., 0]

    def backward(self, g):
        return view_as_real(g)


@op
class abs(Pointwise):
    r"""Drop the sign: give the distance from 0.

    >>> torch.abs(torch.tensor([-2., 3.])), torch.abs(torch.tensor([3 + 4j]))
    (tensor([2., 3.]), tensor([5.]))
    """

    formula, gradient = r"y = |x|", r"\bar x = \bar y \odot \mathrm{sgn}\, x"

    def forward(self, x: Array):
        return self.xp.absolute(x)

    def backward(self, g, x):
        return g * sgn(x)


@op
class sgn(Pointwise):
    r"""Keep the direction, drop the size: -1, 0 or 1, or a point of the unit circle.

    >>> torch.sgn(torch.tensor([3., -4., 0.])), torch.sgn(torch.tensor([3 + 4j]))
    (tensor([ 1., -1.,  0.]), tensor([0.6000+0.8000j]))
    """

    formula = r"y = x / |x|,\quad 0 \mapsto 0"
    gradient = (
        r"\bar x = (\bar y - y \, \mathrm{Re}(\bar y \overline{y})) / |x|"
        r"\ (0 \text{ for real numbers})"
    )

    def forward(self, x: Array):
        if x.dtype.kind != "c":
            return sign_of(x)
        size = self.xp.absolute(x)
        return x / (size + (size == 0))

    def backward(self, g, x, y):
        if x.dtype in REAL:
            return zeros_for(g)
        size = abs(x)
        return (g - y * real(g * conj(y))) / where(size == 0, 1.0, size) * (size != 0)


def sign_of(x):
    """Give -1, 0 or 1 for each real number; nan has no sign, and True stays True."""
    return x.copy() if x.dtype.kind == "b" else (x > 0).astype(x.dtype) - (x < 0)


@op
class angle(Pointwise):
    r"""Give the angle of every number in the complex plane, in radians.

    >>> torch.angle(torch.tensor([1j, -1.]))
    tensor([1.5708, 3.1416])
    """

    formula = r"y = \arg x"
    gradient = r"\bar x = i \, \bar y \odot x / |x|^2\ (0 \text{ for real numbers})"
    result = "float"

    def forward(self, x: Array):
        if x.dtype.kind == "c":
            return self.xp.arctan2(x.imag, x.real)
        return self.xp.where(x < 0, np.pi, self.xp.where(x != x, x, 0))

    def backward(self, g, x):
        if x.dtype in REAL:
            return zeros_for(g)
        size = abs(x)
        return g * 1j * x / where(size == 0, 1.0, size) ** 2


def resolve_conj(input):
    """Give the tensor itself: a conjugate is computed at once here, there is nothing to resolve."""
    return input


def resolve_neg(input):
    """Give the tensor itself: a negation is computed at once here, there is nothing to resolve."""
    return input


absolute = abs
