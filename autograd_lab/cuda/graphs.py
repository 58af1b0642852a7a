"""A whole training step as one launch: captured once, then replayed on the same memory.

While a step is captured the GPU computes nothing: it writes down which kernels would run, on which
memory. A replay runs them all, without Python, so that a small step is no longer limited by the
time that it takes to start kernels. What a step reads must therefore stay where it is: new data is
copied into the tensors of the captured step, ``x.copy_(batch)``, and its results are read from
them.

    >>> if torch.cuda.is_available():
    ...     x, y = torch.rand(8, 2, device="cuda"), torch.zeros(8, 1, device="cuda")
    ...     net = nn.Linear(2, 1).to("cuda")
    ...     optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    ...     def step():
    ...         optimizer.zero_grad()
    ...         loss = F.mse_loss(net(x), y)
    ...         loss.backward()
    ...         optimizer.step()
    ...         return loss
    ...     first = step(), step()             # outside: memory for the optimizer is made
    ...     graph = torch.cuda.CUDAGraph()
    ...     with torch.cuda.graph(graph):
    ...         loss = step()
    ...     for _ in range(10):
    ...         graph.replay()                 # afterwards ``loss`` holds the loss of this step

Learning rates, step counts and dropout masks change from replay to replay as they would otherwise.
``GraphView(graph)`` draws what was captured.
"""

import contextlib
import gc
import os
import re
import traceback
import weakref
from collections import Counter
from typing import Any

import numpy as np

from ..autograd import Function, grad
from ..core import FREED, Op, Tensor, wrap
from ..creation import ones_like
from ..device import cupy, is_available
from ..graph import record
from ..nn import Module
from ..optim import live
from ..replay import user_node
from ..watching import HOME, Site, describe, watch_operations
from . import philox
from .problems import OutOfMemoryError
from .products import Blas, Products
from .streams import Stream

KERNEL = re.compile(r'^\s*"?\w+"?\s*\[[^\]]*\blabel=', re.M)  # a node of a captured step, in dot()
SLOTS = 4096  # how many numbers of one dtype may change from replay to replay
ERROR_MODES = "global", "thread_local", "relaxed"


