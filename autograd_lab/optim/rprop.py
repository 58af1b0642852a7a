"""Rprop: only the sign of the gradient counts."""

from ..creation import full_like
from ..device import device_of
from .optimizer import Optimizer, check_rates, tick


class Rprop(Optimizer):
    r"""Step against the sign of the gradient, farther while it stays the same.

    The step size of a weight is multiplied by $\eta_+$ where the sign is the same as in the step
    before, by $\eta_-$ where it has changed; there the weight waits for one step. For gradients of
    the whole data, not of batches (M. Riedmiller and H. Braun,
    https://doi.org/10.1109/ICNN.1993.298623).

    Args:
        params: what to change.
        lr: the first step size.
        etas: $\eta_-$ and $\eta_+$.
        step_sizes: the least and the greatest step size.
        maximize: climbs instead.
        foreach, capturable: PyTorch's ways to compute the same; ignored.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.Rprop([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.9000], requires_grad=True)
    """

    numbers, memory = ("step",), ("prev",)

    def __init__(
        self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50), *, capturable=False,
        foreach=None, maximize=False, differentiable=False,
    ):  # fmt: skip
        check_rates(lr=lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        super().__init__(params, {
            "lr": lr, "etas": etas, "step_sizes": step_sizes, "foreach": foreach,
            "maximize": maximize, "differentiable": differentiable, "capturable": capturable,
        })  # fmt: skip

    def start(self, parameter, group) -> dict:
        """Give the state of a parameter before its first step."""
        size = float(group["lr"])
        size = complex(size, size) if parameter.dtype.is_complex else size
        return super().start(parameter, group) | {"step_size": full_like(parameter, size)}

    def move(self, parameter, state, group) -> None:
        """Change one parameter."""
        tick(state)
        xp, (shorter, longer) = device_of(parameter.array).xp, group["etas"]
        for w, g, before, size in self.walk(parameter, group, "prev", "step_size"):
            turned = g * before
            size *= xp.where(turned > 0, longer, xp.where(turned < 0, shorter, 1.0))
            xp.clip(size, *group["step_sizes"], out=size)
            before[...] = xp.where(turned < 0, 0.0, g)
            w -= size * xp.sign(before)
