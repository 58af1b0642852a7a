"""Layers that read sequences: RNN, LSTM, GRU, and the cells that do one step of them."""

import math
import warnings

from ..core import Tensor
from ..creation import empty, zeros
from ..ops import cat, index_select
from ..ops.cells import gru_cell, lstm_cell, rnn_relu_cell, rnn_tanh_cell
from ..ops.recurrent import gru_layer, lstm_layer, rnn_layer
from ..ops.sequence import check_sizes
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter
from .utils.rnn import PackedSequence

GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


def _draw(module):
    """Draw the weights of a module anew: the larger its state, the smaller."""
    bound = 1 / math.sqrt(module.hidden_size) if module.hidden_size > 0 else 0
    for weight in module.parameters():
        init.uniform_(weight, -bound, bound)


PAIR = "Pass both: (h, c)"


def _check_single(layer, hx):
    """Raise PyTorch's error for a pair of states where there is only one."""
    if not isinstance(hx, Tensor):
        name = type(layer).__name__
        raise AttributeError(
            f"'{type(hx).__name__}' object has no attribute 'dim': the state of {name} is one "
            "tensor; only that of an LSTM is a pair (h, c)"
        )


class RNNBase(Module):
    """What RNN, LSTM and GRU share: the weights of all layers, and the walk through the layers.

    >>> isinstance(nn.LSTM(2, 3), nn.RNNBase)
    True
    """

    def __init__(
        self, mode, input_size, hidden_size, num_layers=1, bias=True, batch_first=False,
        dropout=0.0, bidirectional=False, proj_size=0, device=None, dtype=None,
    ):  # fmt: skip
        super().__init__()
        _check_settings(input_size, hidden_size, num_layers, bias, batch_first, dropout, proj_size)
        if mode not in GATES:
            raise ValueError("Unrecognized RNN mode: " + mode)
        self.mode, self.input_size, self.hidden_size = mode, input_size, hidden_size
        self.num_layers, self.bias, self.batch_first = num_layers, bias, batch_first
        self.dropout, self.bidirectional = float(dropout), bidirectional
        self.proj_size = proj_size
        self._all_weights = []
        for layer in range(num_layers):
            for suffix in ("", "_reverse")[: self._directions]:
                shapes = self._shapes(layer)
                for name, shape in shapes.items():
                    weight = Parameter(empty(shape, device=device, dtype=dtype))
                    setattr(self, f"{name}_l{layer}{suffix}", weight)
                self._all_weights.append([f"{name}_l{layer}{suffix}" for name in shapes])
        self.reset_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _state_size(self) -> int:
        return self.proj_size or self.hidden_size

    def _shapes(self, layer):
        """Give the names and shapes of the weights of one layer in one direction."""
        rows = GATES[self.mode] * self.hidden_size
        read = self.input_size if layer == 0 else self._state_size * self._directions
        shapes: dict = {"weight_ih": (rows, read), "weight_hh": (rows, self._state_size)}
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        return shapes

    def reset_parameters(self) -> None:
        """Draw new weights."""
        _draw(self)

    @property
    def all_weights(self):
        """List the weights: one list for each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    @property
    def _flat_weights(self):
        return [weight for weights in self.all_weights for weight in weights]

    @property
    def _flat_weights_names(self):
        return [name for names in self._all_weights for name in names]

    def flatten_parameters(self) -> None:
        """Do nothing: PyTorch lays the weights out for cuDNN here, we have no need to."""

    def _own_weights(self, layer):
        """List the weights of a layer as its operation takes them: None for what it has not."""
        wanted = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
        wanted += ["weight_hr"] if self.mode == "LSTM" else []
        suffixes = ("", "_reverse")[: self._directions]
        return [getattr(self, f"{n}_l{layer}{s}", None) for s in suffixes for n in wanted]

    # --- the walk

    def forward(self, input, hx=None):
        """Read the sequences; give the outputs of all steps, and the last state."""
        states = None if hx is None else self._listed(hx)
        if isinstance(input, PackedSequence):
            x, sizes, sorted_indices, unsorted_indices = input
            sizes = tuple(sizes.tolist())
            check_sizes(sizes, len(x))
            if states and sorted_indices is not None:
                states = [index_select(s, 1, sorted_indices) for s in states]
            y, last = self._read(x, states, sizes)
            if unsorted_indices is not None:
                last = [index_select(s, 1, unsorted_indices) for s in last]
            y = PackedSequence(y, input.batch_sizes, sorted_indices, unsorted_indices)
            return y, self._unlisted(last)
        if input.ndim not in (2, 3):
            name = type(self).__name__
            tensor = " tensor" if self.mode.startswith("RNN") else ""
            raise ValueError(
                f"{name}: Expected input to be 2D or 3D, got {input.ndim}D{tensor} instead"
            )
        if states:
            self._check_dims(states, input.ndim)
        if input.ndim == 2:
            y, last = self._read(
                input.unsqueeze(1), states and [s.unsqueeze(1) for s in states], None
            )
            return y.squeeze(1), self._unlisted([s.squeeze(1) for s in last])
        y, last = self._read(input.transpose(0, 1) if self.batch_first else input, states, None)
        return y.transpose(0, 1) if self.batch_first else y, self._unlisted(last)

    def _read(self, x, states, sizes):
        """Go through the layers; ``x`` is (steps, batch, features), or rows with ``sizes``."""
        self.check_input(x, sizes)
        batch = x.shape[1] if sizes is None else sizes[0]
        count = self.num_layers * self._directions
        shapes = [(count, batch, size) for size in self._sizes()]
        if states is None:
            states = [zeros(shape, dtype=x.dtype, device=x.device) for shape in shapes]
        self._check_states(states, shapes)
        if sizes is None and not x.shape[0]:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        finals = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = F.dropout(x, self.dropout, self.training)
            mine = slice(layer * self._directions, (layer + 1) * self._directions)
            weights = self._own_weights(layer)
            x, *last = self._layer(x, *[s[mine] for s in states], *weights, sizes=sizes)
            finals.append(last)
        return x, [s[0] if len(s) == 1 else cat(list(s)) for s in zip(*finals)]

    def _sizes(self):
        """Give the sizes of the states: one for h, a second one for the c of an LSTM."""
        return [self._state_size]

    def _layer(self, x, h, *weights, sizes):
        raise NotImplementedError

    def _listed(self, hx):
        _check_single(self, hx)
        return [hx]

    def _unlisted(self, states):
        return states[0]

    # --- what must hold

    def check_input(self, input, batch_sizes=None) -> None:
        """Raise PyTorch's errors for an input that does not fit."""
        dtype = self.weight_ih_l0.dtype
        if input.dtype is not dtype:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({dtype}). "
                f"Convert input: input.to({dtype}), or convert model: model.to({input.dtype})"
            )
        ndim = 3 if batch_sizes is None else 2
        if input.ndim != ndim:
            raise RuntimeError(f"input must have {ndim} dimensions, got {input.ndim}")
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                "input.size(-1) must be equal to input_size. Expected "
                f"{self.input_size}, got {input.shape[-1]}"
            )

    def _check_dims(self, states, ndim):
        (h,) = states
        if h.ndim != ndim:
            raise RuntimeError(
                f"For {'un' if ndim == 2 else ''}batched {ndim}-D input, hx should also be {ndim}-D"
                f" but got {h.ndim}-D tensor"
            )

    def _check_states(self, states, shapes):
        for state, shape in zip(states, shapes):
            if state.shape != shape:
                raise RuntimeError(f"Expected hidden size {shape}, got {list(state.shape)}")

    def extra_repr(self) -> str:
        """Word the settings that are not the usual ones."""
        said = f"{self.input_size}, {self.hidden_size}"
        usual = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False,
                 "dropout": 0, "bidirectional": False}  # fmt: skip
        for name, value in usual.items():
            if getattr(self, name) != value:
                said += f", {name}={getattr(self, name)}"
        return said


