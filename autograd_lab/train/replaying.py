"""Steps of a training as one launch of the GPU: ``train_model(..., replay=True)``."""

from ..core import Tensor
from ..cuda.graphs import replayed


def replaying(run, watchers):
    """Make the form of ``run.learn`` that is captured after a few steps, and replayed.

    Nobody can look on between backward and the change of the parameters: the GPU does both at once.
    A callback finds the captured step in ``run.replayed``: ``GraphView(run.replayed)`` draws it.
    """
    curious = [type(w).__name__ for w in watchers if hasattr(w, "on_backward_end")]
    if curious:
        raise ValueError(
            f"replay=True: {curious[0]} has an on_backward_end, and in a replayed step nothing can "
            "be called there: leave it out, or train without replay"
        )
    run.replayed = fast = replayed(lambda *batch: _take(run, batch), holds=lambda: _held(run))

    def learn(batch, watchers=()):
        """Take one step, as ``Run.learn`` does."""
        run.phase, run.batch = "changing the model", batch
        place = next((p.device for p in run.model.parameters()), None)
        whole = batch if isinstance(batch, tuple | list) else (batch,)
        whole = [b.to(place) if isinstance(b, Tensor) and place else b for b in whole]
        output, run.loss_tensor = fast(*whole)
        run.step, run.loss = run.step + 1, run.loss_tensor.item()
        run.phase = "between steps"
        run.history.steps.append(run.loss)
        run.seen.add(run.loss, output.detach().clone(), whole[-1])

    return learn


def _take(run, batch):
    """Do what a step does on the device."""
    output, _ = run.gradients(batch)
    run.change()
    return output, run.loss_tensor


def _held(run):
    """List what a step changes on the GPU, and where its learning rates come from."""
    states = [v for state in run.optimizer.state.values() for v in state.values()]
    tensors = [*run.model.parameters(), *run.model.buffers(), *states]
    there = [t for t in tensors if isinstance(t, Tensor) and t.is_cuda]
    return [*there, *run.optimizer.param_groups]
