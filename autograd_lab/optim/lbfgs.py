"""L-BFGS: learns the curvature of the loss from the gradients it has seen."""

from ..core import wrap
from ..device import beside, device_of
from ..grad_mode import enable_grad, no_grad
from ..writes import wrote
from .optimizer import Optimizer, check_rates
from .pieces import as_reals
from .strong_wolfe import strong_wolfe


class LBFGS(Optimizer):
    r"""Step by the gradient times an estimate of the inverse curvature, several times a step.

    From the last steps $s_i$ and the changes of the gradient $y_i$ it knows how the gradient bends,
    and goes to where it expects it to be 0: $\theta \leftarrow \theta - t\, H g$, without ever
    writing the matrix $H$ down (D. Liu and J. Nocedal, https://doi.org/10.1007/BF01589116;
    J. Nocedal and S. Wright, Numerical Optimization, algorithm 7.4).
    For the gradient of the whole data, not of batches. ``step`` needs a closure that computes the
    loss and its gradients anew.

    Args:
        params: what to change: one group.
        lr: the length of a step where nothing is searched.
        max_iter: how many times it moves in one ``step``.
        max_eval: how often one ``step`` may call the closure (None: 1.25 times ``max_iter``).
        tolerance_grad: ends the step when no gradient is larger.
        tolerance_change: ends the step when nothing changes by more.
        history_size: how many earlier moves it remembers.
        line_search_fn: None, or ``"strong_wolfe"`` to search how far to go.

    >>> w = torch.tensor([3.0, 1.0], requires_grad=True)
    >>> optimizer = torch.optim.LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (w - 1).square().sum()
    ...     loss.backward()
    ...     return loss
    >>> loss_before = optimizer.step(closure)
    >>> w
    tensor([1., 1.], requires_grad=True)
    """

    def __init__(
        self, params, lr=1, max_iter=20, max_eval=None, tolerance_grad=1e-7, tolerance_change=1e-9,
        history_size=100, line_search_fn=None,
    ):  # fmt: skip
        check_rates(lr=lr)
        super().__init__(params, {
            "lr": lr, "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change,
            "history_size": history_size, "line_search_fn": line_search_fn,
        })  # fmt: skip
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    @no_grad()
    def step(self, closure):
        """Move up to ``max_iter`` times; returns the loss from before."""
        if closure is None:
            raise TypeError("LBFGS.step() needs a closure that computes the loss and its gradients")
        with beside(self._all()[0].shared()):
            return self._descend(enable_grad()(closure), self.param_groups[0])

    def _descend(self, closure, group):
        """Move until there is no more to gain, or the patience of ``group`` is at its end."""
        state = self.state[self._all()[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first_loss, evaluations = closure(), 1
        state["func_evals"] += 1
        loss, g = float(first_loss), self._gradient()
        if largest(g) <= group["tolerance_grad"]:
            return first_loss
        for move in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            d = self._direction(state, g, group["history_size"])
            length = float(group["lr"])
            if state["n_iter"] == 1:
                length *= min(1.0, 1.0 / float(abs(g).sum()))
            loss_before, slope = loss, float(g @ d)
            state.update(d=wrap(d), t=length, prev_flat_grad=wrap(g), prev_loss=loss)
            if slope > -group["tolerance_change"]:
                break
            if group["line_search_fn"] is not None:
                loss, g, length, calls = self._search(
                    closure, length, d, loss, g, slope, group["max_eval"] - evaluations
                )
                state["t"] = length
                self._walk(length, d)
            else:
                self._walk(length, d)
                if move == group["max_iter"]:  # where batches change, the loss here says nothing
                    break
                loss, g, calls = float(closure()), self._gradient(), 1
            evaluations += calls
            state["func_evals"] += calls
            if (
                evaluations >= group["max_eval"]
                or largest(g) <= group["tolerance_grad"]
                or largest(d) * length <= group["tolerance_change"]
                or abs(loss - loss_before) < group["tolerance_change"]
            ):
                break
        return first_loss

    def _direction(self, state, g, history_size):
        """Give the direction to go: minus the gradient times the inverse curvature."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            return -g
        turns, moves, weights = state["old_dirs"], state["old_stps"], state["ro"]
        turn = g - state["prev_flat_grad"].array
        move = state["d"].array * state["t"]
        match = float(turn @ move)
        if match > 1e-10:
            if len(turns) == history_size:
                del turns[0], moves[0], weights[0]
            turns.append(wrap(turn))
            moves.append(wrap(move))
            weights.append(1.0 / match)
            state["H_diag"] = match / float(turn @ turn)
        d, shares = -g, state.setdefault("al", [None] * history_size)
        for i in reversed(range(len(turns))):
            shares[i] = float(moves[i].array @ d) * weights[i]
            d -= shares[i] * turns[i].array
        d *= state["H_diag"]
        for i in range(len(turns)):
            back = float(turns[i].array @ d) * weights[i]
            d += (shares[i] - back) * moves[i].array
        return d

    def _like(self, parameter, state, name=None):
        """Copy loaded state: PyTorch keeps some numbers as tensors."""
        if name in ("t", "ro", "H_diag", "al") and not isinstance(state, list):
            return None if state is None else float(state)
        return super()._like(parameter, state, name)

    def _search(self, closure, length, d, loss, g, slope, calls):
        """Look along a direction for a good place; the weights stay where they are."""
        if self.param_groups[0]["line_search_fn"] != "strong_wolfe":
            raise RuntimeError("only 'strong_wolfe' is supported")
        home = [p.shared().copy() for p in self._all()]

        def look(length):
            self._walk(length, d)
            loss, g = float(closure()), self._gradient()
            for p, array in zip(self._all(), home):
                p.array[...] = array
                wrote(p.array)
            return loss, g

        return strong_wolfe(look, length, d, loss, g, slope, max_calls=calls)

    def _walk(self, length, d):
        """Add ``length * d`` to the weights, each taking its part of the long vector."""
        start = 0
        for p in self._all():
            w = as_reals(p.shared())
            w += length * d[start : start + w.size].reshape(w.shape)
            start += w.size
            wrote(p.array)

    def _gradient(self):
        """Put all gradients into one long vector."""
        arrays = [p.shared() * 0 if p._grad is None else p._grad.shared() for p in self._all()]
        xp = device_of(arrays[0]).xp
        return xp.concatenate([as_reals(a).reshape(-1) for a in arrays])


def largest(x) -> float:
    """Give the largest size in an array.

    >>> largest(np.array([1., -3.]))
    3.0
    """
    return float(abs(x).max())