def _check_settings(input_size, hidden_size, num_layers, bias, batch_first, dropout, proj_size):
    """Raise PyTorch's errors for settings that cannot be."""
    number = isinstance(dropout, int | float) and not isinstance(dropout, bool)
    if not number or not 0 <= dropout <= 1:
        raise ValueError(
            "dropout should be a number in range [0, 1] representing the probability of an element "
            "being zeroed"
        )
    if dropout > 0 and num_layers == 1:
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout "
            f"expects num_layers greater than 1, but got dropout={dropout} and "
            f"num_layers={num_layers}",
            stacklevel=4,
        )
    for name, value, kind in [("bias", bias, bool), ("batch_first", batch_first, bool),
                              ("input_size", input_size, int),
                              ("hidden_size", hidden_size, int)]:  # fmt: skip
        if not isinstance(value, kind):
            raise TypeError(
                f"{name} should be of type {kind.__name__}, got: {type(value).__name__}"
            )
        if kind is int and value <= 0:
            raise ValueError(f"{name} must be greater than zero")
    if num_layers <= 0:
        raise ValueError("num_layers must be greater than zero")
    if proj_size < 0:
        raise ValueError("proj_size should be a positive integer or zero to disable projections")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")


def _no_projection(proj_size):
    if proj_size is not None:
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")


