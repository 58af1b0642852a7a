"""Keep small gradients from becoming 0 in float16: multiply the loss, divide the gradients."""

import functools
import itertools
import warnings
from collections import defaultdict

import numpy as np

from ..core import Tensor
from ..device import beside, device_of, is_available
from ..grad_mode import no_grad
from ..optim import live
from ..writes import wrote

LARGEST = float(np.finfo(np.float32).max)


class GradScaler:
    """Scale the loss up, and the gradients down again before the optimizer's step.

    A step whose gradients have an inf or a nan is left out, and the scale halved; after
    ``growth_interval`` good steps it is doubled. In float32 nothing is lost or gained: the scale is
    a power of 2. On the device "cuda" without a GPU it does nothing, as in PyTorch.

    It asks the GPU once in a step whether all gradients are finite. In a step that is captured
    (``torch.cuda.graph``) nobody can ask: there the scale lies on the GPU, which takes the step,
    and undoes it where it must not count.

    >>> w = torch.tensor(1.0, requires_grad=True)
    >>> optimizer = torch.optim.SGD([w], lr=0.1)
    >>> scaler = torch.amp.GradScaler("cpu")
    >>> scaler.scale(w * 3).backward()
    >>> w.grad
    tensor(196608.)
    >>> scaler.step(optimizer)
    >>> scaler.update()
    >>> w.item(), scaler.get_scale()
    (0.699999988079071, 65536.0)
    """

    def __init__(
        self, device="cuda", init_scale=2.0**16, growth_factor=2.0, backoff_factor=0.5,
        growth_interval=2000, enabled=True,
    ):  # fmt: skip
        if growth_factor <= 1.0 or backoff_factor >= 1.0:
            raise ValueError("The growth factor must be > 1.0 and the backoff factor < 1.0.")
        self._enabled = enabled and _usable(device)
        self._device, self._scale = device, init_scale
        self._growth_factor, self._backoff_factor = growth_factor, backoff_factor
        self._growth_interval, self._good_steps = growth_interval, 0
        self._found = defaultdict(dict)  # optimizer -> what unscale_ has found, until update()

    def scale(self, outputs):
        """Multiply a loss, or several, by the scale."""
        if not self._enabled:
            return outputs
        self._follow()
        if isinstance(outputs, Tensor):
            return outputs * self._scale
        return type(outputs)(self.scale(each) for each in outputs)

    def unscale_(self, optimizer) -> None:
        """Divide the gradients of an optimizer's parameters by the scale: before clipping them."""
        if not self._enabled:
            return
        self._follow()
        found = self._found[optimizer]
        if found:
            raise RuntimeError(
                "unscale_() has already been called on this optimizer since the last update()."
            )
        grads = [p.grad for group in optimizer.param_groups for p in group["params"]
                 if p.grad is not None]  # fmt: skip
        shrink = 1.0 / self._scale
        fine = {}  # by device: a GPU is asked once, at the end, for everybody waits for its answer
        with no_grad():
            for grad in grads:
                grad.mul_(shrink)
                with beside(grad.array):
                    all_finite = grad.device.xp.isfinite(grad.array).all()
                    fine[grad.device] = fine.get(grad.device, True) & all_finite
        found["fine"] = list(fine.values())
        if live.present.graph is None:
            found["bad"] = not all(map(bool, fine.values()))

    def step(self, optimizer, *args, **kwargs):
        """Let the optimizer step, unless a gradient is inf or nan."""
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise RuntimeError(
                "Closure use is not currently supported if GradScaler is enabled."
            )
        if not self._found[optimizer]:
            self.unscale_(optimizer)
        found = self._found[optimizer]
        if live.present.graph is not None:
            return _step_where(found["fine"], optimizer, args, kwargs)
        return None if found["bad"] else optimizer.step(*args, **kwargs)

    def update(self, new_scale=None) -> None:
        """Change the scale for the next step: down after a bad one, up after many good ones."""
        if not self._enabled:
            return
        self._follow()
        if new_scale is not None:
            self._set(new_scale, self._good_steps)
        elif not self._found:
            raise RuntimeError("No inf checks were recorded prior to update.")
        elif live.present.graph is not None:
            self._update_there([each for found in self._found.values() for each in found["fine"]])
        else:
            bad = any(found["bad"] for found in self._found.values())
            self._set(*self._next(bad, float(self._scale), int(self._good_steps)))
        self.forget()

    def forget(self) -> None:
        """Forget what ``unscale_`` has found: the step was broken off before ``update``."""
        self._found.clear()

    def _next(self, bad, scale, good_steps):
        """Work out the next scale, and how many good steps it has seen."""
        if bad:
            return scale * self._backoff_factor, 0
        if good_steps + 1 < self._growth_interval:
            return scale, good_steps + 1
        grown = scale * self._growth_factor
        return (grown if grown <= LARGEST else scale), 0

    def _follow(self):
        """Go to the GPU where a step is captured: from then on only it knows the scale."""
        graph = live.present.graph
        if graph is not None and not isinstance(self._scale, Tensor):
            self._scale = graph.carried(self._scale, np.float32)
            self._good_steps = graph.carried(self._good_steps, np.int32)

    def _set(self, scale, good_steps):
        if isinstance(self._scale, Tensor):  # a captured step reads this very memory
            with no_grad():
                self._scale.fill_(scale)
                self._good_steps.fill_(good_steps)
        else:
            self._scale = scale.item() if isinstance(scale, Tensor) else float(scale)
            self._good_steps = good_steps

    def _update_there(self, fine):
        """Do on the GPU what ``_next`` does, without an if."""
        scale, good = self._scale.shared(), self._good_steps.shared()
        xp, bad = device_of(scale).xp, ~_all(fine)
        grown = scale * self._growth_factor
        good += 1
        ripe = good >= self._growth_interval
        may_grow = ripe & (grown <= LARGEST)
        scale[...] = xp.where(
            bad, scale * self._backoff_factor, xp.where(may_grow, grown, scale)
        )
        good[...] = xp.where(bad | ripe, 0, good)
        wrote(scale)
        wrote(good)

    def get_scale(self) -> float:
        """Tell the scale."""
        return float(self._scale) if self._enabled else 1.0

    def is_enabled(self) -> bool:
        """Say whether it does anything."""
        return self._enabled

    def get_growth_factor(self) -> float:
        """Tell by how much the scale grows."""
        return self._growth_factor

    def get_backoff_factor(self) -> float:
        """Tell by how much the scale shrinks."""
        return self._backoff_factor

    def get_growth_interval(self) -> int:
        """Tell after how many good steps the scale grows."""
        return self._growth_interval

    def state_dict(self) -> dict:
        """Give its state, to be saved."""
        if not self._enabled:
            return {}
        return {
            "scale": self.get_scale(), "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor, "growth_interval": self._growth_interval,
            "_growth_tracker": int(self._good_steps),
        }  # fmt: skip

    def load_state_dict(self, state_dict: dict) -> None:
        """Go on from a saved state."""
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError(
                "The source state dict is empty, possibly because it was saved from a disabled "
                "instance of GradScaler."
            )
        self._set(state_dict["scale"], state_dict["_growth_tracker"])
        self._growth_factor = state_dict["growth_factor"]
        self._backoff_factor = state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]


def _all(flags):
    """Say, on the GPU, whether all of these are True."""
    return functools.reduce(lambda a, b: a & b, flags)


def _step_where(fine, optimizer, args, kwargs):
    """Take a step that is captured, and undo it, on the GPU, where a gradient is not finite."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]
                  if p.grad is not None]  # fmt: skip
    states = [optimizer.state[p] for p in parameters if p in optimizer.state]
    for state, name in itertools.product(states, optimizer.numbers):
        if not state[name].is_cuda:  # only the GPU knows how many steps have counted
            state[name] = live.present.graph.carried(state[name].item(), np.float32)
    changed = parameters + [value for state in states for value in state.values()]
    arrays = [t.shared() for t in changed if isinstance(t, Tensor)]
    before = [array.copy() for array in arrays]
    result, bad = optimizer.step(*args, **kwargs), ~_all(fine)
    for array, old in zip(arrays, before, strict=True):
        device_of(array).xp.copyto(array, old, where=bad)
    return result


def _usable(name) -> bool:
    if str(name).startswith("cuda") and not is_available():
        warnings.warn(
            "torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.",
            stacklevel=3,
        )
        return False
    return True