class CUDAGraph:
    """Hold a captured step: ``with torch.cuda.graph(g): ...`` fills it, ``g.replay()`` runs it."""

    def __init__(self, keep_graph=False):
        self._graph = self._blas = None
        self._pool = None  # the memory of the step: it serves nothing else, as long as we live
        self._numbers: dict = {}  # dtype -> (array on the GPU, functions that work them out)
        self._draws: dict = {}  # generator -> (its state on the GPU, [(how many, of what bits)])
        self._results: list = []  # weak references to what its operations gave
        self._starts: list = []  # (memory of the step, the number that it begins with)
        self._open = contextlib.ExitStack()

    def capture_begin(self, pool=None, capture_error_mode="global") -> None:
        """Begin to write down what the present stream is given; ``torch.cuda.graph`` calls it.

        Every ``capture_error_mode`` means "relaxed" here: other threads may use the GPU meanwhile.
        """
        if capture_error_mode not in ERROR_MODES:
            raise RuntimeError(
                "Unknown capture error mode. Expected `global`, `thread_local`, or `relaxed`, got "
                f"{capture_error_mode}"
            )
        cp = cupy()
        stream = cp.cuda.get_current_stream()
        if live.present.graph is not None:
            raise RuntimeError("a step is being captured already: captures cannot be nested")
        if not stream.ptr:
            raise RuntimeError(
                "CUDA graphs must be captured on a non-default stream: use "
                "`with torch.cuda.graph(g):`, which brings a stream of its own"
            )
        self.reset()
        self._pool = pool or cp.cuda.MemoryPool()
        self._blas = Blas()
        self._blas.begin(stream)
        with contextlib.ExitStack() as opened:  # closes again all of it, if one of them fails
            opened.enter_context(cp.cuda.using_allocator(self._pool.malloc))
            opened.enter_context(Products(self._blas).in_use())
            opened.callback(setattr, live.present, "graph", None)
            opened.enter_context(watch_operations(self._hear))
            live.present.graph = self
            stream.begin_capture(cp.cuda.runtime.streamCaptureModeRelaxed)
            self._open = opened.pop_all()

    def capture_end(self) -> None:
        """End the capture."""
        try:
            self._graph = cupy().cuda.get_current_stream().end_capture()
        finally:
            self._open.close()
            self._begin()

    def replay(self) -> None:
        """Run the captured step once more."""
        if self._graph is None:
            raise RuntimeError("this CUDAGraph holds no step: fill it with torch.cuda.graph(g)")
        for buffer, functions in self._numbers.values():
            values = [number for function in functions for number in function()]
            buffer[: len(values)].set(np.array(values, buffer.dtype))
        for generator, (state, draws) in self._draws.items():
            state.set(philox.read(generator))
            for count, bits in draws:
                philox.skip(generator, count, bits)
        self._graph.launch()

    def reset(self) -> None:
        """Forget the captured step."""
        self._graph = self._blas = self._pool = None  # their memory is given back
        self._numbers, self._draws, self._results = {}, {}, []

    def pool(self):
        """Give the memory pool of the step, to share it: ``torch.cuda.graph(other, pool=...)``."""
        return self._pool

    def debug_dump(self, debug_path) -> None:
        """Write the captured step, as a text for Graphviz, into a file."""
        with open(debug_path, "w", encoding="utf-8") as file:
            file.write(self.dot())

    def dot(self) -> str:
        """Draw the captured step for Graphviz: every kernel is a node."""
        if self._graph is None:
            raise RuntimeError("this CUDAGraph holds no step: fill it with torch.cuda.graph(g)")
        return self._graph.debug_dot_str()

    # --- what pictures show of it

    def tensor(self) -> Tensor:
        """Give the last result of the captured operations that is still at hand: the loss."""
        self.dot()  # raises if there is no step
        at_hand = [tensor for ref in self._results if (tensor := ref()) is not None]
        if not at_hand:
            raise RuntimeError(
                "nothing of this captured step can be drawn: keep its result in a variable (with "
                "torch.cuda.graph(g): loss = step()), one that requires grad. dot() lists kernels"
            )
        return at_hand[-1]

    def drawn(self, names=None) -> dict:
        """Give the captured operations as plain data; what stays in its place is ``static``."""
        root = self.tensor()
        found = record(root, names or {}).to_dict()
        for node in found["nodes"]:
            node["static"] = node["kind"] != "op" or node["id"] == found["root"]
        return found | {"note": self._note(root)}

    def _note(self, root):
        parts = ["these operations"]
        parts += ["their backward pass"] if user_node(root.node).saved is FREED else []
        parts += ["the optimizer's step"] if self._numbers else []
        count = len(KERNEL.findall(self.dot()))
        return f"one launch replays {count:,} kernels: {', '.join(parts)}"

    def _hear(self, node, result, args):
        if result.node is not None:
            self._results.append(weakref.ref(result))

    # --- what the step asks for while it is captured

    def numbers(self, count, function, dtype):
        """Lend memory for numbers that ``function()`` works out before each replay."""
        if dtype not in self._numbers:
            self._numbers[dtype] = cupy().empty(SLOTS, dtype), []
        buffer, functions = self._numbers[dtype]
        used = sum(f.count for f in functions)
        if used + count > SLOTS:
            raise RuntimeError(f"a captured step may have {SLOTS} numbers that change, not more")
        functions.append(Counted(count, function))
        return [buffer[i] for i in range(used, used + count)]

    def carried(self, number, dtype):
        """Lend a tensor for a number that replays change: it begins as this one."""
        array = cupy().empty((), dtype)
        self._starts.append((array, np.array(number, dtype)))
        return wrap(array)

    def _begin(self):
        """Write the numbers that replays begin with: a capture itself writes nothing."""
        for array, number in self._starts:
            array.set(number)
        if self._starts:
            cupy().cuda.get_current_stream().synchronize()
        self._starts.clear()

    def draw(self, generator, count, bits):
        """Draw random numbers on the GPU: other ones in each replay."""
        cp = cupy()
        if generator not in self._draws:
            self._draws[generator] = cp.empty(philox.LEFT_OVER + 1, np.uint64), []
        state, draws = self._draws[generator]
        draws.append((count, bits))
        return philox.captured(cp, state, count, bits)


class Counted:
    """A function that gives so many numbers."""

    def __init__(self, count, function):
        self.count, self.function = count, function

    def __call__(self):
        return self.function()


class graph:
    """Capture what a ``with`` block gives to the GPU: ``with torch.cuda.graph(g): step()``."""

    def __init__(self, cuda_graph, pool=None, stream=None, capture_error_mode="global"):
        self.cuda_graph, self.pool, self.mode = cuda_graph, pool, capture_error_mode
        self.stream = Stream() if stream is None else stream

    def __enter__(self):
        cupy().cuda.Device().synchronize()
        gc.collect()
        self.stream.__enter__()
        try:
            self.cuda_graph.capture_begin(self.pool, self.mode)
        except BaseException:
            self.stream.__exit__()
            raise

    def __exit__(self, kind, error, trace):
        try:
            self.cuda_graph.capture_end()
        except Exception as at_the_end:
            error = error or at_the_end
        finally:
            self.stream.__exit__(kind, error, trace)
        if error is not None:
            self.cuda_graph.reset()  # half a step is none
        # what interrupts goes on as it is; and full memory says itself what to do
        if isinstance(error, Exception) and not isinstance(error, OutOfMemoryError):
            raise RuntimeError(explained(error)) from error