class RNN(RNNBase):
    """Read sequences with a state that each step makes anew from input and old state.

    h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)

    Call ``output, h_n = rnn(input)`` or ``rnn(input, h_0)``.

    Args:
        input_size: how many features each step of the input has.
        hidden_size: how many numbers the state h has.
        num_layers: how many layers stand on each other; each reads the outputs of the one below.
        nonlinearity: "tanh" or "relu".
        bias: False leaves out the biases b_ih and b_hh.
        batch_first: True puts the batch first, (N, L, features), in input and output; not in the
            states.
        dropout: what part of the outputs of each layer but the last is dropped, and only while
            training; with one layer it does nothing.
        bidirectional: True reads from the end too: outputs have 2 * hidden_size features, those of
            the way forwards first.
        proj_size: only for LSTM; an error here.

    Shape, for L steps, N sequences, D = 2 if ``bidirectional`` and else 1:
        input (L, N, input_size), or (N, L, input_size) with ``batch_first``; one sequence alone
        (L, input_size), or a PackedSequence of sequences of many lengths.
        output (L, N, D * hidden_size): the top layer's h after every step.
        h_0 and h_n (D * num_layers, N, hidden_size): each layer's h before the first and after the
        last step; ``h_n[-1]`` is the last layer's (with ``bidirectional``: its way back). Without
        h_0 it starts from 0.

    Parameters are named weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, then ..._l1; those of
    the way back end in _reverse. At first all are drawn evenly from -1/sqrt(hidden_size) to
    1/sqrt(hidden_size).

    >>> rnn = nn.RNN(10, 20, num_layers=2)
    >>> output, h = rnn(torch.randn(5, 3, 10))  # 5 steps of 3 sequences
    >>> output.shape, h.shape
    (torch.Size([5, 3, 20]), torch.Size([2, 3, 20]))
    >>> torch.equal(output[-1], h[-1])
    True
    """

    def __init__(
        self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True,
        batch_first=False, dropout=0.0, bidirectional=False, device=None, dtype=None, *,
        proj_size=None,
    ):  # fmt: skip
        _no_projection(proj_size)
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        super().__init__(
            f"RNN_{nonlinearity.upper()}", input_size, hidden_size, num_layers, bias, batch_first,
            dropout, bidirectional, 0, device, dtype,
        )  # fmt: skip
        self.nonlinearity = nonlinearity

    def _layer(self, x, h, *weights, sizes):
        return rnn_layer(x, h, *weights, sizes=sizes, nonlinearity=self.nonlinearity)


