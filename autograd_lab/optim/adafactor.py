"""Adafactor: Adam's division with the memory of a row and a column."""

from ..creation import zeros
from ..device import device_of
from ..dtypes import finfo
from .optimizer import Optimizer, tick


class Adafactor(Optimizer):
    r"""Step by the gradient over its usual size, remembered only as row and column means.

    $R \leftarrow \beta R + (1 - \beta)\, \mathrm{mean}_j\, g_{ij}^2$,
    $C \leftarrow \beta C + (1 - \beta)\, \mathrm{mean}_i\, g_{ij}^2$ with $\beta = 1 - t^\tau$,
    $\hat V = R\, C / \mathrm{mean}(R),\quad U = g / \sqrt{\hat V}$,
    $\theta \leftarrow \theta - \alpha\, U / \max(1, \mathrm{rms}(U) / d)$ where
    $\alpha = \max(\epsilon_2, \mathrm{rms}(\theta)) \min(\gamma, 1 / \sqrt t)$
    (N. Shazeer and M. Stern, https://arxiv.org/abs/1804.04235, in PyTorch's variant).
    A vector has no rows: its $\hat V$ is remembered whole.

    Args:
        params: what to change.
        lr: the greatest relative step $\gamma$.
        beta2_decay: how fast the means become slow, $\tau$.
        eps: the least mean square (None: the dtype's own), and $\epsilon_2$.
        d: longer steps than this are shortened to it.
        weight_decay: pulls every weight towards 0.
        maximize: climbs instead.
        foreach: PyTorch's way to compute the same; ignored.

    >>> w = torch.ones(2, 2, requires_grad=True)
    >>> optimizer = torch.optim.Adafactor([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([[0.9000, 0.9000],
            [0.9000, 0.9000]], requires_grad=True)
    """

    numbers = ("step",)

    def __init__(
        self, params, lr=1e-2, beta2_decay=-0.8, eps=(None, 1e-3), d=1.0, weight_decay=0.0, *,
        foreach=None, maximize=False,
    ):  # fmt: skip
        check = [
            (lr >= 0, f"Learning rate should be >= 0 but is: {lr}"),
            (beta2_decay <= 0, f"beta2_decay should be <= 0 but is: {beta2_decay}"),
            (eps[0] is None or eps[0] >= 0, f"epsilon1 should be >= 0 but is: {eps[0]}"),
            (eps[1] >= 0, f"epsilon2 should be >= 0 but is: {eps[1]}"),
            (d >= 1, f"Clipping threshold d should be >= 1 but is: {d}"),
            (weight_decay >= 0, f"weight_decay should be >= 0 but is: {weight_decay}"),
        ]
        for right, sentence in check:
            if not right:
                raise ValueError(sentence)
        super().__init__(params, {
            "lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d,
            "weight_decay": weight_decay, "foreach": foreach, "maximize": maximize,
        })  # fmt: skip

    def start(self, parameter, group) -> dict:
        """Give the state of a parameter before its first step."""
        shape = parameter.shape
        shapes = {"row_var": (*shape[:-1], 1), "col_var": (*shape[:-2], 1, *shape[-1:])}
        if len(shape) < 2:
            shapes = {"variance": shape}
        kind = {"dtype": parameter.dtype, "device": parameter.device}
        state = super().start(parameter, group)
        return state | {name: zeros(shape, **kind) for name, shape in shapes.items()}

    def move(self, parameter, state, group) -> None:
        """Change one parameter."""
        if parameter.dtype.is_complex:
            raise RuntimeError("Adafactor does not support complex parameters")
        w, g = parameter.shared(), parameter._grad.shared()
        g = -g if group["maximize"] else g
        xp, rate, steps = device_of(w).xp, float(group["lr"]), tick(state)
        least, least_size = group["eps"]
        least = finfo(parameter.dtype).eps if least is None else least
        share = steps ** group["beta2_decay"]
        length = xp.maximum(rms(w), least_size) * min(rate, steps**-0.5)
        w *= 1 - rate * group["weight_decay"]
        if g.ndim < 2:
            spread = follow(state["variance"], g * g, share)
        else:
            rows = follow(state["row_var"], (g * g).mean(-1, keepdims=True), share)
            columns = follow(state["col_var"], (g * g).mean(-2, keepdims=True), share)
            spread = rows * columns / xp.maximum(rows.mean(-2, keepdims=True), least)
        step = g / xp.sqrt(xp.maximum(spread, least * least))
        w -= step * (length / xp.maximum(rms(step) / group["d"], 1.0))


def follow(tensor, news, share: float):
    """Move a running mean a share of the way to the news, and give it.

    >>> follow(torch.tensor([1., 1.]), np.array([3., 5.], "float32"), 0.5)
    array([2., 3.], dtype=float32)
    """
    mean = tensor.shared()
    mean += share * (news - mean)
    return mean


def rms(x):
    """Give the root of the mean of the squares.

    >>> rms(np.array([3., -3.]))
    np.float64(3.0)
    """
    return (x * x).mean() ** 0.5