def explained(error) -> str:
    """Word which operation cannot be captured, and on which line of the learner it is.

    >>> try:
    ...     torch.linalg.inv(torch.zeros(2, 2))
    ... except RuntimeError as error:
    ...     print(explained(error).partition(":")[0])
    this step cannot be captured
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    nodes = [frame.f_locals.get("self") for frame in frames]
    ops = [type(node).__mro__[1].__name__ for node in nodes if isinstance(node, Op)]
    within = [HOME]
    if is_available():
        within.append(os.path.dirname(cupy().__file__) + os.sep)
    sites = [Site(f.f_code, place, ()) for f, place in _places(error)
             if not f.f_code.co_filename.startswith(tuple(within))]  # fmt: skip
    what = f"{ops[-1]}: " if ops else ""
    where = f" It was called here: {describe(sites[-1])}." if sites else ""
    return (
        f"this step cannot be captured: {what}{type(error).__name__}: {error}.{where} In a "
        "captured step nothing may be read by Python (.item(), print, if), nothing be brought to "
        "the GPU, and no size depend on values (x[mask], nonzero): do that before or after it"
    )


def _places(error):
    """List the frames of an error, each with the instruction that it had come to."""
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame, trace.tb_lasti
        trace = trace.tb_next


def kinds(tensors):
    """Tell the shapes and the dtypes of tensors: a captured step serves no others.

    >>> kinds([torch.ones(2)])
    ((torch.Size([2]), torch.float32),)
    """
    return tuple([(x.shape, x.dtype) for x in tensors])


class Replayed:
    """A step that is captured after a few calls, and replayed from then on: see ``replayed``."""

    def __init__(self, step, warmup, holds):
        self.step, self.warmup, self.holds = step, warmup, holds
        self.calls = Counter()  # by shapes: the batch that is captured shall be a usual one
        self.graph, self.inputs, self.held = None, (), []
        self.result: Any = None

    def __call__(self, *batch):
        """Take a step with this batch."""
        if not all(isinstance(x, Tensor) and x.is_cuda for x in batch):
            return self.step(*batch)
        shapes = kinds(batch)
        self.calls[shapes] += 1
        if self.calls[shapes] <= self.warmup or self.graph and shapes != kinds(self.inputs):
            return self.step(*batch)
        if self.graph is None or self._moved():
            self._capture(batch)
        for own, x in zip(self.inputs, batch):
            own.copy_(x)
        self.graph.replay()
        return self.result

    def tensor(self) -> Tensor:
        """Give the last result of the captured step: see ``CUDAGraph.tensor``."""
        return self._captured().tensor()

    def drawn(self, names=None) -> dict:
        """Give the captured operations as plain data, for pictures."""
        return self._captured().drawn(names)

    def _captured(self):
        if self.graph is None:
            raise RuntimeError(
                f"this step is not captured yet: that is done after {self.warmup} calls, on a GPU, "
                "with batches of the same shape, and "
                f"{max(self.calls.values(), default=0)} have been made"
            )
        return self.graph

    def _held(self):
        return [getattr(each, "array", each) for each in self.holds()]

    def _moved(self):
        now = self._held()
        return len(now) != len(self.held) or any(a is not b for a, b in zip(now, self.held))

    def _capture(self, batch):
        inputs, captured = [x.detach().clone() for x in batch], CUDAGraph()
        with graph(captured):
            self.result = self.step(*inputs)
        self.graph, self.inputs = captured, inputs
        self.held = self._held()


def replayed(step, warmup=3, holds=tuple):
    """Make the fast form of a training step: taken as it is at first, then captured and replayed.

    ``step`` is given the tensors of a batch, and what it gives is given: where it lies on the GPU
    it is overwritten by the next call. The first shape that comes more than ``warmup`` times is
    captured. A batch of another shape, or in main memory, is taken as it is; so a program with a
    replayed step runs without a GPU, too.

    ``holds()`` lists the tensors that the step changes, and the optimizer's groups: where one of
    them is another than before, as after ``optimizer.load_state_dict``, it is captured anew.

    >>> x, w = torch.ones(2), torch.ones(2, requires_grad=True)
    >>> optimizer = torch.optim.SGD([w], lr=0.5)
    >>> def step(x):
    ...     optimizer.zero_grad()
    ...     loss = (w * x).sum()
    ...     loss.backward()
    ...     optimizer.step()
    ...     return loss
    >>> fast = torch.cuda.replayed(step)
    >>> [fast(x).item() for _ in range(3)]
    [2.0, 1.0, 0.0]
    """
    return Replayed(step, warmup, holds)


def make_graphed_callables(
    callables, sample_args, num_warmup_iters=3, allow_unused_input=False, pool=None
):
    """Capture the forward and the backward of a model, for loops that do the rest themselves.

    Gives a function that is called as the model is, with tensors of the shapes of ``sample_args``;
    gradients reach the parameters as always. Tuples of models and of their arguments give a tuple:
    call them in its order.
    """
    alone = not isinstance(callables, tuple)
    if alone:
        callables, sample_args = (callables,), (sample_args,)
    made = [Graphed(*pair, allow_unused_input) for pair in zip(callables, sample_args)]
    for each in made:
        each.warm_up(num_warmup_iters)
    # In the order in which they will be replayed: in a common pool a backward gives free what its
    # forward has kept, and what is captured later would take that memory.
    for each in made:
        with graph(each.forward, pool):
            each.compute()
    for each in reversed(made):
        each.prepare_slopes()
        with graph(each.backward, pool):
            each.differentiate()
    return made[0] if alone else tuple(made)


class Graphed:
    """A model whose forward and backward are captured; it is called as the model is."""

    outputs: tuple[Tensor, ...]
    slopes: list[Tensor]  # the gradients of the outputs
    gradients: list[Tensor | None]  # those of the inputs and of the parameters
    several = False  # does the model give a tuple?

    def __init__(self, model, sample_args, allow_unused):
        self.model, self.allow_unused = model, allow_unused
        self.inputs = [x.detach().clone().requires_grad_(x.requires_grad) for x in sample_args]
        self.parameters = list(model.parameters()) if isinstance(model, Module) else []
        self.forward, self.backward = CUDAGraph(), CUDAGraph()

    def __call__(self, *args):
        """Replay the forward; the backward is replayed when it is its turn."""
        if kinds(args) != kinds(self.inputs):
            raise RuntimeError(
                f"this function was captured for {_words(self.inputs)}, and is given "
                f"{_words(args)}: it takes tensors like its sample_args only"
            )
        made = Replay.apply(self, *args, *self.parameters)
        return made if self.several else made[0]

    def warm_up(self, times):
        """Compute a few times what will be captured."""
        for _ in range(times):
            self.compute()
            self.prepare_slopes()
            self.differentiate()

    def compute(self):
        """Compute the outputs."""
        made = self.model(*self.inputs)
        self.several = isinstance(made, tuple)
        self.outputs = made if isinstance(made, tuple) else (made,)

    def prepare_slopes(self):
        """Make memory for the gradients of the outputs."""
        self.slopes = [ones_like(y) for y in self.outputs]

    def differentiate(self):
        """Compute the gradients from those of the outputs."""
        asked = [*self.inputs, *self.parameters]
        needed = [x for x in asked if x.requires_grad]
        made = grad(self.outputs, needed, self.slopes, allow_unused=self.allow_unused)
        found = dict(zip(map(id, needed), made))
        self.gradients = [found.get(id(x)) for x in asked]


def _words(tensors):
    return ", ".join(f"{tuple(shape)} {dtype}" for shape, dtype in kinds(tensors)) or "no tensors"


class Replay(Function):
    """Bring the data to where a captured model reads it, replay, and give what it has written."""

    @staticmethod
    def forward(ctx, graphed, *given):
        ctx.graphed = graphed
        for own, x in zip(graphed.inputs, given):  # after them come the parameters, in their place
            own.detach().copy_(x)
        graphed.forward.replay()
        return tuple([y.detach() for y in graphed.outputs])

    @staticmethod
    def backward(ctx, *given):
        graphed = ctx.graphed
        for own, g in zip(graphed.slopes, given):
            own.copy_(g)
        graphed.backward.replay()
        return None, *graphed.gradients


def is_current_stream_capturing() -> bool:
    """Say whether a step is being captured.

    >>> torch.cuda.is_current_stream_capturing()
    False
    """
    return live.present.graph is not None


def graph_pool_handle():
    """Make a memory pool that several captured steps may share: they must not run at once."""
    return cupy().cuda.MemoryPool()