class LSTM(RNNBase):
    """Read sequences with a memory that gates keep, change and show.

    i = sigmoid(W_ii x_t + b_ii + W_hi h + b_hi), what to write into the memory
    f = sigmoid(W_if x_t + b_if + W_hf h + b_hf), what of the memory to keep
    g = tanh(W_ig x_t + b_ig + W_hg h + b_hg), the new contents
    o = sigmoid(W_io x_t + b_io + W_ho h + b_ho), what of the memory to show
    c_t = f * c_(t-1) + i * g and h_t = o * tanh(c_t), where h is h_(t-1)

    Call ``output, (h_n, c_n) = lstm(input)`` or ``lstm(input, (h_0, c_0))``. W_ii, W_if, W_ig and
    W_io lie below each other in weight_ih, (4 * hidden_size, input_size); and so on.

    Args:
        input_size: how many features each step of the input has.
        hidden_size: how many numbers the states h and c have.
        num_layers: how many layers stand on each other; each reads the outputs of the one below.
        bias: False leaves out the biases b_ih and b_hh.
        batch_first: True puts the batch first, (N, L, features), in input and output; not in the
            states.
        dropout: what part of the outputs of each layer but the last is dropped, and only while
            training; with one layer it does nothing.
        bidirectional: True reads from the end too: outputs have 2 * hidden_size features, those of
            the way forwards first.
        proj_size: if not 0, h is multiplied by a matrix weight_hr to so many numbers; hidden_size
            is then c's alone, and ``proj_size`` takes its place in the shapes of output and h.

    Shape, for L steps, N sequences, D = 2 if ``bidirectional`` and else 1:
        input (L, N, input_size), or (N, L, input_size) with ``batch_first``; one sequence alone
        (L, input_size), or a PackedSequence of sequences of many lengths.
        output (L, N, D * hidden_size): the top layer's h after every step.
        h_0, h_n, c_0, c_n (D * num_layers, N, hidden_size): each layer's state and memory before
        the first and after the last step; ``h_n[-1]`` is the last layer's (with ``bidirectional``:
        its way back). Without (h_0, c_0) they start from 0.

    Parameters are named weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, then ..._l1; those of
    the way back end in _reverse. At first all are drawn evenly from -1/sqrt(hidden_size) to
    1/sqrt(hidden_size).

    >>> lstm = nn.LSTM(10, 20, num_layers=2, bidirectional=True, batch_first=True)
    >>> output, (h, c) = lstm(torch.randn(3, 5, 10))  # 3 sequences of 5 steps
    >>> output.shape, h.shape, c.shape
    (torch.Size([3, 5, 40]), torch.Size([4, 3, 20]), torch.Size([4, 3, 20]))
    """

    def __init__(
        self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
        bidirectional=False, proj_size=0, device=None, dtype=None,
    ):  # fmt: skip
        super().__init__(
            "LSTM", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            proj_size, device, dtype,
        )  # fmt: skip

    def _sizes(self):
        return [self._state_size, self.hidden_size]

    def _layer(self, x, h, *weights, sizes):
        return lstm_layer(x, h, *weights, sizes=sizes)

    def _listed(self, hx):
        if isinstance(hx, Tensor) and len(hx) < 2:
            raise IndexError(
                f"index 1 is out of bounds for dimension 0 with size {len(hx)}: the state is one "
                f"tensor of shape {list(hx.shape)}, and an LSTM has a pair of them. {PAIR}"
            )
        return [hx[0], hx[1]]

    def _unlisted(self, states):
        return tuple(states)

    def _check_dims(self, states, ndim):
        h, c = states
        if h.ndim != ndim or c.ndim != ndim:
            raise RuntimeError(
                f"For {'un' if ndim == 2 else ''}batched {ndim}-D input, hx and cx should also be "
                f"{ndim}-D but got ({h.ndim}-D, {c.ndim}-D) tensors. {PAIR}"
            )

    def _check_states(self, states, shapes):
        for i, (state, shape) in enumerate(zip(states, shapes)):
            if state.shape != shape:
                raise RuntimeError(f"Expected hidden[{i}] size {shape}, got {list(state.shape)}")


