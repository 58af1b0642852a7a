"""Keep small gradients from becoming 0 in float16: multiply the loss, divide the gradients."""

import warnings
from collections import defaultdict

from ..core import Tensor
from ..device import is_available
from ..grad_mode import no_grad


class GradScaler:
    """Scale the loss up, and the gradients down again before the optimizer's step.

    A step whose gradients have an inf or a nan is left out, and the scale halved; after
    ``growth_interval`` good steps it is doubled. In float32 nothing is lost or gained: the scale is
    a power of 2. On the device "cuda" without a GPU it does nothing, as in PyTorch.

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
        self._found = defaultdict(dict)  # optimizer -> {"bad": bool}, until update()

    def scale(self, outputs):
        """Multiply a loss, or several, by the scale."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, Tensor):
            return outputs * self._scale
        return type(outputs)(self.scale(each) for each in outputs)

    def unscale_(self, optimizer) -> None:
        """Divide the gradients of an optimizer's parameters by the scale: before clipping them."""
        if not self._enabled:
            return
        found = self._found[optimizer]
        if "bad" in found:
            raise RuntimeError(
                "unscale_() has already been called on this optimizer since the last update()."
            )
        grads = [p.grad for group in optimizer.param_groups for p in group["params"]
                 if p.grad is not None]  # fmt: skip
        fine = {}  # by device: a GPU is asked once, at the end, for everybody waits for its answer
        with no_grad():
            for grad in grads:
                grad.mul_(1.0 / self._scale)
                all_finite = grad.device.xp.isfinite(grad.array).all()
                fine[grad.device] = fine.get(grad.device, True) & all_finite
        found["bad"] = not all(map(bool, fine.values()))

    def step(self, optimizer, *args, **kwargs):
        """Let the optimizer step, unless a gradient is inf or nan."""
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise RuntimeError(
                "Closure use is not currently supported if GradScaler is enabled."
            )
        if "bad" not in self._found[optimizer]:
            self.unscale_(optimizer)
        return None if self._found[optimizer]["bad"] else optimizer.step(*args, **kwargs)

    def update(self, new_scale=None) -> None:
        """Change the scale for the next step: down after a bad one, up after many good ones."""
        if not self._enabled:
            return
        if new_scale is not None:
            self._scale = new_scale.item() if isinstance(new_scale, Tensor) else float(new_scale)
        elif not self._found:
            raise RuntimeError("No inf checks were recorded prior to update.")
        elif any(found.get("bad") for found in self._found.values()):
            self._scale, self._good_steps = self._scale * self._backoff_factor, 0
        else:
            self._good_steps += 1
            if self._good_steps == self._growth_interval:
                self._scale, self._good_steps = self._scale * self._growth_factor, 0
        self._found.clear()

    def get_scale(self) -> float:
        """Tell the scale."""
        return self._scale if self._enabled else 1.0

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
            "scale": self._scale, "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor, "growth_interval": self._growth_interval,
            "_growth_tracker": self._good_steps,
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
        self._scale, self._good_steps = state_dict["scale"], state_dict["_growth_tracker"]
        self._growth_factor = state_dict["growth_factor"]
        self._backoff_factor = state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]


def _usable(name) -> bool:
    if str(name).startswith("cuda") and not is_available():
        warnings.warn(
            "torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.",
            stacklevel=3,
        )
        return False
    return True
