"""Muon: momentum whose every direction has the same strength."""

import math

from ..device import device_of
from .optimizer import Optimizer

QUINTIC = (3.4445, -4.775, 2.0315)  # Keller Jordan's coefficients: the steepest at 0


class Muon(Optimizer):
    r"""Step by the momentum of a weight matrix, made as good as orthogonal.

    $B \leftarrow \mu B + (1 - \mu) g,\quad
    O = \mathrm{NewtonSchulz}((1 - \mu) g + \mu B),\quad
    \theta \leftarrow (1 - \gamma \lambda)\, \theta - \gamma \sqrt{\max(1, A/B)}\; O$:
    in the singular value decomposition of the momentum, all singular values become about 1, so
    that rare directions are learned too. For the matrices of hidden layers; biases, embeddings
    and the last layer are for AdamW (K. Jordan, https://kellerjordan.github.io/posts/muon;
    ``match_rms_adamw``: J. Liu and others, https://arxiv.org/abs/2502.16982).

    Args:
        params: what to change: matrices.
        lr: the learning rate $\gamma$.
        weight_decay: pulls every weight towards 0, $\lambda$.
        momentum: how much of the velocity is kept, $\mu$.
        nesterov: looks one step ahead.
        ns_coefficients: of the polynomial $a x + b x^3 + c x^5$ that pushes towards 1.
        eps: keeps the division from blowing up.
        ns_steps: how many times the polynomial is applied.
        adjust_lr_fn: ``"original"`` or ``"match_rms_adamw"``: steps as large as AdamW's.

    >>> w = torch.eye(2).requires_grad_()
    >>> optimizer = torch.optim.Muon([w], lr=0.1, weight_decay=0)
    >>> (w * torch.tensor([[4., 0.], [0., 1.]])).sum().backward()
    >>> optimizer.step()
    >>> w.diag() < 0.95
    tensor([True, True])
    """

    memory = ("momentum_buffer",)

    def __init__(
        self, params, lr=1e-3, weight_decay=0.1, momentum=0.95, nesterov=True,
        ns_coefficients=QUINTIC, eps=1e-7, ns_steps=5, adjust_lr_fn=None,
    ):  # fmt: skip
        named = {"Learning rate": lr, "momentum": momentum, "weight decay": weight_decay}
        for name, value in named.items():
            if not value >= 0.0:
                raise ValueError(f"{name} should be >= 0 but is: {value}")
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        super().__init__(params, {
            "lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov,
            "ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        })  # fmt: skip
        for parameter in self._all():
            if parameter.ndim != 2:
                raise ValueError(
                    "Muon only supports 2D parameters whereas we found a parameter with size: "
                    f"{parameter.shape}"
                )

    def move(self, parameter, state, group) -> None:
        """Change one matrix."""
        if parameter.dtype.is_complex:
            raise RuntimeError("Muon does not support complex parameters")
        if group["ns_steps"] >= 100:
            raise ValueError("Number of steps must be less than 100 for computational efficiency")
        if len(group["ns_coefficients"]) != 3:
            raise ValueError("Coefficients must be a tuple of exactly 3 values")
        rate, momentum = float(group["lr"]), group["momentum"]
        w, g = parameter.shared(), parameter._grad.array
        velocity = state["momentum_buffer"].shared()
        velocity += (1 - momentum) * (g - velocity)
        ahead = g + momentum * (velocity - g) if group["nesterov"] else velocity
        xp = device_of(w).xp
        step = orthogonal(xp, ahead, group["ns_coefficients"], group["ns_steps"], group["eps"])
        w *= 1 - rate * group["weight_decay"]
        w -= (rate * stretch(group["adjust_lr_fn"], *w.shape)) * step.astype(w.dtype)


def orthogonal(xp, matrix, coefficients, steps, eps):
    """Make all singular values about 1 by Newton-Schulz iterations, as exact as bfloat16 is.

    >>> wide = np.array([[3., 0., 0.], [0., 0., 0.5]])
    >>> np.linalg.svd(orthogonal(np, wide, QUINTIC, 5, 1e-7))[1].round()
    array([1., 1.], dtype=float32)
    """
    a, b, c = coefficients
    x = to_bfloat16(xp, matrix.astype("float32"))
    x = x.T if x.shape[0] > x.shape[1] else x
    size = xp.maximum(to_bfloat16(xp, xp.sqrt((x * x).sum())), eps)
    x = to_bfloat16(xp, x / to_bfloat16(xp, size))
    for _ in range(steps):
        square = to_bfloat16(xp, x @ x.T)
        update = to_bfloat16(xp, b * square + c * (square @ square))
        x = to_bfloat16(xp, a * x + update @ x)
    return x.T if matrix.shape[0] > matrix.shape[1] else x


def to_bfloat16(xp, x):
    """Round float32 to the 8 significant bits of bfloat16, half to even, and keep it as float32.

    >>> to_bfloat16(np, np.array([3.14159], "float32"))
    array([3.140625], dtype=float32)
    """
    bits = xp.ascontiguousarray(x, dtype="float32").view("uint32")
    odd = (bits >> 16) & 1
    return ((bits + odd + 0x7FFF) & 0xFFFF0000).view("float32").reshape(x.shape)


def stretch(kind, rows: int, columns: int) -> float:
    """Tell how much longer the step of a matrix of this shape must be.

    >>> stretch(None, 400, 100), stretch("match_rms_adamw", 400, 100)
    (2.0, 4.0)
    """
    if kind == "match_rms_adamw":
        return 0.2 * math.sqrt(max(rows, columns))
    return math.sqrt(max(1, rows / columns))