class GRU(RNNBase):
    """Read sequences with a state that gates partly keep and partly make anew.

    r = sigmoid(W_ir x_t + b_ir + W_hr h + b_hr), what of the old state to look at
    z = sigmoid(W_iz x_t + b_iz + W_hz h + b_hz), what of the old state to keep
    n = tanh(W_in x_t + b_in + r * (W_hn h + b_hn)), the new contents
    h_t = (1 - z) * n + z * h, where h is h_(t-1)

    Call ``output, h_n = gru(input)`` or ``gru(input, h_0)``. W_ir, W_iz and W_in lie below each
    other in weight_ih, (3 * hidden_size, input_size); and so on.

    Args:
        input_size: how many features each step of the input has.
        hidden_size: how many numbers the state h has.
        num_layers: how many layers stand on each other; each reads the outputs of the one below.
        bias: False leaves out the biases b_ih and b_hh.
        batch_first: True puts the batch first, (N, L, features), in input and output; not in the
            states.
        dropout: what part of the outputs of each layer but the last is dropped, and only while
            training; with one layer it does nothing.
        bidirectional: True reads from the end too: outputs have 2 * hidden_size features, those of
            the way forwards first.
        proj_size: only for LSTM; an error here.

    Shape, for L steps, N sequences, D = 2 if ``bidirectional`` and else 1:
        input (L, N, input_size), or (N, L, input_size) with ``batch_first``; one sequence alone
        (L, input_size), or a PackedSequence of sequences of many lengths.
        output (L, N, D * hidden_size): the top layer's h after every step.
        h_0 and h_n (D * num_layers, N, hidden_size): each layer's h before the first and after the
        last step; ``h_n[-1]`` is the last layer's (with ``bidirectional``: its way back). Without
        h_0 it starts from 0.

    Parameters are named weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, then ..._l1; those of
    the way back end in _reverse. At first all are drawn evenly from -1/sqrt(hidden_size) to
    1/sqrt(hidden_size).

    >>> gru = nn.GRU(10, 20, batch_first=True)
    >>> output, h = gru(torch.randn(3, 5, 10))  # 3 sequences of 5 steps
    >>> output.shape, h.shape
    (torch.Size([3, 5, 20]), torch.Size([1, 3, 20]))
    """

    def __init__(
        self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
        bidirectional=False, device=None, dtype=None, *, proj_size=None,
    ):  # fmt: skip
        _no_projection(proj_size)
        super().__init__(
            "GRU", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            0, device, dtype,
        )  # fmt: skip

    def _layer(self, x, h, *weights, sizes):
        return gru_layer(x, h, *weights, sizes=sizes)


# --- cells


class RNNCellBase(Module):
    """What the cells share: their weights, and the checks of what they are given.

    >>> isinstance(nn.GRUCell(2, 3), nn.RNNCellBase)
    True
    """

    def __init__(self, input_size, hidden_size, bias, num_chunks, device=None, dtype=None):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = num_chunks * hidden_size
        shapes = {"weight_ih": (rows, input_size), "weight_hh": (rows, hidden_size),
                  "bias_ih": (rows,), "bias_hh": (rows,)}  # fmt: skip
        for name, shape in shapes.items():
            given = bias or name.startswith("weight")
            weight = Parameter(empty(shape, device=device, dtype=dtype)) if given else None
            self.register_parameter(name, weight)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights."""
        _draw(self)

    def forward(self, input, hx=None):
        """Do one step: give the new state."""
        name = type(self).__name__
        if input.ndim not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.ndim}D instead")
        states = None if hx is None else self._listed(hx)
        x = input if input.ndim == 2 else input.unsqueeze(0)
        if states is None:
            states = self._zeros(x)
        elif input.ndim == 1:
            states = [s.unsqueeze(0) for s in states]
        self._check(x, states)
        states = self._step(x, states)
        return self._unlisted(states if input.ndim == 2 else [s.squeeze(0) for s in states])

    def _zeros(self, x):
        return [zeros((x.shape[0], self.hidden_size), dtype=x.dtype, device=x.device)]

    def _listed(self, hx):
        _check_single(self, hx)
        if hx.ndim not in (1, 2):
            name = type(self).__name__
            raise ValueError(f"{name}: Expected hidden to be 1D or 2D, got {hx.ndim}D instead")
        return [hx]

    def _unlisted(self, states):
        return states[0]

    def _step(self, x, states):
        raise NotImplementedError

    def _weights(self):
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh

    def _check(self, x, states):
        if x.shape[1] != self.input_size:
            raise RuntimeError(
                f"input has inconsistent input_size: got {x.shape[1]} expected {self.input_size}"
            )
        for i, state in enumerate(states):
            if state.shape[0] != x.shape[0]:
                raise RuntimeError(
                    f"Input batch size {x.shape[0]} doesn't match hidden{i} batch size "
                    f"{state.shape[0]}"
                )
            if state.shape[1] != self.hidden_size:
                raise RuntimeError(
                    f"hidden{i} has inconsistent hidden_size: got {state.shape[1]}, expected "
                    f"{self.hidden_size}"
                )

    def extra_repr(self) -> str:
        """Word the settings that are not the usual ones."""
        said = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            said += f", bias={self.bias}"
        nonlinearity = getattr(self, "nonlinearity", "tanh")
        return said if nonlinearity == "tanh" else f"{said}, nonlinearity={nonlinearity}"


class RNNCell(RNNCellBase):
    r"""Do one step of a plain recurrent network: $h' = \tanh(W_{ih} x + b + W_{hh} h + b')$.

    Shape:
        input (N, input_size) or (input_size), h (N, hidden_size) or (hidden_size): gives the new h.

    >>> cell = nn.RNNCell(10, 20)
    >>> cell(torch.randn(3, 10), torch.randn(3, 20)).shape
    torch.Size([3, 20])
    """

    def __init__(
        self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None
    ):
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def _step(self, x, states):
        cells = {"tanh": rnn_tanh_cell, "relu": rnn_relu_cell}
        if self.nonlinearity not in cells:
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        return [cells[self.nonlinearity](x, states[0], *self._weights())]


class LSTMCell(RNNCellBase):
    r"""Do one step of an LSTM: see ``nn.LSTM`` for what its gates do.

    Shape:
        input (N, input_size) or (input_size), h and c (N, hidden_size) or (hidden_size): gives the
        new (h, c).

    >>> cell = nn.LSTMCell(10, 20)
    >>> h, c = cell(torch.randn(3, 10), (torch.randn(3, 20), torch.randn(3, 20)))
    >>> h.shape, c.shape
    (torch.Size([3, 20]), torch.Size([3, 20]))
    """

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def _zeros(self, x):
        return super()._zeros(x) * 2

    def _listed(self, hx):
        if isinstance(hx, Tensor):
            raise TypeError(
                "lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor. "
                f"{PAIR}"
            )
        for i, state in enumerate(hx):
            if state.ndim not in (1, 2):
                raise ValueError(
                    f"LSTMCell: Expected hx[{i}] to be 1D or 2D, got {state.ndim}D instead"
                )
        return list(hx)

    def _unlisted(self, states):
        return tuple(states)

    def _step(self, x, states):
        return lstm_cell(x, states, *self._weights())


class GRUCell(RNNCellBase):
    r"""Do one step of a GRU: see ``nn.GRU`` for what its gates do.

    Shape:
        input (N, input_size) or (input_size), h (N, hidden_size) or (hidden_size): gives the new h.

    >>> cell = nn.GRUCell(10, 20)
    >>> cell(torch.randn(3, 10), torch.randn(3, 20)).shape
    torch.Size([3, 20])
    """

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def _step(self, x, states):
        return [gru_cell(x, states[0], *self._weights())]
